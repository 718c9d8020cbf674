"""Counting frozen rows: by any of their fields, with shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from movement.core.numbers import share

# What a figure may choose by. A row lacks ``eligible`` or ``standard`` where the listing has none.
DIMENSIONS = ("kind", "level", "district", "commune", "class", "state", "eligible", "standard")


def matches(row: Mapping, where: Mapping[str, list]) -> bool:
    """Whether a frozen row belongs to a figure: each field named in ``where`` has one of its values."""
    return all(row.get(name) in values for name, values in where.items())


@dataclass(slots=True)
class Tally:
    """How many units, by class. ``unpublished`` are counted in the other numbers too."""

    classes: Counter = field(default_factory=Counter)
    unclassified: int = 0
    unpublished: int = 0

    def add(self, cls: str, count: int, *, published: bool) -> None:
        if cls:
            self.classes[cls] += count
        else:
            self.unclassified += count
        if not published:
            self.unpublished += count

    @property
    def classified(self) -> int:
        return self.classes.total()

    @property
    def total(self) -> int:
        return self.classified + self.unclassified

    def share(self, cls: str) -> Decimal | None:
        """Hundredths of those that have a class, two decimals; ``None`` when none has."""
        return share(self.classes[cls], self.classified)


class Cube:
    """Counts of rows by all ``DIMENSIONS``; the rows themselves need not be kept."""

    def __init__(self) -> None:
        self.cells: Counter[tuple] = Counter()
        self._coarse: Counter[tuple] | None = None

    def add(self, row: Mapping) -> None:
        self.cells[tuple([row.get(name) for name in DIMENSIONS])] += 1
        self._coarse = None

    def count(self, **where: list) -> int:
        return sum(n for _, n in self._chosen(where, ()))

    def tally(self, **where: list) -> Tally:
        return self.tallies(**where).get((), Tally())

    def tallies(self, *by: str, **where: list) -> dict[tuple, Tally]:
        """``{values of the fields in by: Tally}``."""
        keys = [DIMENSIONS.index(name) for name in by]
        found: dict[tuple, Tally] = {}
        for cell, n in self._chosen(where, by):
            key = tuple([cell[at] for at in keys])
            tally = found.get(key)
            if tally is None:
                tally = found[key] = Tally()
            tally.add(cell[_CLASS], n, published=cell[_STATE] == "published")
        return found

    def _chosen(self, where: Mapping[str, list], by: Iterable[str]) -> Iterator[tuple[tuple, int]]:
        wanted = [(DIMENSIONS.index(name), values) for name, values in where.items()]
        # there are a hundred times as many cells by commune, and most questions do not ask for it
        fine = "commune" in where or "commune" in by
        for cell, n in (self.cells if fine else self._without_commune()).items():
            if all(cell[at] in values for at, values in wanted):
                yield cell, n

    def _without_commune(self) -> Counter[tuple]:
        if self._coarse is None:
            self._coarse = Counter()
            for cell, n in self.cells.items():
                self._coarse[(*cell[:_COMMUNE], None, *cell[_COMMUNE + 1 :])] += n
        return self._coarse

    def values(self, name: str) -> list:
        at = DIMENSIONS.index(name)
        return sorted({cell[at] for cell in self.cells if cell[at] is not None})


_CLASS, _STATE, _COMMUNE = (DIMENSIONS.index(name) for name in ("class", "state", "commune"))
