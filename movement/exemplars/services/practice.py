"""Changing practice models, their points and reviews. Permission and territory are the caller's.

Dates are half-open inside: ``since`` is the first day of what begins, ``until`` the first day after what ends.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from movement.audit.services import Act, record
from movement.core.dates import format_date, upper_to_last_day
from movement.core.problems import Problem, Refused
from movement.core.text import nfc
from units.models import Unit
from units.selectors import names_of

from ..enums import NEXT, Life
from ..models import ModelState, Point, PointSize, PracticeModel, Review
from .guards import told

MODEL_KIND, POINT_KIND = "exemplars.model", "exemplars.point"


def _clean(text: str) -> str:
    return " ".join(nfc(text).split())


@transaction.atomic
def model_create(
    *, province: Unit, code: str, name: str, actor, since: date, state: str = Life.PROPOSED,
    field: str = "", decision: str = "", note: str = "",
) -> PracticeModel:  # fmt: skip
    """Register a model in ``state`` since a date.

    Raises:
        Refused: ``exemplars_model_code_once``, ``exemplars_model_named``.
    """
    with told():
        model = PracticeModel.objects.create(
            province=province, code=_clean(code), name=_clean(name), field=_clean(field), decision=_clean(decision)
        )
        ModelState.objects.create(model=model, state=state, valid=(since, None), note=note)
    record(
        actor,
        Act(
            "model.create", f"Ghi mô hình “{model.name}” ({model.code}), {Life(state).label.lower()} từ {format_date(since)}.",
            MODEL_KIND, model.ulid, province.pk, after=model_facts(model) | {"state": state}, reason=note,
        ),
    )  # fmt: skip
    return model


def model_facts(model: PracticeModel) -> dict:
    return {"code": model.code, "name": model.name, "field": model.field, "decision": model.decision}


@transaction.atomic
def model_change(*, model: PracticeModel, code: str, name: str, field: str, decision: str, actor) -> PracticeModel:
    """Correct what a model is called.

    Raises:
        Refused: ``exemplars_model_code_once``, ``exemplars_model_named``.
    """
    model = PracticeModel.objects.select_for_update().get(pk=model.pk)
    before = model_facts(model)
    model.code, model.name, model.field, model.decision = map(_clean, (code, name, field, decision))
    after = model_facts(model)
    if after == before:
        return model
    with told():
        model.save(update_fields=["code", "name", "field", "decision"])
    act = Act("model.change", f"Sửa thông tin mô hình “{model.name}” ({model.code}).", MODEL_KIND, model.ulid)
    record(actor, _with(act, unit_id=model.province_id, before=before, after=after))
    return model


def _with(act: Act, **changes) -> Act:
    return Act(**{name: getattr(act, name) for name in Act.__dataclass_fields__} | changes)


@transaction.atomic
def model_move(*, model: PracticeModel, to: str, since: date, actor, note: str = "") -> int:
    """Take a model to its next state from ``since`` on; how many points ended with it.

    When it ends, ``since`` is the first day after its last: the points that still work end that day too.

    Raises:
        Refused: ``not_next``, ``state_too_early``, ``points_after_end`` (a point begins later than the end).
    """
    model = PracticeModel.objects.select_for_update().get(pk=model.pk)
    last = model.states.order_by("valid").last()
    to = Life(to)
    if to not in NEXT[Life(last.state)]:
        raise Refused(
            Problem(
                "not_next",
                f"Mô hình đang ở trạng thái “{last.get_state_display()}” nên không chuyển sang “{to.label}”.",
                column="state",
            )
        )
    if since <= last.valid.lower:
        raise Refused(
            Problem(
                "state_too_early",
                f"Trạng thái “{last.get_state_display()}” bắt đầu từ {format_date(last.valid.lower)}; "
                "trạng thái sau phải bắt đầu sau ngày đó.",
                column="since",
            )
        )
    ended = _points_end(model, since, actor) if to == Life.ENDED else 0
    with told():
        last.valid = DateRange(last.valid.lower, since)
        last.save(update_fields=["valid"])
        ModelState.objects.create(model=model, state=to, valid=(since, None), note=note)
    sentence = f"Mô hình “{model.name}” ({model.code}): {to.label.lower()} từ {format_date(since)}."
    if to == Life.ENDED:
        day = format_date(upper_to_last_day(since))
        sentence = f"Mô hình “{model.name}” ({model.code}) kết thúc, ngày cuối {day}; {ended} điểm kết thúc cùng ngày."
    record(
        actor,
        Act(
            "model.move", sentence, MODEL_KIND, model.ulid, model.province_id,
            before={"state": last.state}, after={"state": to, "since": since.isoformat(), "points_ended": ended},
            reason=note,
        ),
    )  # fmt: skip
    return ended


def _points_end(model: PracticeModel, until: date, actor) -> int:
    open_points = Point.objects.select_for_update().filter(model=model, valid__endswith__isnull=True)
    open_points = list(open_points | Point.objects.select_for_update().filter(model=model, valid__endswith__gt=until))
    late = [point for point in open_points if point.valid.lower >= until]
    if late:
        raise Refused(
            Problem(
                "points_after_end",
                f"Điểm “{point.name}” bắt đầu ngày {format_date(point.valid.lower)}, sau ngày cuối của mô hình.",
                column="since",
                value=point.code or point.name,
            )
            for point in late
        )
    for point in open_points:
        _point_until(point, until)
    return len(open_points)


def _point_until(point: Point, until: date | None) -> None:
    """Let a point and its size end at ``until``, or go on."""
    point.valid = DateRange(point.valid.lower, until)
    point.save(update_fields=["valid"])
    if until is not None:
        point.sizes.filter(valid__startswith__gte=until).delete()
    last = point.sizes.order_by("valid").last()
    if last:
        last.valid = DateRange(last.valid.lower, until)
        last.save(update_fields=["valid"])


@transaction.atomic
def point_create(
    *, model: PracticeModel, name: str, unit: Unit, since: date, actor, code: str = "", until: date | None = None,
    teams: int = 0, members: int = 0,
) -> Point:  # fmt: skip
    """Set up a point of ``model`` on ``unit``.

    Raises:
        Refused: ``exemplars_point_model_ended``, ``exemplars_point_inside_model``, ``exemplars_point_code_once``,
            ``exemplars_size_counts``, ``dates_reversed``.
    """
    _dates_in_order(since, until)
    with told():
        point = Point.objects.create(
            model=model, code=_clean(code), name=_clean(name), unit=unit, valid=DateRange(since, until)
        )
        PointSize.objects.create(point=point, teams=teams, members=members, valid=(since, until))
    record(
        actor,
        Act(
            "point.create", f"Mô hình “{model.name}”: thêm điểm “{point.name}” từ {format_date(since)}.",
            POINT_KIND, point.ulid, unit.pk, after=point_facts(point, _name(unit.pk)) | {"teams": teams, "members": members},
        ),
    )  # fmt: skip
    return point


def point_facts(point: Point, place: str) -> dict:
    """What the trail keeps of a point; ``place`` is its unit's name."""
    last = upper_to_last_day(point.valid.upper)
    return {
        "code": point.code,
        "name": point.name,
        "place": place,
        "started_on": point.valid.lower.isoformat(),
        "ended_on": last and last.isoformat(),
    }


