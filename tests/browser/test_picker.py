"""Choosing a place by typing, in a real Chromium: by keyboard alone, and on a telephone by touch."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.factories.ground import REFORM, account, version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Mot-mat-khau-dai-2026!"


@pytest.fixture
def wards():
    """Two wards of a city that begin alike, an office in each, and the city's staff."""
    province = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    found = {}
    for name in ("Xã Vị Thanh 1", "Xã Vị Thủy"):
        found[name] = version("commune", province, name=name, since=REFORM, level="province")
        version("agency", found[name], name=f"Cơ quan {name}", since=REFORM)
    user = account("staff", province, username="canbo")
    user.set_password(PASSWORD)
    user.save()
    return found


def open_list(page):
    page.goto("/don-vi/")
    page.locator("#id_login").fill("canbo")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/don-vi/")
    return page.get_by_role("combobox", name="Địa bàn")


def asked(page):
    return parse_qs(urlsplit(page.url).query).get("place")


def test_arrows_move_escape_closes_enter_takes_and_the_address_holds_the_choice(page, wards):
    box = open_list(page)
    box.press_sequentially("vi th")
    options = page.locator("[data-portal-picker-list] [role=option]")
    expect(options).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")

    box.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_value("vi th")
    box.press("ArrowDown")  # asks again
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id"))
    box.press("Enter")

    expect(box).to_have_value("Xã Vị Thủy")
    expect(page.locator("#list tbody tr")).to_have_count(2)
    assert asked(page) == [wards["Xã Vị Thủy"].unit.ulid]
    page.reload()
    expect(page.get_by_role("combobox", name="Địa bàn")).to_have_value("Xã Vị Thủy")

    page.get_by_role("combobox", name="Địa bàn").fill("")
    expect(page.locator("#list tbody tr")).to_have_count(5)
    assert asked(page) is None


def test_on_a_telephone_the_list_stays_inside_the_window(phone, wards):
    box = open_list(phone)
    box.press_sequentially("vi")
    options = phone.locator("[data-portal-picker-list] [role=option]")
    expect(options).to_have_count(2)

    right = phone.locator("[data-portal-picker-list]").evaluate("list => list.getBoundingClientRect().right")
    assert right <= 390
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    options.first.tap()

    expect(box).to_have_value("Xã Vị Thanh 1")
    expect(phone.locator("#list tbody tr")).to_have_count(2)
