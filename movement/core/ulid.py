"""Identifiers: those that stand in addresses, and those that are read out over the telephone."""

import secrets

from ulid import ULID

_LEGIBLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is taken for something else


def new_ulid() -> str:
    """26 characters, capital letters and digits; sortable by time, not guessable."""
    return str(ULID())


def new_reference() -> str:
    """Names one failure in the log and on the screen: ``K7Q2-9MXD``."""
    letters = "".join(secrets.choice(_LEGIBLE) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
