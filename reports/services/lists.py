"""The other frozen lists: practice models, their points, exemplars, commendations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from awards.enums import PERSONS
from awards.selectors import YearLine, awards_of_year
from movement.core.dates import format_date
from movement.core.numbers import count_text
from movement.exemplars.selectors import ModelRow, PointRow, exemplars_of, models_on, points_on
from units.models import Unit

COUNTS = ("points", "teams", "members")


@dataclass(slots=True)
class Sums:
    """``models`` are ids: one model may have points in many places and counts once in each and once in all."""

    models: set[str] = field(default_factory=set)
    points: int = 0
    teams: int = 0
    members: int = 0

    def add(self, row: dict) -> None:
        """One frozen point."""
        self.models.add(row["model"])
        self.points += 1
        self.teams += row["teams"]
        self.members += row["members"]


@dataclass(slots=True)
class Practice:
    """What the text says of models and points.

    ``models`` are frozen rows; ``areas``: ``{(district, commune): Sums}``, ``names``: ``{key: name}`` of both.
    """

    models: list[dict] = field(default_factory=list)
    areas: dict[tuple[str, str], Sums] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> Sums:
        return self.of(self.models)

    def of(self, models: Iterable[dict]) -> Sums:
        """The sums of some of ``models``."""
        models = list(models)
        sums = {name: sum(row[name] for row in models) for name in COUNTS}
        return Sums({row["model"] for row in models}, **sums)

    def by_area(self, at: int) -> dict[str, Sums]:
        """``{key: Sums}`` by district (0) or commune (1)."""
        found: dict[str, Sums] = {}
        for key, sums in self.areas.items():
            one = found.setdefault(key[at], Sums())
            one.models |= sums.models
            one.points += sums.points
            one.teams += sums.teams
            one.members += sums.members
        return found


def practice_rows(province: Unit, on: date, *, as_now: bool) -> tuple[Practice, list[dict]]:
    """``(what the text says, frozen points)`` on ``on``; the points in the order of their annex."""
    counted = {row.pk: row for row in models_on(province, on).rows if row.counted}
    found, notes = points_on(province, on, as_now=as_now)
    practice = Practice(notes=notes)
    points = []
    for row in found:
        if row.model_id not in counted:
            continue
        point = _point(row, counted[row.model_id])
        practice.areas.setdefault((point["district"], point["commune"]), Sums()).add(point)
        practice.names |= {point[name]: point[f"{name}_name"] for name in ("district", "commune") if point[name]}
        points.append(point)
    if as_now and (unplaced := sum(not point["commune"] for point in points)):
        practice.notes.append(f"{count_text(unplaced)} điểm chưa xếp được vào xã, phường, đặc khu hiện nay.")
    points.sort(key=lambda row: (row["district"], row["commune"], row["commune_name"]))
    ordered = sorted(counted.values(), key=lambda row: (not row.field, row.field))  # by name inside a field
    practice.models = [
        {
            "id": row.ulid, "no": number, "model": row.ulid, "code": row.code, "name": row.name, "field": row.field,
            "decision": row.decision, "state": row.state,
            **{name: getattr(row, name) for name in COUNTS},
        }
        for _, inside in groupby(ordered, key=lambda row: row.field)
        for number, row in enumerate(inside, start=1)
    ]  # fmt: skip
    return practice, points


def _point(row: PointRow, model: ModelRow) -> dict:
    return {
        "model": model.ulid,
        "field": model.field,
        "model_code": row.model_code,
        "model_name": row.model_name,
        "code": row.code,
        "name": row.name,
        "place": row.place,
        "district": row.district_code or row.district,
        "district_name": row.district,
        "commune": row.commune_code or row.commune,
        "commune_name": row.commune,
        "started_on": format_date(row.started_on),
        "ended_on": format_date(row.last_day),
        "teams": row.teams,
        "members": row.members,
    }


def exemplar_rows(year: int, province: Unit) -> list[dict]:
    """Those chosen for ``year``, in the order in which the decisions name them. Who signed is not kept."""
    return [
        {
            "id": one.ulid, "no": number, "code": one.unit_code, "name": one.unit_name, "kind": one.unit_kind,
            "place": one.place_name, "said": one.named, "class": one.class_code, "class_name": one.class_name,
            "decision": one.decision_number, "decided_on": format_date(one.decided_on),
        }
        for number, one in enumerate(exemplars_of(year, province), start=1)
    ]  # fmt: skip


@dataclass(slots=True)
class Commended:
    """Frozen rows: ``collectives`` of the summary's annex, ``persons`` of the separate one; how many were
    revoked, and how many state no achievement period and belong to no year."""

    collectives: list[dict] = field(default_factory=list)
    persons: list[dict] = field(default_factory=list)
    revoked: int = 0
    undated: int = 0


def award_rows(year: int, province: Unit) -> Commended:
    """Commendations whose achievement period ends in ``year``, without the revoked."""
    found = awards_of_year(year, province)
    return Commended(_numbered(found.collectives), _numbered(found.persons), found.revoked, found.undated)


def _numbered(lines: list[YearLine]) -> list[dict]:
    """By form and authority, then by decision and period; numbers begin anew with each, as in the annex."""
    numbers: Counter[tuple] = Counter()
    order: dict[tuple, int] = {}
    rows = []
    for line in lines:
        given = (line.form, line.authority, line.decision, line.decided_on, line.achieved_from, line.achieved_to)
        order.setdefault(given, len(order))
        numbers[given] += 1
        row = {
            "id": line.award, "no": numbers[given], "name": line.name, "place": line.place_name,
            "recipient_kind": line.recipient_kind, "form": line.form, "form_name": line.form_name,
            "authority": line.authority, "decision": line.decision, "decided_on": format_date(line.decided_on),
            "period": f"{format_date(line.achieved_from)} - {format_date(line.achieved_to)}",
        }  # fmt: skip
        if line.recipient_kind in PERSONS:
            row |= {"position": line.position, "unit_name": line.unit_name}
        rows.append((order[given], row))
    return [row for _, row in sorted(rows, key=lambda one: one[0])]
