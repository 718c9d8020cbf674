"""Commendations: lines of an import, entries of the register, rounds with nominations."""

from datetime import date
from itertools import count

from awards.models import Award
from awards.services import Proposal, decision_import, nominations_add, round_create

SIGNER = "Nguyễn Văn Minh Họa"
YEAR = (date(2023, 1, 1), date(2023, 12, 31))
_numbers = count(1)


def line(unit="", **cells):
    """The cells of one good line: a certificate of the province for a collective. ``unit`` is a version or a code."""
    return {
        "decision": "13/QĐ-UBND", "decided_on": "2024-01-15", "authority": "UBND tỉnh", "signer": SIGNER,
        "form": "bang_khen_tinh", "recipient_kind": "collective", "unit_code": getattr(unit, "code", unit),
        "unit_name": "", "person_name": "", "position": "", "achieved_from": "2023-01-01",
        "achieved_to": "2023-12-31", "citation": "Thành tích minh họa", **cells,
    }  # fmt: skip


def person(unit="", **cells):
    """The same for an individual."""
    number = next(_numbers)
    return line(
        unit,
        **{
            "recipient_kind": "individual",
            "person_name": f"Người minh họa {number}",
            "position": "Chức vụ minh họa",
            **cells,
        },
    )


def given(*rows, province="") -> list[Award]:
    """Entries of the register, as an import makes them; in the order of ``rows``."""
    return decision_import(rows, actor="kiểm tra", province=province).awards


def award(unit, **cells) -> Award:
    """One entry of a decision of its own."""
    cells = {"decision": f"K{next(_numbers)}/QĐ-UBND", **cells}
    make = line if cells.get("recipient_kind", "collective") == "collective" else person
    return given(make(unit, **cells))[0]


def ring(authority, *, actor="kiểm tra", period=YEAR, title=None):
    """An open round of the unit of ``authority`` (a version)."""
    title = title or f"Đợt khen thưởng minh họa {next(_numbers)}"
    return round_create(authority=authority.unit, title=title, first_day=period[0], last_day=period[1], actor=actor)


def proposal(unit=None, **facts) -> Proposal:
    """A certificate of the province for the unit of ``unit`` (a version)."""
    facts = {"recipient_kind": "collective", "form": "bang_khen_tinh", "citation": "Thành tích minh họa", **facts}
    return Proposal(unit_id=unit and unit.unit_id, **facts)


def nominated(a_round, *proposals, actor="kiểm tra"):
    return nominations_add(round_id=a_round.pk, proposals=proposals, actor=actor)
