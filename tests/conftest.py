"""Fixtures of all tests. The servers are real: ``./run test`` starts them and names them in the environment."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(config, items):
    """Without a Chromium the browser's tests are left out; ``./run test`` then says so at the end.

    Shared out over processes, the files that take longest come first, so that none is left over at the end.
    """
    if os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=lambda item: item.path.parent.name not in {"browser", "deploy"})
    if os.environ.get("PORTAL_WITHOUT_BROWSER"):
        left_out = [item for item in items if item.get_closest_marker("browser")]
        items[:] = [item for item in items if not item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """A value that a test has read of the installation is not the next one's; tries to sign in neither."""
    yield
    from django.core.cache import cache

    cache.clear()


def pytest_terminal_summary(terminalreporter):
    """How large the matrix of rights was that held."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    asked = [n for report in reports for name, n in getattr(report, "user_properties", ()) if name == "matrix"]
    if asked:
        terminalreporter.write_line(f"matrix of rights: {sum(asked)} requests")


class Worker:
    """A Celery worker in a process of its own, on the tests' database and broker."""

    def __init__(self, *, queues: str, concurrency: int, include: str = "") -> None:
        from django.db import connection

        name = connection.settings_dict["NAME"]
        addresses = {
            key: urlsplit(os.environ[key])._replace(path=f"/{name}").geturl()
            for key in ("DATABASE_URL", "DATABASE_OWNER_URL")
            if key in os.environ
        }
        self.node = f"tests-{os.getpid()}-{time.monotonic_ns()}"
        command = [sys.executable, "-m", "celery", "-A", "movement", "worker", f"--queues={queues}"]
        command += [f"--concurrency={concurrency}", f"--hostname=w@{self.node}", "--loglevel=INFO"]
        command += ["--without-gossip", "--without-mingle"]
        if include:  # a module of the tests, with kinds of jobs of its own
            command += [f"--include={include}"]
        self.log = Path(os.environ["PORTAL_DATA"]) / "logs" / "test-worker.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, env={**os.environ, **addresses}, cwd=CHECKOUT, stdout=log, stderr=log, start_new_session=True
            )
        self._wait()

    def _wait(self) -> None:
        from movement.celery import app

        deadline = time.monotonic() + 60
        while not app.control.ping(timeout=0.3, destination=[f"w@{self.node}"]):
            end = self.log.read_text(errors="replace")[-2000:]
            assert self.process.poll() is None, f"the worker ended:\n{end}"
            assert time.monotonic() < deadline, f"the worker does not answer:\n{end}"

    def children(self) -> list[int]:
        """The pids of the processes that run the tasks."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self) -> None:
        """End it as a power cut does, with all its children."""
        self._signal_all("KILL")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        self._signal_all("KILL")

    def _signal_all(self, name: str) -> None:
        subprocess.run(["pkill", f"-{name}", "--session", str(self.process.pid)], check=False)
        self.process.wait(20)


@pytest.fixture
def start_worker(transactional_db) -> Iterator[Callable[..., Worker]]:
    """``start_worker(queues="reports,default", concurrency=2)`` → a running ``Worker``; all end with the test."""
    import redis

    # What earlier tests enqueued without a worker is nobody's work.
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()
    started = []

    def start(queues: str = "reports,default", concurrency: int = 2, include: str = "") -> Worker:
        started.append(Worker(queues=queues, concurrency=concurrency, include=include))
        return started[-1]

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def worker(start_worker) -> Worker:
    """A running worker for both queues."""
    return start_worker()
