"""One line of a list of practice models, read: what each cell may hold and what is wrong with it.

Nothing here asks the database. Source of the columns: design §7, ``import_models``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from movement.core.dates import last_day_to_upper, parse_date
from movement.core.numbers import parse_count
from movement.core.problems import Problem
from movement.core.text import nfc

from ..models import Point, PracticeModel

COLUMNS = (
    "model_code", "model_name", "field", "decision", "point_code", "point_name", "unit_code", "started_on", "ended_on",
    "teams", "members",
)  # fmt: skip
# A list may lack these columns; the cells then leave what is stored.
OPTIONAL = ("field", "decision", "point_code", "ended_on", "teams", "members")
REQUIRED = tuple(name for name in COLUMNS if name not in OPTIONAL)
HEADINGS = {
    "mã mô hình": "model_code",
    "tên mô hình": "model_name",
    "mô hình": "model_name",
    "lĩnh vực": "field",
    "quyết định": "decision",
    "số quyết định": "decision",
    "mã điểm": "point_code",
    "mã điểm mô hình": "point_code",
    "tên điểm": "point_name",
    "tên điểm mô hình": "point_name",
    "điểm mô hình": "point_name",
    "mã đơn vị": "unit_code",
    "mã địa bàn": "unit_code",
    "mã đơn vị, địa bàn": "unit_code",
    "ngày bắt đầu": "started_on",
    "từ ngày": "started_on",
    "ngày ra mắt": "started_on",
    "ngày kết thúc": "ended_on",
    "đến ngày": "ended_on",
    "đến hết ngày": "ended_on",
    "số tổ": "teams",
    "tổ": "teams",
    "số thành viên": "members",
    "thành viên": "members",
}
HEADING_OF = {column: heading for heading, column in reversed(HEADINGS.items())}  # the first name of each
_MODEL_COLUMNS = {"model_name": "name", "field": "field", "decision": "decision"}
_LIMITS = {"model_code": PracticeModel._meta.get_field("code").max_length}
_LIMITS |= {column: PracticeModel._meta.get_field(name).max_length for column, name in _MODEL_COLUMNS.items()}
_LIMITS |= {f"point_{name}": Point._meta.get_field(name).max_length for name in ("code", "name")}
_MOST = 1_000_000  # a point has no more teams or members; a larger number is a slip of the keyboard


@dataclass(slots=True)
class Row:
    """One line; ``until`` is half-open. ``None``: the cell was empty, or could not be read and a problem says why."""

    line: int
    model_code: str
    model_name: str
    field: str
    decision: str
    point_code: str
    point_name: str
    unit_code: str
    since: date | None = None
    until: date | None = None
    teams: int | None = None
    members: int | None = None

    def model_columns(self) -> dict[str, str]:
        """What must be the same on all rows of a model."""
        return {column: getattr(self, column) for column in _MODEL_COLUMNS}


def parse_rows(
    rows: Iterable[tuple[int, Mapping[str, object]]], *, as_of: date | None, problems: list[Problem]
) -> list[Row]:
    """Lines as ``(line, {column: cell})`` into rows; what is wrong is added to ``problems``.

    A line without a start takes ``as_of`` where that is given.
    """
    return [_parse(line, cells, as_of, problems) for line, cells in rows]


def text_of(value: object) -> str:
    """A cell as text in NFC, one space between words; a whole number without its decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(nfc(str(value)).split())


def _parse(line: int, cells: Mapping[str, object], as_of: date | None, problems: list[Problem]) -> Row:
    def wrong(code: str, column: str, message: str) -> None:
        problems.append(Problem(code, message, line=line, column=column, value=text_of(cells.get(column)) or None))

    text = {name: text_of(cells.get(name)) for name in COLUMNS if name not in ("started_on", "ended_on")}
    row = Row(line, *(text[name] for name in COLUMNS[:7]))
    for column, limit in _LIMITS.items():
        if len(text[column]) > limit:
            wrong("too_long", column, f"Ô này dài quá {limit} ký tự.")
    for column, code, sentence in (
        ("model_code", "missing_model", "Chưa ghi mã mô hình."),
        ("model_name", "missing_name", "Chưa ghi tên mô hình."),
        ("point_name", "missing_name", "Chưa ghi tên điểm mô hình."),
        ("unit_code", "missing_unit", "Chưa ghi mã đơn vị, địa bàn nơi đặt điểm."),
    ):
        if not text[column]:
            wrong(code, column, sentence)
    for column in ("teams", "members"):
        if text[column]:
            try:
                number = parse_count(cells[column])
            except ValueError as error:
                wrong("bad_number", column, str(error))
                continue
            if number > _MOST:
                wrong("bad_number", column, "Số này lớn quá mức có thể.")
            else:
                setattr(row, column, number)
    _dates(row, cells, as_of, wrong)
    return row


def _dates(row: Row, cells: Mapping[str, object], as_of: date | None, wrong) -> None:
    last = None
    try:
        row.since = parse_date(cells.get("started_on")) if text_of(cells.get("started_on")) else as_of
        if row.since is None:
            wrong("missing_date", "started_on", "Chưa ghi ngày bắt đầu.")
    except ValueError as error:
        wrong("bad_date", "started_on", str(error))
    try:
        last = parse_date(cells.get("ended_on")) if text_of(cells.get("ended_on")) else None
        row.until = last_day_to_upper(last)
    except ValueError as error:
        wrong("bad_date", "ended_on", str(error))
    if row.since and last and last < row.since:
        wrong("dates_reversed", "ended_on", "Ngày kết thúc đứng trước ngày bắt đầu.")
        row.until = None
