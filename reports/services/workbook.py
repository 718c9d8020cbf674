"""The summary's figures and lists as one Excel workbook, from the same snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from awards.enums import RecipientKind
from movement.core.dates import format_date
from movement.core.exports import Sheet, write_xlsx
from movement.documents.merging import DRAFT
from units.enums import Kind, Level

from ..enums import FileKind, Listing
from ..models import Snapshot
from . import annex_lists
from .annexes import STANDARD_NAMES, places_columns
from .practice import LIFE_WORDS
from .printing import document_id, document_title, issued_at, marks, persons_title
from .wording import STATE_WORDS

_LISTINGS = (
    (Listing.CLASSES, "Phân loại"),
    (Listing.STANDARDS, "Công nhận"),
    (Listing.BEFORE, "Phân loại năm trước"),
)


# Of the other lists: sheet, and heading, width and field of each column after STT.
_SIZES = (("Số tổ, nhóm", 11, "teams"), ("Thành viên", 11, "members"))
_DECIDED = (("Số quyết định", 18, "decision"), ("Ngày quyết định", 14, "decided_on"))
_GIVEN = (("Hình thức", 40, "form_name"), ("Cấp quyết định", 30, "authority"), *_DECIDED,
          ("Thời gian lập thành tích", 26, "period"))  # fmt: skip
_LISTS = {
    Listing.MODELS: ("Mô hình", (("Mã", 14, "code"), ("Tên mô hình", 44, "name"), ("Lĩnh vực", 34, "field"),
                                 ("Quyết định", 22, "decision"), ("Tình trạng", 18, "state"),
                                 ("Số điểm", 9, "points"), *_SIZES)),
    Listing.POINTS: ("Điểm mô hình", (("Mã mô hình", 14, "model_code"), ("Tên mô hình", 40, "model_name"),
                                      ("Mã điểm", 14, "code"), ("Tên điểm", 40, "name"), ("Nơi đặt", 30, "place"),
                                      ("Huyện", 22, "district_name"), ("Xã", 22, "commune_name"),
                                      ("Từ ngày", 12, "started_on"), ("Đến ngày", 12, "ended_on"), *_SIZES)),
    Listing.EXEMPLARS: ("Điển hình", (("Mã", 18, "code"), ("Đơn vị, địa bàn", 44, "name"), ("Loại đơn vị", 22, "kind"),
                                      ("Thuộc", 30, "place"), ("Xếp loại", 14, "class_name"), *_DECIDED)),
    Listing.AWARDS: ("Khen thưởng tập thể", (("Tập thể", 44, "name"), ("Địa bàn", 40, "place"), *_GIVEN)),
    Listing.PERSONS: ("Cá nhân, hộ gia đình", (("Đối tượng", 14, "recipient_kind"), ("Họ và tên, tên hộ", 30, "name"),
                                              ("Chức vụ", 26, "position"), ("Đơn vị", 40, "unit_name"), *_GIVEN)),
}  # fmt: skip
_WORDS = {
    "state": LIFE_WORDS,
    "kind": {kind.value: str(kind.label) for kind in Kind},
    "recipient_kind": {kind.value: str(kind.label) for kind in RecipientKind},
}
_DAYS = {"decided_on", "started_on", "ended_on"}


def workbook(snapshot: Snapshot, path: Path) -> None:
    """Write it to ``path``, without persons' names; the same snapshot gives the same bytes."""
    content = snapshot.content
    notes = _notes(snapshot, FileKind.REPORT, document_title(content))
    sheets = [_table_sheet(block, number, notes) for number, block in enumerate(_tables(content), start=1)]
    if content["places"]:
        sheets.append(_places_sheet(content, notes))
    for listing, name in _LISTINGS:
        if snapshot.parts.filter(listing=listing).exists():
            sheets.append(_list_sheet(snapshot, listing, name, notes))
    sheets += [_other_sheet(snapshot, name, notes) for name in _LISTS if name in dict(content["annexes"])]
    write_xlsx(path, sheets, title=document_title(content), issued_at=issued_at(content))


def persons_workbook(snapshot: Snapshot, path: Path) -> None:
    """The annex of persons, a file of its own."""
    content = snapshot.content
    title = persons_title(content)
    notes = [*_notes(snapshot, FileKind.PERSONS, title), *annex_lists.foot(Listing.PERSONS.value)]
    write_xlsx(path, [_other_sheet(snapshot, Listing.PERSONS, notes)], title=title, issued_at=issued_at(content))


def _notes(snapshot: Snapshot, kind: str, title: str) -> list[str]:
    content = snapshot.content
    return [
        *marks(content),
        *([DRAFT] if content["marks"]["draft"] else []),
        title,
        f"Số liệu tính đến ngày {format_date(date.fromisoformat(content['cut_off']))}. "
        f"Mã văn bản: {document_id(content, kind)}. Mã số liệu: {snapshot.digest}",
    ]


