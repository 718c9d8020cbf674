"""What each form of commendation is, as it was regulated at a time."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from units.models import Unit

from ..enums import Authority, FormCode, RecipientKind, SalaryDate, Years

MULTIPLE = {"null": True, "blank": True, "max_digits": 6, "decimal_places": 2}


class AwardForm(models.Model):
    """One form while ``valid`` holds; a province's own row comes before the default without a province.

    ``passed_on``: a province does not decide on it but passes its nominations on. Money is a multiple of
    the base salary, by kind of recipient; what was not read in a regulation is null, never guessed, and so
    are the date on which that salary is read and the step (in đồng) that amounts are rounded up to.
    ``required_classes`` are the classes that a collective must have reached in ``required_years``; none are
    required where the list is empty.
    """

    province = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="award_forms")
    code = models.CharField(_("mã"), max_length=30, choices=FormCode.choices)
    name = models.CharField(_("tên hình thức"), max_length=200)
    title = models.CharField(_("tên trên giấy chứng nhận"), max_length=100)
    recipient_kinds = ArrayField(models.CharField(max_length=12, choices=RecipientKind.choices))
    authority = models.CharField(_("cấp quyết định"), max_length=12, choices=Authority.choices)
    decided_by = models.CharField(_("người quyết định"), max_length=200)
    passed_on = models.BooleanField(_("trình cấp trên quyết định"), default=False)
    rank = models.PositiveSmallIntegerField(_("thứ tự"))
    money_collective = models.DecimalField(_("tiền thưởng tập thể (lần lương cơ sở)"), **MULTIPLE)
    money_household = models.DecimalField(_("tiền thưởng hộ gia đình (lần lương cơ sở)"), **MULTIPLE)
    money_individual = models.DecimalField(_("tiền thưởng cá nhân (lần lương cơ sở)"), **MULTIPLE)
    money_salary_on = models.CharField(
        _("lương cơ sở tính theo"), max_length=12, choices=SalaryDate.choices, null=True, blank=True
    )
    money_round_to = models.PositiveIntegerField(_("làm tròn lên đến (đồng)"), null=True, blank=True)
    required_classes = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    required_years = models.CharField(max_length=6, choices=Years.choices, default=Years.EVERY)
    source = models.CharField(_("căn cứ"), max_length=300, blank=True)
    valid = DateRangeField(_("hiệu lực"))

    class Meta:
        verbose_name = _("hình thức khen thưởng")
        ordering = ["rank", "code"]
        constraints = [
            ExclusionConstraint(
                name="awards_form_no_overlap",
                expressions=[
                    (Func(F("province"), Value(0), function="coalesce"), RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Trong thời gian này hình thức khen thưởng đã được quy định."),
            ),
            models.CheckConstraint(
                name="awards_form_has_start",
                condition=Q(valid__lower_inf=False, valid__isempty=False),
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
            models.CheckConstraint(
                name="awards_form_known",
                condition=Q(code__in=FormCode.values, authority__in=Authority.values),
                violation_error_message=_("Hình thức khen thưởng hoặc cấp quyết định không có trong danh mục."),
            ),
            models.CheckConstraint(
                name="awards_form_has_recipients",
                condition=Q(recipient_kinds__len__gt=0, recipient_kinds__contained_by=RecipientKind.values),
                violation_error_message=_("Hình thức khen thưởng phải có ít nhất một loại đối tượng được tặng."),
            ),
            models.CheckConstraint(
                name="awards_form_flag_for_collectives",
                condition=~Q(code__startswith="co_") | Q(recipient_kinds=[RecipientKind.COLLECTIVE]),
                violation_error_message=_("Cờ thi đua chỉ tặng cho tập thể."),
            ),
            models.CheckConstraint(
                name="awards_form_insignia_for_persons",
                condition=~Q(code=FormCode.INSIGNIA) | Q(recipient_kinds=[RecipientKind.INDIVIDUAL]),
                violation_error_message=_("Kỷ niệm chương chỉ tặng cho cá nhân."),
            ),
            models.CheckConstraint(
                name="awards_form_money_not_negative",
                condition=(Q(money_collective__isnull=True) | Q(money_collective__gte=0))
                & (Q(money_household__isnull=True) | Q(money_household__gte=0))
                & (Q(money_individual__isnull=True) | Q(money_individual__gte=0)),
                violation_error_message=_("Mức tiền thưởng không được âm."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
