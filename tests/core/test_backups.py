"""A backup is taken, brought into an empty database, and everything is as it was; or it is refused with the reason."""

import json
import os
import shutil
import subprocess
import sys
from io import BytesIO
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction

from movement.accounts.models import User
from movement.audit.models import Entry
from movement.audit.services import Act, record
from movement.core import store
from movement.core.backups import DUMP, FILES, MANIFEST, backup_make, backup_read
from movement.core.files import file_keep, file_remove
from movement.core.problems import Refused
from tests.database.base import as_owner
from tests.factories.ground import account, legacy_ground
from tests.factories.trail import sealed

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Thị trấn Nàng Mau"


@pytest.fixture
def filled():
    """A small portal: places, an account, two files of which one is removed, a sealed trail."""
    province, _district, commune = legacy_ground()
    user = account("staff", province, username="canbo")
    keep = {"content_type": "application/pdf", "actor": user, "unit_id": commune.unit_id, "kind": "tests"}
    kept = file_keep(BytesIO(b"mot tep " + uuid4().bytes), name="giữ.pdf", **keep)
    gone = file_keep(BytesIO(b"tep huy " + uuid4().bytes), name="hủy.pdf", **keep)
    file_remove(file=gone, actor=user, reason="Tải nhầm")
    with transaction.atomic():
        record(user, Act("tests.act", "Một việc.", unit_id=commune.unit_id))
    assert sealed()
    return kept, gone


@pytest.fixture
def empty(tmp_path):
    """``restore(folder, *arguments)`` into a database and a folder of its own; answers ``(status, last JSON line)``."""
    name = f"restored_{uuid4().hex[:8]}"
    run = _owner_sql(f"CREATE DATABASE {name}")
    run()
    addresses = {
        key: urlsplit(os.environ[key])._replace(path=f"/{name}").geturl()
        for key in ("DATABASE_URL", "DATABASE_OWNER_URL")
        if key in os.environ
    }
    env = {
        **os.environ,
        **addresses,
        "PORTAL_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "movement.settings.test",
    }
    env.pop("FILES_URL", None)

    def manage(*arguments):
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *map(str, arguments), "--json"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        lines = done.stdout.strip().splitlines()
        assert lines, done.stderr[-2000:]
        return done.returncode, json.loads(lines[-1])

    yield manage
    # Not by force: the owner may not end an autovacuum at work there, and PostgreSQL itself tells it to go.
    _owner_sql(f"DROP DATABASE {name}")()


def _owner_sql(sql):
    def run():
        with as_owner(connection), connection._nodb_cursor() as cursor:
            cursor.execute(sql)

    return run


def test_a_backup_comes_back_whole_in_an_empty_target(filled, empty, tmp_path):
    kept, _gone = filled
    made = backup_make(tmp_path / "ban-sao", actor="thử")

    status, said = empty("restore", tmp_path / "ban-sao")

    assert (status, said["problems"], said["files"]) == (0, [], 1)
    status, again = empty("backup", tmp_path / "lan-hai")  # what was restored holds what the first one held
    passing = {"django_session", "django_migrations", "audit_entry"}
    assert status == 0
    assert {k: n for k, n in again["rows"].items() if k not in passing} == {
        k: n for k, n in made["rows"].items() if k not in passing
    }
    assert backup_read(tmp_path / "lan-hai")["files"] == {kept.sha256: kept.size}
    assert empty("check_integrity") == (
        0,
        {"checks": dict.fromkeys(empty("check_integrity")[1]["checks"], 0), "problems": []},
    )
    status, unit = empty("unit", "93", "--on", "2023-01-01")
    assert (status, unit["name"]) == (0, "Tỉnh Hậu Giang")


def test_a_target_with_data_is_only_replaced_when_told(filled, empty, tmp_path):
    backup_make(tmp_path / "ban-sao", actor="thử")
    assert empty("restore", tmp_path / "ban-sao")[0] == 0

    status, said = empty("restore", tmp_path / "ban-sao")
    assert (status, [p["code"] for p in said["problems"]]) == (1, ["target_in_use"])

    assert empty("restore", tmp_path / "ban-sao", "--replace")[0] == 0


