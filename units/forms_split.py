"""Splitting a unit: the new parts line by line, and where each thing that stood below it goes."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .forms_changes import ChangeForm
from .models import UnitVersion
from .services import changes

KEEPS, ENDS = "keeps", "ends"
MOST = 50


class PartForm(forms.Form):
    """One new unit."""

    name = forms.CharField(label=_("Tên"), max_length=250, required=False)
    code = forms.CharField(label=_("Mã"), max_length=40, required=False)
    subkind = forms.CharField(label=_("Loại chi tiết"), max_length=60, required=False)

    @property
    def filled(self) -> bool:
        return any(self.cleaned_data.get(name, "").strip() for name in self.fields)


@dataclass(slots=True)
class Child:
    """Something directly below the old unit: ``choices`` of where it goes, one of them chosen."""

    version: UnitVersion
    name: str
    chosen: str


class SplitForm(ChangeForm):
    title = _("Chia tách")
    note = _(
        "Một đơn vị thành nhiều đơn vị. Mỗi thứ ở bên dưới đi theo phần được chọn; không chọn thì theo phần chính."
    )
    columns = {"unit": "on", "parts": "way", "name": "way"}

    way = forms.ChoiceField(label=_("Sau khi chia tách"), widget=forms.RadioSelect, initial=KEEPS)

    def prepare(self):
        name = self.version.name
        self.fields["way"].choices = [
            (KEEPS, _t("“%s” tiếp tục hoạt động, tách ra những đơn vị dưới đây") % name),
            (ENDS, _t("“%s” kết thúc, chia thành những đơn vị dưới đây") % name),
        ]
        rows = int(self.data.get("rows", "") or 2) if self.is_bound and self.data.get("rows", "2").isdigit() else 2
        if self.is_bound and "more" in self.data:
            rows += 1
        data = self.data if self.is_bound else None
        self.parts = [PartForm(data, prefix=f"part-{index}") for index in range(1, min(rows, MOST) + 1)]
        main = self.data.get("main", "1") if self.is_bound else "1"
        self.main = int(main) if main.isdigit() and 1 <= int(main) <= len(self.parts) else 1
        below = self.visible(self.day).filter(parent=self.version.unit_id).select_related("unit")
        self.children = [
            Child(version, f"child-{version.unit.ulid}", self.data.get(f"child-{version.unit.ulid}", ""))
            for version in below.order_by("kind", "name_sort", "pk")
        ]

    def full_clean(self):
        super().full_clean()
        if not self.is_bound:
            return
        filled = [(i, part) for i, part in enumerate(self.parts, start=1) if part.is_valid() and part.filled]
        for part in self.parts:
            if isinstance(part.errors, ErrorDict) and part.errors:
                self.add_error("way", _("Xem lại các đơn vị mới ở dưới."))
                break
        least = 1 if self.cleaned_data.get("way") == KEEPS else 2
        if len(filled) < least:
            self.add_error("way", _("Ghi tên ít nhất %d đơn vị mới ở dưới.") % least)
        self.filled = filled

    def asked(self):
        said, keeps = self.cleaned_data, self.cleaned_data["way"] == KEEPS
        numbers = {str(index) for index, _part in self.filled}
        goes: dict[str, list] = {}
        for child in self.children:
            if child.chosen in numbers:
                goes.setdefault(child.chosen, []).append(child.version.unit)
        main = self.main if str(self.main) in numbers else self.filled[0][0]
        parts = [
            changes.Part(
                name=part.cleaned_data["name"], code=part.cleaned_data["code"], subkind=part.cleaned_data["subkind"],
                is_main=not keeps and index == main, children=tuple(goes.get(str(index), ())),
            )
            for index, part in self.filled
        ]  # fmt: skip
        if keeps:
            parts.insert(0, changes.Part(name="", is_main=True))
        return changes.Split(unit=self.unit, parts=tuple(parts), keeps=said["way"] == KEEPS, **self.common())
