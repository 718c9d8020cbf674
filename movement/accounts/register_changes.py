"""What a change of the register of units touches among the assignments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from units.models import RegisterChange
from units.selectors import Effect, names_of

from .enums import Role
from .models import Assignment

_SHOWN = 10


def accounts_touched(unit_ids: set[int], on: date) -> Iterable[Effect]:
    """Open accounts whose assignment on one of the units holds on that day or later; by role and place, not by person."""
    rows = Assignment.objects.filter(unit__in=unit_ids, user__is_active=True, valid__overlap=(on, None))
    found = list(rows.order_by("role", "pk").values_list("role", "unit_id", "user_id"))
    names = names_of(unit for __, unit, __ in found[:_SHOWN])
    said = [f"{Role(role).label}, {names[unit]}" for role, unit, __ in found[:_SHOWN]]
    yield Effect(_("Tài khoản được giao các đơn vị này"), len({user for *__, user in found}), said)


def accounts_built_on(change: RegisterChange, unit_ids: set[int]) -> Iterable[str]:
    """Assignments on units that the change created."""
    count = Assignment.objects.filter(unit__in=change.created_ids).count()
    if count:
        yield f"Đã có {count} phân công tài khoản ở đơn vị được tạo ra."
