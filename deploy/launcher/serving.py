"""Web, workers and scheduler: how each is started, asked whether it answers, and ended."""

import errno
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property

from .console import LauncherError, Progress
from .installation import Installation
from .processes import Process

PORT_PATIENCE = 10  # seconds
# A worker finishes its part (about 2 s) on TERM; on QUIT it drops it, and another takes it up again.
STEPS = ((signal.SIGTERM, 6.0), (signal.SIGQUIT, 4.0), (signal.SIGKILL, 5.0))

PING = """
import sys, time
from celery import Celery
from django.conf import settings
app = Celery(broker=settings.CELERY_BROKER_URL)
wanted, found = set(sys.argv[2:]), set()
end = time.monotonic() + float(sys.argv[1])
while wanted - found and time.monotonic() < end:
    for answer in app.control.ping(timeout=0.5, destination=sorted(wanted - found)):
        found |= set(answer)
print(' '.join(found))
"""


@dataclass(frozen=True)
class Serving:
    installation: Installation
    environment: dict[str, str]

    @cached_property
    def _commands(self) -> dict[str, list[str]]:
        """Name → arguments after ``python -m``.

        The long parts of a summary have a worker of their own, so that a seal, a sweep or a letter never waits
        behind a page of tables.
        """
        checkout = str(self.installation.checkout)
        celery = ["celery", "-A", "movement", "--workdir", checkout]
        worker = [*celery, "worker", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
        schedule = self.installation.state / "schedule"
        return {
            "web": [
                *("gunicorn", "movement.wsgi:application", "--chdir", checkout, "--preload"),
                *("--bind", f"127.0.0.1:{self.installation.port}", "--worker-class=gthread"),
                *("--workers=2", "--threads=8", "--timeout=60", "--graceful-timeout=5", "--no-control-socket"),
                *("--access-logfile=-", "--name", f"portal:{self.installation.port}"),
            ],
            "worker-reports": [*worker, "--queues=reports", "--concurrency=2", "--hostname", self._node("reports")],
            "worker-default": [*worker, "--queues=default", "--concurrency=1", "--hostname", self._node("default")],
            "scheduler": [*celery, "beat", "--loglevel=INFO", "--pidfile=", "--schedule", str(schedule)],
        }

    def _node(self, queue: str) -> str:
        """A worker's name among all that share a broker."""
        return f"{queue}@{self.installation.id}"

    @cached_property
    def processes(self) -> list[Process]:
        return [Process(self.installation, name) for name in self._commands]

    # --- start -----------------------------------------------------------------------------------
    def start(self) -> list[Process]:
        """Start what is down; gives it, to be waited for."""
        down = [process for process in self.processes if process.pid is None]
        for process in down:
            process.stop(STEPS)  # what a killed one left in its session, above all on the web's port
            if process.name == "web":
                self._refuse_taken_port()
            command = [str(self.installation.python), "-m", *self._commands[process.name]]
            process.start(command, env=self.environment, cwd=self.installation.checkout)
        return down

    def wait(self, started: list[Process]) -> None:
        """Until the web answers, and of the workers those just started."""
        web = self.processes[0]
        if not started and self.web_answers():
            return
        with Progress(f"Waiting for {', '.join(process.name for process in started) or web.name}"):
            web.wait_until(self.web_answers, seconds=120, what="The web server")
            waiting = {p.name.removeprefix("worker-"): p for p in started if p.name.startswith("worker-")}
            deadline = time.monotonic() + 120
            while waiting and time.monotonic() < deadline and all(process.pid for process in waiting.values()):
                for name in self.workers_answering(sorted(waiting), 5):
                    waiting.pop(name, None)
            for name, process in waiting.items():  # says whether it ended or is silent
                process.wait_until(lambda: False, seconds=0, what=f"The worker “{name}”")
            for process in started:
                process.wait_until(lambda process=process: process.pid is not None, seconds=0, what=process.name)

    def _refuse_taken_port(self) -> None:
        """Children of a web server that was killed hold its port until they notice, a second or a few later."""
        deadline = time.monotonic() + PORT_PATIENCE
        while True:
            try:
                with socket.socket() as line:
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    line.bind(("127.0.0.1", self.installation.port))
                return
            except OSError as error:
                if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                    time.sleep(0.2)
                    continue
                raise LauncherError(
                    f"Port {self.installation.port} is taken by another program or not allowed ({error.strerror}). "
                    f"Take another one: PORTAL_PORT={self.installation.port % 60000 + 1} ./run …"
                ) from error

    # --- answers ---------------------------------------------------------------------------------
    def web_answers(self) -> bool:
        import http.client

        # As through the web server in front: in production another host is refused and plain HTTP sent away.
        host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip(" .") or f"localhost:{self.installation.port}"
        headers = {"Host": host, "X-Forwarded-Proto": "https"}
        line = http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=10)
        try:
            line.request("GET", "/healthz", headers=headers)
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def workers_answering(self, queues: list[str], seconds: float) -> set[str]:
        """For which of the queues a worker answers a ping within that time."""
        command = [self.installation.python, "-c", PING, str(seconds), *map(self._node, queues)]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
            cwd=self.installation.checkout,
        )
        return {name.partition("@")[0] for name in done.stdout.split()}

    def status(self) -> list[dict]:
        queues = [p.name.removeprefix("worker-") for p in self.processes if p.name.startswith("worker-") and p.pid]
        answering = self.workers_answering(queues, 3) if queues else set()
        rows = []
        for process in self.processes:
            if process.name == "web":
                answers = process.pid is not None and self.web_answers()
            else:
                answers = process.name == "scheduler" or process.name.removeprefix("worker-") in answering
            state = "stopped" if process.pid is None else "running" if answers else "starting"
            rows.append({"service": process.name, "state": state, "pid": process.pid})
        return rows

    # --- stop ------------------------------------------------------------------------------------
    def stop(self) -> list[str]:
        """Signalled all at once, for the wait for the slowest to be the only one. Gives the names of what ran."""
        running = [process for process in self.processes if process.pid or process.members()]
        for process in running:
            if process.pid:
                os.kill(process.pid, signal.SIGTERM)
        for process in running:
            process.stop(STEPS)
        return [process.name for process in running]
