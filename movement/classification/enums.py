"""Codes of classification; the words on screen are in docs/glossary.md."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Purpose(TextChoices):
    CLASSIFICATION = "classification", _("Phân loại phong trào")
    STANDARD = "standard", _("Công nhận đạt tiêu chuẩn")
    EXEMPLAR = "exemplar", _("Tiêu chí điển hình")


class State(TextChoices):
    """The steps of one unit's year, in order."""

    REGISTERED = "registered", _("Đã đăng ký")
    SELF_SCORED = "self_scored", _("Đã tự chấm")
    SUBMITTED = "submitted", _("Đã gửi")
    CHECKED = "checked", _("Đã kiểm tra")
    APPRAISED = "appraised", _("Đã thẩm định")
    DECIDED = "decided", _("Đã xét duyệt")
    PUBLISHED = "published", _("Đã công bố")


ORDER = list(State)
UNPUBLISHED = "unpublished"  # in addresses: every step before the last
NEXT = {state: ORDER[i + 1] for i, state in enumerate(ORDER[:-1])}


class Stage(TextChoices):
    """The three columns of points that stand side by side."""

    SELF = "self", _("Tự chấm")
    CHECK = "check", _("Kiểm tra")
    FINAL = "final", _("Thẩm định")


STAGES = list(Stage)


class Evidence(TextChoices):
    FILE = "file", _("Tệp minh chứng")
    ATTESTATION = "attestation", _("Văn bản xác nhận")
    OPTIONAL = "optional", _("Không bắt buộc")
    NONE = "none", _("Không cần")


class AdjustmentKind(TextChoices):
    BONUS = "bonus", _("Điểm cộng")
    PENALTY = "penalty", _("Điểm trừ")


class ClassCode(TextChoices):
    """Classes as the published results name them; other schemes may use codes of their own."""

    XUAT_SAC = "xuat_sac", _("Xuất sắc")
    KHA = "kha", _("Khá")
    TRUNG_BINH = "trung_binh", _("Trung bình")
    YEU = "yeu", _("Yếu")
    DAT = "dat", _("Đạt")
    CHUA_DAT = "chua_dat", _("Chưa đạt")
