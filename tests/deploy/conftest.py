"""Data folders of their own for the launcher's tests; nothing is left running and no folder stays."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.launcher.ground import NOBODY
from deploy.launcher.installation import CHECKOUT, Installation
from deploy.launcher.services import Services

SERVER_USER = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def new_folder() -> Path:
    """A folder that others may pass, as a data folder's parent usually is (``tmp_path`` is closed to them)."""
    path = Path(tempfile.mkdtemp(prefix="launcher-"))
    path.chmod(0o755)
    return path


@pytest.fixture
def folder() -> Iterator[Path]:
    path = new_folder()
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def shared_folder() -> Iterator[Path]:
    """One folder for the tests of a module: making a database takes longer than most of them."""
    path = new_folder()
    yield path
    Services(Installation(data=path / "data", port=1)).stop()
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def services(monkeypatch, folder, shared_folder) -> Iterator[Callable[[Path], Services]]:
    """``services(data)`` → the launcher's services on that folder, with embedded servers; all are stopped.

    It names the folders' fixtures so that they are removed after the servers ended.
    """
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    made: list[Services] = []

    def on(data: Path) -> Services:
        made.append(Services(Installation(data=data, port=1, fast=True)))
        return made[-1]

    yield on
    for portal in made:
        portal.stop()
        assert processes_of(portal.installation.data) == {}
        if portal.ground.area.parent == Path("/var/lib"):
            shutil.rmtree(portal.ground.area)


@pytest.fixture
def running(shared_folder, services) -> Services:
    """Both servers up."""
    portal = services(shared_folder / "data")
    portal.start_servers(migrate_new=False)
    return portal


@dataclass(frozen=True)
class Run:
    """``./run`` on a data folder and port of its own."""

    data: Path
    port: int
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def env(self) -> dict[str, str]:
        env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_OWNER_URL", "CI"}}
        for key in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
            env.pop(key, None)
        return {**env, "PORTAL_DATA": str(self.data), "PORTAL_PORT": str(self.port), **dict(self.extra)}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [CHECKOUT / "run", *arguments], env=self.env, capture_output=True, text=True, timeout=400, check=False
        )

    def start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [CHECKOUT / "run", *arguments], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )


def processes_of(data: Path) -> dict[int, str]:
    """Pid → command line of what runs for a data folder, by its arguments or its environment."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environ = (entry / "environ").read_bytes() if os.access(entry / "environ", os.R_OK) else b""
            except OSError:
                continue
            if str(data) in line or f"PORTAL_DATA={data}\0".encode() in environ:
                found[int(entry.name)] = line
    return found
