"""Who decides on what in the demonstration years, with number, date and signer.

Tracks as they were until 30/6/2025 (design §4): a commune's People's Committee decides on its
residential areas and commune-managed units, a district on its communes (standard) and on
district-managed units, the province on the rest. The signer is plainly invented.
"""

from dataclasses import dataclass
from datetime import date

from .dice import roll
from .plan import PROVINCE, DemoUnit, Plan

YEARS = (2022, 2023)
SIGNER = "Nguyễn Văn Minh Họa"

#: ``(scheme, purpose, kinds)`` in the order of publication: standards come before the classes that
#: require them, units on the ground before the commune whose recognition counts theirs.
CAMPAIGNS = (
    ("ATANTT-KDC-124", "standard", ("residential_area",)),
    ("ATANTT-CQ-124", "standard", ("agency", "enterprise")),
    ("ATANTT-GD-124", "standard", ("school",)),
    ("ATANTT-XA-124", "standard", ("commune",)),
    ("MH-KDC", "classification", ("residential_area",)),
    ("MH-CQDN", "classification", ("agency", "enterprise", "school")),
    ("MH-XA", "classification", ("commune",)),
    ("MH-HUYEN", "classification", ("district",)),
)

#: Month and day of signing, a working day in both years and after the end of the assessment period
#: (31/10 residential areas, 15/11 the others: Circular 124/2021/TT-BCA, Art. 8(2)).
_SIGNED = {
    ("ATANTT-KDC-124", "commune"): (11, 10),
    ("ATANTT-CQ-124", "commune"): (11, 16),
    ("ATANTT-CQ-124", "district"): (11, 17),
    ("ATANTT-CQ-124", "province"): (11, 17),
    ("ATANTT-GD-124", "commune"): (11, 16),
    ("ATANTT-GD-124", "district"): (11, 17),
    ("ATANTT-GD-124", "province"): (11, 17),
    ("ATANTT-XA-124", "district"): (11, 17),
    ("MH-KDC", "commune"): (11, 14),
    ("MH-CQDN", "commune"): (11, 24),
    ("MH-CQDN", "district"): (11, 28),
    ("MH-CQDN", "province"): (12, 8),
    ("MH-XA", "province"): (12, 8),
    ("MH-HUYEN", "province"): (12, 8),
}


@dataclass(frozen=True, slots=True)
class DemoDecision:
    """One authority's decision in one campaign; ``authority_code`` is read on ``date``."""

    scheme: str
    year: int
    authority_level: str
    authority_code: str
    number: str
    date: date
    signer: str


def authority_of(unit: DemoUnit, purpose: str) -> tuple[str, str]:
    """``(level, code)`` of the authority that decides on ``unit``."""
    level = unit.managing_level
    if unit.kind == "commune":
        level = "district" if purpose == "standard" else "province"
    return level, {"province": PROVINCE, "district": unit.district_code, "commune": unit.commune_code}[level]


def decisions_of(plan: Plan, year: int) -> list[DemoDecision]:
    """Every decision of ``year`` in the order of publication; a number is used once by an authority."""
    made = []
    for position, (scheme, purpose, kinds) in enumerate(CAMPAIGNS):
        authorities = sorted({authority_of(unit, purpose) for unit in plan.rated(kinds)})
        symbol = "QĐ-UBND" if purpose == "standard" else "QĐ-BCĐ"
        for level, code in authorities:
            # Steps of 3 from a start below 100: rising in the order of signing, never twice the same.
            number = 100 + roll(100, "number", code, year) + 3 * position
            signed = date(year, *_SIGNED[scheme, level])
            made.append(DemoDecision(scheme, year, level, code, f"{number}/{symbol}", signed, SIGNER))
    return made
