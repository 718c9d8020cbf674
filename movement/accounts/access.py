"""Who sees what (`visible_to`) and who may do what (`can`). The only place that decides it.

Reading follows the place: one sees what lies on one's ground or is managed by one's authority, in
the tree of the date that is looked at, or belongs to one's group; the assignment itself must hold now. Acting follows the
decision track: role and territory must come from the *same* assignment, and each app says in its
``rules.py`` what else must hold. Source: design §4, "accounts".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.utils import timezone

from units.enums import TERRITORIES
from units.models import Lineage, UnitVersion

from .enums import Role
from .models import Assignment


@dataclass(frozen=True, slots=True)
class Ground:
    """One assignment and where it reaches in the tree of one date.

    ``paths`` are path prefixes; ``unit_ids`` the roots themselves (the unit, or the predecessors it
    stands for); ``members`` the units of a group, whose places among them are in ``paths`` too; ``deputy_of`` the
    name of whom one stands in for.
    """

    role: Role
    assignment_id: int
    unit_id: int | None
    paths: tuple[str, ...]
    unit_ids: frozenset[int]
    members: frozenset[int] = frozenset()
    deputy_of: str = ""

    def covers(self, *, path: str, unit_id: int) -> bool:
        return unit_id in self.members or any(path.startswith(root) for root in self.paths)


# Every page and every save asks this first, so it is one statement: the assignments of today, each with all versions of
# its root, and the units that the person declared to decide nothing on. A deputy's holds while the other's does, and
# stands after one's own: it is only named where nothing else gives the right.
_HELD = """
SELECT a.id, a.role, a.unit_id, a.group_id, a.valid, v.valid, v.path, v.name, coalesce(nullif(u.name, ''), u.username, ''),
       ARRAY(SELECT t.unit_id FROM accounts_tie t
              WHERE t.user_id = %(user)s AND t.valid @> %(day)s AND t.cancelled_at IS NULL)
  FROM accounts_assignment a
  LEFT JOIN units_unitversion v ON v.unit_id = a.unit_id
  LEFT JOIN accounts_assignment p ON p.id = a.deputy_for_id
  LEFT JOIN accounts_user u ON u.id = p.user_id
 WHERE a.user_id = %(user)s AND a.valid @> %(day)s AND a.cancelled_at IS NULL
   AND (a.deputy_for_id IS NULL OR (p.valid @> %(day)s AND p.cancelled_at IS NULL AND u.is_active))
 ORDER BY a.deputy_for_id IS NOT NULL, a.id
"""


def assignments_now(user) -> list[Assignment]:
    """The assignments that hold today, without their units and groups; one query, kept on the user for the request."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    cached = getattr(user, "_assignments_now", None)
    if cached is None:
        held: dict[int, Assignment] = {}
        versions: dict[int, set[tuple[object, str, str]]] = {}
        with connection.cursor() as cursor:
            cursor.execute(_HELD, {"user": user.pk, "day": timezone.localdate()})
            ties: list[int] = []
            for pk, role, unit, group, valid, stands, path, name, deputy_of, ties in cursor.fetchall():  # noqa: B007
                if pk not in held:
                    held[pk] = Assignment(pk=pk, user_id=user.pk, role=role, unit_id=unit, group_id=group, valid=valid)
                    held[pk].deputy_of = deputy_of
                    held[pk]._state.adding, held[pk]._state.db = False, connection.alias
                if unit is not None:
                    versions.setdefault(unit, set()).update([(stands, path, name)] if stands else ())
        cached = user._assignments_now = list(held.values())
        user._grounds = ({}, _Past(versions))
        user._ties = frozenset(ties)
    return cached


def home_unit(user) -> int | None:
    """The unit under which acts on the account itself are read in the trail: that of the first assignment today."""
    return next((a.unit_id for a in assignments_now(user) if a.unit_id), None)


