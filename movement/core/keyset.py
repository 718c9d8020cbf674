"""Paging by the row one came from: page 200 costs what page 1 costs, and a row added meanwhile shifts nothing.

The address names that row (``after`` or ``before``); what is shown is found from its place in the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.db.models import Q, QuerySet

SIZE = 50  # rows of a page


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """Rows of a list with where they stand in it. ``first`` counts from 1; 0 on an empty list.

    ``previous`` and ``next`` are keys for ``before`` and ``after``, ``None`` where the list ends.
    """

    rows: list
    total: int
    first: int
    previous: str | None
    next: str | None

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0


class Keyset:
    """Where a page begins in a list ordered by ``order``.

    ``order`` are fields, ``-`` for descending, none ever null, the last one unique. ``key`` is the field by
    which the address names a row; ``key_of(row)`` reads it. A row that is gone leads to the first page.
    """

    def __init__(
        self, params: Mapping[str, str], rows: QuerySet, *, order: Sequence[str], key: str, key_of, size: int = SIZE
    ):
        self.order, self.size, self.key_of = tuple(order), size, key_of
        self.back = bool(params.get("before"))
        named = params.get("before") or params.get("after")
        self._at = None
        if named:
            found = rows.filter(**{key: named}).order_by()
            self._at = found.values_list(*(name.lstrip("-") for name in self.order)).first()

    @property
    def skipped(self) -> Q:
        """The rows before the page (going back: before the row one came from).

        Counted by the caller together with the total, so that a page says where it stands without a
        query more; matches nothing on the first page.
        """
        if self._at is None:
            return Q(pk__in=[])
        return _beyond(self.order, self._at, back=True) if self.back else ~_beyond(self.order, self._at)

    def page(self, rows: QuerySet, *, total: int, skipped: int) -> KeysetPage:
        """The page of ``rows``; one query."""
        start = self._at
        if self.back:
            if start is None or skipped <= self.size:
                start, skipped = None, 0  # what is left before it is the first page
            else:
                found = list(rows.filter(self.skipped).order_by(*map(_turned, self.order))[: self.size])[::-1]
                return self._made(found, total, skipped - len(found) + 1)
        if start is not None:
            rows = rows.filter(_beyond(self.order, start))
        return self._made(list(rows.order_by(*self.order)[: self.size]), total, skipped + 1)

    def _made(self, found: list, total: int, first: int) -> KeysetPage:
        if not found:
            return KeysetPage([], total, 0, None, None)
        return KeysetPage(
            rows=found,
            total=total,
            first=first,
            previous=self.key_of(found[0]) if first > 1 else None,
            next=self.key_of(found[-1]) if first + len(found) - 1 < total else None,
        )


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], values: Sequence, *, back: bool = False) -> Q:
    """The rows after the one that holds ``values`` in the fields of ``order``; before it with ``back``."""
    found, equal = Q(), []
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        down = name.startswith("-") != back
        found |= reduce(and_, equal, Q(**{f"{field}__{'lt' if down else 'gt'}": value}))
        equal.append(Q(**{field: value}))
    return found
