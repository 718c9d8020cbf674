"""The open year of the demonstration: Cần Thơ (code 92 since 1/7/2025), 2026, with units at every step. Pure.

The ground is what became of Hậu Giang's: its invented units stand below the communes of today. The communes are
real and so never late, never returned, never below Khá; those states go to the invented units alone (design §1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from .answers import leaves_of
from .plan import CULTURE_DEPARTMENT, WATER_COMPANY, DemoUnit

PROVINCE_NOW, OPEN_YEAR = "92", 2026
PLACES_NOW_FROM = date(2025, 7, 1)
#: The communes that are well into their year: Vị Thủy, where the commune's accounts are, and three more.
HOME_COMMUNE = "31441"
ACTIVE_COMMUNES = (HOME_COMMUNE, "31333", "31340", "31471")
#: A school with an account of its own; it was sent back with reasons.
SCHOOL_OF_REP = "HG-GD-001"
#: An invented office that manages schools directly, and the schools that it manages.
MANAGING_BODY, MANAGED = "CT-CQ-QL", tuple(f"HG-GD-{number:03}" for number in range(1, 9))

#: ``(scheme, purpose, {kind: days from today to the day before which it is to be signed})`` in the order of the year.
#: Fifteen days before that day the self-score is due: the schools' is past, so those not scored yet are late.
OPEN_CAMPAIGNS = (
    ("ATANTT-XA-124", "standard", {"commune": 24}),
    ("MH-KDC", "classification", {"residential_area": 20}),
    ("MH-CQDN", "classification", {"agency": 24, "enterprise": 24, "school": 13}),
    ("MH-XA", "classification", {"commune": 30}),
)
#: A year entered afterwards, for those who still have districts' units to enter.
RETROSPECTIVE = ("ATANTT-GD-124", 2022)

REGISTERED, DRAFT, SELF_SCORED, SUBMITTED, RETURNED = "registered", "draft", "self_scored", "submitted", "returned"
CHECKED, APPRAISED, DECIDED, PUBLISHED = "checked", "appraised", "decided", "published"
#: By how far a unit has come; ``draft`` and ``returned`` are states of the demonstration only.
RANK = {
    REGISTERED: 0, DRAFT: 0, SELF_SCORED: 1, RETURNED: 2, SUBMITTED: 2, CHECKED: 3, APPRAISED: 4, DECIDED: 5, PUBLISHED: 6,
}  # fmt: skip
_INVENTED = (
    REGISTERED, PUBLISHED, SUBMITTED, CHECKED, APPRAISED, DRAFT, DECIDED, RETURNED, SELF_SCORED, SUBMITTED, PUBLISHED,
    APPRAISED, SUBMITTED, CHECKED, DECIDED, PUBLISHED, APPRAISED, SUBMITTED, PUBLISHED, SELF_SCORED,
)  # fmt: skip
_SCHOOLS = (SUBMITTED, CHECKED, PUBLISHED, SUBMITTED, APPRAISED, PUBLISHED, RETURNED, CHECKED, SUBMITTED, DECIDED) * 2
_SCHOOLS = (*_SCHOOLS[:4], REGISTERED, *_SCHOOLS[5:13], DRAFT, *_SCHOOLS[14:])
_COMMUNES = (REGISTERED, SUBMITTED, CHECKED, APPRAISED, DECIDED, PUBLISHED, REGISTERED, SELF_SCORED, REGISTERED, DRAFT)
_AT_PROVINCE = 80  # of the offices and enterprises that the province decides on, how many are under way
_FIXED = {
    ("ATANTT-XA-124", HOME_COMMUNE): DRAFT,
    ("MH-XA", HOME_COMMUNE): SELF_SCORED,
    ("MH-CQDN", SCHOOL_OF_REP): RETURNED,
    ("MH-CQDN", CULTURE_DEPARTMENT): APPRAISED,
    ("MH-CQDN", WATER_COMPANY): DECIDED,
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A unit as it stands in the open year: its answers' key, the commune of today, who decides on it."""

    unit: DemoUnit
    code: str
    kind: str
    commune_code: str
    by_commune: bool


def commune_of_today(code: str, name: str, subkind: str) -> DemoUnit:
    """A commune as the answers take it. Its key differs from that of the predecessor that bore the code."""
    return DemoUnit(
        f"{PROVINCE_NOW}-{code}", name, "commune", subkind, code, "province", PLACES_NOW_FROM, "", real=True
    )


def steps_of(scheme: str, units: Iterable[Placed]) -> dict[str, str]:
    """``{code: how far}`` of every unit of one campaign, the same every time."""
    ordered = sorted(units, key=lambda one: one.code)
    found: dict[str, str] = {}
    turn: dict[tuple, int] = defaultdict(int)
    for one in ordered:
        if (scheme, one.code) in _FIXED:
            found[one.code] = _FIXED[scheme, one.code]
            continue
        pattern, key = _pattern(one)
        at = turn[key]
        turn[key] += 1
        under_way = key[0] != "province" or at < _AT_PROVINCE
        found[one.code] = pattern[at % len(pattern)] if pattern and under_way else REGISTERED
    return found


def _pattern(one: Placed) -> tuple[tuple[str, ...], tuple]:
    if one.kind == "commune":
        return _COMMUNES, ("communes",)
    if one.kind == "school":
        return _SCHOOLS, ("schools", "")
    if not one.by_commune:
        return _INVENTED, ("province", "")
    return (_INVENTED if one.commune_code in ACTIVE_COMMUNES else ()), ("commune", one.commune_code)


def draft_office(units: Iterable[Placed], steps: dict[str, str]) -> str:
    """The code of an office of the home commune that is half scored: whose account shows what is still missing."""
    found = [
        one.code
        for one in units
        if one.commune_code == HOME_COMMUNE and one.by_commune and one.kind == "agency" and steps[one.code] == DRAFT
    ]
    return min(found)


def deadlines_from(today: date, days: dict[str, int]) -> dict[str, str]:
    """``{unit kind: ISO date}`` as a campaign keeps them; counted from today so that the year never goes stale."""
    return {kind: (today + timedelta(days=n)).isoformat() for kind, n in days.items()}


def managing_body_row() -> dict[str, str]:
    """The managing body as a line of an ``import_units`` file."""
    row = dict.fromkeys(("subkind", "valid_to"), "")
    return row | {
        "code": MANAGING_BODY, "name": "Cơ quan quản lý ngành minh họa", "kind": "agency", "commune_code": "31321",
        "managing_level": "province", "valid_from": PLACES_NOW_FROM.isoformat(),
    }  # fmt: skip


def half_of(answers: dict, scheme: dict) -> dict:
    """The first half of a unit's answers in the order of the scheme: what a draft holds."""
    codes = [leaf["code"] for leaf in leaves_of(scheme)]
    return {code: answers[code] for code in codes[: len(codes) // 2]}
