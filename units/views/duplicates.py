"""Likely duplicates, side by side: they are one (folded in a guided change), or they are not (with a reason)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from movement.accounts.access import assignments_now, can, grounds, visible_versions
from movement.accounts.enums import Role
from movement.accounts.selectors import territory
from movement.core.dates import today
from movement.core.problems import Refused

from ..models import DuplicateVerdict, Unit, UnitVersion
from ..selectors import panel_rows
from ..selectors.duplicates import Alike, Pair, duplicates_among
from ..selectors.search import provinces_ever
from ..services.duplicates import duplicate_dismiss, duplicate_recall
from ..suggesting import suggested

ACT = "units.duplicates"
ROLES = (Role.ADMIN, Role.STAFF)
PAGE = 20


@dataclass(slots=True)
class Side:
    """One of two units: as it is now or was last, all its names and codes, where it lies, in which years it has results."""

    version: UnitVersion
    place: str = ""
    span: str = ""
    names: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    years: list[int] = field(default_factory=list)

    @property
    def unit(self) -> Unit:
        return self.version.unit


@login_required
@require_safe
def duplicate_list(request):
    """Pairs on the ground on which the user may decide about them."""
    _allowed(request.user)
    alike = request.GET.get("alike", Alike.NAME)
    if alike not in Alike.values:
        raise Http404
    pairs = duplicates_among(_mine(request.user), alike, provinces=_provinces(request.user))
    page = Paginator(pairs, PAGE).get_page(request.GET.get("page"))
    page.object_list = sides_of(page.object_list)
    verdicts = _verdicts(request.user)
    context = {
        "page": page,
        "alike": alike,
        "tabs": Alike.choices,
        "verdicts": verdicts,
        "territory": territory(request.user, today()),
        "trail": [(_("Đơn vị, địa bàn"), reverse("units:list")), (_("Bản ghi có thể trùng"), None)],
    }
    return render(request, "units/duplicates.html", context)


def _allowed(user) -> None:
    if not can(user, ACT):
        raise PermissionDenied


def _mine(user) -> QuerySet[UnitVersion]:
    """What stands today on the ground of those assignments that decide about duplicates."""
    held = {assignment.role for assignment in assignments_now(user)}
    rows = UnitVersion.objects.none()
    for role in ROLES:
        if role in held:
            rows = rows | visible_versions(user, tree_on=today(), role=role)
    return rows


def _provinces(user) -> list[int]:
    held = [ground for ground in grounds(user, tree_on=today()) if ground.role in ROLES]
    return provinces_ever(int(path.split("/")[1]) for ground in held for path in ground.paths)


def _verdicts(user) -> list[DuplicateVerdict]:
    """The latest pairs that were told apart on the user's ground, with the names of both."""
    mine = _mine(user).values("unit_id")
    rows = (
        DuplicateVerdict.objects.filter(Q(first__in=mine) | Q(second__in=mine))
        .select_related("first", "second")
        .order_by("-at")
    )
    rows = list(rows[:PAGE])
    if rows:
        names = _last_versions({pk for row in rows for pk in (row.first_id, row.second_id)})
        for row in rows:
            row.names = [names[pk][-1].name for pk in (row.first_id, row.second_id)]
    return rows


def sides_of(pairs: Iterable[Pair]) -> list[tuple[Side, Side]]:
    """Both units of each pair, for the page; four queries."""
    pairs = list(pairs)
    versions = _last_versions({pk for pair in pairs for pk in (pair.first, pair.second)})
    sides = {}
    for unit, own in versions.items():
        names = dict.fromkeys(version.name for version in reversed(own))
        codes = dict.fromkeys(version.code for version in reversed(own) if version.code)
        sides[unit] = Side(own[-1], names=list(names)[1:], codes=list(codes))
    for row in suggested([side.version for side in sides.values()], today()):
        side = sides[row.version.unit_id]
        side.place, side.span = row.place, row.span
    for rows in panel_rows(list(sides), lambda name: name == "results").values() if sides else ():
        for row in rows:
            if row["year"] not in (years := sides[row["unit_id"]].years):
                years.append(row["year"])
    return [(sides[pair.first], sides[pair.second]) for pair in pairs]


def _last_versions(units: set[int]) -> dict[int, list[UnitVersion]]:
    """``{unit: its versions, oldest first}``."""
    found: dict[int, list[UnitVersion]] = {}
    rows = UnitVersion.objects.filter(unit__in=units).select_related("unit").order_by("valid__startswith")
    for version in rows:
        found.setdefault(version.unit_id, []).append(version)
    return found


@login_required
@require_POST
def duplicate_apart(request):
    """They are two. Both must be known to the user, and one at least must be the user's to decide on."""
    _allowed(request.user)
    units = {unit.ulid: unit for unit in Unit.objects.filter(ulid__in=request.POST.getlist("unit"))}
    if len(units) != 2:
        raise Http404
    one, other = units.values()
    if not _mine(request.user).filter(unit__in=[one.pk, other.pk]).exists():
        raise Http404
    try:
        duplicate_dismiss(one=one, other=other, reason=request.POST.get("reason", ""), actor=request.user)
    except Refused as refused:
        for problem in refused.problems:
            messages.error(request, problem.message)
    else:
        messages.success(request, _("Đã ghi là hai đơn vị khác nhau; cặp này không được hỏi lại."))
    return _back(request)


@login_required
@require_POST
def duplicate_ask_again(request, pk):
    """Let a pair that was told apart be asked about again."""
    _allowed(request.user)
    verdict = DuplicateVerdict.objects.select_related("first", "second").filter(pk=pk).first()
    if verdict is None or not _mine(request.user).filter(unit__in=[verdict.first_id, verdict.second_id]).exists():
        raise Http404
    duplicate_recall(verdict=verdict, actor=request.user)
    messages.success(request, _("Cặp này sẽ được hỏi lại."))
    return _back(request)


def _back(request):
    alike = request.POST.get("alike", "")
    return redirect(reverse("units:duplicates") + (f"?alike={alike}" if alike in Alike.values else ""))
