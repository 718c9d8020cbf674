"""Pieces of the tree's lines. A province has some hundred of them, so they are put together without a template each."""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from movement.accounts.templatetags.portal import icon
from movement.core.numbers import count_text

register = template.Library()


@register.simple_tag
def tree_line(line: dict, at_day: str, below: str, change: str, opening: str) -> SafeString:
    """A place: what opens it, its name, how many of each kind lie below, and its acts.

    ``line`` as ``views.register`` makes it; ``below``, ``change`` and ``opening`` are the words of its controls.
    """
    name, key = escape(line["version"].name), line["key"]
    toggle = '<span class="portal-tree-toggle"></span>'
    if line["total"] or line.get("open"):
        toggle = (
            f'<button class="portal-tree-toggle" type="button" aria-expanded="{"true" if line.get("open") else "false"}"'
            f' aria-controls="nhanh-{key}" hx-get="{escape(line["url"])}" hx-trigger="portal:open"'
            f' hx-target="#nhanh-{key}" data-portal-tree>{icon("chevron-right")}'
            f'<span class="visually-hidden">{escape(below)} {name}</span></button>'
        )
    counts = "".join(
        f'<a href="{escape(url)}">{escape(word)} <strong>{count_text(n)}</strong></a>'
        for word, n, url in line["counts"]
    )
    menu = change_menu(line["version"].name, line["menu_url"], change, opening) if line["changeable"] else ""
    return mark_safe(  # noqa: S308  (escaped)
        f'<div class="portal-tree-line">{toggle} <a href="{escape(line["detail_url"])}{escape(at_day)}">{name}</a>'
        f' <span class="portal-tree-counts">{counts}</span> {menu}</div>'
    )


@register.simple_tag
def change_menu(name: str, url: str, label: str, opening: str) -> SafeString:
    """The acts on the unit ``name``, fetched from ``url`` when the menu is first opened (tree.js)."""
    return mark_safe(  # noqa: S308  (escaped)
        f'<details class="portal-menu portal-tree-menu" hx-get="{escape(url)}" hx-trigger="portal:open"'
        f' hx-target="find .portal-menu-panel"><summary class="btn btn-sm btn-link">{escape(label)}'
        f'<span class="visually-hidden"> {escape(name)}</span>{icon("chevron-down", "icon-small")}</summary>'
        f'<div class="portal-menu-panel"><p class="portal-soft" data-portal-opening>{escape(opening)}</p></div></details>'
    )
