"""Nominations of a round: from suggestions with their reasons, by hand, changed, withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from movement.core.once import once
from movement.core.problems import Refused
from movement.core.ulid import new_ulid
from units.enums import Kind
from units.models import Unit, UnitVersion

from ..enums import FormCode, RecipientKind
from ..forms import NominationForm, SuggestedForm, refusals
from ..models import Nomination, Round
from ..selectors.suggestions import round_ground, suggestions, units_matching
from ..services import Proposal, forms_of_round, nomination_change, nomination_withdraw, nominations_add
from ..services.viewing import persons_viewed
from .rounds import ring_of, trail_of


def usual_form(ring: Round) -> str:
    """What most nominations of a round are for."""
    return FormCode.COMMENDATION_COMMUNE if ring.authority_kind == Kind.COMMUNE else FormCode.MERIT_PROVINCE


# --- suggestions ----------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def round_suggestions(request, ulid):
    """Collectives with the reasons to nominate them; those ticked are nominated together."""
    ring = ring_of(request.user, ulid, work=True)
    offered = forms_of_round(ring)
    kind = request.GET.get("kind", "") if request.GET.get("kind") in Kind.values else ""
    found = suggestions(ring, kind=kind)
    form = SuggestedForm(request.POST or None, forms_offered=offered, initial={"form": usual_form(ring)})
    chosen = set(request.POST.getlist("unit"))
    status = 200
    if request.method == "POST":
        picked = [one for one in found if str(one.unit_id) in chosen]
        if form.is_valid() and not picked:
            form.add_error(None, _("Chưa chọn tập thể nào."))
        if form.is_valid():
            asked = form.cleaned_data
            try:
                nominations_add(
                    round_id=ring.pk,
                    proposals=[
                        Proposal(
                            RecipientKind.COLLECTIVE, asked["form"], one.unit_id, citation=asked["citation"],
                            reasons=one.reasons,
                        )
                        for one in picked
                    ],
                    actor=request.user,
                )  # fmt: skip
                messages.success(request, _("Đã thêm %s đề nghị.") % len(picked))
                return redirect("awards:round", ulid)
            except Refused as refused:
                refusals(form, refused.problems)
        status = 422
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    labels = dict(Kind.choices)
    for one in page:
        one.kind_name = labels.get(one.unit_kind, one.unit_kind)
        one.picked = str(one.unit_id) in chosen
    context = {
        "ring": ring,
        "form": form,
        "page": page,
        "kind": kind,
        "kinds": [(code, label) for code, label in Kind.choices if code not in (Kind.PROVINCE, Kind.DISTRICT)],
        "trail": trail_of(ring, _("Gợi ý đề nghị")),
        "territory": ring.authority_name,
    }
    return render(request, "awards/suggestions.html", context, status=status)


# --- one nomination -------------------------------------------------------------------------------
@login_required
@require_safe
def unit_choices(request, ulid):
    """The units that what was typed may mean, as choices of the nomination's form."""
    ring = ring_of(request.user, ulid, work=True)
    found = units_matching(ring, request.GET.get("unit_q", ""))
    context = {"units": found, "typed": request.GET.get("unit_q", "").strip(), "chosen": request.GET.get("unit", "")}
    return render(request, "awards/_units.html", context)


def _chosen_unit(ring: Round, form: NominationForm) -> tuple[int | None, list[UnitVersion]]:
    """The unit meant; where what was typed may mean several, those to choose from."""
    ulid, typed = form.cleaned_data["unit"], form.cleaned_data["unit_q"]
    if ulid:
        unit = Unit.objects.filter(ulid=ulid).first()
        if unit is None:
            form.add_error("unit_q", _("Không tìm thấy đơn vị này."))
        return unit and unit.pk, []
    if not typed:
        return None, []
    found = units_matching(ring, typed)
    exact = [version for version in found if version.code == typed.strip()]
    if len(exact or found) == 1:
        return (exact or found)[0].unit_id, []
    form.add_error("unit_q", _("Hãy chọn đúng đơn vị trong danh sách.") if found else _("Không tìm thấy đơn vị này."))
    return None, found