def _name(unit_id: int) -> str:
    return names_of([unit_id]).get(unit_id, "")


def _dates_in_order(since: date, until: date | None) -> None:
    if until is not None and until <= since:
        raise Refused(Problem("dates_reversed", "Ngày cuối phải từ ngày bắt đầu trở đi.", column="ended_on"))


@transaction.atomic
def point_change(
    *, point: Point, name: str, unit: Unit, since: date, until: date | None, actor, code: str = ""
) -> Point:
    """Correct a point, or end it at ``until``; its size follows the dates.

    Raises:
        Refused: as ``point_create``.
    """
    _dates_in_order(since, until)
    point = Point.objects.select_for_update().select_related("model").get(pk=point.pk)
    before = point_facts(point, _name(point.unit_id))
    point.code, point.name, point.unit = _clean(code), _clean(name), unit
    point.valid = DateRange(since, until)
    after = point_facts(point, _name(unit.pk))
    if after == before:
        return point
    with told():
        point.save(update_fields=["code", "name", "unit", "valid"])
        sizes_fit(point)
    record(
        actor,
        Act(
            "point.change", f"Mô hình “{point.model.name}”: sửa điểm “{point.name}”.", POINT_KIND, point.ulid, unit.pk,
            before=before, after=after,
        ),
    )  # fmt: skip
    return point


