"""Giving a right, ending it, passing it on for a while, moving it. Who may do so is asked in ``rules.may_manage``."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from movement.audit.services import Act, record
from movement.core.dates import format_date, today, upper_to_last_day
from movement.core.problems import Problem, Refused
from units.enums import Kind
from units.models import Unit, UnitGroup, UnitVersion
from units.selectors import names_of

from ..enums import ROOT_KINDS, Role
from ..models import Assignment, User
from .accounts import sessions_end

GROUP_ROLES = {Role.AREA_OFFICER, Role.AUDITOR}


@transaction.atomic
def assignment_give(
    *, user: User, role: str, actor, unit: Unit | None = None, kind: str = "", group: UnitGroup | None = None,
    start: date | None = None, end: date | None = None,
) -> Assignment:  # fmt: skip
    """Give ``role`` on ``unit`` (a unit of ``kind``) and all below it, or on a group, from ``start`` (today) to before ``end``.

    Raises:
        Refused: ``wrong_root`` when the role cannot stand on such a unit or group; ``bad_dates``; ``held_already``;
            ``account_closed``.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two administrators give the same right once
    start = start or today()
    _check(user, role, unit, kind, group, start, end)
    row = Assignment.objects.create(
        user=user, role=role, unit=unit, group=group, valid=(start, end), made_by=str(actor)[:200]
    )
    record(actor, _act("assignment.give", f"Giao {_words(row)} cho {user}", row))
    return row


def _check(user: User, role: str, unit, kind: str, group, start: date, end: date | None) -> None:
    if not user.is_active:
        raise Refused(Problem("account_closed", "Tài khoản này đã đóng; hãy mở lại trước khi giao quyền."))
    if end is not None and end <= start:
        raise Refused(Problem("bad_dates", "Ngày kết thúc phải từ ngày bắt đầu trở đi."))
    allowed = ROOT_KINDS.get(Role(role))
    if group is not None and role not in GROUP_ROLES:
        raise Refused(Problem("wrong_root", f"Vai trò “{Role(role).label}” không gắn với cụm, khối.", value=group.name))
    if group is None and allowed is not None and kind not in allowed:
        names = ", ".join(str(Kind(k).label) for k in sorted(allowed))
        raise Refused(Problem("wrong_root", f"Vai trò “{Role(role).label}” phải gắn với: {names}.", value=kind))
    same = Assignment.objects.filter(user=user, role=role, unit=unit, group=group, deputy_for=None, cancelled_at=None)
    if same.filter(valid__overlap=(start, end)).exists():
        raise Refused(Problem("held_already", "Tài khoản này đã có đúng vai trò đó tại nơi đó trong thời gian này."))


@transaction.atomic
def assignment_end(assignment: Assignment, *, actor, upper: date | None = None, reason: str = "") -> None:
    """End a right: ``upper`` is the first day without it, today by default. Those who stand in for it end too.

    What has ended already is left. A right that ends today ends the sessions of who held it.
    """
    upper = upper or today()
    row = Assignment.objects.select_for_update(of=("self",)).select_related("user").get(pk=assignment.pk)
    ended = [row] if _cut(row, upper) else []
    for deputy in Assignment.objects.select_for_update(of=("self",)).filter(deputy_for=row).select_related("user"):
        if _cut(deputy, upper):
            ended.append(deputy)
    for one in ended:
        if upper <= today():
            sessions_end(one.user)
        when = "ngay" if upper <= today() else f"từ ngày {format_date(upper)}"
        record(actor, _act("assignment.end", f"Kết thúc {when}: {_words(one)} của {one.user}", one, reason=reason))


def _cut(row: Assignment, upper: date) -> bool:
    """Whether the row reached beyond ``upper``; then it does no longer."""
    if row.cancelled_at or (row.valid.upper is not None and row.valid.upper <= upper):
        return False
    if upper <= row.valid.lower:
        row.cancelled_at = timezone.now()
        row.save(update_fields=["cancelled_at"])
    else:
        row.valid = (row.valid.lower, upper)
        row.save(update_fields=["valid"])
        row.refresh_from_db(fields=["valid"])
    return True


