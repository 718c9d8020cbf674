"""People who sign in, and where they hold which role."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from movement.core.ulid import new_ulid
from units.models import Unit, UnitGroup

from .enums import Role, TieKind, Verdict


class UserManager(BaseUserManager):
    def create_user(self, username: str, password: str | None = None, **fields):
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username):
        return self.get(username=username)


class User(AbstractBaseUser, PermissionsMixin):
    """One account is one person. Accounts are closed, never deleted or shared.

    Django's groups and permissions are not used; rights come from assignments (``access.py``).
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    username = models.CharField(
        _("tên đăng nhập"),
        max_length=60,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("Tên đăng nhập này đã có người dùng.")},
    )
    name = models.CharField(_("họ và tên"), max_length=150, blank=True)
    position = models.CharField(_("chức vụ"), max_length=150, blank=True)
    email = models.EmailField(_("thư điện tử công vụ"), blank=True)
    is_active = models.BooleanField(_("đang hoạt động"), default=True)
    must_change_password = models.BooleanField(_("phải đổi mật khẩu khi đăng nhập"), default=False)
    demonstration = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = _("tài khoản")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    @property
    def trail_name(self) -> str:
        """As the trail writes who acted: under a deputy's right both names (``access.can`` notes whose right it was)."""
        acting_for = getattr(self, "acting_for", "")
        return f"{self} (thay {acting_for})" if acting_for else str(self)

    def holding(self) -> list[int]:
        """Which assignments hold today: what is handed over later (a link, a finished file) asks for them again."""
        from .access import assignments_now

        return sorted(held.pk for held in assignments_now(self))

    def still_holds(self, before: list[int]) -> bool:
        """Whether nothing of what ``holding`` gave before has been taken away or has run out."""
        return set(before) <= set(self.holding())

    @property
    def is_staff(self) -> bool:
        """Django's own administration pages are not part of the portal."""
        return False


class Assignment(models.Model):
    """A role on a unit's ground (and below it) or in a group, while ``valid`` holds.

    ``deputy_for`` is the assignment that this one stands in for: role and ground are the same (the database sees to
    it), and it gives nothing once the other has ended. What is taken back on its first day, or before it began, keeps
    its dates and is ``cancelled_at``: a range of no day says nothing.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    role = models.CharField(_("vai trò"), max_length=20, choices=Role.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="assignments")
    group = models.ForeignKey(UnitGroup, models.PROTECT, null=True, blank=True, related_name="assignments")
    valid = DateRangeField(_("hiệu lực"))
    deputy_for = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="deputies")
    cancelled_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("phân công")
        constraints = [
            models.CheckConstraint(
                name="accounts_assignment_one_root",
                condition=Q(unit__isnull=False, group__isnull=True) | Q(unit__isnull=True, group__isnull=False),
                violation_error_message=_("Phân công phải gắn với một đơn vị hoặc một cụm, khối."),
            ),
            models.CheckConstraint(
                name="accounts_assignment_has_start",
                condition=Q(valid__lower_inf=False, valid__isempty=False),
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
            models.CheckConstraint(
                name="accounts_assignment_known_role",
                condition=Q(role__in=Role.values),
                violation_error_message=_("Vai trò không có trong danh mục."),
            ),
            models.CheckConstraint(
                name="accounts_assignment_deputy_has_end",
                condition=Q(deputy_for__isnull=True) | Q(valid__upper_inf=False),
                violation_error_message=_("Phân công thay phải có ngày kết thúc."),
            ),
        ]
        indexes = [models.Index(fields=["user", "role"], name="accounts_assignment_user")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


class Invitation(models.Model):
    """A code with which somebody sets a password, once and before it expires. Only its SHA-256 is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="invitations")
    code_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(_("hết hạn lúc"))
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="accounts_invitation_one_open",
                fields=["user"],
                condition=Q(used_at__isnull=True, withdrawn_at__isnull=True),
                violation_error_message=_("Tài khoản này đã có một mã mời còn mở."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.expires_at}"


class Tie(models.Model):
    """A unit on which a person does not decide, as they declared it, while ``valid`` holds."""

    user = models.ForeignKey(User, models.PROTECT, related_name="ties")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(_("lý do"), max_length=10, choices=TieKind.choices)
    note = models.CharField(_("ghi chú"), max_length=200, blank=True)
    valid = DateRangeField(_("hiệu lực"))
    cancelled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="accounts_tie_no_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL), ("unit", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at__isnull=True),
                violation_error_message=_("Đã khai quan hệ với đơn vị này trong khoảng thời gian đó."),
            ),
            models.CheckConstraint(
                name="accounts_tie_has_start",
                condition=Q(valid__lower_inf=False, valid__isempty=False),
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user_id}: {self.unit_id}"


class AccountReview(models.Model):
    """One sign-off of an account and of the rights it had then, as sentences. Never changed afterwards."""

    user = models.ForeignKey(User, models.PROTECT, related_name="reviews")
    verdict = models.CharField(_("kết luận"), max_length=10, choices=Verdict.choices)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    rights = models.JSONField(default=list)
    reviewed_at = models.DateTimeField(_("rà soát lúc"), default=timezone.now)
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reviewed_by_name = models.CharField(_("người rà soát"), max_length=200)

    class Meta:
        ordering = ["-reviewed_at", "-pk"]
        indexes = [models.Index(fields=["user", "-reviewed_at"], name="accounts_review_latest")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.verdict}"


class AccountList(models.Model):
    """A workbook of accounts to be made: sent, looked at, accepted once. ``made`` are the ids of the accounts."""

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    file = models.ForeignKey("core.StoredFile", models.PROTECT, related_name="+")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True)
    made = models.JSONField(default=list)
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.ulid


class SealedSlips(models.Model):
    """Slips that a worker printed, enciphered for the one browser that asked; gone once fetched.

    The key stands in that browser's cookie alone, so nothing here can be read without it.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    users = models.JSONField(default=list)
    public_key = models.BinaryField()
    content = models.BinaryField(null=True)
    job = models.ForeignKey("core.Job", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    fetched_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.ulid
