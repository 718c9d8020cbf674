"""Cụm, khối thi đua, ngành on a date: which there are, who is in them, and whom a rule would take in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from movement.core.dates import upper_to_last_day

from ..enums import GroupKind
from ..models import UnitGroup, UnitGroupMember, UnitVersion


def groups_on(province_ids: Iterable[int], on: date) -> QuerySet[UnitGroup]:
    """The groups of these provinces on a date, by kind and name."""
    return UnitGroup.objects.filter(province__in=list(province_ids), valid__contains=on).order_by("kind", "name", "pk")


def group_sizes(groups: Iterable[UnitGroup], visible: QuerySet[UnitVersion], on: date) -> dict[int, int]:
    """``{group's id: members}`` on a date among the ``visible`` versions of that date; one query."""
    rows = UnitGroupMember.objects.filter(group__in=list(groups), valid__contains=on, unit__in=visible.values("unit"))
    return dict(rows.order_by().values_list("group").annotate(n=Count("pk")))


def members_on(group_ulid: str, on: date) -> QuerySet:
    """The unit ids in a group on a date, for a filter; none for a group that is not there."""
    return UnitGroupMember.objects.filter(group__ulid=group_ulid, valid__contains=on).values("unit")


def group_options(groups: Iterable[UnitGroup]) -> list[tuple[str, list[tuple[str, str]]]]:
    """``groups`` for a select, each under its kind."""
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for group in groups:
        by_kind.setdefault(group.kind, []).append((group.ulid, group.name))
    return [(label, by_kind[kind]) for kind, label in GroupKind.choices if kind in by_kind]


@dataclass(frozen=True, slots=True)
class Membership:
    """A group that a unit is or was in; ``last`` is its last day there, ``None`` while it is open."""

    ulid: str
    name: str
    kind: str
    start: date
    last: date | None


def memberships() -> ArraySubquery:
    """Every group of a version's unit, the latest first, as one more column of the versions; see ``memberships_in``."""
    rows = UnitGroupMember.objects.filter(unit=OuterRef("unit")).order_by("-valid__startswith", "group__name")
    said = JSONObject(
        ulid="group__ulid", name="group__name", kind="group__kind", start="valid__startswith", end="valid__endswith"
    )
    return ArraySubquery(rows.values_list(said))


def memberships_in(column: Iterable[dict]) -> list[Membership]:
    """What ``memberships`` found."""
    return [
        Membership(
            ulid=row["ulid"],
            name=row["name"],
            kind=GroupKind(row["kind"]).label,
            start=date.fromisoformat(row["start"]),
            last=upper_to_last_day(date.fromisoformat(row["end"]) if row["end"] else None),
        )
        for row in column
    ]


@dataclass(frozen=True, slots=True)
class Rule:
    """Which units a group takes in: all that are given here must hold on the day. ``place_path`` is a place's path."""

    kind: str = ""
    subkind: str = ""
    level: str = ""
    place_path: str = ""


def rule_finds(rows: QuerySet[UnitVersion], rule: Rule) -> QuerySet[UnitVersion]:
    """Those of ``rows`` (versions of one day) that ``rule`` names, without the place itself."""
    if rule.kind:
        rows = rows.filter(kind=rule.kind)
    if rule.subkind:
        rows = rows.filter(subkind=rule.subkind)
    if rule.level:
        rows = rows.filter(managing_level=rule.level)
    if rule.place_path:
        rows = rows.filter(path__startswith=rule.place_path).exclude(path=rule.place_path)
    return rows


def already_in(group: UnitGroup, unit_ids: Sequence[int], on: date) -> set[int]:
    """Those of ``unit_ids`` that are in ``group`` on a day."""
    rows = UnitGroupMember.objects.filter(group=group, unit__in=unit_ids, valid__contains=on)
    return set(rows.values_list("unit_id", flat=True))
