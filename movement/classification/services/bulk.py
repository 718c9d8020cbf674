"""Writing many points at once: set-wise, one audit row a unit, results recomputed once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from movement.audit.services import Act, record_many
from movement.core.problems import Problem, Refused

from ..ended import CLOSED, ended_sentence, standing
from ..enums import ORDER, Stage, State
from ..models import AdjustmentScore, Assessment, Campaign, Score
from ..rules import STATES_OPEN
from .results import results_refresh
from .scoring import Value

_TARGET = {Stage.SELF: State.SELF_SCORED, Stage.FINAL: State.APPRAISED}


@dataclass(slots=True)
class Row:
    """One unit's new values at one stage; an absent code leaves what is stored."""

    assessment: Assessment
    scores: dict[int, Value] = field(default_factory=dict)
    adjustments: dict[int, Value] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    units: int
    changed: int
    cells: int
    complete: int


@transaction.atomic
def scores_write(
    *, campaign: Campaign, stage: Stage, rows: Iterable[Row], actor, on_behalf: bool = False
) -> Written:  # fmt: skip
    """Write the values of ``rows`` (already checked cell by cell) and move units on.

    ``self`` puts complete units at ``self_scored``; ``check`` is taken from ``submitted`` on;
    ``final`` puts complete units at ``appraised``, marked as the office's own entry, and may be
    repeated until ``decided`` (design §7, ``import_scores``).

    Raises:
        Refused: ``not_open`` for each unit whose state does not take points of this stage, ``unit_ended``.
    """
    rows = list(rows)
    locked = {
        a.pk: a
        for a in Assessment.objects.select_for_update(of=("self",))
        .filter(campaign=campaign, pk__in=[r.assessment.pk for r in rows])
        .annotate(stands=standing(campaign.tree_on))
    }
    problems = [
        Problem(
            "not_open", f"Hồ sơ đang ở bước “{locked[r.assessment.pk].get_state_display()}” nên không nhận điểm này.",
            line=r.line, column="unit_code", value=r.assessment.unit_code or r.assessment.unit_name,
        )
        for r in rows
        if State(locked[r.assessment.pk].state) not in STATES_OPEN[stage]
    ]  # fmt: skip
    for r in rows:
        a = locked[r.assessment.pk]
        if a.closed_at or not a.stands:
            sentence = CLOSED if a.closed_at else ended_sentence(a)
            problems.append(Problem("unit_ended", sentence, r.line, "unit_code", a.unit_code or a.unit_name))
    if not campaign.is_open:
        problems = [Problem("campaign_closed", "Kỳ đánh giá này đã đóng.", value=str(campaign))]
    if problems:
        raise Refused(problems)
    changed = _changed(rows, stage)
    cells = _copy(Score, "criterion_id", stage, {pk: c[0] for pk, c in changed.items()}, actor, on_behalf)
    cells += _copy(AdjustmentScore, "adjustment_id", stage, {pk: c[1] for pk, c in changed.items()}, actor, on_behalf)
    touched = [locked[r.assessment.pk] for r in rows]
    before = {a.pk: a.state for a in touched}
    for a in touched:
        a.campaign = campaign
    results_refresh(campaign, [a for a in touched if a.pk in changed])
    if on_behalf and stage == Stage.SELF:
        Assessment.objects.filter(pk__in=changed).update(on_behalf=True)
    moved = [a for a in touched if _move(a, stage)]
    for office in {a.office_entry for a in moved}:
        Assessment.objects.filter(pk__in=[a.pk for a in moved if a.office_entry == office]).update(
            state=_TARGET.get(stage), state_at=timezone.now(), office_entry=office
        )
    record_many(
        actor,
        (
            Act(
                "score.import", f"{a.unit_name}: nhập {len(changed[a.pk][0]) + len(changed[a.pk][1])} mục, {stage.label.lower()}.",
                "classification.assessment", a.ulid, a.unit_id,
                before={"state": before[a.pk]}, after={"state": a.state, "cells": _said(changed[a.pk])},
            )
            for a in touched
            if a.pk in changed
        ),
    )  # fmt: skip
    return Written(len(touched), len(changed), cells, sum(a.complete for a in touched))


def _move(a: Assessment, stage: Stage) -> bool:
    """Put the unit where points of this stage bring it; whether anything changed."""
    target = _TARGET.get(stage)
    if target is None or not a.complete:
        return False
    office = a.office_entry or (stage == Stage.FINAL and a.state in (State.REGISTERED, State.SELF_SCORED))
    if ORDER.index(State(a.state)) >= ORDER.index(target):
        return False
    a.state, a.office_entry = target, office
    return True


def _changed(rows: list[Row], stage: Stage) -> dict[int, tuple[dict[int, Value], dict[int, Value]]]:
    """``{assessment: (scores, adjustments)}`` that differ from what is stored; units without a difference are absent."""
    ids = [r.assessment.pk for r in rows]
    stored: dict[tuple, Value] = {}
    for kind, model, name in (("s", Score, "criterion_id"), ("a", AdjustmentScore, "adjustment_id")):
        found = model.objects.filter(assessment__in=ids, stage=stage)
        for pk, item, points, reason in found.values_list("assessment_id", name, "points", "reason"):
            stored[kind, pk, item] = Value(points, reason)
    result = {}
    for r in rows:
        pk = r.assessment.pk
        scores = {i: v for i, v in r.scores.items() if stored.get(("s", pk, i)) != v}
        extra = {i: v for i, v in r.adjustments.items() if stored.get(("a", pk, i), Value()) != v}
        if scores or extra:
            result[pk] = (scores, extra)
    return result


def _copy(model, column: str, stage: Stage, values: Mapping[int, Mapping[int, Value]], actor, on_behalf: bool) -> int:
    """COPY into a temporary table, then one INSERT … ON CONFLICT; how many cells."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    count = 0
    for pk, items in values.items():
        for item, value in items.items():
            writer.writerow([pk, item, "" if value.points is None else value.points, value.reason])
            count += 1
    if not count:
        return 0
    buffer.seek(0)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS incoming_points"
            " (assessment_id bigint, item_id bigint, points numeric, reason text) ON COMMIT DELETE ROWS"
        )
        cursor.execute("TRUNCATE incoming_points")
        cursor.copy_expert(
            "COPY incoming_points FROM STDIN WITH (FORMAT csv, FORCE_NULL (points), FORCE_NOT_NULL (reason))", buffer
        )
        cursor.execute(
            f"INSERT INTO {table} (assessment_id, {column}, stage, points, reason, typed_by, typed_by_name, typed_at, on_behalf)"  # noqa: S608
            " SELECT assessment_id, item_id, %s, points, reason, %s, %s, %s, %s FROM incoming_points"
            f" ON CONFLICT (assessment_id, {column}, stage) DO UPDATE SET points = excluded.points,"
            " reason = excluded.reason, note = '', typed_by = excluded.typed_by, typed_by_name = excluded.typed_by_name,"
            " typed_at = excluded.typed_at, on_behalf = excluded.on_behalf",
            [stage, getattr(actor, "pk", None), str(actor)[:200], timezone.now(), on_behalf],
        )
    return count


def _said(change: tuple[dict[int, Value], dict[int, Value]]) -> dict:
    """The change as the trail keeps it: ``{"criteria": {id: text}, "adjustments": {id: text}}``."""
    return {
        "criteria": {str(i): str(v) for i, v in change[0].items()},
        "adjustments": {str(i): str(v) for i, v in change[1].items()},
    }
