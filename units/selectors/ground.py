"""Where a unit stands over time: below its place, and when that ends, below the place's main successor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..models import Lineage, UnitVersion

_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Stand:
    """A stretch of time, ``[start, end)``, below one place at one path.

    ``parent_id`` is ``None`` where no place is known: "chưa xếp địa bàn". ``parent_path`` is then empty.
    """

    start: date
    end: date | None
    parent_id: int | None = None
    parent_path: str = ""
    province_id: int | None = None


class Ground:
    """Places with all their versions and main successors, loaded at once for any number of units."""

    def __init__(self, place_ids: Iterable[int]):
        self._versions: dict[int, list[Stand]] = {}
        self._successors: dict[int, list[tuple[date, int]]] = {}
        frontier = set(place_ids)
        for _ in range(_DEEPEST):
            if not frontier:
                break
            for pk in frontier:
                self._versions[pk] = []
            rows = UnitVersion.objects.filter(unit__in=frontier).order_by("valid__startswith")
            for unit, path, province, valid in rows.values_list("unit_id", "path", "province_id", "valid"):
                self._versions[unit].append(Stand(valid.lower, valid.upper, unit, path, province))
            links = Lineage.objects.filter(predecessor__in=frontier, is_main=True).order_by("on")
            for predecessor, on, successor in links.values_list("predecessor_id", "on", "successor_id"):
                self._successors.setdefault(predecessor, []).append((on, successor))
            ahead = {successor for pk in frontier for _, successor in self._successors.get(pk, ())}
            frontier = ahead - self._versions.keys()

    def stands(self, place_id: int | None, start: date, end: date | None) -> list[Stand]:
        """Where something below ``place_id`` stands during ``[start, end)``: contiguous, covering all of it.

        Cut wherever the place's path changes; before the place existed, and after it ended without a
        successor that is loaded, without a parent.
        """
        found: list[Stand] = []
        at, place, seen = start, place_id, set()
        while place is not None and place not in seen and (end is None or at < end):
            seen.add(place)
            for version in self._versions.get(place, ()):
                if (version.end is not None and version.end <= at) or (end is not None and version.start >= end):
                    continue
                if at < version.start:
                    found.append(Stand(at, version.start))
                    at = version.start
                until = _earlier(version.end, end)
                found.append(Stand(at, until, place, version.parent_path, version.province_id))
                if until is None:
                    return _joined(found)
                at = until
            place = self._successor(place, at)
        if end is None or at < end:
            found.append(Stand(at, end))
        return _joined(found)

    def _successor(self, place: int, at: date) -> int | None:
        """The main successor that had taken over by ``at``."""
        return next((successor for on, successor in reversed(self._successors.get(place, ())) if on <= at), None)

    def parent_on(self, place_id: int | None, on: date) -> int | None:
        """Below what something that was placed below ``place_id`` stands on a date."""
        stands = self.stands(place_id, on, None)
        return stands[0].parent_id if stands else None

    def first_day(self, place_id: int) -> date:
        """The first day of a place that was loaded."""
        return self._versions[place_id][0].start

    def exists(self, place_id: int, on: date) -> bool:
        return any(v.start <= on and (v.end is None or on < v.end) for v in self._versions.get(place_id, ()))


def _earlier(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _joined(stands: list[Stand]) -> list[Stand]:
    """Neighbours at the same path as one: a place's own rename does not concern what stands on it."""
    result: list[Stand] = []
    for stand in stands:
        last = result[-1] if result else None
        same = last and (last.parent_id, last.parent_path, last.province_id) == (
            stand.parent_id,
            stand.parent_path,
            stand.province_id,
        )
        if same and last.end == stand.start:
            result[-1] = Stand(last.start, stand.end, last.parent_id, last.parent_path, last.province_id)
        else:
            result.append(stand)
    return result
