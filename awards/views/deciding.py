"""The signed decision of a round, written down."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from movement.accounts.access import can
from movement.core.dates import format_date
from movement.core.models import Decision, OnceKey
from movement.core.once import once
from movement.core.problems import Refused
from movement.core.ulid import new_ulid

from ..enums import Authority, Outcome
from ..forms import DecisionForm, refusals
from ..models import Nomination, Round
from ..selectors import forms_on
from ..selectors.suggestions import round_day
from ..services import deciding_authority, nominations_decide
from ..services.viewing import persons_viewed
from .rounds import checked, kind_counts, named, ring_of, trail_of

PURPOSE = "awards.decide"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def round_decide(request, ulid, level):
    """Write down the signed decision of one level. The first sending shows what will happen, in numbers; the
    second, ``sure``, does it."""
    ring = ring_of(request.user, ulid)
    if level not in Authority.values:
        raise Http404
    if not can(request.user, "awards.decide", ring):
        raise PermissionDenied
    if request.method == "POST" and (done := _done(request)):
        return redirect("awards:decision", done.ulid)
    forms = forms_on(round_day(ring), ring.province_id)
    codes = [code for code, form in forms.items() if form.authority == level]
    rows = list(ring.nominations.filter(outcome=Outcome.PENDING, form__in=codes))
    if not rows:
        return redirect("awards:round", ulid)
    for row in rows:
        row.round = ring
    checked(named(rows, forms), forms)
    form = DecisionForm(request.POST or None, initial=_usual_decision(ring, level))
    chosen = request.POST.getlist("nomination") if request.method == "POST" else [row.ulid for row in rows]
    numbers = {row.pk: request.POST.get(f"register_{row.ulid}", "").strip()[:40] for row in rows}
    picked = [row for row in rows if row.ulid in chosen]
    status = 200
    if request.method == "POST":
        if form.is_valid() and not picked:
            form.add_error(None, _("Chưa chọn đề nghị nào được khen thưởng."))
        warned = [row for row in picked if row.asked]
        if form.is_valid() and warned and not form.cleaned_data["acknowledge"].strip():
            form.add_error("acknowledge", _("Có %s đề nghị cần xem xét; hãy ghi lý do vẫn khen thưởng.") % len(warned))
        if form.is_valid() and "sure" not in request.POST:
            return render(request, "awards/decide_sure.html", _sure(ring, level, form, picked, numbers, rows))
        if form.is_valid():
            try:
                decision, _made = once(
                    form.cleaned_data["once"], actor=request.user, purpose=PURPOSE, model=Decision,
                    make=lambda: _decide(ring, picked, form.cleaned_data, numbers, request.user),
                )  # fmt: skip
                messages.success(request, _("Đã ghi vào sổ khen thưởng theo Quyết định số %s.") % decision)
                return redirect("awards:decision", decision.ulid)
            except Refused as refused:
                refusals(form, refused.problems, {"decision": "number", "date": "decided_on"})
        status = 422
    for row in rows:
        row.picked, row.number = row.ulid in chosen, numbers[row.pk]
    if any(row.names_a_person for row in rows):
        persons = sum(row.names_a_person for row in rows)
        persons_viewed(actor=request.user, where=ring.title, count=persons, object_id=ring.ulid)
    context = {
        "ring": ring,
        "form": form,
        "rows": rows,
        "level": level,
        "counts": kind_counts(rows),
        "trail": trail_of(ring, _("Ghi quyết định")),
        "territory": ring.authority_name,
    }
    return render(request, "awards/decide.html", context, status=status)


def _done(request) -> Decision | None:
    """What an earlier sending of the same form recorded: its nominations do not wait any more."""
    key = request.POST.get("once", "")[:60]
    made = OnceKey.objects.filter(actor_id=request.user.pk, purpose=PURPOSE, key=key, object_id__isnull=False).first()
    return made and Decision.objects.get(pk=made.object_id)


def _decide(ring: Round, picked: list[Nomination], asked: dict, numbers: dict[int, str], user) -> Decision:
    names = ("number", "decided_on", "signer", "signer_title", "authority", "acknowledge")
    return nominations_decide(
        round_id=ring.pk,
        nomination_ids=[row.pk for row in picked],
        register_numbers=numbers,
        actor=user,
        **{name: asked[name] for name in names},
    )


def _usual_decision(ring: Round, level: str) -> dict:
    usual = {"once": new_ulid(), "authority": deciding_authority(ring, level)[1]}
    if level in (Authority.PROVINCE, Authority.COMMUNE):
        usual["signer_title"] = _("Chủ tịch")
    if level == Authority.POLICE:
        usual["signer_title"] = _("Giám đốc")
    return usual


def _sure(ring: Round, level: str, form: DecisionForm, picked, numbers, rows) -> dict:
    asked = form.cleaned_data
    hidden = [(name, form[name].value()) for name in form.fields]
    hidden += [("nomination", row.ulid) for row in picked]
    hidden += [(f"register_{row.ulid}", numbers[row.pk]) for row in picked if numbers[row.pk]]
    return {
        "ring": ring,
        "level": level,
        "asked": asked,
        "date": format_date(asked["decided_on"]),
        "counts": kind_counts(picked),
        "picked": len(picked),
        "left": len(rows) - len(picked),
        "warned": sum(bool(row.asked) for row in picked),
        "hidden": [(name, "" if value is None else value) for name, value in hidden],
        "trail": trail_of(ring, _("Ghi quyết định")),
        "territory": ring.authority_name,
    }
