"""A real Chromium against the portal's own pages. Mark the tests with ``browser``."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# Playwright keeps an event loop in this thread, and Django then refuses the database; nothing here runs at once.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
]
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("PORTAL_CHROMIUM") or shutil.which("chromium")
    assert path, "no Chromium; run the tests with ./run test"
    # A test that rendered before left the papers' font settings behind, under which Chromium finds no font and ends.
    env = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, env=env)
        yield browser
        browser.close()


def _context(chromium: Browser, live_server, **options) -> BrowserContext:
    context = chromium.new_context(
        base_url=live_server.url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", accept_downloads=True, **options
    )
    context.set_default_timeout(20_000)
    return context


def _page(context: BrowserContext) -> Iterator[Page]:
    """A page; the test fails in the end when a script broke or the security policy refused something."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: "Content Security Policy" in message.text and wrong.append(message.text))
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def page(chromium, live_server, transactional_db) -> Iterator[Page]:
    """A window of 1366×768; addresses are relative to the running portal."""
    yield from _page(_context(chromium, live_server, viewport=DESKTOP))


@pytest.fixture
def phone(chromium, live_server, transactional_db) -> Iterator[Page]:
    """A telephone's window of 390×844 that is touched."""
    yield from _page(_context(chromium, live_server, viewport=PHONE, has_touch=True, is_mobile=True))
