"""Summaries as pages show them: which there are, how far they are, the list behind a figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet

from movement.accounts.access import visible_versions
from movement.core.enums import JobState
from units.enums import Kind

from ..models import Report, ReportFile, Snapshot
from .tallies import matches


def reports_visible_to(user) -> QuerySet[Report]:
    """Summaries of provinces that lie on the user's ground in the tree of their year; newest first."""
    years = Report.objects.order_by().values_list("year", flat=True).distinct()
    conditions = [
        Q(
            year=year,
            province__in=visible_versions(user, tree_on=date(year, 12, 31)).filter(kind=Kind.PROVINCE).values("unit"),
        )
        for year in years
    ]
    reports = Report.objects.filter(reduce(or_, conditions)) if conditions else Report.objects.none()
    return reports.select_related("job", "province", "snapshot").defer("snapshot__content").order_by("-id")


def reports_latest(reports: QuerySet[Report]) -> QuerySet[Report]:
    """Of ``reports`` those that are ready, the latest of each province, year and division; what a reader takes home."""
    same = {name: OuterRef(name) for name in ("province", "year", "as_now")}
    newer = Report.objects.filter(**same, job__state=JobState.DONE, pk__gt=OuterRef("pk"))
    return reports.filter(~Exists(newer), job__state=JobState.DONE)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a summary is. ``percent`` 0–100; ``sentence`` says it in words, or why it failed."""

    state: str
    percent: int
    sentence: str
    running: bool
    failed: bool


def report_progress(report: Report) -> Progress:
    """From the job's row as it is now; poll it until ``running`` is false."""
    job = report.job
    if job.state == JobState.DONE:
        return Progress(job.state, 100, "Báo cáo đã lập xong.", False, False)
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        return Progress(job.state, 0, job.error or "Việc lập báo cáo đã bị hủy.", False, True)
    if job.state == JobState.QUEUED:
        return Progress(job.state, 0, "Đang chờ tiến trình xử lý.", True, False)
    if not job.total:
        return Progress(job.state, 2, "Đang chốt số liệu.", True, False)
    if job.done < job.total:
        said = f"Đã lập {job.done} trên {job.total} phần."
        return Progress(job.state, 5 + 85 * job.done // job.total, said, True, False)
    return Progress(job.state, 92, "Đang ghép các phần thành một tệp.", True, False)


def report_files(report: Report) -> list[ReportFile]:
    """All of them, the summary's own first; the annex of persons is not for everybody (``reports.persons``)."""
    return list(report.files.select_related("stored").order_by("-kind", "format"))


@dataclass(frozen=True, slots=True)
class FigureList:
    """A figure of the text and the frozen rows behind it."""

    code: str
    label: str
    value: int
    listing: str
    rows: list[dict]


def figure_list(snapshot: Snapshot, code: str) -> FigureList | None:
    """The exact list behind figure ``code``; ``None`` when the text has no such figure.

    Rows of classes and standards are objects with ``id, code, name, kind, level, district_name, commune_name,
    points, class, state, decision, decided_on``, the others as ``services.lists`` makes them; in the order of the
    annex. Whether the reader may see the rows of ``persons`` is the caller's to ask.
    """
    figure = snapshot.content["figures"].get(code)
    if figure is None:
        return None
    rows = [row for row in _rows(snapshot, figure["listing"]) if matches(row, figure["where"])]
    return FigureList(code, figure["label"], figure["value"], figure["listing"], rows)


def _rows(snapshot: Snapshot, listing: str) -> Iterator[dict]:
    for part in snapshot.parts.filter(listing=listing).iterator(chunk_size=5):
        yield from part.rows
