"""Codes that would meet another bearer in a province: asked before the database refuses them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from ..selectors import versions_by_code
from .timeline import Timeline


def code_clashes(timelines: Sequence[Timeline]) -> dict[int, set[int]]:
    """``{unit_id: indexes of segments}`` whose code somebody else bears in that province in that time.

    Somebody else: a unit that is stored and not among ``timelines``, or another of them.
    """
    coded = [(t, i, s) for t in timelines for i, s in enumerate(t.segments) if s.own.code and s.province_id]
    moving = {t.unit_id for t in timelines}
    held: dict[tuple[int, str], list[tuple[int, date, date | None]]] = defaultdict(list)
    for code, versions in versions_by_code({s.own.code for _, _, s in coded}).items():
        for v in versions:
            if v.province_id and v.unit_id not in moving:
                held[v.province_id, code].append((v.unit_id, v.valid.lower, v.valid.upper))
    for t, _, s in coded:
        held[s.province_id, s.own.code].append((t.unit_id, s.start, s.end))
    clashes: dict[int, set[int]] = defaultdict(set)
    for t, i, s in coded:
        for unit, start, end in held[s.province_id, s.own.code]:
            if unit != t.unit_id and (end is None or s.start < end) and (s.end is None or start < s.end):
                clashes[t.unit_id].add(i)
    return clashes
