"""All that serves the portal, started in order, known again, stopped in the opposite order."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import libraries
from .console import LauncherError, say
from .database import External
from .ground import Ground
from .installation import Installation
from .locks import alone, open_lock, try_lock
from .postgres import APP, OWNER, Postgres
from .preparing import Preparation
from .processes import Process, boot_id
from .serving import Serving
from .signals import signals
from .valkey import Valkey


@dataclass(frozen=True)
class Services:
    installation: Installation

    # --- the two servers -------------------------------------------------------------------------
    @cached_property
    def ground(self) -> Ground:
        return Ground(self.installation)

    @cached_property
    def postgres(self) -> Postgres | None:
        """None when ``DATABASE_URL`` names another server."""
        return None if os.environ.get("DATABASE_URL") else Postgres(self.installation, self.ground)

    @cached_property
    def valkey(self) -> Valkey | None:
        return None if os.environ.get("REDIS_URL") else Valkey(self.installation, self.ground)

    @cached_property
    def external(self) -> External:
        return External(self.installation)

    @cached_property
    def environment(self) -> dict[str, str]:
        """What every child of the portal finds in its environment."""
        env = {**os.environ, **libraries.environment(self.installation)}
        env |= {
            "PORTAL_DATA": str(self.installation.data),
            "PORTAL_PORT": str(self.installation.port),
            "PYTHONUNBUFFERED": "1",
            "VIRTUAL_ENV": str(self.installation.venv),
        }
        env.setdefault("DJANGO_SETTINGS_MODULE", "movement.settings.development")
        env.pop("PYTHONHOME", None)
        path = [str(self.installation.venv / "bin"), os.environ.get("PATH", os.defpath)]
        if self.postgres:
            env |= {"DATABASE_URL": self.postgres.url(APP), "DATABASE_OWNER_URL": self.postgres.url(OWNER)}
            path.insert(0, str(self.postgres.clients))  # an older pg_dump of the machine's would refuse this server
        else:
            path.append(str(Postgres(self.installation, self.ground).clients))
        if self.valkey:
            env["REDIS_URL"] = self.valkey.url
        env["PATH"] = os.pathsep.join(path)
        return env

    @cached_property
    def prepare(self) -> Preparation:
        return Preparation(self.installation, self.environment, self.postgres)

    @cached_property
    def serving(self) -> Serving:
        return Serving(self.installation, self.environment)

    # --- who uses the servers --------------------------------------------------------------------
    @property
    def _keep_record(self) -> Path:
        return self.installation.state / "kept"

    @property
    def _kept(self) -> bool:
        """True between ``services start`` and ``stop``: nothing is stopped when the last user leaves."""
        record = self._keep_record
        return record.exists() and record.read_text() == boot_id()

    @property
    def _stop_record(self) -> Path:
        return self.installation.state / "stopped"

    @contextmanager
    def in_use(self) -> Iterator[int]:
        """While in here nobody stops what we use; whoever leaves last stops what nobody asked to keep.

        Gives the lock's handle: a child that inherits it goes on holding the servers if we are killed.
        """
        handle = open_lock(self.installation.state / "use.lock")
        fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            yield handle
        finally:
            with signals.shield():
                if try_lock(handle) and not self._kept:
                    self._stop_all()  # without a word: what ran in front has the last one
                os.close(handle)

    def _starting(self):
        return alone(self.installation.state / "start.lock", "another ./run that starts or stops the servers")

    # --- start -----------------------------------------------------------------------------------
    def start_servers(self, *, migrate_new: bool) -> None:
        """PostgreSQL and Valkey where they are down, and a first migration where none came to its end.

        Costs one query and one PING when both are up.
        """
        filled = self._filled()
        if filled is None or (self.valkey and not self.valkey.answers()):
            with self._starting():
                self._start_servers()
            filled = self._filled()
        if filled is None:
            raise LauncherError("The database does not answer.")
        if migrate_new and not (filled and self.prepare.migrated_once):
            with self._starting():  # waits for one that runs; then there is nothing left to do
                if not (self._filled() and self.prepare.migrated_once):
                    self.prepare.migrate()

    def _filled(self) -> bool | None:
        """Whether the database holds tables of ours; None when its server does not answer."""
        if self.postgres is None:
            return self.external.migrated()
        found = self.postgres.query("SELECT to_regclass('public.django_migrations') IS NOT NULL")
        return None if found is None else found == "t"

    def _start_servers(self) -> None:
        for server in (self.postgres, self.valkey):
            if server is not None and not server.answers():
                say(f"Starting {server.title}")
                server.start()

    def start(self, *, keep: bool) -> list[Process]:
        """Everything that is down, in order; gives what ``serving.wait`` has to wait for. Call inside ``in_use``."""
        with self._starting():
            self._stop_record.unlink(missing_ok=True)
            self._start_servers()
            if self.postgres is None:
                self.external.migrated()
            if self.valkey is None:
                self.external.check_redis()
            if self.prepare.migrations_pending:
                self.prepare.migrate()
            self.prepare.compile_translations()
            self.prepare.collect_static()
            started = self.serving.start()
            if keep:
                self.serving.wait(started)
                self._keep_record.write_text(boot_id())
        return started

    def restart_what_died(self) -> None:
        """For whoever serves in front: brings back a server or process that was killed meanwhile."""
        down = [process.name for process in self.serving.processes if process.pid is None]
        for server in (self.postgres, self.valkey):
            if server is not None and server.process.pid is None:
                down.append(server.name)
        if down:
            with self._starting():
                if not self.stopped_elsewhere:
                    say(f"{', '.join(down)} ended; starting again.")
                    self._start_servers()
                    self.serving.wait(self.serving.start())

    @property
    def stopped_elsewhere(self) -> bool:
        return self._stop_record.exists()

    # --- stop and status -------------------------------------------------------------------------
    def stop(self) -> None:
        """End everything, also what a killed launcher or server left behind."""
        with self._starting():
            self._keep_record.unlink(missing_ok=True)
            self._stop_record.touch()
            stopped = self._stop_all()
        say(f"Stopped {', '.join(stopped)}" if stopped else "Nothing was running.")

    def _stop_all(self) -> list[str]:
        """The names of what ran."""
        servers = [server for server in (self.valkey, self.postgres) if server is not None and self.ground.made]
        processes = Serving(self.installation, {})  # ends also where the packages are gone
        return processes.stop() + [server.name for server in servers if server.stop()]

    def status(self) -> list[dict]:
        """A row a service: name, state (running, starting, stopped, external), pid."""
        rows = []
        for name, server in (("postgres", self.postgres), ("valkey", self.valkey)):
            if server is None:
                rows.append({"service": name, "state": "external", "pid": None})
            else:
                pid = server.process.pid
                state = "running" if self.ground.made and server.answers() else "starting" if pid else "stopped"
                rows.append({"service": name, "state": state, "pid": pid})
        return rows + self.serving.status()
