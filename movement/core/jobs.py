"""Jobs: work behind the page that loses nothing when a process, a machine or the broker dies.

Taken from Celery: it carries a part's id to some process on some machine, gives it back when that
process dies (``acks_late``, ``reject_on_worker_lost``), stops what runs too long, and has a scheduler.
Nothing of it is believed: no results, no chord, no retries.

Added here: what is true stands in PostgreSQL. A job is planned, its parts are done in any order, one
merge ends it; all three are rows of JobPart. A process claims a row with a lease of 60 s and renews it
while it works; who finishes the last part queues the merge in that transaction. The sweeper, every 10 s,
sends again what nobody holds. A message delivered twice finds nothing to claim, so it does no harm.

An app registers a ``Handler`` for its kind of job; pages and commands call ``job_create`` and poll the row.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from movement.audit.services import Act, record

from . import leases, store
from .enums import JOB_OPEN, JobState, PartState, Step
from .models import Job, JobPart
from .problems import Problem, Refused
from .ulid import new_reference

logger = logging.getLogger("movement.jobs")

QUEUE = "reports"
STALE = timedelta(seconds=10)  # a message nobody took, while nobody works
STALE_BUSY = timedelta(seconds=60)  # the same while others work: it may only be waiting its turn

TOO_LONG = "Việc này chạy quá lâu và đã bị dừng; hãy thử lại, hoặc chia nhỏ yêu cầu."
WORKER_LOST = "Việc này bị gián đoạn nhiều lần khi đang làm; hãy báo quản trị hệ thống."
OVERDUE = "Việc quá thời hạn và đã bị dừng; hãy thử lại."
NO_WORKER = "Không có tiến trình xử lý nào trả lời; hãy báo quản trị hệ thống khởi động lại các tiến trình."
NOBODY_YET = (
    "Chưa có tiến trình xử lý nào nhận việc này; nếu vẫn vậy sau một phút, hãy báo quản trị hệ thống. "
    "Yêu cầu được giữ lại và sẽ chạy ngay khi có tiến trình."
)
UNKNOWN_KIND = "Phiên bản đang chạy không biết loại việc này."


@dataclass(frozen=True, slots=True)
class PartSpec:
    """A part as planned. ``key`` tells it from its siblings.

    ``cache_key`` (a SHA-256 of all that its output depends on) lets it take the output of an earlier equal one.
    """

    key: str
    arguments: dict = field(default_factory=dict)
    cache_key: str = ""


class JobFailed(Exception):
    """Raised by a handler: the job ends with this code and sentence."""

    def __init__(self, code: str, sentence: str):
        self.code, self.sentence = code, sentence
        super().__init__(sentence)


class JobStopped(Exception):
    """The job was cancelled or failed meanwhile, or another process holds the part; stop working."""


class Handler:
    """What an app does for its kind of job. Each step may run twice and must then do the same.

    Work that cannot be cut into parts of some seconds (an import) has no parts and does all in ``merge``.
    """

    title = ""  # what is asked for, in a clerk's words
    deadline = timedelta(hours=1)  # from asking to the end

    def plan(self, job: Job) -> Iterable[PartSpec]:
        """The parts, in the order of the merged output."""
        return ()

    def run_part(self, part: JobPart) -> bytes:
        """The output of one part (at most 45 s)."""
        raise NotImplementedError

    def merge(self, job: Job) -> dict:
        """What ``job.output`` will hold; the parts' outputs come from ``part_outputs``."""
        return {}

    def prepare_worker(self) -> None:
        """Once in each process, before its first step of this kind: imports, the garbage collector."""


_handlers: dict[str, Handler] = {}
_prepared: set[str] = set()


def register_handler(kind: str, handler: Handler) -> None:
    """Called by an app's ``AppConfig.ready``."""
    _handlers[kind] = handler


def job_title(job: Job) -> str:
    handler = _handlers.get(job.kind)
    return handler.title if handler and handler.title else job.kind


# --- asking, cancelling, waiting ------------------------------------------------------------------
@transaction.atomic
def job_create(
    kind: str, arguments: dict, *, actor, unit_id: int | None = None, idempotency_key: str | None = None
) -> Job:
    """Ask for a job; it is sent off when the transaction commits.

    The same ``idempotency_key`` of the same actor gives the job that the first call made.
    """
    handler = _handlers[kind]
    actor_id, name = getattr(actor, "pk", None), str(getattr(actor, "name", "") or actor)
    key = f"{actor_id or name}:{idempotency_key}"[:120] if idempotency_key else None
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind,
                arguments=arguments,
                unit_id=unit_id,
                idempotency_key=key,
                requested_by_id=actor_id,
                requested_by_name=name[:200],
                deadline_at=timezone.now() + handler.deadline,
            )
    except IntegrityError:
        asked = Job.objects.filter(idempotency_key=key).first() if key else None
        if asked is None:
            raise
        return asked
    plan = JobPart.objects.create(job=job, step=Step.PLAN, key="plan")
    record(actor, Act("job.create", f"Yêu cầu: {job_title(job)}.", "core.job", job.ulid, unit_id, after={"kind": kind}))
    transaction.on_commit(lambda: enqueue([plan]))
    return job


