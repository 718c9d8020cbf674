"""Marking units as made up for the demonstration."""

from collections.abc import Iterable

from ..models import Unit


def units_mark_demonstration(*, unit_ids: Iterable[int]) -> int:
    """Mark plainly invented units; how many were not marked before."""
    return Unit.objects.filter(pk__in=list(unit_ids), demonstration=False).update(demonstration=True)
