"""Cụm, khối thi đua, ngành: which there are, one with its members on a day, who joins and who leaves."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from movement.accounts.access import can, grounds, visible_versions
from movement.accounts.selectors import territory
from movement.core.dates import today, upper_to_last_day
from movement.core.once import once
from movement.core.problems import Refused
from movement.core.text import VnName, normalise_name
from movement.core.ulid import new_ulid

from ..enums import GroupKind, Kind
from ..forms import DayForm
from ..forms_groups import EndForm, GroupChangeForm, GroupForm, JoinForm, LeaveForm
from ..models import UnitGroup, UnitGroupMember, UnitVersion
from ..presenters import Day, day_in_view, groups_seen, with_places
from ..selectors import as_now
from ..selectors.groups import Rule, already_in, group_sizes, rule_finds
from ..services.groups import group_change, group_create, group_end, member_end, member_remove, members_add
from .shared import at_day, sent, subkinds_of

ACT = "units.groups"
POST = ["GET", "HEAD", "POST"]
PAGE, SHOWN = 100, 200


# --- which there are, and one of them ---------------------------------------------------------------------
@login_required
@require_safe
def group_list(request):
    """The groups of the reader's provinces on a day, each with as many members as the reader may see."""
    day_form, day = _day(request)
    groups = list(groups_seen(request.user, day.on))
    sizes = group_sizes(groups, visible_versions(request.user, tree_on=day.on), day.on)
    for group in groups:
        group.size = sizes.get(group.pk, 0)
    context = {
        "kinds": [(label, of) for kind, label in GroupKind.choices if (of := [g for g in groups if g.kind == kind])],
        "day": day,
        "day_form": day_form,
        "at_day": at_day(day.on),
        "may_found": bool(_own_provinces(request.user)),
        "trail": [(_("Đơn vị, địa bàn"), reverse("units:list")), (_("Cụm, khối thi đua, ngành"), None)],
        "territory": territory(request.user, day.on),
    }
    return render(request, "units/groups.html", context)


def _day(request) -> tuple[DayForm, Day]:
    form = DayForm(request.GET)
    day = day_in_view(request.user, form.cleaned_data["on"] if form.is_valid() else None)
    return form if form.errors else DayForm(initial={"on": day.on}), day


