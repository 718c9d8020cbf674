"""Walking units through the steps of the year, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from movement.accounts.access import can
from movement.audit.services import Act, record_many
from movement.core.problems import Problem, Refused

from ..ended import CLOSED, ended_sentence, standing
from ..enums import NEXT, ORDER, State
from ..models import Assessment, Campaign, Return
from ..rules import ACTION_TO
from ..selectors import late_units, typers


@transaction.atomic
def assessments_advance(
    *, campaign: Campaign, ids: Iterable[int], to: State, actor, reason: str = ""
) -> list[Assessment]:
    """Walk each unit from where it stands to ``to``, one step after the other.

    Each step asks ``can`` for its own act, so that one person may not both type and check. Units
    that have reached ``to`` already stay as they are. Publication is not a step of this walk: it
    needs a decision (``publishing``).

    Raises:
        Refused: ``not_allowed``, ``incomplete``, ``unit_ended``, ``wrong_step`` for each unit; nothing is written.
    """
    if to == State.PUBLISHED:
        raise Refused(Problem("needs_decision", "Công bố kết quả phải có số, ngày và người ký quyết định.", value=to))
    if to == State.REGISTERED:
        raise Refused(Problem("wrong_step", "Muốn đưa hồ sơ về bước trước thì phải trả lại kèm lý do.", value=to))
    if not campaign.is_open:
        raise Refused(Problem("campaign_closed", "Kỳ đánh giá này đã đóng.", value=str(campaign)))
    rows = list(
        Assessment.objects.select_for_update(of=("self",))
        .filter(campaign=campaign, pk__in=list(ids))
        .annotate(stands=standing(campaign.tree_on))
        .order_by("pk")
    )
    known = typers([a.pk for a in rows])
    late = late_units(campaign, rows)
    problems: list[Problem] = []
    acts: list[Act] = []
    moved: list[Assessment] = []
    for a in rows:
        a.campaign, a.typers = campaign, known.get(a.pk, set())
        before = State(a.state)
        if ORDER.index(before) >= ORDER.index(to):
            if before == State.PUBLISHED and to != before:
                problems.append(Problem("wrong_step", "Kết quả đã công bố.", value=a.unit_code or a.unit_name))
            continue
        if a.closed_at or not a.stands:
            sentence = CLOSED if a.closed_at else ended_sentence(a)
            problems.append(Problem("unit_ended", sentence, value=a.unit_code or a.unit_name))
            continue
        if problem := _walk(a, to, actor, late=a.pk in late):
            problems.append(problem)
            continue
        moved.append(a)
        acts.append(
            Act(
                f"assessment.{to}", f"{a.unit_name}: từ “{before.label}” sang “{to.label}”.",
                "classification.assessment", a.ulid, a.unit_id, before={"state": before}, after={"state": to}, reason=reason,
            )
        )  # fmt: skip
    if problems:
        raise Refused(problems)
    Assessment.objects.filter(pk__in=[a.pk for a in moved]).update(state=to, state_at=timezone.now(), return_reason="")
    Return.objects.filter(assessment__in=moved, answered_at__isnull=True).update(answered_at=timezone.now())
    record_many(actor, acts)
    return moved


def _walk(a: Assessment, to: State, actor, *, late: bool) -> Problem | None:
    name = a.unit_code or a.unit_name
    state = State(a.state)
    while state != to:
        state = NEXT[state]
        if state not in (State.SELF_SCORED,) and not a.complete:
            missing = ", ".join(a.explanation.get("missing", [])) or "tất cả"
            return Problem(
                "incomplete", f"Chưa chấm đủ tiêu chí (còn thiếu: {missing}) nên chưa chuyển bước được.", value=name
            )
        if state == State.SUBMITTED and late:
            return Problem("deadline_passed", "Đã hết hạn gửi hồ sơ; hãy đề nghị gia hạn.", value=name)
        if not (right := can(actor, ACTION_TO[state], a)):
            return Problem("not_allowed", f"Không được chuyển sang bước “{state.label}”: {right.sentence}", value=name)
    a.state = to
    return None
