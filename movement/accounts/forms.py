"""What the pages of accounts ask for."""

from __future__ import annotations

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.utils.translation import gettext_lazy as _

from movement.core.dates import last_day_to_upper, today
from units.forms import DayField
from units.import_forms import MergersForm
from units.models import UnitGroup
from units.picker import UnitField

from .access import visible_versions
from .directory import accounts_managed, managing_grounds
from .enums import BELOW, Role, TieKind, Verdict
from .models import User
from .rules import is_office

SEARCH = forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": 100})
STATES = (
    ("", _("Mọi trạng thái")),
    ("open", _("Đang mở")),
    ("unused", _("Chưa đăng nhập lần nào")),
    ("idle", _("Đang mở, không còn quyền")),
    ("closed", _("Đã đóng")),
)


def roles_to_give(user) -> list[tuple[str, str]]:
    """What ``user`` may give at all; where is checked for each right."""
    office = any(is_office(ground) for ground in managing_grounds(user))
    return [(code, label) for code, label in Role.choices if office or code in BELOW]


class AccountFilter(forms.Form):
    q = forms.CharField(label=_("Họ tên hoặc tên đăng nhập"), required=False, widget=SEARCH)
    role = forms.ChoiceField(label=_("Vai trò"), required=False, choices=[("", _("Mọi vai trò")), *Role.choices])
    place = forms.CharField(label=_("Địa bàn"), required=False)
    state = forms.ChoiceField(label=_("Trạng thái"), required=False, choices=STATES)


class RightForm(forms.Form):
    """A role at a place or in a group, from a day to a last day."""

    role = forms.ChoiceField(label=_("Vai trò"), choices=[])
    unit = UnitField(label=_("Địa bàn hoặc đơn vị"), required=False)
    group = forms.ModelChoiceField(
        label=_("Hoặc cụm, khối thi đua, ngành"), queryset=UnitGroup.objects.none(), required=False,
        to_field_name="ulid", help_text=_("Chỉ cho cán bộ phụ trách cụm, khu vực và người giám sát."),
    )  # fmt: skip
    start = DayField(label=_("Từ ngày"), initial=today)
    last = DayField(label=_("Đến hết ngày"), required=False, help_text=_("Để trống nếu chưa định ngày kết thúc."))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_to_give(user)
        self.fields["unit"].among(visible_versions(user, tree_on=today(), role=Role.ADMIN), on=today())
        provinces = {unit for ground in managing_grounds(user) if is_office(ground) for unit in ground.unit_ids}
        groups = UnitGroup.objects.filter(province__in=provinces, valid__contains=today()).order_by("name")
        self.fields["group"].queryset = groups
        if not groups:
            del self.fields["group"]

    def clean(self):
        data = super().clean()
        if not self.errors and bool(data.get("unit")) == bool(data.get("group")):
            field = "group" if data.get("unit") else "unit"
            self.add_error(field, _("Chọn một địa bàn, đơn vị, hoặc một cụm, khối; không chọn cả hai."))
        return data

    @property
    def right(self) -> dict:
        """As ``assignment_give`` takes it."""
        data, version = self.cleaned_data, self.cleaned_data.get("unit")
        where = {"unit": version.unit, "kind": version.kind} if version else {"group": data["group"]}
        return {"role": data["role"], "start": data["start"], "end": last_day_to_upper(data["last"]), **where}


class AccountForm(RightForm):
    """A new account with its first right."""

    name = forms.CharField(label=_("Họ và tên"), max_length=150)
    position = forms.CharField(label=_("Chức vụ"), max_length=150, required=False)
    username = forms.CharField(
        label=_("Tên đăng nhập"), max_length=60, required=False, help_text=_("Để trống thì đặt theo họ tên.")
    )
    email = forms.EmailField(label=_("Thư điện tử công vụ"), required=False)
    field_order = ["name", "position", "username", "email", "role", "unit", "group", "start", "last"]


class EndForm(forms.Form):
    last = DayField(
        label=_("Ngày cuối còn quyền"), required=False, help_text=_("Để trống thì thu quyền ngay, mọi phiên đăng nhập kết thúc.")
    )  # fmt: skip
    reason = forms.CharField(label=_("Lý do"), max_length=300)

    def clean_last(self):
        last = self.cleaned_data["last"]
        if last and last < today():
            raise forms.ValidationError(_("Ngày cuối phải từ hôm nay trở đi; để trống thì thu quyền ngay."))
        return last


class TransferForm(forms.Form):
    unit = UnitField(label=_("Chuyển đến địa bàn, đơn vị"))
    role = forms.ChoiceField(label=_("Vai trò ở nơi mới"), choices=[])
    reason = forms.CharField(label=_("Theo quyết định, lý do"), max_length=300)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_to_give(user)
        self.fields["unit"].among(visible_versions(user, tree_on=today(), role=Role.ADMIN), on=today())


class DeputyForm(forms.Form):
    user = forms.CharField(label=_("Tên đăng nhập của người làm thay"), max_length=60)
    start = DayField(label=_("Từ ngày"), initial=today)
    last = DayField(label=_("Đến hết ngày"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self._managed = accounts_managed(user)

    def clean_user(self) -> User:
        found = self._managed.filter(username__iexact=self.cleaned_data["user"]).first()
        if found is None:
            raise forms.ValidationError(
                _("Không có tài khoản nào mang tên đăng nhập này trong phạm vi quản lý của bạn.")
            )
        return found


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Lý do"), max_length=300)


class ReviewForm(forms.Form):
    verdict = forms.ChoiceField(label=_("Kết luận"), choices=Verdict.choices)
    note = forms.CharField(label=_("Ghi chú"), max_length=300, required=False)


class TieForm(forms.Form):
    """A unit on which one decides nothing."""

    kind = forms.ChoiceField(label=_("Quan hệ"), choices=TieKind.choices)
    unit = UnitField(label=_("Đơn vị"))
    start = DayField(label=_("Từ ngày"), initial=today)
    last = DayField(label=_("Đến hết ngày"), required=False, help_text=_("Để trống nếu chưa định ngày kết thúc."))
    note = forms.CharField(label=_("Ghi chú"), max_length=200, required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].among(visible_versions(user, tree_on=today()), on=today())


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Mã mời"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )


class PasswordForm(forms.Form):
    """The first password, or a new one."""

    password = forms.CharField(
        label=_("Mật khẩu mới"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label=_("Nhập lại mật khẩu mới"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )  # fmt: skip

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = password_validators_help_text_html()

    def clean_password(self):
        try:
            validate_password(self.cleaned_data["password"], self.user)
        except forms.ValidationError as error:
            raise forms.ValidationError([self._told(one) for one in error.error_list]) from None
        return self.cleaned_data["password"]

    @staticmethod
    def _told(error: forms.ValidationError) -> forms.ValidationError:
        """The one sentence that Django does not have in Vietnamese."""
        if error.code != "password_too_short":
            return error
        least = error.params["min_length"]
        return forms.ValidationError(
            _("Mật khẩu quá ngắn; phải có ít nhất %(n)d ký tự.") % {"n": least}, code=error.code
        )

    def clean(self):
        data = super().clean()
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("Hai lần nhập mật khẩu không giống nhau."))
        return data


class AccountListForm(MergersForm):
    """A workbook of accounts to look at before they are made."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].label = _("Tệp danh sách tài khoản (.xlsx hoặc .csv)")
        self.fields["declared"].label = _(
            "Tôi cam kết tệp không chứa bí mật nhà nước, chỉ có người được cấp tài khoản."
        )
