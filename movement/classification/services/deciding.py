"""What an authority decided, written down from the signed minutes; the scan of its decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from movement.accounts.access import can
from movement.audit.services import Act, record
from movement.core.dates import format_date
from movement.core.models import Decision, StoredFile
from movement.core.problems import Problem, Refused
from units.models import Unit

from ..enums import State
from ..models import Assessment, Campaign, Minutes
from .dossier import minutes_add
from .steps import assessments_advance


@transaction.atomic
def list_decide(
    *, campaign: Campaign, authority: Unit, ids: Iterable[int], number: str, dated_on: date, file: StoredFile, actor
) -> Minutes:
    """Record that ``authority`` decided on these appraised units, from its signed minutes. All or none.

    Returns the first unit's minutes.

    Raises:
        Refused: ``nothing_chosen``, ``bad_date``, ``number_missing``, ``other_authority``, ``not_appraised``,
            ``not_allowed``.
    """
    rows = list(
        Assessment.objects.select_for_update(of=("self",)).filter(campaign=campaign, pk__in=list(ids)).order_by("pk")
    )
    problems = [] if rows else [Problem("nothing_chosen", "Chưa chọn đơn vị nào.")]
    if dated_on > timezone.localdate():
        problems.append(
            Problem("bad_date", "Ngày họp không được ở tương lai.", column="dated_on", value=format_date(dated_on))
        )
    if not number.strip():
        problems.append(Problem("number_missing", "Hãy ghi số biên bản.", column="number"))
    for a in rows:
        name = a.unit_name
        if a.authority_id != authority.pk:
            problems.append(Problem("other_authority", "Đơn vị này do cơ quan khác xét duyệt.", value=name))
        elif a.closed_at or a.state != State.APPRAISED:
            sentence = f"Đơn vị đang ở bước “{a.get_state_display()}” nên không ghi xét duyệt được."
            problems.append(Problem("not_appraised", sentence, value=name))
    if problems:
        raise Refused(problems)
    pks = [a.pk for a in rows]
    assessments_advance(campaign=campaign, ids=pks, to=State.DECIDED, actor=actor, reason=f"Biên bản số {number}")
    minutes_add(assessment_ids=pks, file=file, subject="decision", number=number, dated_on=dated_on, actor=actor)
    return Minutes.objects.filter(assessment=pks[0], file=file, subject="decision").get()


@transaction.atomic
def decision_attach(*, decision: Decision, sample: Assessment, file: StoredFile, actor) -> None:
    """Attach the scan of a signed decision that was recorded without one; ``sample`` is one of its units.

    Raises:
        Refused: ``not_allowed``, ``attached``.
    """
    if not (right := can(actor, "classification.publish", sample)):
        raise Refused(Problem("not_allowed", right.sentence))
    if not Decision.objects.filter(pk=decision.pk, document=None).update(document=file):
        raise Refused(Problem("attached", "Quyết định này đã có bản quét.", value=decision.number))
    record(
        actor,
        Act(
            "decision.attach", f"Đính kèm bản quét Quyết định số {decision}.", "core.decision", decision.ulid,
            decision.authority_unit_id, after={"sha256": file.sha256},
        ),
    )  # fmt: skip
