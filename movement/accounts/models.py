"""People who sign in, and where they hold which role."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from movement.core.ulid import new_ulid
from units.models import Unit, UnitGroup

from .enums import Role


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
    def is_staff(self) -> bool:
        """Django's own administration pages are not part of the portal."""
        return False


class Assignment(models.Model):
    """A role on a unit's ground (and below it) or in a group, while ``valid`` holds."""

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    role = models.CharField(_("vai trò"), max_length=20, choices=Role.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="assignments")
    group = models.ForeignKey(UnitGroup, models.PROTECT, null=True, blank=True, related_name="assignments")
    valid = DateRangeField(_("hiệu lực"))
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
        ]
        indexes = [models.Index(fields=["user", "role"], name="accounts_assignment_user")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"