def sizes_fit(point: Point) -> None:
    """Stretch or cut the sizes of a point to its own dates."""
    since, until = point.valid.lower, point.valid.upper
    rows = list(point.sizes.order_by("valid"))
    keep = [row for row in rows if row.valid.upper is None or row.valid.upper > since]
    keep = [row for row in keep if until is None or row.valid.lower < until] or rows[-1:]
    PointSize.objects.filter(pk__in=[row.pk for row in rows if row not in keep]).delete()
    for place, row in enumerate(keep):
        valid = DateRange(
            since if place == 0 else row.valid.lower, until if place == len(keep) - 1 else row.valid.upper
        )
        if valid != row.valid:
            row.valid = valid
            row.save(update_fields=["valid"])


@transaction.atomic
def point_resize(*, point: Point, teams: int, members: int, since: date, actor) -> bool:
    """From ``since`` on the point has so many teams and members; whether that changed anything.

    What was recorded for a later day stays. The earlier numbers stay for the days before.

    Raises:
        Refused: ``outside_point`` when ``since`` lies outside the point's own dates, ``exemplars_size_counts``.
    """
    point = Point.objects.select_for_update().select_related("model").get(pk=point.pk)
    held = point.sizes.filter(valid__contains=since).first()
    if held is None:
        raise Refused(
            Problem("outside_point", "Ngày này nằm ngoài thời gian hoạt động của điểm.", column="since", value=since)
        )
    before = {"teams": held.teams, "members": held.members}
    after = {"teams": teams, "members": members}
    if before == after:
        return False
    with told():
        if held.valid.lower == since:
            held.teams, held.members = teams, members
            held.save(update_fields=["teams", "members"])
        else:
            upper = held.valid.upper
            held.valid = DateRange(held.valid.lower, since)
            held.save(update_fields=["valid"])
            PointSize.objects.create(point=point, valid=(since, upper), **after)
    record(
        actor,
        Act(
            "point.resize",
            f"Mô hình “{point.model.name}”, điểm “{point.name}”: {teams} tổ, {members} thành viên từ {format_date(since)}.",
            POINT_KIND, point.ulid, point.unit_id, before=before, after=after | {"since": since.isoformat()},
        ),
    )  # fmt: skip
    return True


@transaction.atomic
def review_record(
    *, model: PracticeModel, year: int, rating: str, actor, point: Point | None = None, note: str = ""
) -> Review:
    """Write down the year's review of a model or of one point; a second one replaces it, and the trail keeps both.

    Raises:
        Refused: ``other_model``, ``exemplars_review_rated``.
    """
    if point is not None and point.model_id != model.pk:
        raise Refused(Problem("other_model", "Điểm này thuộc mô hình khác.", column="point"))
    held = Review.objects.select_for_update().filter(model=model, point=point, year=year).first()
    before = {"rating": held.rating, "note": held.note} if held else None
    after = {"rating": _clean(rating), "note": nfc(note).strip()}
    if before == after:
        return held
    review = held or Review(model=model, point=point, year=year)
    review.rating, review.note, review.by_name = after["rating"], after["note"], str(actor)[:200]
    with told():
        review.save()
    about = f"điểm “{point.name}” của mô hình “{model.name}”" if point else f"mô hình “{model.name}”"
    record(
        actor,
        Act(
            "model.review", f"Đánh giá năm {year} {about}: {review.rating}.", MODEL_KIND, model.ulid,
            point.unit_id if point else model.province_id, before=before, after=after,
        ),
    )  # fmt: skip
    return review
