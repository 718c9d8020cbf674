"""Exemplars (điển hình): by which classes a unit may be considered."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from units.models import Unit


class ExemplarRule(models.Model):
    """Which classes of the year before open the door, while ``valid`` holds.

    The row without a province is the default (migration 0002); a province's own comes before it. It is
    read on the first day of the year that the exemplars are chosen for. The source (Hậu Giang, 28/02/2024)
    says only "đủ điều kiện, tiêu chuẩn", so this is a setting and not a constant.
    """

    province = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="exemplar_rules")
    classes = ArrayField(models.CharField(max_length=20), verbose_name=_("các loại được xét"))
    valid = DateRangeField(_("hiệu lực"))

    class Meta:
        verbose_name = _("điều kiện xét điển hình")
        constraints = [
            ExclusionConstraint(
                name="exemplars_rule_no_overlap",
                expressions=[
                    (Func(F("province"), Value(0), function="coalesce"), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Trong thời gian này điều kiện xét điển hình đã được quy định."),
            ),
            models.CheckConstraint(
                name="exemplars_rule_has_start",
                condition=Q(valid__lower_inf=False, valid__isempty=False),
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
            models.CheckConstraint(
                name="exemplars_rule_has_classes",
                condition=Q(classes__len__gt=0),
                violation_error_message=_("Phải có ít nhất một loại được xét."),
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.classes)
