"""Exemplars: the list over the years, the candidates of a year with their conditions, the choice by a decision."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from movement.accounts.access import can, grounds, visible_to
from movement.classification.enums import Purpose, State
from movement.classification.models import Assessment, Campaign
from movement.core.dates import format_date, today
from movement.core.once import once
from movement.core.text import VnSearch, search_q
from units.filters import named
from units.models import UnitVersion
from units.selectors import versions_of
from units.selectors.regrouping import Regrouped, regrouped
from units.trees import TreeChoice, place_options, place_words, tree_asked

from ..forms import CandidateFilter, ChooseForm, ExemplarFilter, NoteForm
from ..models import Exemplar
from ..presenters import View, view_of
from ..rules import CHOOSE, NOTE, Spot
from ..selectors import CANDIDATE_FIELDS, candidates_among, classes_considered, exemplar_notes
from ..services.choosing import exemplar_note, exemplars_choose
from .shared import form_page

PAGE = 50
MOST = 200  # units in one decision; what an address can hold
COLUMNS = {"unit": "__all__", "authority": "__all__"}


# --- the list over the years ------------------------------------------------------------------------------
@login_required
@require_safe
@vary_on_headers("HX-Request")
def exemplar_list(request):
    """Exemplars of all years among the units that stand on the reader's ground, newest first."""
    view = view_of(request)
    rows = Exemplar.objects.filter(view.ground.here()).select_related("decision")
    years = sorted(set(rows.order_by().values_list("year", flat=True)), reverse=True)
    tree = _tree_of(request, rows, years)
    now = regrouped(rows, place=None) if tree.now else None
    form = ExemplarFilter(request.GET, years=years, places=place_options(now) if now else None)
    shown = _filtered(rows, form, now) if form.is_valid() else rows.none()
    page = Paginator(shown.order_by("-year", "decision__decided_on", "decision_id", "position"), PAGE)
    page = page.get_page(request.GET.get("page"))
    for row in page.object_list if now else ():
        row.place_now, row.place_sure = place_words(now, row.unit_id, None)
    keep = urlencode({**view.keep, **tree.keep})
    context = {
        "view": view,
        "form": form,
        "page": page,
        "tree": tree,
        "regrouped": now,
        "reset": f"{request.path}?{keep}" if keep else request.path,
        "filtered": any(request.GET.get(name) for name in form.fields if name != "tree"),
    }
    if request.htmx:
        return render(request, "exemplars/_exemplars.html", context)
    return render(request, "exemplars/exemplars.html", context)


def _tree_of(request, rows, years: list[int]) -> TreeChoice:
    """As then (each year's own names) or as now; chosen out of the classes of the year before, so in its tree."""
    if not years:
        return TreeChoice(None, shown=False, now=False)
    provinces = set(rows.order_by().values_list("province_id", flat=True).distinct())
    return tree_asked(request, date(years[-1] - 1, 12, 31), provinces, years=True)


def _filtered(rows, form: ExemplarFilter, now: Regrouped | None):
    asked = form.cleaned_data
    if asked["place"] and now:
        rows = rows.filter(unit__in=now.units(now.key_of(asked["place"])))
    typed = asked["q"].strip()[:100]
    if typed:
        rows = rows.annotate(search=VnSearch("unit_name")).filter(
            search_q("search", typed) | Q(unit_code__istartswith=typed)
        )
    if asked["year"].isdigit():
        rows = rows.filter(year=int(asked["year"]))
    return rows.filter(unit_kind=asked["kind"]) if asked["kind"] else rows


# --- one exemplar -----------------------------------------------------------------------------------------
def _exemplar_named(view: View, ulid: str) -> Exemplar:
    rows = Exemplar.objects.filter(view.ground.here()).select_related("decision")
    return get_object_or_404(rows, ulid=ulid)


def _note_right(user, exemplar: Exemplar):
    on = date(exemplar.year - 1, 12, 31)
    version = versions_of([exemplar.unit_id], on).get(exemplar.unit_id)
    return can(user, NOTE, Spot(on, ((version.path, version.unit_id),) if version else ()))


