"""Who works on a part: claimed by one UPDATE, held for 60 s, renewed while the work goes on.

Times are the database's, so that the clocks of several machines need not agree.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.db.models.functions import Now

from .enums import PartState
from .models import JobPart
from .ulid import new_ulid

logger = logging.getLogger("movement.jobs")

LEASE = timedelta(seconds=60)
RENEW_EVERY = 20  # seconds
MAX_ATTEMPTS = 3

_CLAIM = """
UPDATE core_jobpart AS part
SET state = 'running', holder = %(me)s, lease_until = now() + %(lease)s, attempts = attempts + 1
FROM core_job AS job
WHERE part.id = %(id)s AND job.id = part.job_id AND job.state IN ('queued', 'running')
  AND (part.state = 'queued' OR (part.state = 'running' AND (part.lease_until < now() OR part.holder = %(dead)s)))
RETURNING part.job_id
"""
_START = """
UPDATE core_job SET state = 'running', started_at = coalesce(started_at, clock_timestamp())
WHERE id = %s AND state = 'queued'
"""


def claim(part_id: int) -> JobPart | None:
    """Take a part that is queued, whose lease ran out, or whose holder on this machine is dead.

    ``None`` when another holds it, it is done, or its job ended. ``attempts`` counts this claim too.
    """
    row = JobPart.objects.filter(pk=part_id).values("state", "holder").first()
    if row is None:
        return None
    dead = row["holder"] if row["state"] == PartState.RUNNING and _is_dead(row["holder"]) else ""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"id": part_id, "me": _me(), "lease": LEASE, "dead": dead or None})
        if not cursor.fetchone():
            return None
        part = JobPart.objects.select_related("job").get(pk=part_id)
        cursor.execute(_START, [part.job_id])
    return part


def release(part: JobPart, *, state: PartState, **values) -> bool:
    """End our hold with ``state``; ``False`` when it is not ours any more."""
    return bool(_held(part).update(state=state, lease_until=None, **values))


def give_back(part: JobPart) -> None:
    """Let another try; when even that cannot be written, the lease runs out by itself."""
    try:
        connection.close()
        _held(part).update(state=PartState.QUEUED, lease_until=None, enqueued_at=None)
    except (DatabaseError, InterfaceError):
        logger.warning("part %s could not be given back, its lease will run out", part)


@contextmanager
def kept(part: JobPart) -> Iterator[None]:
    """Renew the lease of ``part`` from a thread as long as the block runs."""
    ended = threading.Event()
    keeper = threading.Thread(target=_renew, args=(part, ended), name=f"lease-{part.pk}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()


def _renew(part: JobPart, ended: threading.Event) -> None:
    while not ended.wait(RENEW_EVERY):
        try:
            if not _held(part).update(lease_until=Now() + LEASE):
                return  # done, cancelled, or taken by another: the worker will notice when it records
        except (DatabaseError, InterfaceError):
            logger.warning("the lease of part %s could not be renewed", part)
        finally:
            connection.close()


def _held(part: JobPart):
    """The row, if this very claim still holds it."""
    return JobPart.objects.filter(pk=part.pk, state=PartState.RUNNING, attempts=part.attempts, holder=part.holder)


def dead_holders() -> Q:
    """Running parts of processes of this machine that are no more; their leases need not run out first."""
    held = JobPart.objects.filter(state=PartState.RUNNING, holder__startswith=f"{_machine()} ")
    return Q(holder__in=[holder for holder in set(held.values_list("holder", flat=True)) if _is_dead(holder)])


@cache
def _machine() -> str:
    """This machine since its last start, and the name space in which process numbers mean something."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return f"unknown/{new_ulid()}"  # then a dead process is found by its lease alone


def _me() -> str:
    return f"{_machine()} {os.getpid()} {_started(os.getpid())}"


def _started(pid: int) -> str:
    """When process ``pid`` began, in ticks since the machine's start; empty when it has ended."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state == "Z" else rest[18]


def _is_dead(holder: str) -> bool:
    """Whether ``holder`` is a process of this machine that has ended; one of another machine counts as alive."""
    machine, _, process = holder.partition(" ")
    pid, _, started = process.partition(" ")
    return machine == _machine() and _started(int(pid)) != started
