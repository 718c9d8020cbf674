"""The real divisions into the register, with the lineage of 1 July 2025 between them.

What is the same unit and what is a new one
    A division of before and one of after are one ``Unit`` with two versions when the old one went over
    whole into the new one, the new one has no other predecessor, and both are of one kind: 11 provinces,
    132 communes (11 of them under another name or type: renames, for which no lineage row is needed).
    Everything else is a new unit joined by ``Lineage``: ``merge`` for a whole predecessor of a merged
    division, ``split`` for a part, ``rename`` where one island district alone became a special zone (a
    unit never changes its kind). That a merged province or ward kept a predecessor's name and code
    does not make it that predecessor.

What is there already
    A division is recognised by kind and code on 30/6/2025 or 1/7/2025, never by its name, and left as it
    is: loading again changes nothing, corrections made by hand stay, and ``legacy`` today and ``both``
    tomorrow end where ``both`` at once does.

What stood on the ground goes over to the main successor on 1/7/2025 (``settling.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from movement.audit.services import Act, record_many
from movement.core.problems import Problem, Refused

from ..divisions import LEGACY_FROM, LEGACY_LAST, REFORM, Division, Divisions, Key, Tie, divisions
from ..enums import TERRITORIES, Kind, Level, LineageKind, Share
from ..models import Lineage, Unit, UnitVersion
from ..selectors import bearers, versions_by_code
from .memberships import memberships_follow, turns_acts
from .settling import units_settle
from .timeline import Own, Segment, check_now, lock_register, version_row

LEGACY, CURRENT, BOTH = SYSTEMS = ("legacy", "current", "both")
_ORDER = (Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE)  # a parent before its children


@dataclass(slots=True)
class Loaded:
    """What ``divisions_load`` did: versions written for new units, added to known ones, and found as they are."""

    provinces: list[str] = field(default_factory=list)
    created: int = 0
    continued: int = 0
    unchanged: int = 0
    lineage: int = 0
    settled: int = 0
    warnings: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict:
        counts = {name: getattr(self, name) for name in ("created", "continued", "unchanged", "lineage", "settled")}
        return {"provinces": self.provinces, **counts, "warnings": [w.as_json() for w in self.warnings]}


@dataclass(slots=True)
class _System:
    """The divisions of one system that are in the register: ``{key: (unit_id, path)}``, and what is to be added."""

    name: str
    start: date
    end: date | None
    there: dict[Key, tuple[int, str]]
    wanted: list[Division]

    def missing(self) -> list[Division]:
        found = [d for d in self.wanted if d.key not in self.there]
        return sorted(found, key=lambda d: _ORDER.index(d.kind))


@transaction.atomic
def divisions_load(*, provinces: Iterable[str] | None, system: str, actor) -> Loaded:
    """Load these provinces' divisions (``None``: all) and tie them to what is loaded of the other system.

    ``legacy`` and ``current`` read the codes in that system; ``both`` reads current codes and loads all
    their predecessors too. One audit row for each province and system.

    Raises:
        Refused: ``unknown_province`` for every code that is none in that system; nothing is loaded.
    """
    data = divisions()
    codes = _chosen(data, provinces, system)
    lock_register()
    current = set() if system == LEGACY else codes
    legacy = codes if system == LEGACY else set()
    if system == BOTH:
        legacy = set().union(*(data.whole(code) for code in codes))
    before, after = _systems(data, legacy, current)
    result = Loaded(provinces=sorted(codes))
    result.unchanged = sum(d.key in s.there for s in (before, after) for d in s.wanted)
    added = _add_missing(data, before, after, result)
    result.lineage = _tie(data, before, after)
    check_now()
    if added or result.lineage:
        ended = {before.there[tie.old][0] for tie in data.ties if tie.old in before.there}
        result.settled, result.warnings = units_settle(place_ids=ended, on=REFORM, actor=actor)
        lasting = UnitVersion.objects.filter(unit__in=ended, valid__upper_inf=True).values("unit")
        turns = memberships_follow(dict.fromkeys(ended - set(lasting.values_list("unit_id", flat=True)), REFORM))
        because = "Đơn vị hành chính sắp xếp lại từ ngày 01/07/2025."
        record_many(actor, turns_acts(turns, on=REFORM, because=because))
    record_many(actor, _acts(added, before, after))
    return result


def _chosen(data: Divisions, provinces: Iterable[str] | None, system: str) -> set[str]:
    source = data.legacy if system == LEGACY else data.current
    known = {code for kind, code in source if kind == Kind.PROVINCE}
    codes = known if provinces is None else set(provinces)
    when = "trước ngày 01/07/2025" if system == LEGACY else "từ ngày 01/07/2025"
    sentence = f"Không có tỉnh, thành phố nào mang mã này {when}."
    if unknown := sorted(codes - known):
        raise Refused(Problem("unknown_province", sentence, value=code) for code in unknown)
    return codes


def _systems(data: Divisions, legacy: set[str], current: set[str]) -> tuple[_System, _System]:
    old = [d for d in data.legacy.values() if d.province in legacy]
    new = [d for d in data.current.values() if d.province in current]
    keys_old, keys_new = {d.key for d in old}, {d.key for d in new}
    for tie in data.ties:  # the other ends may have been loaded earlier
        if tie.old in keys_old or tie.new in keys_new:
            keys_old.add(tie.old)
            keys_new.add(tie.new)
    rows = versions_by_code({code for _, code in keys_old | keys_new}, kinds=TERRITORIES)
    versions = [v for found in rows.values() for v in found]
    there_old = {(v.kind, v.code): (v.unit_id, v.path) for v in bearers(versions, LEGACY_LAST)}
    there_new = {(v.kind, v.code): (v.unit_id, v.path) for v in bearers(versions, REFORM)}
    return (
        _System(LEGACY, LEGACY_FROM, REFORM, there_old, old),
        _System(CURRENT, REFORM, None, there_new, new),
    )


def _add_missing(data: Divisions, before: _System, after: _System, result: Loaded) -> list[tuple[str, Division]]:
    """Write units and versions for what is missing; ``[(system, division)]``."""
    new_units: dict[tuple[str, Key], Unit] = {}
    other_half = {CURRENT: data.continued, LEGACY: {old: new for new, old in data.continued.items()}}
    known: dict[tuple[str, Key], int] = {}
    for system, opposite in ((before, after), (after, before)):
        partners = {d.key: other_half[system.name].get(d.key) for d in system.missing()}
        there = {key: opposite.there[other][0] for key, other in partners.items() if other in opposite.there}
        taken = _occupied(set(there.values()), system)
        for key, other in partners.items():
            if key in there and there[key] not in taken:
                known[system.name, key] = there[key]
            elif (opposite.name, other) in new_units:
                new_units[system.name, key] = new_units[opposite.name, other]
            else:
                new_units[system.name, key] = Unit()
    units = list({id(unit): unit for unit in new_units.values()}.values())
    Unit.objects.bulk_create(units, batch_size=2000)
    result.created = len(units)
    rows, added = [], []
    for system in (before, after):
        for division in system.missing():
            place = (system.name, division.key)
            unit_id = known.get(place) or new_units[place].pk
            segment = _segment(division, system)
            row = version_row(unit_id, division.kind, segment)
            rows.append(row)
            added.append((system.name, division))
            system.there[division.key] = (unit_id, row.path)
    result.continued = len(rows) - len(units)
    UnitVersion.objects.bulk_create(rows, batch_size=2000)
    return added


def _occupied(unit_ids: set[int], system: _System) -> set[int]:
    """Units that somebody gave a version in this system's time, under another code."""
    rows = UnitVersion.objects.filter(unit__in=unit_ids, valid__overlap=(system.start, system.end))
    return set(rows.values_list("unit_id", flat=True))


