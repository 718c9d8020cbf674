"""Units and all they came from, in one query."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

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
