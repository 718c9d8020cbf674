"""Draft lists, what the minutes decided, the signed decision and its frozen list."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from movement.accounts.access import can, territory_roots
from movement.core.models import Decision, OnceKey, StoredFile
from movement.core.once import once
from movement.core.problems import Refused
from movement.core.serving import given
from movement.core.ulid import new_ulid
from units.models import AuthoritySettings

from ..decision_lists import (
    GROUPS,
    DraftList,
    decisions_of,
    draft_list,
    lists_of,
    minutes_of,
    missing_names,
    number_problem,
    own_authorities,
    results_under,
)
from ..enums import Purpose, State
from ..honesty import flags_of
from ..models import Assessment, Campaign, Minutes
from ..presenters import class_words
from ..selectors import campaigns_of
from ..services.deciding import decision_attach, list_decide
from ..services.publishing import results_publish
from .forms import DecisionForm, MinutesForm, ScanForm

PAGE = 50
NAMED = 100
GROUP_WORDS = {
    "missing": gettext_lazy("Còn thiếu"),
    State.APPRAISED: State.APPRAISED.label,
    State.DECIDED: State.DECIDED.label,
    State.PUBLISHED: State.PUBLISHED.label,
}
DECIDE, PUBLISH = "classification.decide", "classification.publish"
FIELDS = {"decision": "number", "date": "decided_on", "authority": "authority_name"}


@login_required
@require_GET
def decisions(request):
    """The lists of one's own authority in a year, and the way to those of others."""
    campaigns = campaigns_of(request.user)
    years = sorted({c.year for c in campaigns}, reverse=True)
    opened = [c.year for c in campaigns if c.is_open]
    usual = max(opened) if opened else (years[0] if years else None)
    year = next((y for y in years if str(y) == request.GET.get("nam")), usual)
    of_year = [c for c in campaigns if c.year == year]
    lines = lists_of(request.user, of_year)
    own = own_authorities(request.user, of_year[0].tree_on) if of_year else set()
    readable = {line.campaign.pk for line in lines}  # a unit's own account sees no authority's list
    context = {
        "years": years,
        "year": year,
        "campaigns": [c for c in of_year if c.pk in readable],
        "lines": [line for line in lines if line.authority.unit_id in own],
    }
    return render(request, "desk/decisions.html", context)


@login_required
@require_GET
def campaign_lists(request, campaign: str):
    """Every authority's list of one campaign; straight to one's own where that is asked for and there is one."""
    opened = _campaign(campaign)
    lines = lists_of(request.user, [opened])
    if not lines:
        raise Http404
    own = own_authorities(request.user, opened.tree_on)
    mine = [line for line in lines if line.authority.unit_id in own]
    chosen = mine if request.GET.get("cua-toi") and len(mine) == 1 else lines
    if len(chosen) == 1:
        return redirect("desk:decision_list", opened.ulid, chosen[0].authority.unit.ulid)
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    whole = f"/{opened.province_id}/" in territory_roots(request.user, tree_on=opened.tree_on)
    context = {"campaign": opened, "page": page, "lines": page.object_list, "whole": whole}
    return render(request, "desk/campaign_lists.html", context)


def _campaign(ulid: str) -> Campaign:
    found = Campaign.objects.filter(ulid=ulid).select_related("scheme", "version__scheme", "province").first()
    if found is None:
        raise Http404
    return found


def _draft(request, campaign: str, authority: str) -> DraftList:
    """The list, if the authority stands on the user's ground; else a page that is not there."""
    found = draft_list(request.user, _campaign(campaign), authority)
    if found is None:
        raise Http404
    return found


