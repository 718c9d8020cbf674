"""What a change of the register of units touches among the commendations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from units.models import RegisterChange
from units.selectors import Effect

from .enums import RoundState
from .models import Award, Nomination, Round

_SHOWN = 10


def awards_touched(unit_ids: set[int], on: date) -> Iterable[Effect]:
    """Nominations in open rounds, by the unit's name and never a person's, and open rounds that a unit holds."""
    open_ones = Nomination.objects.filter(unit__in=unit_ids, round__state=RoundState.OPEN)
    said = list(open_ones.order_by("unit_name").values_list("unit_name", flat=True).distinct()[:_SHOWN])
    yield Effect(_("Đề nghị khen thưởng đang chờ"), open_ones.count(), said)
    rounds = Round.objects.filter(authority__in=unit_ids, state=RoundState.OPEN)
    yield Effect(_("Đợt khen thưởng đang mở"), rounds.count(), list(rounds.values_list("title", flat=True)[:_SHOWN]))


def awards_built_on(change: RegisterChange, unit_ids: set[int]) -> Iterable[str]:
    """Nominations and register entries that name units which the change created."""
    created = change.created_ids
    count = Nomination.objects.filter(unit__in=created).count() + Award.objects.filter(unit__in=created).count()
    if count:
        yield f"Đơn vị được tạo ra đã được ghi tên trong {count} đề nghị hoặc quyết định khen thưởng."
