"""The register of units as of a day: the list, and the tree over the same units."""

from __future__ import annotations

from collections import Counter
from datetime import date
from types import SimpleNamespace

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from movement.accounts.access import assignments_now, can, grounds, may_read
from movement.accounts.rules import COMMUNE, OFFICE
from movement.accounts.selectors import territory
from movement.core.keyset import Keyset

from ..enums import KIND_NAMES, TERRITORIES, Kind
from ..models import UnitVersion
from ..presenters import with_places
from ..selectors.tree import Branch, Node, branch_of, counts_below, in_order, leaves, outermost
from ..trees import OUTSIDE_WORDS, place_words
from .shared import Asked, asked_of, context_of

ORDER = ("name_sort", "pk")
LEAVES = 200  # units of one kind that the tree shows below a place; the list shows all


@login_required
@require_safe
@vary_on_headers("HX-Request")
def unit_list(request):
    """Units of the user's ground as of a day, by name; htmx asks for the list alone."""
    asked = asked_of(request, regroup=True)
    context = context_of(request, asked) | {"page": None, "shown_as": "list"}
    if asked.valid:
        context |= _listed(request, asked)
    status = 200 if asked.valid else 422
    if request.htmx:
        return render(request, "units/_list.html", context, status=status)
    asked.offer(request.user)
    context |= frame_of(request, asked)
    return render(request, "units/list.html", context, status=status)


def frame_of(request, asked: Asked) -> dict:
    """Above the list and the tree: whose ground, and what the reader may begin here."""
    roles = {a.role for a in assignments_now(request.user)}
    return {
        "territory": territory(request.user, asked.day.on),
        "may_create": bool(roles & (OFFICE | COMMUNE)),
        "may_fold": bool(roles & OFFICE),
    }


def _listed(request, asked: Asked) -> dict:
    keyset = Keyset(request.GET, asked.visible, order=ORDER, key="unit__ulid", key_of=lambda v: v.unit.ulid)
    groups = asked.counted(skipped=Count("pk", filter=keyset.skipped))
    chosen = asked.chosen(groups)
    page = keyset.page(
        asked.found.qs.select_related("unit"), total=sum(g[2] for g in chosen), skipped=sum(g[3] for g in chosen)
    )
    with_places(page.rows, asked.day.on)
    for version in page.rows if asked.now else ():
        place = version.unit_id if version.kind == Kind.COMMUNE else version.parent_id
        version.place, version.place_sure = place_words(asked.now, version.unit_id, place)
    return asked.kinds(groups) | {"page": page}


# --- the tree -----------------------------------------------------------------------------------------------
@login_required
@require_safe
@vary_on_headers("HX-Request")
def unit_tree(request):
    """The same units as a tree: the roots of the reader's ground, a single one opened; htmx asks for the tree alone.

    As now it is one level: today's communes, each with what counts there.
    """
    asked = asked_of(request, regroup=True)
    context = context_of(request, asked) | {"lines": None, "shown_as": "tree"}
    if asked.valid:
        context |= _under_today(asked) if asked.now else _rooted(request, asked)
    status = 200 if asked.valid else 422
    if request.htmx:
        return render(request, "units/_tree.html", context, status=status)
    asked.offer(request.user)
    context |= frame_of(request, asked)
    return render(request, "units/list.html", context, status=status)


def _rooted(request, asked: Asked) -> dict:
    user, on, rows = request.user, asked.day.on, asked.found.qs
    paths = outermost(path for ground in grounds(user, tree_on=on) for path in ground.paths)
    roots = UnitVersion.objects.filter(unit__in=[_last(path) for path in paths], valid__contains=on)
    roots = list(roots.select_related("unit").order_by("name_sort", "pk"))
    loose = dict(_loose(user, rows, on).order_by().values_list("kind").annotate(n=Count("pk")))
    opened = branch_of(rows, roots[0], on) if len(roots) == 1 and roots[0].kind in TERRITORIES else None
    below = {roots[0].unit_id: opened.counts} if opened else counts_below(rows, roots)
    nodes = [Node(version, below[version.unit_id]) for version in roots]
    links, below_it = _Links(asked), _opened(request, asked, roots[0], opened) if opened else None
    return asked.kinds(asked.counted()) | {
        "lines": [_line(request, links, node, below_it) for node in nodes if node.total or not asked.filtered],
        "loose": [_group(links, kind, n, None) for kind, n in in_order(loose).items()],
    }


def _under_today(asked: Asked) -> dict:
    """Today's communes in Vietnamese order, and what lies in none; every unit of the day counts once. Two queries."""
    now, links = asked.now, _Links(asked)
    found: dict[int | str, Counter] = {}
    for unit, parent, kind in asked.found.qs.order_by().values_list("unit_id", "parent_id", "kind"):
        key = now.of(unit, unit if kind == Kind.COMMUNE else parent).key
        found.setdefault(key, Counter())[kind] += 1
    places = [(pk, now.ulids[pk], name) for pk, name in now.names.items()]
    places += [(key, key, word) for key, word in OUTSIDE_WORDS.items()]
    lines = [
        {
            "version": SimpleNamespace(name=str(name)),
            "key": value,
            "total": 0,  # nothing opens: what lies below is in the list
            "counts": [(links.words[kind], n, links.at(value, kind)) for kind, n in in_order(found[key]).items()],
            "url": "",
            "detail_url": links.at(value),
            "changeable": False,
        }
        for key, value, name in places
        if key in found
    ]
    return asked.kinds(asked.counted()) | {"lines": lines, "loose": [], "at_day": ""}


