"""A field to choose units by typing; ``static/js/picker.js`` offers them while one types.

Without script the same field works by sending the form: what was typed is looked up, a text that names one unit
chooses it, and otherwise the form comes back with what it may mean, to be ticked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django import forms
from django.db.models import QuerySet
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from movement.core.dates import today

from .enums import Kind
from .models import Unit, UnitVersion
from .selectors.search import unit_meant
from .suggesting import Suggestion, suggested


class UnitPicker(forms.Widget):
    """Draws the text box and what is chosen. Its value: ``{"chosen": [ulid, …], "typed": text}``.

    ``typed`` is what is still to be looked up. Typed after the form was drawn it replaces what is chosen (of one),
    or joins it (of several).
    """

    def __init__(self, attrs=None, *, kinds: Sequence[str] = (), many: bool = False, filter: bool = False):
        super().__init__(attrs)
        self.kinds, self.many, self.filter = tuple(kinds), many, filter
        self.on: date | None = None
        self.offered: list[Suggestion] = []  # what is chosen, or may have been meant

    def value_from_datadict(self, data, files, name):
        chosen = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        chosen = [chosen] if isinstance(chosen, str) else list(chosen)
        chosen = [ulid for ulid in chosen if ulid]
        typed, seen = (str(data.get(f"{name}_{part}") or "").strip() for part in ("q", "seen"))
        if self.many:
            # what the form came back with is settled once one more is ticked
            text, _bar, before = seen.rpartition("|")
            settled = typed == text and before.isdigit() and len(chosen) > int(before)
            return {"chosen": chosen, "typed": "" if settled else typed}
        if f"{name}_q" in data and typed != seen:
            chosen = []
        return {"chosen": chosen, "typed": "" if chosen else typed}

    def value_omitted_from_data(self, data, files, name):
        return name not in data and f"{name}_q" not in data

    def render(self, name, value, attrs=None, renderer=None):
        value = value if isinstance(value, dict) else {"chosen": _ulids(value), "typed": ""}
        attrs = self.build_attrs(self.attrs, attrs)
        css = attrs.pop("class", "")
        attrs.pop("required", None)  # the text box stays empty when several are chosen
        chosen = set(value["chosen"])
        text = value["typed"]
        if not self.many and not text:
            text = next((row.version.name for row in self.offered if row.ulid in chosen), "")
        query = [("kind", kind) for kind in self.kinds] + ([("on", self.on.isoformat())] if self.on else [])
        context = {
            "name": name,
            "id": attrs.pop("id", f"id_{name}"),
            "text": text,
            "seen": f"{text}|{len(chosen)}" if self.many else text,
            "many": self.many,
            "filter": self.filter,
            "offered": [(row, row.ulid in chosen) for row in self.offered],
            "url": reverse("units:suggest") + (f"?{urlencode(query)}" if query else ""),
            "css": css,
            "attrs": mark_safe(flatatt(attrs)),  # noqa: S308 - flatatt escapes
        }
        return render_to_string("units/_picker.html", context)

    def id_for_label(self, id_):
        return id_


class PlacePicker(UnitPicker):
    """For a filter in the address: its value is a ULID, or what was typed without script."""

    def __init__(self, attrs=None, **options):
        super().__init__(attrs, filter=True, **options)

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name)
        return next(iter(value["chosen"]), value["typed"])


def _ulids(value) -> list[str]:
    """The ULIDs of initial data: a unit, a version, a ULID, or several."""
    if not value:
        return []
    if isinstance(value, (str, Unit, UnitVersion)):
        value = [value]
    return [one if isinstance(one, str) else getattr(one, "unit", one).ulid for one in value]


class UnitField(forms.Field):
    """One unit, or ``many``; cleaned to a ``UnitVersion`` (a list of them) that holds on the field's day, or ``None``.

    The form says among which: ``form.fields["parent"].among(visible_versions(user, tree_on=day), on=day)``.
    ``kinds`` (of ``units.enums.Kind``) are those that may be chosen; none are all. Initial data may be a version,
    a unit or a ULID, for ``many`` a list.
    """

    widget = UnitPicker
    default_error_messages = {
        "required": gettext_lazy("Chưa chọn đơn vị."),
        "unknown": gettext_lazy("Không tìm thấy đơn vị nào tên hoặc mã “%(typed)s”. Thử gõ không dấu, hoặc gõ mã."),
        "several": gettext_lazy("“%(typed)s” có thể là nhiều đơn vị; hãy chọn một trong các đơn vị dưới đây."),
        "gone": gettext_lazy("Đơn vị đã chọn không có trong phạm vi của bạn vào ngày đó; hãy chọn lại."),
    }

    def __init__(self, *, kinds: Sequence[str] = (), many: bool = False, **options):
        options.setdefault("widget", UnitPicker(kinds=kinds, many=many))
        super().__init__(**options)
        self.kinds, self.many = tuple(kinds), many
        self.versions, self.on = UnitVersion.objects.none(), today()

    def among(self, versions: QuerySet[UnitVersion], *, on: date, kinds: Sequence[str] | None = None) -> None:
        """What may be chosen: ``versions`` that hold ``on`` a day, of some kinds."""
        if kinds is not None:
            self.kinds = self.widget.kinds = tuple(kinds)
        self.versions, self.on = versions, on
        self.widget.on = None if on == today() else on

    def _allowed(self) -> QuerySet[UnitVersion]:
        return self.versions.filter(kind__in=self.kinds) if self.kinds else self.versions

    def _named(self, ulids: Iterable[str]) -> list[UnitVersion]:
        ulids = list(dict.fromkeys(ulids))
        rows = self._allowed().filter(unit__ulid__in=ulids).select_related("unit") if ulids else []
        return sorted(rows, key=lambda row: ulids.index(row.unit.ulid))

    def prepare_value(self, value):
        """Called when the form is drawn: what is chosen is looked up, to be shown by its name."""
        if not isinstance(value, dict):
            value = {"chosen": _ulids(value), "typed": ""}
        shown = {row.ulid for row in self.widget.offered}
        missing = [ulid for ulid in value["chosen"] if ulid not in shown]
        if missing:
            self.widget.offered = [*suggested(self._named(missing), self.on), *self.widget.offered]
        return value

    def clean(self, value):
        value = value or {"chosen": [], "typed": ""}
        rows = self._named(value["chosen"])
        if len(rows) < len(set(value["chosen"])):
            raise forms.ValidationError(self.error_messages["gone"], code="gone")
        if value["typed"]:
            rows = [*rows, self._meant(value)]
        if not rows and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if self.many:
            return list({row.unit_id: row for row in rows}.values())
        return rows[0] if rows else None

    def _meant(self, value: dict) -> UnitVersion:
        typed = value["typed"]
        one, others = unit_meant(self._allowed(), typed, on=self.on)
        if one is not None:
            value["chosen"] = [*value["chosen"], one.unit.ulid]  # the form, when it comes back, shows it chosen
            value["typed"] = ""
            return one
        if not others:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown", params={"typed": typed})
        self.widget.offered = suggested(others, self.on)
        raise forms.ValidationError(self.error_messages["several"], code="several", params={"typed": typed})

    def has_changed(self, initial, data):
        data = data or {"chosen": [], "typed": ""}
        return bool(data["typed"]) or set(_ulids(initial)) != set(data["chosen"])


MANY = 300  # places; a select of more is no choice


def offer_places(
    form: forms.Form, name: str, choices: list, versions: QuerySet[UnitVersion], on: date, empty: str
) -> None:
    """Draw the filter ``name`` as a select of ``choices`` (``selectors.places``), or as a picker where they are many."""
    count = sum(len(own) if isinstance(own, list) else 1 for _key, own in choices)
    if count > MANY:
        pick_place(form, name, versions, on, [Kind.DISTRICT, Kind.COMMUNE])
    else:
        form.fields[name].widget = forms.Select(choices=[("", empty), *choices])


def pick_place(form: forms.Form, name: str, versions: QuerySet[UnitVersion], on: date, kinds: Sequence[str]) -> None:
    """Draw the filter ``name`` of a list as a picker of places among ``versions``."""
    widget = PlacePicker(kinds=kinds)
    widget.is_required = False
    widget.on = None if on == today() else on
    value = widget.value_from_datadict(form.data, {}, name)
    if value:
        rows = versions.filter(unit__ulid=value, kind__in=kinds).select_related("unit")
        widget.offered = suggested(list(rows), on)
    form.fields[name].widget = widget
    form.fields[name].help_text = (
        "" if widget.offered or not value else _("Không có địa bàn này trong phạm vi của bạn.")
    )
