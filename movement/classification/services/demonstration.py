"""The demonstration's open year, taken through the services a person would use, so that the trail is there.

Done again it changes nothing but the deadlines, which count from today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from movement.audit.services import Act, record
from movement.core.models import StoredFile
from units.enums import Level
from units.models import UnitVersion

from .. import demo
from ..demo import open_year as plan
from ..enums import ORDER, Stage, State
from ..models import Adjustment, Assessment, Campaign, Criterion
from .bulk import Row, scores_write
from .dossier import (
    assessments_return,
    attestation_add,
    evidence_add,
    extension_give,
    minutes_add,
    opinion_add,
)
from .publishing import results_publish
from .scoring import Value
from .steps import assessments_advance

REP = "Người nhập liệu minh họa"
CLERK = "Cán bộ nhập liệu minh họa"
ACKNOWLEDGED = "Dữ liệu minh họa"
RETURNED_WHOLE = "Hồ sơ chưa có biên bản họp; đề nghị bổ sung rồi gửi lại (nội dung minh họa)."
RETURNED_LINE = "Tài liệu kiểm chứng chưa rõ thời gian thực hiện; đề nghị bổ sung (nội dung minh họa)."


@dataclass(slots=True)
class Cast:
    """Who acts: ``{authority's unit id: account}``, and accounts of single units ``{unit id: account}``."""

    deciders: Mapping[int, object]
    reps: Mapping[int, object]
    officers: Mapping[int, object]


@transaction.atomic
def deadlines_renew(*, campaign: Campaign, days: Mapping[str, int], today: date, actor) -> bool:
    """Let the deadlines of a demonstration's campaign count from ``today``; whether anything changed.

    NB: only for demonstration data. A real campaign's deadlines are dates of law and do not move.
    """
    wanted = plan.deadlines_from(today, dict(days))
    if campaign.deadlines == wanted and not campaign.retrospective:
        return False
    before = campaign.deadlines
    campaign.deadlines, campaign.retrospective = wanted, False
    # Opened before its deadlines, else none of them would bind (``deadline_of``).
    campaign.opened_at = min(campaign.opened_at, _noon(today - timedelta(days=60)))
    campaign.save(update_fields=["deadlines", "retrospective", "opened_at"])
    record(
        actor,
        Act(
            "campaign.deadlines", f"Đặt lại hạn của kỳ đánh giá {campaign} theo ngày nạp dữ liệu minh họa.",
            "classification.campaign", campaign.ulid, campaign.province_id,
            before=before, after=wanted,
        ),
    )  # fmt: skip
    return True


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def placed_units(ground: demo.Plan, campaign: Campaign) -> dict[int, plan.Placed]:
    """``{assessment id: unit of the plan as it stands in the campaign's tree}``."""
    known = {unit.code: unit for unit in ground.units}
    codes = dict(
        UnitVersion.objects.filter(
            province=campaign.province, kind="commune", valid__contains=campaign.tree_on
        ).values_list("unit_id", "code")
    )
    found = {}
    for a in campaign.assessments.all():
        unit = known.get(a.unit_code)
        if a.unit_kind == "commune":
            unit = plan.commune_of_today(a.unit_code, a.unit_name, a.unit_subkind)
        elif unit is None:  # made for the open year alone
            unit = demo.DemoUnit(
                a.unit_code, a.unit_name, a.unit_kind, a.unit_subkind, "", a.managing_level, plan.PLACES_NOW_FROM, ""
            )
        found[a.pk] = plan.Placed(
            unit, a.unit_code, a.unit_kind, codes.get(a.commune_id, ""), a.decide_level == Level.COMMUNE
        )
    return found


def open_year_walk(
    *, campaign: Campaign, scheme: Mapping, placed: Mapping[int, plan.Placed], cast: Cast, today: date
) -> dict[str, list[Assessment]]:
    """Take every unit as far as the plan says; ``{step: assessments}``.

    ``scheme`` is the scheme file. Points are typed by the unit's own account where it has one, else by whoever
    types for the place; the deciding authority's account walks them on.
    """
    steps = plan.steps_of(scheme["code"], placed.values())
    rows = {a.pk: a for a in campaign.assessments.all()}
    by_step: dict[str, list[Assessment]] = defaultdict(list)
    for pk, one in placed.items():
        by_step[steps[one.code]].append(rows[pk])

    def reached(rank: int) -> list[Assessment]:
        return [a for step, held in by_step.items() if plan.RANK[step] >= rank for a in held]

    points = _Points(campaign, scheme, placed)
    _self_scores(campaign, points, reached(1), cast, partly=by_step[plan.DRAFT])
    _walk(campaign, reached(2), State.SUBMITTED, cast, entering=True)
    _returns(campaign, by_step[plan.RETURNED], cast)
    _later_scores(campaign, points, Stage.CHECK, reached(3), cast)
    _walk(campaign, reached(3), State.CHECKED, cast)
    _later_scores(campaign, points, Stage.FINAL, reached(4), cast)
    _walk(campaign, reached(4), State.APPRAISED, cast)
    _walk(campaign, reached(5), State.DECIDED, cast)
    _publish(campaign, scheme, by_step[plan.PUBLISHED], cast, today)
    return by_step


class _Points:
    """The plan's answers as rows of one campaign; each unit's are made once."""

    def __init__(self, campaign: Campaign, scheme: Mapping, placed: Mapping[int, plan.Placed]):
        self.scheme, self.placed, self.year = scheme, placed, campaign.year
        of_version = {"version": campaign.version}
        self.leaves = dict(Criterion.objects.filter(is_leaf=True, **of_version).values_list("code", "pk"))
        self.extra = dict(Adjustment.objects.filter(**of_version).values_list("code", "pk"))
        self._made: dict[int, dict] = {}

    def row(self, a: Assessment, stage: Stage, *, half: bool = False) -> Row:
        """Self-scores whole, or their first ``half``; later stages hold only what differs from the one before."""
        if a.pk not in self._made:
            self._made[a.pk] = demo.stages(self.placed[a.pk].unit, self.scheme, self.year)
        scores, adjustments = self._made[a.pk][stage]
        if half:
            scores, adjustments = plan.half_of(scores, self.scheme), {}
        if stage != Stage.SELF:
            before = self._made[a.pk][Stage.SELF if stage == Stage.CHECK else Stage.CHECK]
            scores = {k: v for k, v in scores.items() if before[0].get(k) != v}
            adjustments = {k: v for k, v in adjustments.items() if before[1].get(k) != v}
        return Row(
            a,
            {self.leaves[k]: _value(v) for k, v in scores.items()},
            {self.extra[k]: Value(v) for k, v in adjustments.items()},
        )


def _value(answer: Decimal | str) -> Value:
    return Value(reason=answer) if isinstance(answer, str) else Value(answer)


def _typist(a: Assessment, cast: Cast):
    """Who types a unit's self-score, and whether that is on its behalf."""
    if a.unit_id in cast.reps:
        return cast.reps[a.unit_id], False
    if a.unit_kind == "residential_area":
        return cast.officers.get(a.commune_id, CLERK), True
    return REP, False


def _self_scores(campaign: Campaign, points: _Points, rows: list[Assessment], cast: Cast, partly) -> None:
    groups = defaultdict(list)
    for half, held in ((False, rows), (True, partly)):
        for a in held:
            actor, on_behalf = _typist(a, cast)
            groups[str(actor), on_behalf].append((actor, points.row(a, Stage.SELF, half=half)))
    for (_name, on_behalf), typed in groups.items():
        scores_write(
            campaign=campaign, stage=Stage.SELF, rows=[row for _, row in typed], actor=typed[0][0], on_behalf=on_behalf
        )


def _by_authority(rows: Iterable[Assessment]) -> dict[int, list[Assessment]]:
    found = defaultdict(list)
    for a in rows:
        found[a.authority_id].append(a)
    return found


def _later_scores(campaign: Campaign, points: _Points, stage: Stage, rows: list[Assessment], cast: Cast) -> None:
    for authority, held in _by_authority(rows).items():
        made = [points.row(a, stage) for a in held]
        scores_write(
            campaign=campaign, stage=stage, rows=[r for r in made if r.scores or r.adjustments],
            actor=cast.deciders[authority],
        )  # fmt: skip


def _walk(campaign: Campaign, rows: list[Assessment], to: State, cast: Cast, *, entering: bool = False) -> None:
    groups = defaultdict(list)
    for a in rows:
        actor = cast.deciders[a.authority_id]
        if entering:
            actor = cast.reps.get(a.unit_id) or actor
            if a.unit_kind == "residential_area":
                actor = cast.officers.get(a.commune_id, actor)
        groups[actor.pk, actor].append(a.pk)
    for (_pk, actor), ids in groups.items():
        assessments_advance(campaign=campaign, ids=ids, to=to, actor=actor)


def _returns(campaign: Campaign, rows: list[Assessment], cast: Cast) -> None:
    """The first of each authority for one criterion, the others whole."""
    leaf = Criterion.objects.filter(version=campaign.version, is_leaf=True, evidence="file").order_by("pk").first()
    for authority, held in _by_authority(rows).items():
        first, others = held[:1], [a.pk for a in held[1:]]
        actor = cast.deciders[authority]
        assessments_return(
            campaign=campaign, ids=[a.pk for a in first], reasons={leaf.code: RETURNED_LINE}, actor=actor
        )
        if others:
            assessments_return(campaign=campaign, ids=others, reasons={}, whole=RETURNED_WHOLE, actor=actor)


def _publish(campaign: Campaign, scheme: Mapping, rows: list[Assessment], cast: Cast, today: date) -> None:
    symbol, body = ("QĐ-UBND", "Ủy ban nhân dân") if scheme["purpose"] == "standard" else ("QĐ-BCĐ", "Ban Chỉ đạo 138")
    position = [code for code, _, _ in plan.OPEN_CAMPAIGNS].index(scheme["code"])
    for authority, held in _by_authority(rows).items():
        version = UnitVersion.objects.get(unit=authority, valid__contains=campaign.tree_on)
        name = f"{version.name[:1].lower()}{version.name[1:]}"
        results_publish(
            campaign=campaign, authority=version.unit, ids=[a.pk for a in held], number=f"{301 + position}/{symbol}",
            decided_on=today - timedelta(days=2), signer=demo.SIGNER, authority_name=f"{body} {name}",
            actor=cast.deciders[authority], acknowledge=ACKNOWLEDGED,
        )  # fmt: skip


@transaction.atomic
def dossiers_fill(
    *, campaign: Campaign, by_step: Mapping[str, list[Assessment]], cast: Cast, paper: StoredFile, minutes: StoredFile,
    today: date,
) -> None:  # fmt: skip
    """Evidence, attestations and minutes for the units of those who have accounts to look at them with."""
    leaves = Criterion.objects.filter(version=campaign.version, is_leaf=True).order_by("pk")
    files = [leaf.code for leaf in leaves if leaf.evidence == "file"][:4]
    confirmed = [leaf.code for leaf in leaves if leaf.evidence == "attestation"][:4]
    open_rows = [a for step, held in by_step.items() if step not in (plan.REGISTERED, plan.PUBLISHED) for a in held]
    for a in open_rows:
        actor = cast.reps.get(a.unit_id)
        if actor is None and a.unit_kind == "residential_area":
            actor = cast.officers.get(a.commune_id)
        if actor is None:
            continue
        half = a in by_step[plan.DRAFT]
        for number, code in enumerate(files[:2] if half else files, 1):
            evidence_add(assessment_id=a.pk, code=code, file=paper, pages=str(number), actor=actor)
        for code in () if half else confirmed:
            attestation_add(
                assessment_id=a.pk, code=code, confirmed_by="Cơ quan xác nhận minh họa", number=f"1{code[-1]}/XN-MH",
                dated_on=today - timedelta(days=9), met=True, actor=actor,
            )  # fmt: skip
        if a.unit_kind == "residential_area" and not half:  # typed on its behalf, from what its meeting signed
            minutes_add(
                assessment_ids=[a.pk], file=minutes, subject="entry", dated_on=today - timedelta(days=12), actor=actor
            )
    for authority, held in _by_authority(by_step[plan.DECIDED]).items():
        minutes_add(
            assessment_ids=[a.pk for a in held], file=minutes, subject="decision", dated_on=today - timedelta(days=3),
            actor=cast.deciders[authority],
        )  # fmt: skip


@transaction.atomic
def remarks_make(*, campaign: Campaign, by_step: Mapping, staff, managing_body, leader, managed: set[int], today: date):
    """One unit given more time, and the opinions of a managing body and of a leader."""
    late = [a for a in by_step[plan.REGISTERED] if a.unit_kind == "school" and a.authority_id == campaign.province_id]
    if late:
        extension_give(
            campaign=campaign, unit_ids=[late[0].unit_id], until=today + timedelta(days=10), actor=staff,
            reason="Đơn vị sửa chữa trụ sở, đề nghị lùi thời hạn (nội dung minh họa).",
        )  # fmt: skip
    checked = [a for step in (plan.CHECKED, plan.SUBMITTED, plan.APPRAISED) for a in by_step[step]]
    for a in [a for a in checked if a.unit_id in managed][:1]:
        opinion_add(assessment_id=a.pk, text="Nhất trí với kết quả tự chấm (ý kiến minh họa).", actor=managing_body)
    for a in [a for a in by_step[plan.APPRAISED] if a.authority_id == campaign.province_id][:1]:
        opinion_add(
            assessment_id=a.pk, text="Đề nghị làm rõ kết quả tiêu chí 3.1 trước khi quyết định (ý kiến minh họa).",
            actor=leader,
        )  # fmt: skip


def is_untouched(campaign: Campaign) -> bool:
    """No unit of the campaign has any points yet: the walk has not been made."""
    moved = campaign.assessments.filter(state__in=ORDER[1:]) | campaign.assessments.filter(scores__isnull=False)
    return not moved.exists()
