"""The job that reads a long list of units, or writes what was chosen of it: one transaction, so it cannot be cut."""

from __future__ import annotations

import threading
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import connection

from movement.core.jobs import Handler, JobFailed, JobStopped, job_progress
from movement.core.models import Job

from .import_models import ImportPreview, PreviewKind
from .reach import reach_of
from .services import previews
from .services.lineage_previews import lineage_read, lineage_write


class UnitsImport(Handler):
    """Arguments: ``preview`` and ``act``, one of ``previews.READ`` and ``previews.WRITE``, ``lines``: how many."""

    title = "Nhập danh sách đơn vị"
    deadline = timedelta(hours=1)

    def merge(self, job: Job) -> dict:
        user = get_user_model().objects.filter(pk=job.requested_by_id, is_active=True).first()
        if user is None:
            raise JobFailed("no_account", "Tài khoản yêu cầu việc này không còn hoạt động.")
        preview = ImportPreview.objects.select_related("file").filter(ulid=job.arguments["preview"]).first()
        if preview is None:
            raise JobFailed("no_preview", "Bản xem trước không còn; hãy tải tệp lên lại.")
        tell = Told(job, total=job.arguments["lines"])
        if preview.kind == PreviewKind.LINEAGE:
            return self._lineage(preview, job.arguments["act"], user)
        if job.arguments["act"] == previews.READ:
            previews.preview_read(preview, reach=reach_of(user), tell=tell)
            return {}
        return previews.preview_accept(preview, actor=user, reach=reach_of(user), tell=tell).as_json()

    def _lineage(self, preview: ImportPreview, act: str, user) -> dict:
        if act == previews.READ:
            lineage_read(preview, actor=user, reach=reach_of(user))
            return {}
        change = lineage_write(preview, actor=user, reach=reach_of(user))
        return {"change": change.ulid if change else None}


class Told:
    """Tells how far the work is, from a connection of its own: inside the work's transaction nobody would see it."""

    def __init__(self, job: Job, *, total: int):
        self.job, self.total, self.stopped = job, total, False

    def __call__(self, done: float) -> None:
        thread = threading.Thread(target=self._tell, args=(round(done * self.total),))
        thread.start()
        thread.join()
        if self.stopped:
            raise JobStopped

    def _tell(self, done: int) -> None:
        try:
            job_progress(self.job, done=done, total=self.total)
        except JobStopped:
            self.stopped = True
        finally:
            connection.close()
