"""What the pages of an office's contact data and of an authority's settings ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .enums import WORKPLACES, Kind
from .forms import DayField
from .models import AuthoritySettings, Unit
from .services.contact import CONTACT_FIELDS

LONG = {"address": forms.Textarea(attrs={"rows": 2})}


class ContactForm(forms.ModelForm):
    """Contact data of a unit of ``kind``, with what the writer saw of each field (``base_…``), so that a save can tell
    whether somebody else wrote meanwhile."""

    class Meta:
        model = Unit
        fields = CONTACT_FIELDS
        widgets = LONG
        help_texts = {
            "phone": _("Số của cơ quan, không ghi số riêng của cá nhân."),
            "email": _("Thư công vụ của cơ quan, không ghi thư riêng của cá nhân."),
        }

    def __init__(self, *args, kind: str, **options):
        super().__init__(*args, **options)
        if kind not in WORKPLACES:
            del self.fields["tax_code"]
        if kind != Kind.SCHOOL:
            del self.fields["school_code"]
        for name in self.names:
            self.fields[name].required = False
            self.fields[f"base_{name}"] = forms.CharField(widget=forms.HiddenInput, required=False)
            self.initial[f"base_{name}"] = getattr(self.instance, name)

    @property
    def names(self) -> list[str]:
        return [name for name in CONTACT_FIELDS if name in self.fields]

    def values(self, prefix: str = "") -> dict[str, str]:
        """What stands in the fields, or (``base_``) what the writer had seen."""
        return {name: self.cleaned_data[f"{prefix}{name}"] for name in self.names}


class SettingsForm(forms.ModelForm):
    """What an authority's papers print from a day on."""

    start = DayField(label=_("Áp dụng từ ngày"), help_text=_("Văn bản ký trước ngày này vẫn theo thiết lập cũ."))

    field_order = ["start"]

    class Meta:
        model = AuthoritySettings
        fields = (
            "superior_name", "committee_name", "committee_abbreviation", "report_symbol", "decision_symbol",
            "standing_office", "place_name", "signer_authority", "signer_title", "signer_name", "recipients",
        )  # fmt: skip
        widgets = {"recipients": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "superior_name": _("In phía trên tên Ban Chỉ đạo, ví dụ: ỦY BAN NHÂN DÂN XÃ VỊ THỦY."),
            "report_symbol": _("Phần chữ sau số của báo cáo, ví dụ: BC-BCĐ."),
            "decision_symbol": _("Phần chữ sau số của quyết định, ví dụ: QĐ-BCĐ."),
            "place_name": _("Địa danh đứng trước ngày tháng, ví dụ: Cần Thơ."),
            "signer_authority": _("Ví dụ: TM. BAN CHỈ ĐẠO. Để trống nếu người đứng đầu ký trực tiếp."),
            "recipients": _("Mỗi nơi nhận một dòng."),
        }
