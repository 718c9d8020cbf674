"""The embedded servers: what a killed, foreign or older one leaves must not stand in the way."""

import os
import signal
import subprocess

import pytest
import redis

from deploy.launcher.console import LauncherError
from deploy.launcher.ground import LONGEST_SOCKET_FOLDER

from .conftest import SERVER_USER

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="as an ordinary user the servers run as that user")


def kill(server) -> None:
    os.kill(server.process.pid, signal.SIGKILL)


def sleeper() -> subprocess.Popen:
    """Another program of the servers' user."""
    return subprocess.Popen(["sleep", "60"], **SERVER_USER)


def test_the_database_knows_vietnamese_letters(running):
    letters = "SELECT lower('Đ') || initcap('ưu') || (show_trgm('đư') = show_trgm('du'))::text"
    running.postgres.query("CREATE EXTENSION IF NOT EXISTS pg_trgm")

    assert running.postgres.query(letters) == "đƯufalse"


def test_the_app_can_become_nothing_and_the_owner_can_become_the_app(running):
    assert running.postgres.query("SET ROLE portal_app; SELECT current_user") == "portal_app"
    assert running.postgres.query("SET ROLE portal_owner; SELECT 1", role="portal_app") is None
    assert running.postgres.query("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user", "portal_app") == "f"


def test_killed_servers_come_back_with_what_they_held(running):
    running.postgres.query("CREATE TABLE held AS SELECT 42 AS it")
    broker = redis.Redis(unix_socket_path=str(running.valkey.socket))
    broker.set("held", "42")
    broker.execute_command("WAITAOF", 1, 0, 5000)

    kill(running.postgres)
    kill(running.valkey)
    running.start_servers(migrate_new=False)

    assert running.postgres.query("SELECT it FROM held") == "42"
    assert redis.Redis(unix_socket_path=str(running.valkey.socket)).get("held") == b"42"


@pytest.mark.parametrize("holder", ("another program", "a zombie", "nobody"))
def test_a_stale_pid_file_does_not_block_the_start(running, holder):
    other = sleeper()
    try:
        kill(running.postgres)
        while running.ground.processes_in(running.postgres.data, "postgres"):
            pass
        if holder != "another program":
            other.kill()
        if holder == "nobody":
            other.wait()
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            path = running.postgres.data / name if name == "postmaster.pid" else running.ground.sockets / name
            lines = path.read_text().splitlines()
            path.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")

        running.start_servers(migrate_new=False)

        assert running.postgres.answers()
        assert (other.poll() is None) == (holder == "another program")
    finally:
        other.kill()
        other.wait()


def test_stop_ends_no_process_that_only_has_the_recorded_number(running):
    other = sleeper()
    try:
        pid = running.valkey.process.pid
        record = running.valkey.process.record
        record.write_text(record.read_text().replace(str(pid), str(other.pid)))

        running.stop()

        assert other.poll() is None
        assert running.ground.processes_in(running.valkey.data, "valkey-server") == []
    finally:
        other.kill()
        other.wait()


def test_servers_whose_record_was_lost_are_taken_over(running):
    before = (running.postgres.process.pid, running.valkey.process.pid)
    for server in (running.postgres, running.valkey):
        server.process.record.unlink()
        server.start()

    assert (running.postgres.process.pid, running.valkey.process.pid) == before
    running.stop()
    assert not running.postgres.answers()
    assert not running.valkey.answers()


def test_a_torn_message_file_costs_messages_not_the_start(running):
    running.valkey.stop()
    for path in (running.valkey.data / "appendonlydir").glob("*.incr.aof"):
        path.write_text("*3\r\n$3\r\nSET\r\nthis is no command\r\n" * 3)

    running.valkey.start()

    assert running.valkey.answers()


def test_two_data_folders_side_by_side(running, folder, services):
    first, second = running, services(folder / "second")
    second.start_servers(migrate_new=False)
    first.postgres.query("CREATE TABLE only_here AS SELECT 1 AS it")

    assert second.postgres.query("SELECT it FROM only_here") is None
    first.stop()
    assert not first.postgres.answers()
    assert second.postgres.answers() and second.valkey.answers()


def test_a_long_path_with_spaces_and_marks_gets_short_sockets(folder, services):
    portal = services(folder / ("Dữ liệu của tỉnh Hậu Giang " * 4).strip())

    portal.start_servers(migrate_new=False)

    assert len(os.fsencode(portal.ground.sockets)) <= LONGEST_SOCKET_FOLDER
    assert portal.ground.sockets.stat().st_mode & 0o777 == 0o700
    assert portal.postgres.answers() and portal.valkey.answers()


def test_another_major_version_stops_with_instructions_and_changes_nothing(folder, services):
    portal = services(folder / "data")
    portal.ground.folder("postgres")
    (portal.postgres.data / "PG_VERSION").write_text("15\n")

    with pytest.raises(LauncherError, match="PostgreSQL 15; this portal brings 18"):
        portal.start_servers(migrate_new=False)

    assert [path.name for path in portal.postgres.data.iterdir()] == ["PG_VERSION"]


def test_a_first_start_that_was_killed_leaves_no_half_database(folder, services):
    portal = services(folder / "data")
    half = portal.ground.area / "postgres.new-1234"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    portal.start_servers(migrate_new=False)

    assert sorted(path.name for path in portal.ground.area.glob("postgres*")) == ["postgres"]


@as_root
def test_under_a_closed_parent_the_servers_move_and_the_parent_keeps_its_mode(tmp_path, services):
    tmp_path.chmod(0o700)
    portal = services(tmp_path / "data")

    portal.start_servers(migrate_new=False)

    assert portal.ground.area.parent.as_posix() == "/var/lib"
    assert portal.installation.id in portal.ground.area.name
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert portal.postgres.answers() and portal.valkey.answers()
