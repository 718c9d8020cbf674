"""What stood on a place's ground goes over to its successor once that is loaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from movement.audit.services import Act, record_many
from movement.core.dates import format_date
from movement.core.problems import Problem

from ..models import Unit, UnitVersion
from ..selectors.ground import Ground
from .codes import code_clashes
from .timeline import Segment, Timeline, build, joined, save_timelines, segment_of

_SHOWN = 5  # names in one warning


def units_settle(*, place_ids: Iterable[int], on: date, actor) -> tuple[int, list[Problem]]:
    """Place what has been unplaced since ``on``, when its place ended or changed, below that place's main successor.

    Returns how many units went over, and a warning for those that stay unplaced because their code is
    taken there. The caller's transaction; one audit row a unit.
    """
    before = UnitVersion.objects.filter(parent__in=set(place_ids), valid__endswith=on).values_list(
        "unit_id", "parent_id"
    )
    unplaced = UnitVersion.objects.filter(parent=None, province=None, valid__startswith=on).values("unit_id")
    places = dict(before.filter(unit__in=unplaced))
    if not places:
        return 0, []
    stored: dict[int, list[UnitVersion]] = defaultdict(list)
    for version in UnitVersion.objects.filter(unit__in=places).order_by("valid__startswith"):
        stored[version.unit_id].append(version)
    ground = Ground(places.values())
    timelines = [
        Timeline(
            unit, versions[0].kind, versions, _settled([segment_of(v) for v in versions], places[unit], on, ground)
        )
        for unit, versions in stored.items()
    ]
    clashes = code_clashes(timelines)
    refused = [t for t in timelines if t.unit_id in clashes]
    moved = [t for t in timelines if t.unit_id not in clashes and _now(t, on) is not None]
    save_timelines(moved)
    _audit(moved, on, actor)
    return len(moved), _warnings(refused, on)


def _settled(segments: Sequence[Segment], place: int, on: date, ground: Ground) -> list[Segment]:
    """``segments`` with those unplaced from ``on`` on, as far as they follow each other, below the place's successor."""
    result, at = [], on
    for segment in segments:
        if segment.start == at and segment.parent_id is None:
            result += build(segment.own, place, segment.start, segment.end, ground)
            at = segment.end
        else:
            result.append(segment)
    return joined(result)


def _now(timeline: Timeline, on: date) -> int | None:
    return next((s.parent_id for s in timeline.segments if s.holds(on)), None)


def _audit(timelines: Sequence[Timeline], on: date, actor) -> None:
    ids = {t.unit_id for t in timelines}
    ulids = dict(Unit.objects.filter(pk__in=ids).values_list("pk", "ulid"))
    names = {}
    for place, name in UnitVersion.objects.filter(
        unit__in={_now(t, on) for t in timelines}, valid__contains=on
    ).values_list("unit_id", "name"):
        names[place] = name
    record_many(
        actor,
        (
            Act(
                "unit.settled",
                f"“{t.segments[-1].own.name}” được xếp về {names.get(_now(t, on), '')} từ ngày {format_date(on)} "
                "vì địa bàn cũ đã sáp nhập.",
                object_kind="units.unit",
                object_id=ulids[t.unit_id],
                unit_id=t.unit_id,
                after={"parent": names.get(_now(t, on), ""), "from": on.isoformat()},
            )
            for t in timelines
        ),
    )


def _warnings(refused: Sequence[Timeline], on: date) -> list[Problem]:
    if not refused:
        return []
    named = ", ".join(f"{t.segments[-1].own.code} ({t.segments[-1].own.name})" for t in refused[:_SHOWN])
    more = f" và {len(refused) - _SHOWN} đơn vị khác" if len(refused) > _SHOWN else ""
    return [
        Problem(
            "code_taken_after_merge",
            f"{len(refused)} đơn vị chưa xếp được về địa bàn mới từ ngày {format_date(on)} vì mã trùng với đơn vị khác "
            f"trong tỉnh mới: {named}{more}. Hãy đổi mã rồi xếp địa bàn.",
            value=len(refused),
        )
    ]
