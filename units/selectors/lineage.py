"""Along the lineage: who came before, who came after, and what a place of then is part of now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Q

from movement.core.dates import today

from ..enums import LineageKind, Share
from ..models import Lineage, Unit, UnitVersion

_PAST = """
WITH RECURSIVE past (unit_id) AS (
    SELECT predecessor_id FROM units_lineage WHERE successor_id = %s
    UNION
    SELECT l.predecessor_id FROM units_lineage l JOIN past p ON l.successor_id = p.unit_id)
SELECT unit_id FROM past WHERE unit_id <> %s ORDER BY unit_id
"""
_AROUND = """
WITH RECURSIVE past (unit_id) AS (
    SELECT %s::bigint
    UNION
    SELECT l.predecessor_id FROM units_lineage l JOIN past p ON l.successor_id = p.unit_id)
SELECT l.* FROM units_lineage l
 WHERE l.predecessor_id = %s OR l.successor_id IN (SELECT unit_id FROM past)
 ORDER BY l.on, l.is_main DESC, l.id
"""
_DEEPEST = 30  # lineage goes forward in time, so walks end; the bound guards against bad data


@dataclass(frozen=True, slots=True)
class Link:
    """The other end of one lineage row, as it was called at the change."""

    unit_id: int
    id: str
    code: str
    name: str
    unit_kind: str
    kind: str
    on: date
    decision: str
    share: str
    is_main: bool

    def as_json(self) -> dict:
        return {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "kind": self.unit_kind,
            "change": self.kind,
            "on": self.on,
            "decision": self.decision,
            "share": self.share,
            "is_main": self.is_main,
        }


@dataclass(frozen=True, slots=True)
class AsNow:
    """What a unit of then belongs to today. ``unit_id`` is ``None`` when no successor is known.

    ``whole`` is false when somewhere on the way only a part went to the main successor: the list
    then says so in a note. Each unit has one place, so counts never double.
    """

    unit_id: int | None
    whole: bool


def predecessors(unit: Unit | int) -> list[Link]:
    """Those that ``unit`` came from, with their last names, oldest change first."""
    return _links(unit, back=True)


def successors(unit: Unit | int) -> list[Link]:
    """Those that came out of ``unit``, with their first names; the main one first."""
    return _links(unit, back=False)


def _links(unit: Unit | int, *, back: bool) -> list[Link]:
    near, far = ("successor", "predecessor") if back else ("predecessor", "successor")
    rows = Lineage.objects.filter(**{near: unit}).exclude(kind=LineageKind.DUPLICATE).select_related(far)
    rows = list(rows.order_by("on", "-is_main", "pk"))
    versions: dict[int, list[UnitVersion]] = {}
    others = {getattr(row, f"{far}_id") for row in rows}
    for version in UnitVersion.objects.filter(unit__in=others).order_by("valid__startswith"):
        versions.setdefault(version.unit_id, []).append(version)
    links = []
    for row in rows:
        other = getattr(row, far)
        # a predecessor's name is that of its last day, a successor's that of its first
        named = _at(versions.get(other.pk, []), row.on - timedelta(days=1) if back else row.on)
        links.append(
            Link(
                unit_id=other.pk,
                id=other.ulid,
                code=named.code if named else "",
                name=named.name if named else "",
                unit_kind=named.kind if named else "",
                kind=row.kind,
                on=row.on,
                decision=row.decision,
                share=row.share,
                is_main=row.is_main,
            )
        )
    return links


def _at(versions: list[UnitVersion], on: date) -> UnitVersion | None:
    """The version on a date, else the last one before it, else the first."""
    before = [v for v in versions if v.valid.lower <= on]
    return before[-1] if before else (versions[0] if versions else None)


def past_units(unit: Unit | int) -> list[int]:
    """Ids of every predecessor, however far back and however small its share; ``unit`` is not among them."""
    start = getattr(unit, "pk", unit)
    with connection.cursor() as cursor:
        cursor.execute(_PAST, [start, start])
        return [pk for (pk,) in cursor.fetchall()]


def lineage_around(unit: Unit | int) -> list[Lineage]:
    """The rows that lead to ``unit``, however far back, and those that lead away from it; oldest first, one query."""
    start = getattr(unit, "pk", unit)
    return list(Lineage.objects.raw(_AROUND, [start, start]))


def predecessor_closure(unit_ids: Iterable[int], on: date) -> dict[int, set[int]]:
    """``{unit: units it stands for on a date}``.

    A unit that exists then stands for itself; otherwise for its whole predecessors and for those
    parts whose main successor it is, as far back as needed (design §4, "Reading follows the place").
    """
    result: dict[int, set[int]] = {unit: set() for unit in unit_ids}
    waiting = {unit: {unit} for unit in result}
    for _ in range(_DEEPEST):
        frontier = set().union(*waiting.values()) if waiting else set()
        if not frontier:
            break
        there = set(UnitVersion.objects.filter(unit__in=frontier, valid__contains=on).values_list("unit_id", flat=True))
        back: dict[int, set[int]] = {}
        links = Lineage.objects.filter(successor__in=frontier - there, on__gt=on)
        links = links.filter(Q(share=Share.WHOLE) | Q(is_main=True))
        for successor, predecessor in links.values_list("successor_id", "predecessor_id"):
            back.setdefault(successor, set()).add(predecessor)
        following = {}
        for unit, units in waiting.items():
            result[unit] |= units & there
            further = set().union(*(back.get(u, set()) for u in units - there))
            if further:
                following[unit] = further
        waiting = following
    return result


def as_now(unit_ids: Iterable[int], on: date | None = None) -> dict[int, AsNow]:
    """``{unit: what it belongs to on a date}`` (default today), along main successors.

    A unit that still exists stands for itself. Set-wise: a few queries however many units.
    """
    on = on or today()
    current = {unit: unit for unit in unit_ids}
    whole = dict.fromkeys(current, True)
    for _ in range(_DEEPEST):
        frontier = {unit for unit in current.values() if unit is not None}
        there = set(UnitVersion.objects.filter(unit__in=frontier, valid__contains=on).values_list("unit_id", flat=True))
        gone = frontier - there
        if not gone:
            break
        ahead: dict[int, tuple[int, bool]] = {}
        rows = Lineage.objects.filter(predecessor__in=gone, is_main=True, on__lte=on).order_by("on")
        for row in rows:
            ahead[row.predecessor_id] = (row.successor_id, row.share == Share.WHOLE)
        for unit, place in current.items():
            if place in gone:
                current[unit], kept = ahead.get(place, (None, whole[unit]))
                whole[unit] = whole[unit] and kept
    return {unit: AsNow(place, whole[unit]) for unit, place in current.items()}
