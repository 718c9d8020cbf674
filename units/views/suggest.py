"""Search as one types: JSON for the picker, a page for whoever has no script or comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from movement.accounts.access import grounds, visible_versions

from ..enums import Kind
from ..forms import DayForm
from ..presenters import day_in_view
from ..selectors.search import MOST, units_found
from ..suggesting import Suggestion, suggested


@login_required
@require_safe
@never_cache
@vary_on_headers("Accept")
def suggest(request):
    """``?q=`` a name or code of any day, ``?on=`` the day that is looked at, ``?kind=`` as often as wanted.

    JSON: ``{"rows": [{id, name, code, kind, place, span, detail, was}, …]}``, at most 20.
    """
    form = DayForm(request.GET)
    day = day_in_view(request.user, form.cleaned_data["on"] if form.is_valid() else None)
    kinds = [kind for kind in request.GET.getlist("kind") if kind in Kind.values]
    typed = request.GET.get("q", "")
    found = suggestions(request.user, typed, on=day.on, kinds=kinds)
    if "text/html" not in request.headers.get("Accept", ""):
        return JsonResponse({"rows": [one.as_json() for one in found]}, json_dumps_params={"ensure_ascii": False})
    context = {
        "typed": typed.strip()[:100],
        "found": found,
        "day": day,
        "kinds": kinds,
        "trail": [(_("Đơn vị, địa bàn"), reverse("units:list")), (_("Tìm đơn vị"), None)],
    }
    return render(request, "units/suggest.html", context)


def suggestions(user, typed: str, *, on: date, kinds: Iterable[str] = (), most: int = MOST) -> list[Suggestion]:
    """What the user may read ``on`` a day and may mean by ``typed``; at most seven queries beside the rights."""
    versions = visible_versions(user, tree_on=on)
    if kinds := list(kinds):
        versions = versions.filter(kind__in=kinds)
    provinces = {int(path.split("/")[1]) for ground in grounds(user, tree_on=on) for path in ground.paths}
    return suggested(units_found(versions, typed, on=on, provinces=provinces, most=most), on)
