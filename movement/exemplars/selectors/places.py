"""Where points stand on a date: on their unit, or on what it became, or on what it came from.

A point keeps the unit it was set up on. On a date when that unit is closed it stands on the main
successor, as far ahead as needed; where the unit was entered under today's code and did not exist yet,
on the units that it stands for (design §4, "as then" and "as now").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from units.models import UnitVersion

from ..models import Point

# One walk ahead from units that ended before the date, one back from units that began after it.
_MOVED = """
WITH RECURSIVE gone AS (
    SELECT u.id AS unit, EXISTS (SELECT FROM units_unitversion v
                                  WHERE v.unit_id = u.id AND lower(v.valid) <= %(on)s) AS begun
      FROM (SELECT unit_id AS id FROM exemplars_point UNION SELECT province_id FROM exemplars_practicemodel
            UNION SELECT unit_id FROM exemplars_exemplar) u
     WHERE NOT EXISTS (SELECT FROM units_unitversion v WHERE v.unit_id = u.id AND v.valid @> %(on)s::date)
), ahead(origin, unit, whole, step) AS (
    SELECT unit, unit, true, 0 FROM gone WHERE begun
    UNION
    SELECT a.origin, l.successor_id, a.whole AND l.share = 'whole', a.step + 1
      FROM ahead a JOIN units_lineage l ON l.predecessor_id = a.unit AND l.is_main AND l."on" <= %(on)s
     WHERE a.step < 30
       AND NOT EXISTS (SELECT FROM units_unitversion v WHERE v.unit_id = a.unit AND v.valid @> %(on)s::date)
), back(origin, unit, step) AS (
    SELECT unit, unit, 0 FROM gone WHERE NOT begun
    UNION
    SELECT b.origin, l.predecessor_id, b.step + 1
      FROM back b JOIN units_lineage l ON l.successor_id = b.unit AND l."on" > %(on)s
                                      AND (l.share = 'whole' OR l.is_main)
     WHERE b.step < 30
       AND NOT EXISTS (SELECT FROM units_unitversion v WHERE v.unit_id = b.unit AND v.valid @> %(on)s::date)
)
SELECT w.origin, v.unit_id, w.whole FROM (SELECT origin, unit, whole FROM ahead UNION SELECT origin, unit, true FROM back) w
  JOIN units_unitversion v ON v.unit_id = w.unit AND v.valid @> %(on)s::date
 ORDER BY w.origin, v.unit_id
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a unit that does not exist on a date stands for then.

    ``units``: one, or several when only its parts existed; ``whole`` is false when on the way a part of it
    went elsewhere.
    """

    units: tuple[int, ...]
    whole: bool


def moved_units(on: date) -> dict[int, Moved]:
    """``{unit: what it stands for}`` for units of points and exemplars and provinces of models that do not exist on ``on``.

    One query. A unit without a successor is absent: its points count on no place any more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, {"on": on})
        rows = cursor.fetchall()
    found: dict[int, tuple[list[int], bool]] = {}
    for origin, unit, whole in rows:
        units, so_far = found.get(origin, ([], True))
        found[origin] = ([*units, unit], so_far and whole)
    return {origin: Moved(tuple(units), whole) for origin, (units, whole) in found.items()}


@dataclass(frozen=True, slots=True)
class Ground:
    """A part of the tree of ``on``, and the units that stand in it though they do not exist that day."""

    on: date
    versions: QuerySet[UnitVersion]
    moved: dict[int, Moved]
    inside: tuple[int, ...]

    def here(self, field: str = "unit") -> Q:
        """The condition that a row's unit (or province) stands here that day."""
        exists = Q(Exists(self.versions.filter(unit=OuterRef(field))))
        return exists | Q(**{f"{field}__in": self.inside}) if self.inside else exists

    def points(self) -> QuerySet[Point]:
        """Points of any time that stand here."""
        return Point.objects.filter(self.here())


def ground_of(versions: QuerySet[UnitVersion], on: date, *, moved: dict[int, Moved] | None = None) -> Ground:
    """The ground that ``versions`` (rows of the tree of ``on``) make up; two queries.

    For pages start from ``movement.accounts.access.visible_versions``. What stands for several units is
    inside only when all of them are.
    """
    moved = moved_units(on) if moved is None else moved
    held: set[int] = set()
    if moved:
        places = {unit for one in moved.values() for unit in one.units}
        held = set(versions.filter(unit__in=places).values_list("unit_id", flat=True))
    inside = tuple(origin for origin, one in moved.items() if held.issuperset(one.units))
    return Ground(on, versions, moved, inside)


@dataclass(frozen=True, slots=True)
class Place:
    """A territory as it is called on a date."""

    unit_id: int
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a point stands: the unit itself and the territories above it, highest first, without the province.

    ``sure`` is false when it stands for several units, or only a part of the old unit came here.
    """

    name: str
    above: tuple[Place, ...]
    sure: bool

    @property
    def commune(self) -> Place | None:
        return next((place for place in reversed(self.above) if place.kind == "commune"), None)

    @property
    def district(self) -> Place | None:
        return next((place for place in self.above if place.kind == "district"), None)

    @property
    def where(self) -> str:
        """The places above, lowest first, as an address is written."""
        return ", ".join(place.name for place in reversed(self.above) if place.name != self.name)


def standings(unit_ids: Iterable[int], on: date, *, moved: dict[int, Moved] | None = None) -> dict[int, Standing]:
    """``{unit: where its points stand on a date}``; absent where nothing stands for it. Two queries at most."""
    wanted = set(unit_ids)
    moved = moved_units(on) if moved is None else moved
    places = {unit: moved[unit].units if unit in moved else (unit,) for unit in wanted}
    versions = _versions({place for units in places.values() for place in units}, on)
    above_ids = {int(part) for v in versions.values() for part in v.path.strip("/").split("/")}
    known = versions | _versions(above_ids - versions.keys(), on)
    found = {}
    for unit, stands_for in places.items():
        rows = [versions[place] for place in stands_for if place in versions]
        if not rows:
            continue
        first = rows[0]
        above = tuple(
            Place(v.unit_id, v.code, v.name, v.kind)
            for v in (known.get(int(part)) for part in first.path.strip("/").split("/"))
            if v is not None and v.kind in ("district", "commune")
        )
        if len(rows) > 1:  # the places above that all of them share
            shared = set.intersection(*({int(p) for p in v.path.strip("/").split("/")} for v in rows))
            above = tuple(place for place in above if place.unit_id in shared)
        name = ", ".join(v.name for v in rows)
        found[unit] = Standing(name, above, len(rows) == 1 and (unit not in moved or moved[unit].whole))
    return found


def _versions(unit_ids: set[int], on: date) -> dict[int, UnitVersion]:
    if not unit_ids:
        return {}
    rows = UnitVersion.objects.filter(unit__in=unit_ids, valid__contains=on)
    return {v.unit_id: v for v in rows.only("unit_id", "code", "name", "kind", "path")}
