"""Places to choose from: districts with their communes, as they were on a date."""

from __future__ import annotations

from django.db.models import QuerySet

from ..enums import Kind
from ..models import UnitVersion


def place_choices(versions: QuerySet[UnitVersion]) -> list[tuple]:
    """Districts and communes of ``versions`` for a select, by name: ``(ulid, name)``, or a district's group.

    A group ``(district, [(ulid, whole district), (ulid, commune), …])`` where the district is among
    them; communes of no such district stand alone. One query.
    """
    rows = versions.filter(kind__in=[Kind.DISTRICT, Kind.COMMUNE]).order_by("name_sort", "pk")
    rows = list(rows.values_list("unit_id", "parent_id", "kind", "unit__ulid", "name"))
    groups = {unit: [(ulid, name)] for unit, _, kind, ulid, name in rows if kind == Kind.DISTRICT}
    alone = []
    for _, parent, kind, ulid, name in rows:
        if kind == Kind.COMMUNE:
            groups.get(parent, alone).append((ulid, name))
    names = {unit: name for unit, _, kind, _, name in rows if kind == Kind.DISTRICT}
    return [*alone, *((names[unit], choices) for unit, choices in groups.items())]


def place_path(versions: QuerySet[UnitVersion], ulid: str) -> str | None:
    """The path of the place that ``ulid`` names among ``versions``; ``None`` when it is not there."""
    kinds = [Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE]
    return versions.filter(unit__ulid=ulid, kind__in=kinds).values_list("path", flat=True).first()
