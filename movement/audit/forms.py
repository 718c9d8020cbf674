"""What the page of the trail asks for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from units.forms import DayField

from .words import group_choices


class TrailFilter(forms.Form):
    """Filters of the trail; they live in the address. ``unit`` and ``object`` come from links."""

    q = forms.CharField(
        label=_("Có chữ"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    who = forms.CharField(
        label=_("Người thực hiện"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    group = forms.ChoiceField(label=_("Loại việc"), required=False)
    place = forms.CharField(
        label=_("Đơn vị (tên hoặc mã)"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    since = DayField(label=_("Từ ngày"), required=False)
    until = DayField(label=_("đến hết ngày"), required=False)
    unit = forms.CharField(required=False, max_length=26, widget=forms.HiddenInput)
    object = forms.CharField(required=False, max_length=101, widget=forms.HiddenInput)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["group"].choices = [("", _("Mọi việc")), *group_choices()]
