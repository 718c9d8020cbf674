"""All that serves the portal, started in order, known again, stopped in the opposite order."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import libraries
from .console import LauncherError, Progress, say
from .database import External
from .ground import Ground
from .installation import Installation
from .locks import alone, open_lock, try_lock
from .postgres import APP, OWNER, Postgres
from .processes import Process
from .signals import signals
from .valkey import Valkey

# A worker finishes its part (about 2 s) on TERM; on QUIT it drops it, and another takes it up again.
STEPS = ((signal.SIGTERM, 6.0), (signal.SIGQUIT, 4.0), (signal.SIGKILL, 5.0))


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

    def manage(self, *arguments: str) -> list[str]:
        return [str(self.installation.python), str(self.installation.checkout / "manage.py"), *arguments]

    # --- who uses the servers --------------------------------------------------------------------
    @property
    def _kept(self) -> Path:
        """Stands while ``services start`` holds: nothing is stopped when the last user leaves."""
        return self.installation.state / "kept"

    @property
    def _stopped(self) -> Path:
        return self.installation.state / "stopped"

    @contextmanager
    def in_use(self) -> Iterator[int]:
        """While in here nobody stops what we use; whoever leaves last stops what nobody asked to keep.

        Gives the lock's handle: a child that inherits it goes on holding the servers if we are killed.
        """
        handle = open_lock(self.installation.state / "use.lock")
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            yield handle
        finally:
            with signals.shield():
                if try_lock(handle) and not self._kept.exists():
                    self._stop_all()  # without a word: what ran in front has the last one
                os.close(handle)

    def _starting(self):
        return alone(self.installation.state / "start.lock", "another ./run that starts or stops the servers")

    # --- start -----------------------------------------------------------------------------------
    def start_servers(self, *, migrate_new: bool) -> None:
        """PostgreSQL and Valkey where they are down, and a first migration where there never was one.

        Costs one query and one PING when both are up.
        """
        migrated = self._migrated()
        if migrated is None or (self.valkey and not self.valkey.answers()):
            with self._starting():
                self._start_servers()
            migrated = self._migrated()
        if migrated is None:
            raise LauncherError("The database does not answer.")
        if not migrated and migrate_new:
            with self._starting():
                self.migrate()

    def _migrated(self) -> bool | None:
        """Whether the tables were ever made; None when the server does not answer."""
        if self.postgres is None:
            return self.external.migrated()
        found = self.postgres.query("SELECT to_regclass('public.django_migrations') IS NOT NULL")
        return None if found is None else found == "t"

    def _start_servers(self) -> None:
        for server in (self.postgres, self.valkey):
            if server is not None and not server.answers():
                say(f"Starting {server.title}")
                server.start()

    def migrate(self) -> None:
        self._prepare("Bringing the database up to date", "migrate", "--noinput", "--verbosity=1")

    def _prepare(self, title: str, *arguments: str) -> None:
        """A management command before anything is served; its output is shown only when it fails."""
        kept: list[str] = []
        with Progress(title) as progress:
            try:
                for line in signals.lines(
                    self.manage(*arguments), env=self.environment, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
                ):
                    kept = [*kept[-39:], line.rstrip()]
                    progress.note(line.strip())
            except subprocess.CalledProcessError as error:
                raise LauncherError(f"{title} failed:\n    " + "\n    ".join(kept)) from error

    def start(self, *, keep: bool) -> None:
        """Everything, until the web answers and both workers do. Call inside ``in_use``."""
        with self._starting():
            self._stopped.unlink(missing_ok=True)
            self._start_servers()
            if self.postgres is None:
                self.external.migrated()
            if self.valkey is None:
                self.external.check_redis()
            if not all(process.pid for process in self.processes):
                self.migrate()
                self.compile_translations()
                self._collect_static()
            self.start_processes()
            if keep:
                self._kept.touch()

    def compile_translations(self) -> None:
        """Catalogues newer than their compiled form are compiled; no gettext is needed."""
        stale = [
            source
            for source in self.installation.checkout.glob("locale/*/LC_MESSAGES/*.po")
            if not source.with_suffix(".mo").exists()
            or source.with_suffix(".mo").stat().st_mtime < source.stat().st_mtime
        ]
        if not stale:
            return
        program = (
            "import os, sys, polib\n"
            "for source in sys.argv[1:]:\n"
            "    target = source[:-3] + '.mo'\n"
            "    polib.pofile(source).save_as_mofile(target + '.new')\n"
            "    os.replace(target + '.new', target)\n"
        )
        done = subprocess.run(
            [self.installation.python, "-c", program, *map(str, stale)], capture_output=True, check=False, text=True
        )
        if done.returncode:
            raise LauncherError(f"The translations were not compiled:\n{done.stderr[-800:]}")

    def _collect_static(self) -> None:
        """Only when a file changed: compressing takes seconds."""
        stamp = self.installation.state / "static-files"
        wanted = f"{(self.installation.venv / '.installed-run').stat().st_mtime_ns}\n" + "\n".join(
            f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}"
            for folder in ("static", *self._app_folders())
            for path in sorted((self.installation.checkout / folder).rglob("*"))
            if path.is_file()
        )
        if not stamp.exists() or stamp.read_text() != wanted:
            self._prepare("Collecting the static files", "collectstatic", "--noinput", "--verbosity=1")
            stamp.write_text(wanted)

    def _app_folders(self) -> Iterator[str]:
        for pattern in ("*/static", "movement/*/static"):
            for path in sorted(self.installation.checkout.glob(pattern)):
                yield str(path.relative_to(self.installation.checkout))

    # --- web, workers, scheduler -----------------------------------------------------------------
    @cached_property
    def processes(self) -> list[Process]:
        return [Process(self.installation, name) for name in self._commands]

    @cached_property
    def _commands(self) -> dict[str, list[str]]:
        """Name → arguments after ``python -m``.

        The long parts of a summary have a worker of their own, so that a seal, a sweep or a letter never waits
        behind a page of tables.
        """
        celery = ["celery", "-A", "movement", "--workdir", str(self.installation.checkout)]
        worker = [*celery, "worker", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
        schedule = self.installation.state / "schedule"
        return {
            "web": [
                *("gunicorn", "movement.wsgi:application", "--chdir", str(self.installation.checkout)),
                *("--bind", f"127.0.0.1:{self.installation.port}", "--worker-class=gthread"),
                *("--workers=2", "--threads=8", "--timeout=60", "--graceful-timeout=5", "--no-control-socket"),
                *("--access-logfile=-", "--name", f"portal:{self.installation.port}"),
            ],
            "worker-reports": [
                *worker,
                "--queues=reports",
                "--concurrency=2",
                f"--hostname=reports@{self.installation.id}",
            ],
            "worker-default": [
                *worker,
                "--queues=default",
                "--concurrency=1",
                f"--hostname=default@{self.installation.id}",
            ],
            "scheduler": [*celery, "beat", "--loglevel=INFO", "--pidfile=", "--schedule", str(schedule)],
        }

    def start_processes(self) -> None:
        """What is down of web, workers and scheduler; waits for the answers."""
        down = [process for process in self.processes if process.pid is None]
        if not down:
            return
        with Progress(f"Starting {', '.join(process.name for process in down)}"):
            for process in down:
                process.stop(STEPS)  # what a killed one left in its session, above all on the web's port
                if process.name == "web":
                    self._refuse_taken_port()
                command = [str(self.installation.python), "-m", *self._commands[process.name]]
                process.start(command, env=self.environment, cwd=self.installation.checkout)
            for process in down:
                if process.name == "web":
                    process.wait_until(self.web_answers, seconds=60, what="The web server")
                elif process.name == "scheduler":
                    time.sleep(0.1)
            self._wait_for_workers([process for process in down if process.name.startswith("worker-")])

    def _refuse_taken_port(self) -> None:
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                line.bind(("127.0.0.1", self.installation.port))
            except OSError as error:
                raise LauncherError(
                    f"Port {self.installation.port} is taken by another program or not allowed ({error.strerror}). "
                    f"Take another one: PORTAL_PORT={self.installation.port % 60000 + 1} ./run …"
                ) from error

    def web_answers(self) -> bool:
        import http.client

        line = http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=10)
        try:
            line.request("GET", "/healthz", headers={"Host": f"localhost:{self.installation.port}"})
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def workers_answering(self, names: list[str], seconds: float) -> set[str]:
        """Which of the named workers answer a ping within that time."""
        program = (
            "import sys, time\n"
            "from celery import Celery\n"
            "from django.conf import settings\n"
            "app = Celery(broker=settings.CELERY_BROKER_URL)\n"
            "wanted, found = set(sys.argv[2:]), set()\n"
            "end = time.monotonic() + float(sys.argv[1])\n"
            "while wanted - found and time.monotonic() < end:\n"
            "    for answer in app.control.ping(timeout=0.5, destination=sorted(wanted - found)):\n"
            "        found |= set(answer)\n"
            "print(' '.join(found))\n"
        )
        done = subprocess.run(
            [
                self.installation.python,
                "-c",
                program,
                str(seconds),
                *(f"{name}@{self.installation.id}" for name in names),
            ],
            capture_output=True,
            check=False,
            text=True,
            env=self.environment,
            cwd=self.installation.checkout,
        )
        return {name.partition("@")[0] for name in done.stdout.split()}

    def _wait_for_workers(self, workers: list[Process]) -> None:
        waiting = {process.name.removeprefix("worker-"): process for process in workers}
        deadline = time.monotonic() + 60
        while waiting and time.monotonic() < deadline and all(process.pid for process in waiting.values()):
            for name in self.workers_answering(sorted(waiting), 5):
                waiting.pop(name, None)
        if waiting:
            # Names what is wrong with the first: ended, or silent.
            name, process = next(iter(waiting.items()))
            process.wait_until(lambda: False, seconds=0, what=f"The worker “{name}”")

    def restart_what_died(self) -> None:
        """For whoever serves in front: brings back a server or process that was killed meanwhile."""
        down = [process.name for process in self.processes if process.pid is None]
        for server in (self.postgres, self.valkey):
            if server is not None and server.process.pid is None:
                down.append(server.name)
        if down:
            with self._starting():
                if not self._stopped.exists():
                    say(f"{', '.join(down)} ended; starting again.")
                    self._start_servers()
                    self.start_processes()

    @property
    def stopped_elsewhere(self) -> bool:
        return self._stopped.exists()

    # --- stop and status -------------------------------------------------------------------------
    def stop(self) -> None:
        """End everything, also what a killed launcher or server left behind."""
        with self._starting():
            self._kept.unlink(missing_ok=True)
            self._stopped.touch()
            stopped = self._stop_all()
        say(f"Stopped {', '.join(stopped)}" if stopped else "Nothing was running.")

    def _stop_all(self) -> list[str]:
        """The names of what ran. Signalled all at once: the wait for the slowest is the only one."""
        running = [process for process in self.processes if process.pid or process.members()]
        for process in running:
            if process.pid:
                os.kill(process.pid, signal.SIGTERM)
        for process in running:
            process.stop(STEPS)
        servers = [server for server in (self.valkey, self.postgres) if server is not None and self.ground.made]
        return [process.name for process in running] + [server.name for server in servers if server.stop()]

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
        workers = [p.name.removeprefix("worker-") for p in self.processes if p.name.startswith("worker-") and p.pid]
        answering = self.workers_answering(workers, 3) if workers else set()
        for process in self.processes:
            if process.pid is None:
                state = "stopped"
            elif process.name == "web":
                state = "running" if self.web_answers() else "starting"
            elif process.name.startswith("worker-"):
                state = "running" if process.name.removeprefix("worker-") in answering else "starting"
            else:
                state = "running"
            rows.append({"service": process.name, "state": state, "pid": process.pid})
        return rows
