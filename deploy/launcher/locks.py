"""Locks between several ``./run`` on one data folder. The kernel drops them with their holder, also after kill -9."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import say


def open_lock(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def try_lock(handle: int) -> bool:
    """Take the lock alone if nobody holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def alone(path: Path, waiting_for: str) -> Iterator[None]:
    """Hold the lock alone; says what it waits for when somebody else has it."""
    handle = open_lock(path)
    try:
        if not try_lock(handle):
            say(f"Waiting for {waiting_for} …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
