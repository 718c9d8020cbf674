"""Tables that clerks send, XLSX or CSV: read safely, headings understood, everything wrong listed at once."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from .cells import unprotect
from .problems import Problem, Refused
from .text import nfc, normalise_name
from .workbooks import column_letters, read_workbook

_SEARCH_ROWS = 15  # a title and notes may stand above the headings
_DELIMITERS = ",;\t"
_CSV_CELL = 1 << 20
_FAULTS = {
    "formula": "Ô này chứa công thức; hãy dán lại dạng giá trị.",
    "cell_error": "Ô này chứa giá trị lỗi của Excel.",
}


@dataclass(slots=True)
class Row:
    """One row with anything in it. ``cells`` holds every known column; an empty cell is ``None``."""

    line: int
    cells: dict[str, object]


@dataclass(slots=True)
class Table:
    """``headers`` are the known columns in the file's order. With a fatal problem there are no rows."""

    headers: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_table(
    source: str | Path | BinaryIO | bytes,
    *,
    filename: str,
    aliases: Mapping[str, str],
    required: Iterable[str],
    optional: Iterable[str] = (),
) -> Table:
    """Read the first shown sheet of an XLSX, or a CSV.

    ``aliases`` maps a heading to a column; case, spaces and punctuation do not count. ``required`` and
    ``optional`` name the columns; ``Problem.column`` uses the same names. Texts come in NFC without outer
    spaces, whole numbers as ``int``, others as ``float`` (see ``parse_points``), dates as ``datetime.date``.

    Problems: ``file_type``, ``too_large``, ``not_xlsx``, ``zip_bomb``, ``macros``, ``sheet_too_large``, ``encoding``,
    ``not_csv``, ``unknown_column``, ``missing_column``, ``duplicate_column``, ``formula``, ``cell_error``, ``extra_cell``, ``no_rows``.
    """
    required, optional = list(required), list(optional)
    known = _Headings(aliases, [*required, *optional])
    try:
        data = _bytes(source)
        lines, faults = _lines(data, filename, known)
    except Refused as error:
        return Table(problems=error.problems)
    table = Table()
    start = known.row_of(lines)
    if start is None:
        table.problems.append(_no_rows())
        return table
    columns = _columns(lines[start], known, required, table)
    headed = {place for place, cell in enumerate(lines[start][1]) if _heading(cell)}
    table.problems += _unheaded(lines[start + 1 :], headed)
    width = len(lines[start][1])
    for line, cells in lines[start + 1 :]:
        whole = cells if len(cells) >= width else [*cells, *[None] * (width - len(cells))]
        values = {name: _value(whole[place]) for place, name in columns.items()}
        if any(value is not None for value in values.values()):
            table.rows.append(Row(line, values))
    table.problems += [
        Problem(fault, _FAULTS[fault], row + 1, columns[place])
        for (row, place), fault in sorted(faults.items())
        if place in columns and row + 1 >= lines[start][0]
    ]
    if not table.rows:
        table.problems.append(_no_rows())
    return table


def _unheaded(lines: list[tuple[int, list]], headed: set[int]) -> list[Problem]:
    """What stands under no heading would be lost without a word: the first such cell of each column."""
    found: dict[int, Problem] = {}
    for line, cells in lines:
        if len(cells) == len(headed):
            continue
        for place, cell in enumerate(cells):
            if place not in headed and place not in found and _value(cell) is not None:
                letters = column_letters(place)
                found[place] = Problem("extra_cell", "Ô này nằm dưới một cột không có tiêu đề.", line, letters, cell)
    return list(found.values())


def _no_rows() -> Problem:
    return Problem("no_rows", "Tệp không có dòng dữ liệu nào.")


class _Headings:
    """What a heading may be called; an exact code goes before a similar one."""

    def __init__(self, aliases: Mapping[str, str], names: Iterable[str]):
        self.exact = {**{name: name for name in names}}
        similar: dict[str, set[str]] = {}
        for heading, name in [*aliases.items(), *self.exact.items()]:
            if name in self.exact:
                similar.setdefault(normalise_name(heading), set()).add(name)
        self.similar = {key: names.pop() for key, names in similar.items() if len(names) == 1}

    def name(self, heading: object) -> str | None:
        text = _heading(heading)
        return self.exact.get(text) or self.similar.get(normalise_name(text))

    def count(self, cells: Iterable[object]) -> int:
        return len({self.name(cell) for cell in cells if cell not in (None, "")} - {None})

    def row_of(self, lines: list[tuple[int, list]]) -> int | None:
        """The index of the row of headings: of the first rows the one that holds most of them."""
        first = [(self.count(cells), -place) for place, (_, cells) in enumerate(lines[:_SEARCH_ROWS])]
        return -max(first)[1] if first else None


