"""The main navigation: each app registers its own entry in its ``urls.py``, the shell only draws them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse


def _everyone(user) -> bool:
    return user.is_authenticated


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry. ``icon`` is a name in ``static/img/icons.svg``; ``visible`` asks the same right as the page itself.

    A lower ``order`` stands further left. ``visible`` must cost no query of its own: it runs on every page.
    """

    url_name: str
    label: str
    icon: str
    order: int
    visible: Callable[..., bool] = _everyone


@dataclass(frozen=True, slots=True)
class NavLink:
    """A ``NavItem`` as one person sees it on one page; ``current`` marks the section the page belongs to."""

    url: str
    label: str
    icon: str
    current: bool


_items: dict[str, NavItem] = {}


def register(item: NavItem) -> None:
    """Add ``item``, or replace the one with the same ``url_name`` (a URLconf may be loaded twice)."""
    _items[item.url_name] = item


def links_for(user, path: str) -> list[NavLink]:
    """What ``user`` may go to, in order. The page's own section is the one whose address begins ``path``."""
    links = []
    for item in sorted(_items.values(), key=lambda item: item.order):
        if item.visible(user):
            url = reverse(item.url_name)
            current = path == url if url == "/" else path.startswith(url)
            links.append(NavLink(url, item.label, item.icon, current))
    return links
