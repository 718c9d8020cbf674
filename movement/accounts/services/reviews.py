"""The half-yearly review: each account and its rights, signed off by who administers them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from movement.audit.services import Act, record

from ..enums import Verdict
from ..models import AccountReview, User
from .accounts import account_close, place_of


@transaction.atomic
def account_review(user: User, *, verdict: str, rights: Sequence[str], actor: User, note: str = "") -> AccountReview:
    """Sign off an account with ``rights``, the sentences that were looked at. ``ended`` closes an open account."""
    if verdict == Verdict.ENDED and user.is_active:
        account_close(user, actor=actor, reason=note or "Kết thúc khi rà soát.")
    row = AccountReview.objects.create(
        user=user, verdict=verdict, note=note[:300], rights=list(rights), reviewed_by=actor, reviewed_by_name=str(actor)
    )
    sentence = f"Rà soát tài khoản {user.username} ({user}): {Verdict(verdict).label}."
    record(
        actor,
        Act(
            "account.review",
            sentence,
            "accounts.user",
            user.ulid,
            place_of(user),
            after={"rights": list(rights)},
            reason=note,
        ),
    )
    return row
