"""The tree of a day, opened level by level: what stands directly below a place, and how much lies below each of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, Count, F, Func, IntegerField, Q, QuerySet, TextField, Value, When

from ..enums import TERRITORIES, Kind
from ..models import UnitVersion


@dataclass(slots=True)
class Node:
    """A place. ``counts``: ``{kind: n}`` of what was asked for below it; ``itself``: whether it is asked for too."""

    version: UnitVersion
    counts: dict[str, int] = field(default_factory=dict)
    itself: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(slots=True)
class Branch:
    """What stands directly below a place: further places, in Vietnamese order, and ``{kind: n}`` of its own units."""

    places: list[Node]
    units: dict[str, int]

    @property
    def counts(self) -> dict[str, int]:
        """``{kind: n}`` of all that lies below the place."""
        found = Counter(self.units)
        for node in self.places:
            found.update(node.counts)
            found[node.version.kind] += node.itself
        return in_order(found)


class _Step(Func):
    """The unit id that stands at one depth of a path."""

    function = "split_part"
    output_field = TextField()


def branch_of(rows: QuerySet[UnitVersion], place: UnitVersion, on: date) -> Branch:
    """The branch below ``place`` of ``rows`` (versions of the day ``on``). Two queries.

    Places of which nothing is among ``rows``, neither itself nor below it, are left out.
    """
    here = Q(parent=place.unit_id)
    step = _Step(F("path"), Value("/"), Value(place.path.count("/") + 1))
    counted = (
        rows.filter(path__startswith=place.path)
        .exclude(unit=place.unit_id)
        .order_by()
        .annotate(
            step=Case(When(here & ~Q(kind__in=TERRITORIES), then=Value("")), default=step, output_field=TextField()),
            itself=Case(When(here, then=Value(1)), default=Value(0), output_field=IntegerField()),
        )
    )
    units: dict[str, int] = {}
    below: dict[int, dict[str, int]] = {}
    asked: set[int] = set()
    for child, kind, itself, n in counted.values_list("step", "kind", "itself").annotate(n=Count("pk")):
        if not child:
            units[kind] = n
            continue
        counts = below.setdefault(int(child), {})
        if itself:
            asked.add(int(child))
        else:
            counts[kind] = n
    versions = UnitVersion.objects.filter(unit__in=below, valid__contains=on).select_related("unit")
    found = versions.order_by("name_sort", "pk") if below else []
    return Branch([Node(v, in_order(below[v.unit_id]), v.unit_id in asked) for v in found], in_order(units))


def counts_below(rows: QuerySet[UnitVersion], places: Sequence[UnitVersion]) -> dict[int, dict[str, int]]:
    """``{place's unit id: {kind: n}}`` of ``rows`` below each of ``places``, without itself; one query."""
    if not places:
        return {}
    provinces = all(place.kind == Kind.PROVINCE for place in places)
    if provinces:  # a column instead of a comparison with every path
        counted = rows.filter(province__in=[place.unit_id for place in places]).annotate(root=F("province_id"))
    else:
        whens = [When(path__startswith=place.path, then=Value(place.unit_id)) for place in places]
        inside = Q(*(("path__startswith", place.path) for place in places), _connector=Q.OR)
        counted = rows.filter(inside).annotate(root=Case(*whens, output_field=IntegerField()))
    counted = counted.exclude(unit__in=[place.unit_id for place in places]).order_by()
    found: dict[int, dict[str, int]] = {place.unit_id: {} for place in places}
    for root, kind, n in counted.values_list("root", "kind").annotate(n=Count("pk")):
        found[root][kind] = n
    return {root: in_order(counts) for root, counts in found.items()}


def leaves(rows: QuerySet[UnitVersion], kind: str, place: UnitVersion | None, most: int) -> list[UnitVersion]:
    """The first ``most`` of ``rows`` of one kind that stand directly below ``place`` (``None``: of all), by name."""
    if place is not None:
        rows = rows.filter(parent=place.unit_id)
    return list(rows.filter(kind=kind).select_related("unit").order_by("name_sort", "pk")[:most])


def outermost(paths: Iterable[str]) -> list[str]:
    """``paths`` without those that lie below another of them."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept


def in_order(counts: dict[str, int]) -> dict[str, int]:
    """``counts`` in the order of the kinds."""
    return {kind: counts[kind] for kind in Kind.values if counts.get(kind)}