@login_required
@require_GET
def decision_list(request, campaign: str, authority: str):
    """The draft list: who is in, with which class and which open questions, and who is missing."""
    draft = _draft(request, campaign, authority)
    usual = next((g for g in (State.APPRAISED, State.DECIDED, "missing") if draft.size(g)), State.PUBLISHED)
    group = next((g for g in GROUPS if g == request.GET.get("buoc")), usual)
    rows = draft.in_group(group).defer("explanation", "name_sort", "search").select_related("decision")
    page = Paginator(rows, PAGE)
    page.count = draft.size(group)  # counted already
    page = page.get_page(request.GET.get("page"))
    questions: dict[int, list] = {}
    listed = list(page.object_list)
    words = class_words(draft.campaign.version)
    for flag in flags_of(draft.campaign, listed) if group != State.PUBLISHED else ():
        questions.setdefault(flag.assessment.pk, []).append(flag)
    for row in listed:
        row.questions, row.class_word = questions.get(row.pk, ()), words.get(row.class_code, "")
    page.object_list = listed
    missing = draft.size("missing")
    context = {
        **_frame(draft), "group": group, "groups": [(g, GROUP_WORDS[g], draft.size(g)) for g in GROUPS], "page": page,
        "classes": _classes(draft, State.APPRAISED, State.DECIDED, State.PUBLISHED), "missing": missing,
        "missing_rows": missing_names(draft, NAMED) if missing else [], "missing_more": max(missing - NAMED, 0),
        "minutes": minutes_of(draft) if draft.count(State.DECIDED, State.PUBLISHED) else [],
        "decisions": decisions_of(draft) if draft.count(State.PUBLISHED) else [],
        "appraised": draft.count(State.APPRAISED), "decided": draft.count(State.DECIDED),
    }  # fmt: skip
    return render(request, "desk/decision_list.html", context)


def _frame(draft: DraftList) -> dict:
    return {
        "draft": draft, "campaign": draft.campaign, "authority": draft.authority, "unit": draft.authority.unit,
        "list_url": reverse("desk:decision_list", args=[draft.campaign.ulid, draft.authority.unit.ulid]),
    }  # fmt: skip


def _classes(draft: DraftList, *states: str) -> list[tuple[str, str, int]]:
    """``[(class code, word, n)]``, best first, the unclassified last."""
    words, counts = class_words(draft.campaign.version), draft.classes(*states)
    order = [*words, *(code for code in counts if code not in words)]
    return [(code, words.get(code, ""), counts[code]) for code in order if counts.get(code)]


def _once(request) -> str:
    return request.POST.get("once", "")[:60] or new_ulid()


def _done(request, purpose: str) -> bool:
    """Whether an earlier sending of the same form has been carried out: its units do not wait any more."""
    key = request.POST.get("once", "")[:60]
    rows = OnceKey.objects.filter(actor_id=request.user.pk, purpose=purpose, key=key, object_id__isnull=False)
    return bool(key) and rows.exists()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, campaign: str, authority: str):
    """Record what the minutes decided. The page says in numbers what will happen and asks for the minutes; ``sure``
    does it."""
    draft = _draft(request, campaign, authority)
    if not draft.decide:
        raise PermissionDenied(draft.decide.sentence)
    own = _frame(draft)
    if request.method == "POST" and _done(request, DECIDE):
        return redirect(own["list_url"])
    waiting = draft.in_group(State.APPRAISED).only("ulid", "unit_name", "commune_name", "class_code")
    chosen = request.POST.get("units", "").split() or request.POST.getlist("unit")
    if request.method == "POST" and request.POST.get("all") != "1":
        waiting = waiting.filter(ulid__in=chosen)
    rows = list(waiting)
    if not rows:
        messages.warning(request, _("Chưa chọn đơn vị nào, hoặc các đơn vị đã chọn không còn ở bước này."))
        return redirect(own["list_url"])
    sure = request.POST.get("sure") == "1"
    form = MinutesForm(
        request.POST if sure else None, request.FILES if sure else None,
        user=request.user, unit_id=draft.authority.unit_id, kind="minutes",
    )  # fmt: skip
    if sure and form.is_valid():
        asked = form.cleaned_data
        try:
            once(
                _once(request), actor=request.user, purpose=DECIDE, model=Minutes,
                make=lambda: list_decide(
                    campaign=draft.campaign, authority=draft.authority.unit, ids=[a.pk for a in rows],
                    number=asked["number"], dated_on=asked["dated_on"], file=form.file, actor=request.user,
                ),
            )  # fmt: skip
            messages.success(request, _("Đã ghi %s đơn vị được xét duyệt theo biên bản.") % len(rows))
            return redirect(own["list_url"])
        except Refused as refused:
            _problems(form, refused)
    counts: dict[str, int] = {}
    for a in rows:
        counts[a.class_code] = counts.get(a.class_code, 0) + 1
    words = class_words(draft.campaign.version)
    context = {
        **own, "form": form, "rows": rows, "once": _once(request), "units": " ".join(a.ulid for a in rows),
        "classes": [(code, words.get(code, ""), counts[code]) for code in (*words, "") if counts.get(code)],
        "left": draft.count(State.APPRAISED) - len(rows), "missing": draft.size("missing"),
    }  # fmt: skip
    return render(request, "desk/decide.html", context, status=422 if form.errors else 200)


