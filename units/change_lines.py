"""A change of the register in words: unit by unit, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from movement.core.dates import format_date

from .enums import Level
from .selectors.changes import UnitStep

ACTION_WORDS = {
    "created": gettext_lazy("thêm mới"),
    "renamed": gettext_lazy("đổi tên, mã"),
    "moved": gettext_lazy("chuyển nơi đặt"),
    "closed": gettext_lazy("kết thúc"),
    "reopened": gettext_lazy("hoạt động lại"),
    "changed": gettext_lazy("đổi cấp quản lý"),
    "goes_along": gettext_lazy("đi theo"),
}
FIELD_WORDS = {
    "name": gettext_lazy("Tên"),
    "code": gettext_lazy("Mã"),
    "subkind": gettext_lazy("Loại chi tiết"),
    "managing_level": gettext_lazy("Cấp quản lý"),
    "managing_body": gettext_lazy("Cơ quan quản lý trực tiếp"),
    "place": gettext_lazy("Thuộc"),
    "valid_from": gettext_lazy("Từ ngày"),
    "valid_to": gettext_lazy("Đến hết ngày"),
}


@dataclass(slots=True)
class StepLine:
    """What a change does to one unit, in words. ``facts``: ``(field, before, after)``, empty text where there is none.

    ``url`` is the unit's page, where it may be opened.
    """

    name: str
    code: str
    action: str
    facts: list[tuple[str, str, str]]
    url: str = ""

    @property
    def before(self) -> list[tuple[str, str]]:
        return [(word, before) for word, before, _after in self.facts if before]

    @property
    def after(self) -> list[tuple[str, str]]:
        return [(word, after or _("không còn")) for word, _before, after in self.facts]


def step_lines(steps: Iterable[UnitStep], addresses: Mapping[int, str] | None = None) -> list[StepLine]:
    """The steps of a change as a table shows them; each leads to what ``addresses`` say of its unit."""
    addresses, lines = addresses or {}, []
    for step in steps:
        names = [name for name in FIELD_WORDS if step.before.get(name) or step.after.get(name)]
        facts = [(str(FIELD_WORDS[n]), _said(n, step.before.get(n)), _said(n, step.after.get(n))) for n in names]
        word = str(ACTION_WORDS[step.action])
        lines.append(StepLine(step.name, step.code, word, facts, addresses.get(step.unit_id, "")))
    return lines


def _said(name: str, value) -> str:
    if not value:
        return ""
    if name == "managing_level":
        return str(Level(value).label)
    return format_date(date.fromisoformat(value)) if name.startswith("valid") else str(value)
