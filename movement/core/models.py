"""What all apps share: jobs and their parts, stored files, decisions, settings.

Persons and units stand here as ids and names, not as foreign keys: the apps that own them lie above.
``unit_id`` scopes who may see a row.
"""

from django.db import models
from django.db.models import F, IntegerField, Q, TextField
from django.db.models.functions import Cast, ExtractYear
from django.utils.translation import gettext_lazy as _

from .enums import JOB_OPEN, JobState, PartState, Step
from .text import NumberKey
from .ulid import new_ulid


class Setting(models.Model):
    """A value of the whole installation; read through ``movement.core.installation``."""

    key = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()

    def __str__(self) -> str:
        return self.key


class Job(models.Model):
    """Work done behind the page: an import, an export, a report. ``movement.core.jobs`` runs it.

    ``done`` of ``total`` is shown as progress; ``output`` is what the kind's handler returned;
    ``error`` the sentence to show when it failed. Past ``deadline_at`` an open job fails.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    kind = models.CharField(_("loại việc"), max_length=40)
    arguments = models.JSONField(default=dict)
    state = models.CharField(_("trạng thái"), max_length=10, choices=JobState, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(_("lý do"), blank=True)
    output = models.JSONField(default=dict)
    idempotency_key = models.CharField(max_length=120, null=True)
    requested_by_id = models.BigIntegerField(null=True)
    requested_by_name = models.CharField(_("người yêu cầu"), max_length=200)
    unit_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(_("yêu cầu lúc"), auto_now_add=True)
    started_at = models.DateTimeField(_("bắt đầu lúc"), null=True)
    finished_at = models.DateTimeField(_("kết thúc lúc"), null=True)
    deadline_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="core_job_asked_once",
                fields=["idempotency_key"],
                violation_error_message=_("Yêu cầu này đã được gửi."),
            ),
            models.CheckConstraint(
                name="core_job_finished_has_time",
                condition=Q(state__in=JOB_OPEN, finished_at__isnull=True)
                | (~Q(state__in=JOB_OPEN) & Q(finished_at__isnull=False)),
                violation_error_message=_("Việc đã kết thúc phải ghi lúc kết thúc."),
            ),
            models.CheckConstraint(
                name="core_job_failure_has_reason",
                condition=~Q(state=JobState.FAILED) | (~Q(error_code="") & ~Q(error="")),
                violation_error_message=_("Việc không làm được phải ghi lý do."),
            ),
        ]
        indexes = [
            models.Index(fields=["deadline_at"], name="core_job_open", condition=Q(state__in=JOB_OPEN)),
            models.Index(fields=["unit_id", "-id"], name="core_job_unit"),
            models.Index(fields=["requested_by_id", "-id"], name="core_job_requester"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ulid}"

    @property
    def is_open(self) -> bool:
        return self.state in JOB_OPEN

    @property
    def seconds(self) -> float | None:
        """The job's own time, from its first step to its end."""
        if self.started_at and self.finished_at:
            return round((self.finished_at - self.started_at).total_seconds(), 3)
        return None


