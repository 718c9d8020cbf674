"""Texts in cells of a spreadsheet: none starts a formula, and what was put before it is taken off again."""

# What makes a program compute a cell; the last four are the full-width forms.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def protect(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would compute it."""
    return "'" + text if _needs_apostrophe(text) else text


def unprotect(text: str) -> str:
    """What ``protect`` was given. An apostrophe that a user put before an ordinary text stays."""
    return text[1:] if text[:1] == "'" and _needs_apostrophe(text[1:]) else text


def _needs_apostrophe(text: str) -> bool:
    # An apostrophe already there gets a second one, so that one can always be taken off again.
    return text.startswith(STARTS) or text.lstrip().startswith(STARTS) or text.startswith("'")
