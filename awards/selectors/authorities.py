"""Whose decision it is: from the name on the paper to the unit, read within the recipient's province."""

from __future__ import annotations

import re
from datetime import date

from movement.core.text import normalise_name
from units.enums import TERRITORIES, Kind
from units.models import UnitVersion

from ..enums import Authority

# What may stand before the name of a place: the office, then the organ. Words of "normalise_name".
_OFFICES = r"(?:(?:phó )?(?:chủ tịch|giám đốc|trưởng ban|trưởng công an)\s)?"
_ORGANS = r"(?:(?:ủy ban nhân dân|công an|ban chỉ đạo 138|ban chỉ đạo)\s)?"
_LEADING = re.compile(f"^{_OFFICES}{_ORGANS}")
_BARE = {"tỉnh": Kind.PROVINCE, "thành phố": Kind.PROVINCE}


class AuthorityNames:
    """Finds the unit that a decision's authority is; asked many times about few provinces and dates."""

    def __init__(self):
        self._places: dict[tuple[int, date], dict[str, list[UnitVersion]]] = {}

    def unit_of(self, name: str, province: UnitVersion, on: date) -> UnitVersion | None:
        """The province, district or commune behind "UBND tỉnh", "Chủ tịch UBND xã Vị Tân", …

        ``None`` for what is none of the province's places: the Ministry, the Government, an enterprise; and
        for a name that two places bear.
        """
        words = normalise_name(name)
        place = _LEADING.sub("", words)
        if place == words or not place:
            return None  # no organ of a place stands before it: an office of its own, or the ministry
        own = normalise_name(province.name)
        if place == own or (place in _BARE and own.startswith(place + " ")):
            return province
        found = self._named(province, on).get(place, [])
        return found[0] if len(found) == 1 else None

    def _named(self, province: UnitVersion, on: date) -> dict[str, list[UnitVersion]]:
        key = (province.unit_id, on)
        if key not in self._places:
            places: dict[str, list[UnitVersion]] = {}
            rows = UnitVersion.objects.filter(province=province.unit_id, valid__contains=on, kind__in=TERRITORIES)
            for row in rows:
                places.setdefault(normalise_name(row.name), []).append(row)
            self._places[key] = places
        return self._places[key]


def authority_name(level: str, place_name: str = "") -> str:
    """The usual name of who decides at a level, to be mended by whoever records the decision."""
    low = place_name[:1].lower() + place_name[1:]
    return {
        Authority.GOVERNMENT: "Thủ tướng Chính phủ",
        Authority.MINISTRY: "Bộ Công an",
        Authority.PROVINCE: f"Ủy ban nhân dân {low}",
        Authority.POLICE: f"Công an {low}",
        Authority.DISTRICT: f"Ủy ban nhân dân {low}",
        Authority.COMMUNE: f"Ủy ban nhân dân {low}",
    }.get(Authority(level), "")
