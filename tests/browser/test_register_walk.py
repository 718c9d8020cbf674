"""The register as a new user walks through it: a list in, three communes into one ward, its past, a list out and in again."""

import csv
from datetime import date
from decimal import Decimal as D
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from movement.classification.models import Assessment
from movement.core.integrity import checks
from tests.factories.classification import campaign, score
from tests.factories.ground import account, version
from units.models import Lineage, UnitVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Mot-mat-khau-dai-2026!"
FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}
OLD = ("Phường IV", "Phường V", "Xã Vị Tân")
HEADS = ["Mã", "Tên", "Loại", "Loại chi tiết", "Mã xã", "Cấp quản lý", "Từ ngày", "Đến ngày"]


@pytest.fixture
def ground():
    """A province with three communes whose points of 2023 are in, and its staff."""
    province = version("province", name="Thành phố Cần Thơ", code="92")
    communes = [
        version("commune", province, name=name, code=code, level="province", subkind=name.split()[0])
        for name, code in zip(OLD, ("31324", "31327", "31333"), strict=True)
    ]
    opened = campaign(province, code="XA", unit_kinds=["commune"])
    score(opened, {place.code: FULL for place in communes})
    user = account("staff", province, username="canbo")
    user.set_password(PASSWORD)
    user.save()
    return SimpleNamespace(province=province, communes=communes, campaign=opened)


def sign_in(page, to="/"):
    page.goto(to)
    page.locator("#id_login").fill("canbo")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == to)


def read(page, path):
    page.goto("/don-vi/nhap/")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("[name=declared]").check()
    page.get_by_role("button", name="Đọc tệp").press("Enter")
    expect(page.get_by_role("heading", name="Xem trước danh sách")).to_be_visible()


def last_years_list(folder):
    """As an office keeps it: hamlets without codes; one of them does not belong here."""
    path = folder / "danh-sach.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADS)
        for code in ("31324", "31327", "31333"):
            for number in (1, 2):
                rows.writerow(["", f"Khu vực {number}", "Khu dân cư", "Khu vực", code, "Cấp xã", "01/01/2025", ""])
        rows.writerow(["", "Trường Mầm non Hoa Mai", "Cơ sở giáo dục", "Mầm non", "31333", "Cấp xã", "01/01/2025", ""])
    return path


def import_it(page, ground, path):
    read(page, path)
    expect(page.get_by_text("Đã chọn 6 dòng để ghi")).to_be_visible()
    page.get_by_role("link", name="Lỗi").press("Enter")
    expect(page.get_by_text("Không thuộc diện đánh giá").first).to_be_visible()  # the pre-school, told and left out
    page.get_by_role("link", name="Mới").press("Enter")
    page.get_by_role("button", name="Ghi 6 dòng đã chọn").press("Enter")
    expect(page.locator("#portal-messages")).to_contain_text("6")
    assert UnitVersion.objects.filter(kind="residential_area").count() == 6


def merge_them(page, ground):
    """Into a ward that takes the name of one and the code of another, as in 2025."""
    third = ground.communes[2]
    page.goto("/don-vi/?q=phuong+iv")
    page.get_by_role("link", name="Phường IV", exact=True).press("Enter")
    page.locator("summary", has_text="Thay đổi").press("Enter")
    page.get_by_role("link", name="Sáp nhập", exact=False).first.press("Enter")
    for typed in ("phuong v", "vi tan"):
        page.locator("#id_units").fill(typed)
        option = (
            page.get_by_role("option").filter(has_text={"phuong v": "Phường V ", "vi tan": "Xã Vị Tân"}[typed]).first
        )
        expect(option).to_be_visible()
        option.click()
    page.locator("#id_into_0").check()
    page.locator("#id_name").fill("Phường Vị Tân")
    page.locator("#id_code").fill(third.code)
    page.locator("#id_subkind").fill("Phường")
    page.locator("#id_on").fill("01/11/2026")
    page.locator("#id_decision").fill("9/NQ-UBTVQH")
    page.get_by_role("button", name="Xem trước").last.press("Enter")
    expect(page.get_by_role("button", name="Ghi vào danh bạ")).to_be_visible()
    assert not Lineage.objects.exists()  # so far it was only looked at
    page.get_by_role("button", name="Ghi vào danh bạ").press("Enter")
    expect(page.locator("#portal-messages")).to_contain_text("Đã ghi vào danh bạ")
    ward = UnitVersion.objects.get(name="Phường Vị Tân")
    assert {link.predecessor_id for link in Lineage.objects.filter(successor=ward.unit)} == {
        place.unit_id for place in ground.communes
    }
    now = UnitVersion.objects.filter(kind="residential_area", parent=ward.unit, valid__contains=date(2026, 11, 1))
    assert now.count() == 6  # all that stood on the ground of the three
    return ward


def look_at_2023(page, ward):
    page.goto(f"/don-vi/{ward.unit.ulid}/")
    page.get_by_role("link", name="Kết quả của mọi đơn vị trên địa bàn", exact=False).press("Enter")
    then = page.locator("main table").first
    for name in OLD:
        expect(then).to_contain_text(name)
    page.get_by_role("link", name="Theo địa bàn nay").press("Enter")
    expect(page.locator("main table").first).to_contain_text("Phường Vị Tân")
    expect(page.locator("main table").first).not_to_contain_text("Phường IV")
    expect(page.locator("main table tbody tr").first).to_contain_text(
        "3"
    )  # three units under one name, each counted once


def find_it(page):
    """The ward and the commune of the same words are told apart; without marks both are found."""
    page.goto("/don-vi/?q=vi+tan")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(page.locator("#list tbody tr")).to_contain_text("Phường Vị Tân")
    page.goto("/don-vi/?q=vi+tan&on=31/12/2025")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(page.locator("#list tbody tr")).to_contain_text("Xã Vị Tân")


def out_and_in_again(page, folder):
    before = list(UnitVersion.objects.order_by("pk").values_list("pk", "name", "code", "path", "valid"))
    for label, suffix in (("Excel", "xlsx"), ("CSV", "csv")):
        page.goto("/don-vi/")
        with page.expect_download() as waiting:
            page.get_by_role("link", name=label, exact=True).press("Enter")
        path = folder / f"xuat.{suffix}"
        waiting.value.save_as(path)
        read(page, path)
        tabs = page.locator("main").inner_text()
        assert "Không đổi" in tabs and "Xung đột" not in tabs and "Mới" not in tabs and "Thay đổi\n" not in tabs, tabs[
            :600
        ]
    assert list(UnitVersion.objects.order_by("pk").values_list("pk", "name", "code", "path", "valid")) == before


def test_a_list_comes_in_three_communes_become_a_ward_and_nothing_of_their_past_is_lost(page, ground, tmp_path):
    sign_in(page)
    import_it(page, ground, last_years_list(tmp_path))
    ward = merge_them(page, ground)
    look_at_2023(page, ward)
    find_it(page)
    out_and_in_again(page, tmp_path)
    assert Assessment.objects.filter(campaign=ground.campaign).count() == 3
    assert [sentence for _name, _title, check in checks() for sentence in check()] == []
