"""What one save reads and writes, in as few statements as it can.

200 officers save every few seconds for three weeks, so a save must cost little more than one UPDATE. What it needs is
read at once and what it changes is written at once; the rules stay in ``scoring``.
"""

from __future__ import annotations

import json
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import JSONField
from django.utils import timezone

from .. import engine
from ..enums import STAGES, Stage
from ..models import Assessment, Campaign
from ..selectors import Cell as InForce
from ..selectors import Layout, answers_of, explanation_of, standards_met

# A score and a bonus or penalty look alike here; ``extra`` tells them apart.
_READ = """
SELECT false, criterion_id, stage, points, reason, note, typed_by, typed_by_name
  FROM classification_score WHERE assessment_id = %(assessment)s
 UNION ALL
SELECT true, adjustment_id, stage, points, '', note, typed_by, typed_by_name
  FROM classification_adjustmentscore WHERE assessment_id = %(assessment)s
 UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM classification_savereceipt WHERE edit_id = %(edit)s
"""
_RECEIPT = """
WITH receipt AS (
    INSERT INTO classification_savereceipt (edit_id, assessment_id, saved_at) VALUES (%(edit)s, %(assessment)s, %(now)s)
)
"""
_UPSERT = """
INSERT INTO {table} AS held
       (assessment_id, {column}, stage, points, reason, note, typed_by, typed_by_name, typed_at, on_behalf)
VALUES (%(assessment)s, %(item)s, %(stage)s, %(points)s, %(reason)s, %(note)s, %(by)s, %(by_name)s, %(now)s, false)
    ON CONFLICT (assessment_id, {column}, stage) DO UPDATE
   SET points = excluded.points, reason = excluded.reason, note = excluded.note, typed_by = excluded.typed_by,
       typed_by_name = excluded.typed_by_name, typed_at = excluded.typed_at
"""
_DELETE = "DELETE FROM {table} WHERE assessment_id = %(assessment)s AND {column} = %(item)s AND stage = %(stage)s"
_SCORES = {"table": "classification_score", "column": "criterion_id"}
_EXTRAS = {"table": "classification_adjustmentscore", "column": "adjustment_id"}


@dataclass(frozen=True, slots=True)
class Held:
    """One cell as stored."""

    points: Decimal | None
    reason: str
    note: str
    typed_by: int | None
    typed_by_name: str


@dataclass(slots=True)
class Cells:
    """All cells of one assessment, ``{(extra, item id, stage): Held}``, and whether this edit was written before."""

    held: dict[tuple[bool, int, str], Held]
    repeated: bool

    @property
    def typers(self) -> set[int]:
        """Ids of who typed the self-score."""
        return {cell.typed_by for (_, _, stage), cell in self.held.items() if stage == Stage.SELF and cell.typed_by}

    def at(self, extra: bool, item: int) -> dict[str, Held]:
        """``{stage: Held}`` of one item."""
        return {stage: cell for (x, i, stage), cell in self.held.items() if (x, i) == (extra, item)}

    def in_force(self, layout: Layout) -> tuple[dict[str, InForce], dict[str, InForce]]:
        """``({criterion code: cell}, {adjustment code: cell})``: a stage without points takes those of the one before."""
        codes = {(False, item.pk): item.code for item in layout.leaves}
        codes |= {(True, extra.pk): extra.code for extra in layout.adjustments}
        found: tuple[dict, dict] = {}, {}
        for (extra, item, stage), cell in sorted(self.held.items(), key=lambda pair: STAGES.index(pair[0][2])):
            found[extra][codes[extra, item]] = InForce(cell.points, cell.reason, Stage(stage))
        return found


# ``stands`` as ``ended.standing`` says it: in the tree of the campaign's last day.
_LOCK = """
SELECT {fields}, c.closed_at AS campaign_closed,
       EXISTS (SELECT FROM units_unitversion v
                WHERE v.unit_id = a.unit_id AND v.valid @> make_date(c.year::int, 12, 31)) AS stands
  FROM classification_assessment a JOIN classification_campaign c ON c.id = a.campaign_id
 WHERE a.{column} = %s FOR UPDATE OF a
"""
_FIELDS = [field.attname for field in Assessment._meta.concrete_fields]
_JSON = [field.attname for field in Assessment._meta.concrete_fields if isinstance(field, JSONField)]

