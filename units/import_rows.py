"""One line of a list of units, read: what each cell may hold and what is wrong with it.

Nothing here asks the database. Source of the columns: design §7, ``import_units``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from movement.core.dates import last_day_to_upper, parse_date
from movement.core.problems import Problem
from movement.core.text import fold, nfc, norm

from .divisions import REFORM
from .enums import TERRITORIES, Kind, Level
from .models import Unit, UnitVersion

REQUIRED = ("code", "name", "kind", "subkind", "commune_code", "managing_level", "valid_from", "valid_to")
DETAILS = ("tax_code", "school_code", "phone", "email", "address", "scope_reason")
OPTIONAL = ("parent_code", *DETAILS, "place_note", "stand")
#: The columns that say something of a unit: what an export writes, in this order, and an import compares.
STATED = (*REQUIRED, "parent_code", *DETAILS)

_HEADINGS = {
    "code": ("mã", "mã đơn vị", "mã số", "mã địa bàn"),
    "name": ("tên", "tên đơn vị", "tên gọi", "tên địa bàn"),
    "kind": ("loại", "loại đơn vị", "loại hình"),
    "subkind": ("loại chi tiết", "phân loại", "loại hình chi tiết", "kiểu"),
    "commune_code": ("mã xã", "mã xã, phường", "mã cấp xã", "mã đơn vị hành chính cấp xã"),
    "managing_level": ("cấp quản lý", "cấp quản lí"),
    "valid_from": ("hiệu lực từ", "hiệu lực từ ngày", "từ ngày", "ngày bắt đầu", "có hiệu lực từ"),
    "valid_to": ("hiệu lực đến", "hiệu lực đến ngày", "đến ngày", "đến hết ngày", "ngày kết thúc", "có hiệu lực đến"),
    "parent_code": ("mã cấp trên", "mã đơn vị cấp trên", "mã đơn vị cha"),
    "tax_code": ("mã số thuế", "mst"),
    "school_code": ("mã trường", "mã trường học"),
    "phone": ("điện thoại", "số điện thoại", "điện thoại cơ quan"),
    "email": ("thư điện tử", "e-mail", "thư điện tử cơ quan"),
    "address": ("địa chỉ",),
    "scope_reason": ("lý do", "lý do đưa vào diện đánh giá"),
    "place_note": ("nơi đặt (chỉ để xem)",),
    "stand": ("dấu đối chiếu (không sửa)", "dấu đối chiếu"),
}
#: Headings of what the portal writes itself.
HEADING_OF = {
    "code": "Mã đơn vị",
    "name": "Tên đơn vị",
    "kind": "Loại đơn vị",
    "subkind": "Loại chi tiết",
    "commune_code": "Mã xã",
    "managing_level": "Cấp quản lý",
    "valid_from": "Hiệu lực từ",
    "valid_to": "Hiệu lực đến",
    "parent_code": "Mã cấp trên",
    "tax_code": "Mã số thuế",
    "school_code": "Mã trường",
    "phone": "Điện thoại",
    "email": "Thư điện tử",
    "address": "Địa chỉ",
    "scope_reason": "Lý do đưa vào diện đánh giá",
    "place_note": "Nơi đặt (chỉ để xem)",
    "stand": "Dấu đối chiếu (không sửa)",
}
#: Vietnamese headings, with and without marks, to columns.
ALIASES = {word: column for column, words in _HEADINGS.items() for text in words for word in (text, fold(text))}

_KINDS = {
    Kind.PROVINCE: ("tinh", "tinh, thanh pho", "cap tinh"),
    Kind.DISTRICT: ("huyen", "quan", "thi xa", "cap huyen", "quan, huyen"),
    Kind.COMMUNE: ("xa", "phuong", "thi tran", "dac khu", "cap xa", "xa, phuong", "xa, phuong, thi tran"),
    Kind.RESIDENTIAL_AREA: ("khu dan cu", "kdc", "dia ban dan cu"),
    Kind.AGENCY: ("co quan", "co quan nha nuoc", "don vi su nghiep"),
    Kind.ENTERPRISE: ("doanh nghiep", "dn"),
    Kind.SCHOOL: ("truong", "truong hoc", "nha truong", "co so giao duc"),
}
_LEVELS = {
    Level.PROVINCE: ("tinh", "thanh pho"),
    Level.DISTRICT: ("huyen",),
    Level.COMMUNE: ("xa",),
    Level.MINISTRY: ("bo", "bo, nganh", "bo nganh", "trung uong", "bo nganh trung uong"),
}


def _words(table, choices) -> dict[str, str]:
    found = {value: value for value, _ in choices}
    found |= {fold(norm(str(label))): value for value, label in choices}
    found |= {word: code.value for code, words in table.items() for word in words}
    return found


_KIND_OF = _words(_KINDS, Kind.choices)
_LEVEL_OF = _words(_LEVELS, Level.choices)
_LEVEL_OF |= {f"cap {word}": code.value for code, words in _LEVELS.items() for word in words}
_LIMITS = {name: UnitVersion._meta.get_field(name).max_length for name in ("code", "name", "subkind")}
_LIMITS |= {name: Unit._meta.get_field(name).max_length for name in DETAILS}
_BLANKS = re.compile(r"\s+")
_CHOSEN = re.compile(r"([0-9]{1,5}) [-–] .+")
_STAND = re.compile(r"([0-9A-Z]{26})\.([0-9]{8})\.([a-p]{12})")


@dataclass(frozen=True, slots=True)
class Stand:
    """Which version an exported line showed, and the digest of what it said then (``statements``)."""

    ulid: str
    since: date
    digest: str

    def __str__(self) -> str:
        return f"{self.ulid}.{self.since:%Y%m%d}.{self.digest}"


@dataclass(slots=True)
class Row:
    """One line; ``end`` is half-open. A field that could not be read is empty, and a problem says why."""

    line: int
    code: str = ""
    name: str = ""
    kind: str = ""
    subkind: str = ""
    commune_code: str = ""
    parent_code: str = ""
    managing_level: str = ""
    start: date | None = None
    end: date | None = None
    details: dict[str, str] = field(default_factory=dict)
    stand: Stand | None = None

    @property
    def is_territory(self) -> bool:
        return self.kind in TERRITORIES


def parse_rows(
    rows: Iterable[tuple[int, Mapping[str, object]]], *, as_of: date | None, problems: list[Problem]
) -> list[Row]:
    """Lines as ``(line, {column: cell})`` into rows; what is wrong is added to ``problems``, with the column's code.

    A line without a start date takes ``as_of`` where that is given.
    """
    return [_parse(line, cells, as_of, problems) for line, cells in rows]


def text_of(value: object) -> str:
    """A cell as text in NFC, one space between words; a whole number without its decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _BLANKS.sub(" ", nfc(str(value))).strip()


