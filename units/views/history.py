"""What was done to the register: the list of guided changes, and one of them with what it did and its undo."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from movement.accounts.access import can, grounds, may_read, visible_versions
from movement.accounts.rules import moment_of
from movement.accounts.selectors import territory
from movement.core.keyset import Keyset
from movement.core.problems import Refused

from ..change_lines import step_lines
from ..forms_history import HistoryFilter, UndoForm
from ..models import RegisterChange, UnitVersion
from ..presenters import day_in_view
from ..selectors import change_steps, past_units
from ..services.changes import change_undo, change_undo_problems
from .groups import refusals
from .shared import sent, version_now

ORDER = ("-id",)
SHOWN = 100  # units that only went along, named on the page


def changes_seen(user) -> QuerySet[RegisterChange]:
    """The changes that touched something on the reader's ground, of today or of what stood there before."""
    on = day_in_view(user, None).on
    held = grounds(user, tree_on=on)
    provinces = {int(path.strip("/")) for ground in held for path in ground.paths if path.count("/") == 2}
    places = [path for ground in held for path in ground.paths if path.count("/") > 2]
    seen = Q(province__in=provinces | {unit for root in provinces for unit in past_units(root)})
    units = {unit for ground in held for unit in ground.members | ground.unit_ids} - provinces
    if places:
        below = Q(*(("path__startswith", path) for path in places), _connector=Q.OR)
        units |= set(UnitVersion.objects.filter(below).values_list("unit_id", flat=True))
    elif not provinces:
        units |= set(visible_versions(user, tree_on=on).values_list("unit_id", flat=True))
    return RegisterChange.objects.filter(seen | Q(unit_ids__overlap=sorted(units)) if units else seen)


@login_required
@require_safe
@vary_on_headers("HX-Request")
def change_list(request):
    """The changes of the register on the reader's ground, the latest first."""
    form = HistoryFilter(request.GET)
    rows, valid = changes_seen(request.user), form.is_valid()
    context = {"form": form, "page": None, "reset": request.path}
    if valid:
        found = form.narrowed(rows)
        keyset = Keyset(request.GET, rows, order=ORDER, key="ulid", key_of=lambda change: change.ulid)
        counts = found.order_by().values_list("pk")
        context["page"] = keyset.page(
            found.defer("touched"), total=counts.count(), skipped=counts.filter(keyset.skipped).count()
        )
        context["filtered"] = any(form.cleaned_data.values())
    if request.htmx:
        return render(request, "units/_changes_list.html", context, status=200 if valid else 422)
    context |= {
        "trail": [(_("Đơn vị, địa bàn"), reverse("units:list")), (_("Lịch sử thay đổi"), None)],
        "territory": territory(request.user, day_in_view(request.user, None).on),
    }
    return render(request, "units/changes.html", context, status=200 if valid else 422)


def _about(change: RegisterChange) -> dict[int, list[UnitVersion]]:
    """``{unit: its versions}`` of the units that a change is about, without those that only went along."""
    ids = [int(key) for key, entry in change.touched.items() if not entry["along"]]
    versions: dict[int, list[UnitVersion]] = {}
    rows = UnitVersion.objects.filter(unit__in=ids).select_related("unit")
    for version in rows.order_by("valid__startswith"):
        versions.setdefault(version.unit_id, []).append(version)
    return versions


def _addresses(user, versions: dict[int, list[UnitVersion]]) -> dict[int, str]:
    """``{unit: address of its page}`` where the user may open it."""
    readable = [own for own in versions.values() if any(may_read(user, v, tree_on=moment_of(v)) for v in own)]
    return {own[0].unit_id: reverse("units:detail", args=[own[0].unit.ulid]) for own in readable}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_detail(request, ulid):
    """What one change did, unit by unit; who may, takes it back here while nothing was built on it."""
    change = changes_seen(request.user).filter(ulid=ulid).first()
    if change is None:
        raise Http404
    versions = _about(change)
    # who may change every unit that the change is about may take it back
    allowed = change.undone_at is None and bool(versions)
    allowed = allowed and all(can(request.user, "units.change", version_now(own)) for own in versions.values())
    form, status = UndoForm(sent(request)), 200
    if request.method == "POST":
        if not allowed:
            raise PermissionDenied
        if form.is_valid():
            try:
                change_undo(change, actor=request.user, reason=form.cleaned_data["reason"])
                messages.success(request, _("Đã hoàn tác. Danh bạ trở lại đúng như trước thay đổi này."))
                return redirect("units:change_detail", ulid)
            except Refused as refused:
                refusals(form, refused)
        status = 409 if form.non_field_errors() else 422
    steps = change_steps(change)
    along = [step for step in steps if step.action == "goes_along"]
    named = _on_my_ground(request.user, {step.unit_id for step in along})
    context = {
        "change": change,
        "steps": step_lines(
            [step for step in steps if step.action != "goes_along"], _addresses(request.user, versions)
        ),
        "along": [step.name for step in along if step.unit_id in named][:SHOWN],
        "along_count": len(along),
        "form": form,
        "allowed": allowed,
        "blocked": _blocked(change) if allowed else [],
        "trail": [
            (_("Đơn vị, địa bàn"), reverse("units:list")),
            (_("Lịch sử thay đổi"), reverse("units:changes")),
            (change.get_kind_display().capitalize(), None),
        ],
    }
    return render(request, "units/change_detail.html", context, status=status)


def _on_my_ground(user, units: set[int]) -> set[int]:
    """Those that the reader sees today or saw when they stood last. What a change is about its decision names anyhow;
    what only went along under another place is not the reader's to read."""
    versions = UnitVersion.objects.filter(unit__in=units)
    return {v.unit_id for v in versions if may_read(user, v, tree_on=moment_of(v))}


def _blocked(change: RegisterChange) -> list[dict]:
    """Why it cannot be taken back, each with the later change that stands in the way where it is one."""
    found = change_undo_problems(change)
    ulids = {row.ulid for row in RegisterChange.objects.filter(ulid__in=[str(p.value) for p in found]).only("ulid")}
    return [{"message": p.message, "later": p.value if p.value in ulids else ""} for p in found]
