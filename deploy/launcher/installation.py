"""Where one copy of the portal lives: checkout, data folder, port, and what its children find in their environment."""

import os
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .console import LauncherError

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Installation:
    """One data folder with one port. ``fast`` servers may lose data with the machine: for tests only."""

    data: Path
    port: int = 8000
    fast: bool = False
    checkout: Path = field(default=CHECKOUT)

    @classmethod
    def from_environment(cls) -> "Installation":
        data = Path(os.environ.get("PORTAL_DATA") or CHECKOUT / ".data").expanduser().resolve()
        port = os.environ.get("PORTAL_PORT") or "8000"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise LauncherError(f"PORTAL_PORT must be a port between 1 and 65535, not “{port}”.")
        return cls(data=data, port=int(port))

    @property
    def venv(self) -> Path:
        return self.checkout / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @cached_property
    def state(self) -> Path:
        return self._folder("state")

    @cached_property
    def logs(self) -> Path:
        return self._folder("logs")

    def _folder(self, name: str) -> Path:
        path = self.data / name
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LauncherError(f"The data folder {self.data} cannot be written: {error.strerror}.") from error
        return path

    @cached_property
    def id(self) -> str:
        """Random, and kept in the data folder: names what has to lie outside it."""
        path = self.state / "id"
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            fresh = self.state / f"id.{os.getpid()}"
            fresh.write_text(secrets.token_hex(8))
            try:
                os.link(fresh, path)  # never overwrites: of two first starts one wins
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
            return path.read_text().strip()

    @cached_property
    def packages(self) -> Path:
        """The environment's site-packages."""
        found = sorted(self.venv.glob("lib/python3*/site-packages"))
        if not found:
            raise LauncherError(f"{self.venv} holds no packages; remove the folder and start again.")
        return found[-1]

    @property
    def address(self) -> str:
        """One host name for cookies and passkeys: never 127.0.0.1 beside it."""
        return f"http://localhost:{self.port}/"