def _parse(line: int, cells: Mapping[str, object], as_of: date | None, problems: list[Problem]) -> Row:
    found: list[Problem] = []

    def wrong(code: str, column: str, message: str) -> None:
        found.append(Problem(code, message, line=line, column=column, value=text_of(cells.get(column))))

    text = {column: text_of(cells.get(column)) for column in (*REQUIRED, *OPTIONAL)}
    row = Row(line, text["code"], text["name"], subkind=text["subkind"], parent_code=text["parent_code"])
    row.commune_code = code_chosen(text["commune_code"])
    row.details = {name: text[name] for name in DETAILS if text[name]}
    for column, limit in _LIMITS.items():
        if len(text[column]) > limit:
            wrong("too_long", column, f"Ô này dài quá {limit} ký tự.")
    if not row.name:
        wrong("missing_name", "name", "Chưa ghi tên đơn vị.")
    row.kind = _KIND_OF.get(fold(norm(text["kind"])), "")
    if not row.kind:
        wrong("unknown_kind", "kind", f"Loại đơn vị phải là một trong: {', '.join(Kind.values)}.")
    row.managing_level = _LEVEL_OF.get(fold(norm(text["managing_level"])), "")
    if not row.managing_level:
        wrong("unknown_level", "managing_level", f"Cấp quản lý phải là một trong: {', '.join(Level.values)}.")
    if row.details.get("email") and not _is_email(row.details["email"]):
        wrong("bad_email", "email", "Địa chỉ thư điện tử không đúng dạng.")
    _dates(row, cells, as_of, wrong)
    if text["stand"]:
        row.stand = _stand_of(text["stand"])
        if row.stand is None:
            wrong("bad_stand", "stand", "Dấu đối chiếu đã bị sửa; hãy xóa ô này hoặc xuất lại danh sách.")
    problems += found
    return row


def code_chosen(text: str) -> str:
    """The code alone, where the template's list was chosen from: code and name."""
    return _CHOSEN.sub(r"\1", text)


def _stand_of(text: str) -> Stand | None:
    found = _STAND.fullmatch(text)
    try:
        return Stand(found[1], datetime.strptime(found[2], "%Y%m%d").date(), found[3]) if found else None
    except ValueError:
        return None


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _dates(row: Row, cells: Mapping[str, object], as_of: date | None, wrong) -> None:
    last = None
    try:
        row.start = parse_date(cells.get("valid_from")) if text_of(cells.get("valid_from")) else as_of
        if row.start is None:
            wrong("missing_date", "valid_from", "Chưa ghi ngày bắt đầu có hiệu lực.")
    except ValueError as error:
        wrong("bad_date", "valid_from", str(error))
    try:
        last = parse_date(cells.get("valid_to")) if text_of(cells.get("valid_to")) else None
        row.end = last_day_to_upper(last)
    except ValueError as error:
        wrong("bad_date", "valid_to", str(error))
    if row.start and last and last < row.start:
        wrong("dates_reversed", "valid_to", "Ngày hết hiệu lực đứng trước ngày bắt đầu.")
        row.end = None
    if row.kind == Kind.DISTRICT and row.start and (row.end is None or row.end > REFORM):
        wrong("district_after_2025", "valid_to", "Từ ngày 01/7/2025 không còn đơn vị hành chính cấp huyện.")
