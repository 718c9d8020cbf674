"""The job behind a summary: freeze, print each part, put together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from movement.core.jobs import Handler, PartSpec, part_outputs
from movement.core.models import Job, JobPart

from .models import Snapshot
from .services import printing
from .services.freezing import snapshot_freeze
from .services.issuing import files_make, job_output, report_of_job


class YearReport(Handler):
    """Parts are those of ``printing.parts``; their keys name them, the rows lie in the snapshot."""

    title = "Lập báo cáo tổng kết năm"
    deadline = timedelta(hours=2)

    def prepare_worker(self) -> None:
        from movement.documents.rendering import prepare_worker

        prepare_worker()

    def plan(self, job: Job) -> Iterator[PartSpec]:
        snapshot_freeze(report_of_job(job))
        # read back: what is printed comes from the row, so it is hashed as the row gives it
        snapshot = Snapshot.objects.get(report__job=job)
        if "pdf" not in snapshot.report.formats:
            return
        for part in printing.parts(snapshot):
            yield PartSpec(key=part.key, arguments={"titles": part.titles}, cache_key=part.cache_key)

    def run_part(self, part: JobPart) -> bytes:
        snapshot = Snapshot.objects.get(report__job=part.job_id)
        return printing.rendered(printing.part_named(snapshot, part.key))

    def merge(self, job: Job) -> dict:
        report = report_of_job(job)
        snapshot = Snapshot.objects.get(report=report)
        outputs = [(part.key, part.arguments["titles"], pdf) for part, pdf in part_outputs(job)]
        return job_output(snapshot, files_make(report, snapshot, outputs))
