"""A list taken home, changed in a file, looked at and brought back in, in a real Chromium."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.factories.ground import REFORM, account, version
from units.models import Unit, UnitVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Mot-mat-khau-dai-2026!"


@pytest.fixture
def ground():
    """A city with one commune, three hamlets without codes in it, and its staff."""
    province = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    commune = version("commune", province, name="Xã Vị Thủy", code="31441", since=REFORM, level="province")
    for name in ("Ấp I", "Ấp 2", "Ấp 3"):
        version("residential_area", commune, name=name, code="", since=REFORM)
    user = account("staff", province, username="canbo")
    user.set_password(PASSWORD)
    user.save()
    return SimpleNamespace(commune=commune)


def sign_in(page, to):
    page.goto(to)
    page.locator("#id_login").fill("canbo")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == urlsplit(to).path)


def send(page, path):
    page.goto("/don-vi/nhap/")
    page.locator("#id_file").set_input_files(path)
    page.locator("#id_declared").check()
    page.get_by_role("button", name="Đọc tệp").click()
    expect(page.get_by_role("heading", name="Xem trước danh sách")).to_be_visible()


def take_home(page, folder):
    """The hamlets as a workbook's path."""
    page.goto("/don-vi/?kind=residential_area")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel").click()
    path = folder / "danh-sach.xlsx"
    waiting.value.save_as(path)
    return path


def hamlets():
    return set(UnitVersion.objects.filter(kind="residential_area").values_list("name", flat=True))


def test_a_list_goes_out_is_changed_and_comes_in_line_by_line(page, ground, tmp_path):
    sign_in(page, "/don-vi/?kind=residential_area")
    path = take_home(page, tmp_path)
    send(page, path)
    expect(page.locator(".portal-tally")).to_have_text("Không đổi 3", use_inner_text=True)

    book = openpyxl.load_workbook(path)
    sheet = book.active
    names = {row[1].value: row for row in sheet.iter_rows() if row[1].value}
    names["Ấp 2"][1].value = "Ấp Hai"
    names["Ấp 3"][1].value = "Ấp Ba"
    for name in ("Ấp 1", "Ấp 9"):  # the first is written as a Roman number in the register, where it is no line's own
        sheet.append(["", name, *(cell.value for cell in names["Ấp 2"][2:16]), ""])
    sheet.delete_rows(names["Ấp I"][0].row)
    book.save(path)
    send(page, path)

    page.get_by_role("link", name="Thay đổi 2").click()
    page.get_by_role("row", name="Ấp Ba").get_by_role("checkbox").uncheck()
    expect(page.locator("#import-summary")).to_contain_text("Đã chọn 2 dòng để ghi")
    page.get_by_role("link", name="Chưa chắc 1").click()
    page.locator("select").select_option(label="Ấp I · từ 01/07/2025")
    expect(page.locator("#import-summary")).to_contain_text("Đã chọn 3 dòng để ghi")
    page.get_by_role("button", name="Ghi 3 dòng đã chọn").click()

    expect(page.get_by_text("Đã ghi: thêm 1, thay đổi 2 đơn vị.")).to_be_visible()
    assert hamlets() == {"Ấp 1", "Ấp Hai", "Ấp 3", "Ấp 9"}
    assert Unit.objects.filter(versions__kind="residential_area").distinct().count() == 4
    send(page, take_home(page, tmp_path))
    expect(page.locator(".portal-tally")).to_have_text("Không đổi 4", use_inner_text=True)
