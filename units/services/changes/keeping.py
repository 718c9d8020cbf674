"""What a change did, in the form in which it is kept (``selectors.changes``), and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date

from ..drafting import Draft
from ..timeline import Own, Segment, segment_of


def kept(draft: Draft) -> dict[str, dict]:
    """``RegisterChange.touched`` of what a draft has written so far."""
    touched = {}
    for timeline in draft.timelines():
        trace = draft.traces[timeline.unit_id]
        touched[str(timeline.unit_id)] = {
            "on": trace.on.isoformat(),
            "along": trace.along,
            "before": [_packed(s) for s in trace.before],
            "after": [_packed(segment_of(v)) for v in timeline.stored],
        }
    return touched


def stamp_of(touched: dict[str, dict], created: Iterable[int]) -> str:
    """Names what a change starts from and comes to, whatever ids its new units get."""
    new = {str(pk) for pk in created}
    rows = [entry["before"] for key, entry in sorted(touched.items()) if key not in new]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:32]


def segments(rows: Iterable[dict]) -> list[Segment]:
    """One side of a kept unit as segments again."""
    return [
        Segment(
            date.fromisoformat(row["start"]),
            row["end"] and date.fromisoformat(row["end"]),
            Own(row["code"], row["name"], row["subkind"], row["level"], row["body"]),
            row["parent"],
            row["path"],
            row["province"],
        )
        for row in rows
    ]


def _packed(segment: Segment) -> dict:
    return {
        "start": segment.start.isoformat(),
        "end": segment.end and segment.end.isoformat(),
        "code": segment.own.code,
        "name": segment.own.name,
        "subkind": segment.own.subkind,
        "level": segment.own.managing_level,
        "body": segment.own.managing_body_id,
        "parent": segment.parent_id,
        "path": segment.parent_path,
        "province": segment.province_id,
    }
