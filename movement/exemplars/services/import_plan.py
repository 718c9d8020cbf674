"""What each line of a list of practice models will do: which model, which point, which numbers from when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch

from movement.core.dates import format_date, upper_to_last_day
from movement.core.problems import Problem
from movement.core.text import normalise_name
from units.models import UnitVersion
from units.selectors import as_now

from ..enums import RUNNING, Life
from ..models import ModelState, Point, PointSize, PracticeModel
from .import_rows import Row

CREATE, CHANGE, SAME = "create", "change", "same"
Size = tuple[date, date | None, int, int]  # first day, end (half-open), teams, members


@dataclass(slots=True)
class PointPlan:
    """One line. ``sizes`` are the point's numbers over its time as they will stand."""

    row: Row
    action: str
    point: Point | None
    code: str
    name: str
    unit_id: int
    since: date
    until: date | None
    sizes: list[Size]
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)


@dataclass(slots=True)
class ModelPlan:
    """One model and its lines. ``starts`` moves the first day of its life there, when that is earlier."""

    row: Row
    action: str
    model: PracticeModel | None
    province_id: int
    facts: dict[str, str]
    starts: date
    move_start: ModelState | None = None
    before: dict = field(default_factory=dict)
    points: list[PointPlan] = field(default_factory=list)


def plan_models(
    rows: list[Row], places: dict[int, UnitVersion], *, as_of: date | None, problems: list[Problem]
) -> list[ModelPlan]:
    """A plan for each model of the list, in its order. Lines without a place are checked as far as they go."""
    groups = _groups([row for row in rows if row.line in places], places)
    existing = _existing(groups, problems)
    _all_agree(rows, groups, problems)
    followed = _followed(existing, as_of)
    plans = []
    for key, lines in groups.items():
        model = existing.get(key)
        plan = _model_plan(lines, model, key[1], places, problems)
        plan.points = _point_plans(lines, model, places, as_of, followed, problems)
        _within_life(plan, problems)
        plans.append(plan)
    return plans


# --- which model ------------------------------------------------------------------------------------
def _groups(rows: list[Row], places: dict[int, UnitVersion]) -> dict[tuple[str, int], list[Row]]:
    """``{(code, province): rows}``. Rows of a province and of its successor are one model's, unless two claim it."""
    groups: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.model_code, places[row.line].province_id].append(row)
    successor = {unit: now.unit_id for unit, now in as_now({province for _, province in groups}).items()}
    for code, province in list(groups):
        earlier = [q for c, q in groups if c == code and q != province and successor.get(q) == province]
        if len(earlier) == 1:
            groups[code, earlier[0]] = sorted(
                groups[code, earlier[0]] + groups.pop((code, province)), key=lambda row: row.line
            )
    return dict(groups)


def _existing(groups, problems: list[Problem]) -> dict[tuple[str, int], PracticeModel]:
    """The stored model of each group: of its province, or of one that its province came from or became."""
    stored = defaultdict(list)
    for model in PracticeModel.objects.filter(code__in={code for code, _ in groups}).prefetch_related(
        Prefetch("states", ModelState.objects.order_by("valid"))
    ):
        stored[model.code].append(model)
    provinces = {province for _, province in groups} | {m.province_id for rows in stored.values() for m in rows}
    now = {unit: one.unit_id for unit, one in as_now(provinces).items()}
    found = {}
    for (code, province), rows in groups.items():
        same = [m for m in stored[code] if m.province_id == province]
        related = same or [
            m for m in stored[code] if now.get(m.province_id) == province or now.get(province) == m.province_id
        ]
        if len(related) == 1:
            found[code, province] = related[0]
        elif related:
            names = "; ".join(f"“{model.name}”" for model in related)
            sentence = f"Mã này là của {len(related)} mô hình từ các tỉnh trước sáp nhập: {names}."
            problems += [Problem("ambiguous_model", sentence, row.line, "model_code", code) for row in rows]
    return found


def _all_agree(rows: list[Row], groups: dict[tuple[str, int], list[Row]], problems: list[Problem]) -> None:
    """Each model's own columns are compared, lines without a known place included where it is clear whose they are."""
    by_code: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.model_code:
            by_code[row.model_code].append(row)
    for code, lines in by_code.items():
        parts = [part for (name, _), part in groups.items() if name == code]
        for part in parts if len(parts) > 1 else [lines]:
            _agree(part, problems)


