"""What Python packages cannot bring: pango for WeasyPrint, and for the tests Chromium and poppler's tools."""

import ctypes
import os
import shutil
import subprocess
import time
from functools import cache
from html import escape
from pathlib import Path

from . import apt
from .console import LauncherError, say
from .installation import Installation

PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
PANGO_FILES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0", "libfontconfig.so.1")
BROWSER = ["chromium", "poppler-utils"]
TRY_AGAIN_AFTER = 3600


def pango_line() -> str:
    return f"WeasyPrint needs pango. As root, type: apt-get install {' '.join(PANGO)}"


def _on_machine() -> bool:
    try:
        for name in PANGO_FILES:
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _unpacked(installation: Installation) -> Path | None:
    """The folder of unpacked libraries, where an earlier start laid them."""
    found = sorted((installation.data / "libraries").glob("usr/lib/*/libpango-1.0.so.0"))
    return found[0].parent if found else None


def ensure_pango(installation: Installation, *, needed: bool) -> None:
    """Get pango the first way that works; where none does, stop with the one line to type.

    Where it is not ``needed`` (a command that may draw no page) it only says so, and tries again after an hour.
    """
    if _on_machine() or _unpacked(installation):
        return
    given_up = installation.state / "no-pango"
    if not needed and given_up.exists() and time.time() - given_up.stat().st_mtime < TRY_AGAIN_AFTER:
        return
    if apt.install(installation, PANGO) or apt.unpack(installation, PANGO, installation.data / "libraries"):
        given_up.unlink(missing_ok=True)
        return
    given_up.touch()
    if needed:
        raise LauncherError(pango_line())
    say(pango_line())


def environment(installation: Installation) -> dict[str, str]:
    """Variables by which children find unpacked libraries; empty where the machine has its own."""
    folder = None if _on_machine() else _unpacked(installation)
    if folder is None:
        return {}
    known = os.environ.get("LD_LIBRARY_PATH", "")
    found = {"LD_LIBRARY_PATH": f"{folder}{os.pathsep}{known}".rstrip(os.pathsep)}
    if not Path("/etc/fonts/fonts.conf").exists():
        found["FONTCONFIG_FILE"] = str(_font_settings(installation))
    return found


def _font_settings(installation: Installation) -> Path:
    """Without a single font to fall back on pango fails, and the unpacked settings name the machine's own folders."""
    path = installation.data / "libraries" / "fonts.conf"
    if not path.exists():
        fonts = escape(str(installation.data / "libraries" / "usr" / "share" / "fonts"))
        cache_folder = escape(str(installation.data / "libraries" / "font-cache"))
        text = (
            '<?xml version="1.0"?>\n<fontconfig>\n'
            f"<dir>{fonts}</dir>\n<dir>/usr/share/fonts</dir>\n<cachedir>{cache_folder}</cachedir>\n</fontconfig>\n"
        )
        half = path.with_name(f"fonts.conf.{os.getpid()}")
        half.write_text(text, encoding="utf-8")
        half.replace(path)
    return path


@cache
def chromium() -> str | None:
    """A Chromium that starts (Ubuntu's package is only a pointer to another store)."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            try:
                done = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60)
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0:
                return path
    return None


def ensure_browser(installation: Installation) -> bool:
    """Chromium and poppler's tools, installed where we may; False: the browser tests cannot run."""
    if not (chromium() and shutil.which("pdftotext")):
        apt.install(installation, BROWSER)
        chromium.cache_clear()
    return bool(chromium() and shutil.which("pdftotext"))
