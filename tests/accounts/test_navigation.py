"""The navigation and the badges every page draws."""

import importlib

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template

from movement.accounts import navigation
from movement.accounts.models import User
from movement.accounts.navigation import NavItem, links_for, register


@pytest.fixture
def items(monkeypatch):
    """An empty register for the test; the portal's own entries are registered first, when its addresses load."""
    importlib.import_module(settings.ROOT_URLCONF)
    monkeypatch.setattr(navigation, "_items", {})


def render(text: str, **context) -> str:
    return Template("{% load portal %}" + text).render(Context(context))


def test_entries_come_in_order_and_only_to_those_who_may(items):
    register(NavItem("usersessions_list", "Phiên", "laptop", order=30))
    register(NavItem("mfa_index", "Hai bước", "key", order=20, visible=lambda user: user.username == "quantri"))
    register(NavItem("home", "Trang chủ", "house", order=10))

    assert [link.label for link in links_for(User(username="canbo"), "/")] == ["Trang chủ", "Phiên"]
    assert [link.label for link in links_for(User(username="quantri"), "/")] == ["Trang chủ", "Hai bước", "Phiên"]
    assert links_for(AnonymousUser(), "/") == links_for(AnonymousUser(), "/tai-khoan/phien/")


def test_nobody_is_led_anywhere_before_signing_in(items):
    register(NavItem("home", "Trang chủ", "house", order=10))

    assert links_for(AnonymousUser(), "/") == []


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", ["Trang chủ"]), ("/tai-khoan/phien/", ["Phiên"]), ("/tai-khoan/phien/3/", ["Phiên"]), ("/khac/", [])],
)
def test_the_section_a_page_belongs_to_is_marked(items, path, current):
    register(NavItem("home", "Trang chủ", "house", order=10))
    register(NavItem("usersessions_list", "Phiên", "laptop", order=20))

    assert [link.label for link in links_for(User(username="canbo"), path) if link.current] == current


def test_registering_twice_replaces(items):
    register(NavItem("home", "Trang chủ", "house", order=10))
    register(NavItem("home", "Trang đầu", "house", order=10))

    assert [link.label for link in links_for(User(username="canbo"), "/")] == ["Trang đầu"]


@pytest.mark.parametrize(
    ("code", "tone", "word"),
    [("xuat_sac", "done", "Xuất sắc"), ("yeu", "bad", "Yếu"), (None, "quiet", "Chưa phân loại")],
)
def test_a_state_is_word_and_icon_and_colour(code, tone, word):
    badge = render("{% state code %}", code=code)

    assert f'class="state state-{tone}"' in badge
    assert badge.count("<use href=") == 1
    assert f"</svg>{word}</span>" in badge


def test_an_unknown_state_fails_loudly():
    with pytest.raises(KeyError):
        render("{% state 'khong_co' %}")


@pytest.mark.parametrize(
    ("signature", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
         "Safari/537.36 Edg/130.0.0.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1",
         "Safari · iPhone"),
        ("curl/8", "curl/8"),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_two_words(signature, shown):
    assert render("{{ signature|browser }}", signature=signature) == shown
