"""What a paper's printed parts are made of (Decree 30/2020/NĐ-CP, Annex I). Plain values; the caller knows the unit.

Number, date and signer stay empty until the clerk fills them from the signed paper: a draft prints the usual blanks.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
GAP = "\N{NO-BREAK SPACE}" * 6


def date_words(on: dt.date | None, *, year: int | None = None) -> str:
    """``ngày 05 tháng 01 năm 2026``: a leading 0 for days below 10 and for the months 1 and 2 only.

    Without a date, blanks for the clerk, with the year where it is known.
    """
    if on is None:
        return f"ngày{GAP}tháng{GAP}năm {year or GAP}"
    month = f"{on.month:02d}" if on.month <= 2 else str(on.month)
    return f"ngày {on.day:02d} tháng {month} năm {on.year}"


def number_words(number: int | str | None) -> str:
    """The running number of the year, below 10 with a leading 0; blanks for the clerk without one."""
    text = "" if number is None else str(number).strip()
    return f"{int(text):02d}" if text.isdecimal() else text or GAP


def roman(number: int) -> str:
    """Annexes and main parts are numbered I, II, III …"""
    text = ""
    for value, letters in ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        text += letters * (number // value)
        number %= value
    return text


@dataclass(frozen=True)
class LetterHead:
    """The head of page 1. ``symbol`` is type and agency, ``BC-BCĐ``; ``subject`` ("V/v …") only for letters."""

    issuer: str
    symbol: str
    place: str
    superior: str = ""
    number: int | str | None = None
    date: dt.date | None = None
    year: int | None = None
    subject: str = ""
    nation: str = NATION
    motto: str = MOTTO

    @property
    def number_line(self) -> str:
        return f"Số: {number_words(self.number)}/{self.symbol}"

    @property
    def place_date_line(self) -> str:
        return f"{self.place}, {date_words(self.date, year=self.year)}"


@dataclass(frozen=True)
class SignatureBlock:
    """``authority``: lines such as ``TM. BAN CHỈ ĐẠO``, ``KT. TRƯỞNG BAN``, ``PHÓ TRƯỞNG BAN``.

    ``recipients`` without dash and stop; the last is "Lưu: VT, <drafting unit>". No seal and no signature is drawn.
    """

    authority: tuple[str, ...]
    recipients: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True)
class AnnexHeading:
    """``label`` "Phụ lục I"; ``reference`` "(Kèm theo Báo cáo số … của …)". All three are the caller's words."""

    title: str
    label: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Column:
    """``width`` in mm; ``align``: ``l``, ``c`` or ``r``; ``group``: a heading over neighbours of the same group."""

    title: str
    width: float
    align: str = "l"
    group: str = ""


@dataclass(frozen=True)
class GroupRow:
    """A row that heads the rows after it, over the whole width."""

    title: str


@dataclass(frozen=True)
class Table:
    """A table of an annex. Cells are texts ready to print, one a column, and are escaped here.

    Widths add up to 165 mm upright, 252 mm on a wide page (``wide`` in the context of the page).
    """

    columns: Sequence[Column]
    rows: Iterable[Sequence[str] | GroupRow]
    totals: Sequence[Sequence[str]] = ()
    name: str = ""
    unit: str = ""
    foot: Sequence[str] = field(default=())
    """Lines below, such as "Số liệu tính đến ngày …" and the source."""

    @property
    def head(self) -> SafeString:
        """One row of headings, or two where neighbours share a group."""
        if not any(column.group for column in self.columns):
            return format_html("<tr>{}</tr>", mark_safe("".join(_heading(one.title) for one in self.columns)))  # noqa: S308
        upper, lower, index = [], [], 0
        while index < len(self.columns):
            column = self.columns[index]
            if not column.group:
                upper.append(_heading(column.title, ' rowspan="2"'))
                index += 1
                continue
            same = index
            while same < len(self.columns) and self.columns[same].group == column.group:
                lower.append(_heading(self.columns[same].title))
                same += 1
            upper.append(_heading(column.group, f' colspan="{same - index}"'))
            index = same
        return mark_safe(f"<tr>{''.join(upper)}</tr><tr>{''.join(lower)}</tr>")  # noqa: S308

    @property
    def body(self) -> SafeString:
        """All rows. Written here and not in the template: it is a fifth of the markup of a long annex each."""
        opened = ["<td>" if one.align == "l" else f'<td class="{one.align}">' for one in self.columns]
        lines = []
        for row in self.rows:
            if isinstance(row, GroupRow):
                lines.append(f'<tr class="group"><td colspan="{len(opened)}">{escape(row.title)}')
            else:
                lines.append(_row("<tr>", opened, row))
        lines += [_row('<tr class="total">', opened, row) for row in self.totals]
        return mark_safe("\n".join(lines))  # noqa: S308 (each cell is escaped)


def _heading(text: str, span: str = "") -> str:
    return f"<th{span}>{escape(text)}</th>"


def _row(start: str, opened: Sequence[str], cells: Sequence[str]) -> str:
    # HTML closes cells and rows by itself; leaving that to it saves a third of the time of reading a long table.
    return start + "".join(tag + escape(cell) for tag, cell in zip(opened, cells, strict=True))
