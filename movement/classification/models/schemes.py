"""A scheme (bộ tiêu chí) is a set of criteria under a dated legal text."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ..enums import AdjustmentKind, Evidence, Purpose

POINTS = {"max_digits": 7, "decimal_places": 2}


class Scheme(models.Model):
    """What all versions of a set of criteria share. ``code`` is how commands and files name it."""

    code = models.CharField(_("mã"), max_length=40, unique=True)
    purpose = models.CharField(_("mục đích"), max_length=20, choices=Purpose.choices)

    class Meta:
        verbose_name = _("bộ tiêu chí")
        constraints = [
            models.CheckConstraint(name="classification_scheme_purpose", condition=Q(purpose__in=Purpose.values))
        ]

    def __str__(self) -> str:
        return self.code


class SchemeVersion(models.Model):
    """One version. Once a campaign uses it the database refuses any change (trigger, migration 0002).

    A date of the regulation that was not read is ``None``, never guessed; a version without
    ``effective_from`` is only ever chosen by name. ``illustrative`` versions cite no regulation and
    mark every screen and document built on them. ``complete=False`` holds scores, computes no class.
    """

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("phiên bản"))
    title = models.CharField(_("tên"), max_length=300)
    unit_kinds = ArrayField(models.CharField(max_length=20), verbose_name=_("loại đơn vị"))
    regulation_number = models.CharField(_("số văn bản"), max_length=80, blank=True)
    issued_on = models.DateField(_("ngày ban hành"), null=True, blank=True)
    effective_from = models.DateField(_("hiệu lực từ"), null=True, blank=True)
    effective_to = models.DateField(_("hiệu lực đến hết"), null=True, blank=True)
    illustrative = models.BooleanField(_("bộ tiêu chí minh họa"), default=False)
    complete = models.BooleanField(_("đầy đủ"), default=True)
    total = models.DecimalField(_("tổng điểm"), null=True, blank=True, **POINTS)
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("phiên bản bộ tiêu chí")
        constraints = [
            models.UniqueConstraint(name="classification_version_once", fields=["scheme", "number"]),
            models.CheckConstraint(
                name="classification_version_dates",
                condition=Q(effective_from__isnull=True)
                | Q(effective_to__isnull=True)
                | Q(effective_to__gte=F("effective_from")),
                violation_error_message=_("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
            ),
            models.CheckConstraint(
                name="classification_version_illustrative",
                condition=Q(illustrative=False) | Q(regulation_number="", issued_on__isnull=True),
                violation_error_message=_("Bộ tiêu chí minh họa không được viện dẫn văn bản."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Criterion(models.Model):
    """One line of the table. ``max_points`` is null in a standard, on a parent, and where unread."""

    version = models.ForeignKey(SchemeVersion, models.CASCADE, related_name="criteria")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(_("mã"), max_length=20)
    title = models.TextField(_("nội dung"))
    clause = models.CharField(_("điều khoản"), max_length=120)
    max_points = models.DecimalField(_("điểm chuẩn"), null=True, blank=True, **POINTS)
    step = models.DecimalField(_("bước điểm"), null=True, blank=True, **POINTS)
    evidence = models.CharField(max_length=12, choices=Evidence.choices, default=Evidence.OPTIONAL)
    not_applicable = models.BooleanField(_("có thể không áp dụng"), default=False)
    knock_out = models.BooleanField(_("tiêu chí bắt buộc"), default=False)
    is_leaf = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("tiêu chí")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="classification_criterion_once", fields=["version", "code"]),
            models.CheckConstraint(
                name="classification_criterion_points",
                condition=Q(max_points__isnull=True) | Q(max_points__gt=0),
            ),
            models.CheckConstraint(
                name="classification_criterion_step", condition=Q(step__isnull=True) | Q(step__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}. {self.title}"


class Adjustment(models.Model):
    """Points that are added or taken beside the criteria."""

    version = models.ForeignKey(SchemeVersion, models.CASCADE, related_name="adjustments")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    title = models.TextField()
    kind = models.CharField(max_length=10, choices=AdjustmentKind.choices)
    max_points = models.DecimalField(**POINTS)

    class Meta:
        verbose_name = _("điểm cộng, điểm trừ")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="classification_adjustment_once", fields=["version", "code"]),
            models.CheckConstraint(name="classification_adjustment_points", condition=Q(max_points__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.code}. {self.title}"


class ClassBand(models.Model):
    """A class (loại), its least points and the conditions beside them."""

    version = models.ForeignKey(SchemeVersion, models.CASCADE, related_name="bands")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    min_points = models.DecimalField(**POINTS)
    requires = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        verbose_name = _("loại")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="classification_band_once", fields=["version", "code"]),
            models.UniqueConstraint(name="classification_band_points_once", fields=["version", "min_points"]),
        ]

    def __str__(self) -> str:
        return self.name


class Cap(models.Model):
    """When ``when`` fires the class is at most ``at_most``."""

    version = models.ForeignKey(SchemeVersion, models.CASCADE, related_name="caps")
    position = models.PositiveSmallIntegerField()
    when = models.CharField(max_length=60)
    at_most = models.CharField(max_length=20)

    class Meta:
        verbose_name = _("mức trần loại")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.when} → {self.at_most}"
