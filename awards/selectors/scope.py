"""Whose commendations and rounds somebody may read.

The register spans many years and so many trees. A row names the units it stood below on its own day
(``place_ids``); a reader's roots stand for themselves and all their predecessors. So what was given to a
place of then is read by whoever holds that place, or what it became, now (design §4, "accounts").
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from movement.accounts.access import assignments_now
from movement.accounts.enums import Role
from movement.core.dates import today
from units.models import UnitGroupMember, UnitVersion

from ..enums import PERSONS
from ..models import Award, Nomination, Round
from .lineage import with_predecessors

# Who may read the names of persons and households commended (design §1: "those lists are restricted").
PERSON_ROLES = frozenset({Role.STAFF, Role.COMMUNE_LEAD, Role.CLERK, Role.LEADER, Role.COUNCIL, Role.AUDITOR})
ROUND_ROLES = PERSON_ROLES


@dataclass(frozen=True, slots=True)
class Reach:
    """The ids of the units that somebody's assignments stand for, and of the members of their groups."""

    roots: frozenset[int]
    members: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.roots or self.members)


def reach(user, roles: Collection[Role] | None = None) -> Reach:
    """Where the assignments in ``roles`` (default: any) reach, over all years; kept on the user."""
    key = None if roles is None else frozenset(roles)
    kept = getattr(user, "_award_reach", None)
    if kept is None:
        kept = {}
        if hasattr(user, "pk"):
            user._award_reach = kept
    if key not in kept:
        held = [a for a in assignments_now(user) if key is None or a.role in key]
        groups = {a.group_id for a in held if a.group_id}
        members = UnitGroupMember.objects.filter(group__in=groups, valid__contains=today()) if groups else ()
        direct = {a.unit_id for a in held if a.unit_id}
        grouped = {member.unit_id for member in members}
        closure = with_predecessors(direct | grouped)
        kept[key] = Reach(
            frozenset().union(*(closure[unit] for unit in direct)),
            frozenset().union(*(closure[unit] for unit in grouped)),
        )
    return kept[key]


def _inside(area: Reach) -> Q:
    inside = Q(pk__in=[])
    if area.roots:
        managed = UnitVersion.objects.filter(unit=OuterRef("unit"), managing_body__in=area.roots)
        inside |= Q(place_ids__overlap=sorted(area.roots)) | Exists(managed)
    if area.members:
        inside |= Q(unit__in=area.members)
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
    return Round.objects.filter(place_ids__overlap=sorted(area.roots)) if area.roots else Round.objects.none()


def nominations_visible(user) -> QuerySet[Nomination]:
    return Nomination.objects.filter(round__in=rounds_visible(user))
