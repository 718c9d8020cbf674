"""Tables of the text, as plain values that are frozen and printed as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from movement.core.numbers import count_text, share_text

from ..selectors.tallies import Tally

UPRIGHT, WIDE = 165, 252  # mm between the margins
MOST_AREAS = 25  # a longer table by area stands in the annex alone
_SHARES_UP_TO = 4  # classes; more leave no room for a column of shares each


def table(name: str, columns: Sequence[tuple], rows: Iterable, **more) -> dict:
    """``columns``: ``(title, mm, align, group)``. A row is a list of texts, or one text that heads what follows.

    For the proof reader: ``codes``, ``[(column, code of the figure that its total repeats)]``, and ``apart``, the
    columns whose rows do not add up to the total.
    """
    return {"t": "table", "name": name, "columns": [list(one) for one in columns], "rows": list(rows), **more}


def share_cell(value: Decimal | None) -> str:
    """``12,50``: the heading says that it is hundredths; ``-`` for none."""
    return share_text(value).removesuffix("%") if value else "-"


def count_cell(value: int) -> str:
    return count_text(value) if value else "-"


def class_columns(classes: dict[str, str], *, first: str, draft: bool, most: int) -> list[tuple]:
    """Name, total, each class with its share, unclassified, and in a draft what is not published.

    ``most``: the largest count that the table prints.
    """
    each = 12 if most < 10_000 else 15  # mm that the largest count needs
    total = max(14, each + 1)
    fixed = total + 15 + (15 if draft else 0)
    with_shares = len(classes) <= _SHARES_UP_TO
    pair = each + 12 if with_shares else max(13, each)
    label = UPRIGHT - fixed - pair * len(classes)
    columns = [(first, label, "l", ""), ("Tổng số", total, "r", "")]
    for name in classes.values():
        if with_shares:
            columns += [("SL", each, "r", name), ("%", 12, "r", name)]
        else:
            columns.append((name, pair, "r", "Xếp loại"))
    columns.append(("Chưa phân loại", 15, "r", ""))
    if draft:
        columns.append(("Chưa công bố", 15, "r", ""))
    return columns


def class_row(label: str, tally: Tally, classes: dict[str, str], *, draft: bool) -> list[str]:
    """The cells of ``class_columns``."""
    cells = [label, count_cell(tally.total)]
    for code in classes:
        cells.append(count_cell(tally.classes[code]))
        if len(classes) <= _SHARES_UP_TO:
            cells.append(share_cell(tally.share(code)))
    cells.append(count_cell(tally.unclassified))
    if draft:
        cells.append(count_cell(tally.unpublished))
    return cells


def signed(value: int | Decimal, text: str) -> str:
    """A difference: ``+12``, ``-3,50``, ``0``."""
    return f"+{text}" if value > 0 else text
