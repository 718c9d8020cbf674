"""Collectives that a round may want to nominate, each with the reasons: classes, exemplars, practice models."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Case, Q, QuerySet, When

from movement.classification.enums import ClassCode, Purpose
from movement.classification.models import PublishedResult
from movement.core.dates import format_date, today
from movement.core.text import search_q
from movement.exemplars.models import Point
from movement.exemplars.selectors import exemplars_of
from units.models import UnitVersion

from ..enums import RecipientKind
from ..models import Round
from .lineage import with_predecessors

BEST = (ClassCode.XUAT_SAC.value,)


@dataclass(slots=True)
class Suggestion:
    """A unit under its name of the last day of the round's period; ``weight`` orders the list.

    ``kind_name`` and ``picked`` are the page's: the word for the kind, and whether it is ticked.
    """

    unit_id: int
    unit_code: str
    unit_name: str
    unit_kind: str
    name_sort: str
    reasons: list[str] = field(default_factory=list)
    weight: int = 0
    kind_name: str = ""
    picked: bool = False

    def add(self, sentence: str, weight: int) -> None:
        self.reasons.append(sentence)
        self.weight += weight


def round_day(ring: Round) -> date:
    """The day whose tree a round looks at: its period's last, or today while that lies ahead."""
    return min(ring.last_day, today())


def round_ground(ring: Round) -> QuerySet[UnitVersion]:
    """What lies below a round's authority on its day; below what came before it where it did not exist yet."""
    on = round_day(ring)
    there = UnitVersion.objects.filter(valid__contains=on)
    roots = list(there.filter(unit=ring.authority_id).values_list("path", flat=True))
    if not roots:
        before = with_predecessors([ring.authority_id])[ring.authority_id]
        roots = list(there.filter(unit__in=before).values_list("path", flat=True))
    inside = [Q(path__startswith=path) & ~Q(path=path) for path in roots]
    return there.filter(reduce(or_, inside)) if inside else there.none()


def units_matching(ring: Round, typed: str, *, most: int = 8) -> list[UnitVersion]:
    """Units of the round's ground whose code begins with what was typed or whose name holds its words."""
    typed = typed.strip()[:100]
    if not typed:
        return []
    rows = round_ground(ring).filter(search_q("search", typed) | Q(code__istartswith=typed)).select_related("unit")
    exact = Q(code__iexact=typed)
    return list(rows.annotate(exact=Case(When(exact, then=0), default=1)).order_by("exact", "name_sort", "pk")[:most])


def suggestions(ring: Round, *, kind: str = "") -> list[Suggestion]:
    """The strongest first, those already nominated left out; ``kind`` keeps one kind of unit.

    A reason is a published class "Xuất sắc" in a year of the period, having been chosen as an exemplar for
    such a year, or points of practice models at work on its last day. They are reasons to look, not a right.
    """
    ground = round_ground(ring)
    if kind:
        ground = ground.filter(kind=kind)
    reasons = _reasons(ring, ground)
    nominated = ring.nominations.filter(recipient_kind=RecipientKind.COLLECTIVE, unit__isnull=False)
    taken = set(nominated.values_list("unit_id", flat=True))
    found = []
    for version in ground.filter(unit__in=reasons.keys() - taken):
        one = Suggestion(version.unit_id, version.code, version.name, version.kind, version.name_sort)
        for sentence, weight in reasons[version.unit_id]:
            one.add(sentence, weight)
        found.append(one)
    return sorted(found, key=lambda one: (-one.weight, one.name_sort, one.unit_id))


def _reasons(ring: Round, ground: QuerySet[UnitVersion]) -> dict[int, list[tuple[str, int]]]:
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    results = PublishedResult.objects.filter(
        year__in=ring.years, purpose=Purpose.CLASSIFICATION, class_code__in=BEST, unit__in=ground.values("unit")
    )
    names = {code.value: str(code.label) for code in ClassCode}
    for unit, year, code, number in results.order_by("year", "pk").values_list(
        "unit_id", "year", "class_code", "decision__number"
    ):
        found[unit].append((f"Năm {year}: loại {names[code]} (Quyết định số {number}).", 2))
    for year in ring.years:
        for one in exemplars_of(year, ring.province_id):
            decided = f"Quyết định số {one.decision_number} ngày {format_date(one.decided_on)}"
            found[one.unit_id].append((f"Được chọn xây dựng điển hình năm {year} ({decided}).", 2))
    points: dict[int, list[str]] = defaultdict(list)
    working = Point.objects.filter(unit__in=ground.values("unit"), valid__contains=round_day(ring))
    for unit, name in working.order_by("model__name_sort", "pk").values_list("unit_id", "model__name"):
        points[unit].append(name)
    for unit, models in points.items():
        listed = ", ".join(f"“{name}”" for name in dict.fromkeys(models))
        found[unit].append((f"Có {len(models)} điểm mô hình đang hoạt động: {listed}.", 1))
    return found
