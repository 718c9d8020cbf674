"""Finding units while somebody types: by code, by the name of a day, and by names borne at other times.

What begins as it was typed comes before what only holds it, each in Vietnamese order. Each step stops when the
list is full, so that one or two letters, which half of the register holds, cost no more than a whole name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from movement.core.text import FoldedHalf, fold, nfc, search_q, search_terms

from ..models import UnitVersion

MOST = 20
_OTHER_NAMES = 500  # versions of other days that are looked at; a word that more of them bear tells nothing
# A name is also typed without the word for what it is. Folded, as the search column's second half.
_PLACE_WORDS = (
    "tinh", "thanh pho", "huyen", "quan", "thi xa", "thi tran", "xa", "phuong", "dac khu",
    "ap", "khom", "khu vuc", "khu pho", "to dan pho", "thon", "ban", "lang", "buon", "truong",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A version that holds on the day asked for. ``other`` is the version, of the unit itself or of one that became
    part of it, by whose name it was found; ``None`` when its own name or code was typed."""

    version: UnitVersion
    other: UnitVersion | None = None


def units_found(
    versions: QuerySet[UnitVersion], typed: str, *, on: date, provinces: Iterable[int] = (), most: int = MOST
) -> list[Found]:
    """At most ``most`` of ``versions`` (which hold on a day and are scoped by the caller); none for an empty text.

    ``provinces``: those that ``versions`` lie in, where the caller knows; names of other days are then looked for there.

    Order: the code typed, codes that begin so, names that are or begin so, names that hold the words, units that
    bear the name on another day, units that something of that name became part of.
    """
    typed = nfc(typed).strip()[:100]
    if not typed:
        return []
    versions = versions.select_related("unit")
    rows: dict[int, UnitVersion] = {}
    for step in (_by_code, _by_beginning, _by_words):
        if len(rows) < most:
            found = step(versions, typed).exclude(pk__in=list(rows))[: most - len(rows)]
            rows |= {row.pk: row for row in found}
    result = [Found(row) for row in rows.values()]
    if len(result) < most and len(fold(typed)) > 1:
        rest = versions.exclude(pk__in=list(rows))
        result += _by_other_names(rest, typed, on, provinces_ever(provinces), most - len(result))
    return result


def unit_meant(versions: QuerySet[UnitVersion], typed: str, *, on: date) -> tuple[UnitVersion | None, list[Found]]:
    """``(the one that ``typed`` names whole, what else it may mean)``: a code, or a name that only one bears."""
    found = units_found(versions, typed, on=on)
    names = {fold(typed.strip()), *(f"{word} {fold(typed.strip())}" for word in _PLACE_WORDS)}
    whole = [f for f in found if f.other is None and (f.version.code == typed.strip() or fold(f.version.name) in names)]
    return (whole[0].version, []) if len(whole) == 1 else (None, found)


def _by_code(versions: QuerySet[UnitVersion], typed: str) -> QuerySet[UnitVersion]:
    spellings = {typed, typed.upper()}
    begins = Q()
    for code in spellings:
        begins |= Q(code__startswith=code)
    exact = Case(When(code__in=spellings, then=Value(0)), default=Value(1), output_field=IntegerField())
    return versions.filter(begins).order_by(exact, "code", "name_sort", "pk")


def _by_beginning(versions: QuerySet[UnitVersion], typed: str) -> QuerySet[UnitVersion]:
    names = _beginnings(typed)
    if not names:
        return versions.none()
    begins = Q()
    for name in names:
        begins |= Q(folded__startswith=name)
    exact = Case(When(folded__in=names, then=Value(0)), default=Value(1), output_field=IntegerField())
    versions = versions.alias(folded=FoldedHalf("search"))
    return versions.filter(begins, search_q("search", typed)).order_by(exact, "name_sort", "pk")


def _beginnings(typed: str) -> list[str]:
    """What the folded name begins with: what was typed, alone and after the word for a place."""
    terms = search_terms(typed)
    if not terms:
        return []
    head = [fold(alike[0].strip()) for alike in terms[:-1]]
    names = [" ".join([*head, fold(last.strip())]) for last in terms[-1]]
    return [*names, *(f"{word} {name}" for name in names for word in _PLACE_WORDS)]


def _by_words(versions: QuerySet[UnitVersion], typed: str) -> QuerySet[UnitVersion]:
    if not search_terms(typed):
        return versions.none()
    return versions.filter(search_q("search", typed)).order_by("name_sort", "pk")


# --- names of other days --------------------------------------------------------------------------
# From each unit that bears the name on another day to what it is part of on the day asked for: itself, or along
# whole and main parts. A unit that exists that day goes no further.
_AHEAD = """
WITH RECURSIVE walk(origin, unit, step) AS (
    SELECT asked, asked, 0 FROM unnest(%(units)s::bigint[]) AS asked
    UNION
    SELECT w.origin, l.successor_id, w.step + 1 FROM walk w
      JOIN units_lineage l ON l.predecessor_id = w.unit AND l."on" <= %(on)s AND (l.is_main OR l.share = 'whole')
     WHERE w.step < 30
       AND NOT EXISTS (SELECT FROM units_unitversion v WHERE v.unit_id = w.unit AND v.valid @> %(on)s::date)
)
SELECT origin, unit FROM walk
"""


def _by_other_names(
    versions: QuerySet[UnitVersion], typed: str, on: date, provinces: list[int], most: int
) -> list[Found]:
    if not search_terms(typed):
        return []
    others = UnitVersion.objects.filter(search_q("search", typed)).exclude(valid__contains=on)
    if provinces:  # only to look at fewer: what is shown is taken from ``versions``
        others = others.filter(Q(province__in=provinces) | Q(province=None))
    others = list(others.order_by("-valid__startswith", "pk")[: _OTHER_NAMES + 1])
    if not others or len(others) > _OTHER_NAMES:
        return []
    named: dict[int, UnitVersion] = {}
    for other in others:
        named.setdefault(other.unit_id, other)
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD, {"units": list(named), "on": on})
        ahead: dict[int, set[int]] = {}
        for origin, unit in cursor.fetchall():
            ahead.setdefault(unit, set()).add(origin)
    rows = versions.filter(unit__in=list(ahead)).order_by("name_sort", "pk")[:most]
    result = []
    for row in rows:
        origins = sorted(ahead[row.unit_id], key=lambda unit: (unit != row.unit_id, named[unit].name_sort))
        result.append(Found(row, named[origins[0]]))
    return sorted(result, key=lambda found: found.other.unit_id != found.version.unit_id)


_PROVINCES = """
WITH RECURSIVE past(unit) AS (
    SELECT asked FROM unnest(%s::bigint[]) AS asked
    UNION
    SELECT CASE WHEN l.successor_id = p.unit THEN l.predecessor_id ELSE l.successor_id END
      FROM past p JOIN units_lineage l ON p.unit IN (l.successor_id, l.predecessor_id)
)
SELECT unit FROM past
"""


def provinces_ever(provinces: Iterable[int | None]) -> list[int]:
    """``provinces`` with those they came from and those they became, however far."""
    ids = sorted({pk for pk in provinces if pk})
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_PROVINCES, [ids])
        return [unit for (unit,) in cursor.fetchall()]
