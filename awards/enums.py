"""Codes of commendations (design §7); their words on screen are in docs/glossary.md."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

SUBJECT = "awards.commendation"  # of a Decision that commends
LISTS = "awards.import"  # the kind of file that decisions are imported from
CERTIFICATES = "awards.certificates"  # the kind of job that prints a decision's certificates


class FormCode(TextChoices):
    """Hình thức khen thưởng. The words stand in for the dated name where no ``AwardForm`` holds."""

    FLAG_GOVERNMENT = "co_chinh_phu", _("Cờ thi đua của Chính phủ")
    FLAG_MINISTRY = "co_bo", _("Cờ thi đua của Bộ Công an")
    FLAG_PROVINCE = "co_tinh", _("Cờ thi đua của Ủy ban nhân dân cấp tỉnh")
    MERIT_MINISTRY = "bang_khen_bo", _("Bằng khen của Bộ trưởng Bộ Công an")
    MERIT_PROVINCE = "bang_khen_tinh", _("Bằng khen của Chủ tịch Ủy ban nhân dân cấp tỉnh")
    COMMENDATION_POLICE = "giay_khen_cong_an_tinh", _("Giấy khen của Giám đốc Công an cấp tỉnh")
    COMMENDATION_DISTRICT = "giay_khen_huyen", _("Giấy khen của Chủ tịch Ủy ban nhân dân cấp huyện")
    COMMENDATION_COMMUNE = "giay_khen_xa", _("Giấy khen của Chủ tịch Ủy ban nhân dân cấp xã")
    COMMENDATION_OTHER = "giay_khen_khac", _("Giấy khen của thủ trưởng cơ quan, đơn vị khác")
    INSIGNIA = "ky_niem_chuong", _("Kỷ niệm chương “Bảo vệ an ninh Tổ quốc”")
    LETTER = "thu_khen", _("Thư khen")


FLAGS = (FormCode.FLAG_GOVERNMENT, FormCode.FLAG_MINISTRY, FormCode.FLAG_PROVINCE)


class RecipientKind(TextChoices):
    COLLECTIVE = "collective", _("Tập thể")
    HOUSEHOLD = "household", _("Hộ gia đình")
    INDIVIDUAL = "individual", _("Cá nhân")


PERSONS = (RecipientKind.HOUSEHOLD, RecipientKind.INDIVIDUAL)  # named after people: their lists are restricted


class Authority(TextChoices):
    """Who decides on a form."""

    GOVERNMENT = "government", _("Chính phủ, Thủ tướng Chính phủ")
    MINISTRY = "ministry", _("Bộ Công an")
    PROVINCE = "province", _("Ủy ban nhân dân cấp tỉnh")
    POLICE = "police", _("Công an cấp tỉnh")
    DISTRICT = "district", _("Ủy ban nhân dân cấp huyện")
    COMMUNE = "commune", _("Ủy ban nhân dân cấp xã")
    OTHER = "other", _("Cơ quan, đơn vị khác")


class Ground(TextChoices):
    """Why an award is revoked (Law on Emulation and Commendation 06/2022/QH15, Chapter VII)."""

    FRAUD = "a", _("Gian dối trong việc kê khai thành tích")
    FALSE_PAPERS = "b", _("Cung cấp thông tin sai sự thật hoặc làm giả hồ sơ, giấy tờ")
    PROCEDURE = "c", _("Thẩm định, xét, duyệt hoặc đề nghị khen thưởng trái quy định")
    VIOLATION = "d", _("Có kết luận, quyết định hoặc bản án về vi phạm trong thời gian lập thành tích")


class RoundState(TextChoices):
    OPEN = "open", _("Đang nhận đề nghị")
    DECIDED = "decided", _("Đã có quyết định")
    CLOSED = "closed", _("Đã kết thúc")


class Outcome(TextChoices):
    PENDING = "pending", _("Chờ quyết định")
    AWARDED = "awarded", _("Được khen thưởng")
    REFUSED = "refused", _("Không khen thưởng")


class Years(TextChoices):
    """Over which years of the achievement period a required class must have been reached."""

    EVERY = "every", _("mọi năm")
    LAST = "last", _("năm cuối")


class SalaryDate(TextChoices):
    """On which date the base salary is read that money is a multiple of."""

    DECISION = "decision", _("ngày quyết định")
    ACHIEVEMENT = "achievement", _("ngày cuối của thời gian lập thành tích")


class Severity(TextChoices):
    """Of what a check says. A warning is a human's to weigh; an error stops the nomination."""

    OK = "ok", _("Đạt")
    INFO = "info", _("Thông tin")
    WARNING = "warning", _("Cần xem xét")
    ERROR = "error", _("Không hợp lệ")
