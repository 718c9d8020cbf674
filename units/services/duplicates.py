"""Saying that two units which seemed to be one are two. That they are one is said by folding (``services.changes``)."""

from __future__ import annotations

from django.db import transaction

from movement.audit.services import Act, record
from movement.core.problems import Problem, Refused

from ..models import DuplicateVerdict, Unit
from ..selectors import names_of


@transaction.atomic
def duplicate_dismiss(*, one: Unit, other: Unit, reason: str, actor) -> DuplicateVerdict:
    """Keep a pair out of the list of likely duplicates. Said twice, the first holds.

    The caller asks ``units.duplicates``.

    Raises:
        Refused: ``reason_missing``; ``same_unit``.
    """
    if not reason.strip():
        raise Refused(Problem("reason_missing", "Phải ghi lý do hai đơn vị không trùng.", column="reason"))
    if one.pk == other.pk:
        raise Refused(Problem("same_unit", "Một đơn vị không trùng với chính mình."))
    first, second = sorted((one, other), key=lambda unit: unit.pk)
    verdict, made = DuplicateVerdict.objects.get_or_create(
        first=first,
        second=second,
        defaults={
            "reason": reason.strip()[:300],
            "by_id": getattr(actor, "pk", None),
            "by_name": str(getattr(actor, "name", "") or actor)[:200],
        },
    )
    if made:
        _told(actor, verdict, "Xác nhận không trùng", reason.strip())
    return verdict


@transaction.atomic
def duplicate_recall(*, verdict: DuplicateVerdict, actor, reason: str = "") -> None:
    """Let a pair be asked about again."""
    _told(actor, verdict, "Bỏ xác nhận không trùng", reason)
    verdict.delete()


def _told(actor, verdict: DuplicateVerdict, what: str, reason: str) -> None:
    names = names_of([verdict.first_id, verdict.second_id])
    sentence = f"{what}: “{names.get(verdict.first_id, '')}” và “{names.get(verdict.second_id, '')}”."
    acts = []
    for unit, other in ((verdict.first, verdict.second), (verdict.second, verdict.first)):
        acts.append(
            Act(
                "unit.not_duplicate",
                sentence,
                "units.unit",
                unit.ulid,
                unit.pk,
                after={"other": other.ulid},
                reason=reason,
            )
        )
    record(actor, *acts)
