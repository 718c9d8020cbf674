"""Decided → published: one authority's units under one decision, frozen from then on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from movement.accounts.access import can
from movement.audit.services import Act, record, record_many
from movement.core.decisions import decision_record
from movement.core.models import Decision, StoredFile
from movement.core.problems import Problem, Refused
from units.models import Unit

from ..decision_lists import SUBJECT
from ..enums import State
from ..honesty import flags_of
from ..models import AdjustmentScore, Assessment, Campaign, Flag, PublishedResult, Score
from ..selectors import canonical
from .results import results_refresh


@transaction.atomic
def results_publish(
    *, campaign: Campaign, authority: Unit, ids: Iterable[int] | None, number: str, decided_on: date,
    signer: str, actor, signer_title: str = "", authority_name: str = "", acknowledge: str = "",
    document: StoredFile | None = None,
) -> tuple[int, list[Flag]]:  # fmt: skip
    """Publish the decided units of ``authority``; ``(how many, the flags recorded)``.

    Without ``ids`` all units that the authority decides on must stand at ``decided`` (those already
    published stay as they are, those of units that have ended are left out). Open honesty flags are
    recorded; blocking ones need ``acknowledge``. ``document`` is the scan of the signed decision.

    Raises:
        Refused: ``not_decided`` naming the missing units, ``other_authority``, ``not_allowed``,
            ``bad_date``, ``flags_open``, ``number_used``, ``nothing_to_publish``.
    """
    if decided_on > timezone.localdate():
        raise Refused(Problem("bad_date", "Ngày quyết định không được ở tương lai.", value=decided_on))
    if not campaign.is_open:
        raise Refused(Problem("campaign_closed", "Kỳ đánh giá này đã đóng.", value=str(campaign)))
    rows = Assessment.objects.select_for_update(of=("self",)).filter(campaign=campaign, closed_at=None).order_by("pk")
    rows = list(rows.filter(authority=authority) if ids is None else rows.filter(pk__in=list(ids)))
    problems = [
        Problem("other_authority", "Đơn vị này do cơ quan khác xét duyệt.", value=a.unit_code or a.unit_name)
        for a in rows
        if a.authority_id != authority.pk
    ]
    waiting = [a for a in rows if a.state != State.PUBLISHED]
    problems += [
        Problem(
            "not_decided",
            f"Đơn vị mới ở bước “{a.get_state_display()}”, chưa được xét duyệt.",
            value=a.unit_code or a.unit_name,
        )
        for a in waiting
        if a.state != State.DECIDED
    ]
    if not waiting and not problems:
        problems.append(Problem("nothing_to_publish", "Không có kết quả nào chờ công bố.", value=str(campaign)))
    for a in waiting:
        a.campaign, a.typers = campaign, set()
        if not (right := can(actor, "classification.publish", a)):
            problems.append(Problem("not_allowed", right.sentence, value=a.unit_code or a.unit_name))
    if problems:
        raise Refused(problems)
    flags = _flags(campaign, waiting, acknowledge, actor)
    decision = _same_decision(campaign, authority, number, decided_on, signer) or decision_record(
        number=number, decided_on=decided_on, signer=signer, signer_title=signer_title,
        authority_unit_id=authority.pk, authority_name=authority_name, province_unit_id=campaign.province_id,
        subject=SUBJECT, actor=actor, document=document,
    )  # fmt: skip
    if document and decision.document_id is None:  # the same paper, recorded earlier for another campaign
        Decision.objects.filter(pk=decision.pk, document=None).update(document=document)
    _freeze(campaign, waiting, decision)
    record_many(
        actor,
        [
            Act(
                "assessment.published",
                f"{a.unit_name}: công bố kết quả theo Quyết định số {decision.number} ngày {decided_on:%d/%m/%Y}.",
                "classification.assessment", a.ulid, a.unit_id,
                before={"state": State.DECIDED}, after={"state": State.PUBLISHED, "class": a.class_code},
            )
            for a in waiting
        ],
    )  # fmt: skip
    if not campaign.assessments.filter(closed_at=None).exclude(state=State.PUBLISHED).exists():
        campaign.closed_at = timezone.now()
        campaign.save(update_fields=["closed_at"])
        record(
            actor,
            Act(
                "campaign.close",
                f"Đóng kỳ đánh giá {campaign}: mọi đơn vị đã có kết quả.",
                "classification.campaign",
                campaign.ulid,
                campaign.province_id,
            ),
        )
    return len(waiting), flags


def _same_decision(campaign: Campaign, authority: Unit, number: str, decided_on: date, signer: str) -> Decision | None:
    """The decision itself where it covers other campaigns already: one paper may class hamlets and offices alike."""
    return (
        Decision.objects.filter(
            authority_unit_id=authority.pk,
            number=number.strip(),
            decided_on=decided_on,
            signer=signer.strip(),
            subject=SUBJECT,
        )
        .exclude(results__campaign=campaign)
        .first()
    )


def _flags(campaign: Campaign, rows: list[Assessment], acknowledge: str, actor) -> list[Flag]:
    flags = flags_of(campaign, rows)
    blocking = [flag for flag in flags if flag.blocking]
    if blocking and not acknowledge.strip():
        raise Refused(
            Problem(
                "flags_open",
                f"{flag.sentence} Cần ghi lý do đã xem xét trước khi công bố.",
                value=flag.assessment.unit_name,
            )
            for flag in blocking
        )
    for flag in flags:
        flag.acknowledged_by, flag.acknowledged_reason = (str(actor)[:200], acknowledge) if acknowledge else ("", "")
    Flag.objects.bulk_create(flags, ignore_conflicts=True)
    return flags


def _freeze(campaign: Campaign, rows: list[Assessment], decision) -> None:
    results_refresh(campaign, rows)
    cells = defaultdict(list)
    for model, name in ((Score, "criterion__code"), (AdjustmentScore, "adjustment__code")):
        found = model.objects.filter(assessment__in=rows).order_by("assessment_id", name, "stage")
        for pk, code, stage, points, reason, typed_by, note in found.values_list(
            "assessment_id", name, "stage", "points", "reason", "typed_by_name", "note"
        ):
            said = [note] if note else []
            cells[pk].append([code, stage, None if points is None else str(points), reason, typed_by, *said])
    published = []
    for a in rows:
        payload = {
            "unit": a.unit_code, "name": a.unit_name, "kind": a.unit_kind, "subkind": a.unit_subkind,
            "level": a.managing_level, "commune": a.commune_name, "district": a.district_name, "path": a.path,
            "scheme": campaign.scheme.code, "version": campaign.version.digest, "year": campaign.year,
            "decision": decision.number, "decided_on": decision.decided_on.isoformat(), "signer": decision.signer,
            "on_behalf": a.on_behalf, "office_entry": a.office_entry, "retrospective": campaign.retrospective,
            "result": a.explanation, "answers": cells[a.pk],
        }  # fmt: skip
        published.append(
            PublishedResult(
                assessment=a, decision=decision, campaign=campaign, unit_id=a.unit_id, year=campaign.year,
                scheme_code=campaign.scheme.code, purpose=campaign.scheme.purpose, class_code=a.class_code,
                points=a.points, payload=payload, digest=canonical(payload),
            )
        )  # fmt: skip
    PublishedResult.objects.bulk_create(published, batch_size=1000)
    Assessment.objects.filter(pk__in=[a.pk for a in rows]).update(
        state=State.PUBLISHED, state_at=timezone.now(), decision=decision
    )
