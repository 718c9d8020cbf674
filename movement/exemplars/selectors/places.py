"""Where points stand on a date: on their unit, or on what it became, or on what it came from.

A point keeps the unit it was set up on. On a date when that unit is closed it stands on the main
successor, as far ahead as needed; where the unit was entered under today's code and did not exist yet,
on the units that it stands for (design §4, "as then" and "as now").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from movement.accounts.access import may_read, visible_versions
from units.models import Unit, UnitVersion
from units.selectors import versions_of

from ..models import Point

# One walk ahead from units that ended before the date, one back from units that began after it.
_MOVED = """
WITH RECURSIVE missing AS MATERIALIZED (
    SELECT u.id FROM units_unit u
     WHERE NOT EXISTS (SELECT FROM units_unitversion v WHERE v.unit_id = u.id AND v.valid @> %(on)s::date)
), gone AS (
    SELECT m.id AS unit, EXISTS (SELECT FROM units_unitversion v
                                  WHERE v.unit_id = m.id AND lower(v.valid) <= %(on)s) AS begun
      FROM missing m
     WHERE EXISTS (SELECT FROM exemplars_point p WHERE p.unit_id = m.id)
        OR m.id IN (SELECT province_id FROM exemplars_practicemodel UNION SELECT unit_id FROM exemplars_exemplar)
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
SELECT w.origin, w.whole, v.unit_id, v.code, v.name, v.kind, v.path, v.province_id, v.managing_body_id, v.valid
  FROM (SELECT origin, unit, whole FROM ahead UNION SELECT origin, unit, true FROM back) w
  JOIN units_unitversion v ON v.unit_id = w.unit AND v.valid @> %(on)s::date
 ORDER BY w.origin, v.unit_id
"""
_COLUMNS = ("unit_id", "code", "name", "kind", "path", "province_id", "managing_body_id", "valid")


@dataclass(frozen=True, slots=True)
class Moved:
    """What a unit that does not exist on a date stands for then.

    ``versions``: one, or several when only its parts existed; ``whole`` is false when on the way a part of it
    went elsewhere.
    """

    versions: tuple[UnitVersion, ...]
    whole: bool


def moved_units(on: date) -> dict[int, Moved]:
    """``{unit: what it stands for}`` for units of points and exemplars and provinces of models that do not exist on ``on``.

    One query. A unit without a successor is absent: its points count on no place any more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, {"on": on})
        rows = cursor.fetchall()
    found: dict[int, tuple[list[UnitVersion], bool]] = {}
    for origin, whole, *values in rows:
        versions, so_far = found.get(origin, ([], True))
        version = UnitVersion(**dict(zip(_COLUMNS, values, strict=True)))
        found[origin] = ([*versions, version], so_far and whole)
    return {origin: Moved(tuple(versions), whole) for origin, (versions, whole) in found.items()}


class Tree:
    """The tree of one date: what stands for what is gone, and versions that were looked up once."""

    def __init__(self, on: date):
        self.on = on
        self._known: dict[int, UnitVersion | None] = {}

    @cached_property
    def moved(self) -> dict[int, Moved]:
        return moved_units(self.on)

    def versions(self, unit_ids: Iterable[int]) -> dict[int, UnitVersion]:
        """``{unit: version}`` of those that exist that day; one query for those not yet known."""
        wanted = set(unit_ids)
        if missing := wanted - self._known.keys():
            self._known |= dict.fromkeys(missing)
            self._known |= versions_of(missing, self.on)
        return {unit: version for unit in wanted if (version := self._known[unit])}

    def stand_for(self, unit_ids: Iterable[int]) -> dict[int, tuple[UnitVersion, ...]]:
        """``{unit: the versions it stands for that day}``: its own, or those of what it became or came from."""
        wanted = set(unit_ids)
        own = self.versions(wanted - self.moved.keys())
        return {
            unit: self.moved[unit].versions if unit in self.moved else (own[unit],)
            for unit in wanted
            if unit in self.moved or unit in own
        }


@dataclass(frozen=True, slots=True)
class Ground:
    """A part of a tree, and the units that stand in it though they do not exist that day."""

    tree: Tree
    versions: QuerySet[UnitVersion]
    inside: tuple[int, ...]

    @property
    def on(self) -> date:
        return self.tree.on

    def here(self, field: str = "unit") -> Q:
        """The condition that a row's unit (or province) stands here that day."""
        exists = Q(Exists(self.versions.filter(unit=OuterRef(field))))
        return exists | Q(**{f"{field}__in": self.inside}) if self.inside else exists

    def points(self) -> QuerySet[Point]:
        """Points of any time that stand here."""
        return Point.objects.filter(self.here())


def _ground(tree: Tree, versions: QuerySet[UnitVersion], holds: Callable[[UnitVersion], bool]) -> Ground:
    # What stands for several units is inside only when all of them are.
    inside = tuple(origin for origin, one in tree.moved.items() if all(map(holds, one.versions)))
    return Ground(tree, versions, inside)


def ground_of_province(province: Unit | int, on: date) -> Ground:
    """One province as it was on a date; one query."""
    pk = getattr(province, "pk", province)
    versions = UnitVersion.objects.filter(province=pk, valid__contains=on)
    return _ground(Tree(on), versions, lambda version: version.province_id == pk)


def ground_of_user(user, on: date) -> Ground:
    """What a person may read in the tree of a date (``movement.accounts.access``); one query beside the rights'."""
    versions = visible_versions(user, tree_on=on)
    return _ground(Tree(on), versions, lambda version: may_read(user, version, tree_on=on))


def narrowed(ground: Ground, path: str | None) -> Ground:
    """The part of ``ground`` below ``path``; nothing for ``None``."""
    versions = ground.versions.filter(path__startswith=path) if path else ground.versions.none()
    inside = tuple(
        origin
        for origin in ground.inside
        if path and all(version.path.startswith(path) for version in ground.tree.moved[origin].versions)
    )
    return Ground(ground.tree, versions, inside)


def narrowed_to(ground: Ground, units: Iterable[int]) -> Ground:
    """The part of ``ground`` that is these units, those that do not exist that day among them."""
    units = set(units)
    versions = ground.versions.filter(unit__in=units)
    return Ground(ground.tree, versions, tuple(origin for origin in ground.inside if origin in units))


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


def standings(unit_ids: Iterable[int], tree: Tree) -> dict[int, Standing]:
    """``{unit: where its points stand in a tree}``; absent where nothing stands for it. Two queries at most."""
    places = tree.stand_for(unit_ids)
    above = tree.versions({unit for rows in places.values() for v in rows for unit in _steps(v)})
    found = {}
    for unit, rows in places.items():
        shared = set.intersection(*(set(_steps(v)) for v in rows))  # the places above that all of them lie in
        territories = tuple(
            Place(v.unit_id, v.code, v.name, v.kind)
            for v in (above.get(step) for step in _steps(rows[0]) if step in shared)
            if v is not None and v.kind in ("district", "commune")
        )
        sure = len(rows) == 1 and (unit not in tree.moved or tree.moved[unit].whole)
        found[unit] = Standing(", ".join(v.name for v in rows), territories, sure)
    return found


def _steps(version: UnitVersion) -> list[int]:
    """Unit ids from the province down to the unit itself."""
    return [int(part) for part in version.path.strip("/").split("/")]
