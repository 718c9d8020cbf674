"""Codes of the register; the words on screen are in docs/glossary.md."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What a unit is. A unit never changes its kind."""

    PROVINCE = "province", _("Tỉnh, thành phố")
    DISTRICT = "district", _("Huyện, quận, thị xã, thành phố thuộc tỉnh")
    COMMUNE = "commune", _("Xã, phường, thị trấn, đặc khu")
    RESIDENTIAL_AREA = "residential_area", _("Khu dân cư")
    AGENCY = "agency", _("Cơ quan")
    ENTERPRISE = "enterprise", _("Doanh nghiệp")
    SCHOOL = "school", _("Cơ sở giáo dục")


# For columns, tabs and badges; the long names are the register's.
KIND_NAMES = {
    Kind.PROVINCE: _("Tỉnh"),
    Kind.DISTRICT: _("Huyện"),
    Kind.COMMUNE: _("Xã, phường"),
    Kind.RESIDENTIAL_AREA: _("Khu dân cư"),
    Kind.AGENCY: _("Cơ quan"),
    Kind.ENTERPRISE: _("Doanh nghiệp"),
    Kind.SCHOOL: _("Cơ sở giáo dục"),
}
TERRITORIES = (Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE)
WORKPLACES = (Kind.AGENCY, Kind.ENTERPRISE, Kind.SCHOOL)

# What may stand directly below what. Island districts had no communes, so units stood below them.
PARENT_KINDS = {
    Kind.PROVINCE: (),
    Kind.DISTRICT: (Kind.PROVINCE,),
    Kind.COMMUNE: (Kind.DISTRICT, Kind.PROVINCE),
    Kind.RESIDENTIAL_AREA: (Kind.COMMUNE, Kind.DISTRICT),
    Kind.AGENCY: TERRITORIES,
    Kind.ENTERPRISE: TERRITORIES,
    Kind.SCHOOL: TERRITORIES,
}


class Level(TextChoices):
    """Cấp quản lý: who manages, and so decides on, a unit."""

    PROVINCE = "province", _("Cấp tỉnh")
    DISTRICT = "district", _("Cấp huyện")
    COMMUNE = "commune", _("Cấp xã")
    MINISTRY = "ministry", _("Bộ, ngành Trung ương")


class LineageKind(TextChoices):
    RENAME = "rename", _("đổi tên")
    MERGE = "merge", _("sáp nhập")
    SPLIT = "split", _("chia tách")
    TRANSFER = "transfer", _("điều chuyển")
    DUPLICATE = "duplicate", _("gộp bản ghi trùng")


class Share(TextChoices):
    WHOLE = "whole", _("toàn bộ")
    PART = "part", _("một phần")


class GroupKind(TextChoices):
    CLUSTER = "cluster", _("cụm thi đua")
    BLOCK = "block", _("khối thi đua")
    SECTOR = "sector", _("ngành")


class OutOfScope(TextChoices):
    """Kinds that Circular 124/2021/TT-BCA and Decision 510/QĐ-BCA-V05 leave out (domain §1.2)."""

    SMALL_ENTERPRISE = "small_enterprise", _("doanh nghiệp nhỏ, siêu nhỏ")
    PRIMARY_SCHOOL = "primary_school", _("cơ sở giáo dục tiểu học, mầm non, nhà trẻ")
    ARMED_FORCES = "armed_forces", _("cơ quan, đơn vị lực lượng vũ trang")


class ChangeKind(TextChoices):
    """The guided actions on the register; each leaves one row that can be undone."""

    CREATE = "create", _("thêm đơn vị")
    RENAME = "rename", _("đổi tên, đổi mã")
    MOVE = "move", _("chuyển địa bàn")
    LEVEL = "level", _("chuyển cấp quản lý")
    CLOSE = "close", _("kết thúc")
    REOPEN = "reopen", _("mở lại")
    MERGE = "merge", _("sáp nhập")
    SPLIT = "split", _("chia tách")
    FOLD = "fold", _("gộp bản ghi trùng")
    LINEAGE_FILE = "lineage", _("danh sách sáp nhập")
