"""As then or as now: which tree a page of another day is read under (``?tree=now``; as then without it)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .selectors.regrouping import NOWHERE, OUTSIDE, Regrouped, tree_changed

# What lies in no commune of today, or nowhere that is known today.
OUTSIDE_WORDS = {OUTSIDE: gettext_lazy("Ngoài cấp xã"), NOWHERE: gettext_lazy("Chưa xếp được vào địa bàn nay")}


@dataclass(frozen=True, slots=True)
class TreeChoice:
    """``shown``: the tree of the day differs from today's, so there is something to choose. ``then`` is ``None`` on a
    page over many years. ``templates/_tree_switch.html`` draws it."""

    then: date | None
    shown: bool
    now: bool

    @property
    def keep(self) -> dict[str, str]:
        """What stays in the address of the page's links and filters."""
        return {"tree": "now"} if self.now else {}


def tree_asked(request, then: date | Subquery, places: Iterable[int], *, years: bool = False) -> TreeChoice:
    """The choice that the address makes for a page read as of ``then`` in some provinces or places; one query at most.

    ``years``: the page holds rows of many years, the first of ``then``.
    """
    shown = tree_changed(places, then)
    return TreeChoice(None if years else then, shown, shown and request.GET.get("tree") == "now")


def place_options(found: Regrouped) -> list[tuple[str, str]]:
    """Today's communes that hold anything, for a filter, and what lies in none."""
    choices = [(ulid, name) for ulid, name, _count in found.communes]
    if found.counts[OUTSIDE]:
        choices.append((OUTSIDE, OUTSIDE_WORDS[OUTSIDE]))
    if found.nowhere:
        choices.append((NOWHERE, OUTSIDE_WORDS[NOWHERE]))
    return choices


def place_words(found: Regrouped, unit: int | None, place: int | None) -> tuple[str, bool]:
    """``(where a row counts today, whether that is sure)`` in words."""
    placed = found.of(unit, place)
    if placed.commune_id:
        return found.name(placed), placed.sure
    return (_("Ngoài cấp xã") if placed.known else _("Chưa xếp được")), True
