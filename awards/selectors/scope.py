"""Whose commendations and rounds somebody may read.

The register spans many years and so many trees. A row names the units it stood below on its own day
(``place_ids``); a reader's roots stand for themselves and all their predecessors. So what was given to a
place of then is read by whoever holds that place, or what it became, now (design §4, "accounts").
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from movement.accounts.access import assignments_now
from movement.accounts.enums import Role
from movement.core.dates import today
from units.models import UnitGroupMember

from ..enums import PERSONS
from ..models import Award, Nomination, Round
from .lineage import standing_of

# Who may read the names of persons and households commended (design §1: "those lists are restricted").
PERSON_ROLES = frozenset({Role.STAFF, Role.COMMUNE_LEAD, Role.CLERK, Role.LEADER, Role.COUNCIL, Role.AUDITOR})
ROUND_ROLES = PERSON_ROLES


@dataclass(frozen=True, slots=True)
class Reach:
    """Ids of what somebody's assignments stand for over all years: whole provinces, other places with all below
    them, and single units (members of groups, units that are managed)."""

    provinces: frozenset[int] = frozenset()
    places: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.provinces or self.places or self.units)

    @property
    def grounds(self) -> list[int]:
        return sorted(self.provinces | self.places)


def reach(user, roles: Collection[Role] | None = None) -> Reach:
    """Where the assignments in ``roles`` (default: any) reach. One query a request for whatever roles."""
    held = [a for a in assignments_now(user) if roles is None or a.role in roles]
    standing, members = _standing(user)
    roots = {a.unit_id for a in held if a.unit_id}
    grouped = {unit for a in held for unit in members.get(a.group_id, ())}
    found: dict[str, set[int]] = {"province": set(), "place": set(), "managed": set()}
    for root, unit, how in standing:
        if root in roots:
            found[how].add(unit)
        if root in grouped and how != "managed":
            found["managed"].add(unit)
    return Reach(*(frozenset(found[how]) for how in ("province", "place", "managed")))


def _standing(user) -> tuple[list[tuple[int, int, str]], dict[int, set[int]]]:
    """``standing_of`` all the user's assignments and ``{group: its members}``; kept on the user."""
    kept = getattr(user, "_award_standing", None)
    if kept is None:
        held = assignments_now(user)
        groups = {a.group_id for a in held if a.group_id}
        members: dict[int, set[int]] = {}
        if groups:
            rows = UnitGroupMember.objects.filter(group__in=groups, valid__contains=today())
            for group, unit in rows.values_list("group_id", "unit_id"):
                members.setdefault(group, set()).add(unit)
        kept = standing_of({a.unit_id for a in held if a.unit_id}.union(*members.values())), members
        if hasattr(user, "pk"):
            user._award_standing = kept
    return kept


def _inside(area: Reach) -> Q:
    """A province's entries are told by their column, which is far cheaper than by the places above them."""
    inside = Q(pk__in=[])
    if area.provinces:
        inside |= Q(province__in=sorted(area.provinces))
    if area.places:
        inside |= Q(place_ids__overlap=sorted(area.places))
    if area.units:
        inside |= Q(unit__in=sorted(area.units))
    return inside


def awards_visible(user) -> QuerySet[Award]:
    """The entries on the user's ground, those that name persons only where the role may read them."""
    everything, persons = reach(user), reach(user, PERSON_ROLES)
    if not everything:
        return Award.objects.none()
    if persons == everything:
        return Award.objects.filter(_inside(everything))
    collectives = _inside(everything) & ~Q(recipient_kind__in=PERSONS)
    return Award.objects.filter(collectives | _inside(persons) if persons else collectives)


def awards_counted(user) -> QuerySet[Award]:
    """All entries on the user's ground, for totals by form and kind of recipient only: names stay out of them."""
    area = reach(user)
    return Award.objects.filter(_inside(area)) if area else Award.objects.none()


def sees_persons(user) -> bool:
    """Whether any of the user's assignments opens the lists of persons; no query of its own."""
    return any(a.role in PERSON_ROLES for a in assignments_now(user))


def rounds_visible(user) -> QuerySet[Round]:
    """Rounds name persons, so only those roles read them, on the ground of the same assignment."""
    area = reach(user, ROUND_ROLES)
    return Round.objects.filter(place_ids__overlap=area.grounds) if area.grounds else Round.objects.none()


def nominations_visible(user) -> QuerySet[Nomination]:
    return Nomination.objects.filter(round__in=rounds_visible(user))
