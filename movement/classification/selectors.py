"""Reading classification: rules of a version, points in force, campaigns by name, results."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from movement.accounts.access import assignments_now, grounds
from movement.core.problems import Ambiguous, Problem, Refused
from units.enums import Kind

from . import engine
from .enums import STAGES, Purpose, Stage
from .models import (
    Adjustment,
    AdjustmentScore,
    Assessment,
    Campaign,
    Extension,
    PublishedResult,
    SchemeVersion,
    Score,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a scheme as pages and papers show it. ``most`` is the maximum; of a parent, the sum of its leaves."""

    pk: int
    code: str
    parent: str | None
    depth: int
    title: str
    clause: str
    most: Decimal | None
    step: Decimal | None
    evidence: str
    not_applicable: bool
    knock_out: bool
    is_leaf: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A scheme version whole: the engine's rules, the lines in order, the adjustments."""

    rules: engine.Rules
    items: tuple[Item, ...]
    adjustments: tuple[Adjustment, ...]

    @property
    def leaves(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_leaf)


# By version and digest: the digest covers the whole content, so what is kept cannot be out of date.
_LAYOUTS: dict[tuple[int, str], Layout] = {}
_LAYOUTS_KEPT = 64


def layout_of(version: SchemeVersion) -> Layout:
    """One scheme version, read once a process (four queries)."""
    key = (version.pk, version.digest)
    if key not in _LAYOUTS:
        while len(_LAYOUTS) >= _LAYOUTS_KEPT:
            _LAYOUTS.pop(next(iter(_LAYOUTS)))
        _LAYOUTS[key] = _layout(version)
    return _LAYOUTS[key]


def rules_of(version: SchemeVersion) -> engine.Rules:
    """One scheme version as the engine needs it."""
    return layout_of(version).rules


def _layout(version: SchemeVersion) -> Layout:
    criteria = list(version.criteria.order_by("position"))
    codes = {c.pk: c.code for c in criteria}
    depth: dict[int, int] = {}
    most: dict[int, Decimal | None] = {}
    for c in criteria:
        depth[c.pk] = depth[c.parent_id] + 1 if c.parent_id else 0
    for c in reversed(criteria):
        most[c.pk] = most.get(c.pk) if not c.is_leaf else c.max_points
        if c.parent_id and most[c.pk] is not None:
            most[c.parent_id] = (most.get(c.parent_id) or Decimal(0)) + most[c.pk]
    adjustments = tuple(version.adjustments.all())
    rules = engine.Rules(
        code=version.scheme.code,
        purpose=version.scheme.purpose,
        total=version.total,
        complete=version.complete,
        leaves=tuple(
            engine.Leaf(c.code, c.title, c.max_points, c.step, c.not_applicable, c.knock_out)
            for c in criteria
            if c.is_leaf
        ),
        adjustments=tuple(engine.Adjustment(a.code, a.title, a.kind, a.max_points) for a in adjustments),
        bands=tuple(
            engine.Band(b.code, b.name, b.min_points, tuple(b.requires)) for b in version.bands.order_by("-min_points")
        ),
        caps=tuple(engine.Cap(c.when, c.at_most) for c in version.caps.all()),
    )
    items = tuple(
        Item(
            c.pk, c.code, codes.get(c.parent_id), depth[c.pk], c.title, c.clause, most[c.pk], c.step, c.evidence,
            c.not_applicable, c.knock_out, c.is_leaf,
        )
        for c in criteria
    )  # fmt: skip
    return Layout(rules, items, adjustments)


def campaigns_of(user) -> list[Campaign]:
    """Campaigns of the provinces on whose ground the user stands in the campaign's own year; newest year first."""
    years = Campaign.objects.order_by().values_list("year", flat=True).distinct()
    conditions = []
    groups = {a.group.province_id for a in assignments_now(user) if a.group_id}
    for year in years:
        held = grounds(user, tree_on=date(year, 12, 31))
        provinces = {int(path.split("/")[1]) for g in held for path in g.paths} | groups
        if provinces:
            conditions.append(Q(year=year, province__in=provinces))
    if not conditions:
        return []
    rows = Campaign.objects.filter(reduce(or_, conditions)).select_related("scheme", "version__scheme", "province")
    return sorted(rows, key=lambda c: (-c.year, c.province_id, *_campaign_order(c)))


def with_units(user, campaigns: list[Campaign]) -> list[Campaign]:
    """Those of ``campaigns`` (of one year) in which the user may read at least one unit; one query."""
    if not campaigns:
        return []
    mine = Assessment.objects.filter(campaign=OuterRef("pk")).visible_to(user, tree_on=campaigns[0].tree_on)
    rows = Campaign.objects.filter(Exists(mine), pk__in=[c.pk for c in campaigns]).order_by()
    found = set(rows.values_list("pk", flat=True))
    return [c for c in campaigns if c.pk in found]


