"""Results of a year, and one unit's result with its reasons."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Count, DecimalField, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from movement.accounts.access import may_read, visible_versions
from movement.accounts.selectors import territory
from movement.core.dates import today
from movement.core.keyset import Keyset
from units.enums import Kind
from units.forms import offer_places
from units.models import UnitVersion
from units.presenters import groups_seen
from units.selectors.groups import group_options
from units.selectors.places import place_choices
from units.selectors.regrouping import Regrouped, regrouped
from units.trees import TreeChoice, place_options, place_words, tree_asked

from .filters import SORTS, ResultFilter
from .models import Assessment, Campaign
from .place_years import place_years
from .presenters import class_words, counted, obstacles, sheet_of, steps, tabs
from .selectors import campaigns_of, with_units


@login_required
@require_safe
def year_latest(request):
    """The latest year that has results on the user's ground; a page that says so when there is none."""
    campaigns = campaigns_of(request.user)
    if campaigns:
        return redirect("classification:year", campaigns[0].year)
    return render(request, "classification/none.html")


@login_required
@require_safe
@vary_on_headers("HX-Request")
def year_results(request, year):
    """The units of one campaign of ``year``; htmx asks for the list alone."""
    asked = results_asked(request, year)
    campaign, found, tree, now, visible = asked.campaign, asked.found, asked.tree, asked.now, asked.visible
    reset = f"{request.path}?{urlencode({'campaign': campaign.ulid, **tree.keep})}"
    context = {"campaign": campaign, "year": year, "filter": found, "page": None, "reset": reset}
    context |= {"tree": tree, "regrouped": now}
    valid = found.is_valid()
    if valid:
        context |= _listed(request, asked)
    if request.htmx:
        return render(request, "classification/_list.html", context, status=200 if valid else 422)
    places = place_options(now) if now else place_choices(visible)
    offer_places(found.form, "place", places, visible, campaign.tree_on, _("Mọi địa bàn"))
    if len(campaign.version.unit_kinds) > 1:
        kinds = [(kind, Kind(kind).label) for kind in campaign.version.unit_kinds]
        found.offer("kind", kinds, _("Mọi loại đơn vị"))
    else:
        found.hide("kind")
    # under today's communes the page reads the whole year's tree; a group chosen before stays chosen
    groups = [] if now else group_options(groups_seen(request.user, campaign.tree_on))
    if groups:
        found.offer("group", groups, _("Mọi cụm, khối, ngành"))
    else:
        found.hide("group")
    context |= {
        "tabs": tabs(asked.of_year),
        "years": asked.years,
        "territory": territory(request.user, campaign.tree_on),
    }
    return render(request, "classification/year.html", context, status=200 if valid else 422)


@dataclass(frozen=True, slots=True)
class Asked:
    """The results of one campaign as an address asks for them; ``found.qs`` is the list once it is valid."""

    campaign: Campaign
    of_year: list[Campaign]
    years: list[int]
    visible: QuerySet[UnitVersion]
    rows: QuerySet[Assessment]
    found: ResultFilter
    tree: TreeChoice
    now: Regrouped | None


def results_asked(request, year: int) -> Asked:
    """Reads the address of the list of results; a year without any is a page that is not there."""
    campaigns = campaigns_of(request.user)
    of_year = with_units(request.user, [c for c in campaigns if c.year == year])
    campaign = _chosen(of_year, request.GET.get("campaign"))
    visible = visible_versions(request.user, tree_on=campaign.tree_on)
    rows = _rows(request.user, campaign)
    tree = tree_asked(request, campaign.tree_on, [campaign.province_id])
    now = regrouped(rows) if tree.now else None
    found = ResultFilter(request.GET, queryset=rows, places=visible, on=campaign.tree_on, now=now)
    years = sorted({c.year for c in campaigns}, reverse=True)
    return Asked(campaign, of_year, years, visible, rows, found, tree, now)


def _chosen(campaigns: list[Campaign], ulid: str | None) -> Campaign:
    """The campaign asked for, else the first; none of the year is a page that is not there."""
    for campaign in campaigns:
        if campaign.ulid == ulid or not ulid:
            return campaign
    raise Http404


def _rows(user, campaign: Campaign):
    """The campaign's units that the user may read; ``rank`` sorts what has no points below all that has."""
    rank = Coalesce("points", Value(-1), output_field=DecimalField(max_digits=7, decimal_places=2))
    mine = Assessment.objects.filter(campaign=campaign).visible_to(user, tree_on=campaign.tree_on)
    return mine.annotate(rank=rank)


