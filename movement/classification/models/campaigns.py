"""A scheme version in one year in one province, and who decides on whom."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Value
from django.utils.translation import gettext_lazy as _

from movement.core.ulid import new_ulid
from units.enums import Kind, Level
from units.models import Unit

from ..enums import Purpose
from .schemes import Scheme, SchemeVersion


class DecisionTrack(models.Model):
    """Tuyến xét duyệt: for a purpose, a unit kind and a managing level, which level decides.

    Rows without a province are the defaults; a province's own rows come before them. The default
    rows (migration 0003) follow design §4 and are data, since a province may change any of them.
    ``check_level`` checks and appraises before ``decide_level`` decides.
    """

    province = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="decision_tracks")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    unit_kind = models.CharField(max_length=20, choices=Kind.choices)
    managing_level = models.CharField(max_length=20, choices=Level.choices)
    check_level = models.CharField(max_length=20, choices=Level.choices)
    decide_level = models.CharField(max_length=20, choices=Level.choices)
    letterhead = models.CharField(
        max_length=20,
        choices=[("committee", _("Ban Chỉ đạo")), ("people_committee", _("Ủy ban nhân dân"))],
        default="committee",
    )
    checker = models.CharField(_("người kiểm tra ở nơi không có Công an xã"), max_length=200, blank=True)
    valid = DateRangeField(_("hiệu lực"))

    class Meta:
        verbose_name = _("tuyến xét duyệt")
        constraints = [
            ExclusionConstraint(
                name="classification_track_no_overlap",
                expressions=[
                    (Func(F("province"), Value(0), function="coalesce"), RangeOperators.EQUAL),
                    ("purpose", RangeOperators.EQUAL),
                    ("unit_kind", RangeOperators.EQUAL),
                    ("managing_level", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Trong thời gian này tuyến xét duyệt đã được quy định."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}/{self.unit_kind}/{self.managing_level} → {self.decide_level}"


class Campaign(models.Model):
    """Kỳ đánh giá: one scheme version × year × province.

    ``deadlines`` maps a unit kind to the ISO date *before* which its result is to be signed,
    ``periods`` to ``[first day, last day]`` of what is assessed; a kind is absent where no rule was read.
    A campaign opened after its deadlines is retrospective: no deadline refuses, results are marked.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="campaigns")
    version = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="campaigns")
    year = models.PositiveSmallIntegerField(_("năm"))
    province = models.ForeignKey(Unit, models.PROTECT, related_name="campaigns")
    periods = models.JSONField(default=dict, blank=True)
    deadlines = models.JSONField(default=dict, blank=True)
    retrospective = models.BooleanField(_("nhập hồi cứu"), default=False)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("kỳ đánh giá")
        ordering = ["-year", "scheme__code"]
        constraints = [
            models.UniqueConstraint(
                name="classification_campaign_once",
                fields=["scheme", "year", "province"],
                violation_error_message=_("Kỳ đánh giá này đã được mở."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme.code}:{self.year}"

    @property
    def tree_on(self) -> date:
        """The date whose tree the year is seen in: its last day (design §7, "Dates")."""
        return date(self.year, 12, 31)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None
