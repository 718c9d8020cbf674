"""The commendations of the demonstration: the size of a published year, every recipient plainly invented.

2 flags of the province and 10 certificates of the Ministry for one year, 8 collectives and 12 individuals
with certificates of the province for two years (a year-end conference published in 2020). Pure, no database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

SIGNER = "Nguyễn Văn Minh Họa"
CITATION = "Đã có thành tích xuất sắc trong phong trào Toàn dân bảo vệ an ninh Tổ quốc (minh họa)"
ONE_YEAR, TWO_YEARS = ("2023-01-01", "2023-12-31"), ("2022-01-01", "2023-12-31")
PROVINCE, MINISTRY = "UBND tỉnh", "Bộ Công an"


def award_rows(codes: Sequence[str]) -> Iterator[dict]:
    """Rows of ``import_awards``; ``codes`` are invented units of a high class, at least 20 of them."""
    if len(codes) < 20:
        raise ValueError("at least 20 units are needed")
    yield from (_row("118/QĐ-UBND", "2024-01-25", PROVINCE, "co_tinh", code, ONE_YEAR) for code in codes[:2])
    yield from (_row("412/QĐ-BCA", "2024-01-22", MINISTRY, "bang_khen_bo", code, ONE_YEAR) for code in codes[2:12])
    merit = ("119/QĐ-UBND", "2024-01-25", PROVINCE, "bang_khen_tinh")
    yield from (_row(*merit, code, TWO_YEARS) for code in codes[12:20])
    for number in range(1, 13):
        code = codes[number % len(codes)]
        yield _row(*merit, code, TWO_YEARS, person=f"Người minh họa {number:02}", position="Chức vụ minh họa")


def _row(decision, day, authority, form, code, period, *, person="", position="") -> dict:
    return {
        "decision": decision,
        "decided_on": day,
        "authority": authority,
        "signer": SIGNER,
        "form": form,
        "recipient_kind": "individual" if person else "collective",
        "unit_code": code,
        "unit_name": "",
        "person_name": person,
        "position": position,
        "achieved_from": period[0],
        "achieved_to": period[1],
        "citation": CITATION,
    }


# --- the open year: rounds whose decisions are still to be made -----------------------------------------------
@dataclass(frozen=True, slots=True)
class DemoRound:
    """A round to open; ``collectives`` and ``persons`` are forms of those to be nominated, in order."""

    title: str
    collectives: tuple[str, ...]
    persons: tuple[str, ...]


PROVINCE_ROUND = DemoRound(
    "Khen thưởng phong trào Toàn dân bảo vệ an ninh Tổ quốc năm 2026 (minh họa)",
    ("co_tinh", "bang_khen_tinh", "bang_khen_tinh", "bang_khen_bo", "giay_khen_cong_an_tinh", "giay_khen_cong_an_tinh"),
    ("bang_khen_tinh", "giay_khen_cong_an_tinh", "giay_khen_cong_an_tinh"),
)
COMMUNE_ROUND = DemoRound("Khen thưởng năm 2026 (minh họa)", ("giay_khen_xa",) * 3, ("giay_khen_xa",) * 2)


def round_period(today: date) -> tuple[date, date]:
    """The achievement period of the open rounds, both days included; it never lies ahead."""
    last = min(today, date(2026, 12, 31))
    return date(last.year, 1, 1), last
