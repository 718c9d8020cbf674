"""What the pages of cụm, khối thi đua, ngành ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .enums import TERRITORIES, GroupKind, Kind, Level
from .forms import DayField, UnitField

DAY = _("Ngày/tháng/năm, ví dụ 01/03/2026.")
REASON = {"label": _("Lý do"), "required": False, "max_length": 500, "widget": forms.Textarea(attrs={"rows": 2})}
MOST_LINES = 2000


class GroupForm(forms.Form):
    """A new group, by its founding decision."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=60)
    province = forms.ChoiceField(label=_("Tỉnh, thành phố"))
    kind = forms.ChoiceField(label=_("Loại"), choices=GroupKind.choices)
    name = forms.CharField(label=_("Tên"), max_length=200, help_text=_("Ví dụ: Cụm thi đua số 3."))
    decision = forms.CharField(label=_("Quyết định thành lập"), required=False, max_length=200)
    start = DayField(label=_("Thành lập từ ngày"), help_text=DAY)

    def __init__(self, *args, provinces, **options):
        super().__init__(*args, **options)
        self.fields["province"].choices = provinces
        if len(provinces) == 1:
            self.fields["province"].widget = forms.HiddenInput()
            self.initial.setdefault("province", provinces[0][0])


class GroupChangeForm(forms.Form):
    name = forms.CharField(label=_("Tên"), max_length=200)
    decision = forms.CharField(label=_("Quyết định thành lập"), required=False, max_length=200)


class EndForm(forms.Form):
    last_day = DayField(label=_("Ngày cuối cùng"), help_text=DAY)
    reason = forms.CharField(**REASON)


class LeaveForm(EndForm):
    """A unit leaves; or it was never in, and the membership was written by mistake."""

    mistaken = forms.BooleanField(label=_("Ghi nhầm: đơn vị chưa bao giờ ở trong cụm, khối này"), required=False)
    field_order = ["last_day", "mistaken", "reason"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["last_day"].required = False

    def clean(self):
        asked = super().clean()
        if not asked.get("mistaken") and not asked.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", _("Ghi ngày cuối cùng, hoặc đánh dấu là ghi nhầm."))
        return asked


class JoinForm(forms.Form):
    """Who joins: those named line by line, or those a rule finds on the day."""

    LIST, RULE = "list", "rule"

    start = DayField(label=_("Vào từ ngày"), help_text=DAY)
    way = forms.ChoiceField(
        label=_("Cách chọn"),
        choices=[(LIST, _("Theo danh sách")), (RULE, _("Theo điều kiện"))],
        widget=forms.RadioSelect,
    )
    units = UnitField(
        label=_("Đơn vị"), many=True, required=False, help_text=_("Gõ tên hoặc mã rồi chọn; chọn được nhiều.")
    )
    lines = forms.CharField(
        label=_("Hoặc dán danh sách: mỗi dòng một mã hoặc một tên"),
        required=False,
        max_length=MOST_LINES * 100,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Dán được một cột từ Excel. Tên trùng ở nhiều nơi thì ghi mã."),
    )
    kind = forms.ChoiceField(label=_("Loại"), required=False, choices=[("", _("Mọi loại")), *Kind.choices])
    subkind = forms.CharField(label=_("Loại chi tiết"), required=False)
    level = forms.ChoiceField(label=_("Cấp quản lý"), required=False, choices=[("", _("Mọi cấp")), *Level.choices])
    place = UnitField(label=_("Trong địa bàn"), required=False, kinds=TERRITORIES)

    def __init__(self, *args, subkinds, **options):
        super().__init__(*args, **options)
        self.fields["subkind"].widget = forms.Select(choices=[("", _("Mọi loại chi tiết")), *subkinds])

    def named_lines(self) -> list[str]:
        return [line for text in self.cleaned_data["lines"].splitlines() if (line := " ".join(text.split()))]

    def clean(self):
        asked = super().clean()
        if asked.get("way") == self.LIST and not (asked.get("lines", "").strip() or self["units"].value()["chosen"]):
            self.add_error("units", _("Chọn hoặc ghi ít nhất một đơn vị."))
        if asked.get("way") == self.RULE and not any(asked.get(n) for n in ("kind", "subkind", "level", "place")):
            self.add_error("kind", _("Chọn ít nhất một điều kiện."))
        return asked
