"""Where a result is listed: in the tree of then, or under today's communes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from movement.core.numbers import count_text
from units.enums import Kind
from units.models import Unit, UnitVersion
from units.selectors import as_now

from .results import Result

_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Place:
    """A district or commune. ``key`` is its code (or its id), ``order`` what it is sorted by."""

    key: str
    name: str
    order: tuple


NOWHERE = Place("", "", ("",))


def _place(unit_id: int, code: str, name: str) -> Place:
    return Place(code or f"u{unit_id}", name, (code, name, unit_id))


class AsThen:
    """The tree of 31/12 of the year, as it was frozen with each result."""

    notes: list[str] = []

    def __init__(self, province: Unit | int, on: date):
        rows = UnitVersion.objects.filter(province=province, valid__contains=on, kind__in=(Kind.DISTRICT, Kind.COMMUNE))
        self._codes = dict(rows.values_list("unit_id", "code"))

    def of(self, row: Result) -> tuple[Place, Place]:
        """``(district, commune)``; ``NOWHERE`` for what the unit does not lie in."""
        district = row.district_id and _place(row.district_id, self._codes.get(row.district_id, ""), row.district_name)
        commune = row.commune_id and _place(row.commune_id, self._codes.get(row.commune_id, ""), row.commune_name)
        return district or NOWHERE, commune or NOWHERE


class AsNow:
    """Today's communes. A unit that still exists lies where it lies today; the rest follow their commune.

    Where a commune was split, what lies in its main successor may belong to another part: it counts there,
    once, and ``notes`` says so.
    """

    def __init__(self, results: Iterable[Result], today: date):
        results = list(results)
        here = _paths({row.unit_id for row in results}, today)
        followed = as_now(
            {row.commune_id for row in results if row.commune_id}
            | {row.unit_id for row in results if row.kind == Kind.COMMUNE},
            today,
        )
        above = {int(part) for path in here.values() for part in path.strip("/").split("/")}
        above |= {one.unit_id for one in followed.values() if one.unit_id}
        communes: dict[int, Place] = {}
        for rows in _chunks(above):
            versions = UnitVersion.objects.filter(unit__in=rows, valid__contains=today, kind=Kind.COMMUNE)
            for pk, code, name in versions.values_list("unit_id", "code", "name"):
                communes[pk] = _place(pk, code, name)
        self._places: dict[int, Place] = {}
        uncertain: Counter[tuple[str, str]] = Counter()
        unplaced = 0
        for row in results:
            if row.kind == Kind.DISTRICT:
                continue
            heir = followed.get(row.unit_id if row.kind == Kind.COMMUNE else row.commune_id)
            inherited = communes.get(heir.unit_id, NOWHERE) if heir and heir.unit_id else NOWHERE
            place = inherited
            if row.unit_id in here:
                inside = (communes.get(int(part)) for part in here[row.unit_id].strip("/").split("/"))
                place = next((one for one in inside if one), NOWHERE)
            self._places[row.unit_id] = place
            if place is NOWHERE:
                unplaced += 1
            elif heir and not heir.whole and place == inherited:
                uncertain[row.commune_name or row.name, place.name] += 1
        self.notes = [
            f"{old} được chia tách khi sắp xếp; {count_text(count)} kết quả của {old} tính cho {new} là đơn vị kế thừa chính, vì "
            "chưa tách được theo địa bàn."
            for (old, new), count in sorted(uncertain.items())
        ]
        if unplaced:
            self.notes.append(f"{count_text(unplaced)} kết quả chưa xếp được vào xã, phường, đặc khu hiện nay.")

    def of(self, row: Result) -> tuple[Place, Place]:
        return NOWHERE, self._places.get(row.unit_id, NOWHERE)


def _paths(unit_ids: set[int], on: date) -> dict[int, str]:
    found = {}
    for ids in _chunks(unit_ids):
        rows = UnitVersion.objects.filter(unit__in=ids, valid__contains=on)
        found.update(rows.values_list("unit_id", "path"))
    return found


def _chunks(ids: set[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[at : at + _CHUNK] for at in range(0, len(ordered), _CHUNK))
