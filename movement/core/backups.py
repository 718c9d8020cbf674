"""The whole portal in a folder, and back: the database, then the files, with a manifest of hashes.

A backup is one moment: the database is dumped from one snapshot, and the files are those that the snapshot names. They
never change under their hash, so copying them afterwards loses nothing. What an emergency removal destroyed meanwhile is
left out, and the manifest says so. A backup that was cut off keeps another name and is never taken for a whole one.

Restoring looks at everything first (every hash, the version) and writes the database in one transaction: it is the old
one or the new one, never something between.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg2
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from movement.audit.services import Act, record

from . import store
from .enums import JOB_OPEN, JobState
from .models import Job, StoredFile
from .problems import Problem, Refused

FORMAT = 1
MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
_CHUNK = 1 << 20
_TABLES = """
SELECT relname FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""
# Everything in the database is the portal's; the extensions go and come with it.
_EMPTY = """
SET lock_timeout = '15s';
DO $do$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
    LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', found.nspname);
    END LOOP;
END
$do$;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""
RESTORED = "Bị dừng vì dữ liệu được khôi phục từ bản sao lưu; hãy yêu cầu lại."


def backup_make(folder: Path, *, actor) -> dict:
    """Write a backup into ``folder``, which must not exist or be empty. Returns its manifest without the list of files.

    ``missing`` of the manifest names files that were lost or damaged already; the backup holds everything else.

    Raises:
        Refused: ``folder_in_use``, ``no_pg_dump``, ``pg_dump_failed``. Nothing is left under that name then.
    """
    folder = Path(folder).absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(Problem("folder_in_use", "Thư mục này đã có dữ liệu; hãy chọn thư mục mới.", value=str(folder)))
    work = folder.with_name(f"{folder.name}.dang-ghi")
    shutil.rmtree(work, ignore_errors=True)
    (work / FILES).mkdir(parents=True, mode=0o700)
    try:
        manifest = {"format": FORMAT, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}
        manifest["migrations"] = sorted(f"{app}.{name}" for app, name in _loader().applied_migrations)
        with _snapshot() as (snapshot, cursor):
            cursor.execute(_TABLES)
            manifest["rows"] = {name: _count(cursor, name) for (name,) in cursor.fetchall()}
            cursor.execute("SELECT DISTINCT sha256, size FROM core_storedfile WHERE removed_at IS NULL ORDER BY sha256")
            wanted = dict(cursor.fetchall())
            _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", "--file", str(work / DUMP))
        manifest["database"] = _described(work / DUMP)
        manifest |= _copy_files(wanted, work / FILES)
        _write(work / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder).encode())
        if folder.exists():
            folder.rmdir()
        work.replace(folder)
        store.sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    told = {**manifest, "files": len(manifest["files"]), "migrations": len(manifest["migrations"])}
    with transaction.atomic():
        sentence = f"Sao lưu {sum(manifest['rows'].values())} dòng dữ liệu và {told['files']} tệp."
        record(actor, Act("backup.make", sentence, "core.backup", after={"sha256": manifest["database"]["sha256"]}))
    return told


def backup_read(folder: Path) -> dict:
    """The manifest of a whole, undamaged backup that this version can read; every file was compared with its hash.

    Raises:
        Refused: ``not_a_backup``, ``bad_manifest``, ``newer_version``, ``damaged``, ``missing`` (all at once).
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        sentence = "Thư mục này không phải là một bản sao lưu hoàn chỉnh: thiếu tệp kê manifest.json."
        raise Refused(Problem("not_a_backup", sentence, value=str(folder)))
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        known = manifest["format"] == FORMAT
        named = [
            (DUMP, manifest["database"]),
            *((f"{FILES}/{sha}", {"sha256": sha, "size": size}) for sha, size in manifest["files"].items()),
        ]
        names = set(manifest["migrations"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(
            Problem("bad_manifest", "Tệp kê manifest.json của bản sao lưu bị hỏng.", value=str(error))
        ) from error
    newer = sorted(names - {f"{app}.{name}" for app, name in _loader().disk_migrations})
    if not known or newer:
        sentence = "Bản sao lưu này do phiên bản mới hơn của cổng thông tin làm ra; hãy nâng cấp rồi khôi phục."
        raise Refused(Problem("newer_version", sentence, value=", ".join(newer[:3]) or str(manifest["format"])))
    problems = []
    for name, told in named:
        path = folder / name
        if not path.is_file():
            problems.append(Problem("missing", "Thiếu tệp này trong bản sao lưu.", value=name))
        elif _described(path) != told:
            problems.append(Problem("damaged", "Tệp này không khớp với mã băm trong tệp kê.", value=name))
    if problems:
        raise Refused(problems)
    return manifest


def backup_restore(folder: Path, *, actor, replace: bool = False) -> dict:
    """Put the backup in place of the database and its files into the store; counts of what is there afterwards.

    Everybody must sign in again. Jobs that were under way have to be asked for again. The trail goes on in a new
    ``epoch``: transactions of another server have numbers of their own.

    Raises:
        Refused: as ``backup_read``; ``target_in_use`` (without ``replace``), ``no_pg_restore``, ``restore_failed``,
            ``rows_differ``. The target is as it was, but for the last.
    """
    folder = Path(folder).absolute()
    manifest = backup_read(folder)
    if not replace and (there := _in_use()):
        sentence = f"Cơ sở dữ liệu đích đã có dữ liệu ({there}); thêm --replace nếu muốn thay toàn bộ."
        raise Refused(Problem("target_in_use", sentence))
    for sha in manifest["files"]:
        with (folder / FILES / sha).open("rb") as content:
            store.files.write(content)
    connection.close()
    _pour(folder / DUMP)
    _migrate()
    _settle(manifest)
    counts = _rows_now(manifest["rows"])
    with transaction.atomic():
        sentence = f"Khôi phục từ bản sao lưu làm lúc {manifest['made_at']}."
        record(actor, Act("backup.restore", sentence, "core.backup", after={"sha256": manifest["database"]["sha256"]}))
    return {
        "made_at": manifest["made_at"],
        "rows": counts,
        "files": len(manifest["files"]),
        "missing": manifest["missing"],
    }


# --- the database ---------------------------------------------------------------------------------


def _owner() -> dict:
    from movement.settings.base import database

    return {**database(owner=True), "NAME": connection.settings_dict["NAME"]}


def _link():
    """A connection of the owner's own."""
    owner = _owner()
    given = {"host": owner["HOST"], "port": owner["PORT"], "user": owner["USER"], "password": owner["PASSWORD"]}
    return psycopg2.connect(dbname=owner["NAME"], **{key: value for key, value in given.items() if value})


def _environment() -> dict[str, str]:
    owner = _owner()
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    return {**os.environ, **{key: str(owner[name]) for key, name in names.items() if owner.get(name)}}


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        sentence = f"Máy này không có lệnh {name} của PostgreSQL nên không sao lưu, khôi phục được."
        raise Refused(Problem(f"no_{name}", sentence))
    return found


def _run(name: str, *arguments: str) -> None:
    done = subprocess.run([_tool(name), *arguments], env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(Problem(f"{name}_failed", f"Lệnh {name} không làm được.", value=done.stderr.strip()[-500:]))


@contextmanager
def _snapshot():
    """``(name, cursor)`` of a snapshot that pg_dump can share, as the owner."""
    link = _link()
    try:
        link.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with link.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0], cursor
    finally:
        link.close()


def _count(cursor, table: str) -> int:
    cursor.execute(f'SELECT count(*) FROM public."{table}"')  # noqa: S608 - names come from the catalogue
    return cursor.fetchone()[0]


def _in_use() -> str:
    """What a database that is not empty holds, in words; empty for one without tables or with none of these."""
    names = {"accounts_user": "tài khoản", "units_unit": "đơn vị", "core_storedfile": "tệp"}
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        counts = {word: _count(cursor, table) for table, word in names.items() if table in there}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _pour(dump: Path) -> None:
    """Empty the database and fill it from the dump, in one transaction."""
    env = _environment()
    psql = _tool("psql")
    reading = subprocess.Popen(
        [_tool("pg_restore"), "--no-owner", "--file", "-", str(dump)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as first:
        first.write(_EMPTY)
        first.flush()
        writing = subprocess.run(
            [psql, "-X", "-q", "--single-transaction", "-v", "ON_ERROR_STOP=1", "-f", first.name, "-f", "-"],
            env=env, stdin=reading.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    reading.stdout.close()
    said = reading.stderr.read().decode(errors="replace")
    if writing.returncode or reading.wait():
        detail = (writing.stderr.strip() or said.strip())[-500:]
        sentence = "Không khôi phục được cơ sở dữ liệu; dữ liệu cũ còn nguyên."
        raise Refused(Problem("restore_failed", sentence, value=detail))


def _loader() -> MigrationLoader:
    return MigrationLoader(connection)


def _migrate() -> None:
    """An older backup is brought up to this version."""
    loader = _loader()
    if set(loader.disk_migrations) <= set(loader.applied_migrations):
        return
    command = [shutil.which("python") or "python", str(settings.BASE_DIR / "manage.py"), "migrate", "--noinput"]
    env = {**os.environ, "PORTAL_DB_ROLE": "owner"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=settings.BASE_DIR)
    if done.returncode:
        sentence = "Đã khôi phục, nhưng chưa nâng được cơ sở dữ liệu lên phiên bản này; hãy chạy lệnh migrate."
        raise Refused(Problem("migrate_failed", sentence, value=done.stderr.strip()[-500:]))


def _settle(manifest: dict) -> None:
    """What a restored database must not go on with: sessions, open jobs, contents destroyed since, the old epoch."""
    link = _link()
    with link, link.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(epoch), 0) + 1 FROM audit_entry")
        epoch = int(cursor.fetchone()[0])
        cursor.execute(f"ALTER TABLE audit_entry ALTER COLUMN epoch SET DEFAULT {epoch}")
    link.close()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
        cursor.execute("DELETE FROM usersessions_usersession")
        for sha, how in manifest["removed"].items():
            StoredFile.objects.filter(sha256=sha, removed_at__isnull=True).update(
                removed_at=how["at"], removed_by_name=how["by"], removed_reason=how["reason"]
            )
        Job.objects.filter(state__in=JOB_OPEN).update(
            state=JobState.FAILED, error_code="restored", error=RESTORED, finished_at=timezone.now()
        )


def _rows_now(rows: dict[str, int]) -> int:
    """How many rows there are; compared table by table with what the backup counted."""
    passing = {"django_session", "usersessions_usersession", "django_migrations"}
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        now = {name: _count(cursor, name) for name in rows if name in there}
    differ = [
        Problem(
            "rows_differ", f"Bảng {name}: bản sao lưu có {count} dòng, sau khôi phục có {now.get(name, 0)}.", value=name
        )
        for name, count in rows.items()
        if name not in passing and now.get(name) != count
    ]
    if differ:
        raise Refused(differ)
    return sum(now.values())


# --- the files ------------------------------------------------------------------------------------


def _copy_files(wanted: dict[str, int], folder: Path) -> dict:
    """Copy contents under their hash; ``{files: {sha256: size}, missing: [sha256], removed: {sha256: who and why}}``."""
    kept, missing = {}, []
    for sha, size in wanted.items():
        try:
            with store.files.open(sha) as content, (folder / sha).open("wb") as copy:
                shutil.copyfileobj(content, copy, _CHUNK)
                copy.flush()
                os.fsync(copy.fileno())
        except store.Damaged:
            (folder / sha).unlink(missing_ok=True)
            missing.append(sha)
        else:
            kept[sha] = size
    gone = {}
    rows = StoredFile.objects.filter(sha256__in=list(wanted), removed_at__isnull=False)
    still = set(StoredFile.objects.filter(removed_at__isnull=True).values_list("sha256", flat=True))
    for sha, at, by, reason in rows.values_list("sha256", "removed_at", "removed_by_name", "removed_reason"):
        if sha not in still:
            gone[sha] = {"at": at.isoformat(), "by": by, "reason": reason}
            (folder / sha).unlink(missing_ok=True)
    return {
        "files": {sha: size for sha, size in kept.items() if sha not in gone},
        "missing": [sha for sha in missing if sha not in gone],
        "removed": gone,
    }


def _described(path: Path) -> dict:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "size": path.stat().st_size}


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
