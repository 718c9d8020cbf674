"""Creating, changing and closing one unit, from a date on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction

from movement.audit.services import Act, record
from movement.core.dates import format_date, last_day_to_upper
from movement.core.problems import Problem, Refused

from ..enums import TERRITORIES, Kind
from ..models import Unit, UnitVersion
from ..selectors.ground import Ground
from .timeline import (
    Own,
    Segment,
    Timeline,
    build,
    ended,
    restated,
    run_of,
    save_checked,
    segment_of,
)


@transaction.atomic
def unit_create(
    *,
    actor,
    kind: str,
    name: str,
    managing_level: str,
    start: date,
    parent: Unit | None = None,
    code: str = "",
    subkind: str = "",
    last_day: date | None = None,
    managing_body: Unit | None = None,
    demonstration: bool = False,
    **details: str,
) -> Unit:
    """A new unit below ``parent`` (a place) from ``start`` on; ``details`` are telephone, address and so on.

    It outlives ``parent`` below its main successor, or unplaced.

    Raises:
        Refused: with the sentence of the constraint that the unit would break.
    """
    own = Own(code, name, subkind, managing_level, managing_body.pk if managing_body else None)
    ground = Ground([parent.pk] if parent else [])
    segments = build(own, parent.pk if parent else None, start, last_day_to_upper(last_day), ground)
    _refuse_unplaced_division(kind, segments, start)
    unit = Unit.objects.create(demonstration=demonstration, **details)
    save_checked([Timeline(unit.pk, kind, (), segments)])
    _tell(actor, unit, "unit.created", f"Thêm “{name}” từ ngày {format_date(start)}.", None, _said(segments[0]))
    return unit


@transaction.atomic
def unit_change(*, unit: Unit, actor, start: date, reason: str = "", **changes) -> None:
    """Rename, move or otherwise change ``unit`` from ``start`` until its next stored change.

    ``changes``: any of ``name``, ``code``, ``subkind``, ``managing_level``, ``managing_body``, ``parent`` (units or
    ``None``). On the day a version begins this corrects that version. A place takes what is below it along.

    Raises:
        Refused: ``unit_not_there``, the unit does not exist on that day; or the sentence of a constraint.
    """
    stored = _locked(unit)
    segments = [segment_of(v) for v in stored]
    now = next((s for s in segments if s.holds(start)), None)
    if now is None:
        raise Refused(Problem("unit_not_there", f"Đơn vị không tồn tại vào ngày {format_date(start)}."))
    places = {s.parent_id for s in segments if s.parent_id}
    moves = "parent" in changes
    parent = changes.pop("parent", None)
    ground = Ground(places | ({parent.pk} if parent else set()))
    body = changes.pop("managing_body", ...)
    own = replace(now.own, **changes)
    if body is not ...:
        own = replace(own, managing_body_id=body.pk if body else None)
    new = restated(segments, start, ground, own=own, place=(parent.pk if parent else None,) if moves else ())
    if new == segments:
        return
    kind = stored[0].kind
    _refuse_unplaced_division(kind, [s for s in new if s.end is None or s.end > start], start)
    timelines = [Timeline(unit.pk, kind, stored, new)]
    if kind in TERRITORIES:
        timelines += _below(unit, stored, new)
    save_checked(timelines)
    after = next(s for s in new if s.holds(start))
    sentence = f"Thay đổi “{now.own.name}” từ ngày {format_date(start)}."
    _tell(actor, unit, "unit.changed", sentence, _said(now), _said(after), reason)


@transaction.atomic
def unit_close(*, unit: Unit, actor, last_day: date, reason: str = "") -> None:
    """End ``unit`` after ``last_day``. What it holds must be closed or moved before.

    Raises:
        Refused: ``unit_not_there``, ``changed_later`` (a stored change begins after that day), ``has_units_below``.
    """
    stored = _locked(unit)
    segments = [segment_of(v) for v in stored]
    end = last_day_to_upper(last_day)
    if not segments or not any(s.holds(last_day) for s in segments):
        raise Refused(Problem("unit_not_there", f"Đơn vị không tồn tại vào ngày {format_date(last_day)}."))
    ground = Ground({s.parent_id for s in segments if s.parent_id})
    if run_of(segments, last_day, ground)[-1] != segments[-1]:
        raise Refused(Problem("changed_later", "Sau ngày này đơn vị đã có thay đổi khác; hãy bỏ thay đổi đó trước."))
    below = UnitVersion.objects.filter(parent=unit, valid__overlap=(end, None)).values("unit").distinct().count()
    if below:
        raise Refused(Problem("has_units_below", f"Còn {below} đơn vị trực thuộc sau ngày {format_date(last_day)}."))
    new = ended(segments, end, ground)
    if new == segments:
        return
    save_checked([Timeline(unit.pk, stored[0].kind, stored, new)])
    sentence = f"“{new[-1].own.name}” kết thúc ngày {format_date(last_day)}."
    _tell(actor, unit, "unit.closed", sentence, _said(segments[-1]), _said(new[-1]), reason)


def _locked(unit: Unit) -> list[UnitVersion]:
    """The unit's versions; of two who change it together, one waits for the other."""
    Unit.objects.select_for_update().get(pk=unit.pk)
    return list(UnitVersion.objects.filter(unit=unit).order_by("valid__startswith"))