def _listed(request, asked: Asked) -> dict:
    found, campaign, now = asked.found, asked.campaign, asked.now
    chosen = found.form.cleaned_data
    sort = chosen.get("sort") or "name"
    keyset = Keyset(request.GET, asked.rows, order=SORTS[sort], key="ulid", key_of=lambda a: a.ulid)
    groups = (
        found.narrowed("q", "place", "kind", "group")
        .order_by()
        .values_list("class_code", "state")
        .annotate(n=Count("pk"), skipped=Count("pk", filter=keyset.skipped))
    )
    counts = counted(groups, chosen_class=chosen.get("result") or "", chosen_state=chosen.get("state") or "")
    words = class_words(campaign.version)
    listed = found.qs.defer("explanation", "return_reason", "name_sort", "search")
    page = keyset.page(listed, total=counts.total, skipped=counts.skipped)
    kinds = {code: str(label) for code, label in Kind.choices}
    for row in page.rows:
        row.class_word, row.kind_word = words.get(row.class_code, ""), kinds[row.unit_kind]
        if now:
            row.place_now, row.place_sure = place_words(now, row.unit_id, row.commune_id)
    return {
        "page": page,
        "counts": counts,
        "classes": [
            (code, words.get(code, ""), counts.classes.get(code, 0))
            for code in (*words, "none")
            if code in counts.classes or code == chosen.get("result") or code != "none"
        ],
        "result": chosen.get("result") or "",
        "sort": sort,
        "filtered": any(chosen.get(name) for name in ("q", "place", "kind", "state", "result", "group")),
    }


@login_required
@require_safe
def place_results(request, ulid):
    """All units of one commune of today over the years: under its predecessors' names as then, or under its own."""
    commune = visible_versions(request.user, tree_on=today()).filter(unit__ulid=ulid, kind=Kind.COMMUNE)
    commune = get_object_or_404(commune.select_related("unit"))
    now = request.GET.get("tree") == "now"
    lines = place_years(request.user, commune, now=now)
    for line in lines:
        words = class_words(line.campaign.version)
        line.counts = [
            (code, words.get(code, ""), line.classes[code]) for code in (*words, "none") if line.classes[code]
        ]
    context = {
        "commune": commune,
        "lines": lines,
        "tree": TreeChoice(None, shown=True, now=now),
        "unsure": sum(line.unsure for line in lines),
        "territory": territory(request.user, today()),
        "trail": [(commune.name, reverse("units:detail", args=[ulid])), (_("Kết quả các năm trên địa bàn"), None)],
    }
    return render(request, "classification/place.html", context)


@login_required
@require_safe
def assessment_detail(request, ulid):
    """One unit's result: what it is, why, and point by point."""
    assessment, others = _readable(request.user, ulid)
    words = class_words(assessment.campaign.version)
    context = {
        "assessment": assessment,
        "campaign": assessment.campaign,
        "word": words.get(assessment.class_code, ""),
        "sheet": sheet_of(assessment),
        "steps": steps(assessment),
        "obstacles": obstacles(assessment, words, others),
        "others": others,
        "trail": _trail(assessment),
    }
    return render(request, "classification/assessment.html", context)


def _readable(user, ulid: str) -> tuple[Assessment, list[Assessment]]:
    """The result and the unit's other results, each if the unit stood on the user's ground in its year; two queries."""
    rows = Assessment.objects.filter(unit__assessments__ulid=ulid).select_related(
        "campaign__scheme", "campaign__version__scheme", "decision", "unit"
    )
    rows = list(rows.order_by("-campaign__year", "campaign__scheme__purpose", "campaign__scheme__code"))
    versions = UnitVersion.objects.filter(unit__assessments__ulid=ulid) if rows else ()
    versions = list(versions)
    seen = [a for a in rows if any(may_read(user, v, tree_on=a.campaign.tree_on) for v in versions)]
    found = next((a for a in seen if a.ulid == ulid), None)
    if found is None:
        raise Http404
    return found, [a for a in seen if a is not found]


def _trail(assessment: Assessment) -> list[tuple]:
    year = assessment.campaign.year
    back = f"{reverse('classification:year', args=[year])}?campaign={assessment.campaign.ulid}"
    return [
        (_("Kết quả năm %(year)s") % {"year": year}, back),
        (assessment.unit_name, None),
    ]
