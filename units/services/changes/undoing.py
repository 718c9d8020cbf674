"""Taking a change back: the stored versions and the lineage are exactly what they were before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import PROTECT, ProtectedError, Q
from django.db.models.options import Options
from django.utils import timezone

from movement.audit.services import Act, record_many
from movement.core.dates import format_date
from movement.core.problems import Problem, Refused

from ...models import Lineage, RegisterChange, Unit, UnitGroupMember, UnitVersion
from ...selectors import change_blockers, change_steps, later_changes, names_of
from ..drafting import Draft, Known, listed
from ..memberships import Turn, turns_acts, turns_changed_since, turns_kept, turns_write
from ..timeline import Timeline, check_now, lock_register, refusing, save_timelines
from .keeping import segments
from .making import actor_name

_SHOWN = 5


@transaction.atomic
def change_undo(change: RegisterChange, *, actor, reason: str = "") -> None:
    """Take ``change`` back while nothing was built on it. The row stays, marked with who took it back and why.

    Raises:
        Refused: ``already_undone``; ``built_on`` for each later change, unit, result, account … that rests on it.
    """
    lock_register()
    change = RegisterChange.objects.select_for_update().get(pk=change.pk)
    if change.undone_at:
        sentence = f"{change.undone_by_name} đã hoàn tác thay đổi này."
        raise Refused(Problem("already_undone", sentence, value=change.undone_at))
    known = Draft(change.on).know(change.unit_ids, lock=True)
    if problems := list(_built_on(change, known)):
        raise Refused(problems)
    turned = [turn.back() for turn in turns_kept(change.memberships)]
    because = f"Hoàn tác: {change.sentence}"
    acts = [*_acts(change, reason), *turns_acts(turned, on=change.on, because=because, reason=reason.strip())]
    _restore(change, known, turned)
    change.undone_at, change.undone_reason = timezone.now(), reason.strip()
    change.undone_by_id, change.undone_by_name = getattr(actor, "pk", None), actor_name(actor)
    change.save(update_fields=["undone_at", "undone_reason", "undone_by_id", "undone_by_name", "province"])
    record_many(actor, acts)


def change_undo_problems(change: RegisterChange) -> list[Problem]:
    """Why ``change`` cannot be taken back now; empty when it can. For the page, before somebody tries."""
    if change.undone_at:
        return [Problem("already_undone", f"{change.undone_by_name} đã hoàn tác thay đổi này.")]
    return list(_built_on(change, Draft(change.on).know(change.unit_ids)))


def _built_on(change: RegisterChange, known: dict[int, Known]) -> Iterable[Problem]:
    later = later_changes(change)
    for row in later[:_SHOWN]:
        message = f"Sau đó đã có thay đổi khác, phải hoàn tác trước: {row.sentence}"
        yield Problem("built_on", message, value=row.ulid)
    differ = []
    for key, entry in change.touched.items():
        unit = known.get(int(key))
        if unit is None or unit.segments != segments(entry["after"]):
            differ.append(unit.segments[-1].own.name if unit else entry["after"][-1]["name"])
    if differ and not later:
        yield Problem("built_on", f"Sau đó đã có thay đổi khác của {listed(differ)}.", value=len(differ))
    created = set(change.created_ids)
    newer = Lineage.objects.filter(Q(predecessor__in=created) | Q(successor__in=created))
    if not later and newer.exclude(pk__in=change.lineage_ids).exists():
        yield Problem("built_on", "Đơn vị được tạo ra đã có quan hệ kế thừa khác.")
    if names := _newcomers(change):
        yield Problem("built_on", f"Sau đó đã có đơn vị đặt vào nơi này: {listed(names)}.", value=len(names))
    turned = turns_kept(change.memberships)
    for turn in turns_changed_since(turned):
        message = f"Sau đó “{turn.group.name}” đã đổi thành viên: {listed(list(names_of([turn.unit_id]).values()))}."
        yield Problem("built_on", message, value=turn.group.ulid)
    if names := _reasons_since(change):
        yield Problem("built_on", f"Sau đó lý do đưa vào diện đánh giá đã đổi: {listed(names)}.", value=len(names))
    if created and (used := _held_here(created, turned)):
        yield _used(used)
    if names := _members_too_long(change, created, turned):
        yield Problem("built_on", f"Sau đó đã được đưa vào cụm, khối: {listed(names)}.", value=len(names))
    for sentence in change_blockers(change):
        yield Problem("built_on", sentence)


def _reasons_since(change: RegisterChange) -> list[str]:
    """Names of units whose reason to be in scope is not the one that the change wrote."""
    now = dict(Unit.objects.filter(pk__in=change.reasons).values_list("pk", "scope_reason"))
    other = [int(key) for key, (_before, after) in change.reasons.items() if now.get(int(key)) != after]
    return list(names_of(other).values())


def _held_here(created: set[int], turned: Iterable[Turn]) -> set[Options]:
    """What of this app besides the change itself names a created unit: groups, settings of authorities."""
    own = [UnitVersion, Lineage, RegisterChange]
    entered = {(turn.group.pk, turn.unit_id) for turn in turned}
    members = UnitGroupMember.objects.filter(unit__in=created).values_list("group_id", "unit_id")
    if entered.issuperset(members):  # of those that entered with the change, ``turns_changed_since`` tells
        own.append(UnitGroupMember)
    relations = [r for r in Unit._meta.related_objects if r.related_model._meta.app_label == Unit._meta.app_label]
    return {
        r.related_model._meta
        for r in relations
        if r.related_model not in own
        and r.on_delete is PROTECT
        and r.related_model._base_manager.filter(**{f"{r.field.name}__in": created}).exists()
    }


def _members_too_long(change: RegisterChange, created: set[int], turned: Iterable[Turn]) -> list[str]:
    """Names of units that an undo would end while a membership that it does not take back goes on."""
    ends = {
        unit: date.fromisoformat(entry["before"][-1]["end"])
        for unit, entry in ((int(key), entry) for key, entry in change.touched.items())
        if unit not in created and entry["before"] and entry["before"][-1]["end"]
    }
    if not ends:
        return []
    back = {(turn.group.pk, turn.unit_id) for turn in turned}
    members = UnitGroupMember.objects.filter(unit__in=ends, valid__overlap=(min(ends.values()), None))
    long = {
        row.unit_id
        for row in members
        if (row.group_id, row.unit_id) not in back and (row.valid.upper is None or row.valid.upper > ends[row.unit_id])
    }
    return list(names_of(long).values())


def _used(kinds: set[Options]) -> Problem:
    named = ", ".join(sorted(str(kind.verbose_name) for kind in kinds))
    return Problem("built_on", f"Đơn vị được tạo ra đã được dùng ở: {named}.")


def _newcomers(change: RegisterChange) -> list[str]:
    """Names of units that came to stand below one of the change's where that will not be any more."""
    rows = UnitVersion.objects.filter(parent__in=change.unit_ids).exclude(unit__in=change.unit_ids)
    names = {}
    for unit, parent, name, path, valid in rows.values_list("unit_id", "parent_id", "name", "path", "valid"):
        above = path.removesuffix(f"{unit}/")
        before = segments(change.touched[str(parent)]["before"])
        spans = [s for s in before if f"{s.parent_path or '/'}{parent}/" == above]
        if not _covered(valid.lower, valid.upper, spans):
            names[unit] = name
    return list(names.values())