def _refuse_unplaced_division(kind: str, segments: Sequence[Segment], start: date) -> None:
    if kind in (Kind.DISTRICT, Kind.COMMUNE) and any(s.parent_id is None for s in segments):
        message = "Đơn vị hành chính không thể nằm ngoài thời gian tồn tại của đơn vị cấp trên."
        raise Refused(Problem("crosses_parent_end", message, value=format_date(start)))


def _below(place: Unit, stored: Sequence[UnitVersion], new: Sequence[Segment]) -> list[Timeline]:
    """What lies below a place, cut and put on its new paths; only what changes."""
    mark = f"/{place.pk}/"
    paths = {f"{s.parent_path or '/'}{place.pk}/": s.province_id or place.pk for s in new}
    if len(paths) == 1 and {v.path for v in stored} == set(paths):
        return []
    rows = UnitVersion.objects.none()
    for path in {v.path for v in stored}:
        rows = rows | UnitVersion.objects.filter(path__startswith=path)
    units = set(rows.exclude(unit=place).values_list("unit_id", flat=True))
    versions: dict[int, list[UnitVersion]] = defaultdict(list)
    for version in UnitVersion.objects.filter(unit__in=units).order_by("valid__startswith"):
        versions[version.unit_id].append(version)
    timelines = []
    for unit, own_versions in versions.items():
        segments = [
            piece
            for v in own_versions
            for piece in (_moved(segment_of(v), mark, new) if mark in v.path else [segment_of(v)])
        ]
        timelines.append(Timeline(unit, own_versions[0].kind, own_versions, segments))
    return timelines


def _moved(segment: Segment, mark: str, new: Sequence[Segment]) -> list[Segment]:
    """A segment below a place, cut where the place's path changes, with the new paths."""
    tail = segment.parent_path.split(mark, 1)[1]
    pieces = []
    for place in new:
        start = max(segment.start, place.start)
        ends = [end for end in (segment.end, place.end) if end is not None]
        end = min(ends) if ends else None
        if end is None or start < end:
            path = f"{place.parent_path.rstrip('/')}{mark}"
            province = place.province_id or int(path.split("/")[1])
            piece = replace(segment, start=start, end=end, parent_path=path + tail, province_id=province)
            same = pieces and replace(pieces[-1], end=end) == replace(piece, start=pieces[-1].start)
            pieces = [*pieces[:-1], replace(pieces[-1], end=end)] if same else [*pieces, piece]
    return pieces


def _said(segment: Segment) -> dict:
    own = segment.own
    return {"code": own.code, "name": own.name, "subkind": own.subkind, "managing_level": own.managing_level} | {
        "parent_id": segment.parent_id,
        "valid_from": segment.start.isoformat(),
        "valid_to": segment.end.isoformat() if segment.end else "",
    }


def _tell(actor, unit: Unit, action: str, sentence: str, before, after, reason: str = "") -> None:
    record(actor, Act(action, sentence, "units.unit", unit.ulid, unit.pk, before=before, after=after, reason=reason))
