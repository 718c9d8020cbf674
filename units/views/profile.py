"""One unit's page: its names and places over time, its lineage, and what later apps know of it."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from movement.accounts.access import can, may_read

from ..enums import TERRITORIES
from ..forms import DayForm
from ..presenters import at, profile_of
from ..selectors import changes_of, panel_rows
from ..selectors.groups import memberships, memberships_in
from .changing import guides_for
from .shared import at_day, readable_day, version_now, versions_of_unit

PANEL = "units/panels/{}.html"  # a panel without such a template is a list for the command `unit` alone
CHANGES = 20  # of one unit, the latest


@login_required
@require_safe
def unit_detail(request, ulid):
    """One unit as of a day: its names and places over time, its lineage, and what later apps know of it."""
    day_form = DayForm(request.GET)
    asked = day_form.cleaned_data["on"] if day_form.is_valid() else None
    own = versions_of_unit(ulid, groups=memberships())
    on = readable_day(request.user, own, asked)
    profile = profile_of(own[0].unit, own, on)
    back = reverse("units:list") + at_day(on)
    current = version_now(own)
    context = {
        "profile": profile,
        "on": on,
        "trail": [(_("Đơn vị, địa bàn"), back), (profile.now.version.name, None)],
        "panels": _panels(request.user, profile),
        "readable": {
            change.other.unit_id
            for change in (*profile.before, *profile.after, *profile.folded)
            if may_read(request.user, change.other, tree_on=change.other_on)
        },
        "version": current,
        "guides": guides_for(request.user, current),
        "may_contact": bool(can(request.user, "units.contact", current)),
        "has_settings": current.kind in TERRITORIES,
        "memberships": memberships_in(own[0].groups),
        "changes": _changes(request.user, own),
    }
    return render(request, "units/detail.html", context)


def _changes(user, own: list) -> list:
    """The latest changes of the unit, those of days on which it stood on the user's ground."""
    found = []
    for change in changes_of(own[0].unit_id).defer("touched")[:CHANGES]:
        days = (change.on, change.on - date.resolution)
        if any(may_read(user, version, tree_on=day) for day in days for version in own):
            found.append(change)
    return found


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
