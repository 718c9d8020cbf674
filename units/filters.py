"""Filters of the list of units; they live in the address."""

from datetime import date

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from movement.core.text import search_q

from .enums import TERRITORIES, Kind, Level
from .models import UnitVersion
from .selectors.groups import members_on
from .selectors.places import place_path
from .selectors.regrouping import Regrouped
from .selectors.search import unit_meant

SEARCH = forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": 100})


def named(rows: QuerySet, typed: str, *, name: str, code: str) -> QuerySet:
    """``rows`` whose name holds the words typed, or whose code begins so."""
    typed = typed.strip()[:100]
    return rows.filter(search_q(name, typed) | Q(**{f"{code}__istartswith": typed})) if typed else rows


class UnitFilter(filters.FilterSet):
    """Over versions that hold on the date ``on``; with ``now`` a place is one of today's communes.

    ``subkind``, ``place`` and ``group`` take any value: one that is not there finds none.
    """

    q = filters.CharFilter(label=_("Tên hoặc mã"), method="by_name", widget=SEARCH)
    kind = filters.ChoiceFilter(choices=Kind.choices, widget=forms.HiddenInput)
    subkind = filters.CharFilter(label=_("Loại chi tiết"))
    place = filters.CharFilter(label=_("Địa bàn"), method="by_place")
    level = filters.ChoiceFilter(
        label=_("Cấp quản lý"), field_name="managing_level", choices=Level.choices, empty_label=_("Mọi cấp")
    )
    group = filters.CharFilter(label=_("Cụm, khối thi đua, ngành"), method="by_group")

    class Meta:
        model = UnitVersion
        fields: list[str] = []

    def __init__(self, data=None, queryset=None, *, on: date, now: Regrouped | None = None, **options):
        super().__init__(data, queryset, **options)
        self.on, self.now = on, now
        self.paths: dict[str, str] = {}  # of places that were asked for

    def by_name(self, rows, name, value):
        return named(rows, value, name="search", code="code")

    def by_place(self, rows, name, value):
        if self.now:
            return rows.filter(unit__in=self.now.units(self.now.key_of(value)))
        path = self._path(value)
        return rows.filter(path__startswith=path) if path else rows.none()

    def _path(self, value: str) -> str:
        """The path of the place, asked once for the list and its counts; without script it is named in words."""
        if value not in self.paths:
            path = place_path(self.queryset, value)
            if path is None:
                place, _others = unit_meant(self.queryset.filter(kind__in=TERRITORIES), value, on=self.on)
                path = place.path if place else ""
            self.paths[value] = path
        return self.paths[value]

    def by_group(self, rows, name, value):
        return rows.filter(unit__in=members_on(value, self.on))

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
