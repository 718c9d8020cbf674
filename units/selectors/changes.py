"""What a change of the register did, what it touches elsewhere, and what was built on it since.

What a change touched is kept as ``{"<unit id>": {"on", "along", "before", "after"}}``: ``before`` and ``after`` are
the unit's versions, oldest first, each ``{start, end, code, name, subkind, level, body, parent, path, province}``
with ISO dates and a half-open ``end``. The other apps add what they know; this one imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from movement.core.dates import upper_to_last_day
from movement.core.problems import Problem

from ..models import RegisterChange, Unit
from .versions import names_of

CREATED, RENAMED, MOVED, CLOSED, REOPENED = "created", "renamed", "moved", "closed", "reopened"
CHANGED, ALONG = "changed", "goes_along"  # another managing level; went over with its place


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change touches outside the register: ``title`` says what, ``names`` are some of the ``count``."""

    title: str
    count: int
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UnitStep:
    """What a change does to one unit.

    ``action``: ``created renamed moved closed reopened changed goes_along``. ``before`` and ``after`` hold what
    differs, of ``code name subkind managing_level managing_body place valid_from valid_to`` (places and bodies by
    name, ``valid_to`` the last day). ``unit_id`` is ``None`` for a unit that a preview would create.
    """

    unit_id: int | None
    name: str
    code: str
    action: str
    before: dict
    after: dict


@dataclass(frozen=True, slots=True)
class Preview:
    """What an action would do; nothing of it is written.

    ``below``: how many units only go along. ``stamp`` names the state that was looked at: handed to ``change_make``
    it lets a change that somebody made in between come to light.
    """

    sentence: str
    steps: list[UnitStep]
    below: int
    effects: list[Effect]
    problems: list[Problem]
    warnings: list[Problem]
    stamp: str = ""


EffectOf = Callable[[set[int], date], Iterable[Effect]]
BlockerOf = Callable[[RegisterChange, set[int]], Iterable[str]]
_EFFECTS: dict[str, EffectOf] = {}
_BLOCKERS: list[BlockerOf] = []


def register_change_effect(name: str, effect: EffectOf) -> None:
    """Add to every preview what ``effect(unit_ids, on)`` finds touched: open assessments, accounts, deadlines …"""
    _EFFECTS[name] = effect


def register_change_blocker(blocker: BlockerOf) -> None:
    """``blocker(change, unit_ids)`` yields a Vietnamese sentence for each thing that was built on a change since.

    It is asked before an undo; ``unit_ids`` are all that the change touched.
    """
    if blocker not in _BLOCKERS:
        _BLOCKERS.append(blocker)


def change_effects(unit_ids: Iterable[int], on: date) -> list[Effect]:
    """What a change of these units touches elsewhere; nothing that counts zero."""
    ids = set(unit_ids)
    found = [effect for _, effect_of in sorted(_EFFECTS.items()) for effect in effect_of(ids, on)] if ids else []
    return [effect for effect in found if effect.count]


def change_blockers(change: RegisterChange) -> list[str]:
    """Sentences of what other apps hold that was built on a change."""
    ids = set(change.unit_ids)
    return [sentence for blocker in _BLOCKERS for sentence in blocker(change, ids)]


def changes_of(unit: Unit | int) -> QuerySet[RegisterChange]:
    """The guided changes that touched a unit, latest first; those taken back too."""
    return RegisterChange.objects.filter(unit_ids__contains=[getattr(unit, "pk", unit)]).order_by("-pk")


def change_by_ulid(ulid: str) -> RegisterChange | None:
    return RegisterChange.objects.filter(ulid=ulid.upper()).first()


def later_changes(change: RegisterChange) -> list[RegisterChange]:
    """Changes that stand and that touched one of its units since, latest first: they are undone before it."""
    rows = RegisterChange.objects.filter(pk__gt=change.pk, undone_at=None, unit_ids__overlap=change.unit_ids)
    return list(rows.order_by("-pk"))


def change_steps(change: RegisterChange) -> list[UnitStep]:
    """What a change did, unit by unit: those it is about first, then those that went along."""
    return steps_of(change.touched, set(change.created_ids))


def steps_of(touched: Mapping[str, dict], created: set[int], *, preview: bool = False) -> list[UnitStep]:
    """As ``change_steps`` from the kept form; in a ``preview`` what is created has no id that will last."""
    named = {
        pk
        for entry in touched.values()
        for side in (entry["before"], entry["after"])
        for version in side
        for pk in (version["parent"], version["body"])
        if pk
    }
    names = names_of(named)
    steps = []
    for key, entry in touched.items():
        unit, on = int(key), date.fromisoformat(entry["on"])
        old, new = _on(entry["before"], on), _on(entry["after"], on)
        was = _told(entry["before"], old, names)
        now = _told(entry["after"], new, names)
        called = new or old or (entry["after"] or entry["before"])[-1]
        steps.append(
            UnitStep(
                unit_id=None if preview and unit in created else unit,
                name=called["name"],
                code=called["code"],
                action=CREATED if unit in created else _action(entry, old, new),
                before={field: text for field, text in was.items() if text != now.get(field)},
                after={field: text for field, text in now.items() if text != was.get(field)},
            )
        )
    order = [CREATED, CLOSED, REOPENED, RENAMED, MOVED, CHANGED, ALONG]
    return sorted(steps, key=lambda step: order.index(step.action))


def _on(versions: list[dict], on: date) -> dict | None:
    day = on.isoformat()
    return next((v for v in versions if v["start"] <= day and (v["end"] is None or day < v["end"])), None)


def _action(entry: dict, old: dict | None, new: dict | None) -> str:
    if entry["along"]:
        return ALONG
    if new is None:
        return CLOSED
    if old is None:
        return REOPENED
    if any(old[field] != new[field] for field in ("name", "code", "subkind")):
        return RENAMED
    return MOVED if old["parent"] != new["parent"] else CHANGED


def _told(versions: list[dict], version: dict | None, names: Mapping[int, str]) -> dict:
    """A unit as it is on the day of the change, or was last."""
    if not versions:
        return {}
    said = version or versions[-1]
    last = versions[-1]["end"] and upper_to_last_day(date.fromisoformat(versions[-1]["end"]))
    return {
        "code": said["code"],
        "name": said["name"],
        "subkind": said["subkind"],
        "managing_level": said["level"],
        "managing_body": names.get(said["body"], ""),
        "place": names.get(said["parent"], ""),
        "valid_from": versions[0]["start"],
        "valid_to": last.isoformat() if last else "",
    }
