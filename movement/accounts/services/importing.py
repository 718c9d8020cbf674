"""Accounts in bulk from a workbook: planned line by line, then all of them made or none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from movement.audit.services import Act, record
from movement.core import store
from movement.core.dates import last_day_to_upper, parse_date, today, upper_to_last_day
from movement.core.problems import Problem, Refused
from movement.core.tables import Row, read_table
from movement.core.text import fold, normalise_name
from units.models import UnitVersion
from units.selectors import bearers, versions_by_code

from ..access import can
from ..directory import held_at
from ..enums import ROOT_KINDS, Role
from ..models import AccountList, User
from ..rules import Holding
from ..usernames import username_proposed
from .accounts import account_create
from .assignments import assignment_give

HEADINGS = {
    "name": "Họ và tên", "position": "Chức vụ", "username": "Tên đăng nhập", "role": "Vai trò", "code": "Mã địa bàn, đơn vị",
    "since": "Từ ngày", "until": "Đến ngày", "email": "Thư điện tử",
}  # fmt: skip
REQUIRED = ("name", "role", "code")
OPTIONAL = tuple(column for column in HEADINGS if column not in REQUIRED)
_ALIASES = {heading: column for column, heading in HEADINGS.items()} | {
    "Họ tên": "name", "Mã địa bàn/đơn vị": "code", "Mã địa bàn": "code", "Mã đơn vị": "code", "Email": "email",
}  # fmt: skip
_ROLES = {normalise_name(str(role.label)): role.value for role in Role} | {role.value: role.value for role in Role}


@dataclass(slots=True)
class PlanLine:
    """One right of one account; lines of the same username are one account."""

    line: int
    name: str
    position: str
    username: str
    proposed: bool
    email: str
    role: str
    version: UnitVersion | None
    start: date
    end: date | None

    @property
    def last(self) -> date | None:
        return upper_to_last_day(self.end)

    @property
    def role_word(self) -> str:
        return Role(self.role).label if self.role else ""


@dataclass(slots=True)
class AccountPlan:
    lines: list[PlanLine]
    problems: list[Problem]

    @property
    def people(self) -> int:
        return len({line.username.lower() for line in self.lines})


def accounts_plan(asked: AccountList, *, actor) -> AccountPlan:
    """What the list would make, and everything that is wrong with it; nothing is written.

    Problems beside those of ``read_table``: ``missing_value``, ``unknown_role``, ``unknown_unit``, ``ambiguous_code``,
    ``bad_date``, ``bad_dates``, ``bad_email``, ``bad_username``, ``username_taken``, ``two_people``, ``wrong_root``,
    ``not_allowed``, ``same_right``.
    """
    data = store.files.read(asked.file.sha256)
    table = read_table(data, filename=asked.file.original_name, aliases=_ALIASES, required=REQUIRED, optional=OPTIONAL)
    problems = [_named(problem) for problem in table.problems]
    codes = versions_by_code(_code(row) for row in table.rows)
    taken = {name.lower() for name in User.objects.values_list("username", flat=True)}
    asked_names = {_text(row, "username").lower() for row in table.rows} - {""}
    used, lines = set(taken | asked_names), []
    for row in table.rows:
        line = _line(row, codes, problems, used)
        _check(line, row, taken, actor, problems)
        lines.append(line)
    _check_people(lines, problems)
    return AccountPlan(lines, sorted(problems, key=lambda p: (p.line or 0, str(p.column))))


def _named(problem: Problem) -> Problem:
    """With the heading that a clerk sees instead of the column's name."""
    column = HEADINGS.get(problem.column, problem.column)
    return Problem(problem.code, problem.message, problem.line, column, problem.value)


def _text(row: Row, column: str) -> str:
    value = row.cells.get(column)
    return "" if value is None else str(value).strip()


def _code(row: Row) -> str:
    """The code alone: the template's list offers "31333 - Phường …"."""
    return _text(row, "code").split(" - ")[0].strip()


