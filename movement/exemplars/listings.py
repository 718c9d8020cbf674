"""The list of practice models as a file, as of the day and under the filters of its page."""

from __future__ import annotations

from types import SimpleNamespace

from movement.accounts.access import assignments_now
from movement.core.dates import format_date
from movement.core.listings import Listing, day_note, register_listing

from .enums import Life
from .selectors import MODEL_COUNTED, POINT_COUNTED
from .views.practice import models_asked

NAME = "models"
_COLUMNS = [("Mô hình", 44), ("Mã", 14), ("Lĩnh vực", 34), ("Trạng thái", 18), ("Điểm mô hình", 10), ("Tổ", 9),
            ("Thành viên", 11)]  # fmt: skip


def models_listing(user, address) -> Listing:
    asked = models_asked(SimpleNamespace(GET=address, user=user))
    states = {life.value: str(life.label) for life in Life}
    held = [a.unit_id for a in assignments_now(user) if a.unit_id]
    on = asked.view.on
    return Listing(
        title="Danh sách mô hình",
        what=f"danh sách mô hình tính đến ngày {format_date(on)}",
        columns=_COLUMNS,
        rows=lambda: (
            [row.name, row.code, row.field, states[row.state], row.points, row.teams, row.members]
            for row in asked.shown
        ),
        count=len(asked.shown),
        unit_id=held[0] if held else None,
        notes=[day_note(on), MODEL_COUNTED, POINT_COUNTED],
    )


register_listing(NAME, models_listing)
