"""Points of a practice model: set up, corrected, counted anew, reviewed, by those on whose ground they stand."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from movement.accounts.access import can
from movement.core.dates import last_day_to_upper, upper_to_last_day
from movement.core.once import once
from movement.core.problems import Problem, Refused
from units.filters import named
from units.models import Unit, UnitVersion
from units.presenters import with_places

from ..enums import RUNNING
from ..forms import NewPointForm, PointForm, ReviewForm, SizeForm
from ..models import Point, PracticeModel
from ..presenters import View, at_places, may_change_point, may_set_up_points, model_named, view_of
from ..rules import POINT, Spot
from ..selectors import model_history, model_points
from ..services.practice import point_change, point_create, point_resize, review_record
from .shared import form_page

COLUMNS = {"point_code": "code", "point_name": "name"}
CHOICES = 12


def _point_named(view: View, ulid: str, point_ulid: str) -> tuple[PracticeModel, Point]:
    model = model_named(view, ulid)
    point = model_points(model, view.ground, everything=True).select_related("unit").filter(ulid=point_ulid).first()
    if point is None:
        raise Http404
    return model, point


def _mine(request, ulid: str, point_ulid: str) -> tuple[View, PracticeModel, Point]:
    view = view_of(request)
    model, point = _point_named(view, ulid, point_ulid)
    if not may_change_point(view, point):
        raise PermissionDenied
    return view, model, point


def _address(name: str, view: View, *args: str) -> str:
    return reverse(f"exemplars:{name}", args=args) + view.at_day


def _context(view: View, model: PracticeModel, point: Point | None, heading: str, submit: str) -> dict:
    trail = [(_("Mô hình"), _address("models", view)), (model.name, _address("model", view, model.ulid))]
    if point is not None:
        trail.append((point.name, _address("point", view, model.ulid, point.ulid)))
    return {
        "view": view, "model": model, "point": point, "heading": heading, "submit": submit,
        "trail": [*trail, (heading, None)],
    }  # fmt: skip


@login_required
@require_safe
def point_detail(request, ulid, point_ulid):
    """One point: where it stands that day, its numbers over time, its reviews."""
    view = view_of(request)
    model, point = _point_named(view, ulid, point_ulid)
    at_places([point], view)
    context = _context(view, model, None, point.name, "")
    context |= {
        "point": point,
        "sizes": [(size, upper_to_last_day(size.valid.upper)) for size in point.sizes.order_by("-valid")],
        "reviews": point.reviews.order_by("-year"),
        "may_change": may_change_point(view, point),
    }
    return render(request, "exemplars/point.html", context)


# --- where a point stands: found by name, chosen from a short list ------------------------------------------
def units_found(view: View, typed: str) -> list[UnitVersion]:
    """Units and places of the reader's ground by name or code, at most a dozen, with their place."""
    if not typed.strip():
        return []
    rows = view.ground.versions.exclude(kind="province").select_related("unit")
    rows = named(rows, typed, name="search", code="code").order_by("name_sort", "pk")
    return with_places(rows[:CHOICES], view.on)


@login_required
@require_safe
def unit_choices(request):
    """The short list that the search field of a point's place swaps in."""
    return render(request, "exemplars/_unit_choices.html", _choices(view_of(request), request.GET, None))


def _choices(view: View, data, held: UnitVersion | None) -> dict:
    """The short list: the place that is held or chosen, and what the search finds."""
    chosen = data.get("unit", "") or (held.unit.ulid if held else "")
    typed = data.get("place_q", "")
    found = units_found(view, typed)
    if chosen and chosen not in {row.unit.ulid for row in found}:
        one = with_places(view.ground.versions.filter(unit__ulid=chosen).select_related("unit"), view.on)
        if not one and held is not None and chosen == held.unit.ulid:
            one = [held]  # it exists no more on the page's day, and the point may stay on it
        found = [*one, *found]
    return {"choices": found, "chosen": chosen, "typed": typed.strip()}


