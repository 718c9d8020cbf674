"""What ``check_integrity`` proves. Each app registers its own proofs, the lower ones know none of the upper."""

from __future__ import annotations

from collections.abc import Callable, Iterable

_CHECKS: dict[str, tuple[str, Callable[[], Iterable[str]]]] = {}


def register_check(name: str, title: str, check: Callable[[], Iterable[str]]) -> None:
    """``check()`` yields a Vietnamese sentence for each thing that differs; none when all is well."""
    _CHECKS[name] = (title, check)


def checks() -> list[tuple[str, str, Callable[[], Iterable[str]]]]:
    """``(name, title, check)`` in the order of their names."""
    return [(name, *_CHECKS[name]) for name in sorted(_CHECKS)]
