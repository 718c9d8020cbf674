"""Asking for a summary."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .enums import Format


class ReportForm(forms.Form):
    """Which year, in whose boundaries, in which files. ``once`` makes a second sending find the first one's report."""

    scope = forms.ChoiceField(label=_("Năm báo cáo"))
    as_now = forms.TypedChoiceField(
        label=_("Xếp theo địa giới"),
        choices=[("", _("Khi đó: huyện, xã như trong năm báo cáo")), ("1", _("Hiện nay: gộp về xã, phường đang có"))],
        coerce=bool,
        empty_value=False,
        required=False,
        widget=forms.RadioSelect,
    )
    formats = forms.MultipleChoiceField(
        label=_("Tệp cần có"),
        choices=[(Format.PDF, _("PDF để trình ký")), (Format.XLSX, _("Excel để đối chiếu số liệu"))],
        initial=[Format.PDF],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Chọn ít nhất một loại tệp.")},
    )
    once = forms.CharField(max_length=26, min_length=26, widget=forms.HiddenInput)

    def __init__(self, *args, scopes: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = scopes
