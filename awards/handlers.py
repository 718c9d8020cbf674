"""The job that prints the certificates of a decision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from movement.core.jobs import Handler, PartSpec, part_outputs
from movement.core.models import Job, JobPart

from .services.certificates import certificate_parts, certificates_issue, certificates_render, decision_of


class Certificates(Handler):
    """Parts of at most 50 pages; what they print is named by the entries, which never change."""

    title = "In giấy chứng nhận khen thưởng"
    deadline = timedelta(hours=1)

    def prepare_worker(self) -> None:
        from movement.documents.rendering import prepare_worker

        prepare_worker()

    def plan(self, job: Job) -> Iterator[PartSpec]:
        return certificate_parts(job)

    def run_part(self, part: JobPart) -> bytes:
        return certificates_render(decision_of(part.job), part.arguments["awards"])

    def merge(self, job: Job) -> dict:
        return certificates_issue(job, [pdf for _part, pdf in part_outputs(job)])
