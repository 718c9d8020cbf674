"""Seals of the trail, made when nothing on the server holds one back."""

import time

from django.db import connection

from movement.audit.models import Seal
from movement.audit.services import seal_append


def sealed() -> Seal | None:
    """A seal over all rows that stand.

    A transaction that runs anywhere on the server holds a seal back; an autovacuum comes when it likes.
    """
    deadline = time.monotonic() + 30
    while not _quiet() and time.monotonic() < deadline:
        time.sleep(0.02)
    return seal_append()


def _quiet() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(s) = pg_snapshot_xmax(s) FROM pg_current_snapshot() AS s")
        return cursor.fetchone()[0]
