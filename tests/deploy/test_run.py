"""``./run`` as an operator calls it."""

import json
import os
import re
import signal
import socket

import pytest

from .conftest import Run, processes_of


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


@pytest.fixture
def run(shared_folder):
    command = Run(shared_folder / "data", free_port())
    yield command
    command("services", "stop")


def status(run: Run) -> tuple[dict[str, str], dict[str, int]]:
    """Service → state, and service → pid."""
    rows = [json.loads(line) for line in run("services", "status", "--json").stdout.splitlines()][:-1]
    return {row["service"]: row["state"] for row in rows}, {row["service"]: row["pid"] for row in rows}


ALL = ("postgres", "valkey", "web", "worker-reports", "worker-default", "scheduler")


def test_services_start_and_stop_twice_and_survive_kill(run):
    assert (run("services", "start").returncode, run("services", "start").returncode) == (0, 0)
    states, before = status(run)
    assert states == dict.fromkeys(ALL, "running")

    for name in ALL:
        os.kill(before[name], signal.SIGKILL)
    again = run("services", "start")
    assert again.returncode == 0, again.stderr
    assert run("manage", "check").stdout == "System check identified no issues (0 silenced).\n"
    states, after = status(run)  # what `services start` holds, `manage` leaves
    assert states == dict.fromkeys(ALL, "running")
    assert not set(before.values()) & set(after.values())

    os.kill(after["web"], signal.SIGKILL)  # its children go on listening
    assert (run("services", "stop").returncode, run("services", "stop").returncode) == (0, 0)
    assert processes_of(run.data) == {}
    assert status(run)[0] == dict.fromkeys(ALL, "stopped")


def test_manage_passes_output_and_status_and_stops_what_it_started(run):
    good = run("manage", "shell", "-v0", "-c", "print('Đường')")
    bad = run("manage", "no_such_command")

    assert (good.returncode, good.stdout) == (0, "Đường\n")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert processes_of(run.data) == {}


def test_two_commands_at_once_share_the_servers(run):
    wait = "import time; from django.db import connection as c; c.ensure_connection(); time.sleep({}); c.cursor()"
    children = [run.start("manage", "shell", "-v0", "-c", wait.format(seconds)) for seconds in (0, 2)]

    results = [(child.communicate(timeout=120), child.returncode) for child in children]

    assert [status for _, status in results] == [0, 0], results
    assert processes_of(run.data) == {}


def test_a_killed_launcher_leaves_its_command_the_servers_and_the_next_one_tidies_up(run):
    child = run.start("manage", "shell", "-v0", "-c", "print('up', flush=True); import time; time.sleep(60)")
    assert child.stdout.readline() == "up\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()

    assert run("manage", "check").returncode == 0
    left = processes_of(run.data)
    assert any("postgres" in line for line in left.values())  # the orphaned command still works on them

    for pid, line in left.items():
        if "time.sleep(60)" in line:
            os.kill(pid, signal.SIGKILL)
    assert run("manage", "check").returncode == 0
    assert processes_of(run.data) == {}


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGINT))
def test_an_interrupted_command_leaves_no_process(run, number):
    child = run.start("manage", "shell", "-v0", "-c", "print('up', flush=True); import time; time.sleep(60)")
    assert child.stdout.readline() == "up\n"

    child.send_signal(number)
    child.wait(timeout=60)

    assert child.returncode != 0
    assert processes_of(run.data) == {}


def test_a_database_that_does_not_know_vietnamese_letters_is_refused(running, folder):
    running.postgres.query("CREATE DATABASE plain TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
    address = re.sub("/portal$", "/plain", running.postgres.url("portal_owner"))
    run = Run(folder / "other", free_port(), (("DATABASE_URL", address),))

    refused = run("manage", "check")

    assert refused.returncode == 1
    assert "does not know Vietnamese letters" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_with_servers_of_ones_own_none_is_started(running, folder):
    own = (("DATABASE_URL", running.postgres.url("portal_app")), ("REDIS_URL", running.valkey.url))
    run = Run(folder / "other", free_port(), (*own, ("DATABASE_OWNER_URL", running.postgres.url("portal_owner"))))

    done = run("manage", "check", "--database", "default")

    assert done.returncode == 0, done.stderr
    assert not (run.data / "servers").exists()


def test_a_taken_port_is_said_in_one_sentence(run):
    with socket.socket() as line:
        line.bind(("127.0.0.1", run.port))
        line.listen()

        refused = run("services", "start")

    assert refused.returncode == 1
    assert f"Port {run.port} is taken" in refused.stderr
    assert processes_of(run.data) == {}


def test_unusable_arguments_are_status_2(run):
    assert [run(*arguments).returncode for arguments in ((), ("nonsense",), ("services", "dance"))] == [2, 2, 2]
