"""Reading the trail; what is proved of it is in ``proving``."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Q

from .models import Entry

COLUMNS = (
    "id, at, tx, epoch, actor_id, actor_name, action, sentence, object_kind, object_id,"
    " unit_id, before, after, reason, source"
)
ROW_HASH = f"sha256(convert_to(row({COLUMNS})::text, 'UTF8'))"


def range_root(epoch: int, tx_from: int, tx_to: int) -> tuple[int, str]:
    """``(count, root)`` of the rows with ``tx`` in ``[tx_from, tx_to)``; the root covers every raw column."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(encode(sha256(string_agg(h, ''::bytea ORDER BY id)), 'hex'), '') FROM ("  # noqa: S608
            f" SELECT id, {ROW_HASH} AS h FROM audit_entry"
            " WHERE epoch = %s AND tx >= %s::text::xid8 AND tx < %s::text::xid8) AS rows",
            [epoch, str(tx_from), str(tx_to)],
        )
        return cursor.fetchone()


def seal_digest(previous: str, epoch: int, span: tuple[int, int], count: int, root: str) -> str:
    """The SHA-256 that the next seal names."""
    text = f"{previous}|{epoch}|{span[0]}|{span[1]}|{count}|{root}"
    return hashlib.sha256(text.encode()).hexdigest()


def history(object_kind: str, object_id: str, limit: int = 50) -> list[Entry]:
    """The latest acts on one thing, newest first."""
    return history_of([(object_kind, object_id)], limit)


def history_of(
    things: Iterable[tuple[str, object]], limit: int = 50, *, units: Collection[int] | None = None
) -> list[Entry]:
    """The latest acts on things that belong together (a model and its points), newest first; ``units``: on these alone."""
    kinds: dict[str, list[str]] = {}
    for kind, object_id in things:
        kinds.setdefault(kind, []).append(str(object_id))
    wanted = [Q(object_kind=kind, object_id__in=ids) for kind, ids in kinds.items()]
    if not wanted:
        return []
    rows = Entry.objects.filter(reduce(or_, wanted))
    return list((rows if units is None else rows.filter(unit_id__in=units)).order_by("-id")[:limit])
