"""The ground and the units of the demonstration province: Hậu Giang, legacy code 93.

Districts and communes are real and come from the caller; five units are real because a published
news item names them (28/02/2024: the exemplars chosen for 2024). Everything else is plainly
invented ("Cơ quan minh họa 007"), and only the invented may carry a class below Khá (design §1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .dice import roll

PROVINCE = "93"
#: Convention of the divisions' data: what existed before 1/7/2025 counts as in force from 2000.
PLACES_FROM = date(2000, 1, 1)
UNITS_FROM = date(2020, 1, 1)

EXEMPLAR_COMMUNES = ("31338", "31486", "31441")
CULTURE_DEPARTMENT = "HG-CQ-SVHTTDL"
WATER_COMPANY = "HG-DN-CAPNUOC"
#: Chosen for 2024 out of the classes of 2023: these must come out eligible.
EXEMPLARS_2024 = (CULTURE_DEPARTMENT, WATER_COMPANY, *EXEMPLAR_COMMUNES)

THPT, THCS, COMMUNITY_CENTRE = "THPT", "THCS", "Trung tâm học tập cộng đồng"
_PER_PROVINCE = {"agency": 60, "enterprise": 60, "school": 30}
_PER_DISTRICT = {"agency": 14, "enterprise": 6, "school": 8}
_PER_COMMUNE = {"agency": 4, "enterprise": 2, "school": 1}
_PREFIX = {"agency": "CQ", "enterprise": "DN", "school": "GD"}
_SCHOOL = {
    "province": (THPT, "Trường THPT minh họa"),
    "district": (THCS, "Trường THCS minh họa"),
    "commune": (COMMUNITY_CENTRE, "Trung tâm học tập cộng đồng minh họa"),
}


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """A unit, or a place that is itself rated (district, commune).

    The first seven fields are columns of ``import_units``. ``real`` marks what exists by that name.
    """

    code: str
    name: str
    kind: str
    subkind: str
    commune_code: str
    managing_level: str
    valid_from: date
    district_code: str
    real: bool = False

    def row(self) -> dict[str, str]:
        """As a line of an ``import_units`` file."""
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "subkind": self.subkind,
            "commune_code": self.commune_code,
            "managing_level": self.managing_level,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": "",
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """``places`` are the districts and communes (loaded from the divisions), ``units`` are to be imported."""

    places: tuple[DemoUnit, ...]
    units: tuple[DemoUnit, ...]

    def rated(self, kinds: Iterable[str]) -> list[DemoUnit]:
        """Everything of these kinds, in the order of the plan."""
        wanted = set(kinds)
        return [unit for unit in (*self.places, *self.units) if unit.kind in wanted]


def build(communes: Iterable[tuple[str, str, str, str, str]]) -> Plan:
    """The plan over ``[(district_code, district, ward_code, ward, ward_type)]``."""
    ground = sorted(communes, key=lambda row: (row[0], row[2]))
    return Plan(places=tuple(_places(ground)), units=tuple(_units(ground)))


def _places(ground) -> list[DemoUnit]:
    districts = {row[0]: row[1] for row in ground}
    places = [
        DemoUnit(code, name, "district", name.partition(" ")[0], "", "province", PLACES_FROM, code, real=True)
        for code, name in districts.items()
    ]
    for district_code, _, code, name, ward_type in ground:
        places.append(DemoUnit(code, name, "commune", ward_type, code, "district", PLACES_FROM, district_code, True))
    return places


def _units(ground) -> list[DemoUnit]:
    units = [*_seed_units(ground)]
    for district_code, _, code, _, ward_type in ground:
        units.extend(_residential_areas(district_code, code, ward_type))
    # One running number per kind and name over the province, so that no two workplaces share a name.
    count: dict[str, int] = {}
    for kind, prefix in _PREFIX.items():
        for level, place in _workplace_seats(ground, kind):
            subkind, stem = _stem(kind, level)
            count[stem] = count.get(stem, 0) + 1
            count[prefix] = count.get(prefix, 0) + 1
            units.append(
                DemoUnit(
                    code=f"HG-{prefix}-{count[prefix]:03}",
                    name=f"{stem} {count[stem]:03}",
                    kind=kind,
                    subkind=subkind,
                    commune_code=place[2],
                    managing_level=level,
                    valid_from=UNITS_FROM,
                    district_code=place[0],
                )
            )
    return units


def _seed_units(ground) -> list[DemoUnit]:
    """The named agency and company. Their ward was not read: they are put into the first one of the seat."""
    seat_district = next(row[0] for row in ground if row[2] == EXEMPLAR_COMMUNES[0])
    seat = next(row for row in ground if row[0] == seat_district and row[4] == "Phường")
    named = [
        (CULTURE_DEPARTMENT, "Sở Văn hóa, Thể thao và Du lịch", "agency"),
        (WATER_COMPANY, "Công ty Cổ phần Cấp nước và Vệ sinh môi trường nông thôn Hậu Giang", "enterprise"),
    ]
    return [
        DemoUnit(code, name, kind, "", seat[2], "province", UNITS_FROM, seat[0], real=True)
        for code, name, kind in named
    ]


def _residential_areas(district_code: str, commune_code: str, ward_type: str) -> list[DemoUnit]:
    word = "Khu vực" if ward_type == "Phường" else "Ấp"
    return [
        DemoUnit(
            code=f"HG-KDC-{commune_code}-{number:02}",
            name=f"{word} minh họa {number:02}",
            kind="residential_area",
            subkind=word,
            commune_code=commune_code,
            managing_level="commune",
            valid_from=UNITS_FROM,
            district_code=district_code,
        )
        for number in range(1, 7 + roll(3, "areas", commune_code))
    ]


def _workplace_seats(ground, kind: str):
    """``(managing_level, row of the commune)`` for every invented workplace of ``kind``."""
    for number in range(_PER_PROVINCE[kind]):
        yield "province", ground[roll(len(ground), "seat", kind, "province", number)]
    for district_code in sorted({row[0] for row in ground}):
        inside = [row for row in ground if row[0] == district_code]
        for number in range(_PER_DISTRICT[kind]):
            yield "district", inside[roll(len(inside), "seat", kind, district_code, number)]
    for row in ground:
        for _ in range(_PER_COMMUNE[kind]):
            yield "commune", row


def _stem(kind: str, level: str) -> tuple[str, str]:
    if kind == "school":
        return _SCHOOL[level]
    return "", "Cơ quan minh họa" if kind == "agency" else "Doanh nghiệp minh họa"
