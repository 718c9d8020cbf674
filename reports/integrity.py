"""Proving summaries: each snapshot still is what its digest says, and its rows are all there."""

from __future__ import annotations

from collections.abc import Iterable

from movement.classification.selectors import canonical

from .models import Snapshot


def snapshot_problems() -> Iterable[str]:
    """A sentence for each snapshot that was altered; its files are proved with all stored files."""
    for snapshot in Snapshot.objects.select_related("report").iterator(chunk_size=20):
        where = f"Báo cáo {snapshot.report.ulid}, năm {snapshot.report.year}"
        digests = []
        for part in snapshot.parts.order_by("position").iterator(chunk_size=5):
            if canonical({"rows": part.rows}) != part.digest:
                yield f"{where}: danh sách “{part.key}” đã bị sửa sau khi chốt số liệu."
            digests.append([part.listing, part.key, part.digest])
        if canonical({"content": snapshot.content, "rows": digests}) != snapshot.digest:
            yield f"{where}: bản chốt số liệu không khớp mã của nó."
