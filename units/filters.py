"""Filters of the list of units; they live in the address."""

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from movement.core.text import search_q

from .enums import Kind, Level
from .models import UnitVersion
from .selectors.places import place_path

SEARCH = forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": 100})


def named(rows: QuerySet, typed: str, *, name: str, code: str) -> QuerySet:
    """``rows`` whose name holds the words typed, or whose code begins so."""
    typed = typed.strip()[:100]
    return rows.filter(search_q(name, typed) | Q(**{f"{code}__istartswith": typed})) if typed else rows


class UnitFilter(filters.FilterSet):
    """Over versions that hold on one date. ``subkind`` and ``place`` take any value: one that is not there finds none."""

    q = filters.CharFilter(label=_("Tên hoặc mã"), method="by_name", widget=SEARCH)
    kind = filters.ChoiceFilter(choices=Kind.choices, widget=forms.HiddenInput)
    subkind = filters.CharFilter(label=_("Loại chi tiết"))
    place = filters.CharFilter(label=_("Địa bàn"), method="by_place")
    level = filters.ChoiceFilter(
        label=_("Cấp quản lý"), field_name="managing_level", choices=Level.choices, empty_label=_("Mọi cấp")
    )

    class Meta:
        model = UnitVersion
        fields: list[str] = []

    def by_name(self, rows, name, value):
        return named(rows, value, name="search", code="code")

    def by_place(self, rows, name, value):
        path = place_path(self.queryset, value)
        return rows.filter(path__startswith=path) if path else rows.none()

    def narrowed(self, *names: str) -> QuerySet:
        """The list under those of the filters only, for counts beside what they would add."""
        rows = self.queryset
        for name in names:
            rows = self.filters[name].filter(rows, self.form.cleaned_data.get(name))
        return rows

    def offer(self, name: str, choices: list, empty: str) -> None:
        """Draw a free field as a select of ``choices``."""
        field = self.form.fields[name]
        field.widget = forms.Select(choices=[("", empty), *choices], attrs=field.widget.attrs)
