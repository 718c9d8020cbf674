"""The results of all units of one commune over the years: as then, each predecessor under its own name, or as now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count, Q

from movement.core.dates import today
from movement.core.text import sort_key
from units.models import UnitVersion
from units.selectors import past_units, predecessor_closure
from units.selectors.regrouping import regrouped

from .models import Assessment, Campaign
from .selectors import campaigns_of

_PAST = """
WITH RECURSIVE past(unit) AS (
    SELECT asked FROM unnest(%s::bigint[]) AS asked
    UNION
    SELECT l.predecessor_id FROM past p JOIN units_lineage l ON l.successor_id = p.unit
)
SELECT unit FROM past
"""


@dataclass(slots=True)
class PlaceYear:
    """One campaign in one place: how many units, and of each class. ``place`` names the place in an address."""

    campaign: Campaign
    name: str
    place: str
    classes: Counter = field(default_factory=Counter)
    unsure: int = 0
    counts: list[tuple[str, str, int]] = field(default_factory=list)  # (class, its word, how many), best first

    @property
    def total(self) -> int:
        return sum(self.classes.values())


def place_years(user, commune: UnitVersion, *, now: bool) -> list[PlaceYear]:
    """The campaigns with units in what is ``commune`` (a version that holds today), newest year first.

    As then a line for each place that ``commune`` stands for in that year's tree; ``now`` one line, with what moved
    in, and without what of a predecessor went elsewhere. Each year in its own tree, as far as the user may read it.
    """
    campaigns = campaigns_of(user)
    lines = _now(user, commune, campaigns) if now else _then(user, commune, campaigns)
    order = {campaign.pk: at for at, campaign in enumerate(campaigns)}
    return sorted(lines, key=lambda line: (order[line.campaign.pk], sort_key(line.name)))


def _then(user, commune: UnitVersion, campaigns: list[Campaign]) -> Iterable[PlaceYear]:
    for on in sorted({campaign.tree_on for campaign in campaigns}):
        places = predecessor_closure([commune.unit_id], on)[commune.unit_id]
        of_year = {campaign.pk: campaign for campaign in campaigns if campaign.tree_on == on}
        rows = Assessment.objects.filter(campaign__in=of_year, commune__in=places).visible_to(user, tree_on=on)
        rows = rows.order_by().values("campaign_id", "commune_id", "commune_name", "commune__ulid", "class_code")
        found: dict[tuple, PlaceYear] = {}
        for row in rows.annotate(n=Count("pk")):
            key = row["campaign_id"], row["commune_id"]
            line = found.setdefault(
                key, PlaceYear(of_year[row["campaign_id"]], row["commune_name"], row["commune__ulid"])
            )
            line.classes[row["class_code"] or "none"] += row["n"]
        yield from found.values()


def _now(user, commune: UnitVersion, campaigns: list[Campaign]) -> Iterable[PlaceYear]:
    below = UnitVersion.objects.filter(path__startswith=commune.path, valid__contains=today())
    with connection.cursor() as cursor:
        cursor.execute(_PAST, [list(below.values_list("unit_id", flat=True))])
        units = [unit for (unit,) in cursor.fetchall()]
    near = Q(commune__in=[commune.unit_id, *past_units(commune.unit_id)]) | Q(unit__in=units)
    for on in sorted({campaign.tree_on for campaign in campaigns}):
        of_year = {campaign.pk: campaign for campaign in campaigns if campaign.tree_on == on}
        rows = Assessment.objects.filter(near, campaign__in=of_year).visible_to(user, tree_on=on)
        placed = regrouped(rows)
        found: dict[int, PlaceYear] = {}
        for campaign, unit, place, cls in rows.values_list("campaign_id", "unit_id", "commune_id", "class_code"):
            here = placed.of(unit, place)
            if here.key == commune.unit_id:
                line = found.setdefault(campaign, PlaceYear(of_year[campaign], commune.name, commune.unit.ulid))
                line.classes[cls or "none"] += 1
                line.unsure += not here.sure
        yield from found.values()
