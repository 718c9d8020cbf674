"""The guided actions: looked at first, then made, and taken back while nothing was built on them.

All are made under the register's lock, one at a time, so that what was planned is what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from movement.audit.models import Entry
from movement.audit.services import Act, record_many
from movement.core.dates import format_date
from movement.core.problems import Problem, Refused

from ...enums import ChangeKind, Kind
from ...models import RegisterChange, Unit
from ...selectors import Preview, UnitStep, change_effects, change_steps
from ...selectors.changes import ALONG, CHANGED, CLOSED, CREATED, MOVED, RENAMED, REOPENED, steps_of
from ..drafting import Draft
from ..memberships import turns_acts, turns_effect
from ..timeline import lock_register, refusing
from . import several, single
from .asked import AnyAsked, Asked, Close, Create, Fold, Level, Merge, Move, Rename, Reopen, Split
from .keeping import kept, stamp_of

_PLANS: dict[type, tuple[ChangeKind, Callable[..., str]]] = {
    Create: (ChangeKind.CREATE, single.create),
    Rename: (ChangeKind.RENAME, single.rename),
    Move: (ChangeKind.MOVE, single.move),
    Level: (ChangeKind.LEVEL, single.level),
    Close: (ChangeKind.CLOSE, single.close),
    Reopen: (ChangeKind.REOPEN, single.reopen),
    Merge: (ChangeKind.MERGE, several.merge),
    Split: (ChangeKind.SPLIT, several.split),
    Fold: (ChangeKind.FOLD, several.fold),
}
_ACTS = {
    CREATED: "unit.created",
    CLOSED: "unit.closed",
    REOPENED: "unit.reopened",
    RENAMED: "unit.changed",
    MOVED: "unit.changed",
    CHANGED: "unit.changed",
    ALONG: "unit.settled",
}


@dataclass(slots=True)
class Drafted:
    """A draft with what it wrote in the form in which it is kept."""

    draft: Draft
    sentence: str
    touched: Mapping[str, dict]

    @property
    def created(self) -> set[int]:
        return {unit.pk for unit in self.draft.created}

    @property
    def stamp(self) -> str:
        return stamp_of(self.touched, self.created)


def change_preview(asked: AnyAsked, *, actor) -> Preview:
    """What ``asked`` would do: everything is done, the database's checks included, and taken back.

    Never raises ``Refused``: what is wrong stands in ``problems``, all of it at once.
    """
    with transaction.atomic():
        lock_register()
        done = _drafted(asked)
        steps = steps_of(done.touched, done.created, preview=True)
        turned = turns_effect(done.draft.turns)
        transaction.set_rollback(True)
    ids = {int(key) for key in done.touched} - done.created
    return Preview(
        sentence=done.sentence,
        steps=steps,
        below=sum(step.action == ALONG for step in steps),
        effects=[*turned, *change_effects(ids, asked.on)],
        problems=done.draft.problems,
        warnings=done.draft.warnings,
        stamp=done.stamp,
    )


@transaction.atomic
def change_make(asked: AnyAsked, *, actor, idempotency_key: str = "", seen: str = "") -> RegisterChange:
    """Do what is asked. The same ``idempotency_key`` again returns what the first call did.

    ``seen`` is the ``stamp`` of the preview that was looked at: where somebody changed one of the units since, it is
    refused with that change, and nothing is lost.

    Raises:
        Refused: every problem at once; nothing is written.
    """
    lock_register()
    if idempotency_key and (known := RegisterChange.objects.filter(idempotency_key=idempotency_key[:60]).first()):
        return known
    done = _drafted(asked)
    if done.draft.problems:
        raise Refused(done.draft.problems)
    if seen and seen != done.stamp:
        raise Refused(_changed_meanwhile(done))
    kind, _ = _PLANS[type(asked)]
    return change_keep(done, kind, asked, actor=actor, idempotency_key=idempotency_key)


def change_keep(done: Drafted, kind: str, asked: Asked, *, actor, idempotency_key: str = "") -> RegisterChange:
    """Keep what a draft did as one row, with an audit row for each unit; the caller's transaction."""
    change = RegisterChange.objects.create(
        kind=kind,
        on=asked.on,
        decision=single.clean(asked.decision)[:200],
        decided_on=asked.decided_on,
        reason=asked.reason.strip(),
        sentence=done.sentence,
        province_id=_province(done),
        touched=done.touched,
        unit_ids=[int(key) for key in done.touched],
        created_ids=sorted(done.created),
        lineage_ids=[row.pk for row in done.draft.links],
        memberships=[turn.as_json() for turn in done.draft.turns],
        reasons={str(pk): said for pk, said in done.draft.reasons.items()},
        actor_id=getattr(actor, "pk", None),
        actor_name=actor_name(actor),
        idempotency_key=idempotency_key[:60] or None,
    )
    turned = turns_acts(done.draft.turns, on=change.on, because=change.sentence, reason=change.reason)
    record_many(actor, [*_acts(change, change_steps(change)), *turned])
    return change


def actor_name(actor) -> str:
    """As the trail names who did it."""
    return str(getattr(actor, "name", "") or actor or "hệ thống")[:200]


def _drafted(asked: AnyAsked) -> Drafted:
    draft = Draft(asked.on)
    _, plan = _PLANS[type(asked)]
    sentence = ""
    try:
        with refusing():
            sentence = plan(asked, draft)
            draft.finish()
            touched = kept(draft)
    except Refused as error:  # a rule that the database checks at once
        draft.problems += error.problems
        draft.traces, draft.created, draft.links, draft.turns, draft.reasons = {}, [], [], [], {}
        touched = {}
    return Drafted(draft, sentence, touched)


def _province(done: Drafted) -> int | None:
    """The province of the first unit that the change is about."""
    for key, entry in sorted(done.touched.items(), key=lambda item: item[1]["along"]):
        for version in (*reversed(entry["after"]), *reversed(entry["before"])):
            if version["province"]:
                return version["province"]
        if done.draft.traces[int(key)].kind == Kind.PROVINCE:
            return int(key)
    return None


def _changed_meanwhile(done: Drafted) -> Problem:
    """Names the latest change of one of the units, by whomever and by whatever way."""
    ids = [int(key) for key in done.touched if int(key) not in done.created]
    last = Entry.objects.filter(unit_id__in=ids, object_kind="units.unit").order_by("-id").first()
    if last is None:
        return Problem("changed_meanwhile", "Trong lúc bạn xem trước, danh bạ đã thay đổi; hãy xem lại.")
    message = f"Trong lúc bạn xem trước, {last.actor_name} đã thay đổi: {last.sentence} Hãy xem lại."
    return Problem("changed_meanwhile", message)


def _acts(change: RegisterChange, steps: Iterable[UnitStep]) -> Iterable[Act]:
    ulids = dict(Unit.objects.filter(pk__in=change.unit_ids).values_list("pk", "ulid"))
    for step in steps:
        along = f"“{step.name}” đi theo thay đổi từ ngày {format_date(change.on)}: {change.sentence}"
        yield Act(
            _ACTS[step.action],
            along if step.action == ALONG else change.sentence,
            object_kind="units.unit",
            object_id=ulids[step.unit_id],
            unit_id=step.unit_id,
            before=step.before or None,
            after=step.after,
            reason=change.reason,
        )
