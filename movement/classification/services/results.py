"""Keeping each unit's computed result in step with its points."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from .. import engine
from ..models import Assessment, Campaign
from ..selectors import compute, explanation_of

# One statement however many units; bulk_update's CASE per row takes seconds for 10,000.
_STORE = """
UPDATE classification_assessment AS a
   SET complete = r.complete, base = r.base, points = r.points, class_code = r.class_code,
       explanation = r.explanation, changed_at = %s
  FROM jsonb_to_recordset(%s::jsonb)
       AS r(id bigint, complete boolean, base numeric, points numeric, class_code text, explanation jsonb)
 WHERE a.id = r.id
"""


def results_refresh(campaign: Campaign, assessments: Iterable[Assessment]) -> dict[int, engine.Result]:
    """Recompute and store the results of ``assessments`` (locked by the caller, same campaign)."""
    rows = list(assessments)
    if not rows:
        return {}
    results = compute(campaign, rows)
    for a in rows:
        result = results[a.pk]
        a.complete = result.complete
        a.base, a.points = result.base, result.points
        a.class_code = result.class_code or ""
        a.explanation = explanation_of(result)
    stored = [
        {
            "id": a.pk,
            "complete": a.complete,
            "base": None if a.base is None else str(a.base),
            "points": None if a.points is None else str(a.points),
            "class_code": a.class_code,
            "explanation": a.explanation,
        }
        for a in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [timezone.now(), json.dumps(stored, ensure_ascii=False)])
    return results
