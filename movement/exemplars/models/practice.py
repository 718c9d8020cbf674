"""Practice models (mô hình), the points (điểm) that apply them, and their yearly reviews.

Counted apart: a model by its name, a point by its place, teams and members as totals. No persons.
Source: Guidance 22/HD-BCA-V05 as provinces apply it (domain, §3).
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from movement.accounts.access import ScopedQuerySet
from movement.core.text import VnSearch, VnSort
from movement.core.ulid import new_ulid
from units.models import Unit

from ..enums import Life


class PracticeModel(models.Model):
    """A practice model as one province registers it; its life is in ``states``.

    ``province`` is the province on the day the model was entered for. When that province ends, its
    models go on in the register of its successor, under the same code.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    province = models.ForeignKey(Unit, models.PROTECT, related_name="practice_models")
    code = models.CharField(_("mã mô hình"), max_length=40)
    name = models.CharField(_("tên mô hình"), max_length=250)
    field = models.CharField(_("lĩnh vực"), max_length=150, blank=True)
    decision = models.CharField(_("quyết định"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    name_sort = models.GeneratedField(
        expression=VnSort("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    search = models.GeneratedField(expression=VnSearch("name"), output_field=models.TextField(), db_persist=True)

    class Meta:
        verbose_name = _("mô hình")
        constraints = [
            models.UniqueConstraint(
                name="exemplars_model_code_once",
                fields=["province", "code"],
                violation_error_message=_("Mã mô hình này đã có trong tỉnh."),
            ),
            models.CheckConstraint(
                name="exemplars_model_named",
                condition=~Q(code="") & ~Q(name=""),
                violation_error_message=_("Mô hình phải có mã và tên."),
            ),
        ]
        indexes = [GinIndex(OpClass("search", "gin_trgm_ops"), name="exemplars_model_search")]

    def __str__(self) -> str:
        return self.name


class ModelState(models.Model):
    """A step of a model's life while ``valid``, ``[from, to)``, holds. The steps follow each other without a gap."""

    model = models.ForeignKey(PracticeModel, models.PROTECT, related_name="states")
    state = models.CharField(_("trạng thái"), max_length=10, choices=Life.choices)
    valid = DateRangeField(_("thời gian"))
    note = models.CharField(_("căn cứ, lý do"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("trạng thái của mô hình")
        constraints = [
            ExclusionConstraint(
                name="exemplars_state_no_overlap",
                expressions=[("model", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                violation_error_message=_("Trong khoảng thời gian này mô hình đã có một trạng thái khác."),
            ),
            models.CheckConstraint(
                name="exemplars_state_has_start",
                condition=Q(valid__lower_inf=False, valid__isempty=False),
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
            models.CheckConstraint(
                name="exemplars_state_known",
                condition=Q(state__in=Life.values),
                violation_error_message=_("Trạng thái của mô hình không có trong danh mục."),
            ),
            models.CheckConstraint(
                name="exemplars_state_end_is_last",
                condition=~Q(state=Life.ENDED) | Q(valid__upper_inf=True),
                violation_error_message=_("Mô hình đã kết thúc thì không có trạng thái nào sau đó."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()


class Point(models.Model):
    """A place that applies a model while ``valid``, ``[from, to)``, holds.

    ``unit`` is where it was set up. Later the point stands where that unit's successor stands
    (``selectors.places``), so a merger of communes moves no row. The trigger
    ``exemplars_point_inside_model`` (migration 0004) keeps it within the time in which its model works.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    model = models.ForeignKey(PracticeModel, models.PROTECT, related_name="points")
    code = models.CharField(_("mã điểm"), max_length=40, blank=True)
    name = models.CharField(_("tên điểm"), max_length=250)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="points")
    valid = DateRangeField(_("thời gian"))
    created_at = models.DateTimeField(auto_now_add=True)
    name_sort = models.GeneratedField(
        expression=VnSort("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("điểm mô hình")
        constraints = [
            models.UniqueConstraint(
                name="exemplars_point_code_once",
                fields=["model", "code"],
                condition=~Q(code=""),
                violation_error_message=_("Mã điểm này đã có trong mô hình."),
            ),
            models.CheckConstraint(
                name="exemplars_point_named",
                condition=~Q(name=""),
                violation_error_message=_("Điểm mô hình phải có tên."),
            ),
            models.CheckConstraint(
                name="exemplars_point_has_start",
                condition=Q(valid__lower_inf=False, valid__isempty=False),
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
        ]
        indexes = [models.Index(fields=["unit"], name="exemplars_point_unit")]

    def __str__(self) -> str:
        return self.name


class PointSize(models.Model):
    """How many teams (tổ) and members a point has while ``valid``, ``[from, to)``, holds: totals, never names."""

    point = models.ForeignKey(Point, models.PROTECT, related_name="sizes")
    teams = models.IntegerField(_("số tổ"), default=0)
    members = models.IntegerField(_("số thành viên"), default=0)
    valid = DateRangeField(_("thời gian"))

    class Meta:
        verbose_name = _("quy mô của điểm")
        constraints = [
            ExclusionConstraint(
                name="exemplars_size_no_overlap",
                expressions=[("point", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                violation_error_message=_("Trong khoảng thời gian này điểm đã có một quy mô khác."),
            ),
            models.CheckConstraint(
                name="exemplars_size_has_start",
                condition=Q(valid__lower_inf=False, valid__isempty=False),
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
            models.CheckConstraint(
                name="exemplars_size_counts",
                condition=Q(teams__gte=0, members__gte=0),
                violation_error_message=_("Số tổ, số thành viên phải từ 0 trở lên."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.teams}/{self.members}"


class Review(models.Model):
    """What the yearly review said of a model, or of one of its points.

    ``rating`` is a word out of a list that is a setting: Guidance 22's own words were not read (domain, §3).
    """

    model = models.ForeignKey(PracticeModel, models.PROTECT, related_name="reviews")
    point = models.ForeignKey(Point, models.PROTECT, null=True, blank=True, related_name="reviews")
    year = models.PositiveSmallIntegerField(_("năm"))
    rating = models.CharField(_("xếp loại"), max_length=60)
    note = models.TextField(_("nhận xét"), blank=True)
    by_name = models.CharField(max_length=200)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("đánh giá mô hình")
        constraints = [
            models.UniqueConstraint(
                name="exemplars_review_once",
                fields=["model", "point", "year"],
                nulls_distinct=False,
                violation_error_message=_("Năm này đã có đánh giá."),
            ),
            models.CheckConstraint(
                name="exemplars_review_rated",
                condition=~Q(rating=""),
                violation_error_message=_("Đánh giá phải có xếp loại."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.rating}"
