"""My work, the board, the lists behind them, and the units that ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from movement.accounts.access import can, may_below
from movement.core.problems import Refused
from movement.core.text import search_q
from units.enums import KIND_NAMES, Kind
from units.trees import tree_asked

from ..ended import ended_among
from ..enums import State
from ..models import Assessment, Campaign
from ..presenters import class_words
from ..rules import ACTION_TO
from ..selectors import campaigns_of
from ..services.ending import assessment_close, assessment_hand_over
from ..services.steps import assessments_advance
from ..worklists import TITLES, board, ended_of, open_campaigns, own_published, waiting, work_of
from .shared import mine, tell

PAGE = 50
DETAILED = 5  # places on the board whose kinds have room below them


def _campaign(request, ulid: str) -> Campaign:
    for campaign in open_campaigns(request.user):
        if campaign.ulid == ulid:
            return campaign
    raise Http404


@login_required
@require_GET
def work(request):
    """My work: what waits for me in every open campaign, the earliest deadline first; what my unit got last."""
    campaigns = campaigns_of(request.user)
    results = own_published(request.user, {c.year for c in campaigns})
    for a in results:
        a.class_word = class_words(a.campaign.version).get(a.class_code, "")
    context = {"tasks": work_of(request.user, campaigns), "results": results}
    return render(request, "desk/work.html", context)


@login_required
@require_GET
def board_page(request):
    """How the year stands on the ground: per commune and kind, who is late, whom to ring."""
    campaigns = open_campaigns(request.user)
    years = sorted({c.year for c in campaigns}, reverse=True)
    year = next((y for y in years if str(y) == request.GET.get("nam")), years[0] if years else None)
    chosen = [c for c in campaigns if c.year == year]
    tree = tree_asked(request, date(year, 12, 31), {c.province_id for c in chosen}) if year else None
    rows = board(request.user, chosen, now=bool(tree and tree.now))
    totals = Counter()
    for row in rows:
        totals.update({kind: line.total for kind, line in row.kinds.items()})
    kind = request.GET.get("loai") if request.GET.get("loai") in totals else None
    context = {
        "rows": [replace(r.kinds[kind], name=r.name, phone=r.phone) for r in rows if kind in r.kinds] if kind else rows,
        "tree": tree,
        "kind": kind,
        "kinds": [(code, KIND_NAMES[code], totals[code]) for code in Kind if code in totals],
        "all": sum(totals.values()),
        "detailed": not kind and len(totals) > 1 and len(rows) <= DETAILED,
        "ended": [
            (line, bool(can(request.user, "classification.end", line.assessment)))
            for line in ended_of(request.user, chosen)
        ],
        "years": years,
        "year": year,
        "campaigns": chosen,
        "states": list(State),
    }
    return render(request, "desk/board.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end(request, ulid: str):
    """The year of a unit that has ended: hand it over to the main successor, or close it with a reason."""
    a = mine(request, ulid)
    if not (right := can(request.user, "classification.end", a)):
        raise PermissionDenied(right.sentence)
    found = next(iter(ended_among(Assessment.objects.filter(pk=a.pk), a.campaign.tree_on)), None)
    if found is None:
        messages.warning(request, _("Hồ sơ này không chờ chuyển hay kết thúc."))
        return redirect("desk:dossier", ulid=ulid)
    reason, problems = request.POST.get("reason", ""), []
    if request.method == "POST":
        try:
            if request.POST.get("act") == "hand_over":
                heir = assessment_hand_over(assessment_id=a.pk, actor=request.user, reason=reason)
                messages.success(
                    request,
                    _("Đã chuyển hồ sơ của %(unit)s sang %(heir)s.") % {"unit": a.unit_name, "heir": heir.unit_name},
                )
                return redirect("desk:dossier", ulid=heir.ulid)
            assessment_close(assessment_id=a.pk, actor=request.user, reason=reason)
            messages.success(request, _("Đã kết thúc hồ sơ của %(unit)s.") % {"unit": a.unit_name})
            return redirect("desk:board")
        except Refused as refused:
            problems = [p.message for p in refused.problems]
    context = {"a": a, "campaign": a.campaign, "ended": found, "reason": reason, "problems": problems}
    return render(request, "desk/end.html", context, status=422 if problems else 200)


@login_required
@require_GET
def waiting_list(request, campaign: str, step: str):
    """The units behind one line of my work."""
    if step not in TITLES:
        raise Http404
    opened = _campaign(request, campaign)
    if step in ("decide", "publish"):  # decided and published as lists, from the signed papers
        return redirect(f"{reverse('desk:campaign_lists', args=[opened.ulid])}?cua-toi=1")
    rows = Assessment.objects.filter(campaign=opened).visible_to(request.user, tree_on=opened.tree_on)
    rows = waiting(request.user, opened, step, rows)
    typed = request.GET.get("tim", "").strip()
    if typed:
        rows = rows.filter(search_q("unit__versions__search", typed)).distinct()
    page = Paginator(rows.order_by("path", "unit_name", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "campaign": opened, "step": step, "title": TITLES[step], "page": page, "typed": typed,
        "to": _bulk_target(step), "to_name": State(_bulk_target(step)).label if _bulk_target(step) else "",
    }  # fmt: skip
    return render(request, "desk/_waiting_table.html" if request.htmx else "desk/waiting.html", context)


def _bulk_target(step: str) -> str | None:
    """The step that many units may take at once."""
    return {
        "submit": State.SUBMITTED,
        "check": State.CHECKED,
        "appraise": State.APPRAISED,
    }.get(step)


@login_required
@require_POST
def advance_many(request, campaign: str, step: str):
    """Accept many: first what it will do, in numbers, then (``sure``) do it."""
    opened = _campaign(request, campaign)
    to = _bulk_target(step)
    if to is None:
        raise Http404
    if not may_below(request.user, ACTION_TO[to], f"/{opened.province_id}/", tree_on=opened.tree_on):
        raise PermissionDenied
    rows = Assessment.objects.filter(campaign=opened).visible_to(request.user, tree_on=opened.tree_on)
    rows = waiting(request.user, opened, step, rows)
    # the page that asks names the units in one field: a form of thousands of fields is refused
    chosen = request.POST.get("units", "").split() or request.POST.getlist("unit")
    if request.POST.get("all") != "1":
        rows = rows.filter(ulid__in=chosen)
    rows = list(rows.order_by("path", "unit_name"))
    if not rows:
        messages.warning(request, _("Chưa chọn đơn vị nào, hoặc các đơn vị đã chọn không còn ở bước này."))
        return redirect("desk:waiting", campaign=campaign, step=step)
    if request.POST.get("sure") != "1":
        names = _class_counts(opened, rows)
        context = {
            "campaign": opened,
            "step": step,
            "title": TITLES[step],
            "rows": rows,
            "to": to,
            "to_name": State(to).label,
            "classes": names,
        }
        return render(request, "desk/sure.html", context)
    try:
        moved = assessments_advance(campaign=opened, ids=[a.pk for a in rows], to=State(to), actor=request.user)
    except Refused as refused:
        tell(request, refused)
    else:
        messages.success(
            request, _("Đã chuyển %(n)s đơn vị sang bước “%(to)s”.") % {"n": len(moved), "to": State(to).label}
        )
    return redirect("desk:waiting", campaign=campaign, step=step)


def _class_counts(campaign: Campaign, rows: list[Assessment]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for a in rows:
        counts[a.class_code] = counts.get(a.class_code, 0) + 1
    return sorted(counts.items())
