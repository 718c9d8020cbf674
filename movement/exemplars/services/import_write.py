"""Writing the plans of an import, in few statements however long the list."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.postgresql.psycopg_any import DateRange

from movement.audit.services import Act
from movement.core.dates import format_date

from ..enums import Life
from ..models import ModelState, Point, PointSize, PracticeModel
from .import_plan import CHANGE, CREATE, ModelPlan, PointPlan, touched
from .practice import MODEL_KIND, POINT_KIND

_BATCH = 2000


def write(plans: list[ModelPlan]) -> None:
    """Models, their lives, points and sizes. The caller asks the database for its refusals."""
    new = [plan for plan in plans if plan.action == CREATE]
    for plan in new:
        plan.model = PracticeModel(province_id=plan.province_id, **plan.facts)
    PracticeModel.objects.bulk_create([plan.model for plan in new], batch_size=_BATCH)
    ModelState.objects.bulk_create(
        [ModelState(model=plan.model, state=Life.WORKING, valid=DateRange(plan.starts, None)) for plan in new],
        batch_size=_BATCH,
    )
    for plan in plans:
        if plan.action != CHANGE:
            continue
        if plan.facts != plan.before:
            PracticeModel.objects.filter(pk=plan.model.pk).update(**plan.facts)
        if plan.move_start:
            step = plan.move_start
            step.valid = DateRange(plan.starts, step.valid.upper)
            step.save(update_fields=["valid"])
    _write_points(plans)


def _write_points(plans: list[ModelPlan]) -> None:
    models = {id(point): plan.model for plan in plans for point in plan.points}
    new, changed = touched(plans, CREATE), touched(plans, CHANGE)
    for step in new:
        step.point = Point(
            model=models[id(step)], code=step.code, name=step.name, unit_id=step.unit_id,
            valid=DateRange(step.since, step.until),
        )  # fmt: skip
    for step in changed:
        step.point.code, step.point.name, step.point.unit_id = step.code, step.name, step.unit_id
        step.point.valid = DateRange(step.since, step.until)
    Point.objects.bulk_create([step.point for step in new], batch_size=_BATCH)
    Point.objects.bulk_update([step.point for step in changed], ["code", "name", "unit", "valid"], batch_size=_BATCH)
    PointSize.objects.filter(point__in=[step.point.pk for step in changed]).delete()
    PointSize.objects.bulk_create(
        [
            PointSize(point=step.point, teams=teams, members=members, valid=DateRange(since, until))
            for step in (*new, *changed)
            for since, until, teams, members in step.sizes
        ],
        batch_size=_BATCH,
    )


def acts_of(plans: Iterable[ModelPlan], names: dict[int, str]) -> Iterable[Act]:
    """A row of the trail for each model and point that was made or changed; ``names``: ``{unit: name}``."""
    for plan in plans:
        about = f"“{plan.facts['name']}” ({plan.facts['code']})"
        if plan.action in (CREATE, CHANGE):
            verb = "Nhập mô hình" if plan.action == CREATE else "Nhập lại, sửa mô hình"
            since = f", hoạt động từ {format_date(plan.starts)}" if plan.action == CREATE or plan.move_start else ""
            yield Act(
                f"model.{plan.action}", f"{verb} {about}{since}.", MODEL_KIND, plan.model.ulid, plan.province_id,
                before=plan.before or None, after=plan.facts,
            )  # fmt: skip
        for point in plan.points:
            if point.action in (CREATE, CHANGE):
                yield _point_act(plan, point, names)


def _point_act(plan: ModelPlan, step: PointPlan, names: dict[int, str]) -> Act:
    def named(facts: dict) -> dict | None:
        return (facts and facts | {"unit": names.get(facts["unit"], facts["unit"])}) or None

    verb = "thêm" if step.action == CREATE else "sửa"
    return Act(
        f"point.{step.action}", f"Mô hình “{plan.facts['name']}”: nhập, {verb} điểm “{step.name}”.", POINT_KIND,
        step.point.ulid, step.unit_id, before=named(step.before), after=named(step.after),
    )  # fmt: skip
