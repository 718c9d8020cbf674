"""What a change of the register of units touches among practice models and exemplars."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from units.models import RegisterChange
from units.selectors import Effect

from .models import Exemplar, Point

_SHOWN = 10


def exemplars_touched(unit_ids: set[int], on: date) -> Iterable[Effect]:
    """Points of models that work on that day or later, and exemplars chosen for its year or later."""
    points = Point.objects.filter(unit__in=unit_ids, valid__overlap=(on, None))
    said = list(points.order_by("name_sort", "pk").values_list("name", flat=True)[:_SHOWN])
    yield Effect(_("Điểm mô hình tại các đơn vị này"), points.count(), said)
    chosen = Exemplar.objects.filter(unit__in=unit_ids, year__gte=on.year)
    said = [f"{name} ({year})" for name, year in chosen.values_list("unit_name", "year")[:_SHOWN]]
    yield Effect(_("Điển hình đã chọn, giữ nguyên"), chosen.count(), said)


def exemplars_built_on(change: RegisterChange, unit_ids: set[int]) -> Iterable[str]:
    """Points and exemplars at units that the change created."""
    if count := Point.objects.filter(unit__in=change.created_ids).count():
        yield f"Đơn vị được tạo ra đã có {count} điểm mô hình."
    if count := Exemplar.objects.filter(unit__in=change.created_ids).count():
        yield f"Đơn vị được tạo ra đã được chọn xây dựng điển hình {count} lần."
