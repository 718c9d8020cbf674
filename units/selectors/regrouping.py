"""As now: what stood in the tree of another day, under the communes of today.

A row names a unit and the commune it lay in then. A unit that exists today lies where it lies today; one that ended
goes where its main successor is, as far ahead as needed; without one it goes with its commune. So each row has one
place, and totals are the same as then. What went with the main successor of a commune that was split, and so may
lie in another part of it, is told apart as not ``sure``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Case, Count, Exists, Expression, F, Q, QuerySet, Subquery, Value, When

from movement.core.dates import today
from movement.core.text import sort_key

from ..enums import TERRITORIES, Kind
from ..models import UnitVersion

NOWHERE, OUTSIDE = "none", "outside"  # in an address: not placed today; placed, but in no commune

_PLACED = """
WITH RECURSIVE asked AS MATERIALIZED (
    SELECT unit::bigint, place::bigint, rows FROM ({rows}) AS given(unit, place, rows)
),
origins AS MATERIALIZED (
    SELECT unit AS origin FROM asked WHERE unit IS NOT NULL UNION SELECT place FROM asked WHERE place IS NOT NULL
), walk(origin, unit, whole, step, path) AS (
    SELECT o.origin, o.origin, true, 0, v.path
      FROM origins o LEFT JOIN units_unitversion v ON v.unit_id = o.origin AND v.valid @> %(on)s::date
    UNION ALL
    SELECT w.origin, l.successor_id, w.whole AND l.share = 'whole', w.step + 1, v.path
      FROM walk w
      CROSS JOIN LATERAL (SELECT s.successor_id, s.share FROM units_lineage s
                           WHERE s.predecessor_id = w.unit AND s.is_main AND s."on" <= %(on)s::date
                           ORDER BY s."on" DESC LIMIT 1) l
      LEFT JOIN units_unitversion v ON v.unit_id = l.successor_id AND v.valid @> %(on)s::date
     WHERE w.path IS NULL AND w.step < 30
), communes AS MATERIALIZED (
    SELECT unit_id FROM units_unitversion WHERE kind = 'commune' AND valid @> %(on)s::date
), here AS MATERIALIZED (
    SELECT w.origin, w.whole, coalesce(below.unit_id, further.unit_id) AS commune
      FROM walk w
      LEFT JOIN communes below ON below.unit_id = nullif(split_part(w.path, '/', 3), '')::bigint
      LEFT JOIN communes further ON further.unit_id = nullif(split_part(w.path, '/', 4), '')::bigint
     WHERE w.path IS NOT NULL
)
SELECT a.unit, a.place, a.rows,
       CASE WHEN u.origin IS NULL THEN p.commune ELSE u.commune END,
       u.origin IS NOT NULL OR p.origin IS NOT NULL,
       CASE WHEN u.origin IS NULL THEN coalesce(p.whole, true)
            ELSE u.whole AND coalesce(p.whole OR p.commune IS DISTINCT FROM u.commune, true) END
  FROM asked a LEFT JOIN here u ON u.origin = a.unit LEFT JOIN here p ON p.origin = a.place
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a row of then counts today: a commune; in none of them (``known``); or nowhere that is known."""

    commune_id: int | None
    known: bool
    sure: bool

    @property
    def key(self) -> int | str:
        """The commune, or ``OUTSIDE``, or ``NOWHERE``."""
        return self.commune_id or (OUTSIDE if self.known else NOWHERE)


def placed_on(pairs: Iterable[tuple[int | None, int | None]], on: date | None = None) -> dict[tuple, Placed]:
    """``{(unit, commune then): where it counts on a date}`` (default today); one query however many pairs of ids."""
    pairs = list(dict.fromkeys(pairs))
    if not pairs:
        return {}
    units, places = map(list, zip(*pairs, strict=True))
    found = _placed(
        "SELECT *, 1 FROM unnest(%(units)s::bigint[], %(places)s::bigint[])", on, units=units, places=places
    )
    return {pair: placed for pair, (placed, _rows) in found.items()}


def _placed(rows: str, on: date | None, **values) -> dict[tuple, tuple[Placed, int]]:
    """``{(unit, place): (where, how many rows)}`` of a query that gives unit, place and number of rows."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACED.format(rows=rows), {"on": on or today(), **values})
        # thousands of rows, some hundred places: each place is made once
        places: dict[tuple, Placed] = {}
        found = {}
        for unit, place, count, commune, known, sure in cursor:
            placed = places.get((commune, known, sure))
            if placed is None:
                placed = places[commune, known, sure] = Placed(commune, known, sure)
            found[unit, place] = placed, count
    if (None, None) in found:  # lay in no commune then, and names no unit that could lie in one now
        found[None, None] = Placed(None, True, True), found[None, None][1]
    return found


