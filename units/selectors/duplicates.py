"""Units that may be one: of one kind and place with names that are spelt alike, or with one code of the tax office or
the ministry of education. They are asked about, never joined by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from movement.core.dates import today

from ..models import DuplicateVerdict, Unit, UnitVersion

MOST = 2000  # pairs of one list; who has more begins with these


class Alike(TextChoices):
    """Why two units may be one."""

    NAME = "name", _("Cùng nơi, tên giống nhau")
    CODE = "code", _("Cùng mã số thuế, mã trường")
    ENDED = "ended", _("Đã kết thúc, có đơn vị cùng tên ở nơi kế thừa")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two units that may be one; ``first`` is of the smaller id."""

    first: int
    second: int


# Hamlets of one name that stood below different communes before these became one are two: there are thousands.
# `mine`: what the caller may decide on, as it stands today (unit, parent, kind, match). Pairs that somebody has told
# apart, and those that lineage joins already, are left out.
_HEAD = """
WITH RECURSIVE mine(unit, parent, kind, match, name_sort) AS MATERIALIZED ({mine}),
"""
_PAIRS = {
    Alike.NAME: """
pairs(one, other, name_sort) AS (
    SELECT a.unit, b.unit, a.name_sort
      FROM (SELECT parent, kind, match FROM mine WHERE match <> '' GROUP BY parent, kind, match HAVING count(*) > 1) d
      JOIN mine a ON a.kind = d.kind AND a.match = d.match AND a.parent IS NOT DISTINCT FROM d.parent
      JOIN mine b ON b.kind = d.kind AND b.match = d.match AND b.parent IS NOT DISTINCT FROM d.parent
     WHERE a.unit < b.unit AND NOT EXISTS (
           SELECT FROM units_unitversion x JOIN units_unitversion y ON y.valid && x.valid AND y.parent_id <> x.parent_id
            WHERE x.unit_id = a.unit AND y.unit_id = b.unit)
)""",
    Alike.CODE: """
coded(unit, kind, code, name_sort) AS MATERIALIZED (
    SELECT m.unit, m.kind, 't' || regexp_replace(u.tax_code, '[^0-9]', '', 'g'), m.name_sort
      FROM units_unit u JOIN mine m ON m.unit = u.id WHERE u.tax_code <> ''
    UNION
    SELECT m.unit, m.kind, 's' || upper(btrim(u.school_code)), m.name_sort
      FROM units_unit u JOIN mine m ON m.unit = u.id WHERE u.school_code <> ''
), pairs(one, other, name_sort) AS (
    SELECT DISTINCT least(a.unit, b.unit), greatest(a.unit, b.unit), min(a.name_sort)
      FROM coded a JOIN coded b ON b.code = a.code AND b.kind = a.kind AND a.unit < b.unit
     WHERE length(a.code) > 1
     GROUP BY least(a.unit, b.unit), greatest(a.unit, b.unit)
)""",
    # Ended without a successor, below a place that is today (or whose main successor is) where one so named stands.
    Alike.ENDED: """
ended(unit, parent, kind, match) AS MATERIALIZED (
    SELECT v.unit_id, v.parent_id, v.kind, v.match
      FROM units_unitversion v
     WHERE v.match <> '' AND NOT upper_inf(v.valid) AND upper(v.valid) <= %(on)s::date AND v.parent_id IS NOT NULL
       AND {past}
       AND NOT EXISTS (SELECT FROM units_unitversion w WHERE w.unit_id = v.unit_id AND lower(w.valid) > lower(v.valid))
       AND NOT EXISTS (SELECT FROM units_lineage l WHERE l.predecessor_id = v.unit_id)
), ahead(place, heir, step) AS (
    SELECT DISTINCT parent, parent, 0 FROM ended
    UNION
    SELECT a.place, l.successor_id, a.step + 1 FROM ahead a
      JOIN units_lineage l ON l.predecessor_id = a.heir AND l.is_main AND l."on" <= %(on)s::date
     WHERE a.step < 30
), pairs(one, other, name_sort) AS (
    SELECT DISTINCT least(e.unit, m.unit), greatest(e.unit, m.unit), m.name_sort
      FROM ended e JOIN ahead a ON a.place = e.parent
      JOIN mine m ON m.parent = a.heir AND m.kind = e.kind AND m.match = e.match AND m.unit <> e.unit
)""",
}
_TAIL = """
SELECT p.one, p.other FROM pairs p
 WHERE NOT EXISTS (SELECT FROM units_duplicateverdict d WHERE d.first_id = p.one AND d.second_id = p.other)
   AND NOT EXISTS (SELECT FROM units_lineage l WHERE (l.predecessor_id, l.successor_id) IN ((p.one, p.other), (p.other, p.one)))
 ORDER BY p.name_sort, p.one, p.other
 LIMIT %(most)s
"""


def duplicates_among(
    versions: QuerySet[UnitVersion], alike: str, *, provinces: Iterable[int] = (), on: date | None = None
) -> list[Pair]:
    """Pairs among ``versions`` (of today, scoped by the caller), by name; at most ``MOST``. One query.

    ``provinces``: in which ended units are looked for; those that ``versions`` lie in and those they came from.
    """
    rows = versions.order_by().values_list("unit_id", "parent_id", "kind", "match", "name_sort")
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:  # somebody without ground
        return []
    params = {f"value{at}": value for at, value in enumerate(values)}
    past = "true"
    if provinces := list(provinces):
        past, params["provinces"] = "v.province_id = ANY (%(provinces)s)", provinces
    mine = sql % tuple(f"%({name})s" for name in params if name.startswith("value"))
    statement = _HEAD.format(mine=mine) + _PAIRS[Alike(alike)].replace("{past}", past) + _TAIL
    with connection.cursor() as cursor:
        cursor.execute(statement, {"on": on or today(), "most": MOST, **params})
        return [Pair(*pair) for pair in cursor.fetchall()]


def verdict_on(one: Unit | int, other: Unit | int) -> DuplicateVerdict | None:
    """What was said about two units, if anything was."""
    first, second = sorted(getattr(unit, "pk", unit) for unit in (one, other))
    return DuplicateVerdict.objects.filter(first=first, second=second).first()
