"""The results that a summary rests on, a fixed number of queries however many units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from sys import intern
from typing import NamedTuple

from django.db.models import QuerySet

from movement.classification.enums import ClassCode, Purpose, State
from movement.classification.models import Assessment, Campaign, ClassBand
from units.models import Unit

_KNOWN_ORDER = [code.value for code in ClassCode]


class Result(NamedTuple):
    """One unit in one campaign, with the names and the place it had on 31/12 of the year."""

    pk: int
    campaign_id: int
    unit_id: int
    unit_ulid: str
    code: str
    name: str
    kind: str
    subkind: str
    level: str
    commune_id: int | None
    commune_name: str
    district_id: int | None
    district_name: str
    path: str
    state: str
    points: Decimal | None
    class_code: str
    on_behalf: bool
    demonstration: bool
    decision_number: str | None
    decided_on: date | None

    @property
    def published(self) -> bool:
        return self.state == State.PUBLISHED


_FIELDS = (
    "pk", "campaign_id", "unit_id", "unit__ulid", "unit_code", "unit_name", "unit_kind", "unit_subkind",
    "managing_level", "commune_id", "commune_name", "district_id", "district_name", "path", "state", "points",
    "class_code", "on_behalf", "unit__demonstration", "decision__number", "decision__decided_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A campaign of the year as the paper cites it. ``classes``: ``(code, name, least points)``."""

    campaign_id: int
    scheme: str
    purpose: str
    title: str
    regulation: str
    issued_on: date | None
    illustrative: bool
    retrospective: bool
    classes: tuple[tuple[str, str, Decimal], ...]

    @property
    def standard(self) -> str:
        """What is recognised, without the kind of unit: “An toàn về an ninh, trật tự”."""
        return self.title.partition(" đối với ")[0].removeprefix("Tiêu chuẩn ").strip()


def sources(year: int, province: Unit | int) -> list[Source]:
    """The campaigns of the year that classify or recognise; in the order of their codes."""
    rows = Campaign.objects.filter(
        year=year, province=province, scheme__purpose__in=(Purpose.CLASSIFICATION, Purpose.STANDARD)
    )
    rows = list(rows.select_related("scheme", "version").order_by("scheme__code"))
    bands: dict[int, list[tuple[str, str, Decimal]]] = {}
    found = ClassBand.objects.filter(version__in={row.version_id for row in rows}).order_by("-min_points")
    for version, code, name, least in found.values_list("version_id", "code", "name", "min_points"):
        bands.setdefault(version, []).append((code, name, least))
    return [
        Source(
            campaign_id=row.pk,
            scheme=row.scheme.code,
            purpose=row.scheme.purpose,
            title=row.version.title,
            regulation=row.version.regulation_number,
            issued_on=row.version.issued_on,
            illustrative=row.version.illustrative,
            retrospective=row.retrospective,
            classes=tuple(bands.get(row.version_id, ())),
        )
        for row in rows
    ]


def class_order(used: Iterable[Source]) -> dict[str, str]:
    """``{class code: name}``, best first, over all schemes; the usual four first where they occur."""
    names: dict[str, str] = {}
    least: dict[str, Decimal] = {}
    for source in used:
        for code, name, points in source.classes:
            names.setdefault(code, name)
            least[code] = max(points, least.get(code, points))

    def place(code: str):
        known = code in _KNOWN_ORDER
        return (not known, _KNOWN_ORDER.index(code) if known else 0, -least[code], code)

    return {code: names[code] for code in sorted(names, key=place)}


def has_results(year: int, province: Unit | int) -> bool:
    return _assessments(year, province, (Purpose.CLASSIFICATION, Purpose.STANDARD)).exists()


def recognitions(year: int, province: Unit | int) -> Iterator[Result]:
    """Results of the standards, one a unit and standard."""
    yield from _read(_assessments(year, province, (Purpose.STANDARD,)))


def classifications(year: int, province: Unit | int) -> tuple[list[Result], int]:
    """``(one result a unit, how many units stood in several campaigns)``.

    Of several the one that is published with a class counts, else the one furthest on.
    """
    best: dict[int, Result] = {}
    several = set()
    for row in _read(_assessments(year, province, (Purpose.CLASSIFICATION,))):
        held = best.get(row.unit_id)
        if held is not None:
            several.add(row.unit_id)
        if held is None or _weight(row) > _weight(held):
            best[row.unit_id] = row
    return list(best.values()), len(several)


def _weight(row: Result) -> tuple:
    has_class = bool(row.class_code)
    return row.published and has_class, row.published, has_class, row.decided_on or date.min, row.pk


def _assessments(year: int, province: Unit | int, purposes: tuple[str, ...]) -> QuerySet[Assessment]:
    """Without those that were closed because their unit ended: its successor's stands for it."""
    return Assessment.objects.filter(
        campaign__year=year, campaign__province=province, campaign__scheme__purpose__in=purposes, closed_at=None
    )


def _read(rows: QuerySet[Assessment]) -> Iterator[Result]:
    found = rows.order_by("pk").values_list(*_FIELDS).iterator(chunk_size=2000)
    return (Result._make(intern(cell) if type(cell) is str else cell for cell in row) for row in found)
