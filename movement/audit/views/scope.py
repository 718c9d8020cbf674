"""Who reads which rows of the trail: auditor and administrator, each on the ground of that assignment.

The trail stands below the accounts, so its acts are declared here, at the edge.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from movement.accounts.access import Ground, assignments_now, grounds, register_action
from movement.accounts.enums import Role
from movement.core.dates import today
from units.enums import Kind
from units.models import Lineage, UnitVersion

from ..models import Entry

READERS = frozenset({Role.ADMIN, Role.AUDITOR})


def _may_read(user, ground: Ground, obj) -> str | None:
    return None  # which rows is the list's to say


register_action("audit.read", title="Xem nhật ký", roles=set(READERS), rule=_may_read)


def reads_trail(user) -> bool:
    """For the navigation; no query of its own."""
    return any(assignment.role in READERS for assignment in assignments_now(user))


@dataclass(frozen=True, slots=True)
class Units:
    """Units on somebody's ground at any time: ``every`` one of the portal, or those of ``ids``. ``province``: rows that
    concern no unit too."""

    every: bool = False
    province: bool = False
    ids: frozenset[int] = frozenset()

    def rows(self, queryset: QuerySet) -> QuerySet:
        """Those of ``queryset`` whose ``unit_id`` is among them."""
        if self.every:
            return queryset
        seen = Q(unit_id__in=sorted(self.ids))
        return queryset.filter(seen | Q(unit_id__isnull=True) if self.province else seen)

    def hold(self, unit_id: int | None) -> bool:
        return self.every or (self.province if unit_id is None else unit_id in self.ids)


def units_of(held: Iterable[Ground]) -> Units:
    """Units that stand, or stood last, on the ground of assignments. A unit that moved away is where it is now."""
    held = list(held)
    if not held:
        return Units()
    roots = {ground.unit_id for ground in held if ground.unit_id} | {u for ground in held for u in ground.unit_ids}
    members = {unit for ground in held for unit in ground.members}
    kinds = UnitVersion.objects.filter(unit__in=roots).values_list("unit_id", "kind")
    provinces = {unit for unit, kind in kinds if kind == Kind.PROVINCE}
    past = _stood_for(roots)
    if provinces:
        every = set(UnitVersion.objects.filter(kind=Kind.PROVINCE).values_list("unit_id", flat=True).distinct())
        if every <= provinces | past:
            return Units(every=True, province=True)  # a portal of one province
    return Units(province=bool(provinces), ids=frozenset(_units_under(roots | past) | members))


def entries_visible(user, entries: QuerySet[Entry] | None = None) -> QuerySet[Entry]:
    """Those of ``entries`` (default all) on the ground of an auditor's or administrator's assignment."""
    entries = Entry.objects.all() if entries is None else entries
    held = [ground for ground in grounds(user, tree_on=today()) if ground.role in READERS]
    return units_of(held).rows(entries)


def _stood_for(roots: set[int]) -> set[int]:
    """Predecessors whose place the roots took: whole ones, and parts whose main successor they are."""
    found: set[int] = set()
    frontier = roots
    while frontier:
        links = Lineage.objects.filter(successor__in=frontier).filter(Q(share="whole") | Q(is_main=True))
        frontier = set(links.values_list("predecessor_id", flat=True)) - found - roots
        found |= frontier
    return found


def _units_under(roots: set[int]) -> set[int]:
    """Units whose last version lies under one of the roots, as the roots stood at any time."""
    paths = set(UnitVersion.objects.filter(unit__in=roots).values_list("path", flat=True))
    if not paths:
        return set()
    below = reduce(or_, (Q(path__startswith=path) for path in sorted(paths)))
    rows = UnitVersion.objects.filter(below).order_by("valid").values_list("unit_id", "valid")
    latest = dict(rows)  # under a root
    ended = [unit for unit, valid in latest.items() if valid.upper is not None]
    found = latest.keys() - set(ended)
    if ended:  # has it moved away since?
        last = UnitVersion.objects.filter(unit__in=ended).order_by("valid").values_list("unit_id", "path")
        found |= {unit for unit, path in dict(last).items() if any(path.startswith(root) for root in paths)}
    return found | roots