@pytest.mark.parametrize(
    ("harm", "code", "named"),
    [
        (lambda folder, sha: (folder / MANIFEST).unlink(), "not_a_backup", None),
        (lambda folder, sha: (folder / MANIFEST).write_text("{"), "bad_manifest", None),
        (lambda folder, sha: (folder / DUMP).write_bytes(b"x"), "damaged", DUMP),
        (lambda folder, sha: (folder / DUMP).unlink(), "missing", DUMP),
        (lambda folder, sha: (folder / FILES / sha).write_bytes(b"khac"), "damaged", FILES),
        (lambda folder, sha: (folder / FILES / sha).unlink(), "missing", FILES),
    ],
)
def test_a_damaged_or_partial_backup_is_refused_with_its_reason(filled, tmp_path, harm, code, named):
    kept, _gone = filled
    folder = tmp_path / "ban-sao"
    backup_make(folder, actor="thử")
    harm(folder, kept.sha256)

    with pytest.raises(Refused) as refused:
        backup_read(folder)

    (problem,) = refused.value.problems
    assert problem.code == code
    assert named is None or str(problem.value).startswith(named)


def test_a_damaged_backup_writes_nothing_into_the_target(filled, empty, tmp_path):
    kept, _gone = filled
    backup_make(tmp_path / "ban-sao", actor="thử")
    (tmp_path / "ban-sao" / FILES / kept.sha256).write_bytes(b"khac")

    status, said = empty("restore", tmp_path / "ban-sao")

    assert (status, [p["code"] for p in said["problems"]]) == (1, ["damaged"])
    assert not (tmp_path / "data" / "files").exists()


def test_a_backup_of_a_newer_version_is_refused(filled, tmp_path):
    folder = tmp_path / "ban-sao"
    backup_make(folder, actor="thử")
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["migrations"].append("units.9999_sau_nay")
    (folder / MANIFEST).write_text(json.dumps(manifest))

    with pytest.raises(Refused) as refused:
        backup_read(folder)

    assert [(p.code, p.value) for p in refused.value.problems] == [("newer_version", "units.9999_sau_nay")]


def test_what_an_emergency_removal_destroyed_is_in_no_backup(filled, tmp_path):
    kept, gone = filled
    backup_make(tmp_path / "ban-sao", actor="thử")

    assert {path.name for path in (tmp_path / "ban-sao" / FILES).iterdir()} == {kept.sha256}
    assert gone.sha256 not in backup_read(tmp_path / "ban-sao")["files"]


def test_a_file_that_was_lost_before_is_named_and_does_not_hinder_the_rest(filled, tmp_path):
    kept, _gone = filled
    store.files.remove(kept.sha256)

    made = backup_make(tmp_path / "ban-sao", actor="thử")

    assert (made["missing"], made["files"]) == ([kept.sha256], 0)
    assert backup_read(tmp_path / "ban-sao")["rows"]["accounts_user"] == User.objects.count()


def test_a_folder_with_something_in_it_is_not_written_to(filled, tmp_path):
    (tmp_path / "ghi.txt").write_text("của tôi")

    with pytest.raises(Refused) as refused:
        backup_make(tmp_path, actor="thử")

    assert [p.code for p in refused.value.problems] == ["folder_in_use"]
    assert [path.name for path in tmp_path.iterdir()] == ["ghi.txt"]


def test_a_backup_that_was_cut_off_is_never_taken_for_a_whole_one(filled, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # no pg_dump here

    with pytest.raises(Refused) as refused:
        backup_make(tmp_path / "ban-sao", actor="thử")

    assert [p.code for p in refused.value.problems] == ["no_pg_dump"]
    assert not (tmp_path / "ban-sao").exists()
    shutil.rmtree(tmp_path / "ban-sao.dang-ghi", ignore_errors=True)
    assert not Entry.objects.filter(action="backup.make").exists()
