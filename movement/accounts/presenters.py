"""What the home page shows: the year in counts, each leading to its list."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count

from movement.classification.enums import Purpose, State
from movement.classification.models import Assessment, Campaign
from movement.classification.presenters import class_words, tabs


@dataclass(slots=True)
class CampaignCounts:
    """One campaign on the user's ground. ``classes``: ``(code, name, count)`` by the columns of its table; no count, no such class."""

    campaign: Campaign
    label: str
    total: int = 0
    published: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    classes: list[tuple[str, str, int | None]] = field(default_factory=list)

    @property
    def unpublished(self) -> int:
        return self.total - self.published


@dataclass(slots=True)
class CountsTable:
    """The campaigns of one purpose: ``columns`` are ``(class code, name)``, best first, then ``none``."""

    heading: str
    standard: bool
    columns: list[tuple[str, str]]
    rows: list[CampaignCounts]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def unpublished(self) -> int:
        return sum(row.unpublished for row in self.rows)

    @property
    def totals(self) -> list[tuple[str, str, int]]:
        return [(code, name, sum(row.by_class.get(code, 0) for row in self.rows)) for code, name in self.columns]


def year_counts(user, campaigns: list[Campaign]) -> list[CountsTable]:
    """Counts over ``campaigns`` (of one year) of the units the user may read; campaigns without any are left out."""
    if not campaigns:
        return []
    mine = Assessment.objects.filter(campaign__in=campaigns).visible_to(user, tree_on=campaigns[0].tree_on)
    grouped = mine.order_by().values_list("campaign_id", "class_code", "state").annotate(n=Count("pk"))
    found: dict[int, CampaignCounts] = {}
    by_id = {c.pk: c for c in campaigns}
    for pk, class_code, state, n in grouped:
        row = found.setdefault(pk, CampaignCounts(by_id[pk], ""))
        row.total += n
        row.published += n if state == State.PUBLISHED else 0
        code = class_code or "none"
        row.by_class[code] = row.by_class.get(code, 0) + n
    tables = []
    for heading, lines in tabs(campaigns):
        rows = []
        for tab in lines:
            if row := found.get(tab.campaign.pk):
                row.label = tab.label
                rows.append(row)
        if rows:
            tables.append(_table(heading, rows))
    return tables


def _table(heading: str, rows: list[CampaignCounts]) -> CountsTable:
    words: dict[str, str] = {}
    offered = {}
    for row in rows:
        offered[row.campaign.pk] = class_words(row.campaign.version)
        words |= offered[row.campaign.pk]
    columns = [*words.items(), ("none", "")] if any("none" in row.by_class for row in rows) else list(words.items())
    for row in rows:
        known = {*offered[row.campaign.pk], "none"}
        row.classes = [(code, name, row.by_class.get(code, 0) if code in known else None) for code, name in columns]
    return CountsTable(heading, rows[0].campaign.scheme.purpose == Purpose.STANDARD, columns, rows)
