"""The list of results as a file, under the filters of its page."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

from django.http import Http404

from movement.core.exports import Cell
from movement.core.listings import Listing, register_listing
from movement.core.problems import Problem, Refused
from units.enums import Kind
from units.trees import place_words

from .enums import Purpose, State
from .filters import SORTS
from .models import Assessment
from .presenters import class_words
from .views import Asked, results_asked

NAME = "results"
ILLUSTRATIVE = "Bộ tiêu chí minh họa, không phải quy định."
PROVISIONAL = "Loại của đơn vị chưa công bố là dự kiến và có thể thay đổi."


def results_listing(user, address) -> Listing:
    """The columns of the page; the address carries the year beside the filters."""
    if not address.get("year", "").isdecimal():
        raise Http404
    year = int(address["year"])
    asked = results_asked(SimpleNamespace(GET=address, user=user), year)
    if not asked.found.is_valid():
        raise Refused(Problem("filters", "Điều kiện lọc không đúng."))
    campaign, rows = asked.campaign, asked.found.qs
    columns = [("Đơn vị", 44), ("Địa bàn nay" if asked.now else "Địa bàn", 36)]
    if len(campaign.version.unit_kinds) > 1:
        columns.append(("Loại đơn vị", 20))
    if campaign.scheme.purpose != Purpose.STANDARD:
        columns.append(("Điểm", 9))
    columns += [("Kết quả", 16), ("Bước", 18), ("Ghi chú", 26)]
    notes = [f"{campaign.version.title}, năm {year}."]
    if campaign.version.illustrative:
        notes.append(ILLUSTRATIVE)
    if rows.exclude(state=State.PUBLISHED).exists():
        notes.append(PROVISIONAL)
    return Listing(
        title=f"Kết quả năm {year}",
        what=f"kết quả năm {year} theo {campaign.version.title}",
        columns=columns,
        rows=lambda: _rows(asked, [heading for heading, _ in columns]),
        count=rows.count(),
        unit_id=campaign.province_id,
        notes=notes,
    )


def _rows(asked: Asked, headings: list[str]) -> Iterator[list[Cell]]:
    words, kinds, states = class_words(asked.campaign.version), dict(Kind.choices), dict(State.choices)
    order = SORTS[asked.found.form.cleaned_data.get("sort") or "name"]
    rows = asked.found.qs.order_by(*order).defer("explanation", "return_reason", "name_sort", "search")
    for row in rows.iterator(chunk_size=2000):
        told = {
            "Đơn vị": row.unit_name,
            "Địa bàn": _place(row),
            "Loại đơn vị": str(kinds[row.unit_kind]),
            "Điểm": row.points,
            "Kết quả": words.get(row.class_code, "Chưa phân loại"),
            "Bước": str(states[row.state]),
            "Ghi chú": "; ".join(_marks(row)),
        }
        if asked.now:
            name, sure = place_words(asked.now, row.unit_id, row.commune_id)
            told["Địa bàn nay"] = name if sure else f"{name} (chưa tách được)"
        yield [told[heading] for heading in headings]


def _place(row: Assessment) -> str:
    inner = [row.commune_name] if row.commune_id != row.unit_id else []
    outer = [row.district_name] if row.district_id != row.unit_id else []
    return ", ".join(name for name in (*inner, *outer) if name)


def _marks(row: Assessment) -> list[str]:
    return [
        word for there, word in ((row.on_behalf, "Nhập thay"), (row.office_entry, "Cơ quan thẩm định nhập")) if there
    ]


register_listing(NAME, results_listing)
