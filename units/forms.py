"""What the pages of units ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from movement.core.dates import format_date, parse_date

from .picker import UnitField, UnitPicker, offer_places, pick_place

__all__ = ["DayField", "DayForm", "UnitField", "UnitPicker", "offer_places", "pick_place"]


class DayField(forms.CharField):
    """A date typed as dd/mm/yyyy or ISO; shown as dd/mm/yyyy."""

    widget = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "size": 10, "maxlength": 10})

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


class DayForm(forms.Form):
    """As of which day the register is read; the last day counts, as a clerk writes it."""

    on = DayField(label=_("Tính đến ngày"), required=False)
