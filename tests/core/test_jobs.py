"""The engine, step by step in this process; the messages are those the broker would carry."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from movement.audit.models import Entry
from movement.core import jobs, leases, store
from movement.core.enums import JobState, PartState, Step
from movement.core.jobs import job_cancel, job_create, job_wait, run_step, sweep
from movement.core.models import Job, JobPart
from movement.core.problems import Refused

from . import job_kinds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def without_broker(settings, tmp_path):
    """Nothing listens: what is sent is lost, and the tests play the worker."""
    from movement.celery import app

    def listen_at(url):
        app.conf.broker_url = url
        app._pool = app.amqp._producer_pool = None

    settings.FILES_ROOT = tmp_path / "files"
    real = app.conf.broker_url
    listen_at(f"redis+socket://{tmp_path}/none")
    yield
    listen_at(real)


def ask(letters="ab", *, kind="tests.letters", **more):
    key = more.pop("idempotency_key", None)
    arguments = {"letters": letters, **more} if kind == "tests.letters" else more
    return job_create(kind, arguments, actor="máy thử", unit_id=7, idempotency_key=key)


def step(job, which):
    return job.parts.filter(step=which)


def queued(job):
    return list(job.parts.filter(state=PartState.QUEUED).order_by("position").values_list("pk", flat=True))


def work_off(job):
    """What workers would do, one step after the other."""
    while ids := queued(job):
        for part_id in ids:
            run_step(part_id)
    job.refresh_from_db()
    return job


def test_a_job_is_planned_done_and_merged_in_order():
    job = work_off(ask("bca"))

    assert (job.state, job.output, job.done, job.total) == (JobState.DONE, {"text": "BCA"}, 3, 3)
    assert job.seconds >= 0
    assert set(job.parts.values_list("state", flat=True)) == {PartState.DONE}


def test_asking_is_in_the_trail_with_its_unit():
    job = ask()

    entry = Entry.objects.get(object_id=job.ulid)
    assert (entry.action, entry.unit_id, entry.actor_name) == ("job.create", 7, "máy thử")


def test_a_job_without_parts_does_all_in_its_merge():
    job = work_off(ask(kind="tests.whole"))

    assert (job.state, job.output, job.done, job.total) == (JobState.DONE, {"rows": 3}, 3, 3)


def test_asking_without_a_broker_neither_fails_nor_hangs():
    begun = time.monotonic()
    job = ask()

    assert time.monotonic() - begun < 2
    assert step(job, Step.PLAN).get().enqueued_at is None


def test_the_same_key_gives_the_same_job_but_not_to_another():
    first = ask(idempotency_key="k")
    again = ask(idempotency_key="k")
    other = job_create("tests.whole", {}, actor="người khác", idempotency_key="k")

    assert first == again != other
    assert Job.objects.count() == 2


def test_the_same_key_at_the_same_moment_makes_one_job():
    made, barrier = [], threading.Barrier(4)

    def send():
        barrier.wait()
        made.append(ask(idempotency_key="k").pk)
        connection.close()

    together(send, 4)

    assert len(made) == 4
    assert len(set(made)) == 1


def together(work, count):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_two_processes_one_claims_a_part():
    job = ask()
    part_id = queued(job)[0]
    claimed, barrier = [], threading.Barrier(2)

    def take():
        barrier.wait()
        claimed.append(leases.claim(part_id))
        connection.close()

    together(take, 2)

    assert len([part for part in claimed if part]) == 1
    assert step(job, Step.PLAN).get().attempts == 1


def test_last_parts_that_end_together_queue_one_merge():
    for _ in range(5):
        job = ask("ab")
        run_step(queued(job)[0])
        parts = [leases.claim(part_id) for part_id in queued(job)]
        barrier = threading.Barrier(2)

        def end(part, barrier=barrier):
            barrier.wait()
            jobs._do_part(job_kinds.Letters(), part)
            connection.close()

        job_kinds.Letters.prepared = True
        threads = [threading.Thread(target=end, args=(part,)) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert step(job, Step.MERGE).get().state == PartState.QUEUED
        assert work_off(job).output == {"text": "AB"}


def test_a_message_delivered_twice_does_its_work_once(tmp_path):
    log = tmp_path / "log"
    job = ask("a", log=str(log))
    ids = []
    while new := queued(job):
        ids += new
        for part_id in new:
            run_step(part_id)
            run_step(part_id)
    for part_id in ids:
        run_step(part_id)

    assert log.read_text().split("\n") == ["part a", "merge", ""]


def expire(part_id, holder="nơi khác 1 1"):
    """As if the machine that held it went dark a while ago."""
    JobPart.objects.filter(pk=part_id).update(
        state=PartState.RUNNING, attempts=1, holder=holder, lease_until=timezone.now() - timedelta(seconds=1)
    )


def test_a_part_whose_lease_ran_out_is_taken_by_another_and_the_first_result_is_thrown_away():
    job = ask("a")
    run_step(queued(job)[0])
    part_id = queued(job)[0]
    slow = leases.claim(part_id)
    expire(part_id, holder=slow.holder)

    run_step(part_id)
    jobs._do_part(job_kinds.Letters(), slow)

    assert work_off(job).done == 1
    assert job.output == {"text": "A"}


def test_a_live_lease_is_not_taken():
    job = ask("a")
    part_id = queued(job)[0]
    JobPart.objects.filter(pk=part_id).update(
        state=PartState.RUNNING, attempts=1, holder="nơi khác 1 1", lease_until=timezone.now() + timedelta(seconds=9)
    )

    assert leases.claim(part_id) is None


def test_a_part_of_a_dead_process_of_this_machine_is_taken_at_once():
    job = ask("a")
    part_id = queued(job)[0]
    part = leases.claim(part_id)
    machine, pid, _ = part.holder.split(" ")
    assert leases.claim(part_id) is None
    JobPart.objects.filter(pk=part_id).update(holder=f"{machine} {pid} 1")  # the number has gone to another process

    assert leases.claim(part_id).attempts == 2


def test_a_lease_is_renewed_while_the_work_goes_on(monkeypatch):
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.05)
    job = ask("a")
    part = leases.claim(queued(job)[0])
    before = JobPart.objects.get(pk=part.pk).lease_until
    with leases.kept(part):
        time.sleep(0.4)
    after = JobPart.objects.get(pk=part.pk).lease_until

    assert after > before + timedelta(milliseconds=100)


def test_after_three_interruptions_the_job_fails_with_a_reason():
    job = ask("a")
    part_id = queued(job)[0]
    for _ in range(3):
        assert leases.claim(part_id)
        JobPart.objects.filter(pk=part_id).update(lease_until=timezone.now() - timedelta(seconds=1))

    run_step(part_id)

    job.refresh_from_db()
    assert (job.state, job.error_code, job.error) == (JobState.FAILED, "worker_lost", jobs.WORKER_LOST)


@pytest.mark.parametrize(
    ("how", "code", "sentence", "output"),
    [
        ("known", "no_paper", "Hết giấy.", {}),
        ("refused", "refused", "Một.", ["a", "b"]),
        ("internal", "internal", "Lỗi ngoài dự kiến, số tham chiếu ", {}),
    ],
)
def test_a_failing_part_fails_the_job_with_its_reason_and_stops_the_others(how, code, sentence, output):
    job = work_off(ask("abc", fail="b", how=how))

    assert (job.state, job.error_code) == (JobState.FAILED, code)
    assert job.error.startswith(sentence)
    assert (job.output and [problem["code"] for problem in job.output["problems"]]) == output
    states = dict(job.parts.values_list("key", "state"))
    assert states == {"plan": "done", "a": "done", "b": "failed", "c": "cancelled", "merge": "cancelled"}


def test_the_trace_of_an_unexpected_error_is_logged_under_the_number_shown(caplog):
    job = work_off(ask("a", fail="a", how="internal"))

    (entry,) = [entry for entry in caplog.records if entry.exc_info]
    assert entry.exc_info[1].args == ("hỏng",)
    assert entry.args[0] in job.error


def test_too_long_is_a_reason():
    from celery.exceptions import SoftTimeLimitExceeded

    class Endless(jobs.Handler):
        def merge(self, job):
            raise SoftTimeLimitExceeded

    jobs.register_handler("tests.endless", Endless())
    job = work_off(ask(kind="tests.endless"))

    assert (job.state, job.error_code, job.error) == (JobState.FAILED, "too_long", jobs.TOO_LONG)


def test_a_database_that_is_away_is_not_the_jobs_fault():
    from django.db import OperationalError

    class Away(jobs.Handler):
        tries = 0

        def merge(self, job):
            Away.tries += 1
            if Away.tries == 1:
                raise OperationalError
            return {"tries": Away.tries}

    jobs.register_handler("tests.away", Away())

    assert work_off(ask(kind="tests.away")).output == {"tries": 2}


def test_a_cancelled_job_stops_and_its_running_part_counts_for_nothing():
    job = ask("ab")
    run_step(queued(job)[0])
    running = leases.claim(queued(job)[0])

    assert job_cancel(job, actor="máy thử", reason="nhầm năm")
    jobs._do_part(job_kinds.Letters(), running)

    job = work_off(job)
    assert (job.state, job.done) == (JobState.CANCELLED, 0)
    assert Entry.objects.get(action="job.cancel").reason == "nhầm năm"
    assert not job_cancel(job, actor="máy thử")


def test_a_long_step_hears_that_it_was_cancelled():
    job = ask(kind="tests.whole")
    run_step(queued(job)[0])
    leases.claim(queued(job)[0])
    job_cancel(job, actor="máy thử")

    with pytest.raises(jobs.JobStopped):
        jobs.job_progress(job, done=1, total=3)


def test_equal_parts_of_an_earlier_job_are_not_done_again(tmp_path):
    log = tmp_path / "log"
    first = {"a": "1" * 64, "b": "2" * 64}
    work_off(ask("ab", cache=first))

    job = work_off(ask("ab", cache=first | {"b": "3" * 64}, log=str(log)))

    assert job.output == {"text": "AB"}
    assert log.read_text().split() == ["part", "b", "merge"]


def test_a_cached_output_that_left_the_store_is_made_again():
    cache = {"a": "1" * 64}
    job = work_off(ask("a", cache=cache))
    store.parts.remove(step(job, Step.PART).get().output_hash)

    assert work_off(ask("a", cache=cache)).output == {"text": "A"}


def test_past_its_deadline_a_job_fails_and_says_whether_anybody_worked():
    waiting, begun = ask("a"), ask("a")
    run_step(queued(begun)[0])
    Job.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))

    sweep()

    assert dict(Job.objects.values_list("pk", "error_code")) == {waiting.pk: "no_worker", begun.pk: "overdue"}


def test_a_page_says_when_nobody_takes_the_job():
    job = ask("a")
    assert jobs.job_notice(job) == ""
    job.created_at -= timedelta(seconds=11)

    assert jobs.job_notice(job) == jobs.NOBODY_YET
    leases.claim(queued(job)[0])
    assert jobs.job_notice(job) == ""


def test_waiting_ends_within_ten_seconds_when_no_worker_answers():
    job = ask("a")
    begun = time.monotonic()

    with pytest.raises(Refused) as refused:
        job_wait(job, patience=0.5)

    assert time.monotonic() - begun < 5
    assert refused.value.problems[0].code == "no_worker"
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "done"}, "core_job_finished_has_time"),
        ({"finished_at": timezone.now()}, "core_job_finished_has_time"),
        ({"state": "failed", "finished_at": timezone.now(), "error": "x"}, "core_job_failure_has_reason"),
    ],
)
def test_the_database_refuses_a_job_that_contradicts_itself(values, constraint):
    job = ask()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**values)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"step": "plan", "key": "plan"}, "core_jobpart_"),
        ({"step": "plan", "key": "another"}, "core_jobpart_one_plan_one_merge"),
        ({"step": "part", "key": "a", "state": "running"}, "core_jobpart_running_has_lease"),
    ],
)
def test_the_database_refuses_a_part_that_cannot_be(values, constraint):
    job = ask()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        JobPart.objects.create(job=job, **values)