def _other_sheet(snapshot: Snapshot, listing: Listing, notes: list[str]) -> Sheet:
    name, columns = _LISTS[listing]
    return Sheet(
        name=name,
        columns=[("STT", 6), *((title, width) for title, width, _ in columns)],
        rows=_other_rows(snapshot, listing, [field for _, _, field in columns]),
        notes=notes,
    )


def _other_rows(snapshot: Snapshot, listing: Listing, fields: list[str]) -> Iterator[list]:
    number = 0
    for part in snapshot.parts.filter(listing=listing).iterator(chunk_size=5):
        for row in part.rows:
            number += 1
            yield [number, *(_other_cell(name, row[name]) for name in fields)]


def _other_cell(name: str, value: str | int) -> str | int | date | None:
    return _day(value) if name in _DAYS else _WORDS.get(name, {}).get(value, value)


def _tables(content: dict) -> Iterator[dict]:
    return (block for block in content["blocks"] if block["t"] == "table")


def _table_sheet(block: dict, number: int, notes: list[str]) -> Sheet:
    columns = [
        (f"{group} - {title}" if group else title, max(width / 2, 9)) for title, width, _, group in block["columns"]
    ]
    blank = [""] * (len(columns) - 1)
    rows = [[row, *blank] if isinstance(row, str) else row for row in (*block["rows"], *block.get("totals", ()))]
    return Sheet(
        name=f"Bảng {number}",
        columns=columns,
        rows=[[row[0], *map(_cell, row[1:])] for row in rows],
        notes=[*notes, block["name"], *block.get("foot", ())],
    )


def _places_sheet(content: dict, notes: list[str]) -> Sheet:
    columns = [
        (f"{group} - {title}" if group else title, max(width / 3, 9))
        for title, width, _, group in places_columns(name for _, name in content["classes"])
    ]
    blank = [""] * (len(columns) - 2)
    rows = [
        ["", line, *blank] if isinstance(line, str) else line for line in (*content["places"], content["places_total"])
    ]
    return Sheet(
        name="Theo xã",
        columns=columns,
        rows=[[_cell(row[0]), row[1], row[2], *map(_cell, row[3:])] for row in rows],
        notes=notes,
    )


def _list_sheet(snapshot: Snapshot, listing: Listing, name: str, notes: list[str]) -> Sheet:
    names = STANDARD_NAMES if listing == Listing.STANDARDS else dict(snapshot.content["classes"])
    columns = [("STT", 6), ("Mã", 18), ("Tên đơn vị, địa bàn", 44), ("Loại đơn vị", 22), ("Cấp quản lý", 16),
               ("Huyện", 22), ("Xã", 22)]  # fmt: skip
    if listing == Listing.STANDARDS:
        columns += [("Tiêu chuẩn", 30), ("Kết quả", 12)]
    else:
        columns += [("Điểm", 9), ("Xếp loại", 14)]
    columns += [("Tình trạng", 16), ("Số quyết định", 18), ("Ngày quyết định", 14), ("Nhập thay", 10)]
    return Sheet(name=name, columns=columns, rows=_list_rows(snapshot, listing, names), notes=notes)


def _list_rows(snapshot: Snapshot, listing: Listing, names: dict[str, str]) -> Iterator[list]:
    number = 0
    for part in snapshot.parts.filter(listing=listing).iterator(chunk_size=5):
        for row in part.rows:
            number += 1
            cells = [
                number,
                row["code"],
                row["name"],
                str(Kind(row["kind"]).label),
                str(Level(row["level"]).label),
                row["district_name"],
                row["commune_name"],
            ]
            if listing == Listing.STANDARDS:
                cells.append(row["standard"])
            else:
                cells.append(None if row["points"] is None else Decimal(row["points"]))
            cells += [
                names.get(row["class"], row["class"]),
                STATE_WORDS.get(row["state"], "đã công bố"),
                row["decision"],
                _day(row["decided_on"]),
                "x" if row["behalf"] else "",
            ]
            yield cells


def _day(text: str) -> date | None:
    return datetime.strptime(text, "%d/%m/%Y").date() if text else None


def _cell(text: str) -> str | int | Decimal:
    """Numbers of a printed table as numbers again: ``1.234``, ``12,50``, ``-``."""
    plain = text.replace(".", "").replace(",", ".").removeprefix("+")
    if text == "-":
        return 0
    if plain.removeprefix("-").replace(".", "", 1).isdecimal():
        return Decimal(plain) if "." in plain else int(plain)
    return text
