"""Entering, checking and deciding in the browser. Parse, call a service or a selector, render."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from movement.accounts.access import can
from movement.core.files import file_store
from movement.core.problems import Problem, Refused
from movement.core.serving import given

from ..dossiers import Dossier, dossier_of, stage_of
from ..enums import Stage, State
from ..models import Assessment, Attestation, Evidence
from ..services.dossier import (
    assessments_return,
    attestation_add,
    attestation_withdraw,
    evidence_add,
    evidence_withdraw,
    extension_give,
    opinion_add,
)
from ..services.scoring import Value, score_save
from ..services.steps import assessments_advance
from ..worklists import TITLES, WAITS, waiting
from .forms import AttestationForm, EvidenceForm, ExtensionForm, OpinionForm, ReturnForm, StepForm, edit_of
from .shared import mine, tell


def _must(request, action: str, a: Assessment) -> None:
    """403 before anything of the form is read; the service asks again, under its lock."""
    if not (right := can(request.user, f"classification.{action}", a)):
        raise PermissionDenied(right.sentence)


def _told(refused: Refused) -> list[str]:
    """The sentences of what was refused; where it was the right that is missing, the page that says so."""
    if any(p.code == "not_allowed" for p in refused.problems):
        raise PermissionDenied from refused
    return [p.message for p in refused.problems]


@login_required
@require_GET
def dossier(request, ulid: str):
    """One unit on one page: entering, checking, or reading, by what the account may do now."""
    a = mine(request, ulid)
    context = _page(request, a)
    return render(request, "desk/dossier.html", context)


def _page(request, a: Assessment) -> dict:
    found = dossier_of(request.user, a)
    step = next((name for name, (step_name, _to) in ((s, WAITS[s]) for s in WAITS) if name == a.state), None)
    to = WAITS[State(a.state)][1] if a.state in WAITS else None
    if found.stage == Stage.SELF:
        to = State.SUBMITTED  # the page shows it as soon as the last criterion is scored
    return {
        "a": a, "campaign": a.campaign, "dossier": found, "stage": found.stage, "standard": found.layout.rules.purpose == "standard",
        "step": step, "to": to if to != State.PUBLISHED else None, "to_name": State(to).label if to else "",
        "can_move": to not in (None, State.SELF_SCORED, State.DECIDED, State.PUBLISHED) and bool(found.rights[_right_name(to)]),
        "list_url": _list_url(a, found),
        "evidence_form": EvidenceForm(), "attestation_form": AttestationForm(), "return_form": ReturnForm(),
        "opinion_form": OpinionForm(), "opinions": a.opinions.all() if request.GET.get("y-kien") else None,
        "attached": list(a.attached.all()) if a.inherits else [],
        "stages": list(Stage), "next_url": request.GET.get("tiep", ""),
    }  # fmt: skip


def _list_url(a: Assessment, found: Dossier) -> str:
    """The list on which the unit is decided or published, for who does that; empty at other steps."""
    action = {State.APPRAISED: "decide", State.DECIDED: "publish"}.get(State(a.state))
    if action is None or a.authority is None or not found.rights[action]:
        return ""
    return reverse("desk:decision_list", args=[a.campaign.ulid, a.authority.ulid])


def _right_name(to: State) -> str:
    return {
        State.SELF_SCORED: "enter", State.SUBMITTED: "enter", State.CHECKED: "check", State.APPRAISED: "check",
        State.DECIDED: "decide", State.PUBLISHED: "decide",
    }[to]  # fmt: skip


@login_required
@require_POST
def save(request, ulid: str):
    """One edit. JSON ``{outcome, points, reason, note, by, message, result}``: 200 written or stood, 409 conflict,
    422 refused (with the problems' ``codes``)."""
    try:
        edit = edit_of(request.POST)
    except ValueError as error:
        return _refusal([str(error)])
    try:
        saved = score_save(
            ulid=ulid, stage=edit.stage, code=edit.code, adjustment=edit.adjustment, base=edit.base, new=edit.new,
            edit_id=edit.edit, actor=request.user,
        )  # fmt: skip
    except Assessment.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        status = 422
        if any(p.code == "not_allowed" for p in refused.problems):
            mine(request, ulid)  # who may not even see it learns nothing
            status = 403
        return _refusal([p.message for p in refused.problems], status, [p.code for p in refused.problems])
    fresh = saved.assessment
    body = {
        "outcome": saved.outcome, **_typed(saved.stored), "by": saved.stored_by, "state": fresh.state,
        "missing": fresh.explanation.get("missing", []), "result": _result(fresh),
    }  # fmt: skip
    return JsonResponse(body, status=409 if saved.outcome == "conflict" else 200)


def _typed(value: Value) -> dict:
    from movement.core.numbers import points_text

    return {"points": points_text(value.points), "reason": value.reason, "note": value.note}


def _refusal(sentences: list, status: int = 422, codes: list[str] | None = None) -> JsonResponse:
    body = {"outcome": "refused", "message": " ".join(map(str, sentences)), "codes": codes or []}
    return JsonResponse(body, status=status)


def _result(a: Assessment) -> str:
    return render_to_string("desk/_result.html", {"a": a, "campaign": a.campaign})


@login_required
@require_GET
def changes(request, ulid: str):
    """The cells as stored now, so that two people in one unit see each other's change."""
    a = mine(request, ulid)
    found = dossier_of(request.user, a)
    cells = {
        f"{'adj:' if line.item is None else ''}{line.code}|{stage}": {
            **_typed(Value(cell.points, cell.reason, cell.note)),
            "by": cell.by,
        }
        for line in [*found.lines, *found.adjustments]
        for stage, cell in line.cells.items()
    }
    return JsonResponse({"cells": cells, "state": a.state, "missing": found.missing, "result": _result(a)})


@login_required
@require_POST
def evidence(request, ulid: str, code: str):
    """Drop a file onto a criterion."""
    a = mine(request, ulid)
    _must(request, "enter", a)
    form = EvidenceForm(request.POST, request.FILES)
    problems: list[str] = []
    status = 200
    if not form.is_valid():
        problems, status = [message for errors in form.errors.values() for message in errors], 422
    else:
        data = form.cleaned_data
        try:
            with transaction.atomic():
                file = file_store(
                    data["file"], name=data["file"].name, actor=request.user, unit_id=a.unit_id, kind="evidence",
                    declared=data["declared"], numbers_confirmed=data["numbers_confirmed"],
                )  # fmt: skip
                evidence_add(assessment_id=a.pk, code=code, file=file, pages=data["pages"], actor=request.user)
        except Refused as refused:
            problems, status = _told(refused), 422
    return _proof(request, a, code, problems=problems, status=status, form=form if problems else None)


def _proof(request, a: Assessment, code: str, *, problems=(), status: int = 200, form=None, attestation_form=None):
    """The piece of one criterion that shows its files or its attestation."""
    found = dossier_of(request.user, a)
    line = next((line for line in found.lines if line.code == code), None)
    if line is None:
        raise Http404
    context = {
        "a": a, "line": line, "dossier": found, "stage": found.stage, "problems": problems,
        "evidence_form": form or EvidenceForm(), "attestation_form": attestation_form or AttestationForm(),
    }  # fmt: skip
    return render(request, "desk/_proof.html", context, status=status)


@login_required
@require_POST
def evidence_off(request, ulid: str, evidence: str):
    """Take a file off a criterion."""
    a = mine(request, ulid)
    _must(request, "enter", a)
    row = Evidence.objects.filter(assessment=a, ulid=evidence).select_related("criterion", "file").first()
    if row is None:
        raise Http404
    problems = []
    try:
        evidence_withdraw(evidence=row, actor=request.user)
    except Refused as refused:
        problems = _told(refused)
    return _proof(request, a, row.criterion.code, problems=problems, status=422 if problems else 200)


@login_required
@require_POST
def attestation(request, ulid: str, code: str):
    """Record or (``off``) take back the attestation of a criterion."""
    a = mine(request, ulid)
    _must(request, "enter", a)
    form, problems = AttestationForm(), []
    try:
        if request.POST.get("off"):
            row = Attestation.objects.filter(assessment=a, ulid=request.POST["off"]).select_related("criterion").first()
            if row is None:
                raise Http404
            attestation_withdraw(attestation=row, actor=request.user)
        else:
            form = AttestationForm(request.POST)
            if not form.is_valid():
                problems = [message for errors in form.errors.values() for message in errors]
            else:
                attestation_add(assessment_id=a.pk, code=code, actor=request.user, **form.cleaned_data)
                form = AttestationForm()
    except Refused as refused:
        problems = _told(refused)
    return _proof(request, a, code, problems=problems, status=422 if problems else 200, attestation_form=form)


@login_required
@require_GET
def evidence_file(request, ulid: str, evidence: str):
    """The file itself: PDF and images for viewing in place under a sandboxing policy, else as an attachment."""
    a = mine(request, ulid)
    row = Evidence.objects.filter(assessment=a, ulid=evidence).select_related("file").first()
    if row is None:
        raise Http404
    return given(request.user, row.file, view=request.GET.get("tai") != "1")


@login_required
@require_POST
def move(request, ulid: str):
    """Take one unit a step further (submit, check, appraise, decide)."""
    a = mine(request, ulid)
    form = StepForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        assessments_advance(campaign=a.campaign, ids=[a.pk], to=State(form.cleaned_data["to"]), actor=request.user)
    except Refused as refused:
        _told(refused)
        tell(request, refused)
    else:
        messages.success(
            request,
            _("%(unit)s: đã chuyển sang bước “%(to)s”.")
            % {"unit": a.unit_name, "to": State(form.cleaned_data["to"]).label},
        )
    following = request.POST.get("next_step")
    if following in TITLES:
        return redirect(_next_url(request, a, following))
    return redirect("desk:dossier", ulid=ulid)


def _next_url(request, a: Assessment, step: str) -> str:
    """The next unit that waits for the same step, or the list when none does."""
    rows = Assessment.objects.filter(campaign=a.campaign).visible_to(request.user, tree_on=a.campaign.tree_on)
    rows = waiting(request.user, a.campaign, step, rows).exclude(pk=a.pk).order_by("path", "unit_name", "pk")
    after = rows.filter(path__gte=a.path).first() or rows.first()
    if after is None:
        return reverse("desk:waiting", args=[a.campaign.ulid, step])
    return f"{reverse('desk:dossier', args=[after.ulid])}?tiep={step}"


@login_required
@require_GET
def signed_in(request):
    """Where signing in again inside a page ends: who it is now, and the new token."""
    return render(request, "desk/signed_in.html")


@login_required
@require_GET
def following(request, ulid: str):
    """Save and next unit: what was typed is saved already, so this only leads on."""
    a = mine(request, ulid)
    stage, _right = stage_of(request.user, a)
    default = {Stage.SELF: "enter", Stage.CHECK: "check", Stage.FINAL: "appraise", None: "enter"}[stage]
    step = request.GET.get("tiep") if request.GET.get("tiep") in TITLES else default
    return redirect(_next_url(request, a, step))


@login_required
@require_POST
def send_back(request, ulid: str):
    """Return one criterion or the whole dossier, with reasons."""
    a = mine(request, ulid)
    _must(request, "return", a)
    form = ReturnForm(request.POST)
    reasons = {
        key.removeprefix("reason:"): text
        for key, text in request.POST.items()
        if key.startswith("reason:") and text.strip()
    }
    to = State.SUBMITTED if request.POST.get("to") == State.SUBMITTED else State.SELF_SCORED
    try:
        whole = form.data.get("whole", "")
        assessments_return(campaign=a.campaign, ids=[a.pk], reasons=reasons, whole=whole, actor=request.user, to=to)
    except Refused as refused:
        context = _page(request, a)
        context["return_form"], context["return_problems"] = form, _told(refused)
        context["typed_reasons"] = reasons
        return render(request, "desk/dossier.html", context, status=422)
    count = len(reasons) + bool(whole.strip())
    messages.success(
        request,
        ngettext("Đã trả lại hồ sơ với %(n)s lý do.", "Đã trả lại hồ sơ với %(n)s lý do.", count) % {"n": count},
    )
    return redirect("desk:dossier", ulid=ulid)


@login_required
@require_POST
def opinion(request, ulid: str):
    """A leader's or managing body's opinion."""
    a = mine(request, ulid)
    _must(request, "opinion", a)
    try:
        opinion_add(assessment_id=a.pk, text=request.POST.get("text", ""), actor=request.user)
    except Refused as refused:
        tell(request, refused)
    else:
        messages.success(request, _("Đã ghi ý kiến."))
    return redirect(f"{reverse('desk:dossier', args=[ulid])}?y-kien=1")


@login_required
@require_POST
def extend(request, ulid: str):
    """Give the unit a deadline of its own."""
    a = mine(request, ulid)
    _must(request, "extend", a)
    form = ExtensionForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused([Problem("form", message) for errors in form.errors.values() for message in errors])
        extension_give(campaign=a.campaign, unit_ids=[a.unit_id], actor=request.user, **form.cleaned_data)
    except Refused as refused:
        tell(request, refused)
    else:
        messages.success(request, _("Đã gia hạn cho đơn vị."))
    return redirect("desk:dossier", ulid=ulid)
