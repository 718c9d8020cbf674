"""Summaries with the names a page shows, and their figures as it groups them."""

import re

from django.db.models import DateField, Func, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.utils.translation import gettext_lazy as _

from units.enums import KIND_NAMES, Kind
from units.models import UnitVersion

from .models import Report, ReportFile

# The letter that a figure's code begins with is that of its section (reports.services.composing).
FIGURE_GROUPS = {
    "A": _("Tình hình"),
    "B": _("Phân loại phong trào"),
    "C": _("Công nhận đạt tiêu chuẩn"),
    "D": _("So sánh với năm trước"),
    "E": _("Đơn vị đủ điều kiện xây dựng điển hình"),
}


class MakeDate(Func):
    function = "make_date"
    output_field = DateField()


def named(reports: QuerySet[Report]) -> QuerySet[Report]:
    """``reports`` with ``province_name`` as it was at the end of the year reported on, and their files."""
    last_day = MakeDate(OuterRef("year"), Value(12), Value(31))
    then = UnitVersion.objects.filter(unit=OuterRef("province"), valid__contains=last_day)
    files = Prefetch("files", ReportFile.objects.select_related("stored").order_by("format"))
    return reports.annotate(province_name=Subquery(then.values("name")[:1])).prefetch_related(files)


def figure_label(figure: dict) -> str:
    """The figure's label; where it counts some kinds alone and does not say so, with their names."""
    kinds = figure["where"].get("kind") or []
    names = [str(KIND_NAMES[Kind(kind)]) for kind in kinds]
    label = figure["label"]
    if not names or any(name.split()[0].lower() in label.lower() for name in names):
        return label
    return f"{label} · {', '.join(names)}"


def figure_groups(figures: dict[str, dict]) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """``[(section, [(code, label, value)])]`` in the order of the codes; ``figures`` as the snapshot keeps them."""
    found: dict[str, list] = {}
    for code in sorted(figures, key=_order):
        found.setdefault(code[:1], []).append((code, figure_label(figures[code]), figures[code]["value"]))
    return [(str(FIGURE_GROUPS.get(letter, letter)), lines) for letter, lines in found.items()]


def _order(code: str) -> tuple[str, int]:
    letter, number = re.fullmatch(r"([A-Z]+)([0-9]+)", code).groups()
    return letter, int(number)
