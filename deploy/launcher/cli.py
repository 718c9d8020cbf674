"""The subcommands of ``./run``."""

import json
import sys

from .bootstrap import ensure_packages
from .console import LauncherError, say
from .demo import demo
from .installation import Installation
from .libraries import ensure_pango
from .services import Services
from .signals import Interrupted, signals
from .testing import bench, test

USAGE = """\
usage: ./run COMMAND

  demo [--no-serve]            install, start, load the demonstration, build a summary; serve until Ctrl-C
  test [pytest's arguments]    install, run every test, the browser's too
  manage COMMAND …             a management command; the servers are started for it where they are down
  bench [name]                 benchmarks; JSON into bench/results/
  install [dev]                only the packages (dev: with those of tests and benchmarks)
  services start|stop|status   everything in the background (status takes --json)

PORTAL_DATA names the folder that holds all state (default .data/), PORTAL_PORT the web port (default 8000).
DATABASE_URL and REDIS_URL name servers of your own; then none is started here.
"""


def main(arguments: list[str]) -> int:
    signals.install()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command in {"-h", "--help", "help"}:
        sys.stdout.write(USAGE)
        return 0
    known = {"demo": demo, "test": test, "manage": manage, "bench": bench, "install": install, "services": services}
    run = known.get(command)
    if run is None:
        sys.stderr.write(USAGE)
        return 2
    try:
        return run(Installation.from_environment(), rest)
    except LauncherError as error:
        say(f"./run: {error}")
        return 1
    except Interrupted as interrupted:
        return interrupted.status


def install(installation: Installation, arguments: list[str]) -> int:
    """The packages alone: for a machine that will have no line later, and for the checks of a change."""
    if arguments not in ([], ["dev"]):
        sys.stderr.write(USAGE)
        return 2
    ensure_packages(installation, *arguments)
    ensure_pango(installation, needed=True)
    return 0


# These make, check or fill the tables themselves, or need none.
WITHOUT_MIGRATION = {
    *("", "--help", "--version", "check", "collectstatic", "compilemessages", "createcachetable", "dbshell", "help"),
    *("makemessages", "makemigrations", "migrate", "restore", "showmigrations", "sqlmigrate"),
}


def manage(installation: Installation, arguments: list[str]) -> int:
    """``manage.py`` with the servers up; its output and exit status are its own."""
    ensure_packages(installation)
    ensure_pango(installation, needed=False)
    portal = Services(installation)
    with portal.in_use() as handle:
        portal.prepare.compile_translations()
        command = arguments[0] if arguments else ""
        portal.start_servers(migrate_new=command not in WITHOUT_MIGRATION)
        return signals.run(portal.prepare.manage(*arguments), env=portal.environment, pass_fds=(handle,))


def services(installation: Installation, arguments: list[str]) -> int:
    action, options = (arguments[0], arguments[1:]) if arguments else ("", [])
    if action not in {"start", "stop", "status"} or [o for o in options if not (o == "--json" and action == "status")]:
        sys.stderr.write(USAGE)
        return 2
    portal = Services(installation)
    if action == "stop":
        portal.stop()
        return 0
    ensure_packages(installation)
    if action == "status":
        return status(installation, portal, as_json=bool(options))
    ensure_pango(installation, needed=True)
    with portal.in_use():
        portal.start(keep=True)
    say(f"The portal answers at {installation.address}")
    return 0


def status(installation: Installation, portal: Services, *, as_json: bool) -> int:
    rows = portal.status()
    for row in rows:
        line = json.dumps(row) if as_json else f"{row['service']:16}{row['state']:10}{row['pid'] or ''}"
        sys.stdout.write(f"{line}\n")
    if as_json:
        up = all(row["state"] in {"running", "external"} for row in rows)
        end = {"running": up, "address": installation.address, "data": str(installation.data)}
        sys.stdout.write(json.dumps(end, ensure_ascii=False) + "\n")
    return 0
