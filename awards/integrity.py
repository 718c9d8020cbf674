"""What ``check_integrity`` asks of the register of commendations."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q

from movement.core.dates import format_date

from .models import Award, Nomination, Revocation


def register_problems() -> Iterator[str]:
    """A sentence for each entry that does not agree with its decision, its place or its nomination."""
    for award in Award.objects.exclude(decided_on=F("decision__decided_on")).select_related("decision").iterator():
        yield (
            f"Khen thưởng {award.ulid} ghi ngày {format_date(award.decided_on)}, khác ngày của Quyết định số "
            f"{award.decision}."
        )
    outside = Award.objects.filter(~Q(place_ids__contains=[F("province_id")]))
    for award in outside.iterator():
        yield f"Khen thưởng {award.ulid} không nằm trong tỉnh đã ghi."
    for row in Revocation.objects.filter(revoked_on__lt=F("award__decided_on")).select_related("award").iterator():
        yield f"Khen thưởng {row.award.ulid} bị hủy bỏ trước ngày quyết định khen thưởng."
    wrong = Nomination.objects.filter(award__isnull=False).exclude(award__round=F("round"))
    for nomination in wrong.iterator():
        yield f"Đề nghị {nomination.ulid} nối với khen thưởng của một đợt khác."