class JobPart(models.Model):
    """A step of a job that one worker does at a time.

    Who works on it holds it until ``lease_until``; ``holder`` is the process, ``attempts`` counts
    the claims and tells an old holder from a new one. ``output_hash`` names the output in the store;
    parts of one kind with the same ``cache_key`` have the same output.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="parts")
    step = models.CharField(max_length=5, choices=Step)
    key = models.CharField(max_length=120)
    position = models.PositiveIntegerField(default=0)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=PartState, default=PartState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    enqueued_at = models.DateTimeField(null=True)
    cache_key = models.CharField(max_length=64, blank=True)
    output_hash = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["job", "position"]
        constraints = [
            models.UniqueConstraint(
                name="core_jobpart_key_once",
                fields=["job", "step", "key"],
                violation_error_message=_("Việc này đã có phần cùng tên."),
            ),
            models.UniqueConstraint(
                name="core_jobpart_one_plan_one_merge",
                fields=["job", "step"],
                condition=~Q(step=Step.PART),
                violation_error_message=_("Mỗi việc chỉ có một bước chuẩn bị và một bước ghép."),
            ),
            models.CheckConstraint(
                name="core_jobpart_running_has_lease",
                condition=Q(state=PartState.RUNNING, lease_until__isnull=False)
                | (~Q(state=PartState.RUNNING) & Q(lease_until__isnull=True)),
                violation_error_message=_("Phần đang làm phải có người giữ và thời hạn giữ."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "lease_until"],
                name="core_jobpart_open",
                condition=Q(state__in=[PartState.QUEUED, PartState.RUNNING]),
            ),
            models.Index(fields=["cache_key"], name="core_jobpart_cache", condition=~Q(cache_key="")),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.step}/{self.key}"


class StoredFile(models.Model):
    """An uploaded or produced file; its content lies in the store under ``sha256``.

    One row an upload: the same content sent twice has two rows. ``content_type`` is read from the
    content. After an emergency removal the content is gone and the row stays, with who and why.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(_("kích thước"))
    content_type = models.CharField(_("định dạng"), max_length=100)
    original_name = models.CharField(_("tên tệp"), max_length=200)
    kind = models.CharField(max_length=40)
    unit_id = models.BigIntegerField(null=True)
    uploaded_by_id = models.BigIntegerField(null=True)
    uploaded_by_name = models.CharField(_("người tải lên"), max_length=200)
    uploaded_at = models.DateTimeField(_("tải lên lúc"), auto_now_add=True)
    declared_free_of_secrets = models.BooleanField(_("đã cam kết không chứa bí mật nhà nước"))
    warnings = models.JSONField(default=list)
    removed_at = models.DateTimeField(null=True)
    removed_by_name = models.CharField(max_length=200, blank=True)
    removed_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="core_file_hash_written_whole",
                condition=Q(sha256__regex="^[0-9a-f]{64}$"),
                violation_error_message=_("Mã băm của tệp không đúng dạng."),
            ),
            models.CheckConstraint(
                name="core_file_not_empty",
                condition=Q(size__gt=0),
                violation_error_message=_("Tệp rỗng không được lưu."),
            ),
            models.CheckConstraint(
                name="core_file_removal_has_reason",
                condition=Q(removed_at__isnull=True) | (~Q(removed_by_name="") & ~Q(removed_reason="")),
                violation_error_message=_("Hủy nội dung tệp phải ghi người hủy và lý do."),
            ),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="core_file_hash"),
            models.Index(fields=["unit_id", "-id"], name="core_file_unit"),
        ]

    def __str__(self) -> str:
        return self.original_name


class Decision(models.Model):
    """A signed decision of one authority: its number is used once in a year.

    ``authority_key`` is the authority as compared: its unit, or its normalised name within the
    province (``movement.core.decisions.authority_key``). ``subject`` says what it decides on.
    """

    ulid = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    number = models.CharField(_("số, ký hiệu"), max_length=80)
    number_key = models.GeneratedField(expression=NumberKey("number"), output_field=TextField(), db_persist=True)
    decided_on = models.DateField(_("ngày ký"))
    year = models.GeneratedField(
        expression=Cast(ExtractYear("decided_on"), IntegerField()), output_field=IntegerField(), db_persist=True
    )
    signer = models.CharField(_("người ký"), max_length=200)
    signer_title = models.CharField(_("chức vụ người ký"), max_length=200, blank=True)
    authority_unit_id = models.BigIntegerField(null=True)
    authority_name = models.CharField(_("cơ quan ban hành"), max_length=300)
    authority_key = models.CharField(max_length=340)
    province_unit_id = models.BigIntegerField(null=True)
    subject = models.CharField(_("về việc"), max_length=40)
    document = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="decisions")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by_id = models.BigIntegerField(null=True)
    created_by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["-decided_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                F("authority_key"),
                F("number_key"),
                F("year"),
                name="core_decision_number_once",
                violation_error_message=_("Số quyết định này đã được cơ quan đó dùng trong năm."),
            ),
            models.CheckConstraint(
                name="core_decision_has_number",
                condition=~Q(number=""),
                violation_error_message=_("Quyết định phải có số, ký hiệu."),
            ),
            models.CheckConstraint(
                name="core_decision_has_authority",
                condition=~Q(authority_key="") & ~Q(authority_name=""),
                violation_error_message=_("Quyết định phải có cơ quan ban hành."),
            ),
        ]
        indexes = [models.Index(fields=["province_unit_id", "decided_on"], name="core_decision_province")]

    def __str__(self) -> str:
        return f"{self.number} ngày {self.decided_on:%d/%m/%Y}"


class OnceKey(models.Model):
    """A form that was sent: its second sending finds what the first one made."""

    actor_id = models.BigIntegerField()
    purpose = models.CharField(max_length=60)
    key = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="core_oncekey_once",
                fields=["actor_id", "purpose", "key"],
                violation_error_message=_("Biểu mẫu này đã được gửi."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key}"
