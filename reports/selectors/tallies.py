"""Counting frozen rows: by any of their fields, with shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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

    def add(self, row: Mapping) -> None:
        self.cells[tuple(row.get(name) for name in DIMENSIONS)] += 1

    def count(self, **where: list) -> int:
        wanted = [(DIMENSIONS.index(name), values) for name, values in where.items()]
        return sum(n for cell, n in self.cells.items() if all(cell[at] in values for at, values in wanted))

    def tally(self, **where: list) -> Tally:
        return self.tallies(**where).get((), Tally())

    def tallies(self, *by: str, **where: list) -> dict[tuple, Tally]:
        """``{values of the fields in by: Tally}``."""
        wanted = [(DIMENSIONS.index(name), values) for name, values in where.items()]
        keys = [DIMENSIONS.index(name) for name in by]
        found: dict[tuple, Tally] = {}
        for cell, n in self.cells.items():
            if all(cell[at] in values for at, values in wanted):
                key = tuple(cell[at] for at in keys)
                tally = found.get(key)
                if tally is None:
                    tally = found[key] = Tally()
                tally.add(cell[_CLASS], n, published=cell[_STATE] == "published")
        return found

    def values(self, name: str) -> list:
        at = DIMENSIONS.index(name)
        return sorted({cell[at] for cell in self.cells if cell[at] is not None})


_CLASS, _STATE = DIMENSIONS.index("class"), DIMENSIONS.index("state")


def cube_of(rows: Iterable[Mapping]) -> Cube:
    cube = Cube()
    for row in rows:
        cube.add(row)
    return cube
