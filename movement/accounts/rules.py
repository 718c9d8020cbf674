"""Who may do what with the register of units and with accounts. Territory and role come from one assignment (``access``).

The register stands left of the accounts, so its acts are declared here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from units.enums import TERRITORIES, Level
from units.models import UnitGroup, UnitVersion

from .access import Ground, grounds, on_ground, register_action
from .enums import BELOW, Role

OFFICE = {Role.ADMIN, Role.STAFF}  # anything on their ground
COMMUNE = {Role.COMMUNE_OFFICER, Role.COMMUNE_LEAD}  # what the commune manages, and no territories

OTHER_LEVEL = "Đơn vị này do cấp khác quản lý; hãy đề nghị cơ quan thường trực của tỉnh thay đổi."
NO_TERRITORY = "Địa bàn hành chính do cơ quan thường trực của tỉnh thay đổi."
OTHER_AUTHORITY = "Thiết lập này do cơ quan khác ghi."
OTHER_PROVINCE = "Cụm, khối này của tỉnh khác."


def moment_of(version: UnitVersion | None) -> date:
    """The day nearest to today on which ``version`` holds: in that day's tree its path can be read."""
    today = timezone.localdate()
    if version is None:
        return today
    lower, upper = version.valid.lower, version.valid.upper
    return max(lower, today if upper is None else min(today, upper - timedelta(days=1)))


def _inside(ground: Ground, version: UnitVersion) -> str | None:
    return on_ground(ground, path=version.path, unit_id=version.unit_id)


def may_change(user, ground: Ground, version: UnitVersion) -> str | None:
    """A unit as it is, or as it would be (not saved, with the path it would have)."""
    if refusal := _inside(ground, version):
        return refusal
    if ground.role in OFFICE:
        return None
    if version.kind in TERRITORIES:
        return NO_TERRITORY
    return None if version.managing_level == Level.COMMUNE else OTHER_LEVEL


def may_create(user, ground: Ground, place: UnitVersion) -> str | None:
    """Below a place. What is made there must itself be something that one may change."""
    return _inside(ground, place)


def may_write_contact(user, ground: Ground, version: UnitVersion) -> str | None:
    """A unit its own; who may change it; and a commune the commune's."""
    if version.unit_id in ground.unit_ids:
        return None
    return OTHER_LEVEL if ground.role == Role.UNIT_REP else may_change(user, ground, version)


def may_import(user, ground: Ground, place: UnitVersion | None) -> str | None:
    """A file at all, or (``place``) lines below a place; each line again as ``units.change``."""
    return None if place is None else _inside(ground, place)


def may_group(user, ground: Ground, group: UnitGroup | None) -> str | None:
    """Groups are their province's, and of what that province has become."""
    return None if group is None or group.province_id in ground.unit_ids else OTHER_PROVINCE


def may_set(user, ground: Ground, authority: UnitVersion) -> str | None:
    """What stands on an authority's papers: the province's office on its ground, a commune's lead its own."""
    if authority.kind not in TERRITORIES:
        return OTHER_AUTHORITY
    if ground.role in OFFICE:
        return _inside(ground, authority)
    return None if authority.unit_id in ground.unit_ids else OTHER_AUTHORITY


def _group_day(group: UnitGroup | None) -> date:
    """Groups are read in the tree in which they were founded: their province may have become another since."""
    return timezone.localdate() if group is None else group.valid.lower


for name, title, roles, rule, tree_on in (
    ("units.change", "Thay đổi đơn vị, địa bàn", OFFICE | COMMUNE, may_change, moment_of),
    ("units.create", "Thêm đơn vị dưới một địa bàn", OFFICE | COMMUNE, may_create, moment_of),
    ("units.contact", "Ghi liên hệ của đơn vị", OFFICE | COMMUNE | {Role.UNIT_REP}, may_write_contact, moment_of),
    ("units.import", "Nhập danh sách đơn vị", OFFICE | COMMUNE, may_import, moment_of),
    ("units.groups", "Quản lý cụm, khối thi đua, ngành", OFFICE, may_group, _group_day),
    ("units.settings", "Thiết lập văn bản của cơ quan", OFFICE | {Role.COMMUNE_LEAD}, may_set, moment_of),
    ("units.duplicates", "Xử lý bản ghi trùng", OFFICE, may_import, moment_of),
):
    register_action(name, title=title, roles=roles, rule=rule, tree_on=tree_on)


# --- accounts -------------------------------------------------------------------------------------
OUTSIDE = "Tài khoản có phân công ngoài địa bàn của bạn."
ABOVE = (
    "Quản trị của xã chỉ giao và thu vai trò ở xã mình, không giao vai trò của tỉnh, của huyện hay vai trò quản trị."
)
OWN_ACCOUNT = "Không ai tự thay đổi quyền của mình; hãy nhờ người quản trị khác."


@dataclass(frozen=True, slots=True)
class Held:
    """One right as it is, or is to be given: where it stands on the day nearest to today.

    ``province_id`` is a group's; a unit has ``unit_id`` and ``path``.
    """

    role: str
    on: date
    unit_id: int | None = None
    path: str = ""
    province_id: int | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What ``accounts.manage`` is asked about: whose account (``None``: one to be made) and all rights that count."""

    user_id: int | None
    held: tuple[Held, ...]


def is_office(ground: Ground) -> bool:
    """Whether the ground is a province, not a part of one."""
    return any(path.count("/") == 2 for path in ground.paths)


def reaches(user, ground: Ground, held: Held) -> bool:
    """Whether a right stands on this assignment's ground, in the tree of the right's own day."""
    if held.unit_id is None:
        return is_office(ground) and held.province_id in ground.unit_ids
    same = (g for g in grounds(user, tree_on=held.on) if g.assignment_id == ground.assignment_id)
    return any(g.covers(path=held.path, unit_id=held.unit_id) for g in same)


def may_manage(user, ground: Ground, holding: Holding | None) -> str | None:
    """Accounts at all; or one: every right of it on this one ground, and below it where the ground is no province."""
    if holding is None:
        return None
    if holding.user_id == user.pk:
        return OWN_ACCOUNT
    if not holding.held or not all(reaches(user, ground, held) for held in holding.held):
        return OUTSIDE
    return None if is_office(ground) or all(held.role in BELOW for held in holding.held) else ABOVE


register_action("accounts.manage", title="Quản lý tài khoản, giao và thu quyền", roles={Role.ADMIN}, rule=may_manage)
