"""How far somebody may see and write in the register. Who decides it lies above; it registers itself here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol

from .models import UnitVersion


class Reach(Protocol):
    """How far somebody may see and write; what lies outside is told as if it were not there."""

    def near(self, path: str, on: date) -> bool:
        """Whether a place lies on the person's ground in the tree of a date, or above it."""

    def sees(self, version: UnitVersion) -> bool:
        """Whether the person may read it."""

    def refusal(self, version: UnitVersion) -> str | None:
        """Why the person may not have it so, as it is or, unsaved, as it would be; ``None`` when that is allowed."""


_makers: list[Callable[[object], Reach]] = []


def register_reach(make: Callable[[object], Reach]) -> None:
    """Called once, by the app that knows accounts."""
    _makers[:] = [make]


def reach_of(user) -> Reach:
    return _makers[0](user)
