"""``./run test`` and ``./run bench``."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count

from .bootstrap import ensure_packages
from .console import LauncherError, say
from .installation import Installation
from .libraries import BROWSER, chromium, ensure_browser, ensure_pango
from .locks import open_lock, try_lock
from .services import Services
from .signals import Interrupted, signals

# What differs between processes that share out the suite.
APART = ("PORTAL_DATA", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


@contextmanager
def own_area(installation: Installation) -> Iterator[tuple[Installation, int]]:
    """A data folder for one run of the tests alone: `test`, or `test-2` … while other runs go on. With its lock."""
    for number in count(1):
        area = replace(installation, data=installation.data / ("test" if number == 1 else f"test-{number}"), fast=True)
        handle = open_lock(area.state / "run.lock")
        try:
            if try_lock(handle):
                yield area, handle
                return
        finally:
            os.close(handle)


def processes(installation: Installation, arguments: list[str]) -> int:
    """Over how many processes the suite is shared out: one a core, at most four.

    One where ``arguments`` name a file or folder of the tests (a process would cost more than it saves) or say
    themselves how to share out the work, and where the servers are somebody else's: each process has its own.
    """
    named = [word for word in arguments if not word.startswith("-")]
    named = [word for word in named if (installation.checkout / word.split("::")[0]).exists()]
    if named or any(word.startswith(("-n", "--numprocesses", "--dist")) for word in arguments):
        return 1
    return 1 if Services(installation).postgres is None else min(len(os.sched_getaffinity(0)), 4)


def test(installation: Installation, arguments: list[str]) -> int:
    """pytest with real servers of its own; with CI=true refused where the browser tests cannot run."""
    ensure_packages(installation, "dev")
    ensure_pango(installation, needed=True)
    browser = ensure_browser(installation)
    if not browser and os.environ.get("CI", "").lower() in {"true", "1"}:
        raise LauncherError(f"no working {' and '.join(BROWSER)}; under CI the browser tests are not left out.")
    with ExitStack() as stack:
        environments, locks = [], []
        for _process in range(processes(installation, arguments)):
            area, own = stack.enter_context(own_area(installation))
            portal = Services(area)
            # The tests hold the locks too: a killed launcher leaves them running.
            locks += [own, stack.enter_context(portal.in_use())]
            if not environments:
                portal.prepare.compile_translations()
            portal.start_servers(migrate_new=False)
            (area.data / "static").mkdir(exist_ok=True)  # nothing is collected for tests, and WhiteNoise would warn
            environments.append(portal.environment)
        env = {**environments[0], "DJANGO_SETTINGS_MODULE": "movement.settings.test"}
        if browser:
            env["PORTAL_CHROMIUM"] = chromium()
        else:
            env["PORTAL_WITHOUT_BROWSER"] = "1"  # tests/conftest.py leaves them out
        command = [str(installation.python), "-m", "pytest", *arguments]
        if len(environments) > 1:
            # movement/settings/test.py gives each process the servers that are its own
            env["PORTAL_TEST_AREAS"] = json.dumps([{name: each[name] for name in APART} for each in environments])
            command += [f"--numprocesses={len(environments)}", "--dist=loadfile", "--no-loadscope-reorder"]
        status = signals.run(command, env=env, cwd=installation.checkout, pass_fds=locks)
    if not browser:
        say(
            "\n!!! THE BROWSER TESTS WERE LEFT OUT: no working Chromium and poppler on this machine. !!!\n"
            f"!!! As root, type: apt-get install {' '.join(BROWSER)}\n!!! and run the tests again."
        )
    return status


def bench(installation: Installation, arguments: list[str]) -> int:
    """Benchmarks with everything up; each writes ``bench/results/NAME.json`` itself. The first that fails ends it."""
    folder = installation.checkout / "bench"
    known = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    if len(arguments) > 1 or (arguments and arguments[0] not in known):
        sys.stderr.write(f"usage: ./run bench [name]\nnames: {' '.join(known)}\n")
        return 2
    ensure_packages(installation, "dev")
    ensure_pango(installation, needed=True)
    portal = Services(installation)
    results = folder / "results"
    results.mkdir(exist_ok=True)
    with portal.in_use() as using:
        portal.serving.wait(portal.start(keep=False))
        env = {**portal.environment, "PYTHONPATH": str(installation.checkout), "BENCH_RESULTS": str(results)}
        for name in arguments or known:
            say(f"--- {name}")
            command = [str(installation.python), str(folder / f"{name}.py")]
            status = signals.run(command, env=env, cwd=installation.checkout, pass_fds=(using,))
            if signals.received:
                raise Interrupted(signals.received)
            if status:
                return status
    return 0
