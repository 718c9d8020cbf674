"""The register of commendations: entries that are never changed, and revocations beside them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import DateField, F, Func, IntegerField, Q, TextField, Value
from django.db.models.functions import Cast, Concat, ExtractYear
from django.utils.translation import gettext_lazy as _

from movement.core.models import Decision
from movement.core.text import VnName, VnSearch
from movement.core.ulid import new_ulid
from units.models import Unit

from ..enums import PERSONS, Ground, RecipientKind
from .recipients import Recipient
from .rounds import Round


class YearEnd(Func):
    """The first day after the year of a date."""

    function = "make_date"

    def __init__(self, field):
        year = Cast(ExtractYear(field), IntegerField())
        super().__init__(year + Value(1), Value(1), Value(1), output_field=DateField())


class Award(Recipient):
    """One entry: this recipient was commended by that decision. The role *app* may insert and read only.

    Names and places are those of the day of the decision. ``place_ids`` are the unit and all above it on
    that day, by which readers' territories are met (``awards.selectors.scope``); ``decided_on`` repeats the
    decision's date, which lists are ordered by. ``revocation``, where there is one, takes the entry out of
    every total and leaves the row untouched.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="awards")
    decided_on = models.DateField(_("ngày quyết định"))
    form_name = models.CharField(_("tên hình thức"), max_length=200)
    province = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    province_name = models.CharField(max_length=250)
    unit_code = models.CharField(max_length=40, blank=True)
    commune = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    place_name = models.CharField(_("địa bàn"), max_length=600, blank=True)
    place_ids = ArrayField(models.BigIntegerField())
    register_number = models.CharField(_("số vào sổ"), max_length=40, blank=True)
    round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="awards")
    recorded_at = models.DateTimeField(auto_now_add=True)
    search = models.GeneratedField(
        expression=VnSearch(Concat("unit_name", Value(" "), "place_name")), output_field=TextField(), db_persist=True
    )
    person_search = models.GeneratedField(expression=VnSearch("person_name"), output_field=TextField(), db_persist=True)

    class Meta:
        verbose_name = _("khen thưởng")
        ordering = ["-decided_on", "-pk"]
        constraints = [
            *Recipient.Meta.constraints,
            models.UniqueConstraint(
                name="awards_award_unit_once",
                fields=["decision", "form", "unit"],
                condition=Q(recipient_kind=RecipientKind.COLLECTIVE, unit__isnull=False),
                violation_error_message=_("Quyết định này đã tặng hình thức đó cho tập thể này."),
            ),
            models.UniqueConstraint(
                F("decision"),
                F("form"),
                VnName("unit_name"),
                name="awards_award_name_once",
                condition=Q(recipient_kind=RecipientKind.COLLECTIVE, unit__isnull=True),
                violation_error_message=_("Quyết định này đã tặng hình thức đó cho tập thể cùng tên."),
            ),
            models.UniqueConstraint(
                F("decision"),
                F("form"),
                VnName("person_name"),
                VnName("unit_name"),
                VnName("position"),
                name="awards_award_person_once",
                condition=Q(recipient_kind__in=PERSONS),
                violation_error_message=_("Quyết định này đã tặng hình thức đó cho người hoặc hộ này."),
            ),
            models.CheckConstraint(
                name="awards_award_period_begun",
                condition=Q(achieved__isnull=True) | Q(achieved__startswith__lte=F("decided_on")),
                violation_error_message=_("Thời gian lập thành tích không được bắt đầu sau ngày quyết định."),
            ),
            models.CheckConstraint(
                name="awards_award_period_not_ahead",
                condition=Q(achieved__isnull=True) | Q(achieved__endswith__lte=YearEnd("decided_on")),
                violation_error_message=_("Thời gian lập thành tích không được kéo dài quá năm ra quyết định."),
            ),
            models.CheckConstraint(
                name="awards_award_has_place",
                condition=Q(place_ids__len__gt=0),
                violation_error_message=_("Khen thưởng phải gắn với một tỉnh, thành phố."),
            ),
        ]
        indexes = [
            models.Index(fields=["-decided_on", "-id"], name="awards_award_order"),
            models.Index(fields=["province", "decided_on"], name="awards_award_province"),
            models.Index(fields=["person_search"], name="awards_award_person", condition=~Q(person_name="")),
            GinIndex(fields=["place_ids"], name="awards_award_places"),
            GinIndex(OpClass("search", "gin_trgm_ops"), name="awards_award_search"),
            GinIndex(
                OpClass("person_search", "gin_trgm_ops"),
                name="awards_award_person_search",
                condition=~Q(person_name=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form_name}: {self.name}"

    @property
    def revoked(self) -> bool:
        return getattr(self, "revocation", None) is not None


class Revocation(models.Model):
    """An award was cancelled and the object and money are to be returned.

    Law on Emulation and Commendation 06/2022/QH15, Chapter VII. The role *app* may insert and read, and
    later fill in what came back (``object_returned_on``, ``money_returned``), nothing else. What has not
    come back, or was never given, is null.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    award = models.OneToOneField(Award, models.PROTECT, related_name="revocation")
    ground = models.CharField(_("căn cứ"), max_length=1, choices=Ground.choices)
    by_decision = models.CharField(_("số quyết định hủy bỏ"), max_length=80)
    revoked_on = models.DateField(_("ngày quyết định hủy bỏ"))
    reason = models.TextField(_("lý do"), blank=True)
    object_returned_on = models.DateField(_("ngày thu hồi hiện vật"), null=True, blank=True)
    money_returned = models.DecimalField(
        _("tiền thưởng đã thu hồi (đồng)"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by_id = models.BigIntegerField(null=True)
    recorded_by_name = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("hủy bỏ quyết định khen thưởng")
        constraints = [
            models.CheckConstraint(
                name="awards_revocation_known_ground",
                condition=Q(ground__in=Ground.values),
                violation_error_message=_("Căn cứ hủy bỏ phải là a, b, c hoặc d."),
            ),
            models.CheckConstraint(
                name="awards_revocation_has_decision",
                condition=~Q(by_decision=""),
                violation_error_message=_("Phải ghi số quyết định hủy bỏ."),
            ),
            models.CheckConstraint(
                name="awards_revocation_money_not_negative",
                condition=Q(money_returned__isnull=True) | Q(money_returned__gte=0),
                violation_error_message=_("Số tiền thu hồi không được âm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by_decision} ({self.revoked_on:%d/%m/%Y})"
