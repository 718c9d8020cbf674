"""What the pages of practice models and exemplars ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from movement.core.ulid import new_ulid
from units.enums import Kind
from units.forms import DayField

from .enums import NEXT, Life, NoteKind
from .models import PracticeModel
from .selectors import review_ratings

SEARCH = forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": 100})
DAY_HELP = _("Ngày/tháng/năm, ví dụ 30/06/2024.")


class OnceForm(forms.Form):
    """A form that creates something: sent twice, it creates once."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=60)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["once"].initial = new_ulid

    def refuse(self, problems, columns: dict[str, str]) -> None:
        """Show ``problems`` beside the fields they are about; ``columns``: ``{column: field}``."""
        for problem in problems:
            name = columns.get(problem.column, problem.column)
            self.add_error(name if name in self.fields else None, str(problem.message))


class ModelFilter(forms.Form):
    """Filters of the list; they live in the address."""

    q = forms.CharField(label=_("Tên hoặc mã mô hình"), required=False, widget=SEARCH)
    field = forms.CharField(label=_("Lĩnh vực"), required=False)
    state = forms.ChoiceField(label=_("Trạng thái"), required=False)
    place = forms.CharField(label=_("Địa bàn của điểm"), required=False)
    tree = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, fields: list[str]):
        super().__init__(data)
        self.fields["field"].widget = forms.Select(choices=[("", _("Mọi lĩnh vực")), *((f, f) for f in fields if f)])
        self.fields["state"].choices = [("", _("Chưa kết thúc")), *Life.choices]


class PointFilter(forms.Form):
    """Which points of a model are listed."""

    when = forms.ChoiceField(
        label=_("Điểm"),
        required=False,
        choices=[("", _("Đang hoạt động")), ("all", _("Tất cả các điểm"))],
    )
    tree = forms.CharField(required=False, widget=forms.HiddenInput)


