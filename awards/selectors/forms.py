"""Forms of commendation as they were regulated on a date."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from movement.core.text import normalise_name

from ..enums import FormCode, RecipientKind
from ..models import AwardForm


def forms_on(on: date, province_id: int | None = None) -> dict[str, AwardForm]:
    """``{code: form}`` in force on a date, in the usual order; a province's own row before the default."""
    rows = AwardForm.objects.filter(Q(province=None) | Q(province=province_id), valid__contains=on)
    found: dict[str, AwardForm] = {}
    for row in sorted(rows, key=lambda row: (row.rank, row.province_id is None)):
        found.setdefault(row.code, row)
    return found


def _words(*sources) -> dict[str, str]:
    return {normalise_name(str(word)): code for code, word in sources}


_FORM_WORDS = _words(*((code.value, code.label) for code in FormCode), *((code.value, code.value) for code in FormCode))
_KIND_WORDS = _words(
    *((kind.value, kind.label) for kind in RecipientKind),
    *((kind.value, kind.value) for kind in RecipientKind),
    (RecipientKind.HOUSEHOLD.value, "hộ"),
)


def form_code(text: str, forms: dict[str, AwardForm] | None = None) -> str | None:
    """The code that ``text`` is, or names in words."""
    key = normalise_name(text)
    if key in _FORM_WORDS:
        return _FORM_WORDS[key]
    return next((code for code, form in (forms or {}).items() if normalise_name(form.name) == key), None)


def recipient_kind(text: str) -> str | None:
    """The code of a kind of recipient, from itself or its word."""
    return _KIND_WORDS.get(normalise_name(text))
