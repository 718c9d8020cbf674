"""Draft lists: one authority's units in one campaign, on the way from appraisal to the published decision."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Min, QuerySet, Value
from django.utils.translation import gettext as _

from movement.accounts.access import Right, can, grounds, visible_versions
from movement.core.models import Decision
from movement.core.text import NumberKey
from units.models import UnitVersion

from .enums import ORDER, State
from .models import Assessment, Campaign, Minutes, PublishedResult

SUBJECT = "classification.results"  # of the decisions that publish them
MISSING = ORDER[: ORDER.index(State.APPRAISED)]  # the steps before a unit may be decided on
GROUPS = ("missing", State.APPRAISED, State.DECIDED, State.PUBLISHED)


@dataclass(slots=True)
class Line:
    """One list as the index shows it."""

    campaign: Campaign
    authority: UnitVersion
    states: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def missing(self) -> int:
        return sum(self.states.get(state, 0) for state in MISSING)

    @property
    def appraised(self) -> int:
        return self.states.get(State.APPRAISED, 0)

    @property
    def decided(self) -> int:
        return self.states.get(State.DECIDED, 0)

    @property
    def published(self) -> int:
        return self.states.get(State.PUBLISHED, 0)


@dataclass(slots=True)
class DraftList:
    """One authority's list; ``counts`` are ``{(state, class code): n}``."""

    campaign: Campaign
    authority: UnitVersion
    rows: QuerySet[Assessment]
    counts: dict[tuple[str, str], int]
    decide: Right
    publish: Right

    def count(self, *states: str) -> int:
        return sum(n for (state, _cls), n in self.counts.items() if not states or state in states)

    @property
    def published_count(self) -> int:
        return self.count(State.PUBLISHED)

    def in_group(self, name: str) -> QuerySet[Assessment]:
        """The units of one of ``GROUPS``, by place and name."""
        return self.rows.filter(state__in=MISSING if name == "missing" else [name]).order_by("path", "pk")

    def size(self, name: str) -> int:
        return self.count(*MISSING) if name == "missing" else self.count(name)

    def classes(self, *states: str) -> dict[str, int]:
        """``{class code: n}`` of the units at ``states``."""
        found: dict[str, int] = defaultdict(int)
        for (state, cls), n in self.counts.items():
            if state in states:
                found[cls] += n
        return dict(found)


def own_authorities(user, campaign_date: date) -> set[int]:
    """The units whose authority the user's assignments stand for on a date."""
    return {unit for g in grounds(user, tree_on=campaign_date) for unit in g.unit_ids}


def lists_of(user, campaigns: list[Campaign]) -> list[Line]:
    """The lists of ``campaigns`` (of one year) whose authority's place the user may read; two queries.

    Ordered as the campaigns, then by the authority's name.
    """
    if not campaigns:
        return []
    on = campaigns[0].tree_on
    rows = Assessment.objects.filter(campaign__in=[c.pk for c in campaigns], closed_at=None, authority__isnull=False)
    seen = visible_versions(user, tree_on=on).filter(unit__in=rows.order_by().values("authority").distinct())
    names = {v.unit_id: v for v in seen.select_related("unit")}
    groups = rows.filter(authority__in=names).order_by().values_list("campaign", "authority", "state")
    by_pk = {c.pk: c for c in campaigns}
    lines: dict[tuple[int, int], Line] = {}
    for campaign, authority, state, n in groups.annotate(n=Count("pk")):
        line = lines.setdefault((campaign, authority), Line(by_pk[campaign], names[authority]))
        line.states[state] += n
    order = list(by_pk)
    return sorted(lines.values(), key=lambda x: (order.index(x.campaign.pk), x.authority.name_sort))


def draft_list(user, campaign: Campaign, authority: str) -> DraftList | None:
    """The list of the authority whose unit has the ULID ``authority``, if the user sees that place; two queries
    beside the rights."""
    on = campaign.tree_on
    version = visible_versions(user, tree_on=on).filter(unit__ulid=authority).select_related("unit").first()
    if version is None:
        return None
    rows = Assessment.objects.filter(campaign=campaign, authority=version.unit_id, closed_at=None)
    groups = rows.order_by().values_list("state", "class_code", "decide_level")
    counts: dict[tuple[str, str], int] = defaultdict(int)
    sample = None
    for state, cls, level, path, n in groups.annotate(path=Min("path"), n=Count("pk")):
        counts[state, cls] += n
        # the rules look at place and authority alone, which a list has in common
        sample = sample or Assessment(
            campaign=campaign, path=path, authority_id=version.unit_id, decide_level=level, state=state
        )
    if sample is None:
        return None
    return DraftList(
        campaign, version, rows, dict(counts),
        can(user, "classification.decide", sample), can(user, "classification.publish", sample),
    )  # fmt: skip


def minutes_of(draft: DraftList) -> list[dict]:
    """The minutes that the list's units rest on: ``{number, dated_on, file, name, n}``, newest first; one query."""
    rows = Minutes.objects.filter(assessment__in=draft.rows, subject="decision").order_by("-dated_on")
    rows = rows.values("number", "dated_on", "file__ulid", "file__original_name").annotate(n=Count("pk"))
    return [
        {"number": r["number"], "dated_on": r["dated_on"], "file": r["file__ulid"], "name": r["file__original_name"], "n": r["n"]}
        for r in rows
    ]  # fmt: skip


def decisions_of(draft: DraftList) -> list[dict]:
    """The signed decisions of the list: ``{ulid, number, decided_on, n}``; one query."""
    rows = draft.rows.filter(decision__isnull=False).order_by("-decision__decided_on")
    rows = rows.values("decision__ulid", "decision__number", "decision__decided_on").annotate(n=Count("pk"))
    return [
        {"ulid": r["decision__ulid"], "number": r["decision__number"], "decided_on": r["decision__decided_on"], "n": r["n"]}
        for r in rows
    ]  # fmt: skip


def results_under(user, decision: Decision) -> QuerySet[PublishedResult]:
    """The frozen results of a decision about units that the user may read, in the tree of each result's year."""
    rows = PublishedResult.objects.filter(decision=decision)
    years = rows.order_by().values_list("year", flat=True).distinct()
    found = rows.none()
    for year in years:
        found |= rows.filter(year=year).visible_to(user, tree_on=date(year, 12, 31))
    return found.select_related("assessment", "campaign__scheme", "campaign__version__scheme").defer("payload")


def number_problem(draft: DraftList, number: str, decided_on: date, signer: str) -> str | None:
    """Why the authority cannot use this number in that year: a decision that stands bears it.

    One signed paper may cover several campaigns: the same number, date and signer is the same decision.
    """
    stands = Decision.objects.filter(
        authority_unit_id=draft.authority.unit_id, number_key=NumberKey(Value(number)), year=decided_on.year
    ).first()
    if stands is None:
        return None
    same = stands.decided_on == decided_on and stands.signer == signer.strip() and stands.subject == SUBJECT
    if same and not stands.results.filter(campaign=draft.campaign).exists():
        return None
    return str(_("Số quyết định này đã được cơ quan đó dùng trong năm (%s).") % stands)


def missing_names(draft: DraftList, most: int = 100) -> list[Assessment]:
    """The first of those that are not appraised yet, with step and place."""
    return list(draft.in_group("missing").only("ulid", "unit_name", "commune_name", "state", "return_reason")[:most])
