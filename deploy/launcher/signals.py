"""Ctrl-C, SIGTERM and a closed terminal: passed to the child in front, else an ordinary exception."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


class Interrupted(BaseException):
    """Raised in the launcher by SIGINT, SIGTERM or SIGHUP; ``status`` is the shell's exit status for it."""

    def __init__(self, number: int) -> None:
        self.status = 128 + number


class Signals:
    def __init__(self) -> None:
        self.child: subprocess.Popen | None = None
        self.received = 0
        self.shielded = False

    def install(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def _handle(self, number, _frame) -> None:
        self.received = number
        if self.child is not None:
            # A terminal sends Ctrl-C to the whole group; a second one would cut the child's own tidying short.
            if number != signal.SIGINT or not os.isatty(0):
                self.child.send_signal(number)
        elif not self.shielded:
            raise Interrupted(number)

    @contextmanager
    def shield(self) -> Iterator[None]:
        """No interruption in here: what was started is stopped in full."""
        before, self.shielded = self.shielded, True
        try:
            yield
        finally:
            self.shielded = before

    def run(self, argv: list[str], **options) -> int:
        """Run a child in front and wait for it; its exit status as a shell gives it."""
        with self.shield():
            self.child = subprocess.Popen(argv, **options)
        try:
            status = self.child.wait()
        finally:
            self.child = None
        return 128 - status if status < 0 else status

    def lines(self, argv: list[str], **options) -> Iterator[str]:
        """Run a child in front and give its output line by line; raises ``CalledProcessError`` when it failed."""
        with self.shield():
            self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, encoding="utf-8", **options)
        try:
            yield from self.child.stdout
            status = self.child.wait()
        finally:
            child, self.child = self.child, None
            if child.poll() is None:
                child.terminate()
                child.wait()
        if self.received:
            raise Interrupted(self.received)
        if status:
            raise subprocess.CalledProcessError(status, argv)


signals = Signals()