def _campaign_order(campaign: Campaign) -> tuple:
    """Classifications before standards, what computes a class before what does not, places before workplaces."""
    kinds = [list(Kind).index(Kind(kind)) for kind in campaign.version.unit_kinds]
    purpose = list(Purpose).index(Purpose(campaign.scheme.purpose))
    return purpose, not campaign.version.complete, min(kinds, default=99), campaign.scheme.code


def campaign_named(reference: str) -> Campaign:
    """The campaign that ``SCHEME:YEAR[:PROVINCE]`` names; the province's code is read on 31/12 of the year.

    Raises:
        Refused: ``campaign_not_found``.
        Ambiguous: several provinces have it and none is named.
    """
    scheme, _, rest = reference.partition(":")
    year, _, province = rest.partition(":")
    if not year.isdigit():
        raise Refused(
            Problem(
                "bad_campaign", "Kỳ đánh giá phải viết dạng BỘ_TIÊU_CHÍ:NĂM hoặc BỘ_TIÊU_CHÍ:NĂM:TỈNH.", value=reference
            )
        )
    found = Campaign.objects.filter(scheme__code=scheme, year=int(year)).select_related(
        "scheme", "version__scheme", "province"
    )
    if province:
        from units.selectors import unit_by_code

        unit, _version = unit_by_code(province, date(int(year), 12, 31), kinds=["province"])
        found = found.filter(province=unit)
    found = list(found)
    if not found:
        raise Refused(Problem("campaign_not_found", "Không có kỳ đánh giá này.", value=reference))
    if len(found) > 1:
        raise Ambiguous(
            "Nhiều tỉnh có kỳ đánh giá này; hãy ghi thêm mã tỉnh.",
            [{"campaign": f"{scheme}:{year}:{code}"} for code in _province_codes(found)],
        )
    return found[0]


def _province_codes(campaigns: Iterable[Campaign]) -> list[str]:
    from units.models import UnitVersion

    return [
        UnitVersion.objects.filter(unit=c.province_id, valid__contains=c.tree_on).values_list("code", flat=True).first()
        or str(c.province_id)
        for c in campaigns
    ]


@dataclass(slots=True)
class Cell:
    """One answer in force: points or reason, and the stage it comes from."""

    points: Decimal | None
    reason: str
    stage: Stage


def cells_in_force(
    assessments: Iterable[int], *, upto: Stage = Stage.FINAL
) -> tuple[dict[int, dict[str, Cell]], dict[int, dict[str, Cell]]]:
    """``({assessment: {criterion code: Cell}}, {assessment: {adjustment code: Cell}})``.

    A stage without points of its own takes those of the stage before ("chấp nhận"). Two queries.
    """
    stages = STAGES[: STAGES.index(upto) + 1]
    rank = {stage: i for i, stage in enumerate(stages)}
    result = []
    for model, name in ((Score, "criterion__code"), (AdjustmentScore, "adjustment__code")):
        cells: dict[int, dict[str, Cell]] = defaultdict(dict)
        rows = model.objects.filter(assessment__in=list(assessments), stage__in=stages)
        for pk, code, stage, points, reason in rows.values_list("assessment_id", name, "stage", "points", "reason"):
            held = cells[pk].get(code)
            if held is None or rank[stage] > rank[held.stage]:
                cells[pk][code] = Cell(points, reason, Stage(stage))
        result.append(cells)
    return result[0], result[1]


def answers_of(scores: dict[str, Cell], adjustments: dict[str, Cell], standards: dict[str, bool]) -> engine.Answers:
    """Cells in force as the engine takes them."""
    return engine.Answers(
        points={code: cell.points for code, cell in scores.items() if cell.points is not None},
        not_applicable={code: cell.reason for code, cell in scores.items() if cell.points is None},
        adjustments={code: cell.points for code, cell in adjustments.items()},
        standards=standards,
    )


def standards_met(campaign: Campaign, units: Iterable[int], rules: engine.Rules) -> dict[int, dict[str, bool]]:
    """``{unit: {scheme code: met}}`` for the standards that the bands require, published for the same year."""
    wanted = {r.partition(":")[2] for band in rules.bands for r in band.requires}
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    if wanted:
        rows = PublishedResult.objects.filter(
            year=campaign.year, scheme_code__in=wanted, purpose="standard", unit__in=list(units)
        )
        for unit, code, cls in rows.values_list("unit_id", "scheme_code", "class_code"):
            found[unit][code] = cls == "dat"
    return found


