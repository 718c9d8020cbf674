"""What the desk's pages take."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from movement.core.dates import parse_date
from movement.core.files import file_store
from movement.core.models import StoredFile
from movement.core.numbers import parse_points
from movement.core.problems import Refused

from ..enums import Stage, State
from ..services.scoring import Value

SCANS = ("application/pdf", "image/png", "image/jpeg")


class DayField(forms.CharField):
    """A date as dd/mm/yyyy or ISO."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_date(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


def typed_value(points: str, reason: str, note: str = "") -> Value:
    """What was typed in a cell.

    Raises:
        ValueError: the sentence that says why the points are no number.
    """
    points, reason, note = (points or "").strip(), (reason or "").strip(), (note or "").strip()
    return Value(parse_points(points) if points else None, reason, note)


# What one edit of one cell sends, and how long each may be. No Django form: ten bound fields cost as much as the whole
# of the rules, and 200 officers send one every few seconds.
_EDIT = {
    "stage": 10, "code": 20, "base_points": 20, "base_reason": 500, "base_note": 500, "points": 20, "reason": 500, "note": 500,
    "edit": 36,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one cell: ``{stage, code, base, new, edit}`` (design §4)."""

    stage: Stage
    code: str
    adjustment: bool
    base: Value
    new: Value
    edit: UUID


def edit_of(post: QueryDict) -> Edit:
    """The edit that a page sent.

    Raises:
        ValueError: with a sentence for points that are no number, or for what no page of ours sends.
    """
    sent = {name: post.get(name, "").strip() for name in _EDIT}
    try:
        if any(len(text) > _EDIT[name] or "\0" in text for name, text in sent.items()) or not sent["code"]:
            raise ValueError
        stage, edit = Stage(sent["stage"]), UUID(sent["edit"])
    except ValueError:
        raise ValueError(_("Yêu cầu không hợp lệ nên chưa có gì được ghi.")) from None
    return Edit(
        stage, sent["code"], post.get("adjustment", "").lower() not in ("", "false", "0"),
        typed_value(sent["base_points"], sent["base_reason"], sent["base_note"]),
        typed_value(sent["points"], sent["reason"], sent["note"]), edit,
    )  # fmt: skip


class EvidenceForm(forms.Form):
    """A file for a criterion. The declaration is what counts; scans have no text to look into."""

    file = forms.FileField(label=_("Tệp (PDF hoặc ảnh)"), error_messages={"required": _("Hãy chọn tệp.")})
    pages = forms.CharField(label=_("Trang cần xem"), max_length=60, required=False)
    declared = forms.BooleanField(
        label=_("Tôi cam kết tệp không chứa bí mật nhà nước và không phải hồ sơ về cá nhân."),
        error_messages={"required": _("Phải cam kết tệp không chứa bí mật nhà nước.")},
    )
    numbers_confirmed = forms.BooleanField(
        label=_("Các dãy 12 chữ số trong tệp không phải số định danh cá nhân."), required=False
    )


class AttestationForm(forms.Form):
    """Xác nhận: who confirms, by which paper, met or not."""

    confirmed_by = forms.CharField(
        label=_("Cơ quan xác nhận"), max_length=250, error_messages={"required": _("Hãy ghi cơ quan xác nhận.")}
    )
    number = forms.CharField(label=_("Số văn bản"), max_length=80, required=False)
    dated_on = DayField(label=_("Ngày xác nhận"), error_messages={"required": _("Hãy ghi ngày xác nhận.")})
    met = forms.TypedChoiceField(
        label=_("Kết quả"),
        choices=[("1", _("Đáp ứng tiêu chí")), ("0", _("Không đáp ứng tiêu chí"))],
        coerce=lambda text: text == "1",
        widget=forms.RadioSelect,
        error_messages={"required": _("Hãy chọn đáp ứng hay không.")},
    )


class StepForm(forms.Form):
    """Moving on: to which step."""

    to = forms.ChoiceField(choices=State.choices)


class ReturnForm(forms.Form):
    """Sending back, whole or by criterion, with reasons. ``reason:CODE`` fields come from the page's lines."""

    whole = forms.CharField(
        label=_("Lý do trả lại cả hồ sơ"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )


class OpinionForm(forms.Form):
    text = forms.CharField(
        label=_("Ý kiến"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000,
        error_messages={"required": _("Ý kiến không được để trống.")},
    )  # fmt: skip


class ExtensionForm(forms.Form):
    until = DayField(label=_("Gia hạn đến hết ngày"), error_messages={"required": _("Hãy ghi ngày gia hạn.")})
    reason = forms.CharField(
        label=_("Lý do gia hạn"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000,
        error_messages={"required": _("Gia hạn phải ghi lý do.")},
    )  # fmt: skip


class ScanForm(forms.Form):
    """A form with a scan. The file is kept at its first sending (``kept`` names it), so that a form with something
    else wrong, or the page that asks again, does not lose it."""

    scan_required = True

    kept = forms.CharField(required=False, widget=forms.HiddenInput, max_length=26)
    declared = forms.BooleanField(label=_("Tôi cam kết tệp không chứa bí mật nhà nước."), required=False)
    numbers_confirmed = forms.BooleanField(
        label=_("Các dãy 12 chữ số trong tệp (nếu có) không phải số định danh cá nhân."), required=False
    )

    def __init__(self, *args, user, unit_id: int, kind: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.unit_id, self.kind = user, unit_id, kind
        self.file: StoredFile | None = None

    def clean(self):
        data = super().clean()
        upload = data.get("scan")
        if upload:
            self._keep(upload, data)
        elif data.get("kept"):
            mine = StoredFile.objects.filter(uploaded_by_id=self.user.pk, kind=self.kind, removed_at=None)
            self.file = mine.filter(ulid=data["kept"]).first()
        if self.file:
            self.data = self.data.copy()
            self.data["kept"] = self.file.ulid
        elif self.scan_required and "scan" not in self.errors and "declared" not in self.errors:
            self.add_error("scan", _("Hãy chọn bản quét."))
        return data

    def _keep(self, upload, data) -> None:
        if not data.get("declared"):
            return self.add_error("declared", _("Phải cam kết tệp không chứa bí mật nhà nước."))
        try:
            self.file = file_store(
                upload, name=upload.name, actor=self.user, unit_id=self.unit_id, kind=self.kind, declared=True,
                numbers_confirmed=data.get("numbers_confirmed", False), allowed=SCANS,
            )  # fmt: skip
        except Refused as refused:
            for problem in refused.problems:
                self.add_error("scan", problem.message)


class MinutesForm(ScanForm):
    """The signed minutes of the meeting that decided."""

    number = forms.CharField(
        label=_("Số biên bản"), max_length=80, error_messages={"required": _("Hãy ghi số biên bản.")}
    )
    dated_on = DayField(label=_("Ngày họp"), error_messages={"required": _("Hãy ghi ngày họp.")})
    scan = forms.FileField(label=_("Bản quét biên bản đã ký (PDF hoặc ảnh)"), required=False)

    field_order = ["number", "dated_on", "scan", "declared", "numbers_confirmed"]


class DecisionForm(ScanForm):
    """The signed decision: number, date, signer, authority, scan; whether units are missing, and open questions."""

    scan_required = False

    number = forms.CharField(
        label=_("Số, ký hiệu quyết định"), max_length=80, error_messages={"required": _("Hãy ghi số quyết định.")}
    )
    decided_on = DayField(label=_("Ngày ký"), error_messages={"required": _("Hãy ghi ngày ký.")})
    authority_name = forms.CharField(
        label=_("Cơ quan ban hành"), max_length=300, error_messages={"required": _("Hãy ghi cơ quan ban hành.")}
    )
    signer = forms.CharField(label=_("Người ký"), max_length=200, error_messages={"required": _("Hãy ghi người ký.")})
    signer_title = forms.CharField(label=_("Chức vụ người ký"), max_length=200, required=False)
    scan = forms.FileField(label=_("Bản quét quyết định đã ký (PDF hoặc ảnh)"), required=False)
    partial = forms.BooleanField(label=_("Công bố phần đã xét duyệt"), required=False)
    acknowledge = forms.CharField(
        label=_("Lý do vẫn công bố"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    field_order = [
        "number", "decided_on", "authority_name", "signer", "signer_title", "scan", "declared", "numbers_confirmed",
        "partial", "acknowledge",
    ]  # fmt: skip

    def clean_decided_on(self):
        day = self.cleaned_data["decided_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("Ngày ký quyết định không được ở tương lai."))
        return day
