"""Exemplars (điển hình): units chosen by a decision, and what is written down about them afterwards."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from movement.accounts.access import ScopedQuerySet
from movement.classification.models import PublishedResult
from movement.core.models import Decision
from movement.core.ulid import new_ulid
from units.enums import Kind, Level
from units.models import Unit

from ..enums import NoteKind


class Exemplar(models.Model):
    """A unit chosen for ``year`` out of the published classes of the year before.

    Frozen with the decision: names and class as they were, and in ``payload`` every condition as it
    was met. ``digest`` is the SHA-256 of its canonical JSON. The role *app* may insert and read only
    (migration 0004), as with a published result.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="exemplars")
    year = models.PositiveSmallIntegerField(_("năm"))
    level = models.CharField(_("cấp"), max_length=20, choices=Level.choices, default=Level.PROVINCE)
    province = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="exemplars")
    result = models.ForeignKey(PublishedResult, models.PROTECT, related_name="exemplars")
    unit_code = models.CharField(max_length=40, blank=True)
    unit_name = models.CharField(max_length=250)
    unit_kind = models.CharField(max_length=20, choices=Kind.choices)
    place_name = models.CharField(max_length=300, blank=True)
    class_code = models.CharField(max_length=20)
    class_name = models.CharField(max_length=60)
    payload = models.JSONField()
    digest = models.CharField(max_length=64)
    position = models.PositiveSmallIntegerField(default=0)
    chosen_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("điển hình")
        ordering = ["-year", "decision_id", "position"]
        constraints = [
            models.UniqueConstraint(
                name="exemplars_exemplar_once",
                fields=["unit", "year"],
                violation_error_message=_("Đơn vị đã được chọn xây dựng điển hình của năm này."),
            ),
            models.CheckConstraint(
                name="exemplars_exemplar_level",
                condition=Q(level__in=Level.values),
                violation_error_message=_("Cấp của điển hình không có trong danh mục."),
            ),
        ]
        indexes = [models.Index(fields=["province", "year"], name="exemplars_exemplar_year")]

    def __str__(self) -> str:
        return f"{self.unit_name} ({self.year})"


class ExemplarNote(models.Model):
    """The build plan, a progress report or the recognition of an exemplar; only added to, the last of a kind holds."""

    exemplar = models.ForeignKey(Exemplar, models.PROTECT, related_name="notes")
    kind = models.CharField(_("nội dung"), max_length=12, choices=NoteKind.choices)
    on = models.DateField(_("ngày"))
    text = models.TextField(_("nội dung"))
    document = models.CharField(_("số, ngày văn bản"), max_length=200, blank=True)
    by_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("ghi nhận về điển hình")
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="exemplars_note_known",
                condition=Q(kind__in=NoteKind.values) & ~Q(text=""),
                violation_error_message=_("Ghi nhận phải có loại và nội dung."),
            ),
            models.CheckConstraint(
                name="exemplars_note_recognised_by",
                condition=~Q(kind=NoteKind.RECOGNITION) | ~Q(document=""),
                violation_error_message=_("Công nhận phải ghi số, ngày của văn bản công nhận."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%d/%m/%Y}"
