"""Revoking an award: the entry stays as it is, a row beside it takes it out of every total."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from movement.accounts.access import can
from movement.accounts.models import User
from movement.audit.services import Act, record
from movement.core.dates import format_date, today
from movement.core.problems import Problem, Refused
from movement.core.text import nfc

from ..enums import Ground
from ..models import Award, Revocation


@transaction.atomic
def award_revoke(
    *,
    award: Award,
    ground: str,
    by_decision: str,
    revoked_on: date,
    actor,
    reason: str = "",
    object_returned_on: date | None = None,
    money_returned: Decimal | None = None,
) -> Revocation:
    """Record that a decision cancelled ``award`` (Law 06/2022/QH15, Chapter VII, grounds a to d).

    Of two who revoke at once, one gets ``already_revoked``.

    Raises:
        Refused: ``not_allowed``, ``already_revoked``, ``unknown_ground``, ``decision_missing``, ``date_ahead``,
            ``before_award``, ``returned_before``.
    """
    by_decision = nfc(by_decision).strip()
    problems = []
    if isinstance(actor, User) and not (right := can(actor, "awards.revoke", award)):
        problems.append(Problem("not_allowed", right.sentence))
    if ground not in Ground.values:
        problems.append(
            Problem("unknown_ground", "Căn cứ hủy bỏ phải là a, b, c hoặc d.", column="ground", value=ground)
        )
    if not by_decision:
        problems.append(Problem("decision_missing", "Thiếu số quyết định hủy bỏ.", column="by_decision"))
    if revoked_on > today():
        problems.append(
            Problem("date_ahead", "Ngày quyết định hủy bỏ ở tương lai.", column="revoked_on", value=revoked_on)
        )
    if revoked_on < award.decided_on:
        sentence = f"Ngày hủy bỏ ở trước ngày quyết định khen thưởng ({format_date(award.decided_on)})."
        problems.append(Problem("before_award", sentence, column="revoked_on", value=revoked_on))
    if object_returned_on and not revoked_on <= object_returned_on <= today():
        sentence = "Ngày thu hồi hiện vật phải từ ngày hủy bỏ đến hôm nay."
        problems.append(Problem("returned_before", sentence, column="object_returned_on", value=object_returned_on))
    if Revocation.objects.filter(award=award).exists():
        problems.append(_already())
    if problems:
        raise Refused(problems)
    try:
        with transaction.atomic():
            row = Revocation.objects.create(
                award=award,
                ground=ground,
                by_decision=by_decision,
                revoked_on=revoked_on,
                reason=nfc(reason).strip(),
                object_returned_on=object_returned_on,
                money_returned=money_returned,
                recorded_by_id=getattr(actor, "pk", None),
                recorded_by_name=str(getattr(actor, "name", "") or actor)[:200],
            )
    except IntegrityError as error:  # somebody was faster
        raise Refused(_already()) from error
    record(
        actor,
        Act(
            "award.revoke",
            f"Hủy bỏ {award.form_name} theo Quyết định số {award.decision}; quyết định hủy bỏ số {by_decision} "
            f"ngày {format_date(revoked_on)}, căn cứ {ground}.",
            "awards.award",
            award.ulid,
            award.unit_id or award.province_id,
            after={"ground": ground, "by_decision": by_decision, "revoked_on": f"{revoked_on}"},
            reason=row.reason,
        ),
    )
    return row


def _already() -> Problem:
    return Problem("already_revoked", "Khen thưởng này đã bị hủy bỏ.")


@transaction.atomic
def revocation_recovered(
    *, revocation: Revocation, actor, object_returned_on: date | None, money_returned: Decimal | None
) -> Revocation:
    """Fill in what came back after the revocation; what was known before may be corrected.

    Raises:
        Refused: ``not_allowed``, ``returned_before``.
    """
    award = revocation.award
    if isinstance(actor, User) and not (right := can(actor, "awards.revoke", award)):
        raise Refused(Problem("not_allowed", right.sentence))
    if object_returned_on and not revocation.revoked_on <= object_returned_on <= today():
        sentence = "Ngày thu hồi hiện vật phải từ ngày hủy bỏ đến hôm nay."
        raise Refused(Problem("returned_before", sentence, column="object_returned_on", value=object_returned_on))
    before = {"object_returned_on": _said(revocation.object_returned_on), "money": _said(revocation.money_returned)}
    revocation.object_returned_on, revocation.money_returned = object_returned_on, money_returned
    revocation.save(update_fields=["object_returned_on", "money_returned"])
    record(
        actor,
        Act(
            "award.recover",
            f"Ghi việc thu hồi hiện vật, tiền thưởng của {award.form_name} theo Quyết định số {award.decision}.",
            "awards.award",
            award.ulid,
            award.unit_id or award.province_id,
            before=before,
            after={"object_returned_on": _said(object_returned_on), "money": _said(money_returned)},
        ),
    )
    return revocation


def _said(value) -> str | None:
    return None if value is None else str(value)
