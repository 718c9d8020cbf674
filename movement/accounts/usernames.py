"""Names to sign in with, proposed out of a person's name."""

from __future__ import annotations

import re

from movement.core.text import fold

_NOT_A_LETTER = re.compile("[^a-z0-9]+")


def username_proposed(name: str, taken: set[str]) -> str:
    """``an.nv`` for Nguyễn Văn An; ``an.nv2`` when that is among ``taken`` (small letters)."""
    words = [word for word in _NOT_A_LETTER.sub(" ", fold(name)).split() if word] or ["tai", "khoan"]
    start = words[-1] + ("." + "".join(word[0] for word in words[:-1]) if len(words) > 1 else "")
    start, found, number = start[:50], start[:50], 1
    while found in taken:
        number += 1
        found = f"{start}{number}"
    return found
