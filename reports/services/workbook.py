"""The summary's figures and lists as one Excel workbook, from the same snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from movement.core.dates import format_date
from movement.documents.merging import DRAFT
from movement.documents.spreadsheets import Sheet, write_xlsx
from units.enums import Kind, Level

from ..enums import Listing
from ..models import Snapshot
from .annexes import STANDARD_NAMES, places_columns
from .printing import document_id, document_title, issued_at, marks
from .wording import STATE_WORDS

_LISTINGS = (
    (Listing.CLASSES, "Phân loại"),
    (Listing.STANDARDS, "Công nhận"),
    (Listing.BEFORE, "Phân loại năm trước"),
)


def workbook(snapshot: Snapshot, path: Path) -> None:
    """Write it to ``path``; the same snapshot gives the same bytes."""
    content = snapshot.content
    notes = [*marks(content), *([DRAFT] if content["marks"]["draft"] else [])]
    notes += [
        document_title(content),
        f"Số liệu tính đến ngày {format_date(date.fromisoformat(content['cut_off']))}. "
        f"Mã văn bản: {document_id(content)}. Mã số liệu: {snapshot.digest}",
    ]
    sheets = [_table_sheet(block, number, notes) for number, block in enumerate(_tables(content), start=1)]
    if content["places"]:
        sheets.append(_places_sheet(content, notes))
    for listing, name in _LISTINGS:
        if snapshot.parts.filter(listing=listing).exists():
            sheets.append(_list_sheet(snapshot, listing, name, notes))
    write_xlsx(path, sheets, title=document_title(content), issued_at=issued_at(content))


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
