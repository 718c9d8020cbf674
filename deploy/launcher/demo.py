"""``./run demo``: from a bare machine to a real year-end summary, then the portal to look at."""

import json
import subprocess
import sys
import time

from .bootstrap import ensure_packages
from .console import LauncherError, Progress, say
from .installation import Installation
from .libraries import ensure_pango
from .services import Services
from .signals import signals

YEAR, PROVINCE = "2023", "93"


def demo(installation: Installation, arguments: list[str]) -> int:
    serve = arguments != ["--no-serve"]
    if arguments and serve:
        sys.stderr.write("usage: ./run demo [--no-serve]\n")
        return 2
    begun = time.monotonic()
    ensure_packages(installation)
    ensure_pango(installation, needed=True)
    portal = Services(installation)
    with portal.in_use():
        started = portal.start(keep=False)
        with Progress("Loading the demonstration"):
            accounts = _json_command(portal, "load_demo", "--json").get("accounts", [])
        portal.serving.wait(started)  # they came up while the data were loaded
        out = installation.data / "demo"
        asked = ("year_report", "--year", YEAR, "--province", PROVINCE, "--out", str(out), "--wait", "--json")
        with Progress(f"Building the year-end summary of {YEAR} through the workers"):
            pdf = _pdf(_json_command(portal, *asked), out)
        say(f"The summary is there after {time.monotonic() - begun:.0f} s.")
        _show(installation, accounts)
        sys.stdout.write(f"{pdf}\n")  # alone on the last line, for a script to read
        sys.stdout.flush()
        if serve:
            say("Serving until Ctrl-C.")
            while not portal.stopped_elsewhere:
                time.sleep(2)
                portal.restart_what_died()
            say("Stopped from elsewhere (./run services stop).")
    return 0


def _json_command(portal: Services, *arguments: str) -> dict:
    """A management command's last line; the lines before it are its progress and are shown."""
    last = "{}"
    try:
        for line in signals.lines(portal.prepare.manage(*arguments), env=portal.environment, stdin=subprocess.DEVNULL):
            text = line.strip()
            if text.startswith("{"):
                last = text
            elif text:
                say(f"  {text}")
    except subprocess.CalledProcessError as error:
        raise LauncherError(f"{arguments[0]} failed (exit {error.returncode}): {last}") from error
    return json.loads(last)


def _pdf(report: dict, out) -> str:
    """The summary's path, from the report's list of files: paths, or rows with a path or a name."""
    for file in report.get("files", []):
        path = file if isinstance(file, str) else file.get("path") or file.get("name", "")
        if path.endswith(".pdf"):
            return str(out / path)
    raise LauncherError(f"year_report gave no PDF: {json.dumps(report, ensure_ascii=False)}")


def _show(installation: Installation, accounts: list[dict]) -> None:
    """The accounts, under the place and the year they belong to: name, password, role, where, what waits."""
    write = sys.stdout.write
    write(f"\nAddress   {installation.address}\n")
    for place in dict.fromkeys(account.get("place", "") for account in accounts):
        write(f"\n{place}\n")
        for account in accounts:
            if account.get("place", "") != place:
                continue
            where = f"{account.get('role', '')}, {account.get('where', '')}".strip(", ")
            write(f"Account   {account['username']:<16} {account['password']:<26} {where}\n")
            if account.get("waits"):
                write(f"{'':<54}{account['waits']}\n")
    write("\n")