def _line(row: Row, codes, problems: list[Problem], used: set[str]) -> PlanLine:
    def wrong(code: str, column: str, message: str) -> None:
        problems.append(Problem(code, message, row.line, HEADINGS[column], row.cells.get(column)))

    def day(column: str) -> date | None:
        if row.cells.get(column) in (None, ""):
            return None
        try:
            return parse_date(row.cells[column])
        except ValueError as error:
            wrong("bad_date", column, str(error))
            return None

    for column in REQUIRED:
        if not _text(row, column):
            wrong("missing_value", column, "Ô này phải có nội dung.")
    role = _ROLES.get(_text(row, "role")) or _ROLES.get(normalise_name(_text(row, "role")), "")
    if _text(row, "role") and not role:
        wrong("unknown_role", "role", "Không có vai trò này; hãy chọn trong danh mục của tệp mẫu.")
    start, end = day("since") or today(), last_day_to_upper(day("until"))
    if end is not None and end <= start:
        wrong("bad_dates", "until", "Ngày kết thúc phải từ ngày bắt đầu trở đi.")
        end = None
    found = bearers(codes.get(_code(row), ()), max(start, today()))
    if _code(row) and len(found) != 1:
        word = "Mã này là của nhiều đơn vị." if found else "Không có đơn vị nào mang mã này vào ngày bắt đầu."
        wrong("ambiguous_code" if found else "unknown_unit", "code", word)
    username, proposed = _text(row, "username"), False
    if not username and _text(row, "name"):
        username, proposed = username_proposed(_text(row, "name"), used), True
        used.add(username)
    return PlanLine(
        row.line, _text(row, "name"), _text(row, "position"), username, proposed, _text(row, "email"), role,
        found[0] if len(found) == 1 else None, start, end,
    )  # fmt: skip


def _check(line: PlanLine, row: Row, taken: set[str], actor, problems: list[Problem]) -> None:
    def wrong(code: str, column: str, message: str) -> None:
        problems.append(Problem(code, message, line.line, HEADINGS[column], row.cells.get(column)))

    if line.username.lower() in taken:
        wrong("username_taken", "username", "Tên đăng nhập này đã có người dùng.")
    elif line.username:
        try:
            User._meta.get_field("username").clean(line.username, None)
        except ValidationError as error:
            wrong("bad_username", "username", " ".join(map(str, error.messages)))
    if line.email:
        try:
            validate_email(line.email)
        except ValidationError:
            wrong("bad_email", "email", "Địa chỉ thư điện tử không đúng dạng.")
    if not line.role or line.version is None:
        return
    allowed = ROOT_KINDS.get(Role(line.role))
    if allowed is not None and line.version.kind not in allowed:
        wrong("wrong_root", "code", f"Vai trò “{line.role_word}” không gắn với loại đơn vị này.")
    right = can(actor, "accounts.manage", Holding(None, (held_at(line.role, line.version),)))
    if not right:
        column = "role" if "vai trò" in right.sentence else "code"
        wrong("not_allowed", column, right.sentence)


def _check_people(lines: list[PlanLine], problems: list[Problem]) -> None:
    """Lines of one username are one person, and give each right once."""
    people: dict[str, str] = {}
    rights: set[tuple] = set()
    for line in lines:
        key = line.username.lower()
        if key and people.setdefault(key, fold(line.name)) != fold(line.name):
            sentence = "Tên đăng nhập này ở dòng trên là của người khác; tài khoản không dùng chung."
            problems.append(Problem("two_people", sentence, line.line, HEADINGS["username"], line.username))
        right = (key, line.role, line.version and line.version.unit_id)
        if all(right) and right in rights:
            problems.append(
                Problem("same_right", "Quyền này đã có ở dòng trên.", line.line, HEADINGS["role"], line.role_word)
            )
        rights.add(right)


@transaction.atomic
def accounts_make(asked: AccountList, *, actor) -> list[User]:
    """Make all accounts of the list, once; nobody can sign in with them until a code is handed over.

    Raises:
        Refused: with every problem of the list; ``accepted_already``.
    """
    row = AccountList.objects.select_for_update(of=("self",)).select_related("file").get(pk=asked.pk)
    if row.accepted_at:
        raise Refused(Problem("accepted_already", "Danh sách này đã được ghi."))
    plan = accounts_plan(row, actor=actor)
    if plan.problems:
        raise Refused(plan.problems)
    made: dict[str, User] = {}
    for line in plan.lines:
        key = line.username.lower()
        if key not in made:
            made[key] = account_create(
                username=line.username, password=None, actor=actor, name=line.name, position=line.position,
                email=line.email, unit_id=line.version.unit_id,
            )  # fmt: skip
        assignment_give(
            user=made[key], role=line.role, unit=line.version.unit, kind=line.version.kind, start=line.start,
            end=line.end, actor=actor,
        )  # fmt: skip
    row.accepted_at, row.made = timezone.now(), [user.pk for user in made.values()]
    row.save(update_fields=["accepted_at", "made"])
    sentence = f"Lập {len(made)} tài khoản từ tệp “{row.file.original_name}”."
    record(
        actor, Act("account.import", sentence, "accounts.list", row.ulid, row.file.unit_id, after={"made": len(made)})
    )
    return list(made.values())
