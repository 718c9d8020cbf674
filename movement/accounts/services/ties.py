"""What somebody declares of themselves: units on which they decide nothing."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from movement.audit.services import Act, record
from movement.core.dates import format_date, today
from movement.core.problems import Problem, Refused, constraint_problem
from units.models import UnitVersion

from ..enums import TieKind
from ..models import Tie, User


def tie_declare(
    *, user: User, version: UnitVersion, kind: str, start: date | None = None, end: date | None = None, note: str = ""
) -> Tie:
    """Declare a tie with a unit from ``start`` (today) to before ``end``.

    Raises:
        Refused: ``bad_dates``, ``accounts_tie_no_overlap``.
    """
    start = start or today()
    if end is not None and end <= start:
        raise Refused(Problem("bad_dates", "Ngày kết thúc phải từ ngày bắt đầu trở đi."))
    try:
        with transaction.atomic():
            row = Tie.objects.create(user=user, unit_id=version.unit_id, kind=kind, note=note[:200], valid=(start, end))
            sentence = f"Khai “{TieKind(kind).label}”: {version.name}, từ {format_date(start)}."
            record(user, Act("account.tie_declare", sentence, "accounts.user", user.ulid, version.unit_id, reason=note))
    except IntegrityError as error:
        if (problem := constraint_problem(error)) is None:
            raise
        raise Refused(problem) from error
    return row


@transaction.atomic
def tie_end(tie: Tie, *, actor) -> None:
    """End a tie from today on; one that began today is cancelled. What has ended is left."""
    row = Tie.objects.select_for_update().get(pk=tie.pk)
    if row.cancelled_at or (row.valid.upper is not None and row.valid.upper <= today()):
        return
    if row.valid.lower >= today():
        row.cancelled_at = timezone.now()
    else:
        row.valid = (row.valid.lower, today())
    row.save(update_fields=["valid", "cancelled_at"])
    record(
        actor,
        Act("account.tie_end", "Kết thúc khai báo quan hệ với đơn vị.", "accounts.user", row.user.ulid, row.unit_id),
    )
