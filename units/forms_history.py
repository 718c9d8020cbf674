"""What the pages of the register's history ask for."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from movement.core.text import VnSearch, search_q

from .enums import ChangeKind
from .forms import DayField
from .models import RegisterChange

STANDING, UNDONE = "standing", "undone"


class HistoryFilter(forms.Form):
    """Filters of the list of changes; they live in the address."""

    q = forms.CharField(
        label=_("Tên đơn vị, số quyết định"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Loại thay đổi"), required=False)
    since = DayField(label=_("Có hiệu lực từ ngày"), required=False)
    until = DayField(label=_("đến hết ngày"), required=False)
    state = forms.ChoiceField(
        label=_("Tình trạng"),
        required=False,
        choices=[("", _("Tất cả")), (STANDING, _("Đang có hiệu lực")), (UNDONE, _("Đã hoàn tác"))],
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        kinds = [(kind.value, str(kind.label).capitalize()) for kind in ChangeKind]
        self.fields["kind"].choices = [("", _("Mọi loại")), *kinds]

    def narrowed(self, rows: QuerySet[RegisterChange]) -> QuerySet[RegisterChange]:
        asked = self.cleaned_data
        if typed := asked["q"].strip():
            rows = rows.alias(said=VnSearch("sentence"), paper=VnSearch("decision"))
            rows = rows.filter(search_q("said", typed) | search_q("paper", typed))
        if asked["kind"]:
            rows = rows.filter(kind=asked["kind"])
        if asked["since"]:
            rows = rows.filter(on__gte=asked["since"])
        if asked["until"]:
            rows = rows.filter(on__lte=asked["until"])
        return rows.filter(undone_at__isnull=asked["state"] == STANDING) if asked["state"] else rows


class UndoForm(forms.Form):
    reason = forms.CharField(label=_("Lý do hoàn tác"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
