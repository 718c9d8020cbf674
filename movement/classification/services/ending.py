"""The year of a unit that has ended: handed over to its main successor, or closed with a reason."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from movement.accounts.access import can
from movement.audit.services import Act, record
from movement.core.problems import Problem, Refused

from ..ended import ended_among, unregistered_predecessors
from ..enums import Stage, State
from ..models import AdjustmentScore, Assessment, Campaign, Score
from .campaigns import units_register
from .results import results_refresh


def _open(assessment_id: int, actor) -> Assessment:
    """The locked assessment of a unit that has ended, if the actor may settle it."""
    a = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("campaign__version__scheme", "campaign__scheme")
        .get(pk=assessment_id)
    )
    if not (right := can(actor, "classification.end", a)):
        raise Refused(Problem("not_allowed", right.sentence, value=a.unit_name))
    if a.closed_at or a.state == State.PUBLISHED or not a.campaign.is_open:
        raise Refused(Problem("not_open", "Hồ sơ này không còn mở.", value=a.unit_name))
    return a


@transaction.atomic
def assessment_hand_over(*, assessment_id: int, actor, reason: str = "") -> Assessment:
    """Hand the open assessment of an ended unit to the main successor's, to which it stays attached.

    The successor is registered where it is not yet: inherited when all its predecessors had registered,
    otherwise with a ``reason``. Its self-score begins with the one handed over while it has none of its own.

    Raises:
        Refused: ``not_allowed``, ``not_open``, ``standing``, ``no_successor``, ``out_of_scope``, ``reason_missing``.
    """
    a = _open(assessment_id, actor)
    ended = ended_among(Assessment.objects.filter(pk=a.pk))
    if not ended:
        raise Refused(Problem("standing", "Đơn vị này chưa kết thúc.", value=a.unit_name))
    version = ended[0].heir
    if version is None:
        sentence = "Chưa ghi đơn vị kế thừa chính; hãy ghi quan hệ kế thừa, hoặc kết thúc hồ sơ kèm lý do."
        raise Refused(Problem("no_successor", sentence, value=a.unit_name))
    heir = _heir(a.campaign, version.unit_id, reason)
    heir.campaign = a.campaign
    carried = _carry(a, heir)
    a.heir, a.closed_at = heir, timezone.now()
    a.closed_reason = (reason.strip() or f"Đơn vị kế thừa chính: {heir.unit_name}.")[:500]
    a.save(update_fields=["heir", "closed_at", "closed_reason", "changed_at"])
    said = " Điểm tự chấm được chuyển theo." if carried else ""
    record(
        actor,
        Act(
            "assessment.hand_over", f"{a.unit_name}: chuyển hồ sơ sang {heir.unit_name}.{said}",
            "classification.assessment", a.ulid, a.unit_id, after={"heir": heir.ulid}, reason=reason.strip(),
        ),
        Act(
            "assessment.inherit", f"{heir.unit_name}: nhận hồ sơ của {a.unit_name}.{said}",
            "classification.assessment", heir.ulid, heir.unit_id, after={"from": a.ulid}, reason=reason.strip(),
        ),
    )  # fmt: skip
    return heir


def _heir(campaign: Campaign, unit: int, reason: str) -> Assessment:
    rows = Assessment.objects.select_for_update(of=("self",)).filter(campaign=campaign, unit=unit)
    if found := rows.first():
        return found
    missing = unregistered_predecessors(campaign, unit, campaign.version.unit_kinds)
    if missing and not reason.strip():
        sentence = f"Trước khi nhập, {', '.join(missing[:5])} chưa đăng ký; đăng ký đơn vị kế thừa phải ghi lý do."
        raise Refused(Problem("reason_missing", sentence))
    units_register(campaign, units=[unit])
    found = rows.first()
    if found is None:
        raise Refused(Problem("out_of_scope", "Đơn vị kế thừa không thuộc diện của bộ tiêu chí này."))
    return found


def _carry(a: Assessment, heir: Assessment) -> int:
    """Copy the self-score of ``a`` to a successor without points of its own; how many cells."""
    if heir.state != State.REGISTERED or heir.scores.exists() or heir.adjustment_scores.exists():
        return 0
    count = 0
    for model in (Score, AdjustmentScore):
        rows = list(model.objects.filter(assessment=a, stage=Stage.SELF))
        for row in rows:
            row.pk, row.assessment = None, heir
            row._state.adding = True
        count += len(model.objects.bulk_create(rows))
    if count:
        results_refresh(heir.campaign, [heir])
        heir.on_behalf = a.on_behalf
        heir.state = State.SELF_SCORED if heir.complete else State.REGISTERED
        heir.save(update_fields=["on_behalf", "state", "changed_at"])
    return count


@transaction.atomic
def assessment_close(*, assessment_id: int, actor, reason: str) -> None:
    """Close the assessment of an ended unit without a successor's; it stays readable.

    Raises:
        Refused: ``not_allowed``, ``not_open``, ``standing``, ``reason_missing``.
    """
    a = _open(assessment_id, actor)
    if not reason.strip():
        raise Refused(Problem("reason_missing", "Kết thúc hồ sơ phải ghi lý do.", column="reason"))
    if not ended_among(Assessment.objects.filter(pk=a.pk)):
        raise Refused(Problem("standing", "Đơn vị này chưa kết thúc.", value=a.unit_name))
    a.closed_at, a.closed_reason = timezone.now(), reason.strip()[:500]
    a.save(update_fields=["closed_at", "closed_reason", "changed_at"])
    record(
        actor,
        Act(
            "assessment.close", f"{a.unit_name}: kết thúc hồ sơ cùng với đơn vị.",
            "classification.assessment", a.ulid, a.unit_id, reason=reason.strip(),
        ),
    )  # fmt: skip
