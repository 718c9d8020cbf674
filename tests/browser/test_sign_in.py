"""What somebody meets first, in a real Chromium: no script or style is refused, nothing is wider than the window."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("window", ("page", "phone"))
def test_a_visitor_is_led_to_the_sign_in_which_fits_the_window(request, window):
    page = request.getfixturevalue(window)

    page.goto("/")

    expect(page).to_have_url("/tai-khoan/dang-nhap/?next=/")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.locator("input[name=login]")).to_be_visible()
    expect(page.locator("input[name=password]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
