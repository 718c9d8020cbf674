"""What the guided changes ask for. Each form says what it asks of the services (``asked``); names of fields are the
services' ``column``, so that a refusal stands beside its field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .divisions import REFORM
from .enums import PARENT_KINDS, WORKPLACES, Kind, Level
from .forms import DayField, UnitField
from .models import UnitVersion
from .services import changes
from .suggesting import suggested

Visible = Callable[[date], QuerySet[UnitVersion]]
DAY = date.resolution
OFFERED = 30  # neighbours that a merger offers to tick
NEW, THIS = "new", "this"
_NAME = {"label": _("Tên"), "max_length": 250}
_CODE = {"label": _("Mã"), "max_length": 40, "required": False}
_SCOPE = {
    "label": _("Lý do đưa vào diện đánh giá"),
    "max_length": 300,
    "required": False,
    "help_text": _(
        "Chỉ ghi khi đơn vị thuộc loại không phải đánh giá: doanh nghiệp nhỏ và siêu nhỏ, trường tiểu học, mầm non, "
        "nhà trẻ, lực lượng vũ trang."
    ),
}
_SUBKIND = {
    "label": _("Loại chi tiết"), "max_length": 60, "required": False,
    "help_text": _("Ví dụ: ấp, khu vực, phường, trung học phổ thông."),
}  # fmt: skip


class ChangeForm(forms.Form):
    """The day, the paper and the reason, which every change has; the last in the form.

    ``version`` is the unit as it is now, ``visible(day)`` what the user may read on a day.
    """

    on = DayField(label=_("Ngày có hiệu lực"), help_text=_("Ngày đầu tiên áp dụng, theo quyết định."))
    decision = forms.CharField(label=_("Số quyết định, nghị quyết"), max_length=200, required=False)
    decided_on = DayField(label=_("Ngày ký quyết định"), required=False)
    reason = forms.CharField(
        label=_("Lý do, ghi chú"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    title = ""
    note = ""
    paper = ("on", "decision", "decided_on", "reason")
    wide = ("units", "into", "way", "reason", "scope_reason", "address")  # fields that take the whole line
    columns: dict[str, str] = {}  # of the services' columns that have another name here

    def __init__(self, data=None, *, version: UnitVersion, visible: Visible, day: date, **options):
        super().__init__(data, **options)
        self.version, self.unit, self.visible = version, version.unit, visible
        self.day = self.day_asked(day)
        self.initial.setdefault("on", day)
        self.prepare()

    def day_asked(self, usual: date) -> date:
        """The day that stands in the form where it can be read: what may be chosen depends on it."""
        if not self.is_bound:
            return usual
        try:
            return self.fields["on"].clean(self.data.get(self.add_prefix("on"))) or usual
        except forms.ValidationError:
            return usual

    def prepare(self) -> None:
        """Sets up the fields for the unit and the day."""

    def head(self) -> list:
        """The fields of the change itself, before those of the paper."""
        return [field for field in self.visible_fields() if field.name not in self.paper]

    def foot(self) -> list:
        return [self[name] for name in self.paper]

    def common(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("on", "decision", "decided_on", "reason")}

    def asked(self) -> changes.AnyAsked:
        raise NotImplementedError

    def aims(self) -> list[UnitVersion]:
        """Other units that the change ends, carries on or takes over: the user must be allowed to change them too."""
        return []

    def places(self) -> list[UnitVersion]:
        """Places that the change puts something below."""
        return []

    def results(self) -> list[UnitVersion]:
        """What there will be, not saved: the user must be allowed to change that too."""
        return []

    def _would_be(self, kind: str, level: str, below: UnitVersion | None) -> UnitVersion:
        path = f"{below.path if below else '/'}0/"
        return UnitVersion(unit_id=0, kind=kind, managing_level=level, path=path, valid=(self.version.valid))


def _levels(on: date) -> list[tuple[str, str]]:
    return [choice for choice in Level.choices if choice[0] != Level.DISTRICT or on < REFORM]


class CreateForm(ChangeForm):
    title = _("Thêm đơn vị bên dưới")
    note = _("Một đơn vị mới đặt dưới địa bàn này từ một ngày.")

    kind = forms.ChoiceField(label=_("Loại"))
    name = forms.CharField(**_NAME)
    subkind = forms.CharField(**_SUBKIND)
    code = forms.CharField(**_CODE)
    managing_level = forms.ChoiceField(label=_("Cấp quản lý"))
    managing_body = UnitField(label=_("Cơ quan quản lý trực tiếp"), required=False, help_text=_("Nếu có."))
    scope_reason = forms.CharField(**_SCOPE)
    phone = forms.CharField(label=_("Điện thoại cơ quan"), max_length=60, required=False)
    email = forms.EmailField(label=_("Thư điện tử cơ quan"), required=False)
    address = forms.CharField(label=_("Địa chỉ"), max_length=300, required=False)
    tax_code = forms.CharField(label=_("Mã số thuế"), max_length=20, required=False)
    school_code = forms.CharField(label=_("Mã trường"), max_length=20, required=False)

    def prepare(self):
        kinds = [kind for kind in Kind if self.version.kind in PARENT_KINDS[kind]]
        if self.day >= REFORM:
            kinds = [kind for kind in kinds if kind != Kind.DISTRICT]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]
        self.fields["managing_level"].choices = _levels(self.day)
        if self.version.kind == Kind.COMMUNE:
            self.initial.setdefault("managing_level", Level.COMMUNE)
        self.fields["managing_body"].among(self.visible(self.day), on=self.day, kinds=WORKPLACES)

    def asked(self):
        said = self.cleaned_data
        details = ("phone", "email", "address", "tax_code", "school_code", "scope_reason")
        return changes.Create(
            kind=said["kind"], name=said["name"], parent=self.unit, managing_level=said["managing_level"],
            code=said["code"], subkind=said["subkind"], managing_body=_unit(said["managing_body"]),
            details={name: said[name] for name in details if said[name]}, **self.common(),
        )  # fmt: skip

    def results(self):
        return [self._would_be(self.cleaned_data["kind"], self.cleaned_data["managing_level"], self.version)]


class RenameForm(ChangeForm):
    title = _("Đổi tên, mã")
    note = _(
        "Đơn vị vẫn là đơn vị ấy; tên, mã cũ giữ nguyên ở các ngày trước. Ghi sai thì sửa từ ngày bắt đầu của tên đó."
    )

    name = forms.CharField(**_NAME)
    code = forms.CharField(**_CODE)
    subkind = forms.CharField(**_SUBKIND)
    scope_reason = forms.CharField(**_SCOPE)

    def prepare(self):
        for name in ("name", "code", "subkind"):
            self.initial.setdefault(name, getattr(self.version, name))
        self.initial.setdefault("scope_reason", self.unit.scope_reason)
        if self.version.kind not in WORKPLACES:
            del self.fields["scope_reason"]

    def asked(self):
        said = self.cleaned_data
        return changes.Rename(
            unit=self.unit, name=said["name"], code=said["code"], subkind=said["subkind"],
            scope_reason=said.get("scope_reason"), **self.common(),
        )  # fmt: skip


class MoveForm(ChangeForm):
    title = _("Chuyển sang nơi khác")
    note = _("Đặt dưới một địa bàn khác từ một ngày; những gì ở bên dưới đi theo.")

    parent = UnitField(label=_("Chuyển về"))

    def prepare(self):
        kinds = PARENT_KINDS[Kind(self.version.kind)]
        self.fields["parent"].among(self.visible(self.day), on=self.day, kinds=kinds)

    def asked(self):
        return changes.Move(unit=self.unit, parent=_unit(self.cleaned_data["parent"]), **self.common())

    def places(self):
        return [self.cleaned_data["parent"]]


class LevelForm(ChangeForm):
    title = _("Chuyển cấp quản lý")
    note = _("Cấp khác, hoặc cơ quan khác, quản lý và xét duyệt đơn vị từ một ngày.")

    managing_level = forms.ChoiceField(label=_("Cấp quản lý mới"))
    managing_body = UnitField(
        label=_("Cơ quan quản lý trực tiếp"), required=False, help_text=_("Để trống khi không có.")
    )

    def prepare(self):
        self.fields["managing_level"].choices = _levels(self.day)
        self.initial.setdefault("managing_level", self.version.managing_level)
        self.initial.setdefault("managing_body", self.version.managing_body)
        self.fields["managing_body"].among(self.visible(self.day), on=self.day, kinds=WORKPLACES)

    def asked(self):
        said = self.cleaned_data
        body = _unit(said["managing_body"])
        return changes.Level(unit=self.unit, managing_level=said["managing_level"], managing_body=body, **self.common())

    def results(self):
        after = self._would_be(self.version.kind, self.cleaned_data["managing_level"], None)
        after.path, after.unit_id = self.version.path, self.version.unit_id
        return [after]


class CloseForm(ChangeForm):
    title = _("Kết thúc hoạt động")
    note = _("Giải thể, đóng cửa, hoặc nhập vào một đơn vị khác. Kết quả các năm trước giữ nguyên.")
    columns = {"unit": "on"}

    on = DayField(label=_("Ngày cuối cùng còn hoạt động"), help_text=_("Từ ngày hôm sau đơn vị không còn."))
    heir = UnitField(
        label=_("Đơn vị kế thừa"),
        required=False,
        help_text=_("Nếu có: nhận những gì ở bên dưới và tiếp nối kết quả. Để trống khi giải thể hẳn."),
    )

    def prepare(self):
        kinds = [self.version.kind]
        if self.version.kind in WORKPLACES:
            kinds = list(WORKPLACES)
        self.fields["heir"].among(self.visible(self.day + DAY), on=self.day + DAY, kinds=kinds)

    def common(self):
        return super().common() | {"on": self.cleaned_data["on"] + DAY}

    def asked(self):
        return changes.Close(unit=self.unit, heir=_unit(self.cleaned_data["heir"]), **self.common())

    def aims(self):
        return [self.cleaned_data["heir"]] if self.cleaned_data["heir"] else []


class ReopenForm(ChangeForm):
    title = _("Hoạt động trở lại")
    note = _("Đơn vị đã kết thúc hoạt động trở lại từ một ngày, với tên và mã cuối cùng.")
    columns = {"unit": "on"}

    parent = UnitField(
        label=_("Nơi đặt"), required=False, help_text=_("Để trống khi ở lại nơi cũ, hoặc nơi kế thừa nơi cũ.")
    )

    def prepare(self):
        kinds = PARENT_KINDS[Kind(self.version.kind)]
        self.fields["parent"].among(self.visible(self.day), on=self.day, kinds=kinds)

    def asked(self):
        return changes.Reopen(unit=self.unit, parent=_unit(self.cleaned_data["parent"]), **self.common())

    def places(self):
        return [self.cleaned_data["parent"]] if self.cleaned_data["parent"] else []


class MergeForm(ChangeForm):
    title = _("Sáp nhập")
    note = _(
        "Nhiều đơn vị cùng loại thành một. Những gì ở bên dưới chuyển về đơn vị mới; kết quả các năm trước giữ nguyên."
    )

    units = UnitField(label=_("Các đơn vị sáp nhập"), many=True, help_text=_("Từ 2 đến 50 đơn vị, kể cả đơn vị này."))
    into = forms.ChoiceField(label=_("Sau khi sáp nhập"), widget=forms.RadioSelect, initial=NEW)
    name = forms.CharField(**_NAME | {"required": False, "label": _("Tên sau khi sáp nhập")})
    code = forms.CharField(**_CODE | {"label": _("Mã sau khi sáp nhập")})
    subkind = forms.CharField(**_SUBKIND)
    parent = UnitField(
        label=_("Nơi đặt"), required=False, help_text=_("Để trống khi các đơn vị cùng ở một nơi và vẫn ở đó.")
    )
    managing_level = forms.ChoiceField(label=_("Cấp quản lý"), required=False)

    def prepare(self):
        kind, before = self.version.kind, self.day - DAY
        among = self.visible(before).filter(kind=kind)
        field = self.fields["units"]
        field.among(among, on=before, kinds=[kind])
        neighbours = among.filter(parent=self.version.parent_id).select_related("unit").order_by("name_sort", "pk")
        neighbours = list(neighbours[: OFFERED + 1])
        if len(neighbours) <= OFFERED:
            field.widget.offered = suggested(neighbours, before)
        self.initial.setdefault("units", [self.version])
        stays = _t("“%s” tiếp tục hoạt động, các đơn vị khác nhập vào") % self.version.name
        self.fields["into"].choices = [(NEW, _("Thành lập đơn vị mới, các đơn vị trên kết thúc")), (THIS, stays)]
        self.fields["parent"].among(self.visible(self.day), on=self.day, kinds=PARENT_KINDS[Kind(kind)])
        self.fields["managing_level"].choices = [("", _("Như các đơn vị trước")), *_levels(self.day)]

    def clean(self):
        said = super().clean()
        if said.get("into") == NEW and not said.get("name", "").strip() and "name" not in self.errors:
            self.add_error("name", _("Ghi tên của đơn vị mới."))
        return said

    def asked(self):
        said = self.cleaned_data
        return changes.Merge(
            units=tuple(version.unit for version in said["units"]),
            into=self.unit if said["into"] == THIS else None,
            parent=_unit(said["parent"]),
            **{name: said[name] for name in ("name", "code", "subkind", "managing_level")},
            **self.common(),
        )

    def aims(self):
        return self.cleaned_data["units"]

    def places(self):
        return [self.cleaned_data["parent"]] if self.cleaned_data["parent"] else []

    def results(self):
        level = self.cleaned_data["managing_level"]
        below = self.cleaned_data["parent"]
        if not level and not below:
            return []
        after = self._would_be(self.version.kind, level or self.version.managing_level, below)
        if below is None:
            after.path = self.version.path
        return [after]


class FoldForm(ChangeForm):
    title = _("Gộp bản ghi trùng")
    note = _(
        "Đơn vị này là bản ghi trùng của một đơn vị có thật: nó kết thúc, lịch sử của nó được xem cùng đơn vị kia và không bị "
        "viết lại."
    )
    columns = {"duplicate": "on"}

    into = UnitField(label=_("Đơn vị có thật"))

    def prepare(self):
        self.fields["into"].among(self.visible(self.day), on=self.day, kinds=[self.version.kind])
        self.fields["on"].help_text = _("Từ ngày này chỉ còn đơn vị có thật.")

    def asked(self):
        return changes.Fold(duplicate=self.unit, into=_unit(self.cleaned_data["into"]), **self.common())

    def aims(self):
        return [self.cleaned_data["into"]]


def _unit(version: UnitVersion | None):
    return version.unit if version else None
