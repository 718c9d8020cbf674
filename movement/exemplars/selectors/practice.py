"""Counting practice models and their points on a date.

A model counts by its name, once, when it works that day (launched, working or weak) and at least one of
its points does; a point counts on its first and on its last day. ``MODEL_COUNTED`` and ``POINT_COUNTED``
say so wherever the two figures stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from movement.core.dates import today, upper_to_last_day
from movement.core.installation import setting_value
from units.models import Unit

from ..enums import RUNNING, Life
from ..models import ModelState, Point, PracticeModel, Review
from .places import Ground, Standing, Tree, ground_of_province, standings

MODEL_COUNTED = _("Tính theo tên: mô hình đang hoạt động và có ít nhất một điểm trong ngày.")
POINT_COUNTED = _("Nơi áp dụng mô hình trong ngày, tính cả ngày bắt đầu và ngày cuối.")
RATINGS = "exemplars.ratings"  # the setting; Guidance 22's own words were not read
_RATINGS = ["Tốt", "Trung bình", "Yếu"]


def review_ratings() -> list[str]:
    """The words a yearly review may choose from, best first."""
    return list(setting_value(RATINGS, _RATINGS))


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model with what of it stands on one ground on one date."""

    pk: int
    ulid: str
    code: str
    name: str
    field: str
    decision: str
    state: str
    points: int = 0
    teams: int = 0
    members: int = 0

    @property
    def counted(self) -> bool:
        return self.points > 0 and self.state in RUNNING

    def as_json(self) -> dict:
        return {
            "model_code": self.code,
            "model_name": self.name,
            "field": self.field,
            "decision": self.decision,
            "state": self.state,
            "points": self.points,
            "teams": self.teams,
            "members": self.members,
        }


@dataclass(slots=True)
class Totals:
    """``by_field`` and ``by_state``: ``{name: {"models", "points"}}``; their sums are the totals."""

    models: int = 0
    points: int = 0
    teams: int = 0
    members: int = 0
    by_field: dict[str, dict[str, int]] = field(default_factory=dict)
    by_state: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_json(self) -> dict:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def totals_of(rows: Iterable[ModelRow]) -> Totals:
    """The sum of those that count."""
    found = Totals()
    for row in rows:
        if not row.counted:
            continue
        found.models += 1
        found.points += row.points
        found.teams += row.teams
        found.members += row.members
        for table, name in ((found.by_field, row.field), (found.by_state, row.state)):
            cell = table.setdefault(name, {"models": 0, "points": 0})
            cell["models"] += 1
            cell["points"] += row.points
    order = list(Life.values)
    found.by_field = dict(sorted(found.by_field.items()))
    found.by_state = dict(sorted(found.by_state.items(), key=lambda item: order.index(item[0])))
    return found


def working_points(ground: Ground) -> QuerySet[Point]:
    """Points that work on the ground's day, each with ``size`` (its teams and members that day)."""
    return (
        ground.points()
        .filter(valid__contains=ground.on)
        .annotate(size=FilteredRelation("sizes", condition=Q(sizes__valid__contains=ground.on)))
    )


def working_models(ground: Ground) -> list[ModelRow]:
    """Models that count on the ground's day, with what of them stands there; by name. Two queries."""
    counts = _counts(ground)
    states = ModelState.objects.filter(model__in=list(counts), valid__contains=ground.on, state__in=RUNNING)
    return _rows(states, counts)


def _counts(ground: Ground) -> dict[int, dict[str, int]]:
    """``{model: {"points", "teams", "members"}}``; grouped before anything is joined, since points are many."""
    rows = working_points(ground).values("model_id").order_by()
    rows = rows.annotate(points=Count("pk"), teams=Sum("size__teams"), members=Sum("size__members"))
    return {row["model_id"]: {name: row[name] or 0 for name in ("points", "teams", "members")} for row in rows}


def _rows(states: QuerySet[ModelState], counts: dict[int, dict[str, int]]) -> list[ModelRow]:
    """The models of ``states`` by name, each with what was counted of it."""
    rows = states.select_related("model").order_by("model__name_sort", "model_id")
    return [
        ModelRow(
            step.model_id, step.model.ulid, step.model.code, step.model.name, step.model.field, step.model.decision,
            step.state, **counts.get(step.model_id, {}),
        )
        for step in rows
    ]  # fmt: skip


# --- for the summary and the command ----------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PointRow:
    """A working point for a list or an annex. ``last_day`` is inclusive, ``None`` while it goes on."""

    model_id: int
    model_code: str
    model_name: str
    code: str
    name: str
    unit_id: int
    district: str
    district_code: str
    commune: str
    commune_code: str
    place: str
    started_on: date
    last_day: date | None
    teams: int
    members: int
    sure: bool


@dataclass(slots=True)
class ModelsOn:
    """What was working in a province on a date. ``notes``: sentences on what could not be split."""

    on: date
    rows: list[ModelRow]
    totals: Totals
    notes: list[str] = field(default_factory=list)


def models_on(province: Unit | int, on: date) -> ModelsOn:
    """Models and totals of what was working in ``province`` on ``on``; the province as it was that day."""
    rows = working_models(ground_of_province(province, on))
    return ModelsOn(on, rows, totals_of(rows))


