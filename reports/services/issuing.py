"""Asking for a summary, and putting its files together."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from django.db import transaction

from movement.audit.services import Act, record
from movement.core.files import file_keep
from movement.core.jobs import job_create
from movement.core.models import Job
from movement.core.problems import Problem, Refused
from movement.documents.rendering import merge_parts, page_count, render_contents
from units.models import Unit
from units.selectors import version_on

from ..enums import JOB_KIND, FileKind, Format
from ..models import Report, ReportFile, Snapshot
from ..selectors.results import has_results
from .printing import PERSONS, document_id, document_title, file_name, issued_at, marks, persons_title
from .workbook import persons_workbook, workbook

_TYPES = {
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def formats_wanted(names: Iterable[str]) -> list[str]:
    """The formats, each once.

    Raises:
        Refused: ``unknown_format``; ``format_later`` for DOCX, which cannot be made yet.
    """
    wanted = list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
    problems = []
    for name in wanted:
        if name == "docx":
            problems.append(
                Problem("format_later", "Chưa xuất được báo cáo ra Word (docx); hãy chọn pdf hoặc xlsx.", value=name)
            )
        elif name not in Format.values:
            problems.append(Problem("unknown_format", "Không có định dạng này; hãy chọn pdf hoặc xlsx.", value=name))
    if not wanted:
        problems.append(Problem("unknown_format", "Phải chọn ít nhất một định dạng: pdf, xlsx."))
    if problems:
        raise Refused(problems)
    return wanted


@transaction.atomic
def report_request(
    *,
    year: int,
    province: Unit,
    actor,
    as_now: bool = False,
    formats: Sequence[str] = (Format.PDF,),
    idempotency_key: str | None = None,
) -> Report:
    """Ask for the summary of ``year``; the job runs in the background (``report.job``).

    The right is the caller's to check (``can(user, "reports.request", report_of)``). The same
    ``idempotency_key`` of the same actor gives the report that the first asking made.

    Raises:
        Refused: ``no_results``, ``unknown_format``, ``format_later``.
    """
    formats = formats_wanted(formats)
    if not has_results(year, province):
        version = version_on(province, date(year, 12, 31))
        name = version.name if version else "tỉnh này"
        raise Refused(Problem("no_results", f"Năm {year} {name} chưa có kết quả nào để tổng kết.", value=year))
    job = job_create(
        JOB_KIND,
        {"year": year, "as_now": as_now},
        actor=actor,
        unit_id=province.pk,
        idempotency_key=idempotency_key,
    )
    made = Report.objects.filter(job=job).first()
    if made:
        return made
    return Report.objects.create(
        job=job,
        year=year,
        province=province,
        as_now=as_now,
        formats=formats,
        requested_by_id=job.requested_by_id,
        requested_by_name=job.requested_by_name,
    )


@transaction.atomic
def persons_read(report: Report, *, actor, how: str) -> None:
    """Note in the trail that somebody took or opened the names of persons; ``how`` says it in words.

    The right is the caller's to check (``can(user, "reports.persons", …)``).
    """
    record(
        actor,
        Act(
            "reports.persons_read",
            f"{how} của báo cáo tổng kết năm {report.year}",
            object_kind="reports.report",
            object_id=report.ulid,
            unit_id=report.province_id,
        ),
    )


def files_make(
    report: Report, snapshot: Snapshot, outputs: Sequence[tuple[str, Sequence[str], bytes]]
) -> list[ReportFile]:
    """Merge the parts and write every format asked for; those that are there already stay.

    ``outputs``: ``(key, entries of the contents, PDF)`` in the order of the document. Where persons were commended
    their annex follows, a file of its own in each format.
    """
    there = {(file.kind, file.format): file for file in report.files.select_related("stored")}
    kinds = [FileKind.REPORT, *([FileKind.PERSONS] if snapshot.content["persons_annex"] else [])]
    asked = [(kind, name) for kind in kinds for name in report.formats]
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        for kind, wanted in asked:
            if (kind, wanted) in there:
                continue
            path = Path(folder) / file_name(snapshot.content, wanted, kind)
            pages = None
            if wanted == Format.PDF:
                own = [one for one in outputs if one[0].startswith(f"{PERSONS}/") == (kind == FileKind.PERSONS)]
                pages = _pdf(snapshot, own, path, kind)
            elif kind == FileKind.PERSONS:
                persons_workbook(snapshot, path)
            else:
                workbook(snapshot, path)
            there[kind, wanted] = _kept(report, kind, wanted, path, pages)
    return [there[one] for one in asked]


def _pdf(snapshot: Snapshot, outputs: Sequence[tuple[str, Sequence[str], bytes]], path: Path, kind: str) -> int:
    content, main = snapshot.content, kind == FileKind.REPORT
    parts = [pdf for _, _, pdf in outputs]
    titles = [(title, at) for at, (_, entries, _) in enumerate(outputs) for title in entries]
    if main and len(parts) > 1:
        # the contents stand between the text and the annexes
        titles = [(title, at + (at > 0)) for title, at in titles]
        counts = [page_count(pdf) for pdf in parts]
        parts.insert(1, render_contents(titles=titles, counts=counts, at=1))
    merged = merge_parts(
        parts,
        out=path,
        title=document_title(content) if main else persons_title(content),
        issued_at=issued_at(content),
        document_id=document_id(content, kind),
        snapshot_hash=snapshot.digest,
        outline=titles,
        draft=content["marks"]["draft"],
        marks=marks(content),
    )
    return merged.pages


def _kept(report: Report, kind: str, wanted: str, path: Path, pages: int | None) -> ReportFile:
    asked_by = SimpleNamespace(pk=report.requested_by_id, name=report.requested_by_name)
    with path.open("rb") as content, transaction.atomic():
        stored = file_keep(
            content,
            name=path.name,
            content_type=_TYPES[Format(wanted)],
            actor=asked_by,
            unit_id=report.province_id,
            kind=JOB_KIND,
        )
        return ReportFile.objects.create(
            report=report, kind=kind, format=wanted, name=path.name, stored=stored, pages=pages
        )


def job_output(snapshot: Snapshot, files: Sequence[ReportFile]) -> dict:
    """What the job's row holds at its end."""
    return {
        "files": [
            {
                "name": file.name,
                "kind": file.kind,
                "format": file.format,
                "sha256": file.stored.sha256,
                "size": file.stored.size,
                "pages": file.pages,
            }
            for file in files
        ],
        "snapshot": snapshot.digest,
        "draft": snapshot.draft,
        "warnings": snapshot.warnings,
    }


def report_of_job(job: Job) -> Report:
    return Report.objects.select_related("province", "job").get(job=job)
