"""Deadlines and assessment periods that were read in the regulations; what was not read is absent.

A deadline is the day *before* which the result is to be signed. Sources: Circular 124/2021/TT-BCA,
Article 8.2 (periods) and Articles 9, 10 (deadlines); Decision 510/QĐ-BCA-V05, Article 11.3.
"""

from datetime import date

from units.enums import Kind

_DEADLINES = {
    "standard": {Kind.RESIDENTIAL_AREA: (11, 15), "other": (11, 20)},
    "classification": {Kind.RESIDENTIAL_AREA: (11, 20), "other": (11, 30), Kind.DISTRICT: (12, 15)},
}
_PERIODS = {"standard": {Kind.RESIDENTIAL_AREA: ((11, 1), (10, 31)), "other": ((11, 16), (11, 15))}}


def deadlines(purpose: str, year: int, kinds: list[str]) -> dict[str, str]:
    """``{unit kind: ISO date}``."""
    known = _DEADLINES.get(purpose, {})
    return {kind: date(year, *known.get(kind, known["other"])).isoformat() for kind in kinds if known}


def periods(purpose: str, year: int, kinds: list[str]) -> dict[str, list[str]]:
    """``{unit kind: [first day, last day]}``; the period begins in the year before."""
    known = _PERIODS.get(purpose, {})
    result = {}
    for kind in kinds:
        if known:
            first, last = known.get(kind, known["other"])
            result[kind] = [date(year - 1, *first).isoformat(), date(year, *last).isoformat()]
    return result
