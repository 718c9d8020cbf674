"""Excel and CSV files that carry text as text: nothing written here starts a formula, whatever a user has typed.

In Excel files a text is a string cell in text format, so it stays text when somebody edits it. CSV knows no types:
there a text that a program would compute gets an apostrophe in front. ``movement.core.tables`` takes it off on the
way in, and reads back exactly what was written here.
"""

import csv
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from django.utils import timezone

from .cells import protect, unprotect
from .dates import format_date
from .numbers import points_text

Cell = str | int | Decimal | date | None
LONGEST = 32_767
FORBIDDEN_IN_NAMES = str.maketrans("[]:*?/\\", "       ")


@dataclass(frozen=True)
class Sheet:
    """``columns``: heading and width in letters. ``rows`` may be a generator: one row is in memory at a time.

    ``notes``: lines above the headings, such as DỮ LIỆU MINH HỌA or the date of the figures. ``hidden``: headings of
    columns for programs, folded away.
    """

    name: str
    columns: Sequence[tuple[str, float]]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[str] = ()
    hidden: Collection[str] = ()


def write_xlsx(path: Path, sheets: Sequence[Sheet], *, title: str, issued_at: datetime) -> None:
    """One workbook; the same content and moment give the same bytes.

    Raises:
        ValueError: a text is longer than a cell can hold (32,767 letters).
    """
    temporary = path.with_name(path.name + ".tmp")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(temporary, options) as book:
        book.set_properties({"title": title, "created": issued_at.replace(tzinfo=None)})
        formats = _Formats(book)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name.translate(FORBIDDEN_IN_NAMES)[:31].strip()), sheet, formats)
    os.replace(temporary, path)


def write_csv(
    path: Path, headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, notes: Sequence[str] = ()
) -> None:
    """UTF-8 with the mark that Excel wants; decimal comma, dates as dd/mm/yyyy. ``notes`` stand above the headings."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([protect(note)] for note in notes)
        writer.writerow([protect(heading) for heading in headings])
        writer.writerows([_csv_text(cell) for cell in row] for row in rows)
    os.replace(temporary, path)


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook):
        font = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
        grid = {**font, "border": 1}
        self.note = book.add_format({**font, "italic": True})
        self.heading = book.add_format({**grid, "bold": True, "align": "center", "text_wrap": True})
        self.text = book.add_format({**grid, "num_format": "@"})
        self.number = book.add_format({**grid, "num_format": "General"})
        self.whole = book.add_format({**grid, "num_format": "#,##0"})
        self.date = book.add_format({**grid, "num_format": "dd/mm/yyyy", "align": "center"})


def _write_sheet(page, sheet: Sheet, formats: _Formats) -> None:
    for index, (heading, width) in enumerate(sheet.columns):
        page.set_column(index, index, width, None, {"hidden": True} if heading in sheet.hidden else {})
    top = len(sheet.notes)
    for line, note in enumerate(sheet.notes):
        _string(page, line, 0, note, formats.note)
    for index, (heading, _) in enumerate(sheet.columns):
        _string(page, top, index, heading, formats.heading)
    page.freeze_panes(top + 1, 0)
    page.repeat_rows(top)
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    for line, row in enumerate(sheet.rows, start=top + 1):
        for index, cell in enumerate(row):
            _cell(page, line, index, cell, formats)
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # codes keep their leading zeros


def _cell(page, line: int, index: int, cell: Cell, formats: _Formats) -> None:
    match cell:
        case None | "":
            page.write_blank(line, index, None, formats.text)
        case str():
            # a text that already looks protected keeps its apostrophe when it is read again
            _string(page, line, index, cell if unprotect(cell) == cell else "'" + cell, formats.text)
        case bool():
            raise TypeError("a yes or no is written in words")
        case int():
            page.write_number(line, index, cell, formats.whole)
        case Decimal():
            page.write_number(line, index, cell, formats.number)
        case date():
            page.write_datetime(line, index, _local_day(cell), formats.date)
        case _:
            raise TypeError(f"no cell for {type(cell).__name__}")


def _string(page, line: int, index: int, text: str, style) -> None:
    if len(text) > LONGEST:
        raise ValueError(f"row {line + 1}, column {index + 1}: {len(text)} letters do not fit a cell")
    page.write_string(line, index, text, style)


def _local_day(moment: date) -> date:
    if not isinstance(moment, datetime):
        return moment
    return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).date()


def _csv_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return protect(cell)
        case bool():
            raise TypeError("a yes or no is written in words")
        case int() | Decimal():
            return points_text(cell)
        case date():
            return format_date(cell)
        case _:
            raise TypeError(f"no cell for {type(cell).__name__}")
