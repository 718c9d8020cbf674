"""States of jobs and of their parts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("Đang chờ")
    RUNNING = "running", _("Đang làm")
    DONE = "done", _("Xong")
    FAILED = "failed", _("Không làm được")
    CANCELLED = "cancelled", _("Đã hủy")


JOB_OPEN = (JobState.QUEUED, JobState.RUNNING)


class PartState(models.TextChoices):
    WAITING = "waiting", _("Chờ phần khác")  # the merge, until the last part is done
    QUEUED = "queued", _("Đang chờ")
    RUNNING = "running", _("Đang làm")
    DONE = "done", _("Xong")
    FAILED = "failed", _("Không làm được")
    CANCELLED = "cancelled", _("Đã hủy")


class Step(models.TextChoices):
    """A job is planned, its parts are done in any order, and one merge ends it."""

    PLAN = "plan", _("Chuẩn bị")
    PART = "part", _("Phần")
    MERGE = "merge", _("Ghép")
