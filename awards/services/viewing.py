"""Who looked at the names of people commended: each view and export of such a list is written down."""

from __future__ import annotations

from django.db import transaction

from movement.accounts.access import assignments_now
from movement.audit.services import Act, record


@transaction.atomic
def persons_viewed(*, actor, where: str, count: int, action: str = "award.persons_view", object_id: str = "") -> None:
    """``where`` completes "Xem tên … ở …"; no name and nothing that was searched for is kept."""
    held = [a.unit_id for a in assignments_now(actor) if a.unit_id]
    verb = "Tải về" if action.endswith("export") else "Xem"
    record(
        actor,
        Act(
            action,
            f"{verb} tên {count} cá nhân, hộ gia đình được khen thưởng hoặc đề nghị: {where}.",
            "awards.persons",
            object_id,
            held[0] if held else None,
        ),
    )
