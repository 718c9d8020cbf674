"""One line of decisions already taken, read: what each cell may hold and what is wrong with it.

Nothing here asks the database. Source of the columns: design §7, ``import_awards``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from movement.core.dates import format_date, parse_date, today
from movement.core.problems import Problem
from movement.core.secrecy import twelve_digit_numbers
from movement.core.text import fold, nfc

from .enums import RecipientKind
from .models import Award
from .selectors import form_code, recipient_kind
from .selectors.checks import period_problem

REQUIRED = ("decision", "decided_on", "authority", "signer", "form", "recipient_kind", "achieved_from", "achieved_to")
OPTIONAL = ("unit_code", "unit_name", "person_name", "position", "citation")

_HEADINGS = {
    "decision": ("số quyết định", "quyết định", "số, ký hiệu"),
    "decided_on": ("ngày quyết định", "ngày ký", "ngày ký quyết định"),
    "authority": ("cơ quan quyết định", "cơ quan ban hành", "cấp khen thưởng", "cấp quyết định"),
    "signer": ("người ký", "người ký quyết định"),
    "form": ("hình thức", "hình thức khen thưởng"),
    "recipient_kind": ("đối tượng", "loại đối tượng"),
    "unit_code": ("mã đơn vị", "mã"),
    "unit_name": ("tên đơn vị", "đơn vị", "tập thể", "tên tập thể"),
    "person_name": ("họ và tên", "họ tên", "tên hộ", "họ và tên, hoặc tên hộ"),
    "position": ("chức vụ", "chức danh"),
    "achieved_from": ("thành tích từ ngày", "từ ngày", "thời gian lập thành tích từ"),
    "achieved_to": ("thành tích đến ngày", "đến ngày", "thời gian lập thành tích đến"),
    "citation": ("thành tích", "nội dung khen", "nội dung khen thưởng"),
}
#: The first Vietnamese heading of each column, for telling where something is wrong.
HEADING_OF = {column: words[0] for column, words in _HEADINGS.items()}
#: Vietnamese headings, with and without marks, to columns.
ALIASES = {word: column for column, words in _HEADINGS.items() for text in words for word in (text, fold(text))}

_LIMITS = {"decision": 80, "authority": 300, "signer": 200, "unit_code": 40}
_LIMITS |= {name: Award._meta.get_field(name).max_length for name in ("unit_name", "person_name", "position")}
_TEXTS = ("decision", "authority", "signer", "unit_code", "unit_name", "person_name", "position", "citation")


@dataclass(slots=True)
class Row:
    """A line as read. ``sound`` when each cell is well-formed; else what could not be read is ``None``.

    ``start`` and ``end`` (the last day) are both ``None`` where the decision states no achievement period.
    """

    line: int
    sound: bool
    decision: str
    decided_on: date | None
    authority: str
    signer: str
    form: str | None
    recipient_kind: str | None
    unit_code: str
    unit_name: str
    person_name: str
    position: str
    start: date | None
    end: date | None
    citation: str

    @property
    def is_collective(self) -> bool:
        return self.recipient_kind == RecipientKind.COLLECTIVE


def parse_rows(
    rows: Iterable[tuple[int, Mapping[str, object]]], *, forms: Mapping, problems: list[Problem]
) -> list[Row]:
    """Every line; what is wrong with its cells goes to ``problems``. ``forms`` are those that may be named in words."""
    return [_Line(line, cells, problems).row(forms) for line, cells in rows]


class _Line:
    def __init__(self, line: int, cells: Mapping[str, object], problems: list[Problem]):
        self.line, self.cells, self.problems = line, cells, problems

    def wrong(self, code: str, message: str, column: str, value: object = None) -> None:
        self.problems.append(Problem(code, message, self.line, column, value))

    def text(self, column: str) -> str:
        value = self.cells.get(column)
        text = "" if value is None else " ".join(nfc(str(value)).split())
        limit = _LIMITS.get(column)
        if limit and len(text) > limit:
            self.wrong("too_long", f"Nội dung dài quá {limit} ký tự.", column, text)
            return text[:limit]
        return text

    def day(self, column: str) -> date | None:
        value = self.cells.get(column)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return parse_date(value)
        except ValueError as error:
            self.wrong("bad_date", str(error), column, value)
            return None

    def row(self, forms: Mapping) -> Row:
        before = len(self.problems)
        text = {column: self.text(column) for column in _TEXTS}
        for column, sentence in (
            ("decision", "Thiếu số, ký hiệu của quyết định."),
            ("authority", "Thiếu cơ quan ban hành quyết định."),
            ("signer", "Thiếu người ký quyết định."),
        ):
            if not text[column]:
                self.wrong(f"{column}_missing", sentence, column)
        decided_on = self._decided_on()
        start, end = self._period(decided_on)
        kind, form = self._kind(), self._form(forms)
        if kind:
            self._named(kind, text)
        if not text["unit_code"] and not text["unit_name"]:
            self.wrong(
                "unit_missing",
                "Phải ghi mã hoặc tên của tập thể, hoặc của đơn vị, nơi ở của người, hộ được khen.",
                "unit_code",
            )
        for column in ("unit_name", "person_name", "position", "citation"):
            if twelve_digit_numbers(text[column]):
                self.wrong(
                    "twelve_digits",
                    "Có dãy 12 chữ số, có thể là số định danh cá nhân; sổ khen thưởng không lưu số này.",
                    column,
                )
        sound = len(self.problems) == before
        return Row(
            line=self.line, sound=sound, decided_on=decided_on, form=form, recipient_kind=kind, start=start, end=end, **text
        )  # fmt: skip

    def _decided_on(self) -> date | None:
        value = self.cells.get("decided_on")
        if value in (None, ""):
            self.wrong("decided_on_missing", "Thiếu ngày ký quyết định.", "decided_on")
            return None
        day = self.day("decided_on")
        if day and day > today():
            self.wrong("date_ahead", "Ngày ký quyết định ở tương lai.", "decided_on", value)
        return day

    def _period(self, decided_on: date | None) -> tuple[date | None, date | None]:
        """Both days or neither; a period lies before the end of the year of the decision."""
        given = {column: self.cells.get(column) not in (None, "") for column in ("achieved_from", "achieved_to")}
        start, end = self.day("achieved_from"), self.day("achieved_to")
        if given["achieved_from"] != given["achieved_to"]:
            column = "achieved_to" if given["achieved_from"] else "achieved_from"
            self.wrong(
                "period_incomplete", "Thời gian lập thành tích phải có cả ngày đầu và ngày cuối, hoặc để trống cả hai.",
                column,
            )  # fmt: skip
        if start and end and end < start:
            self.wrong(
                "period_order",
                f"Ngày cuối của thời gian lập thành tích ở trước ngày đầu ({format_date(start)}).",
                "achieved_to",
                self.cells.get("achieved_to"),
            )
        elif start and end and decided_on and (sentence := period_problem(start, end, on=decided_on)):
            sentence = sentence.replace("ở tương lai", "sau ngày ký quyết định")
            self.wrong("period_ahead", sentence, "achieved_to", self.cells.get("achieved_to"))
        return start, end

    def _kind(self) -> str | None:
        value = self.text("recipient_kind")
        kind = recipient_kind(value)
        if kind is None:
            known = ", ".join(f"{one.value} ({str(one.label).lower()})" for one in RecipientKind)
            self.wrong("unknown_recipient_kind", f"Đối tượng phải là một trong: {known}.", "recipient_kind", value)
        return kind

    def _form(self, forms: Mapping) -> str | None:
        value = self.text("form")
        code = form_code(value, forms)
        if code is None:
            self.wrong("unknown_form", "Hình thức khen thưởng này không có trong danh mục.", "form", value)
        return code

    def _named(self, kind: str, text: dict[str, str]) -> None:
        """An individual has a name and a position, a household a name, a collective neither."""
        if kind == RecipientKind.COLLECTIVE:
            for column in ("person_name", "position"):
                if text[column]:
                    self.wrong("person_not_expected", "Tập thể được khen không ghi tên người, chức vụ.", column)
            return
        if kind == RecipientKind.HOUSEHOLD and not text["person_name"] and text["unit_name"]:
            # a household written in the column of names, beside the code of the place or alone
            text["person_name"] = text["unit_name"]
        if not text["person_name"]:
            word = "họ và tên của cá nhân" if kind == RecipientKind.INDIVIDUAL else "tên hộ gia đình"
            self.wrong("person_missing", f"Thiếu {word} được khen.", "person_name")
        if kind == RecipientKind.INDIVIDUAL and not text["position"]:
            self.wrong("position_missing", "Thiếu chức vụ của cá nhân được khen.", "position")
        if kind == RecipientKind.HOUSEHOLD and text["position"]:
            self.wrong("position_not_expected", "Hộ gia đình không ghi chức vụ.", "position")