def points_on(province: Unit | int, on: date, *, as_now: bool = False) -> tuple[list[PointRow], list[str]]:
    """``(points, notes)``: every point that was working in ``province`` on ``on``, by model and name.

    ``as_now`` places each under today's communes; the points and their number stay the same, and
    ``notes`` names what could not be split.
    """
    ground = ground_of_province(province, on)
    rows = list(
        working_points(ground)
        .annotate(teams=F("size__teams"), members=F("size__members"))
        .select_related("model")
        .order_by("model__name_sort", "model_id", "name_sort", "pk")
    )
    units = {point.unit_id for point in rows}
    then = standings(units, ground.tree)
    placed = standings(units, Tree(today())) if as_now else then
    uncertain: dict[tuple[str, str], int] = {}
    result = []
    for point in rows:
        at = placed.get(point.unit_id)
        if at is not None and not at.sure:
            before = then[point.unit_id].name if as_now and point.unit_id in then else ""
            pair = (before, at.commune.name if at.commune else at.name)
            uncertain[pair] = uncertain.get(pair, 0) + 1
        result.append(_point_row(point, at))
    return result, [_uncertain(*pair, count) for pair, count in sorted(uncertain.items())]


def _uncertain(before: str, now: str, count: int) -> str:
    if before:
        now = f"{now} hiện nay" if before == now else now
        return f"{before}: {count} điểm không tách được theo địa bàn nên tính cho {now}, là đơn vị kế thừa chính."
    return f"{now}: {count} điểm ghi theo địa bàn hiện nay, không rõ thuộc đơn vị cũ nào."


def _point_row(point: Point, at: Standing | None) -> PointRow:
    commune = at.commune if at else None
    return PointRow(
        model_id=point.model_id,
        model_code=point.model.code,
        model_name=point.model.name,
        code=point.code,
        name=point.name,
        unit_id=point.unit_id,
        district=at.district.name if at and at.district else "",
        district_code=at.district.code if at and at.district else "",
        commune=commune.name if commune else "",
        commune_code=commune.code if commune else "",
        place=at.name if at else "",
        started_on=point.valid.lower,
        last_day=upper_to_last_day(point.valid.upper),
        teams=point.teams or 0,
        members=point.members or 0,
        sure=at.sure if at else False,
    )


# --- for the pages ----------------------------------------------------------------------------------
def models_within(ground: Ground) -> QuerySet[PracticeModel]:
    """Models that whoever holds the ground may read: of a province on it, or with a point on it."""
    return PracticeModel.objects.filter(ground.here("province") | Q(pk__in=ground.points().values("model")))


def fields_known(ground: Ground) -> list[str]:
    """The fields (lĩnh vực) that models on the ground are written under."""
    return sorted(set(models_within(ground).exclude(field="").values_list("field", flat=True)))


def models_proposed(provinces: Iterable[int], on: date) -> int:
    """How many models of these provinces are proposed on a date and wait for a decision; one query."""
    states = ModelState.objects.filter(state=Life.PROPOSED, valid__contains=on, model__province__in=list(provinces))
    return states.count()


def models_listed(ground: Ground, *, everywhere: bool = True) -> list[ModelRow]:
    """Models with a state on the ground's day, by name, each with its points there.

    Unless ``everywhere``, a model without a point there is left out.
    """
    if not everywhere:
        return working_models(ground)
    states = ModelState.objects.filter(model__in=models_within(ground), valid__contains=ground.on)
    return _rows(states, _counts(ground))


def model_points(model: PracticeModel, ground: Ground, *, everything: bool = False) -> QuerySet[Point]:
    """Points of a model on the ground by name, with ``teams`` and ``members`` of the ground's day.

    Unless ``everything``, only those that work that day.
    """
    points = ground.points().filter(model=model)
    points = points if everything else points.filter(valid__contains=ground.on)
    points = points.annotate(size=FilteredRelation("sizes", condition=Q(sizes__valid__contains=ground.on)))
    return points.annotate(teams=F("size__teams"), members=F("size__members")).order_by("name_sort", "pk")


def model_counts(model: PracticeModel, ground: Ground) -> dict[str, int]:
    """``{"points", "teams", "members"}`` of a model on the ground that day; one query."""
    found = working_points(ground).filter(model=model)
    found = found.aggregate(points=Count("pk"), teams=Sum("size__teams"), members=Sum("size__members"))
    return {name: value or 0 for name, value in found.items()}


def model_history(model: PracticeModel) -> list[ModelState]:
    """The steps of its life, oldest first."""
    return list(model.states.order_by("valid"))


def model_reviews(model: PracticeModel, ground: Ground) -> list[Review]:
    """Reviews of the model, and of its points on the ground; newest year first."""
    here = Q(point=None) | Q(point__in=ground.points().filter(model=model).values("pk"))
    rows = model.reviews.filter(here).select_related("point")
    return list(rows.order_by("-year", F("point_id").asc(nulls_first=True)))


def unit_models(unit_ids: Iterable[int]) -> list[dict]:
    """Points on units, as the unit's profile and the command ``unit`` show them; the latest first."""
    rows = Point.objects.filter(unit__in=list(unit_ids)).select_related("model")
    rows = rows.annotate(size=FilteredRelation("sizes", condition=Q(sizes__valid__contains=today())))
    rows = rows.annotate(teams=F("size__teams"), members=F("size__members")).order_by("-valid", "pk")
    return [
        {
            "unit_id": point.unit_id,
            "model": point.model.ulid,
            "model_code": point.model.code,
            "model_name": point.model.name,
            "field": point.model.field,
            "point_code": point.code,
            "point_name": point.name,
            "started_on": point.valid.lower.isoformat(),
            "ended_on": (last := upper_to_last_day(point.valid.upper)) and last.isoformat(),
        }
        for point in rows
    ]
