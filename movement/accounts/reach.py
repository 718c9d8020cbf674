"""How far an account reaches in the register of units, for what works without a request."""

from __future__ import annotations

from datetime import date

from units.models import UnitVersion
from units.reach import register_reach

from .access import can, may_read, territory_roots
from .rules import moment_of


class AccountReach:
    """``units.reach.Reach`` of one account, as its assignments are now."""

    def __init__(self, user):
        self.user = user
        self._roots: dict[date, list[str]] = {}

    def near(self, path: str, on: date) -> bool:
        if on not in self._roots:
            self._roots[on] = territory_roots(self.user, tree_on=on)
        return any(path.startswith(root) or root.startswith(path) for root in self._roots[on])

    def sees(self, version: UnitVersion) -> bool:
        return may_read(self.user, version, tree_on=moment_of(version))

    def refusal(self, version: UnitVersion) -> str | None:
        right = can(self.user, "units.change", version)
        return None if right else right.sentence


register_reach(AccountReach)