def _unit_chosen(view: View, ulid: str, point: Point | None = None) -> Unit:
    """The unit that was chosen, if the reader may set up a point there."""
    version = view.ground.versions.filter(unit__ulid=ulid).select_related("unit").first()
    if version is None:
        if point is not None and point.unit.ulid == ulid:
            return point.unit
        raise Refused(Problem("unknown_unit", _("Nơi đặt điểm không có trong phạm vi của bạn."), column="unit"))
    right = can(view.user, POINT, Spot(view.on, ((version.path, version.unit_id),)))
    if not right:
        raise Refused(Problem("not_allowed", right.sentence, column="unit"))
    return version.unit


# --- changing -------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def point_new(request, ulid):
    """Set up a point of a model that works."""
    view = view_of(request)
    model = model_named(view, ulid)
    if not any(step.state in RUNNING for step in model_history(model)):
        raise Http404
    if not may_set_up_points(view, model):
        raise PermissionDenied
    form = NewPointForm(request.POST or None)

    def save() -> str:
        asked = form.cleaned_data
        unit = _unit_chosen(view, asked["unit"])
        point, _made = once(
            asked["once"], actor=request.user, purpose="exemplars.point", model=Point,
            make=lambda: point_create(
                model=model, code=asked["code"], name=asked["name"], unit=unit, since=asked["started_on"],
                until=last_day_to_upper(asked["ended_on"]), teams=asked["teams"], members=asked["members"],
                actor=request.user,
            ),
        )  # fmt: skip
        return _("Đã ghi điểm “%(name)s”.") % {"name": point.name}

    context = _context(view, model, None, _("Thêm điểm mô hình"), _("Ghi điểm")) | _choices(view, form.data, None)
    return form_page(
        request, form, save=save, back=_address("model", view, model.ulid), context=context, columns=COLUMNS,
        template="exemplars/point_form.html",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def point_edit(request, ulid, point_ulid):
    """Correct a point, or let it end."""
    view, model, point = _mine(request, ulid, point_ulid)
    known = {
        "code": point.code, "name": point.name, "unit": point.unit.ulid, "started_on": point.valid.lower,
        "ended_on": upper_to_last_day(point.valid.upper),
    }  # fmt: skip
    form = PointForm(request.POST or None, initial=known)

    def save() -> str:
        asked = form.cleaned_data
        point_change(
            point=point, code=asked["code"], name=asked["name"], unit=_unit_chosen(view, asked["unit"], point),
            since=asked["started_on"], until=last_day_to_upper(asked["ended_on"]), actor=request.user,
        )  # fmt: skip
        return _("Đã sửa điểm “%(name)s”.") % {"name": asked["name"]}

    held = UnitVersion.objects.filter(unit=point.unit_id).select_related("unit").order_by("-valid").first()
    context = _context(view, model, point, _("Sửa điểm"), _("Lưu")) | _choices(view, form.data, held)
    return form_page(
        request, form, save=save, back=_address("point", view, model.ulid, point.ulid), context=context,
        columns=COLUMNS, template="exemplars/point_form.html",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def point_size(request, ulid, point_ulid):
    """New numbers of a point, from a day on."""
    view, model, point = _mine(request, ulid, point_ulid)
    form = SizeForm(request.POST or None, initial={"teams": point.teams, "members": point.members, "since": view.on})

    def save() -> str:
        asked = form.cleaned_data
        changed = point_resize(
            point=point, teams=asked["teams"], members=asked["members"], since=asked["since"], actor=request.user
        )
        return _("Đã ghi số tổ, số thành viên mới.") if changed else _("Số liệu không thay đổi.")

    context = _context(view, model, point, _("Cập nhật số tổ, thành viên"), _("Ghi số liệu"))
    return form_page(request, form, save=save, back=_address("point", view, model.ulid, point.ulid), context=context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def point_review(request, ulid, point_ulid):
    """Write down the year's review of a point."""
    view, model, point = _mine(request, ulid, point_ulid)
    form = ReviewForm(request.POST or None, initial={"year": view.on.year})

    def save() -> str:
        asked = form.cleaned_data
        review_record(
            model=model, point=point, year=asked["year"], rating=asked["rating"], note=asked["note"],
            actor=request.user,
        )  # fmt: skip
        return _("Đã ghi đánh giá năm %(year)d.") % {"year": asked["year"]}

    context = _context(view, model, point, _("Đánh giá năm"), _("Ghi đánh giá"))
    return form_page(request, form, save=save, back=_address("point", view, model.ulid, point.ulid), context=context)
