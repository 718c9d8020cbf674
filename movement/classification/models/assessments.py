"""One unit in one campaign: its state, its points at three stages, its published result."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from movement.accounts.access import ScopedQuerySet
from movement.core.models import Decision
from movement.core.text import VnSearch, VnSort
from movement.core.ulid import new_ulid
from units.enums import Kind, Level
from units.models import Unit

from ..enums import ORDER, Stage, State
from .campaigns import Campaign
from .schemes import POINTS, Adjustment, Criterion


class Assessment(models.Model):
    """One unit's year in one campaign, with the names it had then.

    The names and the place are frozen at registration; ``path`` is the unit's path in the tree of
    the campaign. ``authority`` is the province, district or commune that decides by the decision
    track; ``checker`` the one that checks. ``points``, ``class_code`` and ``explanation`` hold the
    engine's result over the points in force and change with each save. From ``published`` on the
    database refuses any change (migration 0002).

    A unit that ends before the campaign's tree date leaves its assessment ``closed_at`` with a reason;
    where it goes on with the main successor, ``heir`` is that unit's.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="assessments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assessments")
    unit_code = models.CharField(max_length=40, blank=True)
    unit_name = models.CharField(max_length=250)
    unit_kind = models.CharField(max_length=20, choices=Kind.choices)
    unit_subkind = models.CharField(max_length=60, blank=True)
    managing_level = models.CharField(max_length=20, choices=Level.choices)
    path = models.CharField(max_length=255)
    commune = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    commune_name = models.CharField(max_length=250, blank=True)
    district = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    district_name = models.CharField(max_length=250, blank=True)
    authority = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="decided_assessments")
    decide_level = models.CharField(max_length=20, choices=Level.choices)
    checker = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    check_level = models.CharField(max_length=20, choices=Level.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.REGISTERED)
    on_behalf = models.BooleanField(_("nhập thay"), default=False)
    office_entry = models.BooleanField(_("cơ quan thẩm định nhập trực tiếp"), default=False)
    return_reason = models.TextField(_("lý do trả lại"), blank=True)
    complete = models.BooleanField(default=False)
    base = models.DecimalField(null=True, max_digits=7, decimal_places=2)
    points = models.DecimalField(null=True, max_digits=7, decimal_places=2)
    class_code = models.CharField(max_length=20, blank=True)
    explanation = models.JSONField(default=dict)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="assessments")
    closed_at = models.DateTimeField(_("kết thúc theo đơn vị"), null=True)
    closed_reason = models.CharField(_("lý do kết thúc"), max_length=500, blank=True)
    heir = models.ForeignKey("self", models.PROTECT, null=True, related_name="attached")
    state_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    name_sort = models.GeneratedField(
        expression=VnSort("unit_name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    search = models.GeneratedField(expression=VnSearch("unit_name"), output_field=models.TextField(), db_persist=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("kết quả của đơn vị")
        constraints = [
            models.UniqueConstraint(
                name="classification_assessment_once",
                fields=["campaign", "unit"],
                violation_error_message=_("Đơn vị đã có trong kỳ đánh giá này."),
            ),
            models.CheckConstraint(name="classification_assessment_state", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="classification_assessment_published",
                condition=~Q(state="published") | Q(decision__isnull=False),
                violation_error_message=_("Kết quả công bố phải có quyết định."),
            ),
            models.CheckConstraint(
                name="classification_assessment_complete",
                condition=Q(complete=True) | Q(state__in=["registered", "self_scored"]),
                violation_error_message=_("Chưa chấm đủ tiêu chí thì không chuyển tiếp được."),
            ),
            models.CheckConstraint(
                name="classification_assessment_closed",
                condition=Q(closed_at__isnull=True, heir__isnull=True, closed_reason="")
                | (Q(closed_at__isnull=False) & ~Q(closed_reason="") & ~Q(state="published")),
                violation_error_message=_("Kết thúc hồ sơ của đơn vị đã kết thúc phải ghi lý do."),
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "state"], name="classification_assess_state"),
            models.Index(fields=["campaign", "class_code"], name="classification_assess_class"),
            models.Index(fields=["campaign", "unit_kind", "path"], name="classification_assess_place"),
            models.Index(fields=["unit", "campaign"], name="classification_assess_unit"),
            models.Index(fields=["campaign", "name_sort", "id"], name="classification_assess_name"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_name} ({self.campaign_id})"

    def has_reached(self, state: State) -> bool:
        return ORDER.index(State(self.state)) >= ORDER.index(state)


class Answer(models.Model):
    """What both kinds of points share: where, at which stage, who typed it and when."""

    stage = models.CharField(max_length=6, choices=Stage.choices)
    points = models.DecimalField(null=True, blank=True, **POINTS)
    reason = models.CharField(_("lý do"), max_length=500, blank=True)
    # Why it differs from the stage before; an import writes without one, hence the database's default.
    note = models.CharField(_("lý do sửa điểm"), max_length=500, blank=True, default="", db_default="")
    typed_by = models.BigIntegerField(null=True)
    typed_by_name = models.CharField(max_length=200, blank=True)
    typed_at = models.DateTimeField()
    on_behalf = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Score(Answer):
    """Points of one leaf at one stage, or the reason why it does not apply (``reason``)."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="scores")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="classification_score_once", fields=["assessment", "criterion", "stage"]),
            models.CheckConstraint(
                name="classification_score_points_or_reason",
                condition=Q(points__gte=0, reason="") | (Q(points__isnull=True) & ~Q(reason="")),
                violation_error_message=_("Mỗi tiêu chí có điểm, hoặc có lý do không áp dụng."),
            ),
        ]
        # Whoever typed a unit may not check it: lists of work leave those out.
        indexes = [
            models.Index(
                fields=["typed_by", "assessment"], condition=Q(stage=Stage.SELF), name="classification_score_typed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}/{self.criterion_id}/{self.stage}"


class AdjustmentScore(Answer):
    """A bonus or penalty at one stage, and why."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="adjustment_scores")
    adjustment = models.ForeignKey(Adjustment, models.PROTECT, related_name="scores")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="classification_adjustment_score_once", fields=["assessment", "adjustment", "stage"]
            ),
            models.CheckConstraint(
                name="classification_adjustment_score_points", condition=Q(points__isnull=False, points__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}/{self.adjustment_id}/{self.stage}"


class SaveReceipt(models.Model):
    """An edit that was written. Sending the same edit again finds its receipt and changes nothing."""

    edit_id = models.UUIDField(primary_key=True)
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="receipts")
    saved_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.edit_id)