def grounds(user, *, tree_on: date) -> list[Ground]:
    """Where the user's assignments reach in the tree of ``tree_on``.

    A root without a version on that date stands for its whole predecessors and for those parts
    whose main successor it is; a root that is closed by now still reaches the years it existed in.
    """
    held = assignments_now(user)
    if not held:
        return []
    known, past = user._grounds
    if tree_on in known:
        return known[tree_on]
    roots = {a.unit_id for a in held if a.unit_id}
    standing, paths = _standing_for(roots, tree_on, past)
    groups = {a.group_id for a in held if a.group_id}
    members = past.members(groups, tree_on)
    result = []
    for a in held:
        units = standing.get(a.unit_id, set()) if a.unit_id else set()
        grouped, reach = members.get(a.group_id, ((), {paths[u] for u in units if u in paths}))
        result.append(
            Ground(
                role=Role(a.role),
                assignment_id=a.pk,
                unit_id=a.unit_id,
                paths=tuple(sorted(reach)),
                unit_ids=frozenset(units),
                members=frozenset(grouped),
                deputy_of=a.deputy_of,
            )
        )
    known[tree_on] = result
    return result


class _Past:
    """What is known of roots, their predecessors and groups, of all dates at once.

    A page may look at many years (a unit's results, the summaries of a province), and each row is read once.
    """

    def __init__(self, versions: dict[int, set[tuple[object, str, str]]]):
        self._versions = versions
        self._links: dict[int, set[tuple[date, int]]] = {}
        self._members: dict[int, list[tuple]] = {}

    def paths(self, units: set[int], on: date) -> dict[int, str]:
        """``{unit: path}`` of those that exist on a date."""
        if missing := units - self._versions.keys():
            self._versions |= {unit: set() for unit in missing}
            rows = UnitVersion.objects.filter(unit__in=missing)
            for unit, valid, path, name in rows.values_list("unit", "valid", "path", "name"):
                self._versions[unit].add((valid, path, name))
        return {unit: path for unit in units for valid, path, _name in self._versions[unit] if on in valid}

    def versions(self, unit: int) -> set[tuple[object, str, str]]:
        """``(valid, path, name)`` of a root; no query."""
        return self._versions.get(unit, set())

    def names(self, units: set[int], on: date) -> dict[int, tuple[str, str]]:
        """``{unit: (path, name)}`` on a date, of units whose paths were asked for before; no query."""
        return {
            unit: (path, name) for unit in units for valid, path, name in self._versions.get(unit, ()) if on in valid
        }

    def predecessors(self, units: set[int], on: date) -> dict[int, set[int]]:
        """``{unit: predecessors}``, whole ones and parts whose main successor it is, that changed after a date.

        The predecessors' versions come with them: they are what is asked for next.
        """
        if missing := units - self._links.keys():
            self._links |= {unit: set() for unit in missing}
            links = Lineage.objects.filter(successor__in=missing).filter(Q(share="whole") | Q(is_main=True))
            versions: dict[int, set] = {}
            version = ("predecessor__versions__valid", "predecessor__versions__path", "predecessor__versions__name")
            for successor, changed, before, valid, path, name in links.values_list(
                "successor", "on", "predecessor", *version
            ):
                self._links[successor].add((changed, before))
                versions.setdefault(before, set()).update({(valid, path, name)} if valid else ())
            self._versions |= {unit: found for unit, found in versions.items() if unit not in self._versions}
        return {unit: {before for changed, before in self._links[unit] if changed > on} for unit in units}

    def members(self, groups: set[int], on: date) -> dict[int, tuple[set[int], set[str]]]:
        """``{group: (its units, paths of the places among them)}`` on a date."""
        from units.models import UnitGroupMember

        if missing := groups - self._members.keys():
            self._members |= {group: [] for group in missing}
            place = FilteredRelation("unit__versions", condition=Q(unit__versions__kind__in=TERRITORIES))
            rows = UnitGroupMember.objects.filter(group__in=missing).annotate(place=place)
            for group, *row in rows.values_list("group", "valid", "unit", "place__valid", "place__path"):
                self._members[group].append(row)
        found = {}
        for group in groups:
            here = [row for row in self._members[group] if on in row[0]]
            paths = {path for _valid, _unit, stands, path in here if stands and on in stands}
            found[group] = {unit for _valid, unit, _stands, _path in here}, paths
        return found


