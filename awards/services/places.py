"""Where a recipient stood on the day of the decision, frozen into its entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from units.enums import TERRITORIES, Kind
from units.models import UnitVersion
from units.selectors import versions_of


@dataclass(frozen=True, slots=True)
class Place:
    """What an entry keeps of the place: names as on that day, ids of the unit and all above it."""

    unit_id: int | None
    unit_code: str
    commune_id: int | None
    place_name: str
    place_ids: list[int]

    def fields(self) -> dict:
        return {
            "unit_id": self.unit_id,
            "unit_code": self.unit_code,
            "commune_id": self.commune_id,
            "place_name": self.place_name,
            "place_ids": self.place_ids,
        }


def _path(version: UnitVersion) -> list[int]:
    return [int(part) for part in version.path.strip("/").split("/")]


def places_on(versions: Iterable[UnitVersion], on: date, province_id: int) -> dict[int, Place]:
    """``{unit: place}`` for versions that hold on a date, in one query."""
    versions = list(versions)
    above = versions_of({pk for version in versions for pk in _path(version)}, on)
    return {version.unit_id: _place(version, above, province_id) for version in versions}


def _place(version: UnitVersion, above: dict[int, UnitVersion], province_id: int) -> Place:
    path = _path(version)
    chain = [above[pk] for pk in path if pk in above]
    commune = next((v.unit_id for v in reversed(chain) if v.kind == Kind.COMMUNE), None)
    names = [v.name for v in reversed(chain) if v.unit_id != version.unit_id and v.kind in TERRITORIES]
    if names and chain[0].kind == Kind.PROVINCE:
        names = names[:-1]  # the province has a column of its own
    return Place(
        unit_id=version.unit_id,
        unit_code=version.code,
        commune_id=commune,
        place_name=", ".join(names),
        place_ids=path if province_id in path else [province_id, *path],
    )


def nowhere(province_id: int) -> Place:
    """Of a recipient that the register of units does not know: it is read with its province."""
    return Place(None, "", None, "", [province_id])
