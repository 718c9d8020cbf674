"""Summaries with the names a page shows, and their figures as it groups them."""

import re
from collections.abc import Sequence

from django.db.models import DateField, Func, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.utils.translation import gettext_lazy as _

from movement.exemplars.enums import Life
from units.enums import KIND_NAMES, Kind
from units.models import UnitVersion

from .enums import FileKind, Listing
from .models import Report, ReportFile

# The letter that a figure's code begins with is that of its section (reports.services.composing).
FIGURE_GROUPS = {
    "A": _("Tình hình"),
    "B": _("Phân loại phong trào"),
    "C": _("Công nhận đạt tiêu chuẩn"),
    "D": _("So sánh với năm trước"),
    "E": _("Mô hình và điểm mô hình"),
    "F": _("Điển hình"),
    "G": _("Khen thưởng"),
}


class MakeDate(Func):
    function = "make_date"
    output_field = DateField()


def named(reports: QuerySet[Report]) -> QuerySet[Report]:
    """``reports`` with ``province_name`` as it was at the end of the year reported on, and ``main_files``.

    The annex of persons is not among them: not everybody who reads a summary may have it (``reports.persons``).
    """
    last_day = MakeDate(OuterRef("year"), Value(12), Value(31))
    then = UnitVersion.objects.filter(unit=OuterRef("province"), valid__contains=last_day)
    own = ReportFile.objects.filter(kind=FileKind.REPORT).select_related("stored").order_by("format")
    files = Prefetch("files", own, to_attr="main_files")
    return reports.annotate(province_name=Subquery(then.values("name")[:1])).prefetch_related(files)


def figure_label(figure: dict) -> str:
    """The figure's label; where it counts some kinds alone and does not say so, with their names."""
    kinds = figure["where"].get("kind") or []
    names = [str(KIND_NAMES[Kind(kind)]) for kind in kinds]
    label = figure["label"]
    if not names or any(name.split()[0].lower() in label.lower() for name in names):
        return label
    return f"{label} · {', '.join(names)}"


def figure_groups(figures: dict[str, dict], *, persons: bool) -> list[tuple[str, list[tuple[str, str, int, bool]]]]:
    """``[(section, [(code, label, value, may be opened)])]`` in the order of the codes.

    ``figures`` as the snapshot keeps them; ``persons``: whether the reader may open lists of persons.
    """
    found: dict[str, list] = {}
    for code in sorted(figures, key=_order):
        figure = figures[code]
        opens = persons or figure["listing"] != Listing.PERSONS
        found.setdefault(code[:1], []).append((code, figure_label(figure), figure["value"], opens))
    return [(str(FIGURE_GROUPS.get(letter, letter)), lines) for letter, lines in found.items()]


# Columns of the lists behind figures: heading and whether it is a number; classes have a template of their own.
_NAME, _PLACE, _DECISION = (_("Tên"), False), (_("Địa bàn"), False), (_("Quyết định"), False)
_SIZES = ((_("Số tổ, nhóm"), True), (_("Thành viên"), True))
_GIVEN = ((_("Hình thức"), False), (_("Cấp quyết định"), False), _DECISION, (_("Thời gian lập thành tích"), False))
_COLUMNS = {
    Listing.MODELS: (
        _NAME,
        (_("Lĩnh vực"), False),
        _DECISION,
        (_("Tình trạng"), False),
        (_("Số điểm"), True),
        *_SIZES,
    ),
    Listing.POINTS: (_NAME, (_("Mô hình"), False), _PLACE, (_("Từ ngày"), False), *_SIZES),
    Listing.EXEMPLARS: (_NAME, _PLACE, (_("Loại đơn vị"), False), (_("Xếp loại"), False), _DECISION),
    Listing.AWARDS: ((_("Tập thể"), False), _PLACE, *_GIVEN),
    Listing.PERSONS: ((_("Họ và tên, tên hộ"), False), (_("Chức vụ"), False), (_("Đơn vị"), False), *_GIVEN),
}


def figure_columns(listing: str) -> list[tuple]:
    """``[(heading, is a number)]``; empty for lists of results."""
    return list(_COLUMNS.get(listing, ()))


def figure_rows(listing: str, rows: Sequence[dict]) -> list[list[tuple]]:
    """``[(cell, heading, is a number)]`` of each row, under ``figure_columns``."""
    columns = figure_columns(listing)
    return [[(cell, *column) for cell, column in zip(_cells(listing, row), columns, strict=True)] for row in rows]


def _cells(listing: str, row: dict) -> list:
    decision = f"{row['decision']} ({row['decided_on']})" if row.get("decided_on") else ""
    match listing:
        case Listing.MODELS:
            own = [row["field"], row["decision"], Life(row["state"]).label]
            return [row["name"], *own, row["points"], row["teams"], row["members"]]
        case Listing.POINTS:
            places = dict.fromkeys((row["place"], row["commune_name"], row["district_name"]))
            where = ", ".join(place for place in places if place)
            return [row["name"], row["model_name"], where, row["started_on"], row["teams"], row["members"]]
        case Listing.EXEMPLARS:
            return [row["name"], row["place"], KIND_NAMES[Kind(row["kind"])], row["class_name"], decision]
        case Listing.AWARDS | Listing.PERSONS:
            own = [row["place"]] if listing == Listing.AWARDS else [row["position"], row["unit_name"]]
            return [row["name"], *own, row["form_name"], row["authority"], decision, row["period"]]
    return []


def _order(code: str) -> tuple[str, int]:
    letter, number = re.fullmatch(r"([A-Z]+)([0-9]+)", code).groups()
    return letter, int(number)
