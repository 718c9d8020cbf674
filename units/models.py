"""Units and territories with their history. A unit is an identity; everything dated is a version."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, Deferrable, Q, Value, When
from django.utils.translation import gettext_lazy as _

from movement.core.text import FoldedHalf, VnMatch, VnSearch, VnSort
from movement.core.ulid import new_ulid

from .enums import ChangeKind, GroupKind, Kind, Level, LineageKind, Share
from .import_models import ImportLine, ImportPreview  # noqa: F401 - of this app


class Unit(models.Model):
    """An organisation or a place, and nothing that changes with time.

    Neither its name nor its official code identifies it: both are carried by versions, and codes
    are reused (the ward code 00004 was Trúc Bạch until 30/6/2025 and has been Ba Đình since).
    Telephone, e-mail and address are the office's, never a person's.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    tax_code = models.CharField(_("mã số thuế"), max_length=20, blank=True)
    school_code = models.CharField(_("mã trường"), max_length=20, blank=True)
    phone = models.CharField(_("điện thoại cơ quan"), max_length=60, blank=True)
    email = models.EmailField(_("thư điện tử cơ quan"), blank=True)
    address = models.CharField(_("địa chỉ"), max_length=300, blank=True)
    scope_reason = models.CharField(_("lý do đưa vào diện đánh giá"), max_length=300, blank=True)
    demonstration = models.BooleanField(_("dữ liệu minh họa"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("đơn vị")
        indexes = [
            models.Index(fields=["tax_code"], name="units_unit_tax", condition=~Q(tax_code="")),
            models.Index(fields=["school_code"], name="units_unit_school", condition=~Q(school_code="")),
        ]

    def __str__(self) -> str:
        return self.ulid


class UnitVersion(models.Model):
    """A unit's code, name, parent and place in the tree while ``valid`` holds.

    ``valid`` is half-open, ``[from, to)``; no upper bound means "in force today". A rename, move
    or merger closes one row and opens the next, so a 2023 report still shows 2023's names.
    ``path`` runs root to self by unit ids, ``/1/12/340/``; a unit that is not placed ("chưa xếp
    địa bàn") has no parent, no province and the path of a root. A version never outlives its
    parent's: the trigger ``units_version_inside_parent`` (migration 0002) refuses it.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="versions")
    kind = models.CharField(_("loại"), max_length=20, choices=Kind.choices)
    subkind = models.CharField(_("loại chi tiết"), max_length=60, blank=True)
    code = models.CharField(_("mã"), max_length=40, blank=True)
    name = models.CharField(_("tên"), max_length=250)
    parent = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="children")
    province = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    managing_level = models.CharField(_("cấp quản lý"), max_length=20, choices=Level.choices)
    managing_body = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="managed", verbose_name=_("cơ quan quản lý trực tiếp")
    )
    path = models.CharField(max_length=255, editable=False)
    valid = DateRangeField(_("hiệu lực"))
    name_sort = models.GeneratedField(
        expression=VnSort("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    search = models.GeneratedField(expression=VnSearch("name"), output_field=models.TextField(), db_persist=True)
    # Territories come from the official list and are not compared.
    match = models.GeneratedField(
        expression=Case(
            When(kind__in=["province", "district", "commune"], then=Value("")),
            default=VnMatch("name"),
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("bản ghi đơn vị theo thời gian")
        constraints = [
            ExclusionConstraint(
                name="units_version_no_overlap",
                expressions=[("unit", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                deferrable=Deferrable.DEFERRED,
                violation_error_message=_("Trong khoảng thời gian này đơn vị đã có một bản ghi khác."),
            ),
            ExclusionConstraint(
                name="units_version_code_once",
                expressions=[
                    ("province", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=~Q(code=""),
                deferrable=Deferrable.DEFERRED,
                violation_error_message=_("Mã này đã có đơn vị khác trong tỉnh dùng trong cùng thời gian."),
            ),
            ExclusionConstraint(
                name="units_version_province_code_once",
                expressions=[("code", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(kind="province"),
                deferrable=Deferrable.DEFERRED,
                violation_error_message=_("Mã này đã có tỉnh khác dùng trong cùng thời gian."),
            ),
            ExclusionConstraint(
                name="units_version_same_kind",
                expressions=[("unit", RangeOperators.EQUAL), ("kind", RangeOperators.NOT_EQUAL)],
                violation_error_message=_("Một đơn vị không đổi từ loại này sang loại khác."),
            ),
            models.CheckConstraint(
                name="units_version_has_start",
                condition=Q(valid__lower_inf=False, valid__isempty=False),
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
            models.CheckConstraint(
                name="units_version_named",
                condition=~Q(name=""),
                violation_error_message=_("Đơn vị phải có tên."),
            ),
            models.CheckConstraint(
                name="units_version_known_kind",
                condition=Q(kind__in=Kind.values) & Q(managing_level__in=Level.values),
                violation_error_message=_("Loại đơn vị hoặc cấp quản lý không có trong danh mục."),
            ),
            models.CheckConstraint(
                name="units_version_not_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("unit")),
                violation_error_message=_("Đơn vị không thể trực thuộc chính mình."),
            ),
            models.CheckConstraint(
                name="units_version_district_until_2025",
                condition=~Q(kind="district") | Q(valid__contained_by="[,2025-07-01)"),
                violation_error_message=_("Từ ngày 01/7/2025 không còn đơn vị hành chính cấp huyện."),
            ),
        ]
        indexes = [
            models.Index(OpClass("path", "text_pattern_ops"), name="units_version_path"),
            models.Index(fields=["code"], name="units_version_code"),
            models.Index(fields=["kind", "name_sort"], name="units_version_kind_name"),
            models.Index(fields=["name_sort", "id"], name="units_version_name"),
            GinIndex(OpClass("search", "gin_trgm_ops"), name="units_version_search"),
            models.Index(OpClass(FoldedHalf("search"), "text_pattern_ops"), name="units_version_begins"),
            models.Index(OpClass("code", "text_pattern_ops"), name="units_version_code_begins"),
            models.Index(
                fields=["parent", "kind", "match"],
                name="units_version_match",
                condition=Q(valid__upper_inf=True) & ~Q(match=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Lineage(models.Model):
    """Joins a predecessor to a successor on the date the change took effect."""

    predecessor = models.ForeignKey(Unit, models.PROTECT, related_name="successor_links")
    successor = models.ForeignKey(Unit, models.PROTECT, related_name="predecessor_links")
    kind = models.CharField(max_length=10, choices=LineageKind.choices)
    on = models.DateField(_("ngày có hiệu lực"))
    decision = models.CharField(_("văn bản quyết định"), max_length=200, blank=True)
    share = models.CharField(max_length=5, choices=Share.choices, default=Share.WHOLE)
    is_main = models.BooleanField(_("đơn vị kế thừa chính"), default=True)

    class Meta:
        verbose_name = _("quan hệ kế thừa")
        constraints = [
            models.UniqueConstraint(
                name="units_lineage_once",
                fields=["predecessor", "successor", "on"],
                violation_error_message=_("Quan hệ kế thừa này đã được ghi."),
            ),
            models.UniqueConstraint(
                name="units_lineage_one_main",
                fields=["predecessor", "on"],
                condition=Q(is_main=True),
                violation_error_message=_("Mỗi đơn vị chỉ có một đơn vị kế thừa chính."),
            ),
            models.CheckConstraint(
                name="units_lineage_not_itself",
                condition=~Q(predecessor=models.F("successor")),
                violation_error_message=_("Đơn vị không thể kế thừa chính mình."),
            ),
        ]
        indexes = [models.Index(fields=["successor", "on"], name="units_lineage_successor")]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id} ({self.on:%d/%m/%Y})"


class RegisterChange(models.Model):
    """One guided action on the register, with all it did, so that it can be told and taken back.

    ``touched`` is ``{unit id: {"on", "along", "before", "after"}}``, the last two the unit's versions (see
    ``services.changes.keeping``); ``along`` marks those that only went with another. ``unit_ids`` are its keys,
    ``created_ids`` those that did not exist before, ``lineage_ids`` the rows of ``Lineage`` it wrote, ``memberships``
    the days in groups that ended or were taken over (``services.memberships.Turn``), ``reasons`` why a unit is in scope
    all the same, ``{unit id: [before, after]}``. Ids stand here without foreign
    keys: an undo deletes what was created, and the row that tells of it stays.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    on = models.DateField(_("ngày có hiệu lực"))
    decision = models.CharField(_("văn bản quyết định"), max_length=200, blank=True)
    decided_on = models.DateField(_("ngày quyết định"), null=True, blank=True)
    reason = models.TextField(_("lý do"), blank=True)
    sentence = models.TextField(_("nội dung"))
    province = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    touched = models.JSONField()
    unit_ids = ArrayField(models.BigIntegerField())
    created_ids = ArrayField(models.BigIntegerField(), default=list)
    lineage_ids = ArrayField(models.BigIntegerField(), default=list)
    memberships = models.JSONField(default=list)
    reasons = models.JSONField(default=dict)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("người thực hiện"), max_length=200)
    at = models.DateTimeField(_("thời điểm"), auto_now_add=True)
    undone_at = models.DateTimeField(_("hoàn tác lúc"), null=True, blank=True)
    undone_by_id = models.BigIntegerField(null=True)
    undone_by_name = models.CharField(_("người hoàn tác"), max_length=200, blank=True)
    undone_reason = models.TextField(_("lý do hoàn tác"), blank=True)
    idempotency_key = models.CharField(max_length=60, null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("thay đổi danh bạ")
        constraints = [
            models.CheckConstraint(
                name="units_change_known_kind",
                condition=Q(kind__in=ChangeKind.values),
                violation_error_message=_("Loại thay đổi không có trong danh mục."),
            ),
            models.CheckConstraint(
                name="units_change_undone_by_somebody",
                condition=Q(undone_at=None, undone_by_name="") | (Q(undone_at__isnull=False) & ~Q(undone_by_name="")),
                violation_error_message=_("Việc hoàn tác phải ghi người hoàn tác."),
            ),
        ]
        indexes = [
            GinIndex(fields=["unit_ids"], name="units_change_units"),
            models.Index(fields=["province", "-id"], name="units_change_province"),
        ]

    def __str__(self) -> str:
        return self.sentence


class UnitGroup(models.Model):
    """Cụm, khối thi đua, ngành: cuts across the tree, never a parent."""

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    province = models.ForeignKey(Unit, models.PROTECT, related_name="groups")
    kind = models.CharField(max_length=10, choices=GroupKind.choices)
    name = models.CharField(_("tên"), max_length=200)
    decision = models.CharField(_("quyết định thành lập"), max_length=200, blank=True)
    valid = DateRangeField(_("hiệu lực"))

    class Meta:
        verbose_name = _("cụm, khối thi đua, ngành")
        constraints = [
            ExclusionConstraint(
                name="units_group_name_once",
                expressions=[
                    ("province", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Trong tỉnh đã có cụm, khối cùng tên trong thời gian này."),
            ),
            models.CheckConstraint(
                name="units_group_has_start", condition=Q(valid__lower_inf=False, valid__isempty=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UnitGroupMember(models.Model):
    """A unit's membership of a group while ``valid`` holds."""

    group = models.ForeignKey(UnitGroup, models.PROTECT, related_name="members")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships")
    valid = DateRangeField(_("hiệu lực"))

    class Meta:
        verbose_name = _("thành viên cụm, khối thi đua")
        constraints = [
            ExclusionConstraint(
                name="units_group_member_no_overlap",
                expressions=[
                    ("group", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Đơn vị đã ở trong cụm, khối này trong thời gian đó."),
            ),
            models.CheckConstraint(
                name="units_group_member_has_start", condition=Q(valid__lower_inf=False, valid__isempty=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} ∈ {self.group_id}"


class AuthoritySettings(models.Model):
    """What a letterhead of an authority needs, while ``valid`` holds (NĐ 30/2020/NĐ-CP, Phụ lục I).

    The committee's name, its abbreviation, the symbol and the signer differ by province and change
    with time, so they are data. ``unit`` is the province, district or commune whose authority it is.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="authority_settings")
    valid = DateRangeField(_("hiệu lực"))
    superior_name = models.CharField(_("cơ quan chủ quản"), max_length=200, blank=True)
    committee_name = models.CharField(_("tên Ban Chỉ đạo"), max_length=250)
    committee_abbreviation = models.CharField(_("viết tắt tên Ban Chỉ đạo"), max_length=40)
    report_symbol = models.CharField(_("ký hiệu báo cáo"), max_length=60)
    decision_symbol = models.CharField(_("ký hiệu quyết định"), max_length=60)
    standing_office = models.CharField(_("cơ quan thường trực"), max_length=200, blank=True)
    place_name = models.CharField(_("địa danh"), max_length=100)
    signer_authority = models.CharField(_("quyền hạn ký"), max_length=100, blank=True)
    signer_title = models.CharField(_("chức vụ người ký"), max_length=150, blank=True)
    signer_name = models.CharField(_("người ký"), max_length=100, blank=True)
    recipients = models.TextField(_("nơi nhận"), blank=True)

    class Meta:
        verbose_name = _("thiết lập của cơ quan")
        constraints = [
            ExclusionConstraint(
                name="units_authority_no_overlap",
                expressions=[("unit", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                violation_error_message=_("Trong khoảng thời gian này cơ quan đã có một thiết lập khác."),
            ),
            models.CheckConstraint(
                name="units_authority_has_start", condition=Q(valid__lower_inf=False, valid__isempty=False)
            ),
        ]

    def __str__(self) -> str:
        return self.committee_name


class DuplicateVerdict(models.Model):
    """Somebody looked at two units that seemed to be one and said that they are two; they are not asked about again.

    ``first`` is the one of the smaller id, so that a pair stands once.
    """

    first = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    second = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    reason = models.CharField(_("lý do"), max_length=300)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(_("người xác nhận"), max_length=200)
    at = models.DateTimeField(_("lúc"), auto_now_add=True)

    class Meta:
        verbose_name = _("xác nhận không trùng")
        constraints = [
            models.UniqueConstraint(
                name="units_verdict_once",
                fields=["first", "second"],
                violation_error_message=_("Hai đơn vị này đã được xác nhận là không trùng."),
            ),
            models.CheckConstraint(
                name="units_verdict_in_order",
                condition=Q(first__lt=models.F("second")),
                violation_error_message=_("Một đơn vị không trùng với chính mình."),
            ),
            models.CheckConstraint(
                name="units_verdict_has_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Phải ghi lý do hai đơn vị không trùng."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"
