"""The register of practice models: the list as of a day, one model with its points and its life, and changing it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from movement.core.dates import last_day_to_upper, upper_to_last_day
from movement.core.once import once
from movement.core.text import search_q
from units.forms import offer_places
from units.selectors.places import place_choices, place_path
from units.selectors.regrouping import Regrouped, regrouped
from units.trees import TreeChoice, place_options

from ..enums import NEXT, RUNNING, Life
from ..forms import ModelFilter, ModelForm, MoveForm, NewModelForm, PointFilter, ReviewForm
from ..models import PracticeModel
from ..presenters import (
    View,
    at_places,
    may_change_model,
    may_set_up_points,
    model_named,
    provinces_of,
    tree_of,
    view_of,
)
from ..selectors import (
    MODEL_COUNTED,
    POINT_COUNTED,
    ModelRow,
    fields_known,
    model_counts,
    model_history,
    model_points,
    model_reviews,
    models_listed,
    narrowed,
    narrowed_to,
    totals_of,
    working_points,
)
from ..services.practice import model_change, model_create, model_move, review_record
from .shared import form_page

COUNTED = {"model_counted": MODEL_COUNTED, "point_counted": POINT_COUNTED}
COLUMNS = {"model_code": "code", "model_name": "name", "started_on": "since", "ended_on": "since"}
PAGE = 50


@login_required
@require_safe
@vary_on_headers("HX-Request")
def model_list(request):
    """Models of the reader's ground as of a day, by name, with both counts; htmx asks for the list alone."""
    asked = models_asked(request)
    view, form, shown, tree, now = asked.view, asked.form, asked.shown, asked.tree, asked.now
    if not request.htmx:
        places = place_options(now) if now else place_choices(view.ground.versions)
        offer_places(form, "place", places, view.ground.versions, view.on, _("Mọi địa bàn"))
    context = {
        "view": view,
        "form": form,
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "totals": totals_of(shown),
        "filtered": any(request.GET.get(name) for name in form.fields if name != "tree"),
        "reset": f"{request.path}?{query}" if (query := urlencode({**view.keep, **tree.keep})) else request.path,
        "tree": tree,
        "regrouped": now,
        **COUNTED,
    }
    if request.htmx:
        return render(request, "exemplars/_models.html", context)
    context["may_create"] = bool(provinces_of(view))
    return render(request, "exemplars/models.html", context)


@dataclass(frozen=True, slots=True)
class Asked:
    """The models as an address asks for them; ``shown`` is the list, none for filters that cannot be read."""

    view: View
    form: ModelFilter
    shown: list[ModelRow]
    tree: TreeChoice
    now: Regrouped | None


def models_asked(request) -> Asked:
    """Reads the address of the list of models."""
    view = view_of(request)
    tree, place = tree_of(request, view), request.GET.get("place", "")
    now = regrouped(working_points(view.ground), place=None) if tree.now else None
    ground = view.ground
    if place and now:
        ground = narrowed_to(ground, now.units(now.key_of(place)))
    elif place:
        ground = narrowed(ground, place_path(ground.versions, place))
    rows = models_listed(ground, everywhere=not place)
    form = ModelFilter(request.GET, fields=sorted({row.field for row in rows}))
    shown = _filtered(rows, form) if form.is_valid() else []
    return Asked(view, form, shown, tree, now)


def _filtered(rows: list[ModelRow], form: ModelFilter) -> list[ModelRow]:
    asked = form.cleaned_data
    state, typed = asked["state"], asked["q"].strip()[:100]
    found = [row for row in rows if (row.state == state if state else row.state != Life.ENDED)]
    if asked["field"]:
        found = [row for row in found if row.field == asked["field"]]
    if typed:
        named = PracticeModel.objects.filter(pk__in=[row.pk for row in found])
        named = set(named.filter(search_q("search", typed) | Q(code__istartswith=typed)).values_list("pk", flat=True))
        found = [row for row in found if row.pk in named]
    return found


@login_required
@require_safe
@vary_on_headers("HX-Request")
def model_detail(request, ulid):
    """One model as of a day: both counts, its life, its points that the reader may see, its reviews."""
    view = view_of(request)
    model = model_named(view, ulid)
    form = PointFilter(request.GET)
    everything = form.is_valid() and form.cleaned_data["when"] == "all"
    counts = model_counts(model, view.ground)
    pages = Paginator(model_points(model, view.ground, everything=everything), PAGE)
    if not everything:
        pages.count = counts["points"]  # counted already
    page = pages.get_page(request.GET.get("page"))
    tree = tree_of(request, view)
    page.object_list = at_places(page.object_list, view, now=tree.now)
    context = {"view": view, "model": model, "page": page, "form": form, "tree": tree}
    if request.htmx:
        return render(request, "exemplars/_points.html", context)
    history = model_history(model)
    state = next((step for step in history if view.on in step.valid), None)
    may = may_change_model(view, model)
    context |= {
        "trail": [(_("Mô hình"), reverse("exemplars:models") + view.at_day), (model.name, None)],
        "history": [(step, upper_to_last_day(step.valid.upper)) for step in history],
        "state": state,
        "counted": int(counts["points"] > 0 and state is not None and state.state in RUNNING),
        "counts": counts,
        "reviews": model_reviews(model, view.ground),
        "may_change": may,
        "may_move": may and bool(NEXT[Life(history[-1].state)]),
        "may_add": may_set_up_points(view, model) and any(step.state in RUNNING for step in history),
        **COUNTED,
    }
    return render(request, "exemplars/model.html", context)


