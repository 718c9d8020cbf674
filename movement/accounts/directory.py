"""Reading accounts for who administers them: only those whose every right lies on their ground."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from movement.audit.models import Entry
from movement.core.dates import format_date, today, upper_to_last_day
from movement.core.installation import setting_value
from units.models import UnitVersion
from units.selectors import as_now, names_of, versions_of

from .access import Ground, can, grounds
from .enums import BELOW, ROOT_KINDS, Role
from .models import AccountReview, Assignment, Invitation, User
from .rules import Held, Holding, is_office, moment_of, reaches

REVIEW_SETTING, REVIEW_DAYS = "accounts.review_days", 180


def live(on: date | None = None) -> Q:
    """Of assignments: those that hold on a day (today) or will."""
    return Q(cancelled_at=None) & (Q(valid__endswith=None) | Q(valid__endswith__gt=on or today()))


def managing_grounds(user) -> list[Ground]:
    return [g for g in grounds(user, tree_on=today()) if g.role == Role.ADMIN]


def standing_versions(unit_ids: Iterable[int]) -> dict[int, UnitVersion]:
    """``{unit: its version of today, or the one nearest to today}``."""
    found: dict[int, UnitVersion] = {}
    for version in UnitVersion.objects.filter(unit__in=set(unit_ids)).order_by("valid__startswith"):
        if version.unit_id not in found or version.valid.lower <= today():
            found[version.unit_id] = version
    return found


def held_of(assignments: Iterable[Assignment]) -> dict[int, Held]:
    """``{assignment: as the rules take it}``. The groups should come with the assignments."""
    rows = list(assignments)
    versions = standing_versions(a.unit_id for a in rows if a.unit_id)
    found = {}
    for a in rows:
        if a.group_id:
            found[a.pk] = Held(a.role, today(), province_id=a.group.province_id)
        elif version := versions.get(a.unit_id):
            found[a.pk] = held_at(a.role, version)
    return found


def held_at(role: str, version: UnitVersion) -> Held:
    return Held(role, moment_of(version), version.unit_id, version.path)


def holding_of(account: User) -> Holding:
    """All that counts of an account: its rights that hold or will; without any, those it had."""
    rows = list(account.assignments.select_related("group"))
    now = [a for a in rows if a.cancelled_at is None and (a.valid.upper is None or a.valid.upper > today())]
    counted = now or rows
    held = held_of(counted)
    return Holding(account.pk, tuple(held[a.pk] for a in counted if a.pk in held))


def accounts_managed(user) -> QuerySet[User]:
    """The accounts that ``user`` administers, as ``can(user, "accounts.manage", holding_of(…))`` says; not their own."""
    conditions = [_managed(condition) for condition in _on_grounds(user)]
    rows = User.objects.exclude(pk=user.pk)
    return rows.filter(reduce(or_, conditions)) if conditions else rows.none()


def rights_seen(user) -> Q:
    """Of assignments: those on the ground of ``user``; others of the same account are not shown."""
    conditions = _on_grounds(user)
    return reduce(or_, conditions) if conditions else Q(pk__in=[])


def _on_grounds(user) -> list[Q]:
    """For each ground the condition on an assignment to stand on it; one query, kept on the user for the request."""
    held = managing_grounds(user)
    if not held:
        return []
    known = getattr(user, "_managing", None)
    if known is not None:
        return known
    standing = UnitVersion.objects.filter(valid__contains=today(), unit=OuterRef("unit"))
    ended = Assignment.objects.filter(unit__isnull=False).filter(~Exists(standing))
    gone = standing_versions(ended.values_list("unit", flat=True).distinct())
    user._managing = [_on_ground(user, ground, standing, gone) for ground in held]
    return user._managing


def _on_ground(user, ground: Ground, standing: QuerySet, gone: dict[int, UnitVersion]) -> Q:
    ended = [unit for unit, version in gone.items() if reaches(user, ground, held_at("", version))]
    condition = Q(unit__in=ended)
    if ground.paths:
        inside = reduce(or_, (Q(path__startswith=path) for path in ground.paths))
        condition |= Q(Exists(standing.filter(inside)))
    if is_office(ground):
        return condition | Q(group__province__in=ground.unit_ids)
    return condition & Q(role__in=BELOW)


def _managed(inside: Q) -> Q:
    own = Assignment.objects.filter(user=OuterRef("pk"))
    within = own.filter(inside).values("pk")
    outside = own.exclude(pk__in=Assignment.objects.filter(inside).values("pk"))
    still = own.filter(live())
    return Q(Exists(within)) & ~Q(Exists(outside.filter(live()))) & (Q(Exists(still)) | ~Q(Exists(outside)))


@dataclass(frozen=True, slots=True)
class RightLine:
    """One right in words. ``since`` and ``last`` are days; ``deputy_of`` whom one stands in for."""

    assignment: Assignment
    role: str
    place: str
    since: date
    last: date | None
    deputy_of: str
    state: str  # now, later, ended

    @property
    def sentence(self) -> str:
        until = f" đến {format_date(self.last)}" if self.last else ""
        stands_in = f", thay {self.deputy_of}" if self.deputy_of else ""
        return f"{self.role}, {self.place}{stands_in}, từ {format_date(self.since)}{until}"


def right_lines(assignments: Iterable[Assignment]) -> list[RightLine]:
    """In the order given. One query for the names, one for whom is stood in for."""
    rows = list(assignments)
    names = names_of(a.unit_id for a in rows if a.unit_id)
    principals = Assignment.objects.filter(pk__in=[a.deputy_for_id for a in rows if a.deputy_for_id])
    whose = {p.pk: str(p.user) for p in principals.select_related("user")}
    return [
        RightLine(
            a, Role(a.role).label, a.group.name if a.group_id else names.get(a.unit_id, ""), a.valid.lower,
            upper_to_last_day(a.valid.upper), whose.get(a.deputy_for_id, ""), _state(a),
        )
        for a in rows
    ]  # fmt: skip


def _state(a: Assignment) -> str:
    if a.cancelled_at or (a.valid.upper is not None and a.valid.upper <= today()):
        return "ended"
    return "later" if a.valid.lower > today() else "now"


def rights_of(users: Iterable[User], *, seen: Q | None = None, ended: bool = False) -> dict[int, list[RightLine]]:
    """``{user: rights}`` that hold or will (``ended``: and those that did), those of ``seen`` only; four queries."""
    rows = Assignment.objects.filter(user__in=[user.pk for user in users]).select_related("group")
    rows = rows if ended else rows.filter(live())
    rows = rows.filter(pk__in=Assignment.objects.filter(seen).values("pk")) if seen is not None else rows
    found: dict[int, list[RightLine]] = {}
    for line in right_lines(rows.order_by("valid__startswith", "pk")):
        found.setdefault(line.assignment.user_id, []).append(line)
    return found


def history_seen(account: User, lines: Iterable[RightLine], limit: int = 50) -> list[Entry]:
    """The latest acts on an account, newest first, at the places of ``lines`` only: where else it had rights is not told."""
    places = {line.assignment.unit_id or line.assignment.group.province_id for line in lines}
    rows = Entry.objects.filter(object_kind="accounts.user", object_id=account.ulid)
    return list(rows.filter(Q(unit_id__in=places) | Q(unit_id=None))[:limit])


# --- places that have ended -----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Stranded:
    """A right whose place has ended, with the main successor of today; ``None``: nobody took it over."""

    line: RightLine
    user: User
    successor: UnitVersion | None
    problem: str


def rights_stranded(user) -> QuerySet[Assignment]:
    """Assignments on the ground of ``user`` that hold today on a place that is no more."""
    rows = Assignment.objects.filter(live(), deputy_for=None, user__in=accounts_managed(user), user__is_active=True)
    standing = UnitVersion.objects.filter(valid__contains=today(), unit=OuterRef("unit"))
    return rows.filter(unit__isnull=False, valid__startswith__lte=today()).filter(~Exists(standing))


def stranded_rights(user) -> list[Stranded]:
    """``rights_stranded``, each with what took its place over."""
    rows = list(rights_stranded(user).select_related("user", "group").order_by("user__name", "pk"))
    heirs = as_now({a.unit_id for a in rows})
    versions = versions_of({h.unit_id for h in heirs.values() if h.unit_id}, today())
    found = []
    for line in right_lines(rows):
        a = line.assignment
        successor = versions.get(heirs[a.unit_id].unit_id)
        found.append(Stranded(line, a.user, successor, _stranded_problem(user, a, successor)))
    return found


def _stranded_problem(user, a: Assignment, successor: UnitVersion | None) -> str:
    if successor is None:
        return _("Không có đơn vị kế thừa; hãy kết thúc phân công hoặc chuyển công tác.")
    allowed = ROOT_KINDS.get(Role(a.role))
    if allowed is not None and successor.kind not in allowed:
        return _("Vai trò này không gắn được với đơn vị kế thừa; hãy kết thúc phân công hoặc chuyển công tác.")
    right = can(user, "accounts.manage", Holding(a.user_id, (held_at(a.role, successor),)))
    return "" if right else right.sentence


# --- the half-yearly review -----------------------------------------------------------------------
def review_days() -> int:
    return int(setting_value(REVIEW_SETTING, REVIEW_DAYS))


def with_reviews(rows: QuerySet[User]) -> QuerySet[User]:
    """With ``reviewed_at``, ``reviewed_by_name`` and ``verdict`` of the latest review."""
    latest = AccountReview.objects.filter(user=OuterRef("pk")).order_by("-reviewed_at", "-pk")
    return rows.annotate(
        **{name: Subquery(latest.values(name)[:1]) for name in ("reviewed_at", "reviewed_by_name", "verdict")}
    )


def reviews_due(user) -> QuerySet[User]:
    """Open accounts on the ground that nobody reviewed for so long, and that are themselves not younger than that."""
    limit = timezone.now() - timedelta(days=review_days())
    rows = accounts_managed(user).filter(is_active=True, date_joined__lt=limit)
    fresh = AccountReview.objects.filter(user=OuterRef("pk"), reviewed_at__gte=limit)
    return rows.filter(~Exists(fresh))


def open_invitations(users: Iterable[User]) -> dict[int, Invitation]:
    rows = Invitation.objects.filter(user__in=list(users), used_at=None, withdrawn_at=None)
    return {row.user_id: row for row in rows}