@login_required
@require_safe
def group_detail(request, ulid):
    """One group and its members on a day, those the reader may see."""
    day_form, day = _day(request)
    group = _group(request.user, ulid, day.on)
    visible = visible_versions(request.user, tree_on=day.on)
    rows = visible.filter(unit__memberships__group=group, unit__memberships__valid__contains=day.on)
    rows = rows.annotate(joined=F("unit__memberships__valid"), member=F("unit__memberships__pk"))
    rows = rows.select_related("unit").order_by("name_sort", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    page.object_list = with_places(page.object_list, day.on)
    for version in page.object_list:
        version.since, version.until = version.joined.lower, upper_to_last_day(version.joined.upper)
    context = {
        "group": group,
        "founded": group.valid.lower,
        "last": upper_to_last_day(group.valid.upper),
        "page": page,
        "day": day,
        "day_form": day_form,
        "at_day": at_day(day.on),
        "may_change": bool(can(request.user, ACT, group)),
        "trail": _trail(group),
    }
    return render(request, "units/group.html", context)


def _trail(group: UnitGroup, *step: str) -> list:
    url = reverse("units:group", args=[group.ulid]) if step else None
    home = (_("Đơn vị, địa bàn"), reverse("units:list"))
    groups = (_("Cụm, khối thi đua, ngành"), reverse("units:groups"))
    return [home, groups, (group.name, url), *((name, None) for name in step)]


def _group(user, ulid: str, on) -> UnitGroup:
    """A group of a province that the reader's ground lies in, today, on that day or when it was founded."""
    group = UnitGroup.objects.filter(ulid=ulid).first()
    if group is None:
        raise Http404
    for day in dict.fromkeys((on, today(), group.valid.lower)):
        if any(int(p.split("/")[1]) == group.province_id for g in grounds(user, tree_on=day) for p in g.paths):
            return group
    if not any(group.pk == own.pk for own in groups_seen(user, group.valid.lower)):
        raise Http404
    return group


def _mine(request, ulid: str) -> UnitGroup:
    group = _group(request.user, ulid, today())
    if not can(request.user, ACT, group):
        raise PermissionDenied
    return group


# --- founding, mending, ending ----------------------------------------------------------------------------
def _own_provinces(user) -> list[UnitVersion]:
    """The provinces of today in which the reader may found groups."""
    held = grounds(user, tree_on=today())
    ids = {unit for ground in held for unit in ground.unit_ids}
    rows = UnitVersion.objects.filter(unit__in=ids, kind=Kind.PROVINCE, valid__contains=today()).select_related("unit")
    founded = DateRange(today(), None)
    return [
        row for row in rows.order_by("name_sort") if can(user, ACT, UnitGroup(province_id=row.unit_id, valid=founded))
    ]


@login_required
@require_http_methods(POST)
def group_new(request):
    provinces = _own_provinces(request.user)
    if not provinces:
        raise PermissionDenied
    choices = [(row.unit.ulid, row.name) for row in provinces]
    form = GroupForm(sent(request), initial={"once": new_ulid(), "start": today()}, provinces=choices)

    def save():
        asked = form.cleaned_data
        province = next(row.unit for row in provinces if row.unit.ulid == asked["province"])
        group, _made = once(
            asked["once"], actor=request.user, purpose="units.group", model=UnitGroup,
            make=lambda: group_create(
                province=province, kind=asked["kind"], name=asked["name"], decision=asked["decision"],
                start=asked["start"], actor=request.user,
            ),
        )  # fmt: skip
        messages.success(request, _("Đã lập “%s”. Hãy thêm đơn vị vào.") % group.name)
        return reverse("units:group", args=[group.ulid])

    trail = [(_("Đơn vị, địa bàn"), reverse("units:list")), (_("Cụm, khối thi đua, ngành"), reverse("units:groups"))]
    return _form_page(request, form, save, _("Lập cụm, khối thi đua, ngành"), [*trail, (_("Lập mới"), None)],
                      back=reverse("units:groups"), submit=_("Lập"))  # fmt: skip


@login_required
@require_http_methods(POST)
def group_edit(request, ulid):
    group = _mine(request, ulid)
    form = GroupChangeForm(sent(request), initial={"name": group.name, "decision": group.decision})
    back = reverse("units:group", args=[ulid])

    def save():
        group_change(group=group, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Đã ghi."))
        return back

    return _form_page(
        request, form, save, _("Sửa tên, quyết định"), _trail(group, _("Sửa")), back=back, submit=_("Ghi")
    )


@login_required
@require_http_methods(POST)
def group_close(request, ulid):
    group = _mine(request, ulid)
    form = EndForm(sent(request))
    back = reverse("units:group", args=[ulid])

    def save():
        group_end(group=group, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Đã ghi ngày kết thúc. Danh sách các ngày trước đó vẫn xem được."))
        return back

    heading = _("Kết thúc “%s”") % group.name
    return _form_page(request, form, save, heading, _trail(group, _("Kết thúc")), back=back, submit=_("Ghi kết thúc"))


@login_required
@require_http_methods(POST)
def member_leave(request, ulid, member):
    group = _mine(request, ulid)
    row = UnitGroupMember.objects.filter(group=group, pk=member).select_related("unit").first()
    version = row and visible_versions(request.user, tree_on=row.valid.lower).filter(unit=row.unit_id).first()
    if version is None:
        raise Http404
    form = LeaveForm(sent(request))
    back = reverse("units:group", args=[ulid])

    def save():
        asked = form.cleaned_data
        if asked["mistaken"]:
            member_remove(member=row, actor=request.user, reason=asked["reason"])
        else:
            member_end(member=row, actor=request.user, last_day=asked["last_day"], reason=asked["reason"])
        messages.success(request, _("Đã ghi “%(unit)s” ra khỏi “%(group)s”.") % {"unit": version.name, "group": group})
        return back

    heading = _("“%(unit)s” ra khỏi “%(group)s”") % {"unit": version.name, "group": group.name}
    return _form_page(request, form, save, heading, _trail(group, _("Ra khỏi")), back=back, submit=_("Ghi"))


def _form_page(request, form, save, heading: str, trail: list, *, back: str, submit: str):
    """One form: what is wrong with it stands beside its fields, what was typed stays."""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(save())
        except Refused as refused:
            refusals(form, refused)
    context = {"form": form, "heading": heading, "trail": trail, "back": back, "submit": submit}
    return render(request, "units/form.html", context, status=422 if form.errors else 200)


def refusals(form, refused: Refused) -> None:
    """The sentences of ``refused`` beside the fields they concern; the others above the form."""
    for problem in refused.problems[:50]:
        beside = problem.column in form.fields
        value = f"{problem.value}: " if problem.value and not beside else ""
        form.add_error(problem.column if beside else None, f"{value}{problem.message}")


# --- who joins --------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Joining:
    """What a filled form would do: who joins, who is in already; lines that name nothing or several."""

    units: list[UnitVersion] = field(default_factory=list)
    already: list[UnitVersion] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@login_required
@require_http_methods(POST)
def group_join(request, ulid):
    """Who joins from a day on. The first sending shows whom, the second (``sure``) does it."""
    group = _mine(request, ulid)
    data = request.POST if request.method == "POST" else None
    start = _start(data) or max(group.valid.lower, today())
    choosable = _choosable(request.user, group, start)
    form = JoinForm(data, initial={"start": start, "way": JoinForm.LIST}, subkinds=subkinds_of(choosable))
    for name in ("units", "place"):
        form.fields[name].among(choosable, on=start)
    joining = None
    if data is not None and "edit" not in data and form.is_valid():
        joining = _joining(form, group, choosable)
        for problem in joining.problems[:50]:
            form.add_error("lines", problem)
        if not joining.units and not form.errors:
            form.add_error(
                None, _("Không có đơn vị nào vào thêm: các đơn vị này đã ở trong, hoặc không có đơn vị nào.")
            )
        if form.is_valid() and "sure" in data:
            try:
                count = members_add(
                    group=group, unit_ids=[v.unit_id for v in joining.units], start=start, actor=request.user
                )
                messages.success(request, _("%(count)d đơn vị vào “%(group)s”.") % {"count": count, "group": group})
                return redirect("units:group", ulid)
            except Refused as refused:
                refusals(form, refused)
    context = {
        "group": group,
        "form": form,
        "joining": joining if joining and not form.errors else None,
        "start": start,
        "trail": _trail(group, _("Thêm đơn vị")),
        "hidden": [(name, value) for name in data for value in data.getlist(name) if name in _FORM] if data else [],
    }
    if context["joining"]:
        shown = joining.units[:SHOWN]
        context |= {"rows": with_places(shown, start), "more": len(joining.units) - len(shown)}
    return render(request, "units/group_join.html", context, status=422 if form.errors else 200)


_FORM = {
    "start", "way", "lines", "kind", "subkind", "level", "units", "units_q", "units_seen", "place", "place_q", "place_seen",
}  # fmt: skip


def _start(data):
    form = DayForm({"on": data.get("start", "")} if data is not None else {})
    return form.cleaned_data["on"] if form.is_valid() else None


def _choosable(user, group: UnitGroup, on):
    """What the reader may see on that day in the group's province, or in what it has become."""
    now = as_now([group.province_id], on)[group.province_id].unit_id
    return visible_versions(user, tree_on=on).filter(province__in={group.province_id, now} - {None})


def _joining(form: JoinForm, group: UnitGroup, choosable) -> Joining:
    asked = form.cleaned_data
    if asked["way"] == JoinForm.RULE:
        place = asked["place"].path if asked["place"] else ""
        rule = Rule(kind=asked["kind"], subkind=asked["subkind"], level=asked["level"], place_path=place)
        found, problems = list(rule_finds(choosable, rule).select_related("unit")), []
    else:
        found, problems = _named(choosable, form.named_lines())
        found += asked["units"]
    found = sorted({v.unit_id: v for v in found}.values(), key=lambda v: (v.name_sort, v.pk))
    inside = already_in(group, [v.unit_id for v in found], asked["start"])
    return Joining([v for v in found if v.unit_id not in inside], [v for v in found if v.unit_id in inside], problems)


def _named(choosable, lines: list[str]) -> tuple[list[UnitVersion], list[str]]:
    """Units that lines name by code or whole name; a sentence for each line that does not name one. One query."""
    if not lines:
        return [], []
    by_word: dict[str, list[UnitVersion]] = {}
    words = {normalise_name(line) for line in lines}
    asked = choosable.alias(plain=VnName("name")).filter(Q(code__in=lines) | Q(plain__in=words))
    for version in asked.select_related("unit"):
        by_word.setdefault(version.code, []).append(version)
        by_word.setdefault(normalise_name(version.name), []).append(version)
    found, problems = [], []
    for number, line in enumerate(lines, start=1):
        rows = by_word.get(line) or by_word.get(normalise_name(line), [])
        if len({row.unit_id for row in rows}) == 1:
            found.append(rows[0])
        elif rows:
            codes = ", ".join(row.code or _("chưa có mã") for row in rows[:5])
            problems.append(
                _("Dòng %(line)d, “%(text)s”: có nhiều đơn vị tên này (%(codes)s); hãy ghi mã.")
                % {"line": number, "text": line, "codes": codes}
            )
        else:
            problems.append(
                _("Dòng %(line)d, “%(text)s”: không có đơn vị nào tên hoặc mã này.") % {"line": number, "text": line}
            )
    return found, problems
