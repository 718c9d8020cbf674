"""The printing of certificates, as the page follows it."""

from __future__ import annotations

from movement.core.models import Decision, Job, StoredFile

from ..enums import CERTIFICATES


def certificate_jobs(decision: Decision, *, most: int = 3) -> list[Job]:
    """The last printings of a decision's certificates, newest first."""
    rows = Job.objects.filter(kind=CERTIFICATES, arguments__decision=decision.ulid)
    return list(rows.order_by("-pk")[:most])


def certificate_file(job: Job) -> StoredFile | None:
    """What a finished printing made."""
    return StoredFile.objects.filter(ulid=job.output.get("file", ""), kind=CERTIFICATES).first()
