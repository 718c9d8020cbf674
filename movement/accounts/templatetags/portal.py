"""What the pages share: icons, states as word + icon + colour, the navigation."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from movement.accounts.access import TIED, acting, can
from movement.accounts.navigation import links_for

register = template.Library()

# code: (word, icon, tone). A tone is a pair of colours in portal.css; red says wrong or late, gold honours.
STATES = {
    "registered": (_("Đã đăng ký"), "bookmark-check", "quiet"),
    "self_scored": (_("Đã tự chấm"), "pencil-square", "quiet"),
    "submitted": (_("Đã gửi"), "send", "moving"),
    "checked": (_("Đã kiểm tra"), "check-lg", "moving"),
    "appraised": (_("Đã thẩm định"), "check2-all", "moving"),
    "decided": (_("Đã xét duyệt"), "pen", "good"),
    "published": (_("Đã công bố"), "megaphone", "done"),
    "xuat_sac": (_("Xuất sắc"), "star-fill", "done"),
    "kha": (_("Khá"), "hand-thumbs-up", "good"),
    "trung_binh": (_("Trung bình"), "dash-circle", "quiet"),
    "yeu": (_("Yếu"), "arrow-down-circle", "bad"),
    "dat": (_("Đạt"), "check-circle-fill", "good"),
    "chua_dat": (_("Chưa đạt"), "x-circle-fill", "bad"),
    "none": (_("Chưa phân loại"), "question-circle", "quiet"),
    "queued": (_("Đang chờ"), "hourglass-split", "quiet"),
    "running": (_("Đang chạy"), "arrow-clockwise", "moving"),
    "done": (_("Xong"), "check-circle-fill", "good"),
    "failed": (_("Không thành công"), "exclamation-octagon-fill", "bad"),
    "cancelled": (_("Đã hủy"), "slash-circle", "quiet"),
    "late": (_("Quá hạn"), "clock-history", "bad"),
    "open": (_("Đang mở"), "unlock", "moving"),
    "closed": (_("Đã kết thúc"), "lock", "quiet"),
}


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str, css: str = "") -> str:
    """The icon ``name`` of the sprite, hidden from screen readers: a word always stands beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f" {css}" if css else "",
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def state(code: str | None, word: str = "", otherwise: str = "") -> str:
    """The badge of a state or class; no code reads as not yet classified. ``word`` replaces the usual word.

    A scheme may have class codes of its own: with its ``word``, or with ``otherwise`` for such codes alone, they
    are drawn plainly.
    """
    key = code or "none"
    plain_word = word or otherwise
    usual, symbol, tone = STATES[key] if key in STATES or not plain_word else (plain_word, "circle", "quiet")
    return _badge(str(word or usual), symbol, tone)


@lru_cache(maxsize=500)
def _badge(word: str, symbol: str, tone: str) -> str:
    """A list has the same few badges a hundred times over."""
    return render_to_string("_state.html", {"word": word, "icon": symbol, "tone": tone})


@register.simple_tag(takes_context=True)
def navigation(context) -> list:
    """The main navigation of the person who reads the page; empty without a request or before signing in."""
    request = context.get("request")
    user = getattr(request, "user", None)
    return links_for(user, request.path) if user is not None else []


@register.inclusion_tag("accounts/_acting.html", takes_context=True)
def acting_as(context, names: str, obj=None) -> dict:
    """Says under which assignment the reader does the acts in ``names`` to ``obj``: of the first that they may do.

    And why a tie with a unit keeps them from one of the others.
    """
    user = context["request"].user
    return _acting(user, [can(user, name, obj) for name in names.split()])


@register.inclusion_tag("accounts/_acting.html", takes_context=True)
def acting_under(context, *rights) -> dict:
    """As ``acting_as``, of rights that the page has asked for already."""
    return _acting(context["request"].user, rights)


def _acting(user, rights) -> dict:
    right = next((right for right in rights if right), None)
    tied = next((right.sentence for right in rights if not right and right.sentence.endswith(TIED)), "")
    return {"acting": right and acting(user, right), "tied": tied}


@register.filter
def plain(field):
    """``field`` (a BoundField) without the placeholder some libraries give it: it only repeats the label above."""
    field.field.widget.attrs.pop("placeholder", None)
    return field


@register.filter
def labelled(field, label: str):
    """``field`` (a BoundField) under another name, for a library's field that has none of its own."""
    field.label = field.field.label = label
    return field


BROWSERS = (("Edg", "Edge"), ("coc_coc", "Cốc Cốc"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac", "macOS"))


@register.filter
def browser(user_agent: str) -> str:
    """``Chrome · Windows`` out of a browser's long signature; the order matters, each claims to be the next."""
    name = next((name for mark, name in BROWSERS if mark in user_agent), "Safari" if "Safari" in user_agent else "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "Linux" if "Linux" in user_agent else "")
    return " · ".join(part for part in (name, system) if part) or user_agent[:60]


@register.filter
def tone(level_tag: str) -> str:
    """The tone of a flash message's level."""
    return {"error": "bad", "warning": "warn", "success": "good"}.get(level_tag, "moving")


@register.filter
def page_window(page) -> list:
    """Page numbers to offer around ``page`` (a Paginator's page); an ellipsis stands for what is left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))
