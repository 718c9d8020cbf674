"""The engine with real workers and a real broker, and what happens when they die."""

import os
import time
from datetime import timedelta

import redis
from django.utils import timezone

from movement.core.enums import JobState, Step
from movement.core.jobs import job_create, job_wait, sweep, workers_answer
from movement.core.leases import LEASE
from movement.core.models import JobPart

from . import job_kinds  # noqa: F401  (registers the kinds)

KINDS = "tests.core.job_kinds"


def ask(letters, **more):
    return job_create("tests.letters", {"letters": letters, **more}, actor="máy thử")


def aged(job):
    """As if ten seconds went by since the messages were sent."""
    JobPart.objects.filter(job=job).update(enqueued_at=timezone.now() - timedelta(seconds=11))


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def test_two_workers_processes_do_a_job(start_worker):
    start_worker(include=KINDS)

    job = job_wait(ask("abcdefgh", sleep=0.2))

    assert (job.state, job.output) == (JobState.DONE, {"text": "ABCDEFGH"})
    assert len(set(job.parts.filter(step=Step.PART).values_list("holder", flat=True))) == 2
    assert workers_answer()


def test_a_part_whose_process_is_killed_is_done_at_once_by_another(start_worker, tmp_path):
    log = tmp_path / "log"
    start_worker(include=KINDS)
    job = ask("abc", die="b", log=str(log))
    until(lambda: "part b" in (log.read_text() if log.exists() else ""), seconds=120)
    begun = time.monotonic()  # the first process has the part, and its lease, by now

    job = job_wait(job)

    assert (job.state, job.output) == (JobState.DONE, {"text": "ABC"})
    assert job.parts.get(key="b").attempts == 2
    assert sorted(log.read_text().split("\n")) == ["", "merge", "part a", "part b", "part b", "part c"]
    assert time.monotonic() - begun < LEASE.total_seconds() - 5  # the end of the dead one's lease was not waited for


def test_a_machine_that_goes_dark_in_the_middle_loses_nothing(start_worker):
    first = start_worker(include=KINDS)
    job = ask("abcd", sleep=1)
    until(lambda: job.parts.filter(state="running", step="part").exists())
    first.kill()

    start_worker(include=KINDS)
    aged(job)
    sweep()
    job = job_wait(job)

    assert (job.state, job.output) == (JobState.DONE, {"text": "ABCD"})


def test_a_broker_that_forgot_everything_costs_a_sweep(start_worker):
    job = ask("ab")
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()
    start_worker(include=KINDS)
    aged(job)

    assert sweep() == 1
    assert job_wait(job).state == JobState.DONE


def test_waiting_messages_are_not_sent_again_while_somebody_works(start_worker):
    start_worker(include=KINDS, concurrency=1)
    job = ask("abc", sleep=1)
    until(lambda: job.parts.filter(state="running", step="part").exists())
    aged(job)

    assert sweep() == 0
    assert job_wait(job).state == JobState.DONE
