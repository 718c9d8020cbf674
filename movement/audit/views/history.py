"""What was done to one thing, in sentences, for whoever may see the thing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from awards.views.register import _found as award_named
from awards.views.register import decision_named
from awards.views.rounds import ring_of
from movement.accounts.access import territory_roots
from movement.classification.desk.deciding import _decided
from movement.classification.selectors import campaigns_of
from movement.classification.views import _readable as assessment_named
from movement.exemplars.models import Exemplar
from movement.exemplars.presenters import model_named, view_of
from movement.exemplars.selectors import model_points
from reports.views import _found as report_named
from reports.views import _title as report_title
from units.views.shared import readable_unit

from ..presenters import shown
from ..selectors import history_of
from .scope import entries_visible, reads_trail

MOST = 100


@dataclass(frozen=True, slots=True)
class Thing:
    """``title`` and address of its page; ``parts`` are the objects whose acts make its history.

    ``units``: where not all of the thing is the reader's to see, the units whose acts are.
    """

    title: str
    url: str
    parts: list[tuple[str, object]]
    units: frozenset[int] | None = None


def _unit(request, ulid: str) -> Thing:
    version = readable_unit(request, ulid)
    return Thing(version.name, reverse("units:detail", args=[ulid]), [("units.unit", ulid)])


def _assessment(request, ulid: str) -> Thing:
    row, _others = assessment_named(request.user, ulid)
    return Thing(
        f"{row.unit_name}, {row.campaign.year}",
        reverse("classification:assessment", args=[ulid]),
        [("classification.assessment", ulid)],
    )


def _model(request, ulid: str) -> Thing:
    """With its points on the reader's ground; those outside do not exist here."""
    view = view_of(request)
    model = model_named(view, ulid)
    points = list(model_points(model, view.ground, everything=True).values_list("ulid", "unit_id"))
    parts = [("exemplars.model", ulid), *(("exemplars.point", point) for point, _unit_id in points)]
    units = frozenset({model.province_id, *(unit for _point, unit in points)})
    return Thing(model.name, reverse("exemplars:model", args=[ulid]), parts, units)


def _exemplar(request, ulid: str) -> Thing:
    row = Exemplar.objects.filter(view_of(request).ground.here(), ulid=ulid).first()
    if row is None:
        raise Http404
    title = _("%(name)s, điển hình năm %(year)d") % {"name": row.unit_name, "year": row.year}
    return Thing(title, reverse("exemplars:exemplar", args=[ulid]), [("exemplars.exemplar", ulid)])


def _award(request, ulid: str) -> Thing:
    row = award_named(request.user, ulid)
    parts = [("awards.award", ulid), ("core.decision", row.decision.ulid)]
    return Thing(row.form_name, reverse("awards:award", args=[ulid]), parts)


def _decision(request, ulid: str) -> Thing:
    """One on commendations, or one on results."""
    try:
        row, page = decision_named(request.user, ulid), "awards:decision"
    except Http404:
        row, page = _decided(request, ulid)[0], "desk:decision"
    title = _("Quyết định số %(decision)s") % {"decision": row}
    return Thing(title, reverse(page, args=[ulid]), [("core.decision", ulid)])


def _round(request, ulid: str) -> Thing:
    ring = ring_of(request.user, ulid)
    proposals = [("awards.nomination", row) for row in ring.nominations.values_list("ulid", flat=True)]
    return Thing(ring.title, reverse("awards:round", args=[ulid]), [("awards.round", ulid), *proposals])


def _campaign(request, ulid: str) -> Thing:
    """For who has the province on their ground: its acts say how many units the whole campaign has."""
    row = next((campaign for campaign in campaigns_of(request.user) if campaign.ulid == ulid), None)
    if row is None or f"/{row.province_id}/" not in territory_roots(request.user, tree_on=row.tree_on):
        raise Http404
    address = f"{reverse('classification:year', args=[row.year])}?campaign={ulid}"
    return Thing(str(row), address, [("classification.campaign", ulid)])


def _report(request, ulid: str) -> Thing:
    row = report_named(request.user, ulid)
    parts = [("reports.report", ulid), ("core.job", row.job.ulid)]
    return Thing(report_title(row), reverse("reports:detail", args=[ulid]), parts)


def _account(request, ulid: str) -> Thing:
    """One's own; another's for those who read the trail where that account holds a role."""
    row = get_user_model().objects.filter(ulid=ulid).first()
    if row is None or (row.pk != request.user.pk and not reads_trail(request.user)):
        raise Http404
    parts, units = [("accounts.user", ulid), ("user", row.pk)], None
    if row.pk != request.user.pk:  # what the account did or was given elsewhere is not theirs to read
        seen = entries_visible(request.user).filter(object_kind="accounts.user", object_id=ulid)
        units = frozenset(seen.exclude(unit_id=None).values_list("unit_id", flat=True))
        if not units:
            raise Http404
    return Thing(str(row), reverse("home"), parts, units)


THINGS: dict[str, Callable[..., Thing]] = {
    "don-vi": _unit,
    "ho-so": _assessment,
    "mo-hinh": _model,
    "dien-hinh": _exemplar,
    "khen-thuong": _award,
    "quyet-dinh": _decision,
    "dot": _round,
    "ky": _campaign,
    "bao-cao": _report,
    "tai-khoan": _account,
}


@login_required
@require_safe
@never_cache
@vary_on_headers("HX-Request")
def history(request, kind: str, ulid: str):
    """The acts on one thing, newest first: a page of its own, or the piece that htmx asks for."""
    if kind not in THINGS:
        raise Http404
    thing = THINGS[kind](request, ulid)
    entries = history_of(thing.parts, MOST, units=thing.units)
    context = {
        "rows": shown(entries),
        "most": MOST,
        "cut": len(entries) == MOST,
        "thing": thing,
        "trail": [(thing.title, thing.url), (_("Lịch sử"), None)],
    }
    return render(request, "audit/_history.html" if request.htmx else "audit/history.html", context)