@login_required
@require_safe
def exemplar_detail(request, ulid):
    """One exemplar: why it was chosen, by which decision, and what was written down since."""
    view = view_of(request)
    exemplar = _exemplar_named(view, ulid)
    context = {
        "view": view,
        "exemplar": exemplar,
        "conditions": exemplar.payload["conditions"],
        "notes": exemplar_notes(exemplar),
        "may_note": bool(_note_right(request.user, exemplar)),
        "trail": [(_("Điển hình"), reverse("exemplars:exemplars") + view.at_day), (exemplar.unit_name, None)],
    }
    return render(request, "exemplars/exemplar.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exemplar_write(request, ulid):
    """Add to what is written down about an exemplar."""
    view = view_of(request)
    exemplar = _exemplar_named(view, ulid)
    if not _note_right(request.user, exemplar):
        raise PermissionDenied
    form = NoteForm(request.POST or None, initial={"on": today()})
    back = reverse("exemplars:exemplar", args=[exemplar.ulid]) + view.at_day

    def save() -> str:
        asked = form.cleaned_data
        once(
            asked["once"], actor=request.user, purpose="exemplars.note", model=exemplar.notes.model,
            make=lambda: exemplar_note(
                exemplar=exemplar, kind=asked["kind"], on=asked["on"], text=asked["text"], document=asked["document"],
                actor=request.user,
            ),
        )  # fmt: skip
        return _("Đã ghi nội dung về điển hình.")

    heading = _("Ghi kế hoạch, tiến độ, công nhận")
    home = (_("Điển hình"), reverse("exemplars:exemplars") + view.at_day)
    context = {
        "view": view, "heading": heading, "submit": _("Ghi nội dung"),
        "trail": [home, (exemplar.unit_name, back), (heading, None)],
    }  # fmt: skip
    return form_page(request, form, save=save, back=back, context=context)


# --- candidates ---------------------------------------------------------------------------------------------
def _year_of(request) -> int | None:
    text = request.GET.get("year", "")
    return int(text) if text.isdigit() and 2000 < int(text) < 2200 else None


def _provinces(user, year: int) -> list[UnitVersion]:
    """Provinces that the reader's ground lies in, in the tree that the classes of the year before were given in."""
    on = date(year - 1, 12, 31)
    held = grounds(user, tree_on=on)
    ids = {int(path.strip("/").split("/")[0]) for ground in held for path in ground.paths}
    return sorted(versions_of(ids, on).values(), key=lambda v: v.name_sort)


@login_required
@require_safe
@vary_on_headers("HX-Request")
def candidate_list(request):
    """Candidates for exemplars of a year among the reader's units, each condition met or missed with its reason."""
    year = _year_of(request)
    if year is None:
        return redirect(f"{request.path}?year={_likely_year(request.user)}")
    on = date(year - 1, 12, 31)
    provinces = _provinces(request.user, year)
    province = next((v for v in provinces if v.unit_id == _number(request.GET.get("province"))), None)
    province = province or next(iter(provinces), None)
    form = CandidateFilter(request.GET)
    picked = list(dict.fromkeys(request.GET.getlist("unit")))[:MOST]
    context = {
        "year": year,
        "on": on,
        "province": province,
        "provinces": provinces,
        "form": form,
        "picked": picked,
        "keep": {"year": year, "province": province.unit_id if province and len(provinces) > 1 else ""},
        "reset": f"{request.path}?year={year}",
        "trail": [
            (_("Điển hình"), reverse("exemplars:exemplars")),
            (_("Xét chọn năm %(year)d") % {"year": year}, None),
        ],
    }
    if province is not None:
        context |= _candidates(request, form, province, year)
    template = "exemplars/_candidates.html" if request.htmx else "exemplars/candidates.html"
    return render(request, template, context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _likely_year(user) -> int:
    """The year after the last one whose classes were published for the reader's provinces; else this year."""
    years = set()
    for campaign in (
        Campaign.objects.filter(scheme__purpose=Purpose.CLASSIFICATION, results__isnull=False)
        .values_list("year", "province_id")
        .distinct()
    ):
        years.add(campaign)
    for year, province in sorted(years, reverse=True):
        if any(v.unit_id == province for v in _provinces(user, year + 1)):
            return year + 1
    return today().year


def _candidates(request, form: CandidateFilter, province: UnitVersion, year: int) -> dict:
    on = date(year - 1, 12, 31)
    rows = Assessment.objects.filter(
        campaign__year=year - 1, campaign__province=province.unit_id, campaign__scheme__purpose=Purpose.CLASSIFICATION
    )
    rows = visible_to(rows, request.user, tree_on=on)
    considered = classes_considered(year, province.unit_id)
    if form.is_valid():
        rows = _narrowed(rows, form, considered, province, on)
    rows = rows.order_by("path", "unit_name", "pk").values(
        *CANDIDATE_FIELDS, "unit__ulid", "commune_name", "district_name"
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = list({row["unit_id"]: row for row in page.object_list}.values())
    found = candidates_among(shown, year, province.unit_id)
    chosen = dict(
        Exemplar.objects.filter(year=year, unit__in=[row["unit_id"] for row in shown]).values_list("unit_id", "ulid")
    )
    page.object_list = [
        {
            "candidate": one,
            "ulid": row["unit__ulid"],
            "place": ", ".join(n for n in (row["commune_name"], row["district_name"]) if n and n != one.unit_name),
            "chosen": chosen.get(one.unit_id),
        }
        for one, row in zip(found, shown, strict=True)
    ]
    here = {row["ulid"] for row in page.object_list}
    kept = [(name, request.GET[name]) for name in ("q", "kind", "able", "page", "province") if request.GET.get(name)]
    kept += [("unit", ulid) for ulid in request.GET.getlist("unit") if ulid not in here]
    may = bool(can(request.user, CHOOSE, Spot(on, ((province.path, province.unit_id),))))
    filtered = any(request.GET.get(name) for name in form.fields)
    return {"page": page, "kept": kept, "may_choose": may, "filtered": filtered}


def _narrowed(rows, form: CandidateFilter, considered: list[str], province: UnitVersion, on: date):
    asked = form.cleaned_data
    typed = asked["q"].strip()[:100]
    if typed:
        # the register's search column has an index; the names frozen with the assessments have none
        versions = UnitVersion.objects.filter(province=province.unit_id, valid__contains=on)
        rows = rows.filter(unit__in=named(versions, typed, name="search", code="code").values("unit"))
    if asked["kind"]:
        rows = rows.filter(unit_kind=asked["kind"])
    return rows if asked["able"] else rows.filter(state=State.PUBLISHED, class_code__in=considered)


# --- choosing -------------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exemplar_choose(request):
    """The units picked from the candidates, with their conditions, and the form of the signed decision."""
    year = _year_of(request)
    picked = list(dict.fromkeys(request.GET.getlist("unit")))[:MOST]
    if year is None:
        raise Http404
    on = date(year - 1, 12, 31)
    provinces = _provinces(request.user, year)
    wanted = _number(request.GET.get("province"))
    province = next((v for v in provinces if wanted in (None, v.unit_id)), None)
    if province is None:
        raise Http404
    if not can(request.user, CHOOSE, Spot(on, ((province.path, province.unit_id),))):
        raise PermissionDenied
    back = _candidates_address(year, province, picked, several=len(provinces) > 1)
    if not picked:
        return redirect(back)
    form = ChooseForm(request.POST or None)

    def save() -> tuple[str, str]:
        asked = form.cleaned_data
        first, _made = once(
            asked["once"], actor=request.user, purpose="exemplars.choose", model=Exemplar,
            make=lambda: exemplars_choose(
                year=year, province=province.unit, units=picked, decision=asked["decision"], decided_on=asked["date"],
                signer=asked["signer"], signer_title=asked["signer_title"], actor=request.user,
            )[0],
        )  # fmt: skip
        sentence = _("Đã chọn %(count)d điển hình năm %(year)d theo Quyết định số %(number)s ngày %(day)s.")
        facts = {"count": len(picked), "year": year, "number": first.decision.number, "day": format_date(asked["date"])}
        return sentence % facts, f"{reverse('exemplars:exemplars')}?year={year}"

    heading = _("Ghi quyết định chọn %(count)d điển hình năm %(year)d") % {"count": len(picked), "year": year}
    context = {
        "year": year, "province": province, "heading": heading, "submit": _("Ghi quyết định"),
        "units": _picked(request, province, year, picked),
        "trail": [(_("Điển hình"), reverse("exemplars:exemplars")), (_("Xét chọn năm %(year)d") % {"year": year}, back),
                  (heading, None)],
    }  # fmt: skip
    return form_page(request, form, save=save, back=back, context=context, template="exemplars/choose.html")


def _picked(request, province: UnitVersion, year: int, picked: list[str]) -> list:
    """The candidates behind the units picked, in the order they were picked in."""
    rows = Assessment.objects.filter(
        campaign__year=year - 1, campaign__province=province.unit_id, campaign__scheme__purpose=Purpose.CLASSIFICATION,
        unit__ulid__in=picked,
    )  # fmt: skip
    rows = visible_to(rows, request.user, tree_on=date(year - 1, 12, 31)).values(*CANDIDATE_FIELDS, "unit__ulid")
    by_ulid = {row["unit__ulid"]: row for row in rows}
    shown = [by_ulid[ulid] for ulid in picked if ulid in by_ulid]
    return candidates_among(shown, year, province.unit_id)


def _candidates_address(year: int, province: UnitVersion, picked: list[str], *, several: bool) -> str:
    query = QueryDict(mutable=True)
    query["year"] = year
    if several:
        query["province"] = province.unit_id
    query.setlist("unit", picked)
    return f"{reverse('exemplars:candidates')}?{query.urlencode()}"