@login_required
@require_safe
def tree_branch(request, ulid=None):
    """What stands directly below a place, for the tree to swap in; with ``nhom`` its units of one kind.

    Without a place: units of one kind that the reader sees though none of their places.
    """
    asked = asked_of(request)
    kind = request.GET.get("nhom", "")
    if not asked.valid or (kind and kind not in Kind.values):
        raise Http404
    on, rows, place = asked.day.on, asked.found.qs, None
    if ulid is not None:
        place = UnitVersion.objects.filter(unit__ulid=ulid, valid__contains=on).select_related("unit").first()
        if place is None or not may_read(request.user, place, tree_on=on):
            raise Http404
    elif not kind:
        raise Http404
    context = context_of(request, asked)
    if not kind:
        context |= _opened(request, asked, place, branch_of(rows, place, on))
        return render(request, "units/_branch.html", context)
    if place is None:
        rows = _loose(request.user, rows, on)
    found = leaves(rows, kind, place, LEAVES + 1)
    context |= {"units": found[:LEAVES], "more": len(found) > LEAVES, "list_url": _Links(asked).list(place, kind)}
    for version in context["units"]:
        version.changeable = bool(can(request.user, "units.change", version))
    return render(request, "units/_leaves.html", context)


def _loose(user, rows: QuerySet[UnitVersion], on: date) -> QuerySet[UnitVersion]:
    """Those of ``rows`` that the user sees though none of their places: managed by their office, or of their group."""
    held = grounds(user, tree_on=on)
    managing, members = ({unit for g in held for unit in getattr(g, name)} for name in ("unit_ids", "members"))
    rows = rows.filter(Q(managing_body__in=managing) | Q(unit__in=members))
    paths = outermost(path for ground in held for path in ground.paths)
    return rows.exclude(Q(*(("path__startswith", path) for path in paths), _connector=Q.OR)) if paths else rows


def _opened(request, asked: Asked, place: UnitVersion, branch: Branch) -> dict:
    links = _Links(asked)
    return {
        "lines": [_line(request, links, node) for node in branch.places],
        "groups": [_group(links, kind, n, place) for kind, n in branch.units.items()],
    }


class _Links:
    """The addresses that a line of the tree leads to; what all lines share is put together once, not some hundred times."""

    def __init__(self, asked: Asked):
        named = asked.keep | asked.named
        self._list = f"{reverse('units:list')}?{urlencode(named)}{'&' if named else ''}"
        self._branch = urlencode({"on": asked.day.on.isoformat()} | asked.named)
        self._at = {name: reverse(f"units:{name}", args=["-"]) for name in ("branch", "change_menu", "detail")}
        self._loose = reverse("units:loose")
        self.words = {kind: str(word) for kind, word in KIND_NAMES.items()}

    def list(self, place: UnitVersion | None, kind: str) -> str:
        return f"{self._list}{f'place={place.unit.ulid}&' if place else ''}kind={kind}"

    def at(self, value: str, kind: str = "") -> str:
        """The list of what counts at a place of today, as an address names it."""
        return f"{self._list}place={value}{f'&kind={kind}' if kind else ''}"

    def branch(self, place: UnitVersion | None, kind: str = "") -> str:
        url = self.to("branch", place) if place else self._loose
        return f"{url}?{self._branch}{f'&nhom={kind}' if kind else ''}"

    def to(self, name: str, place: UnitVersion) -> str:
        return self._at[name].replace("/-/", f"/{place.unit.ulid}/")


def _line(request, links: _Links, node: Node, opened: dict | None = None) -> dict:
    """A place as a line of the tree; with ``opened`` (what stands below) it is open."""
    place = node.version
    line = {
        "version": place,
        "key": place.unit.ulid,
        "total": node.total,
        "counts": [(links.words[kind], n, links.list(place, kind)) for kind, n in node.counts.items()],
        "url": links.branch(place),
        "detail_url": links.to("detail", place),
        "menu_url": links.to("change_menu", place),
        "changeable": bool(can(request.user, "units.change", place) or can(request.user, "units.create", place)),
    }
    return line | ({"open": True} | opened if opened else {})


def _group(links: _Links, kind: str, n: int, place: UnitVersion | None) -> dict:
    """The units of one kind below a place as a line that opens."""
    return {
        "label": Kind(kind).label,
        "key": f"{place.unit.ulid if place else 'le'}-{kind}",
        "total": n,
        "url": links.branch(place, kind),
    }


def _last(path: str) -> int:
    return int(path.rstrip("/").rsplit("/", 1)[1])
