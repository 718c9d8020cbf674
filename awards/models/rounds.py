"""Rounds of commendation (đợt khen thưởng) and who is nominated in them."""

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from movement.core.dates import upper_to_last_day
from movement.core.text import VnName
from movement.core.ulid import new_ulid
from units.models import Unit

from ..enums import PERSONS, Outcome, RecipientKind, RoundState
from .recipients import Recipient


class Round(models.Model):
    """One round of one authority, a province or a commune, over one year or several.

    ``period`` is the usual achievement period of its nominations, half-open. ``place_ids`` are the
    authority and all above it on the period's last day. ``open`` takes nominations; ``decided`` when each
    has its outcome; ``closed`` for good.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    title = models.CharField(_("tên đợt"), max_length=200)
    authority = models.ForeignKey(Unit, models.PROTECT, related_name="award_rounds")
    authority_kind = models.CharField(max_length=20)
    authority_name = models.CharField(_("cấp tổ chức"), max_length=250)
    province = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    place_ids = ArrayField(models.BigIntegerField())
    period = DateRangeField(_("thời gian lập thành tích"))
    state = models.CharField(_("trạng thái"), max_length=10, choices=RoundState.choices, default=RoundState.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by_id = models.BigIntegerField(null=True)
    created_by_name = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("đợt khen thưởng")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                F("authority"),
                VnName("title"),
                name="awards_round_title_once",
                violation_error_message=_("Cấp này đã có một đợt khen thưởng cùng tên."),
            ),
            models.CheckConstraint(
                name="awards_round_titled",
                condition=~Q(title=""),
                violation_error_message=_("Đợt khen thưởng phải có tên."),
            ),
            models.CheckConstraint(
                name="awards_round_period",
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                violation_error_message=_("Thời gian lập thành tích phải có ngày đầu và ngày cuối."),
            ),
            models.CheckConstraint(
                name="awards_round_state",
                condition=Q(state__in=RoundState.values)
                & (
                    Q(state=RoundState.CLOSED, closed_at__isnull=False)
                    | (~Q(state=RoundState.CLOSED) & Q(closed_at=None))
                ),
                violation_error_message=_("Đợt đã kết thúc phải ghi lúc kết thúc."),
            ),
            models.CheckConstraint(
                name="awards_round_of_province_or_commune",
                condition=Q(authority_kind__in=["province", "commune"]),
                violation_error_message=_("Đợt khen thưởng do cấp tỉnh hoặc cấp xã tổ chức."),
            ),
        ]
        indexes = [models.Index(fields=["authority", "-id"], name="awards_round_authority")]

    def __str__(self) -> str:
        return self.title

    @property
    def first_day(self):
        return self.period.lower

    @property
    def last_day(self):
        return upper_to_last_day(self.period.upper)

    @property
    def years(self) -> list[int]:
        """The calendar years that the period touches."""
        return list(range(self.first_day.year, self.last_day.year + 1))

    @property
    def is_open(self) -> bool:
        return self.state == RoundState.OPEN


class Nomination(Recipient):
    """Somebody proposed in a round. ``reasons`` are the sentences it was suggested with.

    ``outcome`` is what was decided; ``awarded`` names the register entry it became.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="nominations")
    reasons = models.JSONField(default=list)
    outcome = models.CharField(_("kết quả"), max_length=10, choices=Outcome.choices, default=Outcome.PENDING)
    outcome_reason = models.TextField(_("lý do không khen thưởng"), blank=True)
    award = models.OneToOneField("awards.Award", models.PROTECT, null=True, related_name="nomination")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by_id = models.BigIntegerField(null=True)
    created_by_name = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("đề nghị khen thưởng")
        ordering = ["pk"]
        constraints = [
            *Recipient.Meta.constraints,
            models.UniqueConstraint(
                name="awards_nomination_unit_once",
                fields=["round", "unit"],
                condition=Q(recipient_kind=RecipientKind.COLLECTIVE, unit__isnull=False),
                violation_error_message=_("Tập thể này đã được đề nghị trong đợt này."),
            ),
            models.UniqueConstraint(
                F("round"),
                VnName("unit_name"),
                name="awards_nomination_name_once",
                condition=Q(recipient_kind=RecipientKind.COLLECTIVE, unit__isnull=True),
                violation_error_message=_("Tập thể cùng tên đã được đề nghị trong đợt này."),
            ),
            models.UniqueConstraint(
                F("round"),
                VnName("person_name"),
                VnName("unit_name"),
                VnName("position"),
                name="awards_nomination_person_once",
                condition=Q(recipient_kind__in=PERSONS),
                violation_error_message=_("Người hoặc hộ này đã được đề nghị trong đợt này."),
            ),
            models.CheckConstraint(
                name="awards_nomination_has_period",
                condition=Q(achieved__isnull=False),
                violation_error_message=_("Đề nghị khen thưởng phải có thời gian lập thành tích."),
            ),
            models.CheckConstraint(
                name="awards_nomination_outcome",
                condition=Q(outcome=Outcome.AWARDED, award__isnull=False)
                | (Q(outcome=Outcome.REFUSED, award__isnull=True) & ~Q(outcome_reason=""))
                | Q(outcome=Outcome.PENDING, award__isnull=True),
                violation_error_message=_(
                    "Đề nghị được khen thưởng phải có trong sổ; đề nghị không khen thưởng phải ghi lý do."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form}: {self.name}"
