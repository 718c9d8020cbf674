"""What the pages of units show, put together in a few queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from movement.accounts.access import assignments_now, grounds
from movement.core.dates import format_date, today, upper_to_last_day

from .enums import TERRITORIES, Kind, Level, LineageKind
from .models import Unit, UnitGroup, UnitVersion
from .selectors import lineage_around, versions_of
from .selectors.groups import groups_on


@dataclass(frozen=True, slots=True)
class Day:
    """The date a page is read on. ``note`` says why it is not today, when nobody asked for another day."""

    on: date
    note: str = ""


def day_in_view(user, asked: date | None) -> Day:
    """The day asked for; else today, or the last day of the user's territory where that has ended."""
    if asked:
        return Day(asked)
    now = today()
    if any(g.paths or g.members for g in grounds(user, tree_on=now)):
        return Day(now)
    roots = {a.unit_id for a in assignments_now(user) if a.unit_id}
    last = UnitVersion.objects.filter(unit__in=roots).order_by("-valid__startswith").first()
    if last is None or last.valid.upper is None or last.valid.upper > now:
        return Day(now)
    day = upper_to_last_day(last.valid.upper)
    note = _("%(name)s có đến hết ngày %(day)s, nên danh sách được xem như ngày đó.")
    return Day(day, note % {"name": last.name, "day": format_date(day)})


def groups_seen(user, on: date) -> QuerySet[UnitGroup]:
    """Groups of the provinces that the reader's ground lies in, as on a date, and those that are the reader's ground."""
    held = grounds(user, tree_on=on)
    provinces = {int(path.split("/")[1]) for ground in held for path in ground.paths}
    own = {a.group_id for a in assignments_now(user) if a.group_id}
    if own:
        provinces |= set(UnitGroup.objects.filter(pk__in=own).values_list("province_id", flat=True))
    return groups_on(provinces, on)


def with_places(versions: Iterable[UnitVersion], on: date) -> list[UnitVersion]:
    """``versions`` with ``place`` (the commune and district they lie in on that date) and their kind and level in words.

    One query; each word is translated once, not in every row.
    """
    versions = list(versions)
    above = {v.pk: [int(part) for part in v.path.strip("/").split("/")][:-1] for v in versions}
    names = versions_of({unit for units in above.values() for unit in units}, on)
    kinds, levels = ({code: str(label) for code, label in words.choices} for words in (Kind, Level))
    for version in versions:
        version.kind_word, version.level_word = kinds[version.kind], levels[version.managing_level]
        steps = [names[unit] for unit in reversed(above[version.pk]) if unit in names]
        # the province stands in the head of the page
        inner = [step.name for step in steps if step.kind in TERRITORIES[1:]]
        version.place = ", ".join(inner) or (steps[0].name if steps else "")
    return versions


@dataclass(slots=True)
class Span:
    """A version as a clerk reads it: first and last day, where it stood."""

    version: UnitVersion
    start: date
    last: date | None
    places: list[UnitVersion]
    managed_by: str = ""


@dataclass(slots=True)
class Change:
    """One line of lineage seen from the unit: what happened on a day, and the unit at the other end."""

    on: date
    kind: str
    share: str
    is_main: bool
    decision: str
    other: UnitVersion
    other_on: date


@dataclass(slots=True)
class Profile:
    """A unit's page: the version that is looked at, its history, whom it came from and what came of it.

    ``folded`` are the duplicates that turned out to be this unit; a duplicate's own page names it in ``after``.
    """

    unit: Unit
    now: Span
    spans: list[Span]
    before: list[Change] = field(default_factory=list)
    after: list[Change] = field(default_factory=list)
    folded: list[Change] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    versions: dict[int, list[UnitVersion]] = field(default_factory=dict)

    @property
    def ended(self) -> date | None:
        """The unit's last day, once it has passed."""
        last = self.spans[-1].last
        return last if last and last < today() else None


def profile_of(unit: Unit, own: list[UnitVersion], on: date) -> Profile:
    """The profile of ``unit`` read on a day on which one of ``own`` (its versions, oldest first) holds."""
    around = lineage_around(unit)
    past = sorted({link.predecessor_id for link in around if link.predecessor_id != unit.pk})
    links = [link for link in around if unit.pk in (link.predecessor_id, link.successor_id)]
    wanted = {*past, *(x for link in links for x in (link.predecessor_id, link.successor_id))} - {unit.pk}
    for version in own:
        wanted |= {int(part) for part in version.path.strip("/").split("/")[:-1]}
        wanted |= {version.managing_body_id} - {None}
    versions: dict[int, list[UnitVersion]] = {unit.pk: own}
    others = UnitVersion.objects.filter(unit__in=wanted).select_related("unit").order_by("valid__startswith")
    for version in others:
        versions.setdefault(version.unit_id, []).append(version)
    spans = [_span(version, versions) for version in own]
    now = next((span for span in spans if span.start <= on and (span.last is None or on <= span.last)), spans[-1])
    profile = Profile(unit, now, spans, ids=[unit.pk, *past], versions=versions)
    for link in links:
        back = link.successor_id == unit.pk
        other = link.predecessor_id if back else link.successor_id
        # a predecessor's name is that of its last day, a successor's that of its first
        day = link.on - timedelta(days=1) if back else link.on
        named = at(versions.get(other, ()), day)
        if named is None:
            continue
        change = Change(link.on, link.get_kind_display(), link.share, link.is_main, link.decision, named, day)
        came = profile.folded if link.kind == LineageKind.DUPLICATE else profile.before
        (came if back else profile.after).append(change)
    return profile


def _span(version: UnitVersion, versions: dict[int, list[UnitVersion]]) -> Span:
    last = upper_to_last_day(version.valid.upper)
    day = max(version.valid.lower, min(today(), last or date.max))
    above = [int(part) for part in version.path.strip("/").split("/")[:-1]]
    places = [named for unit in above if (named := at(versions.get(unit, ()), day))]
    manager = at(versions.get(version.managing_body_id, ()), day)
    return Span(version, version.valid.lower, last, places, manager.name if manager else "")


def at(versions: Iterable[UnitVersion], on: date) -> UnitVersion | None:
    """The version on a date, else the last before it, else the first; ``versions`` oldest first."""
    versions = list(versions)
    before = [v for v in versions if v.valid.lower <= on]
    return before[-1] if before else (versions[0] if versions else None)