def _columns(headings: tuple[int, list], known: _Headings, required: list[str], table: Table) -> dict[int, str]:
    """place → column name; what is wrong with the headings goes to ``table.problems``."""
    line, cells = headings
    columns: dict[int, str] = {}
    for place, cell in enumerate(cells):
        text = _heading(cell)
        if not text:
            continue
        name = known.name(cell)
        if name is None:
            table.problems.append(Problem("unknown_column", "Không có cột này trong mẫu.", line, text, text))
        else:
            columns[place] = name
    for name, count in Counter(columns.values()).items():
        if count > 1:
            table.problems.append(Problem("duplicate_column", f"Cột này xuất hiện {count} lần.", line, name, name))
    for name in required:
        if name not in columns.values():
            table.problems.append(Problem("missing_column", "Thiếu cột này.", line, name, name))
    table.headers = list(dict.fromkeys(columns.values()))
    return columns


def _heading(cell: object) -> str:
    value = _value(cell)
    return "" if value is None else str(value)


def _value(cell: object) -> object:
    kind = type(cell)
    if kind is float:
        return int(cell) if cell.is_integer() and -1e15 < cell < 1e15 else cell
    if kind is str:
        return unprotect(nfc(cell).strip()) or None  # our own exports protect what looks like a formula
    return cell.date() if kind is datetime else cell


# --- the two formats ------------------------------------------------------------------------------
def _bytes(source) -> bytes:
    limit = settings.PORTAL_UPLOAD_LIMIT
    if isinstance(source, bytes):
        data = source
    elif isinstance(source, (str, Path)):
        try:
            with open(source, "rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise Refused(Problem("file_not_found", "Không mở được tệp này.", value=str(source))) from error
    else:
        data = source.read(limit + 1)
    if len(data) > limit:
        raise Refused(Problem("too_large", f"Tệp lớn hơn {limit >> 20} MB nên không được đọc."))
    return data


def _lines(data: bytes, filename: str, known: _Headings) -> tuple[list[tuple[int, list]], dict]:
    """``([(line, cells)] without empty rows, {(row, column): fault})``."""
    suffix = Path(filename).suffix.lower()
    if suffix not in (".xlsx", ".csv", ".txt"):
        sentence = "Chỉ đọc được tệp Excel (.xlsx) hoặc CSV (.csv)."
        raise Refused(Problem("macros" if suffix == ".xlsm" else "file_type", sentence, value=filename))
    if not data.strip():
        return [], {}
    if suffix == ".xlsx":
        rows, faults = read_workbook(data)
        lines = [(number, cells) for number, cells in enumerate(rows, 1) if any(cell != "" for cell in cells)]
        return lines, faults
    return _csv_lines(data, known), {}


def _csv_lines(data: bytes, known: _Headings) -> list[tuple[int, list]]:
    text = _decoded(data)
    delimiter = max(_DELIMITERS, key=lambda sign: _headings_under(text, sign, known))
    try:
        return list(_parse(text, delimiter))
    except csv.Error as error:
        sentence = "Không đọc được tệp CSV này: dấu nháy kép hoặc ký tự trong tệp không đúng."
        raise Refused(Problem("not_csv", sentence, value=str(error))) from error


def _headings_under(text: str, delimiter: str, known: _Headings) -> tuple[int, int]:
    """How many known headings, and how many cells, the best of the first rows has when cut at ``delimiter``."""
    best = (0, 0)
    with suppress(csv.Error):  # what was read before the error still tells
        for _, cells in islice(_parse(text, delimiter), _SEARCH_ROWS):
            best = max(best, (known.count(cells), len(cells)))
    return best


def _parse(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with anything in them, each with the line it begins on."""
    csv.field_size_limit(_CSV_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Refused(
            Problem(
                "encoding",
                "Tệp không phải bảng mã UTF-8 nên chữ tiếng Việt bị sai; hãy lưu lại dạng “CSV UTF-8”, "
                "hoặc gửi tệp .xlsx.",
                line,
            )
        ) from error
    if "\0" in text:
        raise Refused(Problem("not_csv", "Tệp này không phải là tệp CSV."))
    return text
