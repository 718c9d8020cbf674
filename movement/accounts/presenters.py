"""What the home page shows: what waits, one's own unit, the year in counts; each leads to its list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.enums import Outcome, RoundState
from awards.selectors import rounds_visible
from movement.classification.enums import Purpose, State
from movement.classification.models import Assessment, Campaign
from movement.classification.presenters import class_words, tabs
from movement.classification.worklists import WAITS, due_date, work_of
from movement.exemplars.enums import Life
from movement.exemplars.selectors.practice import models_proposed
from units.enums import KIND_NAMES, Kind

from .access import grounds
from .directory import reviews_due, rights_stranded
from .enums import Role

# Who enters, checks or decides: what waits for them comes out of the rules of classification.
WORKING = {
    Role.STAFF, Role.COMMUNE_OFFICER, Role.COMMUNE_LEAD, Role.DISTRICT_OFFICER, Role.UNIT_REP, Role.CLERK,
}  # fmt: skip
# Whose own place is itself assessed.
AT_HOME = {Role.UNIT_REP, Role.COMMUNE_OFFICER, Role.COMMUNE_LEAD, Role.DISTRICT_OFFICER, Role.LEADER}
IN_ROUNDS = {Role.STAFF, Role.COUNCIL, Role.CLERK}
CHASING = {Role.STAFF, Role.AREA_OFFICER}
# They read what others score and may say what they think of it, at these steps.
OPINION_AT = {Role.LEADER: (State.APPRAISED,), Role.MANAGING_BODY: (State.SUBMITTED, State.CHECKED, State.APPRAISED)}
MOST_WAITS, MOST_ROUNDS = 10, 5


@dataclass(slots=True)
class Wait:
    """One line of what waits: what, where, how many, by when, and the page where it is done."""

    title: str
    about: str
    count: int
    url: str
    due: date | None = None
    no_due: str = ""
    overdue: bool = False

    @property
    def late(self) -> bool:
        return self.overdue or (self.due is not None and timezone.localdate() > self.due)


def waits_of_admin(user) -> list[Wait]:
    """For who administers accounts: what is to be reviewed, and rights on places that have ended."""
    found = []
    if due := reviews_due(user).count():
        title = _("Tài khoản đến hạn rà soát")
        found.append(Wait(title, _("Tài khoản và quyền"), due, reverse("accounts:reviews"), overdue=True))
    if stranded := rights_stranded(user).count():
        title = _("Phân công gắn với địa bàn đã kết thúc")
        found.append(Wait(title, _("Tài khoản và quyền"), stranded, reverse("accounts:stranded")))
    return found


def waits_of(user, roles: set[Role], campaigns: list[Campaign], tables: list[CountsTable]) -> tuple[list[Wait], int]:
    """What waits for the holder of ``roles``, the earliest deadline first, and how many lines more there are.

    Only what has deadlines is cut off, and stands whole under "my work". At most four queries beside the rights.
    """
    opened = [campaign for campaign in campaigns if campaign.is_open]
    about = _about(opened)
    found = []
    if roles & WORKING and opened:
        for task in work_of(user, opened):
            url = reverse("desk:waiting", args=[task.campaign.ulid, task.step])
            found.append(
                Wait(str(task.title), about[task.campaign.pk], task.count, url, task.due, _no_due(task.campaign))
            )
    for row in (row for table in tables for row in table.rows if row.campaign.is_open):
        found += _opinions(roles, row, about[row.campaign.pk])
    found.sort(key=lambda wait: wait.due or date.max)
    more = max(0, len(found) - MOST_WAITS)
    found = found[:MOST_WAITS]
    if roles & CHASING and (late := sum(row.late for table in tables for row in table.rows)):
        title, about = _("Đơn vị quá hạn, cần đôn đốc"), _("Mọi kỳ đang mở")
        found.insert(0, Wait(title, about, late, reverse("desk:board"), overdue=True))
    if roles & IN_ROUNDS:
        found += _rounds(user, roles, campaigns[0].tree_on if campaigns else timezone.localdate())
    if Role.STAFF in roles:
        found += [*_candidates(tables), *_proposed(user)]
    return found, more


def _about(campaigns: Iterable[Campaign]) -> dict[int, str]:
    """``{campaign: which it is, in short}``: purpose, kinds and year."""
    found = {}
    for campaign in campaigns:
        kinds = ", ".join(str(KIND_NAMES[Kind(kind)]).lower() for kind in campaign.version.unit_kinds)
        found[campaign.pk] = f"{campaign.scheme.get_purpose_display()}, {kinds}, {campaign.year}"
    return found


def _no_due(campaign: Campaign) -> str:
    return _("Nhập hồi cứu, không có hạn") if campaign.retrospective else _("Không có hạn")


def _opinions(roles: set[Role], row: CampaignCounts, about: str) -> Iterable[Wait]:
    titles = {
        State.SUBMITTED: _("Hồ sơ đã gửi: đọc, ghi ý kiến"),
        State.CHECKED: _("Hồ sơ đã kiểm tra: đọc, ghi ý kiến"),
        State.APPRAISED: _("Hồ sơ đã thẩm định, sắp xét duyệt: đọc, ghi ý kiến"),
    }
    for role in roles & OPINION_AT.keys():
        for state in OPINION_AT[role]:
            if count := row.by_state.get(state, 0):
                url = f"{reverse('classification:year', args=[row.campaign.year])}?campaign={row.campaign.ulid}&state={state}"
                dues = [due_date(row.campaign, kind, "decide") for kind in row.campaign.version.unit_kinds]
                due = min((day for day in dues if day), default=None)
                yield Wait(titles[state], about, count, url, due, _no_due(row.campaign))


def _rounds(user, roles: set[Role], on: date) -> list[Wait]:
    """Rounds with nominations that have no outcome yet, the newest first.

    Who writes decisions down sees those of their own authority, the council all that it may read.
    """
    rows = rounds_visible(user).filter(state=RoundState.OPEN)
    title = _("Đề nghị khen thưởng để đọc, cho ý kiến")
    if Role.COUNCIL not in roles:
        title = _("Đề nghị khen thưởng chờ ghi quyết định")
        own = {unit for g in grounds(user, tree_on=on) if g.role in IN_ROUNDS for unit in g.unit_ids}
        rows = rows.filter(authority__in=own)
    pending = Count("nominations", filter=Q(nominations__outcome=Outcome.PENDING))
    rows = rows.annotate(pending=pending).filter(pending__gt=0).order_by("-pk")[:MOST_ROUNDS]
    return [
        Wait(title, f"{ring.title} · {ring.authority_name}", ring.pending, reverse("awards:round", args=[ring.ulid]),
             no_due=_("Không có hạn"))
        for ring in rows
    ]  # fmt: skip


def _candidates(tables: list[CountsTable]) -> list[Wait]:
    """Units whose class of this year is published and high enough to look at them as exemplars of the next."""
    rows = [row for table in tables if not table.standard for row in table.rows]
    count = sum(row.published_classes.get(code, 0) for row in rows for code in ("xuat_sac", "kha"))
    if not count:
        return []
    year = rows[0].campaign.year + 1
    title = _("Đơn vị để xét chọn điển hình năm %(year)d") % {"year": year}
    about = _("Loại Xuất sắc, Khá đã công bố năm %(year)d") % {"year": year - 1}
    return [Wait(title, about, count, f"{reverse('exemplars:candidates')}?year={year}", None, _("Không có hạn"))]


def _proposed(user) -> list[Wait]:
    """Models that were proposed and wait for a decision."""
    on = timezone.localdate()
    provinces = {unit for g in grounds(user, tree_on=on) if g.role == Role.STAFF for unit in g.unit_ids}
    count = models_proposed(provinces, on) if provinces else 0
    if not count:
        return []
    url = f"{reverse('exemplars:models')}?state={Life.PROPOSED}"
    return [
        Wait(_("Mô hình được đề xuất, chờ quyết định"), _("Mô hình phong trào"), count, url, None, _("Không có hạn"))
    ]


@dataclass(slots=True)
class OwnResult:
    """The year of one's own unit in one campaign: where it stands, what is missing, by when."""

    assessment: Assessment
    label: str
    due: date | None
    missing: int
    url: str

    @property
    def late(self) -> bool:
        return self.due is not None and timezone.localdate() > self.due


