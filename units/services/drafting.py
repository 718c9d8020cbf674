"""One change to the register while it is being made: written as it goes, remembered, and put right below.

The database holds what is planned so far (its own checks wait for the end of the transaction), so each step reads
where things stand with the plain selectors. Few statements for any number of units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from movement.core.dates import format_date
from movement.core.problems import Problem, Refused

from ..enums import PARENT_KINDS, TERRITORIES, Kind
from ..models import Lineage, Unit, UnitVersion
from ..selectors import names_of
from ..selectors.ground import Ground
from .codes import code_clashes
from .memberships import Turn, memberships_follow
from .timeline import (
    Own,
    Segment,
    Timeline,
    build,
    check_now,
    cut,
    framed,
    joined,
    refusing,
    restated,
    run_of,
    save_timelines,
    segment_of,
)

_CHUNK = 5000
_SHOWN = 5  # names in one sentence


@dataclass(slots=True)
class Known:
    """A unit as it stands in the register now."""

    unit_id: int
    kind: str
    stored: list[UnitVersion]
    segments: list[Segment]

    def at(self, day: date) -> Segment | None:
        return next((s for s in self.segments if s.holds(day)), None)

    def named(self, day: date) -> str:
        """What it is called on a day, or was last called before it, or first after it."""
        before = [s for s in self.segments if s.start <= day]
        return (before[-1] if before else self.segments[0]).own.name


@dataclass(frozen=True, slots=True)
class Trace:
    """What a unit was before the first write of this change. ``along``: it only went with another."""

    kind: str
    on: date
    along: bool
    before: list[Segment]


class Draft:
    """What one change does. ``problems`` that are found are kept: the caller refuses with all of them."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.traces: dict[int, Trace] = {}
        self.created: list[Unit] = []
        self.links: list[Lineage] = []
        self.turns: list[Turn] = []
        self.reasons: dict[int, tuple[str, str]] = {}  # why a unit is in scope all the same: before and after
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def refuse(self, code: str, message: str, column: str | None = None, value: object = None) -> None:
        self.problems.append(Problem(code, message, column=column, value=value))

    # --- reading ----------------------------------------------------------------------------------

    def know(self, unit_ids: Iterable[int], *, lock: bool = False) -> dict[int, Known]:
        """Units with all their versions. ``lock``: of two who change one together, one waits for the other."""
        ids, found = sorted(set(unit_ids)), defaultdict(list)
        for at in range(0, len(ids), _CHUNK):
            some = ids[at : at + _CHUNK]
            if lock:
                list(Unit.objects.select_for_update().filter(pk__in=some).order_by("pk").values_list("pk"))
            for version in UnitVersion.objects.filter(unit__in=some).order_by("valid__startswith"):
                found[version.unit_id].append(version)
        return {pk: Known(pk, rows[0].kind, rows, [segment_of(v) for v in rows]) for pk, rows in found.items()}

    def timelines(self) -> list[Timeline]:
        """Every unit touched: ``segments`` are what it was, ``stored`` what it is now."""
        now = self.know(self.traces)
        return [Timeline(pk, t.kind, now[pk].stored if pk in now else [], t.before) for pk, t in self.traces.items()]

    # --- writing ----------------------------------------------------------------------------------

    def save(self, timelines: Sequence[Timeline], *, along: bool = False) -> None:
        for t in timelines:
            known = self.traces.get(t.unit_id)
            if known is None:
                self.traces[t.unit_id] = Trace(t.kind, self.on, along, [segment_of(v) for v in t.stored])
            elif known.along and not along:
                self.traces[t.unit_id] = replace(known, along=False)
        save_timelines(timelines)

    def reason(self, unit: Unit, text: str) -> None:
        """Write why ``unit`` is assessed though it is out of scope."""
        if text != unit.scope_reason:
            self.reasons[unit.pk] = (unit.scope_reason, text)
            Unit.objects.filter(pk=unit.pk).update(scope_reason=text)

    def create(self, units: Sequence[tuple[Unit, str, Sequence[Segment]]]) -> None:
        """New units with their kinds and segments."""
        Unit.objects.bulk_create([unit for unit, _, _ in units], batch_size=2000)
        self.created += [unit for unit, _, _ in units]
        self.save([Timeline(unit.pk, kind, (), segments) for unit, kind, segments in units])

    def restated(self, known: Known, start: date, own: Own, place: tuple[int | None] = ()) -> list[Segment]:
        """A unit's segments with ``own`` and ``(place,)`` holding from ``start`` to its next stored change."""
        ground = Ground({s.parent_id for s in known.segments if s.parent_id} | (set(place) - {None}))
        return restated(known.segments, start, ground, own=own, place=place)

    def become(self, known: Known, new: Sequence[Segment]) -> None:
        """Let a unit's segments be ``new``; a place takes what is below it along."""
        self.save([Timeline(known.unit_id, known.kind, known.stored, new)])
        if known.kind in TERRITORIES and framed(new) != framed(known.segments):
            self.settle([known.unit_id])

    def end(self, known: Sequence[Known]) -> None:
        """End units before ``on``; what is below them waits for ``settle``. Those that ended that day are kept too."""
        self.save([Timeline(k.unit_id, k.kind, k.stored, cut(k.segments, before=self.on)) for k in known])

    def tie(self, links: Sequence[Lineage]) -> None:
        """Write lineage rows; both ends are touched by it, whether anything else of them changes or not."""
        ends = {pk for row in links for pk in (row.predecessor_id, row.successor_id)} - self.traces.keys()
        self.save([Timeline(k.unit_id, k.kind, k.stored, k.segments) for k in self.know(ends).values()])
        self.links += Lineage.objects.bulk_create(links, batch_size=2000)

    def settle(self, places: Iterable[int]) -> None:
        """Put what stands below ``places`` where these stand now, or below their main successors; level by level."""
        frontier = set(places)
        while frontier:
            below = UnitVersion.objects.filter(parent__in=frontier).values_list("unit_id", flat=True).distinct()
            ground, moved = Ground(frontier), []
            for known in self.know(below).values():
                new = joined(
                    [
                        piece
                        for s in known.segments
                        for piece in (
                            build(s.own, s.parent_id, s.start, s.end, ground) if s.parent_id in frontier else [s]
                        )
                    ]
                )
                if new != joined(known.segments):
                    moved.append(Timeline(known.unit_id, known.kind, known.stored, new))
            self.save(moved, along=True)
            frontier = {t.unit_id for t in moved if t.kind in TERRITORIES}

    def hand_on(self, bodies: Mapping[int, int]) -> None:
        """What units managed directly, ``{ended: heir}``, is managed by the heir from ``on``."""
        rows = UnitVersion.objects.filter(managing_body__in=bodies, valid__overlap=(self.on, None))
        changed = []
        for known in self.know(rows.values_list("unit_id", flat=True).distinct()).values():
            new = []
            for s in known.segments:
                heir = bodies.get(s.own.managing_body_id)
                new += [s] if heir is None else cut([s], before=self.on)
                if heir is not None:
                    own = replace(s.own, managing_body_id=heir)
                    new += [replace(piece, own=own) for piece in cut([s], since=self.on)]
            changed.append(Timeline(known.unit_id, known.kind, known.stored, joined(new)))
        self.save(changed, along=True)

    # --- what the change would leave behind ---------------------------------------------------------

    def finish(self) -> None:
        """Find what is wrong with what was written, at once; where nothing is, end and pass on memberships in groups
        and let the database look too."""
        now = [Timeline(t.unit_id, t.kind, (), [segment_of(v) for v in t.stored]) for t in self.timelines()]
        new = [t for t in now if t.segments != self.traces[t.unit_id].before]
        self._find_taken_codes(new)
        self._find_wrong_parents(new)
        self._find_unplaced(new)
        if not self.problems:
            try:
                with refusing():
                    self.turns = memberships_follow({t.unit_id: t.segments[-1].end for t in now if t.segments})
                    check_now()
            except Refused as error:
                self.problems += error.problems

    def _find_taken_codes(self, new: Sequence[Timeline]) -> None:
        by_unit = {t.unit_id: t for t in new}
        for unit, indexes in code_clashes(new).items():
            s = by_unit[unit].segments[min(indexes)]
            if set(indexes) <= {i for i, old in enumerate(by_unit[unit].segments) if old in self.traces[unit].before}:
                continue  # the other one is new and is told
            others = UnitVersion.objects.filter(province=s.province_id, code=s.own.code).exclude(unit=unit)
            other = others.filter(valid__overlap=(s.start, s.end)).values_list("name", flat=True).first()
            whose = f"“{other}”" if other else "đơn vị khác trong tỉnh"
            message = f"“{s.own.name}” không dùng được mã này vì trong cùng thời gian mã là của {whose}."
            self.refuse("code_taken", message, "code", s.own.code)

    def _find_wrong_parents(self, new: Sequence[Timeline]) -> None:
        parents = {s.parent_id for t in new for s in t.segments if s.parent_id}
        kinds = dict(UnitVersion.objects.filter(unit__in=parents).values_list("unit_id", "kind").distinct())
        wrong = defaultdict(list)
        for t in new:
            for s in t.segments:
                if s.parent_id and kinds[s.parent_id] not in PARENT_KINDS[Kind(t.kind)]:
                    wrong[s.parent_id, t.kind].append(s.own.name)
                    break
        names = names_of(place for place, _ in wrong)
        for (place, kind), below in wrong.items():
            message = f"{Kind(kind).label} không đặt trực tiếp dưới “{names[place]}”: {listed(below)}."
            self.refuse("wrong_parent_kind", message, "parent")

    def _find_unplaced(self, new: Sequence[Timeline]) -> None:
        lost, divisions = [], []
        for t in new:
            before = {s.start for s in self.traces[t.unit_id].before if s.parent_id is None}
            gone = [s for s in t.segments if s.parent_id is None and s.start not in before]
            if gone and t.kind != Kind.PROVINCE:
                (divisions if t.kind in TERRITORIES else lost).append((gone[0].start, gone[0].own.name))
        if divisions:
            message = "Đơn vị hành chính không thể nằm ngoài thời gian tồn tại của đơn vị cấp trên"
            day, names = min(d for d, _ in divisions), [name for _, name in divisions]
            self.refuse("crosses_parent_end", f"{message}: {listed(names)}.", "parent", format_date(day))
        if lost:
            day, names = min(d for d, _ in lost), [name for _, name in lost]
            message = f"{len(lost)} đơn vị chưa xếp địa bàn từ ngày {format_date(day)}: {listed(names)}."
            self.warnings.append(Problem("unplaced_after", message, value=len(lost)))


