"""The demonstration's open rounds of commendation, made through the services. Done again it changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from units.models import Unit

from .. import demo
from ..models import Round
from .nominations import Proposal, nominations_add
from .rounds import round_create


@transaction.atomic
def demonstration_round(
    *, wanted: demo.DemoRound, authority: Unit, units: Sequence[int], today: date, actor
) -> Round | None:
    """Open ``wanted`` with nominations of invented ``units`` (ids, best first) and of invented persons.

    ``None`` where it is there already, or where there are too few units to nominate.
    """
    if len(units) < len(wanted.collectives) or Round.objects.filter(authority=authority, title=wanted.title).exists():
        return None
    first, last = demo.round_period(today)
    ring = round_create(authority=authority, title=wanted.title, first_day=first, last_day=last, actor=actor)
    proposals = [
        Proposal("collective", form, unit_id=unit, citation=demo.CITATION)
        for form, unit in zip(wanted.collectives, units, strict=False)
    ]
    proposals += [
        Proposal(
            "individual", form, unit_id=units[number % len(units)], person_name=f"Người minh họa {number + 21}",
            position="Chức vụ minh họa", citation=demo.CITATION,
        )
        for number, form in enumerate(wanted.persons)
    ]  # fmt: skip
    nominations_add(round_id=ring.pk, proposals=proposals, actor=actor)
    return ring
