"""The register as a list to take home, in the columns that an import reads: one row a version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice

from django.db.models import QuerySet

from movement.core.exports import Cell

from .enums import Kind, Level
from .import_rows import HEADING_OF
from .models import UnitVersion
from .statements import Statements, stand_of

#: Columns in their order, with their widths in letters.
WIDTHS = {
    "code": 14, "name": 44, "kind": 20, "subkind": 20, "commune_code": 10, "place_note": 26, "managing_level": 16,
    "valid_from": 13, "valid_to": 13, "parent_code": 12, "tax_code": 14, "school_code": 14, "phone": 18, "email": 26,
    "address": 36, "scope_reason": 26, "stand": 50,
}  # fmt: skip
COLUMNS = [(HEADING_OF[column], width) for column, width in WIDTHS.items()]
HIDDEN = (HEADING_OF["stand"],)
_BATCH = 2_000


def unit_rows(versions: QuerySet[UnitVersion]) -> Iterator[list[Cell]]:
    """A row a version in the order of ``versions``; some thousand are in memory at a time."""
    statements = Statements()
    kinds, levels = dict(Kind.choices), dict(Level.choices)
    rows = versions.select_related("unit").defer("search", "name_sort").iterator(chunk_size=_BATCH)
    while some := list(islice(rows, _BATCH)):
        for version, said in zip(some, statements.of(some), strict=True):
            place = statements.place_of(version)
            shown = said | {
                "kind": str(kinds[version.kind]),
                "managing_level": str(levels[version.managing_level]),
                "place_note": place.name if place else "",
                "stand": str(stand_of(version, said)),
            }
            yield [_cell(column, shown[column]) for column in WIDTHS]


def _cell(column: str, text: str) -> Cell:
    return date.fromisoformat(text) if column in ("valid_from", "valid_to") and text else text
