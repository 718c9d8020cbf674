"""Who may do what with practice models and exemplars. Territory and role come from one assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from movement.accounts.access import Ground, Right, can, on_ground, register_action
from movement.accounts.enums import Role

MODEL, POINT, CHOOSE, NOTE = "exemplars.model", "exemplars.point", "exemplars.choose", "exemplars.note"
POINT_ROLES = {Role.STAFF, Role.DISTRICT_OFFICER, Role.COMMUNE_OFFICER, Role.COMMUNE_LEAD}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a thing stands on a date: one place, or all those that it stands for. ``(path, unit_id)`` each."""

    on: date
    places: tuple[tuple[str, int], ...]


def _all_on_ground(user, ground: Ground, spot: Spot) -> str | None:
    if not spot.places:
        return "Chưa rõ địa bàn của nội dung này."
    refusals = (on_ground(ground, path=path, unit_id=unit) for path, unit in spot.places)
    return next((sentence for sentence in refusals if sentence), None)


def _own_province(user, ground: Ground, spot: Spot) -> str | None:
    """The committee's own staff: the assignment's root is the province, or stands for it on that date."""
    if any(unit not in ground.unit_ids for _, unit in spot.places):
        return "Điển hình do cơ quan thường trực Ban Chỉ đạo của tỉnh đó chọn."
    return _all_on_ground(user, ground, spot)


def _tree(spot: Spot) -> date:
    return spot.on


register_action(MODEL, title="Quản lý mô hình", roles={Role.STAFF}, rule=_all_on_ground, tree_on=_tree)
register_action(POINT, title="Cập nhật điểm mô hình", roles=POINT_ROLES, rule=_all_on_ground, tree_on=_tree)
register_action(CHOOSE, title="Chọn điển hình theo quyết định", roles={Role.STAFF}, rule=_own_province, tree_on=_tree)
register_action(
    NOTE, title="Ghi kế hoạch, tiến độ, công nhận điển hình", roles={Role.STAFF}, rule=_all_on_ground, tree_on=_tree
)


def can_somewhere(user, action: str, *spots: Spot) -> Right:
    """Whether the user may act on a thing that stood in different places: on the latest day, else on an earlier one."""
    right = Right(False, sentence="Chưa rõ địa bàn của nội dung này.")
    for spot in spots:
        right = can(user, action, spot)
        if right:
            break
    return right
