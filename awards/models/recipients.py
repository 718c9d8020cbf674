"""Who is commended for what: the part that nominations and register entries share."""

from datetime import date

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from movement.core.dates import upper_to_last_day
from units.models import Unit

from ..enums import PERSONS, FormCode, RecipientKind


class Recipient(models.Model):
    """A collective, a household or one person, with the achievement that is commended.

    ``unit`` is the collective itself, or where the person or household belongs; ``unit_name`` its name as
    the decision has it, also where the register of units does not know it (then ``unit`` is null).
    ``person_name`` is the person's name, or the household's. Of a person only name, position and unit are
    ever kept. ``achieved`` is half-open; ``None`` when the decision states no period.
    """

    recipient_kind = models.CharField(_("đối tượng"), max_length=12, choices=RecipientKind.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    unit_name = models.CharField(_("đơn vị"), max_length=300)
    person_name = models.CharField(_("họ và tên, hoặc tên hộ"), max_length=200, blank=True)
    position = models.CharField(_("chức vụ"), max_length=200, blank=True)
    form = models.CharField(_("hình thức"), max_length=30, choices=FormCode.choices)
    achieved = DateRangeField(_("thời gian lập thành tích"), null=True)
    citation = models.TextField(_("thành tích"), blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_known",
                condition=Q(form__in=FormCode.values, recipient_kind__in=RecipientKind.values),
                violation_error_message=_("Hình thức hoặc loại đối tượng khen thưởng không có trong danh mục."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_flag_for_collectives",
                condition=~Q(form__startswith="co_") | Q(recipient_kind=RecipientKind.COLLECTIVE),
                violation_error_message=_("Cờ thi đua chỉ tặng cho tập thể."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_insignia_for_persons",
                condition=~Q(form=FormCode.INSIGNIA) | Q(recipient_kind=RecipientKind.INDIVIDUAL),
                violation_error_message=_("Kỷ niệm chương chỉ tặng cho cá nhân."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_has_unit",
                condition=~Q(unit_name=""),
                violation_error_message=_("Phải ghi tên tập thể, hoặc đơn vị, nơi ở của người, hộ được khen."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_individual_named",
                condition=~Q(recipient_kind=RecipientKind.INDIVIDUAL) | (~Q(person_name="") & ~Q(position="")),
                violation_error_message=_("Cá nhân được khen phải có họ tên và chức vụ."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_household_named",
                condition=~Q(recipient_kind=RecipientKind.HOUSEHOLD) | (~Q(person_name="") & Q(position="")),
                violation_error_message=_("Hộ gia đình được khen phải có tên hộ và không ghi chức vụ."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_collective_without_person",
                condition=~Q(recipient_kind=RecipientKind.COLLECTIVE) | Q(person_name="", position=""),
                violation_error_message=_("Tập thể được khen không ghi tên người và chức vụ."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_period",
                condition=Q(achieved__isnull=True)
                | Q(achieved__isempty=False, achieved__lower_inf=False, achieved__upper_inf=False),
                violation_error_message=_("Thời gian lập thành tích phải có ngày đầu và ngày cuối."),
            ),
        ]

    @property
    def name(self) -> str:
        """Who is commended, as a list shows it."""
        return self.person_name or self.unit_name

    @property
    def achieved_from(self) -> date | None:
        return self.achieved.lower if self.achieved else None

    @property
    def achieved_to(self) -> date | None:
        """The last day."""
        return upper_to_last_day(self.achieved.upper) if self.achieved else None

    @property
    def names_a_person(self) -> bool:
        return self.recipient_kind in PERSONS