def _standing_for(roots: set[int], on: date, past: _Past) -> tuple[dict[int, set[int]], dict[int, str]]:
    """``({root: units}, {unit: path})`` that a root stands for on a date, walking lineage back as far as needed.

    One query where every root exists on that date, one more for each step back; none for what is known.
    """
    paths: dict[int, str] = {}
    result: dict[int, set[int]] = {root: set() for root in roots}
    open_ends: dict[int, set[int]] = {root: {root} for root in roots}
    for _depth in range(30):  # lineage goes back in time, so this ends; the bound guards against bad data
        if not open_ends:
            break
        frontier = set().union(*open_ends.values())
        paths |= past.paths(frontier, on)
        there = frontier & paths.keys()
        missing = frontier - there
        back = past.predecessors(missing, on)
        following: dict[int, set[int]] = {}
        for root, units in open_ends.items():
            result[root] |= units & there
            further = set().union(*(back[u] for u in units & missing)) if units & missing else set()
            if further:
                following[root] = further
        open_ends = following
    return result, paths


def ground_names(user, *, tree_on: date) -> list[str]:
    """The names that the roots of the user's ground bear in the tree of ``tree_on``, in the order of the tree."""
    units = {unit for ground in grounds(user, tree_on=tree_on) for unit in ground.unit_ids}
    return [name for _path, name in sorted(user._grounds[1].names(units, tree_on).values())] if units else []


def territory_roots(user, *, tree_on: date) -> list[str]:
    """Path prefixes of all the user's ground on a date."""
    return sorted({path for ground in grounds(user, tree_on=tree_on) for path in ground.paths})


def visible_versions(user, *, tree_on: date, role: Role | None = None) -> QuerySet[UnitVersion]:
    """Versions in the tree of ``tree_on`` that the user may read; none if unassigned."""
    held = [g for g in grounds(user, tree_on=tree_on) if role is None or g.role == role]
    conditions = [Q(path__startswith=path) for g in held for path in g.paths]
    managing = {unit for g in held for unit in g.unit_ids}
    if managing:
        conditions.append(Q(managing_body__in=managing))
    members = {unit for g in held for unit in g.members}
    if members:
        conditions.append(Q(unit__in=members))
    versions = UnitVersion.objects.filter(valid__contains=tree_on)
    return versions.filter(reduce(or_, conditions)) if conditions else versions.none()


def may_read(user, version: UnitVersion, *, tree_on: date) -> bool:
    """Whether ``version`` stands in the tree of ``tree_on`` and is among ``visible_versions``; no query of its own."""
    return tree_on in version.valid and any(
        g.covers(path=version.path, unit_id=version.unit_id) or version.managing_body_id in g.unit_ids
        for g in grounds(user, tree_on=tree_on)
    )


def visible_to(queryset: QuerySet, user, *, tree_on: date, unit_field: str = "unit") -> QuerySet:
    """Rows of ``queryset`` about units the user may read, in the tree of ``tree_on``.

    Counts, badges, form choices, exports and suggestions start from here too: totals are where
    scope leaks. A subquery, so no row is doubled.
    """
    here = visible_versions(user, tree_on=tree_on)
    if queryset.model is UnitVersion:
        return queryset.filter(pk__in=here.values("pk"))
    return queryset.filter(Exists(here.filter(unit=OuterRef(unit_field))))


class ScopedQuerySet(QuerySet):
    """For models that name a unit: ``.visible_to(user, tree_on=…)``."""

    unit_field = "unit"

    def visible_to(self, user, *, tree_on: date):
        return visible_to(self, user, tree_on=tree_on, unit_field=self.unit_field)


@dataclass(frozen=True, slots=True)
class Right:
    """The answer of ``can``: true or false, from which assignment, and why not.

    Truthy when the act is allowed. ``sentence`` is Vietnamese, for the person who is refused.
    """

    allowed: bool
    ground: Ground | None = None
    sentence: str = ""

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True)
class Action:
    """One act: which roles may do it at all, and the rule on the thing itself.

    ``rule(user, ground, obj)`` returns a sentence that refuses, or ``None``. It is asked once for each
    of the user's assignments in one of ``roles`` until one allows.
    """

    name: str
    title: str
    roles: frozenset[Role]
    rule: Callable[[object, Ground, object], str | None]
    tree_on: Callable[[object], date]


