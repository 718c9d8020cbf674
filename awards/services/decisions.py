"""The decision behind entries: one number, one authority, one year."""

from __future__ import annotations

from datetime import date

from movement.core.dates import format_date
from movement.core.decisions import authority_key, decision_record
from movement.core.models import Decision
from movement.core.problems import Problem
from movement.core.text import nfc, norm

from ..enums import SUBJECT


def number_key(number: str) -> str:
    """As the database compares numbers (``movement.core.text.NumberKey``)."""
    return "".join(nfc(number).upper().split()).lstrip("0")


def decision_stored(
    *, number: str, year: int, authority_unit_id: int | None, authority_name: str, province_id: int
) -> Decision | None:
    key = authority_key(unit_id=authority_unit_id, name=authority_name, province_unit_id=province_id)
    return Decision.objects.filter(authority_key=key, number_key=number_key(number), year=year).first()


def decision_problem(stored: Decision, *, decided_on: date, signer: str) -> tuple[str, Problem] | None:
    """Why a stored decision is not the one meant: ``(column, problem)``, or ``None`` when it is."""
    if stored.subject != SUBJECT:
        sentence = f"Số này cơ quan đó đã dùng cho một quyết định khác, ngày {format_date(stored.decided_on)}."
        return "decision", Problem("core_decision_number_once", sentence, column="decision", value=stored.number)
    if stored.decided_on != decided_on:
        sentence = f"Quyết định số này của cơ quan đó trong năm đã được ghi với ngày {format_date(stored.decided_on)}."
        return "decided_on", Problem("decision_differs", sentence, column="decided_on", value=format_date(decided_on))
    if norm(stored.signer) != norm(signer):
        sentence = f"Quyết định số này của cơ quan đó trong năm đã được ghi với người ký {stored.signer}."
        return "signer", Problem("decision_differs", sentence, column="signer", value=signer)
    return None


def decision_for(
    *, number: str, decided_on: date, signer: str, authority_name: str, authority_unit_id: int | None,
    province_id: int, actor, signer_title: str = "",
) -> Decision:  # fmt: skip
    """Record the decision of these entries.

    Raises:
        Refused: as ``decision_record``.
    """
    return decision_record(
        number=number, decided_on=decided_on, signer=signer, signer_title=signer_title, authority_name=authority_name,
        authority_unit_id=authority_unit_id, province_unit_id=province_id, subject=SUBJECT, actor=actor,
    )  # fmt: skip
