"""An office's telephone, e-mail, address and numbers: written field by field, so that two who write lose nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from movement.audit.services import Act, record
from movement.core.text import nfc

from ..models import Unit
from ..selectors import names_of

CONTACT_FIELDS = ("phone", "email", "address", "tax_code", "school_code")


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that somebody else changed meanwhile to something else than ``new``."""

    field: str
    stored: str
    new: str


class ContactConflict(Exception):
    """Nothing was written; ``clashes`` are the fields to look at again."""

    def __init__(self, clashes: list[Clash]):
        self.clashes = clashes
        super().__init__(", ".join(clash.field for clash in clashes))


@transaction.atomic
def unit_contact_set(*, unit: Unit, actor, base: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Write those of ``CONTACT_FIELDS`` that ``new`` changes from ``base``, what the writer had seen.

    A field is written if it still holds ``base``, and is a success if it holds ``new`` already. What the
    writer left alone stays as it is, whoever changed it. Returns the fields written.

    Raises:
        ContactConflict: every field that holds something else by now.
    """
    row = Unit.objects.select_for_update().get(pk=unit.pk)
    told = {name: (nfc(base.get(name, "")).strip(), nfc(new[name]).strip()) for name in CONTACT_FIELDS if name in new}
    asked = {name: value for name, (seen, value) in told.items() if value != seen}
    clashes = [
        Clash(name, getattr(row, name), value)
        for name, value in asked.items()
        if getattr(row, name) not in (told[name][0], value)
    ]
    if clashes:
        raise ContactConflict(clashes)
    before = {name: getattr(row, name) for name, value in asked.items() if getattr(row, name) != value}
    if not before:
        return []
    for name in before:
        setattr(row, name, asked[name])
    row.save(update_fields=list(before))
    sentence = f"Ghi liên hệ của “{names_of([row.pk]).get(row.pk, row.ulid)}”."
    after = {name: asked[name] for name in before}
    record(actor, Act("unit.contact", sentence, "units.unit", row.ulid, row.pk, before=before, after=after))
    return list(before)
