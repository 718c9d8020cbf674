"""Who may be chosen as an exemplar, and why, or why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, Q, Subquery

from movement.classification.enums import ClassCode, Purpose, State
from movement.classification.models import Assessment, ClassBand
from movement.core.dates import format_date, today, upper_to_last_day
from movement.core.problems import Refused
from units.models import Lineage, Unit, UnitVersion
from units.selectors import unit_by_code

from ..models import ExemplarRule

# What ``candidates_among`` reads of an assessment.
CANDIDATE_FIELDS = (
    "pk", "unit_id", "unit_code", "unit_name", "unit_kind", "state", "class_code",
    "decision__number", "decision__decided_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """``code``: ``class_published``, ``class_high_enough``, ``existed_at_start``, ``not_closed``."""

    code: str
    met: bool
    sentence: str

    def as_json(self) -> dict:
        return {"code": self.code, "met": self.met, "sentence": self.sentence}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One unit under its code and name of 31/12 of the year before."""

    unit_id: int
    unit_code: str
    unit_name: str
    unit_kind: str
    class_code: str | None
    class_name: str
    conditions: tuple[Condition, ...]

    @property
    def eligible(self) -> bool:
        return all(condition.met for condition in self.conditions)

    @property
    def missed(self) -> list[Condition]:
        return [condition for condition in self.conditions if not condition.met]

    @property
    def fulfilled(self) -> list[Condition]:
        return [condition for condition in self.conditions if condition.met]

    def as_json(self) -> dict:
        """A line of the command ``exemplar_candidates``."""
        return {
            "unit_code": self.unit_code,
            "unit_name": self.unit_name,
            "class": self.class_code,
            "eligible": self.eligible,
            "conditions": [condition.as_json() for condition in self.conditions],
        }


def classes_considered(year: int, province: Unit | int) -> list[str]:
    """The class codes that open the door to exemplars of ``year``; empty when no rule holds on 1/1."""
    rules = ExemplarRule.objects.filter(Q(province=province) | Q(province=None), valid__contains=date(year, 1, 1))
    own = rules.order_by(F("province").asc(nulls_last=True)).first()
    return own.classes if own else []


def exemplar_candidates(
    year: int, province: Unit, units: Iterable[str] | None = None, *, on: date | None = None
) -> list[Candidate]:
    """Units considered as exemplars of ``year``, from the published classes of the year before.

    One a unit of that year's classification, or those that ``units`` names (codes of 31/12 of the year
    before, or ids). Whether a unit is closed is seen on ``on``, by default today, 31/12 of ``year`` at
    the latest. A fixed number of queries.

    Raises:
        Refused: ``unknown_unit`` for each code that nobody bore.
        Ambiguous: several bear a code.
    """
    named = None if units is None else _named(units, province, date(year - 1, 12, 31))
    results = _results(year - 1, province, None if named is None else set(named))
    if named is not None:
        results = {pk: results.get(pk) or _without_result(version) for pk, version in named.items()}
    return candidates_among(results.values(), year, province, on=on)


def candidates_among(
    rows: Iterable[dict], year: int, province: Unit | int, *, on: date | None = None
) -> list[Candidate]:
    """The candidates that ``rows`` stand for: assessments of the year before with ``CANDIDATE_FIELDS``, one a unit.

    Four queries at most; whether a unit is closed is seen on ``on`` as in ``exemplar_candidates``.
    """
    rows = list(rows)
    started = date(year, 1, 1)
    on = on or min(today(), date(year, 12, 31))
    names = {code.value: str(code.label) for code in ClassCode}
    names.update(_band_names(year - 1, province))
    considered = classes_considered(year, province)
    lives = _lives(row["unit_id"] for row in rows)
    closed = [row["unit_id"] for row in rows if not _alive(lives[row["unit_id"]], on)]
    successors = _successors(closed, on) if closed else {}
    found = []
    for row in rows:
        pk = row["unit_id"]
        cls = row["class_code"] if row["state"] == State.PUBLISHED else ""
        first, there = _alive(lives[pk], started), _alive(lives[pk], on)
        conditions = (
            _published(row, year - 1, names),
            _high_enough(cls, considered, names),
            Condition(
                "existed_at_start",
                first,
                f"Ngày {format_date(started)} đơn vị {'đang' if first else 'không'} hoạt động.",
            ),
            Condition("not_closed", there, _closed(there, on, _last_day(lives[pk]), successors.get(pk, ""))),
        )
        found.append(
            Candidate(
                unit_id=pk,
                unit_code=row["unit_code"],
                unit_name=row["unit_name"],
                unit_kind=row["unit_kind"],
                class_code=cls or None,
                class_name=names.get(cls, cls),
                conditions=conditions,
            )
        )
    return found