def _agree(rows: list[Row], problems: list[Problem]) -> None:
    first = rows[0].model_columns()
    for row in rows[1:]:
        for column, value in row.model_columns().items():
            if value != first[column]:
                sentence = f"Mọi dòng của một mô hình phải ghi như nhau; dòng {rows[0].line} ghi “{first[column]}”."
                problems.append(Problem("model_differs", sentence, row.line, column, value))


def _model_plan(
    rows: list[Row], model: PracticeModel | None, province: int, places: dict[int, UnitVersion], problems: list[Problem]
) -> ModelPlan:
    first = rows[0]
    starts = min((row.since for row in rows if row.since), default=None)
    facts = {"code": first.model_code, "name": first.model_name, "field": first.field, "decision": first.decision}
    if model is None:
        return ModelPlan(first, CREATE, None, province, facts, starts)
    stored = {name: getattr(model, name) for name in facts}
    facts = {name: value or stored[name] for name, value in facts.items()}
    plan = ModelPlan(first, SAME if facts == stored else CHANGE, model, model.province_id, facts, starts, before=stored)
    states = list(model.states.all())
    opening = states[0] if states else None
    if opening and starts and opening.state in RUNNING and starts < opening.valid.lower:
        plan.move_start, plan.action = opening, CHANGE
    return plan


# --- which point ------------------------------------------------------------------------------------
def _followed(existing: dict, as_of: date | None) -> dict[int, int | None]:
    """``{stored unit: what it is on as_of}``: a list under today's codes moves no point off the unit it was set up on."""
    if as_of is None or not existing:
        return {}
    units = Point.objects.filter(model__in=[m.pk for m in existing.values()]).values_list("unit_id", flat=True)
    return {unit: one.unit_id for unit, one in as_now(units.distinct(), as_of).items()}


def _point_plans(
    rows: list[Row], model: PracticeModel | None, places, as_of: date | None, followed, problems: list[Problem]
) -> list[PointPlan]:
    by_code, by_place = _stored_points(model)
    # What the list names by code is not looked for by name, whatever the order of the lines.
    taken = {by_code[row.point_code].pk for row in rows if row.point_code in by_code}
    seen: dict[tuple, int] = {}
    plans = []
    for row in rows:
        if row.since is None:
            continue
        unit = places[row.line].unit_id
        name = normalise_name(row.point_name)
        key = (row.point_code,) if row.point_code else (unit, name)
        if key in seen:
            column = "point_code" if row.point_code else "point_name"
            sentence = f"Điểm này của mô hình đã có ở dòng {seen[key]}."
            problems.append(Problem("duplicate_in_file", sentence, row.line, column, row.point_code or row.point_name))
            continue
        seen[key] = row.line
        point = by_code.get(row.point_code)
        if point is None:
            units = [unit, *(old for old, now in followed.items() if now == unit and old != unit)]
            same = [p for place in units for p in by_place[place, name] if p.pk not in taken]
            # A point without a code takes the list's; a line without one means the point without, if there is one.
            same = [p for p in same if not p.code] or ([] if row.point_code else same)
            if len(same) > 1:
                sentence = "Mô hình có nhiều điểm cùng tên ở nơi này; hãy ghi mã điểm."
                problems.append(Problem("ambiguous_point", sentence, row.line, "point_code", row.point_name))
                continue
            point = same[0] if same else None
            taken |= {p.pk for p in same}
        plans.append(_point_plan(row, point, unit, as_of, followed))
    return plans


def _stored_points(model: PracticeModel | None) -> tuple[dict[str, Point], dict[tuple[int, str], list[Point]]]:
    by_code: dict[str, Point] = {}
    by_place: dict[tuple[int, str], list[Point]] = defaultdict(list)
    if model is not None:
        points = model.points.prefetch_related(Prefetch("sizes", PointSize.objects.order_by("valid")))
        for point in points.order_by("pk"):
            if point.code:
                by_code[point.code] = point
            by_place[point.unit_id, normalise_name(point.name)].append(point)
    return by_code, by_place


