"""What the pages of imports ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .forms import DayField


class MergersForm(forms.Form):
    """A list of mergers to look at before it is written."""

    file = forms.FileField(label=_("Tệp danh sách (.xlsx hoặc .csv)"))
    declared = forms.BooleanField(
        label=_("Tôi cam kết tệp không chứa bí mật nhà nước và không chứa danh sách cá nhân.")
    )
    numbers_confirmed = forms.BooleanField(
        label=_("Các dãy 12 chữ số trong tệp không phải là số định danh cá nhân."),
        required=False,
        widget=forms.HiddenInput,
    )

    def ask_about_numbers(self) -> None:
        """Show the box that confirms them."""
        self.fields["numbers_confirmed"].widget = forms.CheckboxInput()


class ListForm(MergersForm):
    """A list of units to look at before it is written."""

    as_of = DayField(
        label=_("Đọc danh sách theo ngày"),
        required=False,
        help_text=_(
            "Để trống thì mã xã được đọc theo ngày ở cột Hiệu lực từ của từng dòng. Nếu danh sách ghi mã xã hiện nay "
            "cho đơn vị có từ trước, hoặc không ghi ngày bắt đầu, hãy ghi ngày của danh sách."
        ),
    )

    field_order = ["file", "as_of", "declared", "numbers_confirmed"]
