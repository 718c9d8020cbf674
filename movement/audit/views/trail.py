"""The trail in the browser: filtered, paged by the number of the row, taken home as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from movement.accounts.access import assignments_now
from movement.accounts.selectors import territory
from movement.core.dates import format_date, today
from movement.core.exports import Cell
from movement.core.listings import Listing, register_listing
from movement.core.problems import Problem, Refused
from movement.core.text import search_q
from units.models import Unit, UnitVersion

from ..forms import TrailFilter
from ..models import Entry, Proof
from ..presenters import lines_of, shown
from ..words import GROUPS, action_word, group_actions
from .scope import READERS, entries_visible, reads_trail

NAME = "trail"
SIZE = 50
LOOK = 30_000  # rows a page looks through for a word or a kind of act; then it says how far it came
_NAMED = 500  # units or accounts that a typed name may mean


@dataclass(frozen=True, slots=True)
class Page:
    """``next`` is the key of the next page; ``until`` says how far a search came that found too little."""

    entries: list
    next: int | None
    until: datetime | None = None


@login_required
@require_safe
@never_cache
@vary_on_headers("HX-Request")
def trail(request):
    """Who did what, newest first; htmx asks for the list alone."""
    if not reads_trail(request.user):
        raise PermissionDenied
    form = TrailFilter(request.GET)
    valid = form.is_valid()
    context = {"form": form, "page": None, "reset": request.path}
    if valid:
        context["page"] = page_of(request.user, form.cleaned_data, request.GET.get("after", ""))
        context["filtered"] = any(form.cleaned_data.values())
        context["object_only"] = form.cleaned_data["object"]
    status = 200 if valid else 422
    if request.htmx:
        return render(request, "audit/_trail.html", context, status=status)
    context |= {
        "trail": [(_("Nhật ký"), None)],
        "territory": territory(request.user, today()),
        "proof": Proof.objects.order_by("-id").first(),
    }
    return render(request, "audit/trail.html", context, status=status)


def page_of(user, asked: Mapping, after: str) -> Page:
    asked = with_accounts(asked)
    every = Entry.objects.order_by("-id")
    if after.isdecimal() and len(after) < 19:
        every = every.filter(pk__lt=int(after))
    # Days and the number alone bound what is looked through: an index walks it, whatever the reader may see of it.
    cut = _days(every, asked).values_list("pk", "at")[LOOK : LOOK + 1].first() if sifts(asked) else None
    rows = narrowed(entries_visible(user, every), asked)
    rows = sifted(rows.filter(pk__gt=cut[0]) if cut else rows, asked)
    found = list(rows[: SIZE + 1])
    if len(found) > SIZE:
        return Page(shown(found[:SIZE]), found[SIZE - 1].pk)
    return Page(shown(found), cut[0] + 1 if cut else None, cut[1] if cut else None)


def with_accounts(asked: Mapping) -> dict:
    """``asked`` with ``accounts``: those that the typed name may mean."""
    who = asked["who"].strip()
    users = get_user_model().objects.filter(Q(username__icontains=who) | Q(name__icontains=who))
    return {**asked, "accounts": list(users.values_list("pk", flat=True)[:_NAMED]) if who else []}


def narrowed(rows: QuerySet[Entry], asked: Mapping) -> QuerySet[Entry]:
    """By what an index finds: days, person, unit, object."""
    rows = _days(rows, asked)
    if asked["accounts"]:
        rows = rows.filter(actor_id__in=asked["accounts"])
    if asked["unit"]:
        rows = rows.filter(unit_id__in=list(Unit.objects.filter(ulid=asked["unit"]).values_list("pk", flat=True)))
    if place := asked["place"].strip():
        named = UnitVersion.objects.filter(search_q("search", place) | Q(code=place))
        rows = rows.filter(unit_id__in=list(named.values_list("unit_id", flat=True).distinct()[:_NAMED]))
    if asked["object"]:
        kind, _colon, ulid = asked["object"].partition(":")
        rows = rows.filter(object_kind=kind, object_id=ulid)
    return rows


def _days(rows: QuerySet[Entry], asked: Mapping) -> QuerySet[Entry]:
    if asked["since"]:
        rows = rows.filter(at__gte=_midnight(asked["since"]))
    if asked["until"]:
        rows = rows.filter(at__lt=_midnight(asked["until"] + timedelta(days=1)))
    return rows


def sifts(asked: Mapping) -> bool:
    """Whether rows have to be looked at one by one; what an index narrows to a person, unit or thing is few enough."""
    if asked["accounts"] or asked["unit"] or asked["place"].strip() or asked["object"]:
        return False
    return bool(asked["q"].strip() or asked["group"] or (asked["who"].strip() and not asked["accounts"]))


def sifted(rows: QuerySet[Entry], asked: Mapping) -> QuerySet[Entry]:
    """By what each row has to be looked at for."""
    if words := asked["q"].strip():
        rows = rows.filter(Q(sentence__icontains=words) | Q(reason__icontains=words) | Q(source__icontains=words))
    if (who := asked["who"].strip()) and not asked["accounts"]:
        rows = rows.filter(actor_name__icontains=who)  # a command, or a name as it was then
    if asked["group"]:
        actions, families = group_actions(asked["group"])
        mine = Q(action__in=actions)
        for family in families:
            apart = [
                a for code, _title, words in GROUPS if code != asked["group"] for a in words if a.startswith(family)
            ]
            mine |= Q(action__startswith=family) & ~Q(action__in=apart)
        rows = rows.filter(mine)
    return rows


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# --- as a file ------------------------------------------------------------------------------------
COLUMNS = (
    ("Thời điểm", 18), ("Người thực hiện", 26), ("Việc", 24), ("Nội dung", 60), ("Thay đổi", 50), ("Lý do", 30), ("Từ đâu", 18),
)  # fmt: skip


def trail_listing(user, address) -> Listing:
    """The rows under the filters of the page, all of them."""
    if not reads_trail(user):
        raise PermissionDenied
    form = TrailFilter(address)
    if not form.is_valid():
        raise Refused(Problem("filters", "Điều kiện lọc không đúng."))
    asked = with_accounts(form.cleaned_data)
    rows = sifted(narrowed(entries_visible(user, Entry.objects.all()), asked), asked)
    newest = rows.order_by("-id").values_list("pk", flat=True).first() or 0
    rows = rows.filter(pk__lte=newest)  # what is written while the file is made is not in it
    held = [a.unit_id for a in assignments_now(user) if a.role in READERS and a.unit_id]
    return Listing(
        title="Nhật ký",
        what="nhật ký",
        columns=COLUMNS,
        rows=lambda: _rows(rows),
        count=rows.count(),
        unit_id=held[0] if held else None,
        notes=[f"Nhật ký xuất ngày {format_date(today())}."],
        told={name: str(value) for name, value in form.cleaned_data.items() if value},
    )


def _rows(rows: QuerySet[Entry]) -> Iterator[list[Cell]]:
    for entry in rows.order_by("-id").iterator(chunk_size=2000):
        changes = "; ".join(f"{line.label}: {line.before or '–'} → {line.after or '–'}" for line in lines_of(entry))
        moment = f"{timezone.localtime(entry.at):%d/%m/%Y %H:%M:%S}"
        cells = [
            moment,
            entry.actor_name,
            action_word(entry.action),
            entry.sentence,
            changes,
            entry.reason,
            entry.source,
        ]
        yield [cell[:32_000] for cell in cells]


register_listing(NAME, trail_listing)