def _segment(division: Division, system: _System) -> Segment:
    level = {
        Kind.PROVINCE: Level.MINISTRY,
        Kind.DISTRICT: Level.PROVINCE,
        Kind.COMMUNE: Level.DISTRICT if system.name == LEGACY else Level.PROVINCE,
    }[Kind(division.kind)]
    own = Own(division.code, division.name, division.subkind, level.value)
    if division.parent is None:
        return Segment(system.start, system.end, own)
    parent_id, parent_path = system.there[division.parent]
    province_id = int(parent_path.split("/")[1])
    return Segment(system.start, system.end, own, parent_id, parent_path, province_id)


def _tie(data: Divisions, before: _System, after: _System) -> int:
    """Write the lineage rows that are missing between what is in the register; how many."""
    ends = [
        (before.there[tie.old][0], after.there[tie.new][0], tie)
        for tie in data.ties
        if tie.old in before.there and tie.new in after.there
    ]
    ends = [(old, new, tie) for old, new, tie in ends if old != new]
    stored = Lineage.objects.filter(on=REFORM, predecessor__in={old for old, _, _ in ends})
    there = {(row.predecessor_id, row.successor_id) for row in stored}
    has_main = {row.predecessor_id for row in stored if row.is_main}
    rows = [
        Lineage(
            predecessor_id=old,
            successor_id=new,
            kind=_lineage_kind(data, tie),
            on=REFORM,
            share=tie.share,
            is_main=tie.is_main and old not in has_main,
        )
        for old, new, tie in ends
        if (old, new) not in there
    ]
    Lineage.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def _lineage_kind(data: Divisions, tie: Tie) -> LineageKind:
    if tie.share == Share.PART:
        return LineageKind.SPLIT
    return LineageKind.RENAME if data.predecessors[tie.new] == 1 else LineageKind.MERGE


def _acts(added: list[tuple[str, Division]], before: _System, after: _System) -> Iterable[Act]:
    systems = {LEGACY: before, CURRENT: after}
    titles = {LEGACY: "trước ngày 01/07/2025", CURRENT: "từ ngày 01/07/2025"}
    counts = Counter((system, d.province, d.kind) for system, d in added)
    for system, province in sorted({(system, code) for system, code, _ in counts}):
        unit_id, _ = systems[system].there[Kind.PROVINCE.value, province]
        name = (divisions().legacy if system == LEGACY else divisions().current)[Kind.PROVINCE.value, province].name
        numbers = {kind.value: counts[system, province, kind.value] for kind in _ORDER}
        yield Act(
            "divisions.loaded",
            f"Nạp đơn vị hành chính {titles[system]} của {name}: {numbers['district']} đơn vị cấp huyện, "
            f"{numbers['commune']} đơn vị cấp xã.",
            object_kind="division",
            object_id=f"{system}:{province}",
            unit_id=unit_id,
            after=numbers,
        )
