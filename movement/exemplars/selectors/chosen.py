"""Exemplars that were chosen: by year, for a sentence and an annex, on a unit's profile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from units.models import Unit

from ..models import Exemplar, ExemplarNote


@dataclass(frozen=True, slots=True)
class ChosenExemplar:
    """As frozen with the decision. ``named`` is how a sentence names it: a place with what lies above it."""

    ulid: str
    unit_id: int
    unit_code: str
    unit_name: str
    unit_kind: str
    place_name: str
    class_code: str
    class_name: str
    decision_number: str
    decided_on: date
    signer: str
    level: str

    @property
    def named(self) -> str:
        """“xã Tân Tiến, thành phố Vị Thanh”; a workplace unit by its name alone."""
        if self.unit_kind in ("commune", "residential_area", "district"):
            names = [self.unit_name, *filter(None, self.place_name.split(", "))]
            return ", ".join(name[:1].lower() + name[1:] for name in names)
        return self.unit_name


def exemplars_of(year: int, province: Unit | int) -> list[ChosenExemplar]:
    """Exemplars of ``year`` in the order in which the decisions name them."""
    rows = Exemplar.objects.filter(year=year, province=province).select_related("decision")
    return [
        ChosenExemplar(
            ulid=row.ulid,
            unit_id=row.unit_id,
            unit_code=row.unit_code,
            unit_name=row.unit_name,
            unit_kind=row.unit_kind,
            place_name=row.place_name,
            class_code=row.class_code,
            class_name=row.class_name,
            decision_number=row.decision.number,
            decided_on=row.decision.decided_on,
            signer=row.decision.signer,
            level=row.level,
        )
        for row in rows.order_by("decision__decided_on", "decision_id", "position")
    ]


def exemplar_notes(exemplar: Exemplar) -> list[ExemplarNote]:
    """What was written down about it, oldest first."""
    return list(exemplar.notes.order_by("on", "pk"))


def unit_exemplars(unit_ids: Iterable[int]) -> list[dict]:
    """Exemplars among units, as the unit's profile and the command ``unit`` show them; newest year first."""
    rows = Exemplar.objects.filter(unit__in=list(unit_ids)).select_related("decision").order_by("-year", "pk")
    return [
        {
            "unit_id": row.unit_id,
            "exemplar": row.ulid,
            "year": row.year,
            "level": row.level,
            "class": row.class_code,
            "decision": row.decision.number,
            "decided_on": row.decision.decided_on.isoformat(),
        }
        for row in rows
    ]
