"""The job that prints many slips."""

from __future__ import annotations

from movement.core.jobs import Handler, JobFailed
from movement.core.models import Job

from .access import can
from .models import SealedSlips
from .services.slips import slips_fill


class SlipsPrinting(Handler):
    """Arguments: ``slips`` (what is to be filled), ``address`` (where a code is typed)."""

    title = "In phiếu cấp tài khoản"

    def merge(self, job: Job) -> dict:
        row = SealedSlips.objects.select_related("actor").filter(ulid=job.arguments["slips"], fetched_at=None).first()
        if row is None or not row.actor.is_active:
            raise JobFailed("no_account", "Tài khoản yêu cầu việc này không còn hoạt động.")
        if not can(row.actor, "accounts.manage"):
            raise JobFailed("not_allowed", "Tài khoản yêu cầu việc này không còn quyền quản lý tài khoản.")
        return {"slips": slips_fill(row, address=job.arguments["address"])}
