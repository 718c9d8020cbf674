"""Numbers that look drawn and are not: a hash of a stable key, so that every run gives the same."""

from hashlib import blake2b


def roll(sides: int, *key: object) -> int:
    """An integer in ``[0, sides)`` that depends on ``key`` alone.

    NB: Python's own ``random`` promises the same floats between versions, but not the same choices.
    """
    text = "\x1f".join(map(str, key)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") % sides