# By id. What a campaign may still change (when it closed) is read anew each time.
_CAMPAIGNS: dict[int, Campaign] = {}
_CAMPAIGNS_KEPT = 64


def assessment_lock(*, pk: int | None, ulid: str | None) -> Assessment:
    """The assessment, locked to the end of the transaction, with its campaign and whether its unit ``stands``.

    Raises:
        Assessment.DoesNotExist
    """
    fields = ", ".join(f"a.{name}" for name in _FIELDS)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK.format(fields=fields, column="ulid" if pk is None else "id"), [ulid if pk is None else pk])
        row = cursor.fetchone()
    if row is None:
        raise Assessment.DoesNotExist
    *values, campaign_closed, stands = row
    a = Assessment.from_db(connection.alias, _FIELDS, values)
    for name in _JSON:  # the database hands JSON out as text
        if isinstance(text := getattr(a, name), str):
            setattr(a, name, json.loads(text))
    a.stands, a.campaign = stands, _campaign(a.campaign_id)
    a.campaign.closed_at = campaign_closed
    return a


def _campaign(pk: int) -> Campaign:
    if pk not in _CAMPAIGNS:
        while len(_CAMPAIGNS) >= _CAMPAIGNS_KEPT:
            _CAMPAIGNS.pop(next(iter(_CAMPAIGNS)))
        _CAMPAIGNS[pk] = Campaign.objects.select_related("version__scheme", "scheme").get(pk=pk)
    return copy(_CAMPAIGNS[pk])


def cells_read(assessment: int, edit: UUID) -> Cells:
    """One query. The caller holds the assessment's lock."""
    held, repeated = {}, False
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"assessment": assessment, "edit": edit})
        for extra, item, stage, *cell in cursor.fetchall():
            if extra is None:
                repeated = True
            else:
                held[extra, item, stage] = Held(*cell)
    return Cells(held, repeated)


def cell_write(a: Assessment, *, extra: bool, item: int, stage: Stage, new, edit: UUID, actor) -> None:
    """Store ``new`` (nothing, when it is empty) with the receipt of the edit, in one statement."""
    names = _EXTRAS if extra else _SCORES
    with connection.cursor() as cursor:
        cursor.execute(
            _RECEIPT + (_DELETE if new.empty else _UPSERT).format(**names),
            {
                "assessment": a.pk, "item": item, "stage": str(stage), "points": new.points, "reason": new.reason, "note": new.note,
                "by": getattr(actor, "pk", None), "by_name": str(actor)[:200], "now": timezone.now(), "edit": edit,
            },
        )  # fmt: skip


_RESULT = """
UPDATE classification_assessment
   SET complete = %s, base = %s, points = %s, class_code = %s, explanation = %s, state = %s, on_behalf = %s, changed_at = %s
 WHERE id = %s
"""


def result_write(a: Assessment) -> None:
    """Store the result, the state and the mark that ``a`` bears now."""
    a.changed_at = timezone.now()
    explanation = json.dumps(a.explanation, ensure_ascii=False)
    values = [a.complete, a.base, a.points, a.class_code, explanation, str(a.state), a.on_behalf, a.changed_at, a.pk]
    with connection.cursor() as cursor:
        cursor.execute(_RESULT, values)


def result_set(a: Assessment, cells: Cells, layout: Layout) -> None:
    """Put the result of ``cells`` on ``a``; ``result_write`` stores it. No query unless a band asks for a standard."""
    standards = standards_met(a.campaign, [a.unit_id], layout.rules).get(a.unit_id, {})
    result = engine.class_of(layout.rules, answers_of(*cells.in_force(layout), standards))
    a.complete, a.base, a.points = result.complete, result.base, result.points
    a.class_code = result.class_code or ""
    a.explanation = explanation_of(result)
