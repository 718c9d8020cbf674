"""Rounds of commendation: opened, settled, closed. Their nominations are in ``nominations``."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from movement.accounts.access import can
from movement.accounts.models import User
from movement.audit.services import Act, record
from movement.core.dates import format_date, last_day_to_upper, today
from movement.core.problems import Problem, Refused
from movement.core.text import nfc
from units.enums import Kind
from units.models import Unit
from units.selectors import last_version, version_on

from ..enums import Outcome, RoundState
from ..models import Round
from ..selectors.checks import period_problem
from .refusing import as_range, refusing, who


def ask(actor, action: str, ring: Round) -> None:
    if isinstance(actor, User) and not (right := can(actor, action, ring)):
        raise Refused(Problem("not_allowed", right.sentence))


def round_draft(*, authority: Unit, title: str, first_day: date, last_day: date) -> Round:
    """An unsaved round, as the rules of access need it; names are those of the period's last day.

    Raises:
        Refused: ``unknown_unit``, ``authority_kind``, ``period_ahead``.
    """
    if sentence := period_problem(first_day, last_day):
        raise Refused(Problem("period_ahead", sentence, column="last_day", value=format_date(last_day)))
    version = version_on(authority, min(last_day, today())) or last_version(authority)
    if version is None or version.province_id is None:
        raise Refused(Problem("unknown_unit", "Không tìm thấy cấp tổ chức đợt khen thưởng."))
    if version.kind not in (Kind.PROVINCE, Kind.COMMUNE):
        raise Refused(Problem("authority_kind", "Đợt khen thưởng do cấp tỉnh hoặc cấp xã tổ chức.", column="authority"))
    return Round(
        title=" ".join(nfc(title).split()),
        authority=authority,
        authority_kind=version.kind,
        authority_name=version.name,
        province_id=version.province_id,
        place_ids=[int(part) for part in version.path.strip("/").split("/")],
        period=as_range(first_day, last_day_to_upper(last_day)),
    )


@transaction.atomic
def round_create(*, authority: Unit, title: str, first_day: date, last_day: date, actor) -> Round:
    """Open a round of one province or commune.

    Raises:
        Refused: as ``round_draft``; ``not_allowed``; the constraints of ``Round`` by their names.
    """
    ring = round_draft(authority=authority, title=title, first_day=first_day, last_day=last_day)
    for name, value in who(actor).items():
        setattr(ring, name, value)
    ask(actor, "awards.round", ring)
    with refusing():
        ring.save()
    ring.refresh_from_db()
    record(
        actor,
        Act(
            "award.round_open",
            f"Mở đợt khen thưởng “{ring.title}” của {ring.authority_name}.",
            "awards.round",
            ring.ulid,
            ring.authority_id,
            after={"first_day": f"{first_day}", "last_day": f"{last_day}"},
        ),
    )
    return ring


@transaction.atomic
def round_close(*, round_id: int, actor, reason: str = "") -> int:
    """End a round for good; those still waiting are not commended, for ``reason``. How many those were.

    Raises:
        Refused: ``not_allowed``, ``round_not_open``, ``reason_missing``.
    """
    ring = Round.objects.select_for_update().get(pk=round_id)
    ask(actor, "awards.round", ring)
    if ring.state == RoundState.CLOSED:
        raise Refused(Problem("round_not_open", "Đợt khen thưởng này đã kết thúc."))
    waiting = list(ring.nominations.select_for_update().filter(outcome=Outcome.PENDING))
    reason = nfc(reason).strip()
    if waiting and not reason:
        sentence = f"Còn {len(waiting)} đề nghị chờ quyết định: hãy ghi lý do không khen thưởng."
        raise Refused(Problem("reason_missing", sentence, column="reason"))
    ring.nominations.filter(pk__in=[row.pk for row in waiting]).update(outcome=Outcome.REFUSED, outcome_reason=reason)
    ring.state, ring.closed_at = RoundState.CLOSED, timezone.now()
    ring.save(update_fields=["state", "closed_at"])
    record(
        actor,
        Act(
            "award.round_close",
            f"Kết thúc đợt khen thưởng “{ring.title}”; {len(waiting)} đề nghị không khen thưởng.",
            "awards.round",
            ring.ulid,
            ring.authority_id,
            after={"refused": [row.ulid for row in waiting]},
            reason=reason,
        ),
    )
    return len(waiting)


def round_settle(ring: Round) -> None:
    """``decided`` as soon as every nomination has its outcome and some are commended; the caller holds the lock."""
    outcomes = set(ring.nominations.values_list("outcome", flat=True))
    done = Outcome.AWARDED in outcomes and Outcome.PENDING not in outcomes
    state = RoundState.DECIDED if done else RoundState.OPEN
    if ring.state not in (RoundState.CLOSED, state):
        ring.state = state
        ring.save(update_fields=["state"])
