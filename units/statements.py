"""What a list says of a version of a unit: the same words on the way out and on the way in.

An exported line carries its ``Stand``: the unit, the version, and a digest of what the line said. When it comes back,
a stored version that no longer gives this digest was changed meanwhile by somebody else.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from movement.core.dates import upper_to_last_day

from .enums import Kind
from .import_rows import DETAILS, STATED, Row, Stand, text_of
from .models import UnitVersion
from .selectors import bearers

_COMMUNE_DIGITS = 5
_CHUNK = 5000
_LETTERS = str.maketrans("0123456789", "ghijklmnop")  # twelve figures would look like a citizen's number

Statement = dict[str, str]  # column of STATED → text; dates in ISO, kinds and levels as codes


def stand_of(version: UnitVersion, statement: Statement) -> Stand:
    return Stand(version.unit.ulid, version.valid.lower, digest_of(statement))


def digest_of(statement: Mapping[str, str]) -> str:
    text = "\x1f".join(statement[column] for column in STATED)
    return hashlib.sha256(text.encode()).hexdigest()[:12].translate(_LETTERS)


def differing(row: Row, statement: Statement) -> dict[str, tuple[str, str]]:
    """``{column: (stored, the file's)}`` of what a line states otherwise; an empty cell states nothing."""
    last = upper_to_last_day(row.end)
    said = {
        **{name: getattr(row, name) for name in ("code", "name", "kind", "subkind", "managing_level", "parent_code")},
        **{name: row.details.get(name, "") for name in DETAILS},
        "valid_from": row.start.isoformat() if row.start else "",
        "valid_to": last.isoformat() if last else "",
    }
    if statement["commune_code"] not in commune_codes(row.commune_code):
        said["commune_code"] = row.commune_code
    return {
        column: (statement[column], said[column])
        for column in STATED
        if said.get(column) and said[column] != statement[column]
    }


def commune_codes(text: str) -> tuple[str, ...]:
    """As written, and with the leading zeros that Excel drops: 4 is the commune 00004."""
    padded = text.zfill(_COMMUNE_DIGITS) if text.isascii() and text.isdigit() else text
    return (text,) if padded == text else (text, padded)


class Statements:
    """States versions, some thousand at a time; places are kept, so that each is read once."""

    def __init__(self):
        self._places: dict[int, list[UnitVersion]] = {}

    def of(self, versions: Sequence[UnitVersion]) -> list[Statement]:
        """One statement a version, in their order; ``unit`` should be loaded with them. At most three queries."""
        self._load({v.parent_id for v in versions if v.parent_id})
        ends = _last_days(versions)
        return [self._state(v, ends[v.pk]) for v in versions]

    def place_of(self, version: UnitVersion) -> UnitVersion | None:
        """The place below which ``version`` stands, as on its first day; of versions that were stated."""
        return next(iter(bearers(self._places.get(version.parent_id, ()), version.valid.lower)), None)

    def _load(self, places: set[int]) -> None:
        missing = sorted(places - self._places.keys())
        for at in range(0, len(missing), _CHUNK):
            some = missing[at : at + _CHUNK]
            self._places |= {place: [] for place in some}
            for version in UnitVersion.objects.filter(unit__in=some).only("unit_id", "kind", "code", "name", "valid"):
                self._places[version.unit_id].append(version)

    def _state(self, version: UnitVersion, last: date | None) -> Statement:
        place, unit = self.place_of(version), version.unit
        in_commune = place is not None and place.kind == Kind.COMMUNE
        return {
            "code": text_of(version.code),
            "name": text_of(version.name),
            "kind": version.kind,
            "subkind": text_of(version.subkind),
            "commune_code": text_of(place.code) if in_commune else "",
            "managing_level": version.managing_level,
            "valid_from": version.valid.lower.isoformat(),
            "valid_to": last.isoformat() if last else "",
            "parent_code": "" if in_commune or place is None else text_of(place.code),
            **{name: text_of(getattr(unit, name)) for name in DETAILS},
        }


def _last_days(versions: Sequence[UnitVersion]) -> dict[int, date | None]:
    """``{version: last day}`` of the unbroken stretch that a version lies in: what a clerk calls the unit's end.

    A version that ends because of a rename or at its place's end says nothing of the unit's own end.
    """
    ended = {v.unit_id for v in versions if v.valid.upper is not None}
    spans: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for some in _chunks(ended):
        rows = UnitVersion.objects.filter(unit__in=some).values_list("unit_id", "valid")
        for unit, valid in rows:
            spans[unit].append((valid.lower, valid.upper))
    found = {}
    for v in versions:
        until = v.valid.upper
        following = dict(spans[v.unit_id]) if until is not None else {}
        while until in following:
            until = following[until]
        found[v.pk] = upper_to_last_day(until)
    return found


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    ids = sorted(ids)
    return (ids[at : at + _CHUNK] for at in range(0, len(ids), _CHUNK))
