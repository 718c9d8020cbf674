"""What the launcher says: always on stderr, so that a command's own output stays untouched."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path


class LauncherError(Exception):
    """Something the operator has to know or do; the text is shown as it is, without a traceback."""


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, indented, for an error message."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join("    " + line for line in text.splitlines()[-lines:])


class Progress:
    """A long step: its title at once, then a line every few seconds, then how long it took."""

    def __init__(self, title: str, *, every: float = 5.0) -> None:
        self.title, self.every = title, every

    def __enter__(self) -> "Progress":
        self.begun = self.spoke = time.monotonic()
        say(f"{self.title} …")
        return self

    def note(self, text: str) -> None:
        now = time.monotonic()
        if now - self.spoke >= self.every:
            self.spoke = now
            say(f"  … {text or self.title.lower()} ({now - self.begun:.0f} s)")

    def __exit__(self, kind, *_rest) -> None:
        if kind is None:
            say(f"  done in {time.monotonic() - self.begun:.1f} s")


def follow(lines: Iterable[str], progress: Progress, note) -> list[str]:
    """Read a child's output to its end; ``note(line)`` gives what to show of it, or an empty text. Returns the end."""
    kept: list[str] = []
    for line in lines:
        kept = [*kept[-39:], line.rstrip()]
        text = note(line)
        if text:
            progress.note(text)
    return kept
