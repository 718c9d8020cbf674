"""Taking an old month out of the trail: exported to a file first, and a signed statement stays in its place.

Only the owner of the database can; the portal itself has no way to it.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg2
from django.db import connection
from django.utils import timezone

from .models import Pruned, Seal
from .proving import PrunedRows, bundles, pruned_digest, pruned_signature, rows_problems
from .selectors import COLUMNS, ROW_HASH
from .services import SEAL_LOCK

KEPT_MONTHS = 12
MANIFEST = ".json"
NOT_SEALED = "Tháng {:%m/%Y} còn dòng chưa niêm phong; hãy chờ một lát rồi làm lại."

_COVER = """
SELECT s.id, count(*) FROM {table} p
  JOIN audit_seal s ON s.epoch = p.epoch AND p.tx >= s.tx_from::text::xid8 AND p.tx < s.tx_to::text::xid8
 GROUP BY s.id ORDER BY s.id
"""
_STATE = """
INSERT INTO audit_pruned
  (at, actor_name, month, first_id, last_id, count, seals, edges, file_name, sha256, previous, digest, signature)
VALUES (now(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_TELL = """
INSERT INTO audit_entry (at, actor_name, action, sentence, object_kind, object_id, after, source)
VALUES (now(), %s, 'audit.prune', %s, 'audit.pruned', %s, %s, 'lệnh prune_audit')
"""


class NotPruned(Exception):
    """Why a month stays; ``code`` is stable, the text a Vietnamese sentence. Nothing was changed."""

    def __init__(self, code: str, message: str):
        self.code = code
        super().__init__(message)


def months_before(month: date) -> list[date]:
    """The first days of the months before ``month`` that have a partition of their own, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_entry'::regclass")
        names = [name.removeprefix("audit_entry_") for (name,) in cursor.fetchall()]
    found = [date(int(name[:4]), int(name[5:]), 1) for name in names if name != "rest"]
    return sorted(first for first in found if first < month)


def month_prune(month: date, *, folder: Path, actor: str) -> Pruned | None:
    """Export one month to ``folder``, put the statement in its place and take the month away; ``None`` if it is empty.

    Raises:
        NotPruned: ``too_young``, ``not_sealed``, ``altered`` (it no longer fits its seals), ``file_exists``.
    """
    this = timezone.localdate().replace(day=1)
    if (this.year - month.year) * 12 + this.month - month.month <= KEPT_MONTHS:
        raise NotPruned("too_young", f"Nhật ký phải giữ ít nhất {KEPT_MONTHS} tháng; tháng {month:%m/%Y} chưa đủ.")
    table = f"audit_entry_{month:%Y_%m}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"nhat-ky-{month:%Y-%m}.csv.gz"
    if path.exists():
        raise NotPruned("file_exists", f"Tệp {path} đã có; hãy chọn thư mục khác.")
    count, first, last = _size(table)
    cover = _covering(table, count, month) if count else None
    written: list[Path] = []
    try:
        with _owner() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
            cursor.execute(f"LOCK TABLE audit_entry, {table} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(f"SELECT count(*), min(id), max(id) FROM {table}")  # noqa: S608 - made from a date
            if cursor.fetchone() != (count, first, last):
                raise NotPruned("not_sealed", NOT_SEALED.format(month))
            statement = None
            if count:
                written += [path, path.with_name(path.name.removesuffix(".csv.gz") + MANIFEST)]
                sha256 = _export(cursor, table, path, count)
                statement = Pruned(
                    month=month, actor_name=actor[:200], first_id=first, last_id=last, count=count, seals=cover[0],
                    edges=cover[1], file_name=path.name, sha256=sha256,
                )  # fmt: skip
                _state(cursor, statement)
                _write(written[1], _told(statement))
            cursor.execute(f"ALTER TABLE audit_entry DETACH PARTITION {table}")
            cursor.execute(f"DROP TABLE {table}")
    except BaseException:
        for name in written:
            name.unlink(missing_ok=True)
        raise
    return statement


def _size(table: str) -> tuple[int, int | None, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), min(id), max(id) FROM {table}")  # noqa: S608 - made from a date
        return cursor.fetchone()


def _covering(table: str, count: int, month: date) -> tuple[list, dict]:
    """``(seals, edges)`` as ``Pruned`` keeps them; each seal is proved once more before its rows go."""
    with connection.cursor() as cursor:
        cursor.execute(_COVER.format(table=table))
        found = dict(cursor.fetchall())
    if sum(found.values()) != count:
        raise NotPruned("not_sealed", NOT_SEALED.format(month))
    covering = Seal.objects.filter(pk__in=found).order_by("id")
    pruned = PrunedRows()
    if any(list(rows_problems(some, pruned)) for some in bundles(covering.iterator())):
        raise NotPruned("altered", f"Nhật ký tháng {month:%m/%Y} không còn khớp với niêm phong nên không được cắt.")
    runs: list[list[int]] = []
    edges, going_on = {}, False
    for seal in Seal.objects.filter(pk__gte=min(found), pk__lte=max(found)).order_by("id").iterator():
        if seal.count == found.get(seal.pk):
            if going_on:
                runs[-1][1] = seal.pk
            else:
                runs.append([seal.pk, seal.pk])
        elif seal.pk in found:
            edges[str(seal.pk)] = _hashes(table, seal)
        going_on = seal.count == found.get(seal.pk)
    return runs, edges


def _hashes(table: str, seal: Seal) -> list[list]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, encode({ROW_HASH}, 'hex') FROM {table}"  # noqa: S608 - made from a date
            " WHERE epoch = %s AND tx >= %s::text::xid8 AND tx < %s::text::xid8 ORDER BY id",
            [seal.epoch, str(seal.tx_from), str(seal.tx_to)],
        )
        return [list(row) for row in cursor.fetchall()]


@contextmanager
def _owner() -> Iterator:
    """A cursor of the owner, in one transaction."""
    from movement.settings.base import database

    owner = {**database(owner=True), "NAME": connection.settings_dict["NAME"]}
    names = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    given = {key: owner[name] for key, name in names.items() if owner.get(name)}
    link = psycopg2.connect(**given, options="-c timezone=UTC -c lock_timeout=15s")
    try:
        with link, link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


def _export(cursor, table: str, path: Path, count: int) -> str:
    """Write the month's rows and read them again; the file's SHA-256."""
    with path.open("xb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as file:
            query = f"COPY (SELECT {COLUMNS} FROM {table} ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)"  # noqa: S608
            cursor.copy_expert(query, file)
        raw.flush()
        os.fsync(raw.fileno())
    if sum(1 for _row in month_rows(path)) != count:
        raise OSError(f"{path} does not hold what was written")
    return file_sha256(path)


def _state(cursor, statement: Pruned) -> None:
    """The statement, and the entry that tells of it and carries its digest into the next seal."""
    last = Pruned.objects.order_by("-id").first()
    statement.previous = last.digest if last else ""
    statement.digest = pruned_digest(statement)
    statement.signature = pruned_signature(statement.digest)
    values = [
        statement.actor_name, statement.month, statement.first_id, statement.last_id, statement.count,
        json.dumps(statement.seals), json.dumps(statement.edges), statement.file_name, statement.sha256,
        statement.previous, statement.digest, statement.signature,
    ]  # fmt: skip
    cursor.execute(_STATE, values)
    statement.pk = cursor.fetchone()[0]
    sentence = f"Cắt nhật ký tháng {statement.month:%m/%Y}: {statement.count} dòng, lưu ở tệp {statement.file_name}."
    after = json.dumps({"digest": statement.digest, "sha256": statement.sha256, "count": statement.count})
    cursor.execute(_TELL, [statement.actor_name, sentence, str(statement.pk), after])


def _told(statement: Pruned) -> dict:
    """The manifest beside the file."""
    return {
        "file": statement.file_name, "sha256": statement.sha256, "month": f"{statement.month:%Y-%m}",
        "count": statement.count, "first_id": statement.first_id, "last_id": statement.last_id,
        "seals": statement.seals, "edges": {seal: len(rows) for seal, rows in statement.edges.items()},
        "digest": statement.digest, "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def _write(path: Path, told: dict) -> None:
    with path.open("x", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def month_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of an exported month, each column as text.

    Raises:
        OSError, EOFError: not such a file, or cut short.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