def _named(codes: Iterable[str], province: Unit, on: date) -> dict[int, UnitVersion]:
    """``{unit: version}`` in the order asked; all unknown codes are told at once."""
    found, problems = {}, []
    for code in dict.fromkeys(codes):
        by_id = UnitVersion.objects.filter(unit__ulid=code, province=province, valid__contains=on).first()
        if by_id:
            found[by_id.unit_id] = by_id
            continue
        try:
            unit, version = unit_by_code(code, on, province=province)
            found[unit.pk] = version
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(problems)
    return found


def _without_result(version: UnitVersion) -> dict:
    return {
        "unit_id": version.unit_id, "unit_code": version.code, "unit_name": version.name, "unit_kind": version.kind, "state": "",
        "class_code": "", "decision__number": None, "decision__decided_on": None,
    }  # fmt: skip


def _results(year: int, province: Unit, only: set[int] | None) -> dict[int, dict]:
    """``{unit: row}`` in the order of places; of several results of a unit the last published with a class."""
    rows = Assessment.objects.filter(
        campaign__year=year, campaign__province=province, campaign__scheme__purpose=Purpose.CLASSIFICATION
    )
    if only is not None:
        rows = rows.filter(unit__in=only)
    best: dict[int, dict] = {}
    for row in rows.order_by("path", "unit_name", "pk").values(*CANDIDATE_FIELDS):
        held = best.get(row["unit_id"])
        if held is None or _standing_of(row) > _standing_of(held):
            best[row["unit_id"]] = row
    return best


def _standing_of(row: dict) -> tuple:
    published = row["state"] == State.PUBLISHED
    return published and bool(row["class_code"]), published, row["decision__decided_on"] or date.min, row["pk"]


def _band_names(year: int, province: Unit) -> dict[str, str]:
    bands = ClassBand.objects.filter(
        version__campaigns__year=year,
        version__campaigns__province=province,
        version__scheme__purpose=Purpose.CLASSIFICATION,
    )
    return dict(bands.order_by("pk").values_list("code", "name"))


def _lives(units: Iterable[int]) -> dict[int, list]:
    """``{unit: its dated ranges, oldest first}``."""
    lives: dict[int, list] = {unit: [] for unit in units}
    versions = UnitVersion.objects.filter(unit__in=list(lives)).order_by("valid")
    for unit, valid in versions.values_list("unit_id", "valid"):
        lives[unit].append(valid)
    return lives


def _alive(life: list, on: date) -> bool:
    return any(on in valid for valid in life)


def _last_day(life: list) -> date | None:
    return upper_to_last_day(life[-1].upper) if life else None


def _successors(units: list[int], on: date) -> dict[int, str]:
    """``{unit: the name of its main successor by a date}``."""
    named = UnitVersion.objects.filter(unit=OuterRef("successor")).order_by("-valid")
    links = Lineage.objects.filter(predecessor__in=units, is_main=True, on__lte=on).order_by("on")
    links = links.annotate(name=Subquery(named.values("name")[:1]))
    return dict(links.values_list("predecessor_id", "name"))


def _published(row: dict, year: int, names: dict[str, str]) -> Condition:
    if row["state"] != State.PUBLISHED:
        return Condition("class_published", False, f"Chưa có kết quả phân loại năm {year} được công bố.")
    said = f"loại {names.get(row['class_code'], row['class_code'])}" if row["class_code"] else "chưa phân loại"
    decided = f"Quyết định số {row['decision__number']} ngày {format_date(row['decision__decided_on'])}"
    return Condition("class_published", True, f"Kết quả phân loại năm {year} đã công bố: {said} ({decided}).")


def _high_enough(cls: str, considered: list[str], names: dict[str, str]) -> Condition:
    doors = ", ".join(names.get(code, code) for code in considered) or "chưa quy định"
    if not cls:
        return Condition("class_high_enough", False, f"Chưa có loại để xét (các loại được xét: {doors}).")
    met = cls in considered
    word = "thuộc" if met else "không thuộc"
    return Condition("class_high_enough", met, f"Loại {names.get(cls, cls)} {word} các loại được xét ({doors}).")


def _closed(there: bool, on: date, last: date | None, successor: str) -> str:
    if there:
        return f"Đến ngày {format_date(on)} đơn vị chưa giải thể, chưa sáp nhập."
    if last is None or last > on:
        return f"Ngày {format_date(on)} đơn vị chưa thành lập."
    into = f", kế thừa chính là {successor}" if successor else ""
    return f"Đơn vị đã kết thúc hoạt động, ngày cuối là {format_date(last)}{into}."
