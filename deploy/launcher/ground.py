"""The ground the two embedded servers stand on: as which user they run, and in which folders.

PostgreSQL refuses to run as root, so as root both run as *nobody*, from a copy of their programs in a folder that
*nobody* can reach. Where a parent of the data folder bars the way, that folder is made under /var/lib.
"""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .console import LauncherError, say
from .installation import Installation

NOBODY = 65534
# sun_path holds 108 bytes with its closing zero; PostgreSQL adds "/.s.PGSQL.5432" to the folder.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")
# Other letters would have to be escaped differently in each of the addresses that name the sockets.
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")


def as_user(user: int | None, work: Callable[[], str]) -> str:
    """What ``work`` returns when done with the rights of ``user``, in a child of our own.

    Without CAP_SYS_PTRACE (a container's root lacks it) only the same user may read where a process stands.
    An exception in ``work`` gives an empty text.
    """
    if user is None:
        return work()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            os.write(writer, work().encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text


@dataclass(frozen=True)
class Ground:
    installation: Installation

    @cached_property
    def user(self) -> int | None:
        """Whom the servers run as; None: as we do."""
        return NOBODY if os.geteuid() == 0 else None

    @property
    def _moved(self) -> Path:
        """Names the area where it lies outside the data folder."""
        return self.installation.state / "servers-elsewhere"

    @property
    def made(self) -> bool:
        """Whether servers ever stood here."""
        return self._moved.exists() or (self.installation.data / "servers").exists()

    @cached_property
    def area(self) -> Path:
        """The folder of all that the two servers own, mode 0700, theirs alone."""
        inside = self.installation.data / "servers"
        if self._moved.exists():
            return self._elsewhere()
        if self.user is None or self._can_pass(self.installation.data):
            self._make(inside)
            return inside
        if inside.exists():
            raise LauncherError(
                f"The database lies in {inside}, but its user (nobody) may no longer pass a folder above it. "
                f"Give the folders above it the right to be passed (chmod o+x) and start again."
            )
        outside = Path("/var/lib") / f"portal-{self.installation.id}"
        self._make(outside)
        if not self._can_pass(outside):
            raise LauncherError(
                f"Neither {self.installation.data} nor {outside} can be reached by the servers' user (nobody). "
                f"Name a folder that others may pass: PORTAL_DATA=/srv/portal ./run …"
            )
        self._moved.write_text(f"{outside}\n")
        say(
            f"The database's user (nobody) may not pass a folder above {self.installation.data}; "
            f"the two servers' own files are in {outside}."
        )
        return outside

    def _elsewhere(self) -> Path:
        folder = Path(self._moved.read_text().strip())
        if not folder.is_dir():
            raise LauncherError(
                f"The database of {self.installation.data} lay in {folder}, which is gone. Bring the folder back, "
                f"or remove {self._moved} to start with an empty database and restore a backup."
            )
        return folder

    def _can_pass(self, folder: Path) -> bool:
        def look() -> str:
            os.stat(folder / ".")
            return "yes"

        folder.mkdir(parents=True, exist_ok=True)
        return as_user(self.user, look) == "yes"

    def _make(self, folder: Path) -> None:
        """A folder of the servers' user alone; its parents keep their modes."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.user is not None and folder.stat().st_uid != self.user:
            os.chown(folder, self.user, self.user)
        folder.chmod(0o700)

    def folder(self, name: str) -> Path:
        path = self.area / name
        self._make(path)
        return path

    @cached_property
    def sockets(self) -> Path:
        """Where both sockets lie: beside the data, or in a short folder when the path is too long or not plain."""
        beside = self.area / "sockets"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(str(beside)):
            self._make(beside)
            return beside
        short = Path("/tmp") / f"portal-{self.installation.id}"  # noqa: S108  (checked below)
        try:
            short.mkdir(mode=0o700)
        except FileExistsError:
            pass
        else:
            self._make(short)
        found = short.lstat()
        owner = os.geteuid() if self.user is None else self.user
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or stat.S_IMODE(found.st_mode) != 0o700:
            raise LauncherError(f"{short} is there and not ours; remove it and start again.")
        return short

    def programs(self, package: str, folders: list[str], leave_out: Callable[[str], bool]) -> Path:
        """The root of ``folders`` of a Python package: site-packages, or as root a copy the servers' user can reach.

        The copy keeps the folders' places, for the programs find their libraries beside themselves.
        """
        source = self.installation.packages
        if self.user is None:
            return source
        version = next(source.glob(f"{package}-*.dist-info")).name.removesuffix(".dist-info")
        copy = self.folder("programs") / version
        if not copy.exists():
            half = copy.with_name(f"{version}.new")
            shutil.rmtree(half, ignore_errors=True)
            for folder in folders:
                shutil.copytree(
                    source / folder,
                    half / folder,
                    symlinks=True,
                    ignore=lambda _folder, names: [name for name in names if leave_out(name)],
                )
            subprocess.run(["chmod", "-R", "a+rX", str(half)], check=True)
            half.rename(copy)
        return copy

    def processes_in(self, folder: Path, program: str) -> list[int]:
        """Running processes of the servers' user with that name whose working folder is ``folder``."""

        folder = Path(os.path.realpath(folder))

        def look() -> str:
            found = []
            for entry in os.listdir("/proc"):
                if entry.isdecimal():
                    try:
                        name = Path(f"/proc/{entry}/comm").read_text().strip()
                        if name == program and os.readlink(f"/proc/{entry}/cwd") == str(folder):
                            found.append(entry)
                    except OSError:
                        continue
            return " ".join(found)

        return [int(pid) for pid in as_user(self.user, look).split()]

    def environment(self) -> dict[str, str]:
        """For the servers' own programs: nothing of the caller's."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
