"""Evidence, attestations, returns, extensions and opinions of a unit's year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from movement.accounts.access import can
from movement.audit.services import Act, record, record_many
from movement.core.dates import format_date
from movement.core.models import StoredFile
from movement.core.problems import Problem, Refused, constraint_problem

from ..ended import CLOSED
from ..enums import ORDER, Stage, State
from ..models import (
    AdjustmentScore,
    Assessment,
    Attestation,
    Campaign,
    Criterion,
    Evidence,
    Extension,
    Minutes,
    Opinion,
    Return,
    Score,
)
from .results import results_refresh


def _allowed(actor, action: str, a: Assessment) -> None:
    right = can(actor, action, a)
    if not right:
        raise Refused(Problem("not_allowed", right.sentence, value=a.unit_name))


def _locked(assessment_id: int) -> Assessment:
    return (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("campaign__version__scheme", "campaign__scheme")
        .get(pk=assessment_id)
    )


def _leaf(a: Assessment, code: str) -> Criterion:
    found = Criterion.objects.filter(version=a.campaign.version_id, is_leaf=True, code=code).first()
    if found is None:
        raise Refused(Problem("unknown_criterion", "Bộ tiêu chí không có mục chấm điểm mang mã này.", value=code))
    return found


def _not_published(a: Assessment) -> None:
    if a.closed_at:
        raise Refused(Problem("unit_ended", CLOSED, value=a.unit_name))
    if a.state == State.PUBLISHED:
        raise Refused(Problem("published", "Kết quả đã công bố nên hồ sơ không thay đổi được nữa.", value=a.unit_name))


def _made(model, **values):
    """Create a row; what a named constraint refuses becomes its sentence."""
    try:
        with transaction.atomic():
            return model.objects.create(**values)
    except IntegrityError as error:
        if problem := constraint_problem(error):
            raise Refused(problem) from error
        raise


def _who(actor) -> dict:
    return {"by": getattr(actor, "pk", None), "by_name": str(actor)[:200]}


@transaction.atomic
def evidence_add(
    *, assessment_id: int, code: str, file: StoredFile, actor, pages: str = "", note: str = ""
) -> Evidence:
    """Tie a stored file to a criterion, with the pages to read.

    Raises:
        Refused: ``not_allowed``, ``published``, ``unknown_criterion``, ``attestation_only`` (design §1:
            conduct, crime and discipline take attestations, never files), the file twice.
    """
    a = _locked(assessment_id)
    _allowed(actor, "classification.enter", a)
    _not_published(a)
    leaf = _leaf(a, code)
    if leaf.evidence == "attestation":
        raise Refused(
            Problem("attestation_only", "Tiêu chí này nhận văn bản xác nhận, không nhận tệp hồ sơ.", column=code)
        )
    evidence = _made(
        Evidence,
        assessment=a,
        criterion=leaf,
        file=file,
        pages=pages.strip()[:60],
        note=note.strip()[:300],
        **_who(actor),
    )
    record(
        actor,
        Act(
            "evidence.add", f"{a.unit_name}: gắn tệp “{file.original_name}” với tiêu chí {code}.",
            "classification.assessment", a.ulid, a.unit_id, after={"sha256": file.sha256, "pages": evidence.pages},
        ),
    )  # fmt: skip
    return evidence


@transaction.atomic
def evidence_withdraw(*, evidence: Evidence, actor) -> None:
    """Take a file off a criterion; the row stays, with who and when."""
    a = _locked(evidence.assessment_id)
    _allowed(actor, "classification.enter", a)
    _not_published(a)
    changed = Evidence.objects.filter(pk=evidence.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now(), withdrawn_by_name=str(actor)[:200]
    )
    if changed:
        record(
            actor,
            Act(
                "evidence.withdraw", f"{a.unit_name}: gỡ tệp “{evidence.file.original_name}” khỏi tiêu chí {evidence.criterion.code}.",
                "classification.assessment", a.ulid, a.unit_id,
            ),
        )  # fmt: skip


@transaction.atomic
def attestation_add(
    *, assessment_id: int, code: str, confirmed_by: str, dated_on: date, met: bool, actor, number: str = "",
    file: StoredFile | None = None,
) -> Attestation:  # fmt: skip
    """Record who confirms a criterion, by which paper, and whether it is met.

    Raises:
        Refused: ``not_allowed``, ``published``, ``unknown_criterion``, ``bad_date``, a second one.
    """
    a = _locked(assessment_id)
    _allowed(actor, "classification.enter", a)
    _not_published(a)
    leaf = _leaf(a, code)
    if dated_on > timezone.localdate():
        raise Refused(Problem("bad_date", "Ngày xác nhận không được ở tương lai.", value=format_date(dated_on)))
    row = _made(
        Attestation, assessment=a, criterion=leaf, confirmed_by=confirmed_by.strip()[:250], number=number.strip()[:80],
        dated_on=dated_on, met=met, file=file, **_who(actor),
    )  # fmt: skip
    record(
        actor,
        Act(
            "attestation.add",
            f"{a.unit_name}: {row.confirmed_by} xác nhận tiêu chí {code} {'đáp ứng' if met else 'không đáp ứng'}.",
            "classification.assessment", a.ulid, a.unit_id,
            after={"number": row.number, "dated_on": dated_on.isoformat(), "met": met},
        ),
    )  # fmt: skip
    return row


@transaction.atomic
def attestation_withdraw(*, attestation: Attestation, actor) -> None:
    """Take an attestation back; the row stays."""
    a = _locked(attestation.assessment_id)
    _allowed(actor, "classification.enter", a)
    _not_published(a)
    if Attestation.objects.filter(pk=attestation.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now(), withdrawn_by_name=str(actor)[:200]
    ):
        record(
            actor,
            Act(
                "attestation.withdraw", f"{a.unit_name}: rút xác nhận tiêu chí {attestation.criterion.code}.",
                "classification.assessment", a.ulid, a.unit_id,
            ),
        )  # fmt: skip


@transaction.atomic
def assessments_return(
    *,
    campaign: Campaign,
    ids: Iterable[int],
    reasons: dict[str, str],
    actor,
    whole: str = "",
    to: State = State.SELF_SCORED,
) -> list[Assessment]:
    """Send units back with reasons: ``whole`` for the dossier, ``reasons`` by criterion code.

    To ``self_scored`` the later points of what is returned are taken away, so that the new self-score
    counts; to ``submitted`` (from appraisal or decision back to the check) they stay.

    Raises:
        Refused: ``reason_missing``, ``wrong_step``, ``not_allowed``, ``unknown_criterion``; nothing is written.
    """
    whole, reasons = whole.strip(), {code: text.strip() for code, text in reasons.items()}
    if (not whole and not reasons) or any(not text for text in reasons.values()):
        raise Refused(Problem("reason_missing", "Trả lại phải ghi lý do."))
    if to not in (State.SELF_SCORED, State.SUBMITTED):
        raise Refused(Problem("wrong_step", "Chỉ trả lại về bước tự chấm hoặc bước kiểm tra.", value=to))
    rows = list(
        Assessment.objects.select_for_update(of=("self",)).filter(campaign=campaign, pk__in=list(ids)).order_by("pk")
    )
    leaves = {c.code: c for c in Criterion.objects.filter(version=campaign.version_id, is_leaf=True, code__in=reasons)}
    problems = [
        Problem("unknown_criterion", "Bộ tiêu chí không có mục chấm điểm mang mã này.", value=code)
        for code in reasons
        if code not in leaves
    ]
    for a in rows:
        a.campaign = campaign
        if a.state == State.PUBLISHED or ORDER.index(State(a.state)) <= ORDER.index(to):
            problems.append(
                Problem(
                    "wrong_step",
                    f"Hồ sơ đang ở bước “{a.get_state_display()}” nên không trả lại được.",
                    value=a.unit_name,
                )
            )
        elif not (right := can(actor, "classification.return", a)):
            problems.append(Problem("not_allowed", right.sentence, value=a.unit_name))
    if problems:
        raise Refused(problems)
    notes, acts = [], []
    for a in rows:
        for code, text in [(None, whole), *reasons.items()]:
            if text:
                notes.append(
                    Return(
                        assessment=a,
                        criterion=leaves.get(code),
                        from_state=a.state,
                        to_state=to,
                        reason=text,
                        **_who(actor),
                    )
                )
        said = "; ".join([*([whole] if whole else []), *(f"tiêu chí {c}: {t}" for c, t in reasons.items())])
        acts.append(
            Act(
                "assessment.return", f"{a.unit_name}: trả lại từ “{a.get_state_display()}” về “{to.label}”.",
                "classification.assessment", a.ulid, a.unit_id, before={"state": a.state}, after={"state": to}, reason=said,
            )
        )  # fmt: skip
    Return.objects.bulk_create(notes)
    if to == State.SELF_SCORED:
        later = {"assessment__in": rows, "stage__in": [Stage.CHECK, Stage.FINAL]}
        scores = Score.objects.filter(**later)
        (scores if whole else scores.filter(criterion__in=leaves.values())).delete()
        if whole:
            AdjustmentScore.objects.filter(**later).delete()
    Assessment.objects.filter(pk__in=[a.pk for a in rows]).update(
        state=to, state_at=timezone.now(), return_reason=whole or "Trả lại một số tiêu chí.", office_entry=False
    )
    results_refresh(campaign, rows)
    record_many(actor, acts)
    return rows


@transaction.atomic
def opinion_add(*, assessment_id: int, text: str, actor) -> Opinion:
    """A leader's or a managing body's opinion; it changes no points and no state."""
    a = _locked(assessment_id)
    right = can(actor, "classification.opinion", a)
    if not right:
        raise Refused(Problem("not_allowed", right.sentence, value=a.unit_name))
    if not text.strip():
        raise Refused(Problem("reason_missing", "Ý kiến không được để trống."))
    row = Opinion.objects.create(assessment=a, role=right.ground.role, text=text.strip(), **_who(actor))
    record(
        actor,
        Act(
            "assessment.opinion",
            f"{a.unit_name}: ghi ý kiến.",
            "classification.assessment",
            a.ulid,
            a.unit_id,
            reason=row.text,
        ),
    )
    return row


@transaction.atomic
def extension_give(*, campaign: Campaign, unit_ids: Iterable[int], until: date, reason: str, actor) -> list[Extension]:
    """Give units a deadline of their own, with a reason.

    Raises:
        Refused: ``reason_missing``, ``bad_date``, ``not_allowed``.
    """
    if not reason.strip():
        raise Refused(Problem("reason_missing", "Gia hạn phải ghi lý do."))
    if until < timezone.localdate():
        raise Refused(Problem("bad_date", "Thời hạn mới phải từ hôm nay trở đi.", value=format_date(until)))
    rows = list(campaign.assessments.filter(unit__in=list(unit_ids)))
    problems = []
    for a in rows:
        a.campaign = campaign
        if not (right := can(actor, "classification.extend", a)):
            problems.append(Problem("not_allowed", right.sentence, value=a.unit_name))
    if problems:
        raise Refused(problems)
    made = Extension.objects.bulk_create(
        [
            Extension(campaign=campaign, unit_id=a.unit_id, until=until, reason=reason.strip(), **_who(actor))
            for a in rows
        ],
        ignore_conflicts=True,
    )
    record_many(
        actor,
        [
            Act(
                "campaign.extend", f"{a.unit_name}: gia hạn đến hết ngày {format_date(until)}.",
                "classification.assessment", a.ulid, a.unit_id, after={"until": until.isoformat()}, reason=reason,
            )
            for a in rows
        ],
    )  # fmt: skip
    return made


@transaction.atomic
def minutes_add(
    *, assessment_ids: Iterable[int], file: StoredFile, subject: str, dated_on: date, actor, number: str = ""
) -> int:
    """Attach the scan of signed minutes to the units they cover; how many units."""
    if dated_on > timezone.localdate():
        raise Refused(Problem("bad_date", "Ngày họp không được ở tương lai.", value=format_date(dated_on)))
    action = "classification.enter" if subject == "entry" else "classification.decide"
    rows = list(Assessment.objects.filter(pk__in=list(assessment_ids)).select_related("campaign"))
    for a in rows:
        _not_published(a)
        _allowed(actor, action, a)
    Minutes.objects.bulk_create(
        [
            Minutes(
                assessment=a, file=file, subject=subject, number=number.strip()[:80], dated_on=dated_on, **_who(actor)
            )
            for a in rows
        ],
        ignore_conflicts=True,
    )
    record_many(
        actor,
        [
            Act(
                "minutes.add", f"{a.unit_name}: đính kèm biên bản{f' số {number.strip()}' if number else ''} ngày {format_date(dated_on)}.",
                "classification.assessment", a.ulid, a.unit_id, after={"sha256": file.sha256},
            )
            for a in rows
        ],
    )  # fmt: skip
    return len(rows)
