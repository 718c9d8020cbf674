"""Writing the trail, and sealing it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from logging.handlers import SysLogHandler
from pathlib import Path

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from .models import Seal
from .proving import seal_line
from .selectors import range_root, seal_digest

logger = logging.getLogger("movement.audit")

# Where the current request or command comes from; the middleware and the commands set it.
source: ContextVar[str] = ContextVar("audit_source", default="")

SEAL_LOCK = 13_801  # advisory lock: one sealer at a time


@dataclass(frozen=True, slots=True)
class Act:
    """What happened to one thing. ``unit_id`` scopes who may read it."""

    action: str
    sentence: str
    object_kind: str = ""
    object_id: str = ""
    unit_id: int | None = None
    before: object = None
    after: object = None
    reason: str = ""


def record(actor, *acts: Act) -> None:
    """Append ``acts`` to the trail, in the caller's transaction.

    ``actor`` is a user (its ``pk`` and ``trail_name`` are kept as they are now), or the name of a command.
    """
    record_many(actor, acts)


def record_many(actor, acts: Iterable[Act]) -> None:
    """As ``record``, for an iterable; one statement for each 1,000 acts."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the trail is written in the transaction of the change")
    common = [
        timezone.now(),
        getattr(actor, "pk", None),
        str(getattr(actor, "trail_name", "") or getattr(actor, "name", "") or actor or "hệ thống")[:200],
        source.get()[:100],
    ]
    remaining = iter(acts)
    while some := list(islice(remaining, 1000)):
        rows = json.dumps([_row(act) for act in some], ensure_ascii=False, cls=DjangoJSONEncoder)
        with connection.cursor() as cursor:
            cursor.execute(_APPEND, [*common, rows])


# Every save writes one, so it costs no more than the statement; many at once are one statement too.
_APPEND = """
INSERT INTO audit_entry (at, actor_id, actor_name, source, action, sentence, object_kind, object_id, unit_id, before, after, reason)
SELECT %s, %s, %s, %s, r.*
  FROM jsonb_to_recordset(%s::jsonb)
    AS r(action text, sentence text, object_kind text, object_id text, unit_id bigint, before jsonb, after jsonb, reason text)
"""


def _row(act: Act) -> dict:
    return {
        "action": act.action, "sentence": act.sentence, "object_kind": act.object_kind, "object_id": str(act.object_id),
        "unit_id": act.unit_id, "before": act.before, "after": act.after, "reason": act.reason,
    }  # fmt: skip


@transaction.atomic
def seal_append() -> Seal | None:
    """Seal what no running transaction can add to any more; ``None`` when nothing is new.

    A row whose transaction is below the oldest running one (``pg_snapshot_xmin``) is final, and no
    row can appear beside it later, so seals leave no gap and saves never wait for the sealer.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " coalesce((SELECT max(epoch) FROM audit_entry), 1)"
        )
        horizon, epoch = cursor.fetchone()
    last = Seal.objects.order_by("-id").first()
    if last and last.epoch < epoch and (left := _left_of(last)):
        # Restored from a backup: what was written before it and not sealed yet comes first, its server is gone.
        epoch, horizon = last.epoch, left
    start = last.tx_to if last and last.epoch == epoch else 0
    if horizon <= start:
        return None
    count, root = range_root(epoch, start, horizon)
    if not count:
        return None
    previous = last.digest if last else ""
    seal = Seal.objects.create(
        epoch=epoch,
        tx_from=start,
        tx_to=horizon,
        count=count,
        root=root,
        previous=previous,
        digest=seal_digest(previous, epoch, (start, horizon), count, root),
    )
    transaction.on_commit(lambda: _seal_send(seal))
    return seal


def _left_of(last: Seal) -> int | None:
    """Where the rows of an epoch that is over end, if some came after its last seal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(tx::text::bigint) + 1 FROM audit_entry WHERE epoch = %s AND tx >= %s::text::xid8",
            [last.epoch, str(last.tx_to)],
        )
        return cursor.fetchone()[0]


def _seal_send(seal: Seal) -> None:
    """Seals leave the database for a file that is only added to, and for syslog where that is set.

    Whoever alters the database later cannot make those fit. A disk that is full must not stop the sealing.
    """
    line = seal_line(seal)
    try:
        if settings.AUDIT_SEAL_FILE:
            path = Path(settings.AUDIT_SEAL_FILE)
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            try:
                os.write(handle, f"{line}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        if settings.AUDIT_SEAL_SYSLOG:
            _syslog(settings.AUDIT_SEAL_SYSLOG).emit(logging.makeLogRecord({"msg": f"portal-seal {line}"}))
    except OSError:
        logger.exception("seal %s could not be sent out of the database", seal.pk)


@lru_cache(maxsize=1)
def _syslog(address: str) -> SysLogHandler:
    """``address``: ``/dev/log`` or ``host:port`` (UDP)."""
    host, colon, port = address.rpartition(":")
    return SysLogHandler((host, int(port)) if colon and port.isdecimal() else address, SysLogHandler.LOG_AUTH)


def partitions_prepare(months: int = 12) -> list[str]:
    """Make the monthly partitions from this month to ``months`` later (as the owner). Returns the new ones.

    A month that already has rows in the partition for the rest stays there. What the app may not do to the trail it
    may not do to a partition either: a new table comes with the rights of any other, so they are taken away again.
    """
    first = timezone.localdate().replace(day=1)
    role = connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    made = []
    if "audit_entry" not in connection.introspection.table_names():
        return made  # migrated back to before the trail
    with transaction.atomic(), connection.cursor() as cursor:
        for _ in range(months + 1):
            after = (first + timedelta(days=32)).replace(day=1)
            name, span = f"audit_entry_{first:%Y_%m}", [f"{first} 00:00:00+07", f"{after} 00:00:00+07"]
            cursor.execute(
                "SELECT to_regclass(%s) IS NULL"
                " AND NOT EXISTS (SELECT FROM audit_entry_rest WHERE at >= %s AND at < %s)",
                [name, *span],
            )
            if cursor.fetchone()[0]:
                cursor.execute(f"CREATE TABLE {name} PARTITION OF audit_entry FOR VALUES FROM (%s) TO (%s)", span)
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM {role}")
                made.append(name)
            first = after
    return made