def _problems(form: ScanForm, refused: Refused) -> None:
    for problem in refused.problems[:20]:
        field = FIELDS.get(problem.column or "", problem.column)
        text = f"{problem.value}: {problem.message}" if problem.value and not field else str(problem.message)
        form.add_error(field if field in form.fields else None, text)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request, campaign: str, authority: str):
    """Write down the signed decision and publish. First what it will do, in numbers; ``sure`` does it."""
    draft = _draft(request, campaign, authority)
    if not draft.publish:
        raise PermissionDenied(draft.publish.sentence)
    own = _frame(draft)
    if request.method == "POST" and _done(request, PUBLISH):
        return redirect(own["list_url"])
    rows = list(draft.in_group(State.DECIDED).defer("explanation", "name_sort", "search"))
    if not rows:
        messages.warning(request, _("Chưa có đơn vị nào đã xét duyệt để công bố."))
        return redirect(own["list_url"])
    flags = flags_of(draft.campaign, rows)
    blocking = [f for f in flags if f.blocking]
    missing = draft.size("missing") + draft.count(State.APPRAISED)
    form = DecisionForm(
        request.POST or None, request.FILES or None, initial=_usual(draft), user=request.user,
        unit_id=draft.authority.unit_id, kind="decision",
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if missing and not asked["partial"]:
            form.add_error(
                "partial",
                _("Còn %s đơn vị chưa được xét duyệt, tên ở đầu trang. Nếu vẫn công bố, hãy đánh dấu ô này.") % missing,
            )
        if blocking and not asked["acknowledge"].strip():
            form.add_error("acknowledge", _("Có %s đơn vị chưa phân loại; hãy ghi lý do vẫn công bố.") % len(blocking))
        if sentence := number_problem(draft, asked["number"], asked["decided_on"], asked["signer"]):
            form.add_error("number", sentence)
        seen = request.POST.get("sure") == "1" and request.POST.get("shown") == str(len(rows))
        if form.is_valid() and not seen:
            return render(request, "desk/publish_sure.html", _sure(request, draft, own, form, rows, flags, missing))
        if form.is_valid():
            try:
                decision, _made = once(
                    _once(request), actor=request.user, purpose=PUBLISH, model=Decision,
                    make=lambda: _publish(draft, [a.pk for a in rows], form, missing, request.user),
                )  # fmt: skip
                messages.success(request, _("Đã công bố kết quả theo Quyết định số %s.") % decision)
                return redirect("desk:decision", decision.ulid)
            except Refused as refused:
                _problems(form, refused)
    context = {
        **own, "form": form, "once": _once(request), "rows": rows, "classes": _classes(draft, State.DECIDED),
        "blocking": blocking, "flags": [f for f in flags if not f.blocking][:NAMED], "flag_count": len(flags) - len(blocking),
        "missing": missing, "missing_rows": _unready(draft) if missing else [], "missing_more": max(missing - NAMED, 0),
    }  # fmt: skip
    return render(request, "desk/publish.html", context, status=422 if form.errors else 200)


def _unready(draft: DraftList) -> list[Assessment]:
    rows = draft.rows.exclude(state__in=[State.DECIDED, State.PUBLISHED]).order_by("path", "pk")
    return list(rows.only("ulid", "unit_name", "commune_name", "state", "return_reason")[:NAMED])


def _publish(draft: DraftList, ids: list[int], form: DecisionForm, missing: int, user) -> Decision:
    asked = form.cleaned_data
    results_publish(
        campaign=draft.campaign, authority=draft.authority.unit, ids=ids if missing else None, number=asked["number"],
        decided_on=asked["decided_on"], signer=asked["signer"], signer_title=asked["signer_title"],
        authority_name=asked["authority_name"], acknowledge=asked["acknowledge"].strip(), document=form.file, actor=user,
    )  # fmt: skip
    return Decision.objects.get(assessments=ids[0])


def _usual(draft: DraftList) -> dict:
    """The usual words; number, date and signer stay empty until they are read from the signed paper."""
    head = AuthoritySettings.objects.filter(
        unit=draft.authority.unit_id, valid__contains=draft.campaign.tree_on
    ).first()
    place = draft.authority.name[:1].lower() + draft.authority.name[1:]
    if draft.campaign.scheme.purpose == Purpose.STANDARD:
        name = f"Ủy ban nhân dân {place}"
    else:
        name = head.committee_name if head else f"Ban Chỉ đạo 138 {place}"
    return {"authority_name": name, "signer_title": head.signer_title if head else ""}


def _sure(request, draft: DraftList, own: dict, form: DecisionForm, rows: list, flags: list, missing: int) -> dict:
    hidden = {name: form[name].value() for name in form.fields if name not in ("scan", "declared", "numbers_confirmed")}
    hidden |= {"partial": "on" if form.cleaned_data["partial"] else "", "once": _once(request), "shown": len(rows)}
    return {
        **own, "asked": form.cleaned_data, "file": form.file, "count": len(rows), "missing": missing,
        "classes": _classes(draft, State.DECIDED), "flags": len(flags), "blocking": sum(f.blocking for f in flags),
        "closes": not missing and _last_list(draft), "hidden": [(k, "" if v is None else v) for k, v in hidden.items()],
    }  # fmt: skip


def _last_list(draft: DraftList) -> bool:
    """Whether nothing else of the campaign waits: publishing this list closes it."""
    others = draft.campaign.assessments.filter(closed_at=None).exclude(authority=draft.authority.unit_id)
    return not others.exclude(state=State.PUBLISHED).exists()


@login_required
@require_GET
def decision(request, ulid: str):
    """A signed decision with its frozen list."""
    found, rows = _decided(request, ulid)
    counted = rows.select_related(None).order_by().values_list("class_code").annotate(n=Count("pk"))
    counts = dict(counted)
    page = Paginator(rows.order_by("assessment__path", "pk"), PAGE)
    page.count = sum(counts.values())
    page = page.get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    first = page.object_list[0]
    words = class_words(first.campaign.version)
    for row in page.object_list:
        row.class_word = words.get(row.class_code, "")
    sample = first.assessment
    sample.campaign = first.campaign
    context = {
        "decision": found, "page": page, "campaign": first.campaign,
        "classes": [(code, words.get(code, ""), n) for code, n in sorted(counts.items(), key=lambda x: _rank(words, x[0]))],
        "may_attach": found.document_id is None and _may_publish(request.user, sample), "form": _scan_form(request, found),
        "list_url": _list_url(sample),
    }  # fmt: skip
    return render(request, "desk/decision.html", context)


def _list_url(sample: Assessment) -> str:
    return reverse("desk:decision_list", args=[sample.campaign.ulid, sample.authority.ulid])


def _rank(words: dict[str, str], code: str) -> int:
    return list(words).index(code) if code in words else len(words)


def _may_publish(user, sample: Assessment) -> bool:
    sample.typers = set()
    return bool(can(user, PUBLISH, sample))


def _scan_form(request, found: Decision) -> ScanForm:
    form = _Attach(
        request.POST or None, request.FILES or None, user=request.user, unit_id=found.authority_unit_id, kind="decision"
    )
    return form


class _Attach(DecisionForm):
    """Only the scan of a decision that stands."""

    scan_required = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("number", "decided_on", "authority_name", "signer", "signer_title", "partial", "acknowledge"):
            del self.fields[name]


def _decided(request, ulid: str):
    found = Decision.objects.filter(ulid=ulid).select_related("document").first()
    rows = results_under(request.user, found) if found else None
    if rows is None or not rows.exists():
        raise Http404
    return found, rows


@login_required
@require_POST
def attach(request, ulid: str):
    """The scan of a decision that was recorded without one."""
    found, rows = _decided(request, ulid)
    sample = rows[0].assessment
    sample.typers = set()
    form = _scan_form(request, found)
    if not _may_publish(request.user, sample):
        raise PermissionDenied
    try:
        if form.is_valid():
            decision_attach(decision=found, sample=sample, file=form.file, actor=request.user)
            messages.success(request, _("Đã đính kèm bản quét quyết định."))
        else:
            for errors in form.errors.values():
                for error in errors:
                    messages.error(request, error)
    except Refused as refused:
        for problem in refused.problems:
            messages.error(request, problem.message)
    return redirect("desk:decision", ulid)


@login_required
@require_GET
def decision_file(request, ulid: str):
    """The scan of a signed decision."""
    found, _rows = _decided(request, ulid)
    if found.document is None:
        raise Http404
    return given(request.user, found.document, view=True)


@login_required
@require_GET
def minutes_file(request, campaign: str, authority: str, file: str):
    """The scan of the minutes that a list rests on."""
    draft = _draft(request, campaign, authority)
    minutes = Minutes.objects.filter(assessment__in=draft.rows, subject="decision", file__ulid=file)
    found = StoredFile.objects.filter(pk__in=minutes.values("file")).first()
    if found is None:
        raise Http404
    return given(request.user, found, view=True)
