"""What stands beside a name that is offered, so that two of the same name are never taken for each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from movement.core.dates import format_date, upper_to_last_day

from .enums import KIND_NAMES, Kind
from .models import UnitVersion
from .selectors import versions_of
from .selectors.search import Found


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A unit to choose. ``place``: what it lies in, lowest first, the province last; ``span``: since when and until
    when it is so; ``was``: by which other name it was found."""

    version: UnitVersion
    kind: str
    place: str
    span: str
    was: str = ""

    @property
    def ulid(self) -> str:
        return self.version.unit.ulid

    @property
    def detail(self) -> str:
        return " · ".join(filter(None, (self.kind, self.version.code, self.place, self.span)))

    def as_json(self) -> dict:
        return {
            "id": self.ulid,
            "name": self.version.name,
            "code": self.version.code,
            "kind": self.version.kind,
            "place": self.place,
            "span": self.span,
            "detail": self.detail,
            "was": self.was,
        }


def suggested(rows: Iterable[Found | UnitVersion], on: date) -> list[Suggestion]:
    """``rows`` with all that tells them apart, read on a day; one query."""
    rows = [row if isinstance(row, Found) else Found(row) for row in rows]
    above = {row.version.pk: _above(row.version) for row in rows}
    places = versions_of({unit for units in above.values() for unit in units}, on)
    kinds = {kind: str(KIND_NAMES[kind]) for kind in Kind}
    result = []
    for row in rows:
        version = row.version
        names = [places[unit].name for unit in reversed(above[version.pk]) if unit in places]
        place = ", ".join(names) or ("" if version.kind == Kind.PROVINCE else _("chưa xếp địa bàn"))
        result.append(Suggestion(version, kinds[Kind(version.kind)], place, span_words(version), _was(row)))
    return result


def _above(version: UnitVersion) -> list[int]:
    return [int(part) for part in version.path.strip("/").split("/")][:-1]


def span_words(version: UnitVersion) -> str:
    """Since when, and until when, a version holds."""
    start, last = format_date(version.valid.lower), upper_to_last_day(version.valid.upper)
    if last:
        return _("từ %(start)s đến hết %(last)s") % {"start": start, "last": format_date(last)}
    return _("từ %(start)s") % {"start": start}


def _was(row: Found) -> str:
    if row.other is None:
        return ""
    last = upper_to_last_day(row.other.valid.upper)
    values = {"name": row.other.name, "day": format_date(last)}
    if row.other.unit_id != row.version.unit_id:
        return _("có %(name)s trước đây, đến hết %(day)s") % values
    if row.other.valid.lower > row.version.valid.lower:
        return _("sau là %(name)s") % values
    return _("trước là %(name)s, đến hết %(day)s") % values
