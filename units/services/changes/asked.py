"""What is asked of the register: one dataclass a guided action.

All carry ``on``, the first day the change holds (a unit that closes has its last day before it), and the paper
behind it. Names of fields are the ``column`` of the problems about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ...enums import Share
from ...models import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``decision`` is the paper's number as a clerk writes it, ``decided_on`` its date."""

    on: date
    decision: str = ""
    decided_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Create(Asked):
    """A new unit below ``parent``; ``details`` are fields of ``Unit`` (telephone, address, ``scope_reason`` …)."""

    kind: str
    name: str
    parent: Unit | None
    managing_level: str
    code: str = ""
    subkind: str = ""
    managing_body: Unit | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rename(Asked):
    """Another name, code or sub-kind; ``None`` leaves what is. A unit stays the same one.

    ``scope_reason`` says why it is assessed all the same where what it becomes is out of scope.
    """

    unit: Unit
    name: str | None = None
    code: str | None = None
    subkind: str | None = None
    scope_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Move(Asked):
    """Another place above; what stands below goes along."""

    unit: Unit
    parent: Unit | None


@dataclass(frozen=True, slots=True)
class Level(Asked):
    """Another managing level, and the body that manages it directly (``None``: none)."""

    unit: Unit
    managing_level: str
    managing_body: Unit | None = None


@dataclass(frozen=True, slots=True)
class Close(Asked):
    """The unit ends; with ``heir`` its main successor, to whom goes what stands below it."""

    unit: Unit
    heir: Unit | None = None


@dataclass(frozen=True, slots=True)
class Reopen(Asked):
    """A closed unit holds again, below ``parent`` or where it last stood."""

    unit: Unit
    parent: Unit | None = None


@dataclass(frozen=True, slots=True)
class Merge(Asked):
    """2 to 50 units of one kind become one: ``into``, one of them that goes on as itself, or a new one (``None``).

    ``name``, ``code``, ``subkind`` and ``parent`` are the new unit's; of one that goes on, what is empty stays. A new
    unit may bear the name and the code of one that ends; without ``parent`` it stands where all of them stood.
    """

    units: tuple[Unit, ...]
    into: Unit | None = None
    name: str = ""
    code: str = ""
    parent: Unit | None = None
    subkind: str = ""
    managing_level: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the units that come out of a split. ``children`` stood directly below the old unit."""

    name: str
    code: str = ""
    is_main: bool = False
    share: str = Share.PART.value
    children: tuple[Unit, ...] = ()
    subkind: str = ""


@dataclass(frozen=True, slots=True)
class Split(Asked):
    """One unit becomes 2 to 50; exactly one part is the main successor.

    ``keeps``: the old unit goes on as the main part, under the main part's name and code where they are given.
    What no part names among its children goes to the main part.
    """

    unit: Unit
    parts: tuple[Part, ...]
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Fold(Asked):
    """``duplicate`` was ``into`` all along: it ends, and its history is read with the survivor's, never rewritten."""

    duplicate: Unit
    into: Unit


AnyAsked = Create | Rename | Move | Level | Close | Reopen | Merge | Split | Fold