class Flag(models.Model):
    """A line of the honesty ledger: it asks, it never punishes and never changes a result."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="flags")
    code = models.CharField(max_length=30)
    sentence = models.TextField()
    blocking = models.BooleanField(default=False)
    acknowledged_by = models.CharField(max_length=200, blank=True)
    acknowledged_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="classification_flag_once", fields=["assessment", "code"])]

    def __str__(self) -> str:
        return self.code


class PublishedResult(models.Model):
    """The frozen result of one unit under one decision. The role *app* may insert and read only.

    ``payload`` holds all that the result rests on (names, points of each stage, explanation, scheme
    version); ``digest`` is its SHA-256 over the canonical JSON. ``check_integrity`` recomputes both.
    """

    assessment = models.OneToOneField(Assessment, models.PROTECT, related_name="published")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="results")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="results")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="results")
    year = models.PositiveSmallIntegerField()
    scheme_code = models.CharField(max_length=40)
    purpose = models.CharField(max_length=20)
    class_code = models.CharField(max_length=20, blank=True)
    points = models.DecimalField(null=True, max_digits=7, decimal_places=2)
    payload = models.JSONField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("kết quả đã công bố")
        indexes = [
            models.Index(fields=["unit", "year"], name="classification_result_unit"),
            models.Index(fields=["year", "scheme_code", "class_code"], name="classification_result_class"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}/{self.year}/{self.class_code}"
