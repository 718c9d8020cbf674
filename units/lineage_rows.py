"""One line of a list of mergers, read: what each cell may hold and what is wrong with it.

Nothing here asks the database. Source of the columns: design §7, ``import_lineage``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from movement.core.dates import parse_date
from movement.core.problems import Problem
from movement.core.text import fold, norm

from .enums import Share
from .import_rows import code_chosen, text_of

REQUIRED = ("old_name", "commune_code", "new_name", "date")
OPTIONAL = ("old_code", "new_code", "share", "is_main", "decision")
#: The columns in the order of the template.
COLUMNS = ("old_code", "old_name", "commune_code", "new_code", "new_name", "share", "is_main", "decision", "date")

_HEADINGS = {
    "old_code": ("mã cũ", "mã đơn vị cũ"),
    "old_name": ("tên cũ", "tên đơn vị cũ", "đơn vị cũ", "tên thôn cũ", "trước khi sáp nhập"),
    "commune_code": ("mã xã", "mã xã, phường", "mã cấp xã", "mã đơn vị hành chính cấp xã"),
    "new_code": ("mã mới", "mã đơn vị mới"),
    "new_name": ("tên mới", "tên đơn vị mới", "đơn vị mới", "tên thôn mới", "sau khi sáp nhập"),
    "share": ("phần", "toàn bộ hay một phần", "mức độ"),
    "is_main": ("kế thừa chính", "đơn vị kế thừa chính", "chính"),
    "decision": ("quyết định", "văn bản", "số quyết định", "nghị quyết", "văn bản quyết định"),
    "date": ("ngày", "ngày có hiệu lực", "hiệu lực từ", "hiệu lực từ ngày", "từ ngày"),
}
#: Headings of the template.
HEADING_OF = {
    "old_code": "Mã đơn vị cũ",
    "old_name": "Tên đơn vị cũ",
    "commune_code": "Mã xã",
    "new_code": "Mã đơn vị mới",
    "new_name": "Tên đơn vị mới",
    "share": "Toàn bộ hay một phần",
    "is_main": "Đơn vị kế thừa chính",
    "decision": "Văn bản quyết định",
    "date": "Ngày có hiệu lực",
}
#: Vietnamese headings, with and without marks, to columns.
ALIASES = {word: column for column, words in _HEADINGS.items() for text in words for word in (text, fold(text))}

_SHARES = {
    Share.WHOLE.value: ("whole", "toan bo", "ca", "nguyen"),
    Share.PART.value: ("part", "mot phan", "phan"),
}
_SHARE_OF = {word: code for code, words in _SHARES.items() for word in words}
_YES = {"1", "true", "yes", "x", "co", "chinh", "dung"}
_NO = {"0", "false", "no", "khong"}
_LIMITS = {"old_code": 40, "new_code": 40, "old_name": 250, "new_name": 250, "decision": 200}


@dataclass(slots=True)
class Line:
    """One old unit and one new one. ``share`` and ``is_main`` are ``None`` where the cell is empty."""

    line: int
    old_code: str
    old_name: str
    commune_code: str
    new_code: str
    new_name: str
    decision: str
    share: str | None = None
    is_main: bool | None = None
    on: date | None = None


def parse_lines(rows: Iterable[tuple[int, Mapping[str, object]]], problems: list[Problem]) -> list[Line]:
    """Those of ``(line, {column: cell})`` that could be read; what is wrong is added with the column's code."""
    found = []
    for number, cells in rows:
        wrong: list[Problem] = []
        line = _parse(number, cells, wrong)
        problems += wrong
        if not wrong:
            found.append(line)
    return found


def _parse(number: int, cells: Mapping[str, object], problems: list[Problem]) -> Line:
    text = {column: text_of(cells.get(column)) for column in COLUMNS}
    text["commune_code"] = code_chosen(text["commune_code"])

    def wrong(code: str, column: str, message: str) -> None:
        problems.append(Problem(code, message, number, column, text[column]))

    line = Line(
        number, *(text[c] for c in ("old_code", "old_name", "commune_code", "new_code", "new_name", "decision"))
    )
    for column, limit in _LIMITS.items():
        if len(text[column]) > limit:
            wrong("too_long", column, f"Ô này dài quá {limit} ký tự.")
    if not line.old_code and not line.old_name:
        wrong("missing_name", "old_name", "Chưa ghi tên đơn vị cũ.")
    if not line.old_code and not line.commune_code:
        wrong("missing_commune", "commune_code", "Chưa ghi mã xã; không có mã đơn vị cũ thì phải có mã xã.")
    if not line.new_name:
        wrong("missing_name", "new_name", "Chưa ghi tên đơn vị mới.")
    if text["share"]:
        line.share = _SHARE_OF.get(fold(norm(text["share"])))
        if line.share is None:
            wrong("unknown_share", "share", "Ghi “toàn bộ” hoặc “một phần”.")
    if text["is_main"]:
        said = fold(norm(text["is_main"]))
        line.is_main = True if said in _YES else False if said in _NO else None
        if line.is_main is None:
            wrong("unknown_yes_no", "is_main", "Ghi “có” hoặc “không”.")
    try:
        if text["date"]:
            line.on = parse_date(cells.get("date"))
        else:
            wrong("missing_date", "date", "Chưa ghi ngày có hiệu lực.")
    except ValueError as error:
        wrong("bad_date", "date", str(error))
    return line
