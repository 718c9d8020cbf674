"""What the pages of the register share: the day and the filters in the address, a unit on the reader's ground."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from movement.accounts.access import grounds, may_read, visible_versions
from movement.core.dates import format_date, today, upper_to_last_day

from ..enums import TERRITORIES, Kind
from ..filters import UnitFilter
from ..forms import DayForm, pick_place
from ..models import UnitVersion
from ..presenters import Day, day_in_view, groups_seen
from ..selectors.groups import group_options
from ..selectors.regrouping import Regrouped, register_regrouped
from ..trees import TreeChoice, place_options, tree_asked

FILTERS = ("q", "subkind", "place", "level", "group")


@dataclass(slots=True)
class Asked:
    """The register as a page is asked for: on which day, under which filters."""

    day: Day
    day_form: DayForm
    visible: QuerySet[UnitVersion]
    found: UnitFilter
    valid: bool
    keep: dict
    tree: TreeChoice
    now: Regrouped | None
    pairs: set[tuple[str, str]] | None = None  # the kinds and sub-kinds there are, where they were counted anyhow

    @property
    def cleaned(self) -> dict:
        return self.found.form.cleaned_data

    @property
    def named(self) -> dict:
        """The filters that are set, as they stand in an address."""
        return {name: self.found.data[name] for name in ("kind", *FILTERS) if self.found.data.get(name)}

    @property
    def filtered(self) -> bool:
        return any(self.cleaned.get(name) for name in ("kind", *FILTERS))

    def kinds(self, groups: list[tuple]) -> dict:
        """The counts above a list out of ``(kind, …, n)``."""
        kind = self.cleaned.get("kind")
        counts = [(code, label, sum(g[2] for g in groups if g[0] == code)) for code, label in Kind.choices]
        return {
            "kinds": [line for line in counts if line[2] or line[0] == kind],
            "all": sum(g[2] for g in groups),
            "kind": kind,
            "filtered": self.filtered,
        }

    def counted(self, **more) -> list[tuple]:
        """``(kind, subkind, n, …)`` under all filters but those two; one query."""
        rows = self.found.narrowed("q", "place", "level", "group").order_by().values_list("kind", "subkind")
        groups = list(rows.annotate(n=Count("pk"), **more))
        if not any(self.cleaned.get(name) for name in ("q", "place", "level", "group")):
            self.pairs = {(g[0], g[1]) for g in groups}
        return groups

    def chosen(self, groups: list[tuple]) -> list[tuple]:
        """Those of ``counted`` that the list itself holds."""
        kind, subkind = (self.cleaned.get(name) for name in ("kind", "subkind"))
        return [g for g in groups if (not kind or g[0] == kind) and (not subkind or g[1] == subkind)]

    def offer(self, user) -> None:
        """Draw the free fields as selects of what there is; two queries at most."""
        pairs = subkind_pairs(self.visible) if self.pairs is None else self.pairs
        self.found.offer("subkind", subkinds_among(pairs, self.found.data.get("kind")), _("Mọi loại chi tiết"))
        groups = group_options(groups_seen(user, self.day.on))
        if groups:
            self.found.offer("group", groups, _("Mọi cụm, khối, ngành"))
        elif not self.found.data.get("group"):
            del self.found.form.fields["group"]


def asked_of(request, *, regroup: bool = False) -> Asked:
    """Reads the address of the list and of the tree; ``regroup``: the list may also stand under today's communes."""
    day_form = DayForm(request.GET)
    day = day_in_view(request.user, day_form.cleaned_data["on"] if day_form.is_valid() else None)
    visible = visible_versions(request.user, tree_on=day.on)
    tree = TreeChoice(day.on, shown=False, now=False)
    if regroup:
        paths = {path for ground in grounds(request.user, tree_on=day.on) for path in ground.paths}
        tree = tree_asked(request, day.on, {int(path.split("/")[1]) for path in paths})
    now = register_regrouped(visible) if tree.now else None
    found = UnitFilter(request.GET, queryset=visible, on=day.on, now=now)
    if now:
        found.offer("place", place_options(now), _("Mọi địa bàn"))
    else:
        pick_place(found.form, "place", visible, day.on, TERRITORIES)
        found.paths = {row.ulid: row.version.path for row in found.form.fields["place"].widget.offered}
    valid = found.is_valid() and day_form.is_valid()
    named = day_form.is_valid() and day_form.cleaned_data["on"]
    keep = ({"on": format_date(day.on)} if named else {}) | tree.keep
    return Asked(day, day_form, visible, found, valid, keep, tree, now)