def listed(names: Sequence[str]) -> str:
    """A few names and how many more."""
    more = f" và {len(names) - _SHOWN} đơn vị khác" if len(names) > _SHOWN else ""
    return f"{', '.join(f'“{name}”' for name in names[:_SHOWN])}{more}"


def ending_problem(known: Known, end: date, ground: Ground) -> Problem | None:
    """Why a unit cannot end before ``end``: it was not there, or later changes of it are stored."""
    last = known.at(end - date.resolution)
    if last is None:
        when = format_date(end - date.resolution)
        return Problem("unit_not_there", f"“{known.named(end)}” không tồn tại vào ngày {when}.", value=when)
    if run_of(known.segments, last.start, ground)[-1] != known.segments[-1]:
        message = f"Sau ngày này “{last.own.name}” đã có thay đổi khác; hãy bỏ thay đổi đó trước."
        return Problem("changed_later", message, value=format_date(end))
    return None


def below_problem(known: Known, end: date) -> Problem | None:
    """What still stands directly below a unit that is to end before ``end``."""
    rows = UnitVersion.objects.filter(parent=known.unit_id, valid__overlap=(end, None))
    below = rows.values("unit").distinct().count()
    if not below:
        return None
    message = f"Còn {below} đơn vị trực thuộc sau ngày {format_date(end - date.resolution)}."
    return Problem("has_units_below", message, value=below)
