"""Who may ask for a summary, and who may have its annex of persons.

Reading the summary itself follows the place (``selectors.reports_visible_to``).
"""

from dataclasses import dataclass
from datetime import date

from awards.selectors.scope import PERSON_ROLES
from movement.accounts.access import Ground, register_action
from movement.accounts.enums import Role
from units.models import Unit


@dataclass(frozen=True, slots=True)
class Asked:
    """The summary somebody wants: what ``can(user, "reports.request", …)`` is asked about."""

    year: int
    province: Unit

    @property
    def tree_on(self) -> date:
        return date(self.year, 12, 31)


def may_request(user, ground: Ground, asked: Asked) -> str | None:
    if asked.province.pk in ground.unit_ids:
        return None
    return "Chỉ cơ quan thường trực và lãnh đạo của tỉnh lập được báo cáo tổng kết của tỉnh."


def may_have_persons(user, ground: Ground, asked: Asked) -> str | None:
    """The names of all persons commended in a province are for who reads them there in the register too."""
    if asked.province.pk in ground.unit_ids:
        return None
    return "Danh sách cá nhân được khen thưởng của tỉnh chỉ cung cấp cho người có thẩm quyền ở tỉnh."


register_action(
    "reports.persons",
    title="Tải phụ lục cá nhân được khen thưởng",
    roles=set(PERSON_ROLES),
    rule=may_have_persons,
    tree_on=lambda asked: asked.tree_on,
)
register_action(
    "reports.request",
    title="Lập báo cáo tổng kết năm",
    roles={Role.STAFF, Role.LEADER},
    rule=may_request,
    tree_on=lambda asked: asked.tree_on,
)
