"""A unit's history as a row of segments: building it, changing it, and writing the difference.

What a unit says of itself (``Own``) and where it stands (``Stand``) change independently: a row of
``UnitVersion`` is a stretch in which neither does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from movement.core.problems import Problem, Refused, constraint_problem

from ..enums import Kind
from ..models import UnitVersion
from ..selectors.ground import Ground

_LOCK = 13_802


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
    """One version without its unit; ``[start, end)``.

    Without a parent there is no province either: a province's own version names itself (``version_row``).
    """

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
        province_id=None if version.parent_id is None else version.province_id,
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


def framed(segments: Iterable[Segment]) -> list[Segment]:
    """Where and when, whatever it was called."""
    return joined([replace(s, own=Own("", "", "", "")) for s in segments])


def run_of(segments: Sequence[Segment], on: date, ground: Ground) -> list[Segment]:
    """The stretch around ``on`` in which the unit says the same of itself and was not moved.

    A cut at its place's end, where it went on below the successor or unplaced, does not break the run.
    """
    at = next(i for i, segment in enumerate(segments) if segment.holds(on))
    first = last = at
    while first > 0 and continues(segments[first - 1], segments[first], ground):
        first -= 1
    while last + 1 < len(segments) and continues(segments[last], segments[last + 1], ground):
        last += 1
    return list(segments[first : last + 1])


def continues(one: Segment, other: Segment, ground: Ground) -> bool:
    """Whether ``other`` only goes on where ``one`` had to end: same words, same place or what became of it."""
    if one.end != other.start or one.own != other.own:
        return False
    return other.parent_id in (one.parent_id, ground.parent_on(one.parent_id, other.start))


def restated(
    segments: Sequence[Segment], on: date, ground: Ground, *, own: Own | None = None, place: tuple[int | None] = ()
) -> list[Segment]:
    """``segments`` with ``own`` or ``(place,)`` holding from ``on`` to the end of the run around it.

    At a run's start this corrects it, within it it cuts: a rename or a move from that date. What
    already says so is returned as it is.
    """
    now = next(segment for segment in segments if segment.holds(on))
    own = now.own if own is None else own
    parent_id = place[0] if place else now.parent_id
    if own == now.own and parent_id == now.parent_id:
        return list(segments)
    run = run_of(segments, on, ground)
    instead = [*cut(run, before=on), *build(own, parent_id, on, run[-1].end, ground)]
    first = segments.index(run[0])
    return [*segments[:first], *joined(instead), *segments[first + len(run) :]]


def ended(segments: Sequence[Segment], end: date | None, ground: Ground) -> list[Segment]:
    """``segments`` ending at ``end``: cut, or the last run going on."""
    last = segments[-1]
    if last.end is not None and (end is None or end > last.end):
        return [*segments[:-1], *joined(build(last.own, last.parent_id, last.start, end, ground))]
    return cut(segments, before=end) if end is not None else list(segments)


def lock_register() -> None:
    """One import or load at a time, until the transaction ends: two could each create what the other just did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def version_row(unit_id: int, kind: str, segment: Segment) -> UnitVersion:
    return UnitVersion(
        unit_id=unit_id,
        kind=kind,
        subkind=segment.own.subkind,
        code=segment.own.code,
        name=segment.own.name,
        parent_id=segment.parent_id,
        province_id=unit_id if kind == Kind.PROVINCE else segment.province_id,
        managing_level=segment.own.managing_level,
        managing_body_id=segment.own.managing_body_id,
        path=f"{segment.parent_path or '/'}{unit_id}/",
        valid=DateRange(segment.start, segment.end),
    )


# bulk_update's CASE for every row and column took 60 s for 5,000 rows, this takes 2.
_UPDATE = """
UPDATE units_unitversion v
   SET subkind = n.subkind, code = n.code, name = n.name, parent_id = n.parent, province_id = n.province,
       managing_level = n.level, managing_body_id = n.body, path = n.path, valid = daterange(n.start, n.until)
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[],
              %s::text[], %s::date[], %s::date[])
       AS n(id, subkind, code, name, parent, province, level, body, path, start, until)
 WHERE v.id = n.id
"""


def _update(rows: Sequence[UnitVersion]) -> None:
    plain = attrgetter(
        "pk", "subkind", "code", "name", "parent_id", "province_id", "managing_level", "managing_body_id"
    )
    columns = zip(*((*plain(v), v.path, v.valid.lower, v.valid.upper) for v in rows), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [list(column) for column in columns])


def save_timelines(timelines: Iterable[Timeline]) -> None:
    """Write what differs, in few statements for any number of units. Needs a transaction: constraints wait for its end."""
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
        _update(update)
    if insert:
        UnitVersion.objects.bulk_create(insert, batch_size=1000)


def save_checked(timelines: Iterable[Timeline]) -> None:
    """As ``save_timelines``, and let the database check at once what it would check at the end.

    Raises:
        Refused: with the sentence of the constraint; what the caller wrote before stands.
    """
    with refusing():
        save_timelines(timelines)
        check_now()


@contextmanager
def refusing() -> Iterator[None]:
    """What the database refuses within the block is taken back and told: ``Refused`` with its sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        message = "Cơ sở dữ liệu từ chối thay đổi này."
        raise Refused(constraint_problem(error) or Problem("refused_by_database", message)) from error


def check_now() -> None:
    """Let the database check now what it would check at the end of the transaction.

    A session keeps the plans of the checks behind foreign keys and triggers. Those made while a table was small
    read all of it for every row (205 s for the whole country instead of 4), so they are made anew.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
