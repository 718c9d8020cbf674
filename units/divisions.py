"""The real divisions of Viet Nam, before and after 1 July 2025, as the shipped files tell them.

Official codes are reused (3,316 of 3,321 current commune codes were a predecessor's) and names recur,
so a division is known by its system, its kind and its code together, and by nothing less.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from .enums import Kind, Share

DATA = Path(__file__).parent / "data" / "divisions"
LEGACY_FROM = date(2000, 1, 1)  # a convention: the files do not tell earlier reforms
REFORM = date(2025, 7, 1)
LEGACY_LAST = date(2025, 6, 30)

# The longer first: "Thị xã" before "Xã".
_TYPES = ("Thành phố", "Thị trấn", "Thị xã", "Đặc khu", "Tỉnh", "Quận", "Huyện", "Phường", "Xã")

Key = tuple[str, str]  # kind, official code


@dataclass(frozen=True, slots=True)
class Division:
    """One division of one system; ``parent`` is the division above it in the same system."""

    kind: str
    code: str
    name: str
    subkind: str
    parent: Key | None
    province: str

    @property
    def key(self) -> Key:
        return self.kind, self.code


@dataclass(frozen=True, slots=True)
class Tie:
    """A legacy division and the current one it went into; a district stands for itself where it had no communes."""

    old: Key
    new: Key
    share: str
    is_main: bool


@dataclass(frozen=True, slots=True)
class Divisions:
    """Both systems and what ties them."""

    legacy: dict[Key, Division]
    current: dict[Key, Division]
    ties: tuple[Tie, ...]
    predecessors: dict[Key, int]  # how many, by current key
    continued: dict[Key, Key]  # current → legacy, of those that are one and the same unit

    def whole(self, code: str) -> set[str]:
        """Legacy provinces that the current province ``code`` was made of."""
        return {t.old[1] for t in self.ties if t.new == (Kind.PROVINCE, code)}


@cache
def divisions() -> Divisions:
    """The shipped files, read once a process."""
    legacy: dict[Key, Division] = {}
    for row in _rows("legacy-63.csv"):
        province, district = row["province_code"], row["district_code"]
        _add(legacy, Kind.PROVINCE, province, row["province"], None, province)
        _add(legacy, Kind.DISTRICT, district, row["district"], Kind.PROVINCE, province)
        if row["ward_code"]:
            _add(
                legacy, Kind.COMMUNE, row["ward_code"], row["ward"], Kind.DISTRICT, province, district, row["ward_type"]
            )
    current: dict[Key, Division] = {}
    for row in _rows("current-34.csv"):
        province = row["province_code"]
        _add(current, Kind.PROVINCE, province, row["province"], None, province)
        _add(current, Kind.COMMUNE, row["ward_code"], row["ward"], Kind.PROVINCE, province, given=row["ward_type"])
    ties = tuple(_ties())
    before, after = Counter(tie.new for tie in ties), Counter(tie.old for tie in ties)
    continued = {
        tie.new: tie.old
        for tie in ties
        if tie.share == Share.WHOLE and before[tie.new] == after[tie.old] == 1 and tie.new[0] == tie.old[0]
    }
    return Divisions(legacy, current, ties, dict(before), continued)


def _rows(name: str) -> Iterable[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _add(found, kind: Kind, code: str, name: str, above: Kind | None, province: str, district="", given="") -> None:
    key = (kind.value, code)
    if key not in found:
        parent = above and (above.value, district or province)
        found[key] = Division(kind.value, code, name, subkind_of(name, given), parent, province)


def subkind_of(name: str, given: str = "") -> str:
    """The word the name begins with ("Thị trấn"), for the files' own type is wrong in a few rows; else ``given``."""
    low = name.lower()
    return next((word for word in _TYPES if low.startswith(word.lower() + " ")), given)


def _ties() -> Iterable[Tie]:
    province, district, commune = Kind.PROVINCE.value, Kind.DISTRICT.value, Kind.COMMUNE.value
    for row in _rows("province-lineage-2025.csv"):
        old, new = (province, row["old_province_code"]), (province, row["new_province_code"])
        yield Tie(old, new, Share.WHOLE.value, True)
    for row in _rows("lineage-2025.csv"):
        ward = row["old_ward_code"]
        old = (commune, ward) if ward else (district, row["old_district_code"])
        yield Tie(old, (commune, row["new_ward_code"]), row["share"], row["is_main"] == "1")
