"""What waits for whom: work lists and the board, from the same rules that decide on acting.

The rules of ``rules.py`` look at one unit. Here the units are grouped by all that the rules look at
(state, kind, levels, authority, checker, place), and each rule is asked once for a group, so that a
province of 10,000 units costs a few queries and a few hundred questions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import BigIntegerField, Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from movement.accounts.access import can, grounds
from movement.accounts.enums import Role
from units.enums import KIND_NAMES, Kind
from units.models import Unit, UnitVersion
from units.selectors.regrouping import NOWHERE, regrouped

from .ended import Ended, ended_among, standing
from .enums import Stage, State
from .models import Assessment, Campaign, Return, Score
from .rules import ACTION_TO
from .selectors import deadline_of

# The step that each state waits for; ``appraised`` waits for the minutes, ``decided`` for the paper.
WAITS = {
    State.REGISTERED: ("enter", State.SELF_SCORED),
    State.SELF_SCORED: ("submit", State.SUBMITTED),
    State.SUBMITTED: ("check", State.CHECKED),
    State.CHECKED: ("appraise", State.APPRAISED),
    State.APPRAISED: ("decide", State.DECIDED),
    State.DECIDED: ("publish", State.PUBLISHED),
}
TITLES = {
    "returned": _("Hồ sơ bị trả lại, cần chấm lại"),
    "enter": _("Đơn vị chưa chấm điểm xong"),
    "submit": _("Đơn vị đã chấm xong, chờ gửi"),
    "check": _("Hồ sơ chờ kiểm tra"),
    "appraise": _("Hồ sơ chờ thẩm định"),
    "decide": _("Hồ sơ chờ ghi quyết định theo biên bản"),
    "publish": _("Kết quả chờ công bố"),
}
ORDER = list(TITLES)
TYPED_ASIDE = ("check", "appraise")  # whoever typed a unit does neither
# The calendar counts back from the signing date; the days are settings of the portal, not rules of law.
BEFORE_SIGNING = {"returned": 14, "enter": 14, "submit": 14, "check": 10, "appraise": 7, "decide": 3, "publish": 0}

# What the rules look at. Of authorities they only ask whether one is the user's; of places, which of the user's grounds
# they lie on, so a user with one ground needs none.
_GROUPED = [
    "campaign_id", "state", "unit_kind", "managing_level", "decide_level", "authority_id", "check_level", "checker_id",
    "commune_id", "district_id",
]  # fmt: skip
_PLACES = ["commune_id", "district_id"]
_AUTHORITIES = {"authority_id": "my_authority", "checker_id": "my_checker"}


@dataclass(slots=True)
class Task:
    """One line of "my work": what to do in a campaign, on how many units, by when."""

    campaign: Campaign
    step: str
    count: int
    due: date | None
    from_assignment: int | None = None

    @property
    def title(self) -> str:
        return TITLES[self.step]

    @property
    def late(self) -> bool:
        return self.due is not None and timezone.localdate() > self.due


def due_date(campaign: Campaign, kind: str, step: str) -> date | None:
    """The last day on which a step is in time for the signing; ``None`` where no deadline binds."""
    limit = deadline_of(campaign, kind)
    return limit and limit - timedelta(days=BEFORE_SIGNING[step] + 1)


def work_of(user, campaigns: list[Campaign] | None = None) -> list[Task]:
    """What waits for the user, the earliest deadline first; one query beside the rights (two for a unit's account).

    ``campaigns``: those of the user's provinces that a page has read already; by default all open ones.
    """
    tasks: dict[tuple[int, str], Task] = {}
    opened = open_campaigns(user) if campaigns is None else [c for c in campaigns if c.is_open]
    for group in _groups(user, opened):
        step, to = WAITS[State(group.state)]
        if not (right := can(user, ACTION_TO[to], group)):
            continue
        campaign, counts = group.campaign, {step: group.n - (group.typed if step in TYPED_ASIDE else 0)}
        if group.returned:  # a line of their own: each unit is counted once
            counts |= {step: counts[step] - group.returned, "returned": group.returned}
        for name, count in counts.items():
            if count > 0:
                due = due_date(campaign, group.unit_kind, name)
                _add(tasks, campaign, name, count, due, right.ground.assignment_id)
    return sorted(tasks.values(), key=lambda t: (t.due or date.max, ORDER.index(t.step), t.campaign.pk))


def open_campaigns(user) -> list[Campaign]:
    """Open campaigns of the provinces on whose ground the user stands."""
    campaigns = Campaign.objects.filter(closed_at=None).select_related("scheme", "version", "province")
    found = []
    for campaign in campaigns.order_by("-year", "scheme__code"):
        paths = [p for g in grounds(user, tree_on=campaign.tree_on) for p in (*g.paths, *g.unit_ids)]
        province = f"/{campaign.province_id}/"
        if any(p == campaign.province_id or (isinstance(p, str) and p.startswith(province)) for p in paths):
            found.append(campaign)
    return found


def _inside(user, campaigns: Iterable[Campaign]) -> QuerySet[Assessment]:
    """What is not published yet on the user's ground, each campaign in its own year's tree."""
    trees = {campaign.tree_on for campaign in campaigns}
    stands = [Q(campaign__in=[c.pk for c in campaigns if c.tree_on == on]) & Q(standing(on)) for on in trees]
    rows = _held(user, campaigns).filter(closed_at=None)
    return rows.filter(reduce(or_, stands)) if stands else rows


def _held(user, campaigns: Iterable[Campaign]) -> QuerySet[Assessment]:
    """What is not published yet and was registered on the user's ground, units that have ended among it."""
    conditions = [Q(campaign=campaign) & on for campaign in campaigns if (on := _on_paths(user, campaign))]
    rows = Assessment.objects.exclude(state=State.PUBLISHED)
    return rows.filter(reduce(or_, conditions)) if conditions else rows.none()


def _on_paths(user, campaign: Campaign) -> Q:
    """On the user's ground in the campaign's tree; an empty ``Q`` where there is none."""
    return reduce(or_, (Q(path__startswith=path) for path in _paths(user, campaign)), Q())


def _paths(user, campaign: Campaign) -> list[str]:
    """Of the user's grounds those in the campaign's province."""
    paths = {path for g in grounds(user, tree_on=campaign.tree_on) for path in g.paths}
    return sorted(path for path in paths if path.startswith(f"/{campaign.province_id}/"))


def _groups(user, campaigns: list[Campaign]) -> Iterable[Assessment]:
    """Representatives of the groups, each with ``n``, how many of them the user ``typed`` and how many came back.

    A representative's authority and checker are ``None`` where they are not the user's. A unit's own account sees its
    unit alone.
    """
    by_id = {campaign.pk: campaign for campaign in campaigns}
    rows = _inside(user, campaigns)
    own = set().union(*(_own_units(user, campaign) for campaign in campaigns))
    typed = Score.objects.filter(assessment=OuterRef("pk"), stage=Stage.SELF, typed_by=user.pk)
    back = Return.objects.filter(assessment=OuterRef("pk"), answered_at__isnull=True)
    counts = {
        "n": Count("pk"),
        "path": Min("path"),
        "typed": Count("pk", filter=Q(state__in=[State.SUBMITTED, State.CHECKED]) & Exists(typed)),
        "returned": Count("pk", filter=Q(state__in=[State.REGISTERED, State.SELF_SCORED]) & Exists(back)),
    }
    held = [g for c in campaigns for g in grounds(user, tree_on=c.tree_on)]
    mine = _mine(user, campaigns)
    rows = rows.annotate(
        **{
            name: Case(When(**{f"{column}__in": mine}, then=F(column)), output_field=BigIntegerField())
            for column, name in _AUTHORITIES.items()
        }
    )
    one = all(len(_paths(user, campaign)) < 2 for campaign in campaigns)
    names = [_AUTHORITIES.get(name, name) for name in _GROUPED if not (one and name in _PLACES)]
    if any(g.role != Role.UNIT_REP for g in held):
        others = rows.exclude(unit__in=own) if own else rows
        for values in others.values(*names).annotate(**counts).order_by():
            yield _representative(by_id[values["campaign_id"]], values)
    for values in rows.filter(unit__in=own).values(*names, "unit_id").annotate(**counts).order_by() if own else ():
        yield _representative(by_id[values["campaign_id"]], values)


def _mine(user, campaigns: Iterable[Campaign]) -> set[int]:
    """The authorities as whom the user acts in any of the campaigns."""
    return {unit for c in campaigns for g in grounds(user, tree_on=c.tree_on) for unit in g.unit_ids}


def _representative(campaign: Campaign, values: dict) -> Assessment:
    counts = {name: values.pop(name) for name in ("n", "typed", "returned")}
    for column, name in _AUTHORITIES.items():
        values[column] = values.pop(name)
    row = Assessment(**values)
    row.campaign, row.typers = campaign, set()
    row.n, row.typed, row.returned = counts.values()
    return row


def _own_units(user, campaign: Campaign) -> set[int]:
    return {u for g in grounds(user, tree_on=campaign.tree_on) if g.role == Role.UNIT_REP for u in g.unit_ids}


def _add(tasks: dict, campaign: Campaign, step: str, count: int, due: date | None, assignment: int | None) -> None:
    task = tasks.get((campaign.pk, step))
    if task is None:
        tasks[campaign.pk, step] = Task(campaign, step, count, due, assignment)
        return
    task.count += count
    if due and (task.due is None or due < task.due):
        task.due = due


def waiting(user, campaign: Campaign, step: str, rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """Of ``rows`` those on which the user may do ``step`` now; the list behind a line of "my work"."""
    back = Exists(Return.objects.filter(assessment=OuterRef("pk"), answered_at__isnull=True))
    if step == "returned":  # with points still missing, or all of them there and one to be changed
        entered = (_at_step(user, campaign, name, rows).values("pk") for name in ("enter", "submit"))
        return rows.filter(reduce(or_, (Q(pk__in=found) for found in entered)), back)
    found = _at_step(user, campaign, step, rows)
    return found.filter(~back) if step in ("enter", "submit") else found


def _at_step(user, campaign: Campaign, step: str, rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """As ``waiting``, what came back among what was never sent."""
    allowed, refused = [], []
    for group in _groups(user, [campaign]):
        name, to = WAITS[State(group.state)]
        if name == step:
            (allowed if can(user, ACTION_TO[to], group) else refused).append(group)
    if not allowed:
        return rows.none()
    found = rows.filter(_on_paths(user, campaign), state=allowed[0].state).filter(
        _told_apart(allowed, refused, _mine(user, [campaign]))
    )
    if step in TYPED_ASIDE:
        found = found.filter(
            ~Exists(Score.objects.filter(assessment=OuterRef("pk"), stage=Stage.SELF, typed_by=user.pk))
        )
    return found


def _told_apart(allowed: list[Assessment], refused: list[Assessment], mine: set[int]) -> Q:
    """What tells the allowed groups from the refused ones, by as few columns as do.

    A province's staff may appraise what the province decides on, in any commune, and needs no commune's name for that.
    """
    columns = [*_GROUPED, "unit_id"]
    for name in ("unit_id", "commune_id", "district_id", "checker_id", "check_level", "managing_level", *_GROUPED):
        fewer = [column for column in columns if column != name]
        if not _keys(allowed, fewer) & _keys(refused, fewer):
            columns = fewer
    own = {group.unit_id for group in (*allowed, *refused)} - {None}
    told = Q()
    for key in sorted(_keys(allowed, columns), key=str):
        values = dict(zip(columns, key, strict=True))
        apart = Q()
        for column, others in (("unit_id", own), *((column, mine) for column in _AUTHORITIES)):
            if column in values and values[column] is None:  # none of one's own
                apart &= ~Q(**{f"{column}__in": others})
                del values[column]
        told |= apart & Q(**values)
    return told


def _keys(groups: list[Assessment], columns: list[str]) -> set[tuple]:
    return {tuple(getattr(group, column) for column in columns) for group in groups}


@dataclass(slots=True)
class BoardRow:
    """One place of the board, or one kind of unit in it: ``{state: count}``, how many are late, and whom to ring.

    ``kinds`` holds a place's kinds as rows of their own, ``columns`` ``(word, count)`` in the order of the steps.
    """

    place_id: int | str | None
    name: str
    phone: str = ""
    states: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    kinds: dict[str, BoardRow] = field(default_factory=dict)
    late: int = 0
    columns: list[tuple[str, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def lines(self) -> list[BoardRow]:
        """The kinds, in the order of the register."""
        return [self.kinds[kind] for kind in Kind if kind in self.kinds]


def _late(campaigns: list[Campaign]) -> set[tuple[int, str, str]]:
    """``{(campaign, kind, state)}`` whose next step should have been done by now."""
    today = timezone.localdate()
    return {
        (campaign.pk, kind, state.value)
        for campaign in campaigns
        for kind in campaign.version.unit_kinds
        for state, (step, _to) in WAITS.items()
        if (due := due_date(campaign, kind, step)) and today > due
    }


def board(user, campaigns: list[Campaign], *, now: bool = False) -> list[BoardRow]:
    """Per commune (the district's or province's own units apart) and kind, how many stand at each step.

    ``campaigns`` are of one year, in whose tree the communes are; ``now`` puts the same assessments under today's,
    each once. ``late`` counts those whose step should have been done by now. Office telephones only. Three queries,
    five as now.
    """
    rows: dict[int | str | None, BoardRow] = {}
    by_id = {campaign.pk: campaign for campaign in campaigns}
    if not by_id:
        return []
    # words and deadlines once, not for each of some thousand groups
    steps = [(state.value, str(state.label)) for state in State]
    kinds = {kind.value: str(KIND_NAMES[kind]) for kind in Kind}
    late = _late(campaigns)
    mine = Assessment.objects.filter(campaign__in=by_id, closed_at=None)
    mine = mine.visible_to(user, tree_on=campaigns[0].tree_on)
    for campaign, place, name, kind, state, count in _counted_now(mine) if now else _counted(mine):
        row = rows.get(place) or rows.setdefault(place, BoardRow(place, name or "Đơn vị ngoài cấp xã"))
        line = row.kinds.get(kind) or row.kinds.setdefault(kind, BoardRow(place, kinds[kind]))
        for one in (row, line):
            one.states[state] += count
            if (campaign, kind, state) in late:
                one.late += count
    for row in (line for place in rows.values() for line in (place, *place.kinds.values())):
        row.columns = [(word, row.states.get(state, 0)) for state, word in steps]
    places = [place for place in rows if isinstance(place, int)]
    phones = dict(Unit.objects.filter(pk__in=places).exclude(phone="").values_list("pk", "phone"))
    for place, row in rows.items():
        row.phone = phones.get(place, "")
    order = dict(
        UnitVersion.objects.filter(unit__in=places).order_by("valid__startswith").values_list("unit_id", "name_sort")
    )
    return sorted(rows.values(), key=lambda r: (-r.late, order.get(r.place_id, ""), r.name))


def _counted(mine: QuerySet[Assessment]) -> Iterable[tuple]:
    """``(campaign, commune, its name, kind, state, how many)`` as they were registered."""
    grouped = mine.values_list("campaign_id", "commune_id", "commune_name", "unit_kind", "state")
    return grouped.annotate(n=Count("pk")).order_by()


def _counted_now(mine: QuerySet[Assessment]) -> Iterable[tuple]:
    """The same under today's communes; what lies in none has the key of ``units.selectors.regrouping`` for a commune."""
    found = regrouped(mine)
    counts: Counter[tuple] = Counter()
    for campaign, unit, place, kind, state in mine.values_list(
        "campaign_id", "unit_id", "commune_id", "unit_kind", "state"
    ):
        counts[campaign, found.of(unit, place).key, kind, state] += 1
    words = {NOWHERE: str(_("Chưa xếp được vào địa bàn nay"))}
    for (campaign, key, kind, state), count in counts.items():
        yield campaign, key, found.names.get(key) or words.get(key, ""), kind, state, count


def ended_of(user, campaigns: list[Campaign]) -> list[Ended]:
    """Open assessments on the user's ground whose unit ends before the tree date of ``campaigns`` (of one year)."""
    return ended_among(_held(user, campaigns), campaigns[0].tree_on) if campaigns else []


def own_published(user, years: Iterable[int]) -> list[Assessment]:
    """The published results of the units whose own account this is, in the latest of ``years`` that has any."""
    for year in sorted(set(years), reverse=True):
        own = {u for g in grounds(user, tree_on=date(year, 12, 31)) if g.role == Role.UNIT_REP for u in g.unit_ids}
        if not own:
            continue
        rows = Assessment.objects.filter(unit__in=own, campaign__year=year, state=State.PUBLISHED)
        if found := list(rows.select_related("campaign__version__scheme", "campaign__scheme", "decision")):
            return found
    return []
