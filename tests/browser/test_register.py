"""The register's tree and one change from it, in a real Chromium, by keyboard alone and on a telephone."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.factories.ground import REFORM, account, version
from units.models import Unit, UnitVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Mot-mat-khau-dai-2026!"


@pytest.fixture
def ground():
    """A city with two communes, two hamlets in one of them, and its staff."""
    province = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    commune = version("commune", province, name="Xã Vị Thủy", code="31441", since=REFORM, level="province")
    version("commune", province, name="Xã Vị Thanh 1", code="31480", since=REFORM, level="province")
    hamlet, other = (version("residential_area", commune, name=f"Ấp {n}", code=f"A{n}", since=REFORM) for n in (1, 2))
    user = account("staff", province, username="canbo")
    user.set_password(PASSWORD)
    user.save()
    return SimpleNamespace(province=province, commune=commune, hamlet=hamlet, other=other)


def sign_in(page, to):
    page.goto(to)
    page.locator("#id_login").fill("canbo")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == to)


def press(page, locator):
    """As somebody does who has no mouse."""
    locator.press("Enter")


def names(unit):
    return list(UnitVersion.objects.filter(unit=unit.unit).order_by("valid__startswith").values_list("name", flat=True))


def test_a_hamlet_is_found_in_the_tree_renamed_and_the_change_taken_back_by_keyboard(page, ground):
    sign_in(page, "/don-vi/cay/")
    opener = page.get_by_role("button", name="Cấp dưới của Xã Vị Thủy")
    expect(opener).to_have_attribute("aria-expanded", "false")
    press(page, opener)
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(opener).to_be_focused()
    hamlets = page.get_by_role("button", name="Khu dân cư 2")
    press(page, hamlets)
    expect(hamlets).to_have_attribute("aria-expanded", "true")
    press(page, page.locator("summary", has_text="Thay đổi Ấp 1"))
    press(page, page.get_by_role("link", name="Đổi tên, mã"))

    page.get_by_label("Tên").fill("Ấp Một")
    page.get_by_label("Số quyết định").fill("12/NQ-HĐND")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="“Ấp 1” đổi tên thành “Ấp Một”")).to_be_visible()
    assert names(ground.hamlet) == ["Ấp 1"]
    press(page, page.get_by_role("button", name="Ghi vào danh bạ"))
    expect(page.locator("#portal-messages")).to_contain_text("Đã ghi vào danh bạ")
    assert names(ground.hamlet) == ["Ấp 1", "Ấp Một"]

    page.get_by_label("Lý do hoàn tác").fill("Ghi nhầm")
    press(page, page.get_by_role("button", name="Hoàn tác thay đổi này"))
    expect(page.locator("#portal-messages")).to_contain_text("Đã hoàn tác")
    assert names(ground.hamlet) == ["Ấp 1"]


def test_enter_looks_at_a_split_and_never_adds_a_line_to_it(page, ground):
    sign_in(page, f"/don-vi/{ground.commune.unit.ulid}/thay-doi/chia-tach/")
    page.locator("#id_part-1-name").fill("Xã Mới")
    page.locator("#id_part-1-code").fill("31999")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Tách “Xã Mới” ra khỏi “Xã Vị Thủy”")).to_be_visible()


def test_enter_after_a_conflict_writes_what_was_typed(page, ground):
    sign_in(page, f"/don-vi/{ground.commune.unit.ulid}/lien-he/")
    Unit.objects.filter(pk=ground.commune.unit_id).update(phone="111")
    page.get_by_label("Điện thoại cơ quan").fill("222")
    page.keyboard.press("Enter")
    expect(page.locator("[data-portal-errors]")).to_contain_text("người khác đã ghi")
    expect(page.locator("#khac-phone")).to_contain_text("Đang lưu: “111”. Bạn ghi: “222”.")
    page.get_by_label("Điện thoại cơ quan").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#portal-messages")).to_contain_text("Đã ghi liên hệ")
    assert Unit.objects.get(pk=ground.commune.unit_id).phone == "222"


def test_on_a_telephone_a_branch_opens_shuts_and_is_not_fetched_again(phone, ground):
    sign_in(phone, "/don-vi/cay/")
    asked = []
    phone.on("request", lambda request: "/don-vi/cay/0" in request.url and asked.append(request.url))
    opener = phone.get_by_role("button", name="Cấp dưới của Xã Vị Thủy")

    for expanded in ("true", "false", "true"):
        opener.tap()
        expect(opener).to_have_attribute("aria-expanded", expanded)
        expect(phone.get_by_role("button", name="Khu dân cư 2")).to_have_count(int(expanded == "true"))

    assert len(asked) == 1
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.locator("summary", has_text="Việc khác").tap()
    panel = phone.locator(".portal-actions .portal-menu-panel").bounding_box()
    assert panel["x"] >= 0 and panel["x"] + panel["width"] <= 390