def compute(campaign: Campaign, assessments: list[Assessment]) -> dict[int, engine.Result]:
    """``{assessment id: Result}`` over the points in force; a fixed number of queries however many units."""
    rules = rules_of(campaign.version)
    ids = [a.pk for a in assessments]
    scores, adjustments = cells_in_force(ids)
    standards = standards_met(campaign, [a.unit_id for a in assessments], rules)
    return {
        a.pk: engine.class_of(
            rules, answers_of(scores.get(a.pk, {}), adjustments.get(a.pk, {}), standards.get(a.unit_id, {}))
        )
        for a in assessments
    }


def explanation_of(result: engine.Result) -> dict:
    """What ``explain`` prints and the screen shows, as JSON values (design §7, "A line of explain")."""
    return {
        "base": None if result.base is None else str(result.base),
        "points": None if result.points is None else str(result.points),
        "class": result.class_code,
        "complete": result.complete,
        "missing": list(result.missing),
        "left_out": list(result.left_out),
        "adjustments": [{"code": code, "points": str(points)} for code, points in result.adjustments],
        "bands_refused": list(result.bands_refused),
        "caps_fired": list(result.caps_fired),
        "sentences": list(result.sentences),
    }


def canonical(payload: dict) -> str:
    """SHA-256 over the canonical JSON of a payload."""
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def class_names(version: SchemeVersion) -> dict[str, str]:
    """``{class code: name}`` of one version, best first."""
    if version.scheme.purpose == "standard":
        return {"dat": "Đạt", "chua_dat": "Chưa đạt"}
    return {b.code: b.name for b in rules_of(version).bands}


def typers(assessments: Iterable[int], stage: Stage = Stage.SELF) -> dict[int, set[int]]:
    """``{assessment: user ids}`` of who typed points at a stage."""
    found: dict[int, set[int]] = defaultdict(set)
    for model in (Score, AdjustmentScore):
        rows = model.objects.filter(assessment__in=list(assessments), stage=stage, typed_by__isnull=False)
        for pk, user in rows.values_list("assessment_id", "typed_by").distinct():
            found[pk].add(user)
    return found


def deadline_of(campaign: Campaign, kind: str) -> date | None:
    """The day before which the result of a kind is to be signed; ``None`` where none binds.

    A campaign opened on or after that day is retrospective for the kind: no deadline refuses.
    """
    text = campaign.deadlines.get(kind)
    if not text:
        return None
    limit = date.fromisoformat(text)
    return limit if timezone.localdate(campaign.opened_at) < limit else None


def late_units(campaign: Campaign, assessments: Iterable[Assessment]) -> set[int]:
    """Ids of those whose deadline has passed without an extension that still runs; one query at most."""
    today = timezone.localdate()
    past = [a for a in assessments if (limit := deadline_of(campaign, a.unit_kind)) and today >= limit]
    if not past:
        return set()
    extended = set(
        Extension.objects.filter(campaign=campaign, unit__in=[a.unit_id for a in past], until__gte=today).values_list(
            "unit_id", flat=True
        )
    )
    return {a.pk for a in past if a.unit_id not in extended}


def assessments_named(campaign: Campaign, codes: list[str] | None) -> list[Assessment]:
    """The campaign's units by their frozen codes, or all; ordered by place, kind and name.

    Raises:
        Refused: ``unknown_unit`` for each code that is not in the campaign.
    """
    rows = Assessment.objects.filter(campaign=campaign).order_by("path", "unit_name", "pk")
    if not codes:
        return list(rows)
    found = list(rows.filter(Q(unit_code__in=codes) | Q(unit__ulid__in=codes)))
    ulids = Assessment.objects.filter(pk__in=[a.pk for a in found]).values_list("unit__ulid", flat=True)
    known = {a.unit_code for a in found} | set(ulids)
    problems = [
        Problem("unknown_unit", "Đơn vị này không có trong kỳ đánh giá.", value=code)
        for code in dict.fromkeys(codes)
        if code not in known
    ]
    if problems:
        raise Refused(problems)
    return found


def published_results(*, year: int, purpose: str = "classification") -> QuerySet[PublishedResult]:
    """Frozen results of a year."""
    return PublishedResult.objects.filter(year=year, purpose=purpose)


def unit_results(unit_ids: Iterable[int]) -> list[dict]:
    """Published results of units, newest year first, as the unit's profile and the command ``unit`` show them."""
    found = PublishedResult.objects.filter(unit__in=list(unit_ids)).select_related("decision", "assessment")
    return [
        {
            "unit_id": r.unit_id,
            "year": r.year,
            "scheme": r.scheme_code,
            "purpose": r.purpose,
            "class": r.class_code or None,
            "points": None if r.points is None else str(r.points),
            "decision": r.decision.number,
            "decided_on": r.decision.decided_on.isoformat(),
            "assessment": r.assessment.ulid,
        }
        for r in found.order_by("-year", "scheme_code")
    ]
