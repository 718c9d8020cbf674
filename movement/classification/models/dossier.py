"""What lies beside the points of a unit's year: evidence, attestations, returns, extensions, opinions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from movement.core.models import StoredFile
from movement.core.ulid import new_ulid
from units.models import Unit

from ..enums import State
from .assessments import Assessment
from .campaigns import Campaign
from .schemes import Criterion


class Authored(models.Model):
    """Who did it and when; the account's id without a foreign key, its name as it was."""

    by = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Evidence(Authored):
    """A stored file that shows a criterion, with the pages to read. Taken away, it stays as a row."""

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="evidence")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="evidence")
    pages = models.CharField(_("trang"), max_length=60, blank=True)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("tài liệu kiểm chứng")
        constraints = [
            models.UniqueConstraint(
                name="classification_evidence_once",
                fields=["assessment", "criterion", "file"],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message=_("Tệp này đã được gắn với tiêu chí này."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}/{self.criterion_id}"


class Attestation(Authored):
    """Xác nhận: which office confirms a criterion, by which paper, and whether it is met.

    Criteria about conduct, crime or discipline take one of these and never files about people.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="attestations")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    confirmed_by = models.CharField(_("cơ quan xác nhận"), max_length=250)
    number = models.CharField(_("số văn bản"), max_length=80, blank=True)
    dated_on = models.DateField(_("ngày xác nhận"))
    met = models.BooleanField(_("đáp ứng"))
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="attestations")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("xác nhận")
        constraints = [
            models.UniqueConstraint(
                name="classification_attestation_once",
                fields=["assessment", "criterion"],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message=_("Tiêu chí này đã có xác nhận; hãy rút xác nhận cũ trước."),
            ),
            models.CheckConstraint(
                name="classification_attestation_named",
                condition=~Q(confirmed_by=""),
                violation_error_message=_("Xác nhận phải nêu cơ quan xác nhận."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}/{self.criterion_id}"


class Return(Authored):
    """Trả lại: one criterion or the whole dossier goes back, always with a reason."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="returns")
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True, blank=True, related_name="+")
    from_state = models.CharField(max_length=12, choices=State.choices)
    to_state = models.CharField(max_length=12, choices=State.choices)
    reason = models.TextField(_("lý do trả lại"))
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lần trả lại")
        constraints = [
            models.CheckConstraint(
                name="classification_return_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Trả lại phải ghi lý do."),
            ),
        ]
        indexes = [models.Index(fields=["assessment", "answered_at"], name="classification_return_open")]

    def __str__(self) -> str:
        return self.reason


class Extension(Authored):
    """Gia hạn: one unit's own deadline in a campaign, with a reason."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="extensions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="extensions")
    until = models.DateField(_("gia hạn đến hết ngày"))
    reason = models.TextField(_("lý do gia hạn"))

    class Meta:
        verbose_name = _("gia hạn")
        constraints = [
            models.UniqueConstraint(name="classification_extension_once", fields=["campaign", "unit", "until"]),
            models.CheckConstraint(
                name="classification_extension_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Gia hạn phải ghi lý do."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.until:%d/%m/%Y}"


class Opinion(Authored):
    """Ý kiến of a leader or of the body that manages the unit directly; it changes no points."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="opinions")
    role = models.CharField(max_length=20)
    text = models.TextField(_("ý kiến"))

    class Meta:
        verbose_name = _("ý kiến")
        constraints = [
            models.CheckConstraint(
                name="classification_opinion_text",
                condition=~Q(text=""),
                violation_error_message=_("Ý kiến không được để trống."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Minutes(Authored):
    """Biên bản: the signed minutes that an entry on behalf or a decision rests on, as a scan."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="minutes")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="minutes")
    subject = models.CharField(
        max_length=10, choices=[("entry", _("họp đánh giá ở đơn vị")), ("decision", _("họp xét duyệt"))]
    )
    number = models.CharField(_("số biên bản"), max_length=80, blank=True)
    dated_on = models.DateField(_("ngày họp"))

    class Meta:
        verbose_name = _("biên bản")
        constraints = [
            models.UniqueConstraint(name="classification_minutes_once", fields=["assessment", "file", "subject"])
        ]

    def __str__(self) -> str:
        return f"{self.dated_on:%d/%m/%Y}"
