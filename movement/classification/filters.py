"""Filters of the list of results; they live in the address."""

from datetime import date

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from movement.core.text import search_q
from units.enums import Kind
from units.selectors.groups import members_on
from units.selectors.places import place_path
from units.selectors.regrouping import Regrouped
from units.selectors.search import unit_meant

from .enums import UNPUBLISHED, State
from .models import Assessment

SORTS = {"name": ("name_sort", "pk"), "points": ("-rank", "name_sort", "pk"), "points_up": ("rank", "name_sort", "pk")}


class ResultFilter(filters.FilterSet):
    """Over the results of one campaign, annotated with ``rank`` (``views``).

    ``places`` are the versions of the campaign's tree, as it is ``on`` a day, that the user may read; with ``now`` a place is one of today's
    communes, under which the results are regrouped. ``result`` is a class code, or ``none`` for what has no class.
    """

    q = filters.CharFilter(
        label=_("Tên hoặc mã"),
        method="by_name",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": 100}),
    )
    place = filters.CharFilter(label=_("Địa bàn"), method="by_place")
    kind = filters.ChoiceFilter(
        label=_("Loại đơn vị"), field_name="unit_kind", choices=Kind.choices, empty_label=_("Mọi loại đơn vị")
    )
    state = filters.ChoiceFilter(
        label=_("Bước"),
        method="by_state",
        choices=[*State.choices, (UNPUBLISHED, _("Chưa công bố"))],
        empty_label=_("Mọi bước"),
    )
    result = filters.CharFilter(method="by_result", widget=forms.HiddenInput)
    group = filters.CharFilter(label=_("Cụm, khối thi đua, ngành"), method="by_group")
    sort = filters.ChoiceFilter(choices=[(name, name) for name in SORTS], method="unsorted", widget=forms.HiddenInput)
    campaign = filters.CharFilter(method="unsorted", widget=forms.HiddenInput)
    tree = filters.CharFilter(method="unsorted", widget=forms.HiddenInput)

    class Meta:
        model = Assessment
        fields: list[str] = []

    def __init__(self, *args, places: QuerySet, on: date, now: Regrouped | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.places, self.on, self.now = places, on, now
        if not self.data.get("place") and self.data.get("place_q"):
            self.data = self.data.copy()
            self.data["place"] = self.data["place_q"]

    def by_name(self, rows, name, value):
        typed = value.strip()[:100]
        if not typed:
            return rows
        return rows.filter(search_q("search", typed) | Q(unit_code__istartswith=typed))

    def by_place(self, rows, name, value):
        if self.now:
            return rows.filter(self.now.inside(self.now.key_of(value)))
        path = place_path(self.places, value)
        if path is None:  # typed without script into a picker of many places
            places = self.places.filter(kind__in=[Kind.DISTRICT, Kind.COMMUNE])
            place, _others = unit_meant(places, value, on=self.on)
            path = place and place.path
        return rows.filter(path__startswith=path) if path else rows.none()

    def by_group(self, rows, name, value):
        """Members on the last day of the year, and what stands in a commune that is one; by points this is a ranking."""
        members = members_on(value, self.on)
        return rows.filter(Q(unit__in=members) | Q(commune_id__in=members))

    def by_state(self, rows, name, value):
        return rows.exclude(state=State.PUBLISHED) if value == UNPUBLISHED else rows.filter(state=value)

    def by_result(self, rows, name, value):
        return rows.filter(class_code="" if value == "none" else value)

    def unsorted(self, rows, name, value):
        """The order is the page's, the campaign chose the rows, the tree the places."""
        return rows

    def narrowed(self, *names: str) -> QuerySet:
        """The list under those of the filters only, for counts beside what they would add."""
        rows = self.queryset
        for name in names:
            rows = self.filters[name].filter(rows, self.form.cleaned_data.get(name))
        return rows

    def offer(self, name: str, choices: list, empty: str) -> None:
        """Draw a free field as a select of ``choices``."""
        self.form.fields[name].widget = forms.Select(choices=[("", empty), *choices])

    def hide(self, name: str) -> None:
        self.form.fields[name].widget = forms.HiddenInput()