# --- changing -------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def model_new(request):
    """Register a model of the reader's province."""
    view = view_of(request)
    provinces = provinces_of(view)
    if not provinces:
        raise PermissionDenied
    form = NewModelForm(request.POST or None, fields=fields_known(view.ground), provinces=provinces)

    def save() -> tuple[str, str]:
        asked = form.cleaned_data
        province = next(row.unit for row in provinces if row.unit.ulid == asked["province"])
        model, _made = once(
            asked["once"], actor=request.user, purpose="exemplars.model", model=PracticeModel,
            make=lambda: model_create(
                province=province, code=asked["code"], name=asked["name"], field=asked["field"],
                decision=asked["decision"], state=asked["state"], since=asked["since"], note=asked["note"],
                actor=request.user,
            ),
        )  # fmt: skip
        return _("Đã ghi mô hình “%(name)s”.") % {"name": model.name}, _back(view, model)

    return form_page(
        request, form, save=save, back=reverse("exemplars:models") + view.at_day, columns=COLUMNS,
        context={
            "view": view, "heading": _("Thêm mô hình"), "submit": _("Ghi mô hình"),
            "trail": [(_("Mô hình"), reverse("exemplars:models") + view.at_day), (_("Thêm mô hình"), None)],
        },
    )  # fmt: skip


def _mine(request, ulid) -> tuple[View, PracticeModel]:
    """The model, where the reader may change it; 404 outside, 403 without the right."""
    view = view_of(request)
    model = model_named(view, ulid)
    if not may_change_model(view, model):
        raise PermissionDenied
    return view, model


def _page_of(view: View, model: PracticeModel, heading: str) -> dict:
    home = (_("Mô hình"), reverse("exemplars:models") + view.at_day)
    trail = [home, (model.name, _back(view, model)), (heading, None)]
    return {"view": view, "model": model, "heading": heading, "trail": trail}


def _back(view: View, model: PracticeModel) -> str:
    return reverse("exemplars:model", args=[model.ulid]) + view.at_day


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def model_edit(request, ulid):
    """Correct what a model is called."""
    view, model = _mine(request, ulid)
    known = {name: getattr(model, name) for name in ("code", "name", "field", "decision")}
    form = ModelForm(request.POST or None, initial=known, fields=fields_known(view.ground))

    def save() -> str:
        asked = {name: form.cleaned_data[name] for name in known}
        model_change(model=model, actor=request.user, **asked)
        return _("Đã sửa thông tin mô hình.")

    context = _page_of(view, model, _("Sửa thông tin mô hình")) | {"submit": _("Lưu")}
    return form_page(request, form, save=save, back=_back(view, model), context=context, columns=COLUMNS)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def model_step(request, ulid):
    """Take a model to its next state; when it ends, the page says how many points end with it."""
    view, model = _mine(request, ulid)
    last = model_history(model)[-1]
    if not NEXT[Life(last.state)]:
        raise Http404
    form = MoveForm(request.POST or None, state=last.state)

    def save() -> str:
        asked = form.cleaned_data
        ends = asked["state"] == Life.ENDED
        since = last_day_to_upper(asked["since"]) if ends else asked["since"]
        ended = model_move(model=model, to=asked["state"], since=since, note=asked["note"], actor=request.user)
        if ends:
            return _("Mô hình đã kết thúc; %(count)d điểm kết thúc cùng ngày.") % {"count": ended}
        return _("Đã chuyển trạng thái mô hình.")

    context = _page_of(view, model, _("Chuyển trạng thái mô hình")) | {
        "submit": _("Chuyển trạng thái"),
        "now": last,
        "open_points": model.points.filter(valid__endswith__isnull=True).count(),
    }
    return form_page(
        request, form, save=save, back=_back(view, model), context=context, columns=COLUMNS,
        template="exemplars/move.html",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def model_review(request, ulid):
    """Write down the year's review of a model."""
    view, model = _mine(request, ulid)
    form = ReviewForm(request.POST or None, initial={"year": view.on.year})

    def save() -> str:
        asked = form.cleaned_data
        review_record(model=model, year=asked["year"], rating=asked["rating"], note=asked["note"], actor=request.user)
        return _("Đã ghi đánh giá năm %(year)d.") % {"year": asked["year"]}

    context = _page_of(view, model, _("Đánh giá năm")) | {"submit": _("Ghi đánh giá")}
    return form_page(request, form, save=save, back=_back(view, model), context=context)
