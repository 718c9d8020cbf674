"""Identifiers that stand in addresses: sortable by time, not guessable."""

from ulid import ULID


def new_ulid() -> str:
    """26 characters, capital letters and digits."""
    return str(ULID())