def own_results(user, campaigns: list[Campaign]) -> tuple[list[OwnResult], list[Assessment]]:
    """``(in open campaigns, the last published results)`` of the units that one's assignments stand on; one query."""
    if not campaigns:
        return [], []
    # As of the latest year: what a place was made of is not the place itself.
    held = [g for g in grounds(user, tree_on=campaigns[0].tree_on) if g.role in AT_HOME]
    # A province is nobody's to assess: the path of one is "/1/".
    roots = {unit for g in held if any(path.count("/") > 2 for path in g.paths) for unit in g.unit_ids}
    if not roots:
        return [], []
    by_id = {campaign.pk: campaign for campaign in campaigns}
    rows = Assessment.objects.filter(unit__in=roots, campaign__in=by_id).select_related("decision")
    rows = sorted(rows, key=lambda a: (-by_id[a.campaign_id].year, by_id[a.campaign_id].scheme.purpose, a.unit_name))
    about = _about(by_id.values())
    current, published = [], []
    for a in rows:
        a.campaign = by_id[a.campaign_id]
        if a.state == State.PUBLISHED:
            a.label, a.word = about[a.campaign_id], class_words(a.campaign.version).get(a.class_code, "")
            published.append(a)
        elif a.campaign.is_open:
            due = due_date(a.campaign, a.unit_kind, WAITS[State(a.state)][0])
            missing = len(a.explanation.get("missing", [])) if a.explanation else 0
            current.append(OwnResult(a, about[a.campaign_id], due, missing, reverse("desk:dossier", args=[a.ulid])))
    last = max((a.campaign.year for a in published), default=None)
    return current, [a for a in published if a.campaign.year == last]