@dataclass(slots=True)
class Regrouped:
    """Rows of then under today's communes.

    ``counts``: ``{key of Placed: how many}``, together as many as there are rows. ``names``: of the communes, in
    Vietnamese order. ``unsure``: ``[(name then, name today, how many)]`` of what could not be split.
    """

    on: date
    placed: dict[tuple, Placed]
    counts: Counter = field(default_factory=Counter)
    names: dict[int, str] = field(default_factory=dict)
    ulids: dict[int, str] = field(default_factory=dict)
    unsure: list[tuple[str, str, int]] = field(default_factory=list)

    def of(self, unit: int | None, place: int | None) -> Placed:
        return self.placed.get((unit, place)) or Placed(None, False, True)

    def name(self, placed: Placed) -> str:
        """The commune's name; empty where there is none."""
        return self.names.get(placed.commune_id, "") if placed.commune_id else ""

    @property
    def nowhere(self) -> int:
        """How many stand in no commune or place that is known today."""
        return self.counts[NOWHERE]

    @property
    def unsure_count(self) -> int:
        return sum(count for _old, _new, count in self.unsure)

    @property
    def communes(self) -> list[tuple[str, str, int]]:
        """``[(ulid, name, how many)]`` of today's communes, in Vietnamese order."""
        return [(self.ulids[pk], name, self.counts[pk]) for pk, name in self.names.items()]

    def key_of(self, value: str) -> int | str | None:
        """The key that ``value`` of an address names: a commune's ULID, ``NOWHERE`` or ``OUTSIDE``."""
        if value in (NOWHERE, OUTSIDE):
            return value
        return next((pk for pk, ulid in self.ulids.items() if ulid == value), None)

    def units(self, key: int | str | None) -> list[int]:
        """The units that count at ``key``, where rows name nothing but their unit."""
        return [unit for (unit, _place), placed in self.placed.items() if unit is not None and placed.key == key]

    def inside(self, key: int | str | None, *, unit: str = "unit", place: str = "commune") -> Q:
        """The condition that a row counts at ``key``; no row for one that is not there."""
        if key is None:
            return Q(pk__in=[])
        answers: dict[int | None, set] = {}
        for (of, _place), placed in self.placed.items():
            answers.setdefault(of, set()).add(placed.key)
        units = [of for of, keys in answers.items() if of is not None and keys == {key}]
        found = Q(**{f"{unit}__in": units})
        for (of, at), placed in self.placed.items():
            if placed.key == key and (of is None or len(answers[of]) > 1):
                # one unit under several communes of then, or none: the commune tells
                own = {f"{unit}__isnull": True} if of is None else {unit: of}
                found |= Q(**own, **({f"{place}__isnull": True} if at is None else {place: at}))
        return found


def regrouped(
    rows: QuerySet, *, unit: str = "unit_id", place: str | Expression | None = "commune_id", on: date | None = None
) -> Regrouped:
    """``rows`` (already scoped) under the communes of a date, default today; two queries.

    ``unit`` and ``place`` are the columns, or ``place`` an expression; ``None`` where a row only names its unit.
    """
    on = on or today()
    of_place = F(place) if isinstance(place, str) else place or Value(None, output_field=BigIntegerField())
    grouped = rows.order_by().values_list(F(unit), of_place).annotate(Count("pk"))
    try:
        sql, params = grouped.query.sql_with_params()
    except EmptyResultSet:  # of somebody who may read none
        return Regrouped(on, {})
    names = [f"value{at}" for at in range(len(params))]  # the statement's own values have names, so these get some
    found = _placed(sql % tuple(f"%({name})s" for name in names), on, **dict(zip(names, params, strict=True)))
    result = Regrouped(on, {pair: placed for pair, (placed, _rows) in found.items()})
    unsure: Counter[tuple] = Counter()
    keys: dict[int, int | str] = {}
    for pair, (placed, count) in found.items():
        key = keys.get(id(placed))
        if key is None:
            key = keys[id(placed)] = placed.key
        result.counts[key] += count
        if not placed.sure and placed.commune_id:
            unsure[pair[1], placed.commune_id] += count
    communes = {key for key in result.counts if isinstance(key, int)}
    then = {}
    versions = UnitVersion.objects.filter(unit__in=communes | {old for old, _now in unsure} - {None})
    for pk, name, ulid, valid in versions.order_by("name_sort", "valid__startswith").values_list(
        "unit_id", "name", "unit__ulid", "valid"
    ):
        if pk in communes and on in valid:
            result.names[pk], result.ulids[pk] = name, ulid
        if valid.lower <= on and valid.lower >= then.get(pk, (date.min,))[0]:
            then[pk] = valid.lower, name
    lines = [(then.get(old, ("", ""))[1], result.names[now], count) for (old, now), count in unsure.items()]
    result.unsure = sorted(lines, key=lambda line: (sort_key(line[0]), sort_key(line[1])))
    return result


def register_regrouped(versions: QuerySet[UnitVersion]) -> Regrouped:
    """Versions of another day under today's communes; each lay in the commune it is, else in its parent."""
    own = Case(When(kind=Kind.COMMUNE, then=F("unit_id")), default=F("parent_id"), output_field=BigIntegerField())
    return regrouped(versions, place=own)


def tree_changed(places: Iterable[int], then: date | Subquery, now: date | None = None) -> bool:
    """Whether territories of ``places`` (provinces, or places themselves, of ``then``) are others today.

    No query for today itself. ``then`` may be a query for one date; where that finds none, nothing has changed.
    """
    now, places = now or today(), list(places)
    if not places or (isinstance(then, date) and then >= now):
        return False
    gone = UnitVersion.objects.filter(kind__in=TERRITORIES, valid__contains=then).exclude(valid__contains=now)
    # two questions in one statement: with an "or" inside, the whole register is read until a row fits
    either = Exists(gone.filter(province__in=places)) | Exists(gone.filter(unit__in=places))
    return UnitVersion.objects.filter(either).exists()
