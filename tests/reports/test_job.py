"""The whole way: asked for, frozen, printed by real workers, merged; and what happens when one dies."""

import json
import os
import signal
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from movement.core.enums import JobState, PartState, Step
from movement.core.jobs import job_wait
from movement.core.models import Job, JobPart
from movement.core.problems import Refused
from reports.models import Report
from reports.selectors import report_files, report_progress
from reports.services import report_request
from tests.factories.reports import PEOPLE, small_year, whole_year
from tests.reports.papers import number_before, text_of


def year_report(out, *more):
    """The command's last line."""
    printed = StringIO()
    call_command(
        "year_report", "--year", "2023", "--province", "93", "--out", str(out), "--json", *more, stdout=printed
    )
    return json.loads(printed.getvalue().splitlines()[-1])


def test_the_command_brings_the_files_through_the_workers(worker, tmp_path):
    small_year()

    first = year_report(tmp_path, "--formats", "pdf,xlsx", "--wait")
    again = year_report(tmp_path, "--formats", "pdf,xlsx", "--wait")

    assert [file["name"] for file in first["files"]] == [
        "bao-cao-tong-ket-2023-tinh-hau-giang.pdf",
        "bao-cao-tong-ket-2023-tinh-hau-giang.xlsx",
    ]
    assert [file["sha256"] for file in again["files"]] == [file["sha256"] for file in first["files"]]
    assert first["sha256"] == first["files"][0]["sha256"] and first["seconds"] > 0 and first["pages"] >= 5
    assert first["warnings"] == []
    assert number_before("A1", text_of(tmp_path / first["files"][0]["name"])) == 23
    second = Job.objects.get(ulid=again["job"])
    assert not second.parts.filter(step=Step.PART, attempts__gt=0).exists(), "what was printed before is taken over"


def test_the_annex_of_persons_comes_as_a_file_of_its_own(worker, tmp_path):
    whole_year()

    made = year_report(tmp_path, "--wait")

    assert [(file["kind"], file["name"]) for file in made["files"]] == [
        ("report", "bao-cao-tong-ket-2023-tinh-hau-giang.pdf"),
        ("persons", "phu-luc-ca-nhan-2023-tinh-hau-giang.pdf"),
    ]
    assert made["sha256"] == made["files"][0]["sha256"] and made["warnings"] == []
    main, apart = (text_of(tmp_path / file["name"]) for file in made["files"])
    assert [name in main for name in PEOPLE] == [False] * 3 and [name in apart for name in PEOPLE] == [True] * 3
    kept = json.dumps([Job.objects.get().output, Job.objects.get().arguments], ensure_ascii=False)
    assert not any(name in kept for name in PEOPLE)


def test_without_waiting_the_command_says_the_job_and_ends(transactional_db, tmp_path):
    small_year()

    asked = year_report(tmp_path)

    job = Job.objects.get(ulid=asked["job"])
    assert (job.state, asked["files"], list(tmp_path.iterdir())) == (JobState.QUEUED, [], [])
    assert report_progress(job.report).running


def test_without_a_worker_waiting_is_refused_and_the_job_is_kept(transactional_db, tmp_path):
    small_year()

    with pytest.raises(Refused) as refused:
        year_report(tmp_path, "--wait")

    assert [problem.code for problem in refused.value.problems] == ["no_worker"]
    assert Job.objects.get().state == JobState.QUEUED


def test_a_worker_killed_in_the_middle_loses_nothing(worker, tmp_path):
    province, _campaign = small_year(areas=250)
    report = report_request(year=2023, province=province.unit, actor="kiểm tra")
    running = JobPart.objects.filter(job=report.job, step=Step.PART, state=PartState.RUNNING)

    holder = wait_for(running.first).holder
    os.kill(int(holder.split()[1]), signal.SIGKILL)
    job = job_wait(report.job, patience=30)

    assert job.state == JobState.DONE, job.error
    assert job.parts.filter(step=Step.PART, attempts__gt=1).exists(), "the part was taken up again"
    assert set(job.parts.values_list("state", flat=True)) == {PartState.DONE}
    assert [file.sha256 for file in stored(report)] == [file.sha256 for file in stored(undisturbed(province))]


def undisturbed(province):
    """The same summary, every part printed anew."""
    JobPart.objects.update(cache_key="")
    report = report_request(year=2023, province=province.unit, actor="kiểm tra")
    assert job_wait(report.job, patience=30).state == JobState.DONE
    return report


def stored(report):
    return [file.stored for file in report_files(report)]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def test_a_job_that_fails_says_why(worker):
    province, _campaign = small_year(before=False)
    with transaction.atomic():
        report = report_request(year=2023, province=province.unit, actor="kiểm tra")
        Report.objects.filter(pk=report.pk).update(year=2019)  # nothing to sum up by the time it is frozen

    job_wait(report.job, patience=30)
    progress = report_progress(Report.objects.get(pk=report.pk))

    assert progress.failed and not progress.running
    assert progress.sentence == "Năm 2019 tỉnh chưa mở kỳ đánh giá nào."
