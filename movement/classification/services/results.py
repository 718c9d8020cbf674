"""Keeping each unit's computed result in step with its points."""

from __future__ import annotations

from collections.abc import Iterable

from ..models import Assessment, Campaign
from ..selectors import compute, explanation_of

RESULT_FIELDS = ["complete", "base", "points", "class_code", "explanation"]


def results_refresh(campaign: Campaign, assessments: Iterable[Assessment], *, also: Iterable[str] = ()) -> None:
    """Recompute and store the results of ``assessments`` (locked by the caller, same campaign)."""
    rows = list(assessments)
    results = compute(campaign, rows)
    for a in rows:
        result = results[a.pk]
        a.complete = result.complete
        a.base, a.points = result.base, result.points
        a.class_code = result.class_code or ""
        a.explanation = explanation_of(result)
    Assessment.objects.bulk_update(rows, [*RESULT_FIELDS, *also], batch_size=500)
