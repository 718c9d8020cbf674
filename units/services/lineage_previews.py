"""A list of mergers looked at before it is written; all of it or nothing (``units.lineage_import``)."""

from __future__ import annotations

from django.db import transaction

from movement.core.dates import format_date
from movement.core.files import file_open
from movement.core.problems import Refused
from movement.core.tables import Table, read_table

from ..import_models import ImportLine, ImportPreview, LineState, PreviewState
from ..lineage_import import LineageOutcome, LineDone, lineage_import_file
from ..lineage_rows import ALIASES, OPTIONAL, REQUIRED
from ..models import RegisterChange
from ..reach import Reach

KEPT_PROBLEMS = 500
_BATCH = 2000


def lineage_table(preview: ImportPreview) -> Table:
    with file_open(preview.file) as content:
        return read_table(
            content, filename=preview.file.original_name, aliases=ALIASES, required=REQUIRED, optional=OPTIONAL
        )


def lineage_read(preview: ImportPreview, *, actor, reach: Reach) -> None:
    """Do everything the file says and take it back; keep what each line would do, or every problem."""
    try:
        outcome = _run(preview, actor=actor, reach=reach, dry_run=True)
    except Refused as refused:
        with transaction.atomic():
            preview.lines.all().delete()
            preview.state = PreviewState.REFUSED
            preview.problems = [p.as_json() for p in refused.problems[:KEPT_PROBLEMS]]
            preview.written = {"problems": len(refused.problems)}
            preview.save(update_fields=["state", "problems", "written"])
        return
    with transaction.atomic():
        preview.lines.all().delete()
        ImportLine.objects.bulk_create((_line(preview, done) for done in outcome.lines), batch_size=_BATCH)
        preview.state = PreviewState.READY
        preview.problems = [warning.as_json() for warning in outcome.warnings[:KEPT_PROBLEMS]]
        preview.written = outcome.as_json() | {"warnings": len(outcome.warnings)}
        preview.save(update_fields=["state", "problems", "written"])


def lineage_write(preview: ImportPreview, *, actor, reach: Reach) -> RegisterChange | None:
    """Write the file that was looked at, once; the change that holds what it did, ``None`` where all was there already.

    Raises:
        Refused: the register has changed meanwhile so that a line cannot be written; nothing is.
    """
    change = _run(preview, actor=actor, reach=reach, dry_run=False, key=preview.ulid).change
    with transaction.atomic():
        kept = ImportPreview.objects.select_for_update().get(pk=preview.pk)
        kept.written = kept.written | {"dry_run": False, "change": change.ulid if change else None}
        kept.save(update_fields=["written"])
        kept.lines.exclude(state=LineState.SAME).update(state=LineState.WRITTEN)
    return change


def _run(preview: ImportPreview, *, actor, reach: Reach, dry_run: bool, key: str = "") -> LineageOutcome:
    with file_open(preview.file) as content:
        return lineage_import_file(
            content,
            filename=preview.file.original_name,
            actor=actor,
            dry_run=dry_run,
            reach=reach,
            idempotency_key=key,
        )


def _line(preview: ImportPreview, done: LineDone) -> ImportLine:
    """``changes`` holds the doing and the day; the old unit stands in ``name`` and ``code``, the new one in ``place``."""
    return ImportLine(
        preview=preview,
        line=done.line,
        state=LineState.SAME if done.action == "same" else LineState.CHANGED,
        name=done.old_name[:250],
        code=done.old_code[:40],
        place=done.new_name[:250],
        changes=[["action", done.action, format_date(done.on)], ["new", done.new_code, "new" if done.is_new else ""]],
    )
