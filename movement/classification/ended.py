"""Units that end before the tree date of a campaign in which they are registered (design §4).

The year's tree is that of 31/12. An assessment whose unit does not stand there any more goes to the main
successor, or is closed with a reason; until then it waits on the board.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import DateField, Exists, Func, OuterRef, QuerySet, Value

from movement.core.dates import format_date, upper_to_last_day
from units.models import Lineage, UnitVersion
from units.selectors import as_now

from .enums import State
from .models import Assessment, Campaign

CLOSED = "Hồ sơ đã kết thúc cùng với đơn vị nên không thay đổi được nữa."


def standing(on: date | None = None) -> Exists:
    """For assessments: the unit stands in its campaign's tree, so in scope of the year.

    ``on`` is the tree date where it is known: with a constant, thousands of rows are one join; without, each row
    computes its own.
    """
    own = Func(OuterRef("campaign__year"), Value(12), Value(31), function="make_date", output_field=DateField())
    return Exists(UnitVersion.objects.filter(unit=OuterRef("unit"), valid__contains=on or own))


@dataclass(slots=True)
class Ended:
    """An open assessment of a unit that has ended; ``heir`` is the main successor's version on the tree date."""

    assessment: Assessment
    ended_on: date | None
    heir: UnitVersion | None
    whole: bool


def ended_among(rows: QuerySet[Assessment], on: date | None = None) -> list[Ended]:
    """The open assessments among ``rows`` (of one tree date ``on``) whose unit has ended; one query where none has."""
    found = rows.filter(~standing(on), closed_at=None).exclude(state=State.PUBLISHED)
    found = list(found.select_related("campaign__scheme", "campaign__version"))
    if not found:
        return []
    on = found[0].campaign.tree_on
    units = {a.unit_id for a in found}
    ends = last_days(units)
    heirs = as_now(units, on)
    names = UnitVersion.objects.filter(unit__in=[h.unit_id for h in heirs.values() if h.unit_id], valid__contains=on)
    versions = {v.unit_id: v for v in names.select_related("unit")}
    return [
        Ended(a, ends.get(a.unit_id), versions.get(heirs[a.unit_id].unit_id), heirs[a.unit_id].whole) for a in found
    ]


def last_days(units: Iterable[int]) -> dict[int, date | None]:
    """``{unit: its last day}``; ``None`` while it stands."""
    rows = UnitVersion.objects.filter(unit__in=list(units)).order_by("valid__startswith")
    return {unit: upper_to_last_day(valid.upper) for unit, valid in rows.values_list("unit", "valid")}


def ended_sentence(a: Assessment) -> str:
    """Why nothing is written into the assessment of a unit that has ended."""
    day = last_days([a.unit_id]).get(a.unit_id)
    when = f" ngày {format_date(day)}" if day else ""
    return f"Đơn vị đã kết thúc{when} nên hồ sơ này không nhận thay đổi; hồ sơ chờ chuyển sang đơn vị kế thừa."


def unregistered_predecessors(campaign: Campaign, unit: int, kinds: Iterable[str]) -> list[str]:
    """Names of the unit's direct predecessors of the campaign's kinds that had not registered in it."""
    links = Lineage.objects.filter(successor=unit, on__year=campaign.year).values("predecessor")
    there = campaign.assessments.values("unit")
    rows = UnitVersion.objects.filter(unit__in=links, kind__in=list(kinds)).exclude(unit__in=there)
    return sorted(set(rows.values_list("name", flat=True)))
