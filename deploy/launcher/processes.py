"""Background processes: started in a session of their own, known by pid *and* start time, ended with all they left.

A pid alone proves nothing: after ``kill -9`` it may belong to another program or to a zombie.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .console import LauncherError, tail
from .installation import Installation

LOG_LIMIT = 10 * 1024 * 1024


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@dataclass(frozen=True)
class Stat:
    """What /proc says of a process; ``started`` in clock ticks since boot."""

    state: str
    session: int
    started: int

    @classmethod
    def of(cls, pid: int | str) -> "Stat | None":
        """None when there is no such process or only its zombie is left."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            return None
        fields = text.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
        stat = cls(fields[0], int(fields[3]), int(fields[19]))
        return None if stat.state in "ZX" else stat


@dataclass(frozen=True)
class Process:
    """A background process of one data folder under its service's name."""

    installation: Installation
    name: str

    @property
    def record(self) -> Path:
        return self.installation.state / f"{self.name}.process"

    @property
    def log(self) -> Path:
        return self.installation.logs / f"{self.name}.log"

    def recorded(self) -> tuple[int, int] | None:
        """(pid, start time) of the last start on this boot."""
        try:
            data = json.loads(self.record.read_text())
            return (data["pid"], data["started"]) if data["boot"] == boot_id() else None
        except (OSError, ValueError, KeyError):
            return None

    @property
    def pid(self) -> int | None:
        """The running process, or None."""
        recorded = self.recorded()
        if recorded is None:
            return None
        stat = Stat.of(recorded[0])
        return recorded[0] if stat is not None and stat.started == recorded[1] else None

    def members(self) -> list[int]:
        """All that still runs in the session of the last start, also when its leader was killed."""
        recorded = self.recorded()
        if recorded is None:
            return []
        leader, started = recorded
        stat = Stat.of(leader)
        if stat is not None and stat.started != started:
            return []  # the number went to another program, so nobody of the old session is left
        running = ((int(entry), Stat.of(entry)) for entry in os.listdir("/proc") if entry.isdecimal())
        return [pid for pid, stat in running if stat and stat.session == leader and stat.started >= started]

    def adopt(self, pid: int) -> None:
        """Take over a running process whose record was lost."""
        stat = Stat.of(pid)
        if stat is not None:
            self.record.write_text(json.dumps({"pid": pid, "started": stat.started, "boot": boot_id()}))

    def start(self, argv: list[str], *, env: dict[str, str], cwd: Path, user: int | None = None) -> None:
        """Start in the background, output to the log file only; as ``user`` where given."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        boot = boot_id()
        as_user = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        with (
            open(self.record, "w", encoding="utf-8") as record,
            open(self.log, "ab") as log,
            open(os.devnull, "rb") as nothing,
        ):
            handle = record.fileno()

            def write_record() -> None:  # by the child itself: a launcher killed right here loses nothing
                stat = Stat.of(os.getpid())
                line = json.dumps({"pid": os.getpid(), "started": stat.started, "boot": boot})
                os.write(handle, line.encode())

            child = subprocess.Popen(
                argv,
                stdin=nothing,
                stdout=log,
                stderr=log,
                env=env,
                cwd=cwd,
                start_new_session=True,
                preexec_fn=write_record,  # noqa: PLW1509  (the launcher has no threads)
                **as_user,
            )
            child.returncode = 0  # not ours to wait for; silences the warning of Popen's destructor

    def wait_until(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Wait for ``ready()``; raises with the log's end when the process ends or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.pid is None:
                raise LauncherError(f"{what} ended while starting. {self.log} ends with:\n{tail(self.log)}")
            if time.monotonic() > deadline:
                raise LauncherError(f"{what} did not answer in time. {self.log} ends with:\n{tail(self.log)}")
            time.sleep(0.05)

    def stop(self, steps: tuple[tuple[signal.Signals, float], ...]) -> bool:
        """Signal the leader step by step, then kill what its session left. True when something ran."""
        if (recorded := self.recorded()) is not None:
            reap(recorded[0])
        pid = self.pid
        ran = pid is not None
        for number, seconds in steps:
            if self.pid is None:
                break
            send(pid, number)
            wait_for_end([pid], seconds)
        left = self.members()
        for member in left:
            send(member, signal.SIGKILL)
        wait_for_end(left, 5)
        self.record.unlink(missing_ok=True)
        return ran or bool(left)


def send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        raise LauncherError(
            f"Process {pid} belongs to another user; stop the portal as the user who started it."
        ) from error


def wait_for_end(pids: list[int], seconds: float) -> bool:
    """True when all have ended; a zombie has."""
    deadline = time.monotonic() + seconds
    while any(Stat.of(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    for pid in pids:
        reap(pid)
    return True


def reap(pid: int) -> None:
    """Take away the zombie of a process that we started ourselves; nobody else does while we live."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
