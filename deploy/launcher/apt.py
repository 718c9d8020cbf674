"""Debian's and Ubuntu's packages: installed where we may, unpacked beside the data where we may not."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from .console import Progress, say, tail
from .installation import Installation


@cache
def rights() -> list[str] | None:
    """What to put before apt-get to install for the whole machine, or None where that is not allowed."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def install(installation: Installation, packages: list[str]) -> bool:
    """Install for the whole machine; False where that is not allowed or fails."""
    before = rights()
    if before is None:
        return False
    log = installation.logs / "apt.log"
    command = [
        *(*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-o", "DPkg::Lock::Timeout=300"),
        *("install", "--no-install-recommends", *packages),
    ]
    with Progress(f"Installing {' '.join(packages)} with apt") as progress:
        if _run(command, log, progress):
            return True
        update = [*before, "apt-get", "-y", "update"]
        if _run(update, log, progress) and _run(command, log, progress):
            return True
    say(f"  apt did not install them. {log} ends with:\n{tail(log, 6)}")
    return False


def unpack(installation: Installation, packages: list[str], target: Path) -> bool:
    """Without any rights: download the packages with all they lack here and unpack them into ``target``."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return False
    work = installation.data / "apt"
    lists, cache_folder, debs = work / "lists", work / "cache", work / "debs"
    for folder in (lists / "partial", cache_folder / "archives" / "partial", debs):
        folder.mkdir(parents=True, exist_ok=True)
    options = [
        *("-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={cache_folder}", "-o", "Debug::NoLocking=1"),
        *("-o", "APT::Install-Recommends=0", "-o", "APT::Sandbox::User="),
    ]
    log = installation.logs / "apt.log"
    with Progress(f"Fetching {' '.join(packages)} (without rights to install)") as progress:
        if not _run(["apt-get", *options, "update"], log, progress):
            say(f"  apt did not get its lists. {log} ends with:\n{tail(log, 6)}")
            return False
        # A trial run names just what this machine lacks of the packages and of all they need.
        trial = subprocess.run(
            ["apt-get", *options, "-s", "install", *packages], capture_output=True, check=False, text=True
        )
        wanted = sorted({line.split()[1] for line in trial.stdout.splitlines() if line.startswith("Inst ")})
        if trial.returncode or not wanted:
            say(f"  apt finds no way to get them:\n{trial.stderr[-600:]}")
            return False
        if not _run(["apt-get", *options, "download", *wanted], log, progress, cwd=debs):
            say(f"  apt did not download them. {log} ends with:\n{tail(log, 6)}")
            return False
        half = target.with_name(target.name + ".new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        for deb in sorted(debs.glob("*.deb")):
            if not _run(["dpkg", "-x", str(deb), str(half)], log, progress):
                return False
        shutil.rmtree(target, ignore_errors=True)
        half.rename(target)
        shutil.rmtree(work)
    return True


def _run(command: list[str], log: Path, progress: Progress, cwd: Path | None = None) -> bool:
    with open(log, "ab") as output:
        output.write(f"$ {' '.join(command)}\n".encode())
        output.flush()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=cwd)
        try:
            while True:
                try:
                    return child.wait(timeout=5) == 0
                except subprocess.TimeoutExpired:
                    progress.note(tail(log, 1).strip()[:100])
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
