"""Founding, changing and ending a group (cụm, khối thi đua, ngành), and who is in it from which day to which."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction

from movement.audit.services import Act, record
from movement.core.dates import format_date, last_day_to_upper, upper_to_last_day
from movement.core.problems import Problem, Refused, constraint_problem
from movement.core.text import nfc

from ..enums import GroupKind
from ..models import Unit, UnitGroup, UnitGroupMember
from ..selectors import names_of, versions_of

_NAMED = 200  # names of members kept in one row of the trail


@transaction.atomic
def group_create(*, province: Unit, kind: str, name: str, start: date, actor, decision: str = "") -> UnitGroup:
    """A group of ``province`` from ``start`` on.

    Raises:
        Refused: ``name_missing``; ``units_group_name_once``, another group of the province bears the name then.
    """
    name = _named(name)
    group = UnitGroup(province=province, kind=kind, name=name, decision=nfc(decision).strip(), valid=(start, None))
    _saved(group)
    _tell(
        actor, group, "group.create", f"Lập {GroupKind(kind).label} “{name}” từ ngày {format_date(start)}.",
        after={"name": name, "kind": kind, "decision": group.decision, "from": start.isoformat()},
    )  # fmt: skip
    return group


@transaction.atomic
def group_change(*, group: UnitGroup, name: str, decision: str, actor) -> None:
    """Mend the name and the founding decision as they are written; who is in it stays.

    Raises:
        Refused: as ``group_create``.
    """
    row = _locked(group)
    before = {"name": row.name, "decision": row.decision}
    row.name, row.decision = _named(name), nfc(decision).strip()
    after = {"name": row.name, "decision": row.decision}
    if after != before:
        _saved(row)
        _tell(actor, row, "group.change", f"Sửa “{row.name}”.", before=before, after=after)


@transaction.atomic
def group_end(*, group: UnitGroup, last_day: date, actor, reason: str = "") -> None:
    """The group ends after ``last_day``, and every membership with it.

    Raises:
        Refused: ``before_start``, ``members_later`` (somebody joins after that day).
    """
    row = _locked(group)
    end = last_day_to_upper(last_day)
    if end <= row.valid.lower:
        day = format_date(row.valid.lower)
        raise Refused(Problem("before_start", f"Ngày cuối phải từ ngày lập {day} trở đi.", column="last_day"))
    later = row.members.filter(valid__startswith__gte=end).count()
    if later:
        message = f"Có {later} đơn vị vào sau ngày {format_date(last_day)}; hãy bỏ những lần vào đó trước."
        raise Refused(Problem("members_later", message, column="last_day"))
    for member in row.members.filter(valid__contains=end):
        member.valid = (member.valid.lower, end)
        member.save(update_fields=["valid"])
    before = {"to": _day(upper_to_last_day(row.valid.upper))}
    row.valid = (row.valid.lower, end)
    _saved(row)
    _tell(
        actor, row, "group.end", f"“{row.name}” kết thúc ngày {format_date(last_day)}.",
        before=before, after={"to": last_day.isoformat()}, reason=reason,
    )  # fmt: skip


@transaction.atomic
def members_add(*, group: UnitGroup, unit_ids: Iterable[int], start: date, actor) -> int:
    """These units are in ``group`` from ``start`` until it ends; how many were not before.

    Who is in it already stays; who was to join later joins on ``start``.

    Raises:
        Refused: ``outside_group``, the group does not exist on that day; ``unit_not_there`` for each such unit.
    """
    row, wanted = _locked(group), sorted(set(unit_ids))
    if start not in row.valid:
        days = f"từ ngày {format_date(row.valid.lower)}"
        if last := upper_to_last_day(row.valid.upper):
            days += f" đến hết ngày {format_date(last)}"
        raise Refused(Problem("outside_group", f"Cụm, khối này có {days}.", column="start"))
    there = versions_of(wanted, start)
    missing = [unit for unit in wanted if unit not in there]
    if missing:
        names = names_of(missing)
        message = f"Đơn vị không tồn tại vào ngày {format_date(start)}."
        raise Refused(Problem("unit_not_there", message, value=names.get(unit)) for unit in missing)
    upcoming: dict[int, UnitGroupMember] = {}
    inside = set()
    for member in row.members.filter(unit__in=wanted, valid__overlap=(start, None)).order_by("-valid__startswith"):
        if start in member.valid:
            inside.add(member.unit_id)
        upcoming[member.unit_id] = member  # the nearest last
    joining = [unit for unit in wanted if unit not in inside]
    for unit in joining:
        if unit in upcoming:
            upcoming[unit].valid = (start, upcoming[unit].valid.upper)
            upcoming[unit].save(update_fields=["valid"])
    fresh = [unit for unit in joining if unit not in upcoming]
    span = (start, row.valid.upper)
    UnitGroupMember.objects.bulk_create(
        (UnitGroupMember(group=row, unit_id=unit, valid=span) for unit in fresh), batch_size=1000
    )
    if joining:
        names = [there[unit].name for unit in joining[:_NAMED]]
        sentence = f"{len(joining)} đơn vị vào “{row.name}” từ ngày {format_date(start)}."
        _tell(actor, row, "group.join", sentence, after={"units": names, "from": start.isoformat()})
    return len(joining)


@transaction.atomic
def member_end(*, member: UnitGroupMember, last_day: date, actor, reason: str = "") -> None:
    """One unit leaves after ``last_day``.

    Raises:
        Refused: ``before_start``; ``after_end``, the group or the membership ends before.
    """
    row = UnitGroupMember.objects.select_for_update().select_related("group").get(pk=member.pk)
    end, name = last_day_to_upper(last_day), names_of([row.unit_id])[row.unit_id]
    if end <= row.valid.lower:
        day = format_date(row.valid.lower)
        raise Refused(Problem("before_start", f"Ngày cuối phải từ ngày vào {day} trở đi.", column="last_day"))
    if row.group.valid.upper and end > row.group.valid.upper:
        day = format_date(upper_to_last_day(row.group.valid.upper))
        raise Refused(Problem("after_end", f"Cụm, khối này chỉ có đến hết ngày {day}.", column="last_day"))
    before = {"unit": name, "to": _day(upper_to_last_day(row.valid.upper))}
    row.valid = (row.valid.lower, end)
    try:
        with transaction.atomic():
            row.save(update_fields=["valid"])
    except IntegrityError as error:
        raise _refusal(error) from error
    _tell(
        actor, row.group, "group.leave", f"“{name}” ra khỏi “{row.group.name}” sau ngày {format_date(last_day)}.",
        before=before, after={"unit": name, "to": last_day.isoformat()}, reason=reason,
    )  # fmt: skip


@transaction.atomic
def member_remove(*, member: UnitGroupMember, actor, reason: str = "") -> None:
    """Take back a membership that was written by mistake: it never was."""
    row = UnitGroupMember.objects.select_for_update().select_related("group").get(pk=member.pk)
    name = names_of([row.unit_id])[row.unit_id]
    before = {"unit": name, "from": _day(row.valid.lower), "to": _day(upper_to_last_day(row.valid.upper))}
    row.delete()
    _tell(
        actor, row.group, "group.unjoin", f"Bỏ “{name}” khỏi “{row.group.name}” vì ghi nhầm.",
        before=before, reason=reason,
    )  # fmt: skip


def _locked(group: UnitGroup) -> UnitGroup:
    return UnitGroup.objects.select_for_update().get(pk=group.pk)


def _named(name: str) -> str:
    name = " ".join(nfc(name).split())
    if not name:
        raise Refused(Problem("name_missing", "Cụm, khối phải có tên.", column="name"))
    return name


def _saved(group: UnitGroup) -> None:
    try:
        with transaction.atomic():
            group.save()
            group.refresh_from_db()
    except IntegrityError as error:
        raise _refusal(error) from error


def _refusal(error: IntegrityError) -> Exception:
    problem = constraint_problem(error)
    if problem is None:
        return error
    return Refused(Problem(problem.code, problem.message, column="name"))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _tell(actor, group: UnitGroup, action: str, sentence: str, **more) -> None:
    record(actor, Act(action, sentence, "units.unitgroup", group.ulid, group.province_id, **more))
