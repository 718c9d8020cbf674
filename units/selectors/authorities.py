"""Who decides on a unit, and what stands on that authority's letterhead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..enums import TERRITORIES, Kind, Level
from ..models import AuthoritySettings, Unit, UnitVersion
from .versions import last_version, version_on, versions_of

# A ministry's units are looked after by the province on whose ground they lie.
_AUTHORITY_KIND = {
    Level.PROVINCE: Kind.PROVINCE,
    Level.MINISTRY: Kind.PROVINCE,
    Level.DISTRICT: Kind.DISTRICT,
    Level.COMMUNE: Kind.COMMUNE,
}
# The words a place's name begins with; the longer first.
_PLACE_WORDS = ("thành phố", "thị trấn", "thị xã", "đặc khu", "tỉnh", "quận", "huyện", "phường", "xã")
# NĐ 30/2020/NĐ-CP, Phụ lục I: a place named after a person, a number or an event keeps its full name.
_NAMED_AFTER_A_PERSON = {"hồ chí minh"}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The settings of an authority, stored or derived from its name; ``stored`` tells which.

    What cannot be derived stays empty: a signer, a recipient or a standing office is never invented.
    """

    unit_id: int
    superior_name: str
    committee_name: str
    committee_abbreviation: str
    report_symbol: str
    decision_symbol: str
    place_name: str
    standing_office: str = ""
    signer_authority: str = ""
    signer_title: str = ""
    signer_name: str = ""
    recipients: str = ""
    stored: bool = False


def authority_settings(unit: Unit | int, on: date) -> Letterhead:
    """What a letterhead of this authority needs on a date.

    Stored settings win; without them the committee's usual name stands under the People's Committee
    of the place, named as it was on that date.
    """
    found = AuthoritySettings.objects.filter(unit=unit, valid__contains=on).first()
    if found:
        fields = [name for name in Letterhead.__dataclass_fields__ if name not in ("unit_id", "stored")]
        return Letterhead(unit_id=found.unit_id, stored=True, **{name: getattr(found, name) for name in fields})
    version = version_on(unit, on) or last_version(unit)
    name = version.name if version else ""
    return Letterhead(
        unit_id=getattr(unit, "pk", unit),
        superior_name=f"Ủy ban nhân dân {name}".strip().upper(),
        committee_name="BAN CHỈ ĐẠO 138",
        committee_abbreviation="BCĐ",
        report_symbol="BC-BCĐ",
        decision_symbol="QĐ-BCĐ",
        place_name=place_name(name),
    )


def place_name(name: str) -> str:
    """The place as it stands before a date: "Hậu Giang", but "Thành phố Hồ Chí Minh" and "Phường 5"."""
    low = name.lower()
    for word in _PLACE_WORDS:
        if low.startswith(word + " "):
            bare = name[len(word) :].strip()
            keeps_all = bare.lower() in _NAMED_AFTER_A_PERSON or not bare or bare[0].isdigit()
            return name if keeps_all else bare
    return name


def authority_of(version_path: str, level: str, on: date) -> UnitVersion | None:
    """The province, district or commune that decides on what lies at ``version_path``.

    ``None`` when there is none on that date: a unit not placed, or level *district* after 30/6/2025.
    """
    return authorities_of([(version_path, level)], on)[version_path, level]


def authorities_of(places: Iterable[tuple[str, str]], on: date) -> dict[tuple[str, str], UnitVersion | None]:
    """``{(path, level): authority's version}`` in one query for any number of places."""
    places = set(places)
    ids = {int(part) for path, _ in places for part in path.strip("/").split("/")}
    above = {pk: v for pk, v in versions_of(ids, on).items() if v.kind in TERRITORIES}
    found = {}
    for path, level in places:
        wanted = _AUTHORITY_KIND[Level(level)]
        chain = [above.get(int(part)) for part in path.strip("/").split("/")]
        found[path, level] = next((v for v in chain if v and v.kind == wanted), None)
    return found