def _proposal(ring: Round, form: NominationForm) -> tuple[Proposal | None, list[UnitVersion]]:
    unit_id, found = _chosen_unit(ring, form)
    if form.errors:
        return None, found
    asked = form.cleaned_data
    names = ("recipient_kind", "form", "unit_name", "person_name", "position", "citation", "start", "end")
    return Proposal(unit_id=unit_id, **{name: asked[name] for name in names}), found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def nomination_new(request, ulid):
    ring = ring_of(request.user, ulid, work=True)
    offered = forms_of_round(ring)
    found, status = [], 200
    if request.method == "POST":
        form = NominationForm(request.POST, forms_offered=offered)
        if form.is_valid():
            proposal, found = _proposal(ring, form)
            if proposal:
                try:
                    once(
                        form.cleaned_data["once"] or new_ulid(), actor=request.user, purpose="awards.nomination",
                        model=Nomination,
                        make=lambda: nominations_add(round_id=ring.pk, proposals=[proposal], actor=request.user)[0],
                    )  # fmt: skip
                    messages.success(request, _("Đã thêm đề nghị."))
                    again = "awards:nomination_new" if "again" in request.POST else "awards:round"
                    return redirect(again, ulid)
                except Refused as refused:
                    refusals(form, refused.problems, {"unit": "unit_q"})
        status = 422
    else:
        start = {"start": ring.first_day, "end": ring.last_day, "once": new_ulid(), "form": usual_form(ring)}
        form = NominationForm(forms_offered=offered, initial=start)
    return _nomination_page(request, ring, form, found, status, _("Thêm đề nghị"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def nomination_edit(request, ulid, nomination):
    ring = ring_of(request.user, ulid, work=True)
    row = ring.nominations.filter(ulid=nomination).select_related("unit").first()
    if row is None:
        raise Http404
    found, status = [], 200
    if request.method == "POST":
        form = NominationForm(request.POST, forms_offered=forms_of_round(ring))
        if form.is_valid():
            proposal, found = _proposal(ring, form)
            if proposal:
                try:
                    nomination_change(nomination=row, proposal=proposal, actor=request.user)
                    messages.success(request, _("Đã sửa đề nghị."))
                    return redirect("awards:round", ulid)
                except Refused as refused:
                    refusals(form, refused.problems, {"unit": "unit_q"})
        status = 422
    else:
        form = NominationForm(
            forms_offered=forms_of_round(ring),
            initial={
                "recipient_kind": row.recipient_kind, "unit": row.unit.ulid if row.unit else "",
                "unit_name": row.unit_name, "person_name": row.person_name, "position": row.position,
                "form": row.form, "start": row.achieved_from, "end": row.achieved_to, "citation": row.citation,
            },
        )  # fmt: skip
    if row.names_a_person:
        persons_viewed(actor=request.user, where=ring.title, count=1, object_id=row.ulid)
    return _nomination_page(request, ring, form, found, status, _("Sửa đề nghị"), row)


def _nomination_page(request, ring, form, found, status, here, row=None):
    chosen = form["unit"].value() or ""
    if chosen and not found:
        found = list(round_ground(ring).filter(unit__ulid=chosen).select_related("unit"))
    context = {
        "ring": ring,
        "form": form,
        "units": found,
        "chosen": chosen,
        "row": row,
        "typed": form["unit_q"].value() or "",
        "here": here,
        "trail": trail_of(ring, here),
        "territory": ring.authority_name,
    }
    return render(request, "awards/nomination.html", context, status=status)


@login_required
@require_POST
def nomination_off(request, ulid, nomination):
    ring = ring_of(request.user, ulid, work=True)
    row = ring.nominations.filter(ulid=nomination).first()
    if row is not None:
        try:
            nomination_withdraw(nomination=row, actor=request.user)
            messages.success(request, _("Đã rút đề nghị."))
        except Refused as refused:
            for problem in refused.problems:
                messages.error(request, problem.message)
    return redirect("awards:round", ulid)
