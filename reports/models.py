"""The year-end summary: who asked for it, what it was frozen on, and the files that came out."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from movement.accounts.access import ScopedQuerySet
from movement.core.models import Job, StoredFile
from movement.core.ulid import new_ulid
from units.models import Unit

from .enums import FileKind, Format, Listing


class ReportQuerySet(ScopedQuerySet):
    unit_field = "province"


class Report(models.Model):
    """One asking for the summary of ``year``. Its state and progress are those of ``job``.

    ``as_now`` regroups the results of then under today's communes.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    job = models.OneToOneField(Job, models.PROTECT, related_name="report")
    year = models.PositiveSmallIntegerField(_("năm"))
    province = models.ForeignKey(Unit, models.PROTECT, related_name="reports")
    as_now = models.BooleanField(_("theo địa giới hiện nay"), default=False)
    formats = ArrayField(models.CharField(max_length=4), verbose_name=_("định dạng"))
    requested_by_id = models.BigIntegerField(null=True)
    requested_by_name = models.CharField(_("người yêu cầu"), max_length=200)
    created_at = models.DateTimeField(_("yêu cầu lúc"), auto_now_add=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("báo cáo tổng kết")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="reports_report_formats",
                condition=Q(formats__len__gt=0, formats__contained_by=Format.values),
                violation_error_message=_("Báo cáo phải có ít nhất một định dạng được hỗ trợ."),
            ),
        ]
        indexes = [models.Index(fields=["province", "year", "-id"], name="reports_report_year")]

    def __str__(self) -> str:
        return f"{self.year}/{self.province_id}/{self.ulid}"


class Snapshot(models.Model):
    """All that a summary says, frozen in one moment. The role *app* may insert and read only.

    ``content`` holds names, letterhead, figures with their codes, tables and notes; the rows lie in
    ``SnapshotRows``. ``digest`` is the SHA-256 over ``content`` and the digests of the rows: the same
    data on the same day give the same digest, and so the same bytes. ``warnings`` are the proof
    reader's; it never changes anything.
    """

    report = models.OneToOneField(Report, models.PROTECT, related_name="snapshot")
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    draft = models.BooleanField(_("dự thảo"))
    illustrative = models.BooleanField(_("bộ tiêu chí minh họa"))
    demonstration = models.BooleanField(_("dữ liệu minh họa"))
    warnings = models.JSONField(default=list)
    frozen_at = models.DateTimeField(_("chốt số liệu lúc"), auto_now_add=True)

    class Meta:
        verbose_name = _("bản chốt số liệu")

    def __str__(self) -> str:
        return self.digest


class SnapshotRows(models.Model):
    """The frozen rows that one part of an annex prints, at most 300. Insert and read only, as ``Snapshot``.

    ``key`` is the part's, the same from one summary to the next; ``rows`` are objects (``reports.rows``).
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="parts")
    listing = models.CharField(max_length=10, choices=Listing.choices)
    key = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    rows = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["snapshot", "position"]
        constraints = [
            models.UniqueConstraint(name="reports_rows_once", fields=["snapshot", "listing", "key"]),
        ]

    def __str__(self) -> str:
        return f"{self.listing}/{self.key}"


class ReportFile(models.Model):
    """A file of a summary. ``pages`` only for PDF. Insert and read only.

    Files of kind ``persons`` hold the names of people commended and are given out by ``reports.persons`` alone.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10, choices=FileKind.choices, default=FileKind.REPORT)
    format = models.CharField(max_length=4, choices=Format.choices)
    name = models.CharField(_("tên tệp"), max_length=200)
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    pages = models.PositiveIntegerField(_("số trang"), null=True)

    class Meta:
        verbose_name = _("tệp báo cáo")
        constraints = [
            models.UniqueConstraint(
                name="reports_file_format_once",
                fields=["report", "kind", "format"],
                violation_error_message=_("Báo cáo đã có tệp ở định dạng này."),
            ),
            models.CheckConstraint(
                name="reports_file_kind",
                condition=Q(kind__in=FileKind.values),
                violation_error_message=_("Loại tệp của báo cáo không có trong danh mục."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """What the file is called in addresses: ``pdf``, ``ca-nhan-pdf``."""
        return self.format if self.kind == FileKind.REPORT else f"ca-nhan-{self.format}"
