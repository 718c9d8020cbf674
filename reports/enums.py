"""Codes of the year-end summary."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

JOB_KIND = "reports.year"


class Format(TextChoices):
    PDF = "pdf", "PDF"
    XLSX = "xlsx", "Excel"


class FileKind(TextChoices):
    """The summary itself, which names nobody, and the annex of persons, a document of its own."""

    REPORT = "report", _("Báo cáo")
    PERSONS = "persons", _("Phụ lục cá nhân")


class Listing(TextChoices):
    """The frozen lists of a summary; every figure of the text is a choice of rows of one of them."""

    CLASSES = "classes", _("Kết quả phân loại")
    STANDARDS = "standards", _("Công nhận đạt tiêu chuẩn")
    BEFORE = "before", _("Kết quả phân loại năm trước")
    MODELS = "models", _("Mô hình")
    POINTS = "points", _("Điểm mô hình")
    EXEMPLARS = "exemplars", _("Điển hình")
    AWARDS = "awards", _("Tập thể được khen thưởng")
    PERSONS = "persons", _("Hộ gia đình, cá nhân được khen thưởng")
