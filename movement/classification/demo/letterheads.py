"""Letterheads of the demonstration province's authorities: what NĐ 30/2020/NĐ-CP prints at the top and the end.

"Ban Chỉ đạo 138 tỉnh" is the name the news item of 28/02/2024 uses; the signer is plainly invented.
"""

from dataclasses import dataclass
from datetime import date

from .decisions import SIGNER
from .open_year import PLACES_NOW_FROM, PROVINCE_NOW
from .plan import PLACES_FROM, PROVINCE, DemoUnit, Plan


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Field for field what ``units.AuthoritySettings`` holds; ``authority_code`` is read on ``valid_from``."""

    authority_code: str
    valid_from: date
    superior_name: str
    committee_name: str
    committee_abbreviation: str
    report_symbol: str
    decision_symbol: str
    standing_office: str
    place_name: str
    signer_authority: str
    signer_title: str
    signer_name: str
    recipients: str


def letterheads_of(plan: Plan) -> list[Letterhead]:
    """One for the province, each district and each commune, in this order."""
    return [_province(), *(_place(place, plan) for place in plan.places)]


def letterhead_now(code: str, name: str) -> Letterhead:
    """Of an authority since 1/7/2025: the open year's province, or one of its communes."""
    lowered = f"{name[:1].lower()}{name[1:]}"
    whole = code == PROVINCE_NOW
    return Letterhead(
        authority_code=code,
        valid_from=PLACES_NOW_FROM,
        superior_name=f"Ủy ban nhân dân {lowered}",
        committee_name=f"Ban Chỉ đạo 138 {'thành phố' if whole else lowered}",
        committee_abbreviation="BCĐ",
        report_symbol="BC-BCĐ",
        decision_symbol="QĐ-BCĐ",
        standing_office="Công an thành phố" if whole else "Công an cấp xã",
        place_name=_bare(name),
        signer_authority="TM. BAN CHỈ ĐẠO",
        signer_title="Trưởng ban",
        signer_name=SIGNER,
        recipients="Thành viên Ban Chỉ đạo;\nCác khu dân cư, đơn vị;\nLưu: VT.",
    )


def _province() -> Letterhead:
    return Letterhead(
        authority_code=PROVINCE,
        valid_from=PLACES_FROM,
        superior_name="Ủy ban nhân dân tỉnh Hậu Giang",
        committee_name="Ban Chỉ đạo 138 tỉnh",
        committee_abbreviation="BCĐ",
        report_symbol="BC-BCĐ",
        decision_symbol="QĐ-BCĐ",
        standing_office="Công an tỉnh",
        place_name="Hậu Giang",
        signer_authority="TM. BAN CHỈ ĐẠO",
        signer_title="Trưởng ban",
        signer_name=SIGNER,
        recipients="Bộ Công an (để báo cáo);\nThường trực Tỉnh ủy, UBND tỉnh (để báo cáo);\n"
        "Thành viên Ban Chỉ đạo 138 tỉnh;\nUBND các huyện, thị xã, thành phố;\nLưu: VT.",
    )


def _place(place: DemoUnit, plan: Plan) -> Letterhead:
    lowered = place.name[:1].lower() + place.name[1:]
    if place.kind == "district":
        above, police = "tỉnh Hậu Giang", "Công an cấp huyện"
        recipients = "Ban Chỉ đạo 138 tỉnh;\nThành viên Ban Chỉ đạo;\nUBND các xã, phường, thị trấn;\nLưu: VT."
    else:
        district = next(p.name for p in plan.places if p.kind == "district" and p.code == place.district_code)
        above, police = district[:1].lower() + district[1:], "Công an cấp xã"
        recipients = "Ban Chỉ đạo cấp huyện;\nThành viên Ban Chỉ đạo;\nCác khu dân cư, đơn vị;\nLưu: VT."
    return Letterhead(
        authority_code=place.code,
        valid_from=PLACES_FROM,
        superior_name=f"Ủy ban nhân dân {lowered}",
        committee_name=f"Ban Chỉ đạo 138 {lowered}, {above}",
        committee_abbreviation="BCĐ",
        report_symbol="BC-BCĐ",
        decision_symbol="QĐ-BCĐ",
        standing_office=police,
        place_name=_bare(place.name),
        signer_authority="TM. BAN CHỈ ĐẠO",
        signer_title="Trưởng ban",
        signer_name=SIGNER,
        recipients=recipients,
    )


def _bare(name: str) -> str:
    """Documents are dated at "Nàng Mau", not at "Thị trấn Nàng Mau"; a ward with a number keeps its word."""
    for word in ("Thành phố ", "Thị xã ", "Huyện ", "Thị trấn ", "Phường ", "Xã "):
        rest = name.removeprefix(word)
        if rest != name:
            return name if set(rest) <= set("IVX") else rest
    return name
