"""Signed decisions: one number, one authority, one year."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from movement.audit.services import Act, record

from .dates import today
from .models import Decision, StoredFile
from .problems import Problem, Refused, constraint_problem
from .text import nfc, normalise_name


def authority_key(*, unit_id: int | None, name: str, province_unit_id: int | None) -> str:
    """The authority as compared: its unit, whatever it is called; a name alone is read within its province.

    The organs of one unit (committee, People's Committee, police) are told apart by the symbol in the number.
    """
    return f"u{unit_id}" if unit_id else f"p{province_unit_id or ''}:{normalise_name(name)}"


@transaction.atomic
def decision_record(
    *,
    number: str,
    decided_on: date,
    signer: str,
    authority_name: str,
    subject: str,
    actor,
    signer_title: str = "",
    authority_unit_id: int | None = None,
    province_unit_id: int | None = None,
    document: StoredFile | None = None,
) -> Decision:
    """Record a decision from the signed paper.

    Raises:
        Refused: the authority used the number in that year (``core_decision_number_once``), a part is
            missing, or the date lies ahead.
    """
    number, signer, authority_name = (nfc(text).strip() for text in (number, signer, authority_name))
    problems = [
        Problem(f"{field}_missing", sentence, column=field)
        for field, value, sentence in (
            ("decision", number, "Thiếu số, ký hiệu của quyết định."),
            ("signer", signer, "Thiếu người ký quyết định."),
            ("authority", authority_name, "Thiếu cơ quan ban hành quyết định."),
        )
        if not value
    ]
    if decided_on > today():
        problems.append(Problem("date_ahead", "Ngày ký quyết định ở tương lai.", column="date", value=decided_on))
    if problems:
        raise Refused(problems)
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                number=number,
                decided_on=decided_on,
                signer=signer,
                signer_title=nfc(signer_title).strip(),
                authority_unit_id=authority_unit_id,
                authority_name=authority_name,
                authority_key=authority_key(
                    unit_id=authority_unit_id, name=authority_name, province_unit_id=province_unit_id
                ),
                province_unit_id=province_unit_id,
                subject=subject,
                document=document,
                created_by_id=getattr(actor, "pk", None),
                created_by_name=str(getattr(actor, "name", "") or actor),
            )
    except IntegrityError as error:
        problem = constraint_problem(error)
        if problem is None:
            raise
        raise Refused(Problem(problem.code, problem.message, column="decision", value=number)) from error
    record(
        actor,
        Act(
            "decision.record",
            f"Ghi Quyết định số {decision} của {authority_name}, người ký {signer}.",
            "core.decision",
            decision.ulid,
            authority_unit_id,
            after={"number": number, "decided_on": f"{decided_on}", "signer": signer, "authority": authority_name},
        ),
    )
    return decision
