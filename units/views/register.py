"""The register of units: the list as of a day, and one unit's page."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from movement.accounts.access import may_read, visible_versions
from movement.accounts.selectors import territory
from movement.core.dates import format_date, today, upper_to_last_day
from movement.core.keyset import Keyset

from ..enums import Kind
from ..filters import UnitFilter
from ..forms import DayForm
from ..models import UnitVersion
from ..presenters import at, day_in_view, profile_of, with_places
from ..selectors import panel_rows
from ..selectors.places import place_choices

ORDER = ("name_sort", "pk")
PANEL = "units/panels/{}.html"  # a panel without such a template is a list for the command `unit` alone


@login_required
@require_safe
@vary_on_headers("HX-Request")
def unit_list(request):
    """Units of the user's ground as of a day, by name; htmx asks for the list alone."""
    day_form = DayForm(request.GET)
    day = day_in_view(request.user, day_form.cleaned_data["on"] if day_form.is_valid() else None)
    visible = visible_versions(request.user, tree_on=day.on)
    found = UnitFilter(request.GET, queryset=visible)
    valid = found.is_valid() and day_form.is_valid()
    asked = day_form.is_valid() and day_form.cleaned_data["on"]
    keep = {"on": format_date(day.on)} if asked else {}
    context = {
        "filter": found,
        "day": day,
        "day_form": day_form if day_form.data.get("on") else DayForm(initial={"on": day.on}),
        "page": None,
        "keep": keep,
        "kept": {name: request.GET[name] for name in ("q", "kind", "subkind", "level") if request.GET.get(name)},
        "reset": f"{request.path}?{urlencode(keep)}" if keep else request.path,
        "at_day": "" if day.on == today() else f"?{urlencode({'on': day.on.isoformat()})}",
    }
    if valid:
        context |= _listed(request, found, visible, day.on)
    if request.htmx:
        return render(request, "units/_list.html", context, status=200 if valid else 422)
    found.offer("place", place_choices(visible), _("Mọi địa bàn"))
    found.offer("subkind", _subkinds(visible, request.GET.get("kind")), _("Mọi loại chi tiết"))
    context["territory"] = territory(request.user, day.on)
    return render(request, "units/list.html", context, status=200 if valid else 422)


def _listed(request, found: UnitFilter, visible, on: date) -> dict:
    keyset = Keyset(request.GET, visible, order=ORDER, key="unit__ulid", key_of=lambda v: v.unit.ulid)
    kind, subkind = (found.form.cleaned_data.get(name) for name in ("kind", "subkind"))
    groups = (
        found.narrowed("q", "place", "level")
        .order_by()
        .values_list("kind", "subkind")
        .annotate(n=Count("pk"), skipped=Count("pk", filter=keyset.skipped))
    )
    groups = list(groups)
    chosen = [g for g in groups if (not kind or g[0] == kind) and (not subkind or g[1] == subkind)]
    page = keyset.page(
        found.qs.select_related("unit"), total=sum(g[2] for g in chosen), skipped=sum(g[3] for g in chosen)
    )
    counts = [(code, label, sum(g[2] for g in groups if g[0] == code)) for code, label in Kind.choices]
    with_places(page.rows, on)
    return {
        "page": page,
        "kinds": [line for line in counts if line[2] or line[0] == kind],
        "all": sum(g[2] for g in groups),
        "kind": kind,
        "filtered": any(found.form.cleaned_data.get(name) for name in ("q", "kind", "subkind", "place", "level")),
    }


def _subkinds(visible, kind: str | None) -> list[tuple[str, list]]:
    """The sub-kinds there are, each under its kind; those of one kind when one is chosen."""
    pairs = sorted(set(visible.exclude(subkind="").order_by().values_list("kind", "subkind").distinct()))
    return [
        (label, [(name, name) for of, name in pairs if of == code])
        for code, label in Kind.choices
        if kind in (None, "", code) and any(of == code for of, _name in pairs)
    ]


@login_required
@require_safe
def unit_detail(request, ulid):
    """One unit as of a day: its names and places over time, its lineage, and what later apps know of it."""
    day_form = DayForm(request.GET)
    asked = day_form.cleaned_data["on"] if day_form.is_valid() else None
    own = list(UnitVersion.objects.filter(unit__ulid=ulid).select_related("unit").order_by("valid__startswith"))
    if not own:
        raise Http404
    on = _day_of(request.user, own, asked)
    if on is None:
        raise Http404
    profile = profile_of(own[0].unit, own, on)
    back = reverse("units:list") + (f"?{urlencode({'on': on.isoformat()})}" if on != today() else "")
    context = {
        "profile": profile,
        "on": on,
        "trail": [(_("Đơn vị, địa bàn"), back), (profile.now.version.name, None)],
        "panels": _panels(request.user, profile),
        "readable": {
            change.other.unit_id
            for change in (*profile.before, *profile.after)
            if may_read(request.user, change.other, tree_on=change.other_on)
        },
    }
    return render(request, "units/detail.html", context)


def _day_of(user, own: list[UnitVersion], asked: date | None) -> date | None:
    """The day asked for, moved into the unit's life; without one the latest on which the user may read it.

    ``None`` when the user may not: the unit then stood on somebody else's ground.
    """
    if asked:
        last = upper_to_last_day(own[-1].valid.upper) or date.max
        days = [max(own[0].valid.lower, min(asked, last))]
    else:
        now = today()
        days = [min(now, upper_to_last_day(v.valid.upper) or now) for v in reversed(own) if v.valid.lower <= now]
    return next((day for day in days if any(may_read(user, v, tree_on=day) for v in own)), None)


def _panels(user, profile) -> list[dict]:
    """The rows of each panel, without those of a year in which the unit did not stand on the user's ground."""
    names = {unit: versions[-1].name for unit, versions in profile.versions.items() if versions}
    found = []
    for name, rows in panel_rows(profile.ids, lambda name: _is_there(PANEL.format(name))).items():
        shown = []
        for row in rows:
            if _readable(user, profile, row):
                own = row["unit_id"] == profile.unit.pk
                shown.append({**row, "own": own, "unit": names.get(row["unit_id"], ""), **_days(row)})
        found.append({"template": PANEL.format(name), "rows": shown})
    return sorted(found, key=lambda panel: panel["template"] != PANEL.format("results"))


def _is_there(template: str) -> bool:
    try:
        get_template(template)
    except TemplateDoesNotExist:
        return False
    return True


def _days(row: dict) -> dict:
    """Panels speak JSON: their ISO dates as dates again."""
    return {key: date.fromisoformat(value) for key, value in row.items() if key.endswith("_on") and value}


def _readable(user, profile, row: dict) -> bool:
    year = row.get("year")
    if year is None:
        return row["unit_id"] == profile.unit.pk
    on = date(year, 12, 31)
    version = at(profile.versions.get(row["unit_id"], ()), on)
    return version is not None and may_read(user, version, tree_on=on)