_ACTIONS: dict[str, Action] = {}


def register_action(name: str, *, title: str, roles: set[Role], rule, tree_on=None) -> None:
    """Declare an act. ``tree_on(obj)`` says in which date's tree the ground is looked at (default today)."""
    _ACTIONS[name] = Action(name, title, frozenset(roles), rule, tree_on or (lambda obj: timezone.localdate()))


def actions() -> list[Action]:
    """All declared acts, for the table role × action in the docs."""
    return [_ACTIONS[name] for name in sorted(_ACTIONS)]


GROUPS_READ = "Phân công theo cụm, khối thi đua, ngành chỉ để xem."


def can(user, action: str, obj=None) -> Right:
    """Whether ``user`` may do ``action`` on ``obj``; the one function that decides on acting.

    A group is territory for reading alone: nobody acts under an assignment to one.

    Raises:
        KeyError: the action was never declared.
    """
    declared = _ACTIONS[action]
    held = [assignment for assignment in assignments_now(user) if assignment.role in declared.roles]
    refusal = GROUPS_READ if held else "Tài khoản không có vai trò được làm việc này."
    if not any(assignment.unit_id for assignment in held):
        return Right(False, sentence=refusal)  # most of what the navigation asks, of most people: no ground to be found
    for ground in grounds(user, tree_on=declared.tree_on(obj)):
        if ground.role not in declared.roles or ground.unit_id is None:
            continue
        why_not = declared.rule(user, ground, obj)
        if why_not is None:
            # whose right the act that follows is done under; ``User.trail_name`` writes it down
            user.acting_for = ground.deputy_of
            return Right(True, ground)
        refusal = why_not
    return Right(False, sentence=refusal)


def may_below(user, action: str, path: str, *, tree_on: date) -> bool:
    """Whether a role that may do ``action`` is held on some ground that lies below ``path`` in the tree of a date."""
    roles = _ACTIONS[action].roles
    held = (g for g in grounds(user, tree_on=tree_on) if g.role in roles and g.unit_id)
    return any(root.startswith(path) for g in held for root in g.paths)


def on_ground(ground: Ground, *, path: str, unit_id: int) -> str | None:
    """The rule that most acts begin with: the thing must lie on this assignment's ground."""
    return None if ground.covers(path=path, unit_id=unit_id) else "Đơn vị không thuộc địa bàn được phân công."


TIED = "nên người khác phải kiểm tra và quyết định về đơn vị này."
OWN_UNIT = f"Đây là đơn vị của chính bạn, {TIED}"
DECLARED = f"Bạn đã khai có quan hệ với đơn vị này, {TIED}"


def tied_units(user, *, tree_on: date) -> dict[int, str]:
    """``{unit: why}``: on which units the person decides nothing, in the tree of a date. No query beside the rights.

    What they declared (``Tie``), and the unit for which they enter (and its predecessors).
    """
    held = grounds(user, tree_on=tree_on)
    ties = dict.fromkeys(user._ties, DECLARED) if held else {}
    own = [unit for ground in held if ground.role == Role.UNIT_REP for unit in ground.unit_ids]
    return ties | dict.fromkeys(own, OWN_UNIT)


def conflict(user, unit_id: int | None, *, tree_on: date) -> str | None:
    """The sentence that refuses to decide on a unit one belongs to; ``None`` when one may."""
    return tied_units(user, tree_on=tree_on).get(unit_id)


@dataclass(frozen=True, slots=True)
class Acting:
    """Under which assignment somebody acts, in words. ``deputy_of``: whom they stand in for."""

    role: str
    place: str
    deputy_of: str = ""


def acting(user, right: Right) -> Acting | None:
    """Where a right comes from, for the page that offers the act; no query for a unit's ground, one for a group's."""
    ground = right.ground
    if not right or ground is None:
        return None
    held = next(a for a in assignments_now(user) if a.pk == ground.assignment_id)
    if held.group_id:
        place = held.group.name
    else:
        last = max(user._grounds[1].versions(held.unit_id), key=lambda row: row[0].lower, default=None)
        place = last[2] if last else ""
    return Acting(ground.role.label, place, ground.deputy_of)
