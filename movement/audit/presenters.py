"""Entries as the pages show them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from movement.accounts.enums import Role
from movement.classification.enums import State
from movement.core.dates import format_date
from movement.exemplars.enums import Life
from units.enums import Kind, Level

from .models import Entry
from .words import FIELDS, action_word

# Codes as words; what is no code of these stays as it is.
VALUES = {
    "state": {**dict(State.choices), **dict(Life.choices)},
    "role": dict(Role.choices),
    "kind": dict(Kind.choices),
    "managing_level": dict(Level.choices),
    "class": {
        "xuat_sac": "Xuất sắc", "kha": "Khá", "trung_binh": "Trung bình", "yeu": "Yếu", "dat": "Đạt", "chua_dat": "Chưa đạt",
    },
}  # fmt: skip

_MOST = 40  # lines of one table
_ULID = re.compile("[0-9A-HJKMNP-TV-Z]{26}")
_LONG = 300  # letters of a value


@dataclass(frozen=True, slots=True)
class Line:
    """One value before and after; an empty text where there was or is none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Shown:
    entry: Entry
    word: str
    lines: list[Line]


def shown(entries) -> list[Shown]:
    return [Shown(entry, action_word(entry.action), lines_of(entry)) for entry in entries]


def lines_of(entry: Entry) -> list[Line]:
    """Only what differs where both sides are kept."""
    before, after = _flat(entry.before), _flat(entry.after)
    names = [*before, *(name for name in after if name not in before)]
    both = bool(before) and bool(after)
    lines = [
        Line(_label(name), before.get(name, ""), after.get(name, ""))
        for name in names
        if not (both and before.get(name, "") == after.get(name, ""))
    ]
    return [line for line in lines if line.before or line.after][:_MOST]


def _flat(value, name: str = "value") -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, dict):
        # numbers of rows say nothing to a reader
        shown = {key: own for key, own in value.items() if not (key.endswith("_id") or key == "edit")}
        return {
            key: str(VALUES.get(key, {}).get(own, "")) or _text(own) if isinstance(own, str) else _text(own)
            for key, own in shown.items()
        }
    return {name: _text(value)}


def _label(name: str) -> str:
    word = FIELDS.get(name)
    return str(word) if word else name.replace("_", " ")


def _text(value) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return _("có") if value else _("không")
        case dict():
            text = "; ".join(f"{_label(key)}: {_text(own)}" for key, own in value.items() if own not in (None, ""))
        case list() if value and all(isinstance(one, str) and _ULID.fullmatch(one) for one in value):
            return str(len(value))  # which ones their own acts say
        case list():
            text = ", ".join(map(_text, value))
        case str():
            text = "" if _ULID.fullmatch(value) else _day(value)  # a number of ours says nothing to a reader
        case _:
            text = str(value)
    return f"{text[:_LONG]}…" if len(text) > _LONG else text


def _day(text: str) -> str:
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return format_date(date.fromisoformat(text))
        except ValueError:
            return text
    return text
