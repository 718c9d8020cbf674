"""The list of units as a file, under the day and the filters of its page."""

from __future__ import annotations

from types import SimpleNamespace

from movement.accounts.access import assignments_now
from movement.core.dates import format_date
from movement.core.listings import Listing, day_note, register_listing
from movement.core.problems import Problem, Refused

from ..exports import COLUMNS, HIDDEN, unit_rows
from .shared import asked_of

NAME = "units"


def units_listing(user, address) -> Listing:
    """The versions that the list shows, a row each; what may be seen is decided as on the page."""
    asked = asked_of(SimpleNamespace(GET=address, user=user), regroup=True)
    if not asked.valid:
        raise Refused(Problem("filters", "Ngày hoặc điều kiện lọc không đúng."))
    rows, on = asked.found.qs.order_by("name_sort", "pk"), asked.day.on
    held = [a.unit_id for a in assignments_now(user) if a.unit_id]
    return Listing(
        title="Danh sách đơn vị",
        what=f"danh sách đơn vị tính đến ngày {format_date(on)}",
        columns=COLUMNS,
        rows=lambda: unit_rows(rows),
        count=rows.count(),
        unit_id=held[0] if held else None,
        notes=[day_note(on)],
        hidden=HIDDEN,
    )


register_listing(NAME, units_listing)
