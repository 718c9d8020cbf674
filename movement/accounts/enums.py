"""Roles, as design §1 names them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    STAFF = "staff", _("Cán bộ cơ quan thường trực BCĐ")
    COMMUNE_OFFICER = "commune_officer", _("Cán bộ Công an cấp xã")
    COMMUNE_LEAD = "commune_lead", _("Người kiểm tra cấp xã")
    DISTRICT_OFFICER = "district_officer", _("Cán bộ Công an cấp huyện")
    AREA_OFFICER = "area_officer", _("Cán bộ phụ trách cụm, khu vực")
    UNIT_REP = "unit_rep", _("Người nhập liệu của đơn vị")
    MANAGING_BODY = "managing_body", _("Cơ quan quản lý trực tiếp")
    LEADER = "leader", _("Lãnh đạo")
    COUNCIL = "council", _("Thành viên Hội đồng TĐKT")
    CLERK = "clerk", _("Văn thư")
    AUDITOR = "auditor", _("Người giám sát")
    ADMIN = "admin", _("Quản trị hệ thống")


# Where a role's root may stand. Roles not named here may stand anywhere.
ROOT_KINDS = {
    Role.STAFF: {"province"},
    Role.COMMUNE_OFFICER: {"commune"},
    Role.COMMUNE_LEAD: {"commune"},
    Role.DISTRICT_OFFICER: {"district"},
    Role.UNIT_REP: {"agency", "enterprise", "school", "residential_area", "commune"},
    Role.COUNCIL: {"province", "commune", "district"},
    Role.LEADER: {"province", "commune", "district"},
    Role.ADMIN: {"province", "commune", "district"},
}

# What an administrator of a commune (of a district) gives and takes: the people below, never the office above.
BELOW = {
    Role.COMMUNE_OFFICER, Role.COMMUNE_LEAD, Role.UNIT_REP, Role.MANAGING_BODY, Role.LEADER, Role.COUNCIL, Role.CLERK,
}  # fmt: skip


class TieKind(TextChoices):
    """Why somebody does not decide on a unit."""

    OWN = "own", _("đơn vị của tôi")
    INTEREST = "interest", _("có quan hệ lợi ích")


class Verdict(TextChoices):
    """What the half-yearly review said of an account."""

    KEPT = "kept", _("giữ nguyên")
    CHANGED = "changed", _("đã điều chỉnh")
    ENDED = "ended", _("đã kết thúc")