class ModelForm(OnceForm):
    """What a model is called."""

    code = forms.CharField(label=_("Mã mô hình"), max_length=PracticeModel._meta.get_field("code").max_length)
    name = forms.CharField(label=_("Tên mô hình"), max_length=PracticeModel._meta.get_field("name").max_length)
    field = forms.CharField(
        label=_("Lĩnh vực"),
        max_length=PracticeModel._meta.get_field("field").max_length,
        help_text=_("Ghi như các mô hình cùng lĩnh vực để cộng được với nhau."),
    )
    decision = forms.CharField(
        label=_("Quyết định, kế hoạch xây dựng mô hình"),
        required=False,
        max_length=PracticeModel._meta.get_field("decision").max_length,
    )

    def __init__(self, *args, fields: list[str] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["field"].widget.attrs["list"] = "fields-known"
        self.known = [name for name in fields if name]


class NewModelForm(ModelForm):
    """A model and the state it is entered in. ``provinces``: versions of those that the reader keeps the register of."""

    province = forms.ChoiceField(label=_("Tỉnh, thành phố"))
    state = forms.ChoiceField(label=_("Trạng thái"), choices=[c for c in Life.choices if c[0] != Life.ENDED])
    since = DayField(label=_("Từ ngày"), help_text=DAY_HELP)
    note = forms.CharField(label=_("Căn cứ, ghi chú"), required=False, max_length=500)

    def __init__(self, *args, provinces, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["province"]
        field.choices = [(row.unit.ulid, row.name) for row in provinces]
        if len(field.choices) == 1:
            field.initial, field.widget = field.choices[0][0], forms.HiddenInput()


class MoveForm(OnceForm):
    """The next state of a model."""

    state = forms.ChoiceField(label=_("Trạng thái mới"))
    since = DayField(
        label=_("Ngày"),
        help_text=_("Ngày bắt đầu trạng thái mới; khi kết thúc mô hình thì đây là ngày hoạt động cuối cùng."),
    )
    note = forms.CharField(label=_("Căn cứ, lý do"), max_length=500)

    def __init__(self, *args, state: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [(to, to.label) for to in NEXT[Life(state)]]


class PointForm(OnceForm):
    """A point. ``unit`` (a unit's ULID) is chosen in a piece of its own, by name."""

    code = forms.CharField(label=_("Mã điểm"), required=False, max_length=40)
    name = forms.CharField(label=_("Tên điểm"), max_length=250)
    unit = forms.CharField(label=_("Nơi đặt điểm"), error_messages={"required": _("Chưa chọn nơi đặt điểm.")})
    started_on = DayField(label=_("Ngày bắt đầu"), help_text=DAY_HELP)
    ended_on = DayField(label=_("Ngày hoạt động cuối cùng"), required=False, help_text=_("Để trống khi còn hoạt động."))


class NewPointForm(PointForm):
    """A point with its first numbers."""

    teams = forms.IntegerField(label=_("Số tổ"), min_value=0, max_value=1_000_000, initial=0)
    members = forms.IntegerField(label=_("Số thành viên"), min_value=0, max_value=1_000_000, initial=0)


class SizeForm(OnceForm):
    """New numbers of a point."""

    teams = forms.IntegerField(label=_("Số tổ"), min_value=0, max_value=1_000_000)
    members = forms.IntegerField(label=_("Số thành viên"), min_value=0, max_value=1_000_000)
    since = DayField(label=_("Tính từ ngày"), help_text=_("Số liệu của những ngày trước đó giữ nguyên."))


class ReviewForm(OnceForm):
    """The year's review of a model or a point."""

    year = forms.IntegerField(label=_("Năm"), min_value=2000, max_value=2199)
    rating = forms.ChoiceField(label=_("Xếp loại"))
    note = forms.CharField(label=_("Nhận xét"), required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rating"].choices = [(word, word) for word in review_ratings()]


class ImportForm(forms.Form):
    """A list to look at before it is written."""

    file = forms.FileField(label=_("Tệp danh sách (.xlsx hoặc .csv)"))
    as_of = DayField(
        label=_("Đọc mã đơn vị theo ngày"),
        required=False,
        help_text=_(
            "Để trống thì mã được đọc theo ngày bắt đầu của từng điểm. Có ghi thì số tổ, số thành viên tính từ ngày này."
        ),
    )
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


class ExemplarFilter(forms.Form):
    """Filters of the list of exemplars; ``places`` are today's communes, where the list stands under them."""

    q = forms.CharField(label=_("Tên hoặc mã đơn vị"), required=False, widget=SEARCH)
    year = forms.CharField(label=_("Năm"), required=False)
    place = forms.CharField(label=_("Địa bàn nay"), required=False, widget=forms.HiddenInput)
    tree = forms.CharField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Loại đơn vị"), required=False, choices=[("", _("Mọi loại")), *Kind.choices])

    def __init__(self, data, *, years: list[int], places: list | None = None):
        super().__init__(data)
        self.fields["year"].widget = forms.Select(choices=[("", _("Mọi năm")), *((str(y), y) for y in years)])
        if places is not None:
            self.fields["place"].widget = forms.Select(choices=[("", _("Mọi địa bàn")), *places])


class CandidateFilter(forms.Form):
    """Filters of the list of candidates."""

    q = forms.CharField(label=_("Tên hoặc mã đơn vị"), required=False, widget=SEARCH)
    kind = forms.ChoiceField(label=_("Loại đơn vị"), required=False, choices=[("", _("Mọi loại")), *Kind.choices])
    able = forms.ChoiceField(
        label=_("Danh sách"),
        required=False,
        choices=[("", _("Có loại được xét")), ("all", _("Tất cả đơn vị"))],
    )


class ChooseForm(OnceForm):
    """The signed decision that chooses exemplars."""

    decision = forms.CharField(label=_("Số, ký hiệu quyết định"), max_length=80)
    date = DayField(label=_("Ngày ký"), help_text=DAY_HELP)
    signer = forms.CharField(label=_("Người ký"), max_length=200)
    signer_title = forms.CharField(label=_("Chức vụ người ký"), max_length=200, required=False)


class NoteForm(OnceForm):
    """The build plan, progress or recognition of an exemplar."""

    kind = forms.ChoiceField(label=_("Nội dung"), choices=NoteKind.choices)
    on = DayField(label=_("Ngày"), help_text=DAY_HELP)
    text = forms.CharField(label=_("Ghi nhận"), widget=forms.Textarea(attrs={"rows": 5}))
    document = forms.CharField(
        label=_("Số, ngày văn bản"), max_length=200, required=False, help_text=_("Bắt buộc khi ghi công nhận.")
    )