@transaction.atomic
def assignment_deputise(principal: Assignment, *, user: User, start: date, end: date, actor) -> Assignment:
    """Let ``user`` stand in for an assignment from ``start`` to before ``end``: same role, same ground.

    Raises:
        Refused: ``own_deputy``, ``deputy_of_deputy``, ``bad_dates``, ``beyond_principal``, ``account_closed``,
            ``held_already``.
    """
    row = Assignment.objects.select_for_update(of=("self",)).select_related("user").get(pk=principal.pk)
    problems = []
    if row.user_id == user.pk:
        problems.append(Problem("own_deputy", "Không ai làm thay cho chính mình."))
    if row.deputy_for_id:
        problems.append(Problem("deputy_of_deputy", "Người làm thay không cử người khác thay mình."))
    if not user.is_active:
        problems.append(Problem("account_closed", "Tài khoản của người làm thay đã đóng."))
    if end <= start:
        problems.append(Problem("bad_dates", "Ngày kết thúc phải từ ngày bắt đầu trở đi."))
    elif row.cancelled_at or start < row.valid.lower or (row.valid.upper is not None and end > row.valid.upper):
        sentence = "Thời gian làm thay phải nằm trong thời gian của phân công được thay."
        problems.append(Problem("beyond_principal", sentence))
    elif Assignment.objects.filter(user=user, deputy_for=row, cancelled_at=None, valid__overlap=(start, end)).exists():
        problems.append(Problem("held_already", "Người này đã làm thay phân công đó trong thời gian này."))
    if problems:
        raise Refused(problems)
    made = Assignment.objects.create(
        user=user, role=row.role, unit_id=row.unit_id, group_id=row.group_id, valid=(start, end), deputy_for=row,
        made_by=str(actor)[:200],
    )  # fmt: skip
    until = format_date(upper_to_last_day(end))
    sentence = f"Cử {user} làm thay {row.user} từ {format_date(start)} đến {until}: {_words(row)}"
    record(actor, _act("assignment.deputise", sentence, made))
    return made


@transaction.atomic
def assignment_transfer(
    assignment: Assignment, *, unit: Unit, kind: str, actor, role: str = "", reason: str = ""
) -> Assignment:
    """Move somebody: the old right ends today, the new one begins today. They sign in anew; the trail stays.

    Raises:
        Refused: ``ended_already``, and as ``assignment_give``.
    """
    row = Assignment.objects.select_for_update(of=("self",)).select_related("user").get(pk=assignment.pk)
    if row.cancelled_at or (row.valid.upper is not None and row.valid.upper <= today()):
        raise Refused(Problem("ended_already", "Phân công này đã kết thúc."))
    assignment_end(row, actor=actor, reason=reason)
    return assignment_give(user=row.user, role=role or row.role, unit=unit, kind=kind, actor=actor)


@transaction.atomic
def assignment_follow(assignment: Assignment, *, successor: UnitVersion, actor) -> Assignment:
    """Move the right of a place that has ended to its main successor, as an administrator confirmed.

    Raises:
        Refused: as ``assignment_transfer``.
    """
    reason = f"Địa bàn đã kết thúc, {successor.name} kế thừa."
    kind = successor.kind
    return assignment_transfer(assignment, unit=successor.unit, kind=kind, actor=actor, reason=reason)


def _words(row: Assignment) -> str:
    place = row.group.name if row.group_id else names_of([row.unit_id]).get(row.unit_id, "")
    return f"vai trò “{Role(row.role).label}” tại {place}"


def _act(action: str, sentence: str, row: Assignment, reason: str = "") -> Act:
    row.refresh_from_db(fields=["valid"])
    after = {
        "role": row.role, "unit": row.unit and row.unit.ulid, "group": row.group and row.group.ulid,
        "from": row.valid.lower, "to": upper_to_last_day(row.valid.upper), "cancelled": bool(row.cancelled_at),
    }  # fmt: skip
    unit_id = row.unit_id or row.group.province_id
    return Act(action, f"{sentence}.", "accounts.user", row.user.ulid, unit_id, after=after, reason=reason)