def _covered(start, end, spans) -> bool:
    """Whether ``[start, end)`` lies within ``spans``, in order of time."""
    for span in spans:
        if span.start <= start and (span.end is None or start < span.end):
            if span.end is None or (end is not None and end <= span.end):
                return True
            start = span.end
    return False


def _restore(change: RegisterChange, known: dict[int, Known], turned: Iterable[Turn]) -> None:
    created = set(change.created_ids)
    if change.province_id in created:
        change.province = None
    gone = RegisterChange.objects.filter(province__in=created)  # a province that a change made and that is no more
    gone.filter(Q(pk=change.pk) | Q(undone_at__isnull=False)).update(province=None)
    with refusing():
        Lineage.objects.filter(pk__in=change.lineage_ids).delete()
        turns_write(turned)
        for key, (before, _after) in change.reasons.items():
            Unit.objects.filter(pk=int(key)).update(scope_reason=before)
        save_timelines(
            Timeline(unit.unit_id, unit.kind, unit.stored, segments(change.touched[str(unit.unit_id)]["before"]))
            for unit in known.values()
        )
        try:
            Unit.objects.filter(pk__in=created).delete()
        except ProtectedError as error:  # an app that registered no blocker
            raise Refused(_used({row._meta for row in error.protected_objects})) from error
        check_now()


def _acts(change: RegisterChange, reason: str) -> Iterable[Act]:
    ulids = dict(Unit.objects.filter(pk__in=change.unit_ids).values_list("pk", "ulid"))
    for step in change_steps(change):
        yield Act(
            "unit.undone",
            f"Hoàn tác thay đổi từ ngày {format_date(change.on)}: {change.sentence}",
            object_kind="units.unit",
            object_id=ulids[step.unit_id],
            unit_id=step.unit_id,
            before=step.after or None,
            after=step.before,
            reason=reason.strip(),
        )