@dataclass(slots=True)
class CampaignCounts:
    """One campaign on the user's ground. ``classes``: ``(code, name, count)`` by the columns of its table; no count, no such class."""

    campaign: Campaign
    label: str
    total: int = 0
    published: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    by_state: dict[str, int] = field(default_factory=dict)
    published_classes: dict[str, int] = field(default_factory=dict)
    late: int = 0
    classes: list[tuple[str, str, int | None]] = field(default_factory=list)

    @property
    def unpublished(self) -> int:
        return self.total - self.published

    @property
    def steps(self) -> list[tuple[str, str, int]]:
        """``(state, its word, how many stand there)`` in the order of the year."""
        return [(state.value, str(state.label), self.by_state.get(state, 0)) for state in State]


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
    def underway(self) -> bool:
        """Some campaign is still open: where its units stand is worth a table of its own."""
        return any(row.campaign.is_open for row in self.rows)

    @property
    def totals(self) -> list[tuple[str, str, int]]:
        return [(code, name, sum(row.by_class.get(code, 0) for row in self.rows)) for code, name in self.columns]


def year_counts(user, campaigns: list[Campaign]) -> list[CountsTable]:
    """Counts over ``campaigns`` (of one year) of the units the user may read; campaigns without any are left out."""
    if not campaigns:
        return []
    mine = Assessment.objects.filter(campaign__in=campaigns).visible_to(user, tree_on=campaigns[0].tree_on)
    groups = mine.order_by().values_list("campaign_id", "class_code", "state", "unit_kind")
    today = timezone.localdate()
    found: dict[int, CampaignCounts] = {}
    by_id = {c.pk: c for c in campaigns}
    for pk, class_code, state, kind, n in groups.annotate(n=Count("pk")):
        row = found.setdefault(pk, CampaignCounts(by_id[pk], ""))
        row.total += n
        code = class_code or "none"
        row.by_class[code] = row.by_class.get(code, 0) + n
        row.by_state[state] = row.by_state.get(state, 0) + n
        if state == State.PUBLISHED:
            row.published += n
            row.published_classes[code] = row.published_classes.get(code, 0) + n
        elif (due := due_date(row.campaign, kind, WAITS[State(state)][0])) and today > due:
            row.late += n
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
