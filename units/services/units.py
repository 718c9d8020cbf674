"""Creating, changing and closing one unit, from a date on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction

from movement.audit.services import Act, record, record_many
from movement.core.dates import format_date, last_day_to_upper
from movement.core.problems import Problem, Refused

from ..enums import Kind
from ..models import Unit
from ..selectors.ground import Ground
from .drafting import Draft, below_problem, ending_problem
from .memberships import memberships_follow, turns_acts
from .timeline import Own, Segment, build, check_now, ended, refusing


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
    unit = Unit(demonstration=demonstration, **details)
    with refusing():
        Draft(start).create([(unit, kind, segments)])
        check_now()
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
    draft = Draft(start)
    known = draft.know([unit.pk], lock=True).get(unit.pk)
    now = known and known.at(start)
    if now is None:
        raise Refused(Problem("unit_not_there", f"Đơn vị không tồn tại vào ngày {format_date(start)}."))
    parent = changes.pop("parent", ...)
    place = () if parent is ... else (parent.pk if parent else None,)
    body = changes.pop("managing_body", ...)
    own = replace(now.own, **changes)
    if body is not ...:
        own = replace(own, managing_body_id=body.pk if body else None)
    new = draft.restated(known, start, own, place)
    if new == known.segments:
        return
    _refuse_unplaced_division(known.kind, [s for s in new if s.end is None or s.end > start], start)
    with refusing():
        draft.become(known, new)
        check_now()
    after = next(s for s in new if s.holds(start))
    sentence = f"Thay đổi “{now.own.name}” từ ngày {format_date(start)}."
    _tell(actor, unit, "unit.changed", sentence, _said(now), _said(after), reason)


@transaction.atomic
def unit_close(*, unit: Unit, actor, last_day: date, reason: str = "") -> None:
    """End ``unit`` after ``last_day``. What it holds must be closed or moved before.

    Raises:
        Refused: ``unit_not_there``, ``changed_later`` (a stored change begins after that day), ``has_units_below``.
    """
    end, draft = last_day_to_upper(last_day), Draft(last_day_to_upper(last_day))
    known = draft.know([unit.pk], lock=True).get(unit.pk)
    if known is None or known.at(last_day) is None:
        raise Refused(Problem("unit_not_there", f"Đơn vị không tồn tại vào ngày {format_date(last_day)}."))
    ground = Ground({s.parent_id for s in known.segments if s.parent_id})
    if problem := ending_problem(known, end, ground) or below_problem(known, end):
        raise Refused(problem)
    new = ended(known.segments, end, ground)
    if new == known.segments:
        return
    with refusing():
        draft.become(known, new)
        turns = memberships_follow({unit.pk: new[-1].end})
        check_now()
    sentence = f"“{new[-1].own.name}” kết thúc ngày {format_date(last_day)}."
    _tell(actor, unit, "unit.closed", sentence, _said(known.segments[-1]), _said(new[-1]), reason)
    record_many(actor, turns_acts(turns, on=end, because=sentence, reason=reason))


def _refuse_unplaced_division(kind: str, segments: Sequence[Segment], start: date) -> None:
    if kind in (Kind.DISTRICT, Kind.COMMUNE) and any(s.parent_id is None for s in segments):
        message = "Đơn vị hành chính không thể nằm ngoài thời gian tồn tại của đơn vị cấp trên."
        raise Refused(Problem("crosses_parent_end", message, value=format_date(start)))


def _said(segment: Segment) -> dict:
    own = segment.own
    return {"code": own.code, "name": own.name, "subkind": own.subkind, "managing_level": own.managing_level} | {
        "parent_id": segment.parent_id,
        "valid_from": segment.start.isoformat(),
        "valid_to": segment.end.isoformat() if segment.end else "",
    }


def _tell(actor, unit: Unit, action: str, sentence: str, before, after, reason: str = "") -> None:
    record(actor, Act(action, sentence, "units.unit", unit.ulid, unit.pk, before=before, after=after, reason=reason))
