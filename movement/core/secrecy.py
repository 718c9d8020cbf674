"""State secrets and personal numbers stay out: what can be seen of them in a name or a text.

A mark alone in the first lines or in the file's name is refused; elsewhere it warns. Nothing here
finds what is on a scan: there the declaration of who uploads it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .text import fold, nfc

FIRST_LINES = 20

_MARK = r"(?:tuyệt mật|tối mật|mật)"
_ALONE = re.compile(rf"\W*(?:(?:độ|mức độ|dấu) mật\W+)?{_MARK}\W*", re.IGNORECASE)
_SET_APART = re.compile(r"\t|  +|\|")  # the two columns of a letterhead come on one line
_CAPITALS = re.compile(r"(?<!\w)(?<!BẢO )MẬT(?!\w)")
_TWO_WORDS = re.compile(r"(?<!\w)(?:tuyệt mật|tối mật)(?!\w)", re.IGNORECASE)
_NAME_PARTS = re.compile(r"[-–—_()\[\]{}.,;+]+")
_TWELVE_DIGITS = re.compile(r"(?<!\d)(?:\d{12}|\d{3}([ .-])\d{3}\1\d{3}\1\d{3}|\d{4}([ .-])\d{4}\2\d{4})(?!\d)")


def name_is_marked(name: str) -> bool:
    """Whether a mark stands alone in a file's name: ``[MẬT] ke hoach.pdf``, ``Kế hoạch MẬT.pdf``, ``toi mat.docx``."""
    for part in _NAME_PARTS.split(nfc(name)):
        words = part.split()
        text = " ".join(words)
        if _ALONE.fullmatch(text) or fold(text) in ("toi mat", "tuyet mat") or _TWO_WORDS.search(text):
            return True
        at_an_end = words and "MẬT" in (words[0], words[-1])
        if at_an_end and not text.isupper() and _CAPITALS.search(text):
            return True
    return False


def text_is_marked(lines: Iterable[str]) -> bool:
    """Whether a mark stands alone in one of the first lines."""
    filled = [line for line in map(nfc, lines) if line.strip()]
    return any(
        _ALONE.fullmatch(" ".join(piece.split()))
        for line in filled[:FIRST_LINES]
        for piece in _SET_APART.split(line.strip())
        if piece.strip()
    )


def text_mentions_mark(text: str) -> bool:
    """Whether a mark stands anywhere; BẢO MẬT is an ordinary word, so is "mật" in small letters."""
    text = " ".join(nfc(text).split())
    return bool(_TWO_WORDS.search(text) or _CAPITALS.search(text))


def twelve_digit_numbers(text: str) -> int:
    """How many numbers look like those of identity cards."""
    return sum(1 for _ in _TWELVE_DIGITS.finditer(text))
