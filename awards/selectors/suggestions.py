"""Collectives that a round may want to nominate, each with the reasons: classes, exemplars, practice models."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from movement.classification.enums import ClassCode, Purpose
from movement.classification.models import PublishedResult
from movement.core.dates import format_date, today
from movement.exemplars.models import Point
from movement.exemplars.selectors import exemplars_of
from units.models import UnitVersion
from units.selectors import descendants_on, version_on, versions_of

from ..enums import RecipientKind
from ..models import Round

BEST = (ClassCode.XUAT_SAC.value,)


@dataclass(slots=True)
class Suggestion:
    """A unit under its name of the last day of the round's period; ``weight`` orders the list."""

    unit_id: int
    unit_code: str
    unit_name: str
    unit_kind: str
    name_sort: str
    reasons: list[str] = field(default_factory=list)
    weight: int = 0

    def add(self, sentence: str, weight: int) -> None:
        self.reasons.append(sentence)
        self.weight += weight


def suggestions(ring: Round, *, kind: str = "") -> list[Suggestion]:
    """The strongest first, those already nominated left out; ``kind`` keeps one kind of unit.

    A reason is a published class "Xuất sắc" in a year of the period, having been chosen as an exemplar for
    such a year, or points of practice models at work on its last day. They are reasons to look, not a right.
    """
    on = min(ring.last_day, today())
    authority = version_on(ring.authority_id, on)
    if authority is None:
        return []
    ground = descendants_on(ring.authority_id, on, kinds=[kind] if kind else None)
    reasons = _reasons(ring, ground, on)
    nominated = ring.nominations.filter(recipient_kind=RecipientKind.COLLECTIVE)
    taken = set(nominated.filter(unit__isnull=False).values_list("unit_id", flat=True))
    versions = {pk: v for pk, v in versions_of(reasons.keys() - taken, on).items() if _inside(v, authority, kind)}
    found = []
    for pk, version in versions.items():
        one = Suggestion(pk, version.code, version.name, version.kind, version.name_sort)
        for sentence, weight in reasons[pk]:
            one.add(sentence, weight)
        found.append(one)
    return sorted(found, key=lambda one: (-one.weight, one.name_sort, one.unit_id))


def _inside(version: UnitVersion, authority: UnitVersion, kind: str) -> bool:
    below = version.path.startswith(authority.path) and version.unit_id != authority.unit_id
    return below and (not kind or version.kind == kind)


def _reasons(ring: Round, ground, on) -> dict[int, list[tuple[str, int]]]:
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
    working = Point.objects.filter(unit__in=ground.values("unit"), valid__contains=on)
    for unit, name in working.order_by("model__name_sort", "pk").values_list("unit_id", "model__name"):
        points[unit].append(name)
    for unit, models in points.items():
        listed = ", ".join(f"“{name}”" for name in dict.fromkeys(models))
        found[unit].append((f"Có {len(models)} điểm mô hình đang hoạt động: {listed}.", 1))
    return found
