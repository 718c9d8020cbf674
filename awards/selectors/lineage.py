"""Units, all they came from and what they are part of today, in one query each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection

from movement.core.dates import today

# Whole predecessors, and those parts whose main successor a unit is (design §4, "Reading follows the place").
_PREDECESSORS = """
WITH RECURSIVE walk(root, unit) AS (
    SELECT asked, asked FROM unnest(%s::bigint[]) AS asked
    UNION
    SELECT w.root, l.predecessor_id FROM walk w JOIN units_lineage l ON l.successor_id = w.unit
     WHERE l.share = 'whole' OR l.is_main
)
SELECT root, unit FROM walk
"""


# The same with what tells how to look for them: whether a unit is a province, and the units it manages.
_STANDING = """
WITH RECURSIVE walk(root, unit) AS (
    SELECT asked, asked FROM unnest(%s::bigint[]) AS asked
    UNION
    SELECT w.root, l.predecessor_id FROM walk w JOIN units_lineage l ON l.successor_id = w.unit
     WHERE l.share = 'whole' OR l.is_main
)
SELECT root, unit, CASE WHEN EXISTS (SELECT FROM units_unitversion v WHERE v.unit_id = w.unit AND v.kind = 'province')
       THEN 'province' ELSE 'place' END FROM walk w
UNION ALL
SELECT DISTINCT w.root, v.unit_id, 'managed' FROM walk w JOIN units_unitversion v ON v.managing_body_id = w.unit
"""


def standing_of(unit_ids: Iterable[int]) -> list[tuple[int, int, str]]:
    """``[(root, unit, how)]``: for each unit itself and its predecessors, as ``province`` or ``place``, and those
    they managed at any time, as ``managed``."""
    ids = sorted(set(unit_ids))
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [ids])
        return cursor.fetchall()


def with_predecessors(unit_ids: Iterable[int]) -> dict[int, set[int]]:
    """``{unit: itself and its predecessors, however far back}``."""
    ids = sorted(set(unit_ids))
    found: dict[int, set[int]] = {unit: {unit} for unit in ids}
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_PREDECESSORS, [ids])
            for root, unit in cursor.fetchall():
                found[root].add(unit)
    return found


# Along main successors, as long as a unit does not exist any more.
_BEARERS = """
WITH RECURSIVE walk(root, unit) AS (
    SELECT asked, asked FROM unnest(%(units)s::bigint[]) AS asked
    UNION
    SELECT w.root, l.successor_id FROM walk w
      JOIN units_lineage l ON l.predecessor_id = w.unit AND l.is_main AND l.on <= %(on)s
     WHERE NOT EXISTS (SELECT FROM units_unitversion v WHERE v.unit_id = w.unit AND v.valid @> %(on)s::date)
)
SELECT w.root, v.name FROM walk w
  JOIN units_unitversion v ON v.unit_id = w.unit AND v.valid @> %(on)s::date
"""


def bearers_today(unit_ids: Iterable[int], on: date | None = None) -> dict[int, str]:
    """``{unit: the name of itself, or of what it became part of, on a date}`` (default today); absent where none is known."""
    ids = sorted(set(unit_ids))
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BEARERS, {"units": ids, "on": on or today()})
        return dict(cursor.fetchall())
