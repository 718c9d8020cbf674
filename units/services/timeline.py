"""A unit's history as a row of segments: building it, changing it, and writing the difference.

What a unit says of itself (``Own``) and where it stands (``Stand``) change independently: a row of
``UnitVersion`` is a stretch in which neither does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from ..models import UnitVersion
from ..selectors.ground import Ground


@dataclass(frozen=True, slots=True)
class Own:
    """What a unit says of itself on a date."""

    code: str
    name: str
    subkind: str
    managing_level: str
    managing_body_id: int | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One version without its unit; ``[start, end)``."""

    start: date
    end: date | None
    own: Own
    parent_id: int | None = None
    parent_path: str = ""
    province_id: int | None = None

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A unit, its stored versions and what they are to become."""

    unit_id: int
    kind: str
    stored: Sequence[UnitVersion]
    segments: Sequence[Segment]


def segment_of(version: UnitVersion) -> Segment:
    return Segment(
        start=version.valid.lower,
        end=version.valid.upper,
        own=Own(version.code, version.name, version.subkind, version.managing_level, version.managing_body_id),
        parent_id=version.parent_id,
        parent_path="" if version.parent_id is None else version.path.removesuffix(f"{version.unit_id}/"),
        province_id=version.province_id,
    )


def build(own: Own, place_id: int | None, start: date, end: date | None, ground: Ground) -> list[Segment]:
    """The segments of something that calls itself ``own`` and was put below ``place_id`` on ``start``."""
    return [
        Segment(s.start, s.end, own, s.parent_id, s.parent_path, s.province_id)
        for s in ground.stands(place_id, start, end)
    ]


def cut(segments: Iterable[Segment], *, before: date | None = None, since: date | None = None) -> list[Segment]:
    """What of ``segments`` lies before one date and from another on."""
    kept = []
    for segment in segments:
        start, end = segment.start, segment.end
        if since is not None:
            start = max(start, since)
        if before is not None:
            end = before if end is None else min(end, before)
        if end is None or start < end:
            kept.append(replace(segment, start=start, end=end))
    return kept


def joined(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbours that say the same, as one."""
    result: list[Segment] = []
    for segment in segments:
        last = result[-1] if result else None
        if last and last.end == segment.start and replace(last, end=segment.end) == replace(segment, start=last.start):
            result[-1] = replace(last, end=segment.end)
        else:
            result.append(segment)
    return result


def run_of(segments: Sequence[Segment], on: date, ground: Ground) -> list[Segment]:
    """The stretch around ``on`` in which the unit says the same of itself and was not moved.

    A cut at its place's end, where it went on below the successor or unplaced, does not break the run.
    """
    at = next(i for i, segment in enumerate(segments) if segment.holds(on))
    first = last = at
    while first > 0 and _continues(segments[first - 1], segments[first], ground):
        first -= 1
    while last + 1 < len(segments) and _continues(segments[last], segments[last + 1], ground):
        last += 1
    return list(segments[first : last + 1])


def _continues(one: Segment, other: Segment, ground: Ground) -> bool:
    if one.end != other.start or one.own != other.own:
        return False
    return other.parent_id in (one.parent_id, ground.parent_on(one.parent_id, other.start))


def put_run(segments: Sequence[Segment], run: Sequence[Segment], instead: Sequence[Segment]) -> list[Segment]:
    """``segments`` with ``run`` (a stretch of them) replaced."""
    first = segments.index(run[0])
    return [*segments[:first], *joined(instead), *segments[first + len(run) :]]


def version_row(unit_id: int, kind: str, segment: Segment) -> UnitVersion:
    return UnitVersion(
        unit_id=unit_id,
        kind=kind,
        subkind=segment.own.subkind,
        code=segment.own.code,
        name=segment.own.name,
        parent_id=segment.parent_id,
        province_id=segment.province_id,
        managing_level=segment.own.managing_level,
        managing_body_id=segment.own.managing_body_id,
        path=f"{segment.parent_path or '/'}{unit_id}/",
        valid=DateRange(segment.start, segment.end),
    )


_WRITTEN = (
    "subkind",
    "code",
    "name",
    "parent_id",
    "province_id",
    "managing_level",
    "managing_body_id",
    "path",
    "valid",
)


def save_timelines(timelines: Iterable[Timeline]) -> None:
    """Write what differs, in three statements for each 1,000 rows. Needs a transaction: constraints wait for its end."""
    insert, update, delete = [], [], []
    for timeline in timelines:
        stored = {version.valid.lower: version for version in timeline.stored}
        for segment in timeline.segments:
            row = version_row(timeline.unit_id, timeline.kind, segment)
            old = stored.pop(segment.start, None)
            if old is None:
                insert.append(row)
            elif segment_of(old) != segment:
                row.pk = old.pk
                update.append(row)
        delete += [version.pk for version in stored.values()]
    if delete:
        UnitVersion.objects.filter(pk__in=delete).delete()
    if update:
        fields = [name.removesuffix("_id") for name in _WRITTEN]
        UnitVersion.objects.bulk_update(update, fields, batch_size=1000)
    if insert:
        UnitVersion.objects.bulk_create(insert, batch_size=1000)