def context_of(request, asked: Asked) -> dict:
    """What the list and the tree have in common on the page."""
    form, keep, day = asked.day_form, asked.keep, asked.day
    kept = asked.named
    return {
        "filter": asked.found,
        "tree": asked.tree,
        "regrouped": asked.now,
        "day": day,
        "day_form": form if form.data.get("on") else DayForm(initial={"on": day.on}),
        "keep": keep,
        "kept": kept,
        "query": f"?{urlencode(keep | kept)}" if keep or kept else "",
        "reset": f"{request.path}?{urlencode(keep)}" if keep else request.path,
        "at_day": at_day(day.on),
    }


def at_day(on: date) -> str:
    """The end of an address that shows a page as of ``on``."""
    return "" if on == today() else f"?{urlencode({'on': on.isoformat()})}"


def subkinds_of(visible) -> list[tuple[str, list]]:
    """The sub-kinds there are, each under its kind."""
    return subkinds_among(subkind_pairs(visible))


def subkind_pairs(visible) -> set[tuple[str, str]]:
    return set(visible.exclude(subkind="").order_by().values_list("kind", "subkind").distinct())


def subkinds_among(pairs: set[tuple[str, str]], kind: str | None = None) -> list[tuple[str, list]]:
    """Sub-kinds for a select, each under its kind; those of one kind when one is chosen."""
    found = sorted(pair for pair in pairs if pair[1])
    return [
        (label, [(name, name) for of, name in found if of == code])
        for code, label in Kind.choices
        if kind in (None, "", code) and any(of == code for of, _name in found)
    ]


def versions_of_unit(ulid: str, **columns) -> list[UnitVersion]:
    """All versions of one unit, oldest first, with further ``columns``; a page that is not there without any."""
    rows = UnitVersion.objects.filter(unit__ulid=ulid).annotate(**columns)
    own = list(rows.select_related("unit").order_by("valid__startswith"))
    if not own:
        raise Http404
    return own


def readable_day(user, own: list[UnitVersion], asked: date | None) -> date:
    """The day asked for, moved into the unit's life; without one the latest on which the user may read it.

    Raises:
        Http404: the unit then stood on somebody else's ground.
    """
    if asked:
        last = upper_to_last_day(own[-1].valid.upper) or date.max
        days = [max(own[0].valid.lower, min(asked, last))]
    else:
        now = today()
        days = [min(now, upper_to_last_day(v.valid.upper) or now) for v in reversed(own) if v.valid.lower <= now]
    for day in days or [own[0].valid.lower]:  # a unit that is still to come is read on its first day
        if any(may_read(user, v, tree_on=day) for v in own):
            return day
    raise Http404


def version_now(own: list[UnitVersion], on: date | None = None) -> UnitVersion:
    """The version that holds on a day (today), else the nearest before it, else the first."""
    on = on or today()
    return next((v for v in reversed(own) if v.valid.lower <= on), own[0])


def readable_unit(request, ulid: str) -> UnitVersion:
    """A unit that the user may read, as it is today, was last or (where all lies ahead) will be first."""
    own = versions_of_unit(ulid)
    readable_day(request.user, own, None)
    return version_now(own)


def sent(request):
    """The data of a form that was sent, empty or not; ``None`` when the page is only looked at."""
    return request.POST if request.method == "POST" else None
