"""What the pages of commendations ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from movement.core.dates import format_date, parse_date

from .enums import Ground, RecipientKind

LONG = forms.Textarea(attrs={"rows": 3, "maxlength": 2000})
SEARCH = forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": 100})


class DayField(forms.CharField):
    """A date typed as dd/mm/yyyy or ISO; shown as dd/mm/yyyy."""

    def __init__(self, **options):
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "maxlength": 10}))
        options.setdefault("help_text", _("Ngày/tháng/năm, ví dụ 31/12/2023."))
        super().__init__(**options)

    def prepare_value(self, value):
        return value if isinstance(value, str) or value is None else format_date(value)

    def clean(self, value):
        value = super().clean(value)
        if not value:
            return None
        try:
            return parse_date(value)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


def refusals(form: forms.Form, problems, columns: dict[str, str] | None = None) -> None:
    """The sentences of ``Refused`` beside the fields they concern; the others above the form."""
    columns = columns or {}
    for problem in problems:
        name = columns.get(problem.column, problem.column)
        message = (
            f"{problem.value}: {problem.message}" if problem.value and name not in form.fields else problem.message
        )
        form.add_error(name if name in form.fields else None, message)


class RegisterForm(forms.Form):
    """Filters of the register; every value may stand in a link, one that is not there finds nothing."""

    q = forms.CharField(label=_("Tên, cả tên trước đây"), required=False, max_length=100, widget=SEARCH)
    year = forms.CharField(label=_("Năm quyết định"), required=False)
    form = forms.CharField(label=_("Hình thức"), required=False)
    authority = forms.CharField(label=_("Cấp quyết định"), required=False)
    state = forms.ChoiceField(
        label=_("Hiệu lực"),
        required=False,
        choices=[("", _("Tất cả")), ("standing", _("Còn hiệu lực")), ("revoked", _("Đã hủy bỏ"))],
    )
    kind = forms.CharField(required=False, widget=forms.HiddenInput)
    place = forms.CharField(label=_("Địa bàn nay"), required=False, widget=forms.HiddenInput)
    tree = forms.CharField(required=False, widget=forms.HiddenInput)

    def offer(self, name: str, choices: list[tuple[str, str]], empty: str) -> None:
        """Draw a free field as a select of ``choices``."""
        self.fields[name].widget = forms.Select(choices=[("", empty), *choices])


class ImportForm(forms.Form):
    """Decisions already taken, to look at before they are written."""

    file = forms.FileField(label=_("Tệp quyết định khen thưởng (.xlsx hoặc .csv)"))
    province = forms.CharField(
        label=_("Mã tỉnh vào ngày quyết định"),
        required=False,
        max_length=40,
        help_text=_("Chỉ cần khi có dòng không ghi mã đơn vị, hoặc mã đơn vị trùng ở nhiều tỉnh."),
    )
    declared = forms.BooleanField(
        label=_("Tôi cam kết tệp không chứa bí mật nhà nước; của một người chỉ có họ tên, chức vụ, đơn vị.")
    )


class RoundForm(forms.Form):
    once = forms.CharField(widget=forms.HiddenInput, max_length=60)
    authority = forms.ChoiceField(label=_("Cấp tổ chức"))
    title = forms.CharField(label=_("Tên đợt khen thưởng"), max_length=200)
    first_day = DayField(label=_("Thời gian lập thành tích, từ ngày"))
    last_day = DayField(label=_("đến hết ngày"))

    def __init__(self, *args, authorities, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["authority"].choices = authorities
        if len(authorities) == 1:
            self.fields["authority"].widget = forms.HiddenInput()
            self.initial.setdefault("authority", authorities[0][0])


class NominationForm(forms.Form):
    """One nomination. ``unit`` is a unit's id chosen from what ``unit_q`` found."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)
    recipient_kind = forms.ChoiceField(label=_("Đối tượng"), choices=RecipientKind.choices)
    unit_q = forms.CharField(
        label=_("Đơn vị (mã hoặc tên)"),
        required=False,
        max_length=100,
        help_text=_("Gõ mã hoặc tên rồi chọn trong danh sách hiện ra bên dưới."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    unit = forms.CharField(required=False, max_length=26)
    unit_name = forms.CharField(
        label=_("Tên đơn vị, nơi ở"),
        required=False,
        max_length=300,
        help_text=_("Chỉ ghi khi đơn vị không có trong danh bạ, hoặc quyết định ghi tên khác."),
    )
    person_name = forms.CharField(label=_("Họ và tên, hoặc tên hộ"), required=False, max_length=200)
    position = forms.CharField(label=_("Chức vụ"), required=False, max_length=200)
    form = forms.ChoiceField(label=_("Hình thức đề nghị"))
    start = DayField(label=_("Thời gian lập thành tích, từ ngày"))
    end = DayField(label=_("đến hết ngày"))
    citation = forms.CharField(label=_("Thành tích"), required=False, widget=LONG)

    def __init__(self, *args, forms_offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["form"].choices = [(code, form.name) for code, form in forms_offered.items()]


class SuggestedForm(forms.Form):
    """What several suggested collectives are nominated for."""

    form = forms.ChoiceField(label=_("Hình thức đề nghị"))
    citation = forms.CharField(label=_("Thành tích"), required=False, widget=LONG)

    def __init__(self, *args, forms_offered, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(c, f.name) for c, f in forms_offered.items() if RecipientKind.COLLECTIVE in f.recipient_kinds]
        self.fields["form"].choices = choices


class DecisionForm(forms.Form):
    """A signed decision, as on the paper."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=60)
    authority = forms.CharField(label=_("Cơ quan ban hành"), max_length=300)
    number = forms.CharField(label=_("Số, ký hiệu quyết định"), max_length=80)
    decided_on = DayField(label=_("Ngày ký"))
    signer = forms.CharField(label=_("Người ký"), max_length=200)
    signer_title = forms.CharField(label=_("Chức vụ người ký"), max_length=200, required=False)
    acknowledge = forms.CharField(label=_("Lý do vẫn khen thưởng khi có điều cần xem xét"), required=False, widget=LONG)


class CloseForm(forms.Form):
    reason = forms.CharField(label=_("Lý do không khen thưởng những đề nghị còn lại"), required=False, widget=LONG)


class RevocationForm(forms.Form):
    ground = forms.ChoiceField(
        label=_("Căn cứ hủy bỏ"), choices=[(g.value, f"{g.value}) {g.label}") for g in Ground], widget=forms.RadioSelect
    )
    by_decision = forms.CharField(label=_("Số quyết định hủy bỏ"), max_length=80)
    revoked_on = DayField(label=_("Ngày quyết định hủy bỏ"))
    reason = forms.CharField(label=_("Ghi chú"), required=False, widget=LONG)
    object_returned_on = DayField(label=_("Ngày thu hồi hiện vật (nếu đã thu hồi)"), required=False)
    money_returned = forms.CharField(label=_("Tiền thưởng đã thu hồi, đồng (nếu có)"), required=False, max_length=15)

    def clean_money_returned(self):
        return money(self.cleaned_data["money_returned"])


class RecoveryForm(forms.Form):
    object_returned_on = DayField(label=_("Ngày thu hồi hiện vật"), required=False)
    money_returned = forms.CharField(label=_("Tiền thưởng đã thu hồi, đồng"), required=False, max_length=15)

    def clean_money_returned(self):
        return money(self.cleaned_data["money_returned"])


def money(text: str) -> int | None:
    """Đồng, whole; a clerk writes 3.795.000 and means no fraction."""
    digits = text.replace(".", "").replace(" ", "").replace("\u00a0", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit()):
        raise forms.ValidationError(_("Số tiền chỉ gồm chữ số, ví dụ 3.795.000."))
    return int(digits)
