"""What the pages put together: the ground that is looked at, places by name, who may act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import Http404
from django.utils.http import urlencode

from movement.accounts.access import can, grounds
from movement.accounts.selectors import territory
from movement.core.dates import format_date, today, upper_to_last_day
from units.forms import DayForm
from units.models import UnitVersion
from units.presenters import Day, day_in_view
from units.trees import TreeChoice, tree_asked

from .models import Point, PracticeModel
from .rules import MODEL, POINT, Spot
from .selectors import Ground, Tree, ground_of_user, models_within, standings


@dataclass(slots=True)
class View:
    """One page as one person sees it: the day, the form that asks for it, the ground on that day.

    ``asked``: the day stands in the address; without it a page is read today, or on the last day of a
    territory that has ended.
    """

    user: object
    day: Day
    day_form: DayForm
    asked: bool
    ground: Ground

    @property
    def on(self) -> date:
        return self.day.on

    @property
    def territory(self) -> str:
        """The names of the reader's own ground, for “where am I”."""
        held = grounds(self.user, tree_on=self.on)
        roots = {unit for one in held for unit in one.unit_ids}
        if len(roots) > 2 or any(one.members for one in held):
            return territory(self.user, self.on)
        found = self.ground.tree.versions(roots).values()
        return ", ".join(version.name for version in sorted(found, key=lambda version: version.path))

    @property
    def keep(self) -> dict[str, str]:
        return {"on": format_date(self.on)} if self.asked else {}

    @property
    def at_day(self) -> str:
        """The day as the end of an address."""
        return f"?{urlencode({'on': self.on.isoformat()})}" if self.asked else ""


def view_of(request) -> View:
    """The page's day (``?on=``) and ground. What lies outside the ground does not exist on the page."""
    form = DayForm(request.GET)
    asked = form.cleaned_data["on"] if form.is_valid() else None
    day = day_in_view(request.user, asked)
    ground = ground_of_user(request.user, day.on)
    shown = form if form.data.get("on") else DayForm(initial={"on": day.on})
    return View(request.user, day, shown, asked is not None, ground)


def tree_of(request, view: View) -> TreeChoice:
    """As then or as now, of a page read on the view's day; one query at most."""
    held = grounds(request.user, tree_on=view.on)
    return tree_asked(request, view.on, {int(path.split("/")[1]) for one in held for path in one.paths})


def model_named(view: View, ulid: str) -> PracticeModel:
    """The model, if the reader may see it.

    Raises:
        Http404: it is not there, or it lies outside.
    """
    model = models_within(view.ground).filter(ulid=ulid).first()
    if model is None:
        raise Http404
    return model


def spot_of(view: View, unit_id: int) -> Spot:
    """Where a unit stands on the page's day, for asking a right."""
    versions = view.ground.tree.stand_for([unit_id]).get(unit_id, ())
    return Spot(view.on, tuple((version.path, version.unit_id) for version in versions))


def may_change_model(view: View, model: PracticeModel) -> bool:
    return bool(can(view.user, MODEL, spot_of(view, model.province_id)))


def may_change_point(view: View, point: Point) -> bool:
    return bool(can(view.user, POINT, spot_of(view, point.unit_id)))


def may_set_up_points(view: View, model: PracticeModel) -> bool:
    """Whether the reader may set up points of ``model`` anywhere in its province that day; where exactly is asked when a
    place is chosen."""
    inside = tuple(
        version.path for version in view.ground.tree.stand_for([model.province_id]).get(model.province_id, ())
    )
    roots = [path for held in grounds(view.user, tree_on=view.on) for path in held.paths if path.startswith(inside)]
    spots = (Spot(view.on, ((path, int(path.strip("/").rpartition("/")[2])),)) for path in roots)
    return any(can(view.user, POINT, spot) for spot in spots)


def at_places(points: Iterable[Point], view: View, *, now: bool = False) -> list[Point]:
    """Points with ``place`` (where they stand that day, or ``now`` today; ``""`` where nowhere), ``sure`` and ``last_day``.

    Two queries.
    """
    points = list(points)
    where = standings({point.unit_id for point in points}, Tree(today()) if now else view.ground.tree)
    for point in points:
        at = where.get(point.unit_id)
        point.place = ", ".join(filter(None, (at.name, at.where))) if at else ""
        point.sure = at is None or at.sure
        point.last_day = upper_to_last_day(point.valid.upper)
    return points


def provinces_of(view: View) -> list[UnitVersion]:
    """Provinces on the reader's ground that day, those where the reader may keep the register of models."""
    rows = list(view.ground.versions.filter(kind="province").select_related("unit").order_by("name_sort"))
    return [row for row in rows if can(view.user, MODEL, Spot(view.on, ((row.path, row.unit_id),)))]
