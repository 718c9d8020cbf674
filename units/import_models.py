"""A file that somebody looks at before it is written: what each of its lines would do, and what was chosen."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from movement.core.models import Job, StoredFile
from movement.core.ulid import new_ulid


class PreviewKind(models.TextChoices):
    UNITS = "units", _("danh sách đơn vị")
    LINEAGE = "lineage", _("danh sách sáp nhập")


class PreviewState(models.TextChoices):
    READING = "reading", _("Đang đọc")
    READY = "ready", _("Chờ xem")
    REFUSED = "refused", _("Không đọc được")


class LineState(models.TextChoices):
    """What a line does, or did; the order is that of the tabs."""

    NEW = "new", _("Mới")
    CHANGED = "changed", _("Thay đổi")
    UNSURE = "unsure", _("Chưa chắc")
    CONFLICT = "conflict", _("Xung đột")
    ERROR = "error", _("Lỗi")
    SAME = "same", _("Không đổi")
    WRITTEN = "written", _("Đã ghi")


CHOOSABLE = (LineState.NEW, LineState.CHANGED, LineState.UNSURE, LineState.CONFLICT)


class ImportPreview(models.Model):
    """One file. While ``job`` is open it is being read or written; ``written`` counts what was written of it.

    ``problems`` are those of the file as a whole (its headings); then there are no lines.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    kind = models.CharField(max_length=10, choices=PreviewKind)
    state = models.CharField(max_length=10, choices=PreviewState, default=PreviewState.READING)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    as_of = models.DateField(null=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    problems = models.JSONField(default=list)
    written = models.JSONField(default=dict)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="units_preview_known_state",
                condition=Q(kind__in=PreviewKind.values) & Q(state__in=PreviewState.values),
                violation_error_message=_("Trạng thái của bản xem trước không có trong danh mục."),
            ),
        ]
        indexes = [models.Index(fields=["actor_id", "-id"], name="units_preview_actor")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ulid}"

    @property
    def is_busy(self) -> bool:
        return self.job is not None and self.job.is_open


class ImportLine(models.Model):
    """One line. ``changes``: ``[column, stored, the file's]``; ``notes``: sentences.

    ``candidates``: ``{unit, name, code, span, seen}`` of the units that may be meant; ``choice`` is the ULID of one of
    them or ``new``. ``seen`` is the digest of the unit as it was looked at: what has moved since is not written over.
    """

    preview = models.ForeignKey(ImportPreview, models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=LineState)
    name = models.CharField(max_length=250)
    code = models.CharField(max_length=40, blank=True)
    unit_kind = models.CharField(max_length=20, blank=True)
    place = models.CharField(max_length=250, blank=True)
    changes = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    candidates = models.JSONField(default=list)
    choice = models.CharField(max_length=26, blank=True)
    chosen = models.BooleanField(default=False)
    seen = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["preview", "line"]
        constraints = [
            models.UniqueConstraint(
                name="units_importline_once",
                fields=["preview", "line"],
                violation_error_message=_("Dòng này của tệp đã được đọc."),
            ),
            models.CheckConstraint(
                name="units_importline_choosable",
                condition=Q(chosen=False) | Q(state__in=CHOOSABLE),
                violation_error_message=_("Dòng này không chọn để ghi được."),
            ),
            models.CheckConstraint(
                name="units_importline_chosen_is_sure",
                condition=~Q(state=LineState.UNSURE, chosen=True, choice=""),
                violation_error_message=_("Hãy chọn đơn vị cho dòng này trước."),
            ),
        ]
        indexes = [models.Index(fields=["preview", "state", "line"], name="units_importline_state")]

    def __str__(self) -> str:
        return f"{self.preview_id}/{self.line}"
