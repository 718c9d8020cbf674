"""The virtual environment in `.venv/`: made, filled with the pinned packages, left alone while they are the same."""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from . import apt
from .console import LauncherError, Progress, follow, say
from .installation import Installation
from .locks import alone

REQUIREMENTS = {"run": ["requirements.txt"], "dev": ["requirements.txt", "requirements-dev.txt"]}


def ensure_packages(installation: Installation, kind: str = "run") -> None:
    """Make sure that `.venv/` holds what ``kind`` (run, dev) needs; a few file reads when it does."""
    if _stamped(installation, kind):
        return
    venv = installation.venv
    venv.mkdir(exist_ok=True)
    with alone(venv / ".lock", "another ./run that installs the packages"):
        if _stamped(installation, kind):
            return
        unfinished = venv / ".unfinished"
        if unfinished.exists() or not _works(installation):
            _make(installation, unfinished)
        _install(installation, kind)
        for done in ("run", kind):
            _stamp(installation, done).write_text(wanted_packages(installation, done))
        unfinished.unlink(missing_ok=True)


def _stamp(installation: Installation, kind: str) -> Path:
    return installation.venv / f".installed-{kind}"


def wanted_packages(installation: Installation, kind: str = "run") -> str:
    """A hash that changes with the pinned packages."""
    digest = hashlib.sha256()
    for name in REQUIREMENTS[kind]:
        digest.update((installation.checkout / name).read_bytes())
    return digest.hexdigest()


def _stamped(installation: Installation, kind: str) -> bool:
    try:
        stamped = _stamp(installation, kind).read_text() == wanted_packages(installation, kind)
    except FileNotFoundError:
        return False
    return stamped and installation.python.exists()  # a dangling link after a change of Python does not exist


def _works(installation: Installation) -> bool:
    """The environment starts, with a pip of its own, and lies where it was made for."""
    if not installation.python.exists():
        return False
    asked = "import pip, sys; print(sys.version_info[:2] >= (3, 11))"
    done = subprocess.run([installation.python, "-c", asked], capture_output=True, check=False, text=True)
    return done.stdout.strip() == "True"


def _make(installation: Installation, unfinished: Path) -> None:
    """Make the environment anew; what a killed installation left is thrown away."""
    for path in installation.venv.iterdir():
        if path.name != ".lock":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    unfinished.touch()
    python = getattr(sys, "_base_executable", sys.executable)
    with Progress("Making the virtual environment"):
        if find_spec("venv") is None or find_spec("ensurepip") is None:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            say(f"  This Python ({python}) lacks venv or pip.")
            apt.install(installation, [f"python{version}-venv"])
        made = _venv(installation, python)
        if not made:
            _venv_by_hand(installation, python)


def _venv(installation: Installation, python: str, *options: str) -> bool:
    # A child of its own: what apt just installed is new to this process.
    done = subprocess.run(
        [python, "-m", "venv", *options, str(installation.venv)], capture_output=True, check=False, text=True, cwd="/"
    )
    return done.returncode == 0


def _venv_by_hand(installation: Installation, python: str) -> None:
    """Without ensurepip and without rights: an environment without pip, and pip out of Debian's own wheel."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    line = f"Python lacks venv or pip. As root, type: apt-get install python{version}-venv"
    for path in installation.venv.iterdir():
        if path.name not in {".lock", ".unfinished"}:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    if not _venv(installation, python, "--without-pip"):
        raise LauncherError(line)
    wheel = _pip_wheel(installation)
    if wheel is None:
        raise LauncherError(line)
    env = os.environ | {"PYTHONPATH": str(wheel)}
    command = [installation.python, "-m", "pip", "install", "--quiet", "--no-index", str(wheel)]
    done = subprocess.run(command, env=env, capture_output=True, check=False, text=True)
    if done.returncode:
        raise LauncherError(f"{line}\n{done.stdout[-600:]}{done.stderr[-600:]}")


def _pip_wheel(installation: Installation) -> Path | None:
    """Debian's wheel of pip: as installed, or unpacked from its package."""
    unpacked = installation.data / "pip"
    for root in (Path("/"), unpacked):
        found = sorted((root / "usr/share/python-wheels").glob("pip-*.whl"))
        if found:
            return found[-1]
    if apt.unpack(installation, ["python3-pip-whl"], unpacked):
        return next(iter(sorted((unpacked / "usr/share/python-wheels").glob("pip-*.whl"))), None)
    return None


def _install(installation: Installation, kind: str) -> None:
    """pip with the pinned lists; where packages come from is the machine's own setting."""
    pip = [str(installation.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    pip += ["--progress-bar=off", "--prefer-binary", "-r", str(installation.checkout / REQUIREMENTS[kind][-1])]
    total = sum(
        line.strip()[:1] not in {"", "#", "-"}
        for name in REQUIREMENTS[kind]
        for line in (installation.checkout / name).read_text().splitlines()
    )
    seen: set[str] = set()

    def note(line: str) -> str:
        words = line.split()
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            seen.add(words[1] if words[0] == "Collecting" else words[3])
            return f"{min(len(seen), total)} of {total} packages"
        return "installing them" if line.startswith("Installing collected packages") else ""

    with Progress(f"Installing {total} pinned packages") as progress:
        child = subprocess.Popen(
            pip, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/"
        )
        try:
            end = follow(child.stdout, progress, note)
            status = child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
    if status:
        raise LauncherError("pip did not install the packages. It ends with:\n    " + "\n    ".join(end[-20:]))