def _point_plan(row: Row, point: Point | None, unit: int, as_of: date | None, followed) -> PointPlan:
    if point is None:
        sizes = [(row.since, row.until, row.teams or 0, row.members or 0)]
        plan = PointPlan(row, CREATE, None, row.point_code, row.point_name, unit, row.since, row.until, sizes)
        plan.after = _facts(plan)
        return plan
    until = row.until if row.until is not None else point.valid.upper
    if until is not None and until <= row.since:
        until = row.until  # the stored end lies before the new start: the list's own dates hold
    if point.unit_id != unit and followed.get(point.unit_id) == unit:
        unit = point.unit_id
    stored = [(s.valid.lower, s.valid.upper, s.teams, s.members) for s in point.sizes.all()]
    sizes = _restated(_fitted(stored, row.since, until), row, as_of)
    plan = PointPlan(row, SAME, point, row.point_code or point.code, row.point_name, unit, row.since, until, sizes)
    before = PointPlan(
        row, SAME, point, point.code, point.name, point.unit_id, point.valid.lower, point.valid.upper, stored
    )
    plan.before, plan.after = _facts(before), _facts(plan)
    if plan.before != plan.after:
        plan.action = CHANGE
    return plan


def _facts(plan: PointPlan) -> dict:
    last = upper_to_last_day(plan.until)
    return {
        "code": plan.code,
        "name": plan.name,
        "unit": plan.unit_id,
        "started_on": plan.since.isoformat(),
        "ended_on": last and last.isoformat(),
        "sizes": [[since.isoformat(), teams, members] for since, _, teams, members in plan.sizes],
    }


def _fitted(sizes: list[Size], since: date, until: date | None) -> list[Size]:
    """Sizes stretched or cut to ``[since, until)``."""
    kept = [s for s in sizes if (s[1] is None or s[1] > since) and (until is None or s[0] < until)]
    kept = kept or sizes[-1:] or [(since, until, 0, 0)]
    starts = [since, *(s[0] for s in kept[1:])]
    ends = [*starts[1:], until]
    return [(start, end, s[2], s[3]) for start, end, s in zip(starts, ends, kept, strict=True)]


def _restated(sizes: list[Size], row: Row, as_of: date | None) -> list[Size]:
    """Sizes with the row's numbers from ``as_of`` (within the point's time) or from the start, until the next change."""
    from_day = row.since
    if as_of is not None and as_of > row.since and (sizes[-1][1] is None or as_of < sizes[-1][1]):
        from_day = as_of
    result: list[Size] = []
    for start, end, teams, members in sizes:
        stated = (
            row.teams if row.teams is not None else teams,
            row.members if row.members is not None else members,
        )
        if not (start <= from_day and (end is None or from_day < end)) or stated == (teams, members):
            result.append((start, end, teams, members))
            continue
        if start < from_day:
            result.append((start, from_day, teams, members))
        result.append((from_day, end, *stated))
    return result


# --- within the model's life ------------------------------------------------------------------------
def _within_life(plan: ModelPlan, problems: list[Problem]) -> None:
    if plan.model is None:
        return
    states = list(plan.model.states.all())
    running = [s for s in states if s.state in RUNNING]
    ended = next((s for s in states if s.state == Life.ENDED), None)
    if not running:
        word = states[-1].get_state_display() if states else "chưa rõ"
        sentence = f"Mô hình đang ở trạng thái “{word}”, không phải đang hoạt động, nên không ghi được điểm."
        code = "model_ended" if ended else "model_not_launched"
        problems += [Problem(code, sentence, p.row.line, "model_code", plan.facts["code"]) for p in plan.points]
        return
    first = plan.starts if plan.move_start else running[0].valid.lower
    for point in plan.points:
        if point.since < first:
            sentence = f"Mô hình ra mắt ngày {format_date(first)}; điểm không thể bắt đầu trước ngày đó."
            problems.append(Problem("before_launch", sentence, point.row.line, "started_on", format_date(point.since)))
        if ended and (point.until is None or point.until > ended.valid.lower):
            day = format_date(upper_to_last_day(ended.valid.lower))
            sentence = f"Mô hình đã kết thúc, ngày cuối là {day}; điểm phải kết thúc chậm nhất ngày đó."
            value = format_date(upper_to_last_day(point.until)) if point.until else None
            problems.append(Problem("model_ended", sentence, point.row.line, "ended_on", value))


def touched(plans: Iterable[ModelPlan], action: str) -> list[PointPlan]:
    """Points of all plans with one action."""
    return [point for plan in plans for point in plan.points if point.action == action]