@transaction.atomic
def job_cancel(job: Job, *, actor, reason: str = "") -> bool:
    """Stop ``job``; ``False`` when it had ended. What is being worked on is thrown away when done."""
    row = Job.objects.select_for_update().get(pk=job.pk)
    if not row.is_open:
        return False
    _end(row, JobState.CANCELLED)
    act = Act("job.cancel", f"Hủy việc: {job_title(row)}.", "core.job", row.ulid, row.unit_id, reason=reason)
    record(actor, act)
    return True


def job_wait(job: Job, *, patience: float = 5, on_change: Callable[[Job], None] | None = None) -> Job:
    """Wait until ``job`` ended; it is the caller's to look at its state.

    Raises:
        Refused: ``no_worker``, when nothing moved for ``patience`` seconds and no worker answers. The
            job stays, and goes on as soon as one is back.
    """
    seen, quiet_since = None, time.monotonic()
    while True:
        job.refresh_from_db()
        if not job.is_open:
            return job
        now = (job.state, job.done, job.total, job.parts.filter(state=PartState.RUNNING).count())
        if now != seen:
            seen, quiet_since = now, time.monotonic()
            if on_change:
                on_change(job)
        elif time.monotonic() - quiet_since > patience:
            if not workers_answer():
                raise Refused(Problem("no_worker", NO_WORKER))
            sweep()
            quiet_since = time.monotonic()
        time.sleep(0.1)


def job_notice(job: Job) -> str:
    """A sentence for the page that polls an open job which nobody moves; else empty."""
    if not job.is_open or job.created_at > timezone.now() - STALE:
        return ""
    return "" if _held().exists() else NOBODY_YET


def _held() -> QuerySet[JobPart]:
    """What living processes work on, in any job."""
    return JobPart.objects.filter(state=PartState.RUNNING, lease_until__gte=Now()).exclude(leases.dead_holders())


def workers_answer(timeout: float = 2) -> bool:
    """Whether any worker that takes jobs answers within ``timeout`` seconds."""
    try:
        answers = current_app.control.inspect(timeout=timeout).active_queues() or {}
    except (BrokerError, OSError):
        return False
    return any(queue["name"] == QUEUE for queues in answers.values() for queue in queues)


def job_progress(job: Job, *, done: int, total: int) -> None:
    """Told by a long step of itself, every few seconds at most.

    Raises:
        JobStopped: somebody cancelled the job.
    """
    if not Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(done=done, total=total):
        raise JobStopped


def part_outputs(job: Job) -> Iterator[tuple[JobPart, bytes]]:
    """The parts in their order, each with its output."""
    for part in job.parts.filter(step=Step.PART).order_by("position"):
        yield part, store.parts.read(part.output_hash)


# --- one step, in a worker ------------------------------------------------------------------------
def run_step(part_id: int) -> None:
    """Claim a part, do it, record the outcome; nothing when there is nothing to claim."""
    part = leases.claim(part_id)
    if part is None:
        return
    if part.attempts > leases.MAX_ATTEMPTS:
        _fail(part, "worker_lost", WORKER_LOST)
        return
    handler = _handlers.get(part.job.kind)
    try:
        if handler is None:
            raise JobFailed("unknown_kind", UNKNOWN_KIND)
        with leases.kept(part):
            if part.job.kind not in _prepared:
                handler.prepare_worker()
                _prepared.add(part.job.kind)
            _DO[Step(part.step)](handler, part)
    except JobStopped:
        pass
    except SoftTimeLimitExceeded:
        _fail(part, "too_long", TOO_LONG)
    except JobFailed as error:
        _fail(part, error.code, error.sentence)
    except Refused as error:
        _fail(part, "refused", error.problems[0].message if error.problems else str(error), output=error.as_json())
    except (OperationalError, InterfaceError):
        # the database is away or two got in each other's way: again, until the attempts are used up
        logger.exception("part %s is given back", part)
        leases.give_back(part)
    except Exception:
        reference = new_reference()
        logger.exception("%s part %s", reference, part)
        _fail(part, "internal", f"Lỗi ngoài dự kiến, số tham chiếu {reference}; hãy báo quản trị hệ thống.")


def _do_plan(handler: Handler, part: JobPart) -> None:
    specs = list(handler.plan(part.job))
    known = _earlier_outputs(part.job.kind, {spec.cache_key for spec in specs} - {""})
    with transaction.atomic():
        if not _close(part):
            return
        JobPart.objects.bulk_create(
            [
                JobPart(
                    job=part.job,
                    step=Step.PART,
                    key=spec.key,
                    position=position,
                    arguments=spec.arguments,
                    cache_key=spec.cache_key,
                    output_hash=known.get(spec.cache_key, ""),
                    state=PartState.DONE if spec.cache_key in known else PartState.QUEUED,
                )
                for position, spec in enumerate(specs)
            ]
            + [JobPart(job=part.job, step=Step.MERGE, key="merge", position=len(specs), state=PartState.WAITING)]
        )
        reused = sum(spec.cache_key in known for spec in specs)
        Job.objects.filter(pk=part.job_id).update(total=len(specs), done=reused)
        new = list(JobPart.objects.filter(job=part.job_id, step=Step.PART, state=PartState.QUEUED).order_by("position"))
        transaction.on_commit(lambda: enqueue(new))
        _queue_merge_when_ready(part.job_id)


def _do_part(handler: Handler, part: JobPart) -> None:
    digest, _ = store.parts.write(handler.run_part(part))
    with transaction.atomic():
        if _close(part, output_hash=digest):
            Job.objects.filter(pk=part.job_id).update(done=F("done") + 1)
            _queue_merge_when_ready(part.job_id)


def _do_merge(handler: Handler, part: JobPart) -> None:
    output = handler.merge(part.job)
    with transaction.atomic():
        if _close(part):
            Job.objects.filter(pk=part.job_id).update(state=JobState.DONE, output=output, finished_at=Now())


_DO = {Step.PLAN: _do_plan, Step.PART: _do_part, Step.MERGE: _do_merge}


def _close(part: JobPart, **values) -> bool:
    """Mark ``part`` done, with the job's row locked; ``False`` when the job ended or the part is not ours any more."""
    job = Job.objects.select_for_update().get(pk=part.job_id)
    return job.is_open and leases.release(part, state=PartState.DONE, **values)


def _queue_merge_when_ready(job_id: int) -> None:
    """The caller holds the job's row, so of two last parts one sees the other done."""
    parts = JobPart.objects.filter(job=job_id)
    if parts.filter(step=Step.PART).exclude(state=PartState.DONE).exists():
        return
    if parts.filter(step=Step.MERGE, state=PartState.WAITING).update(state=PartState.QUEUED):
        merge = parts.get(step=Step.MERGE)
        transaction.on_commit(lambda: enqueue([merge]))


def _earlier_outputs(kind: str, cache_keys: set[str]) -> dict[str, str]:
    """cache key → hash of an output that is still in the store."""
    found = JobPart.objects.filter(job__kind=kind, cache_key__in=cache_keys, state=PartState.DONE).values_list(
        "cache_key", "output_hash"
    )
    return {key: digest for key, digest in found if store.parts.exists(digest)}


@transaction.atomic
def _fail(part: JobPart, code: str, sentence: str, output: dict | None = None) -> None:
    job = Job.objects.select_for_update().get(pk=part.job_id)
    if job.is_open and leases.release(part, state=PartState.FAILED, error=sentence):
        _end(job, JobState.FAILED, code=code, sentence=sentence, output=output)


def _end(job: Job, state: JobState, *, code: str = "", sentence: str = "", output: dict | None = None) -> None:
    """Close a locked job before its time, and what is open of its parts."""
    Job.objects.filter(pk=job.pk).update(
        state=state, error_code=code, error=sentence, output=output or {}, finished_at=Now()
    )
    job.parts.filter(state__in=[PartState.WAITING, PartState.QUEUED, PartState.RUNNING]).update(
        state=PartState.CANCELLED, lease_until=None
    )


# --- sending and sweeping -------------------------------------------------------------------------
_TASKS = {
    Step.PLAN: "movement.core.tasks.run_plan",
    Step.PART: "movement.core.tasks.run_part",
    Step.MERGE: "movement.core.tasks.run_merge",
}


def enqueue(parts: Iterable[JobPart]) -> int:
    """Send the ids of ``parts``; how many went. Without a broker the rows wait for the sweeper."""
    sent = []
    try:
        for part in parts:
            current_app.send_task(_TASKS[Step(part.step)], args=[part.pk], queue=QUEUE, retry=False)
            sent.append(part.pk)
    except (BrokerError, OSError) as error:
        logger.warning("the broker does not answer, the sweeper will send again: %s", error)
    JobPart.objects.filter(pk__in=sent).update(enqueued_at=Now())
    return len(sent)


def sweep() -> int:
    """Fail what is overdue and send again what nobody holds; how many parts were sent."""
    _fail_overdue()
    dead = leases.dead_holders()
    lost = Q(state=PartState.RUNNING) & (Q(lease_until__lt=Now()) | dead)
    patience = STALE_BUSY if _held().exists() else STALE
    waiting = JobPart.objects.filter(
        (Q(state=PartState.QUEUED) & _unsent_for(patience)) | (lost & _unsent_for(STALE)), job__state__in=JOB_OPEN
    )
    return enqueue(waiting.order_by("job", "position"))


def _unsent_for(patience: timedelta) -> Q:
    return Q(enqueued_at__isnull=True) | Q(enqueued_at__lt=Now() - patience)


def _fail_overdue() -> None:
    started = Exists(JobPart.objects.filter(job=OuterRef("pk"), attempts__gt=0))
    overdue = Job.objects.filter(state__in=JOB_OPEN, deadline_at__lt=Now()).annotate(started=started)
    for job in overdue:
        with transaction.atomic():
            row = Job.objects.select_for_update().get(pk=job.pk)
            if row.is_open:
                code, sentence = ("overdue", OVERDUE) if job.started else ("no_worker", NO_WORKER)
                _end(row, JobState.FAILED, code=code, sentence=sentence)
