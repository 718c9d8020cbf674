"""A list of units looked at before it is written: read once, chosen from, written once.

Reading plans every line and keeps what it would do. Accepting plans the chosen lines again, behind the register's
lock, and writes those whose unit stands as it was looked at; what has moved meanwhile becomes a conflict to look at.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from movement.audit.services import Act, record
from movement.core.dates import format_date, upper_to_last_day
from movement.core.files import file_open
from movement.core.jobs import job_create
from movement.core.models import StoredFile
from movement.core.problems import Problem, Refused
from movement.core.tables import Table

from ..import_match import Asking, Match
from ..import_models import CHOOSABLE, ImportLine, ImportPreview, LineState, PreviewKind, PreviewState
from ..import_rows import Row, parse_rows
from ..importing import CHANGE, CONFLICT, CREATE, Plan, Step, steps_write, table_of, units_plan
from ..models import RegisterChange, Unit, UnitVersion
from ..reach import Reach
from ..selectors import names_of
from .lineage_previews import lineage_read, lineage_table, lineage_write
from .timeline import lock_register

JOB = "units_import"
READ, WRITE = "read", "write"  # what the job does
SMALL = 500  # lines that are read or written while the page waits
NEW_UNIT = "new"  # as a choice: none of the candidates
KEPT = timedelta(days=7)
_OF_THE_FILE = {"unknown_column", "missing_column", "duplicate_column", "no_rows"}
_STATES = {CREATE: LineState.NEW, CHANGE: LineState.CHANGED, CONFLICT: LineState.CONFLICT}
_MOVED = "Đơn vị này vừa được người khác thay đổi sau khi xem trước; hãy xem lại rồi chọn lại."
_BATCH = 2000

Tell = Callable[[float], None]  # how much is done, 0 to 1


@dataclass(frozen=True, slots=True)
class Accepted:
    """What one acceptance wrote, and how many chosen lines it left."""

    created: int
    changed: int
    left: int

    def as_json(self) -> dict:
        return {"created": self.created, "changed": self.changed, "left": self.left}


def _quiet(_done: float) -> None:
    """Nobody waits."""


@transaction.atomic
def preview_create(
    *, file: StoredFile, actor, as_of: date | None = None, kind: str = PreviewKind.UNITS
) -> ImportPreview:
    """A preview still to be read; the actor's old ones go, their files stay."""
    ImportPreview.objects.filter(actor_id=actor.pk, created_at__lt=timezone.now() - KEPT).delete()
    return ImportPreview.objects.create(kind=kind, file=file, as_of=as_of, actor_id=actor.pk, actor_name=actor.name)


def preview_table(preview: ImportPreview) -> Table:
    with file_open(preview.file) as content:
        return table_of(content, filename=preview.file.original_name)


# --- at once or behind the page -------------------------------------------------------------------


def preview_begin(preview: ImportPreview, *, actor, reach: Reach) -> None:
    """Read the file: a short one at once, a long one by a job."""
    if preview.kind == PreviewKind.LINEAGE:
        table = lineage_table(preview)
        if len(table.rows) <= SMALL:
            lineage_read(preview, actor=actor, reach=reach)
            return
    else:
        table = preview_table(preview)
        if len(table.rows) <= SMALL:
            preview_read(preview, reach=reach, table=table)
            return
    _ask(preview, READ, len(table.rows), actor=actor, key=preview.ulid)


def lineage_begin(preview: ImportPreview, *, actor, reach: Reach, key: str) -> RegisterChange | None:
    """Write a list of mergers: a short one at once, a long one by a job (``None``)."""
    lines = preview.lines.count()
    if lines <= SMALL:
        return lineage_write(preview, actor=actor, reach=reach)
    _ask(preview, WRITE, lines, actor=actor, key=key)
    return None


def preview_write(preview: ImportPreview, *, actor, reach: Reach, key: str) -> Accepted | None:
    """Write the chosen lines: few at once, many by a job (``None``). ``key`` names the form that was sent."""
    chosen = preview.lines.filter(chosen=True).count()
    if chosen <= SMALL:
        return preview_accept(preview, actor=actor, reach=reach)
    _ask(preview, WRITE, chosen, actor=actor, key=key)
    return None


@transaction.atomic
def _ask(preview: ImportPreview, act: str, lines: int, *, actor, key: str) -> None:
    arguments = {"preview": preview.ulid, "act": act, "lines": lines}
    unit_id = preview.file.unit_id
    preview.job = job_create(JOB, arguments, actor=actor, unit_id=unit_id, idempotency_key=f"{JOB}:{act}:{key}")
    preview.save(update_fields=["job"])


# --- reading --------------------------------------------------------------------------------------


def preview_read(preview: ImportPreview, *, reach: Reach, tell: Tell = _quiet, table: Table | None = None) -> None:
    """Plan every line of the file and keep the lines; once more gives the same lines anew."""
    table = table or preview_table(preview)
    of_file = [p for p in table.problems if p.line is None or p.code in _OF_THE_FILE or not table.rows]
    if of_file:
        preview.lines.all().delete()
        preview.problems, preview.state = [p.as_json() for p in of_file], PreviewState.REFUSED
        preview.save(update_fields=["problems", "state"])
        return
    problems = list(table.problems)
    rows = parse_rows(((row.line, row.cells) for row in table.rows), as_of=preview.as_of, problems=problems)
    tell(0.1)
    plan = units_plan(rows, as_of=preview.as_of, problems=problems, asking=Asking(reach, asks=True))
    tell(0.6)
    lines = _lines_of(preview, rows, plan)
    with transaction.atomic():
        preview.lines.all().delete()
        ImportLine.objects.bulk_create(lines, batch_size=_BATCH)
        preview.state, preview.problems = PreviewState.READY, []
        preview.save(update_fields=["problems", "state"])
    tell(1)


def _lines_of(preview: ImportPreview, rows: Sequence[Row], plan: Plan) -> list[ImportLine]:
    problems: dict[int, list[Problem]] = defaultdict(list)
    for problem in plan.problems:
        problems[problem.line].append(problem)
    warnings: dict[int, list[str]] = defaultdict(list)
    for warning in plan.warnings:
        warnings[warning.line].append(warning.message)
    matches = {match.row.line: match for match in plan.matches}
    steps = {step.row.line: step for step in plan.steps}
    offered = _offered(plan.matches)
    stored = {m.stored.parent_id for m in matches.values() if m.stored and m.stored.parent_id}
    places = names_of(stored)
    lines = []
    for row in rows:
        match, step = matches.get(row.line), steps.get(row.line)
        line = ImportLine(preview=preview, line=row.line, name=row.name[:250], code=row.code[:40], unit_kind=row.kind)
        if match is not None:
            line.place = _place_name(match, places)
            line.candidates = offered.get(row.line, [])
            line.seen = _seen(plan, match)
        _decide(line, step, problems.get(row.line, ()), warnings.get(row.line, ()))
        lines.append(line)
    return lines


def _decide(line: ImportLine, step: Step | None, problems: Sequence[Problem], warnings: Sequence[str]) -> None:
    """State, changes and notes of a line out of what the plan says of it."""
    line.changes = _changes(step) if step else []
    line.notes = [*map(_told, problems), *warnings]
    if problems:
        line.state = LineState.UNSURE if all(p.code == "unsure" for p in problems) else LineState.ERROR
    else:
        line.state = _STATES.get(step.action, LineState.SAME) if step else LineState.ERROR
    line.chosen = line.state in (LineState.NEW, LineState.CHANGED)


def _told(problem: Problem) -> str:
    """A problem as a note of its line: the value that is wrong first."""
    of_value = problem.value not in (None, "") and problem.column != "name"
    return f"“{problem.value}”: {problem.message}" if of_value else problem.message


def _changes(step: Step) -> list[list[str]]:
    columns = dict.fromkeys([*step.before, *step.after])
    return [[column, str(step.before.get(column) or ""), str(step.after.get(column) or "")] for column in columns]


def _place_name(match: Match, places: Mapping[int, str]) -> str:
    if match.place:
        return match.place.name
    return places.get(match.stored.parent_id, "") if match.stored else ""


def _offered(matches: Iterable[Match]) -> dict[int, list[dict]]:
    """``{line: candidates}`` with what tells them apart, and the digest of each as it stands."""
    asked = {match.row.line: match.candidates for match in matches if match.candidates}
    units = {v.unit_id for found in asked.values() for v in found}
    if not units:
        return {}
    known = {unit.pk: unit for unit in Unit.objects.filter(pk__in=units)}
    versions = defaultdict(list)
    for version in UnitVersion.objects.filter(unit__in=units).order_by("valid__startswith"):
        versions[version.unit_id].append(version)
    return {
        line: [
            {
                "unit": known[v.unit_id].ulid,
                "name": v.name,
                "code": v.code,
                "since": format_date(versions[v.unit_id][0].valid.lower),
                "until": format_date(upper_to_last_day(versions[v.unit_id][-1].valid.upper)),
                "seen": _digest(known[v.unit_id], versions[v.unit_id]),
            }
            for v in found
        ]
        for line, found in asked.items()
    }


def _seen(plan: Plan, match: Match) -> str:
    """The digest of the unit a line means; empty for none."""
    if match.unit_id is None:
        return ""
    return _digest(plan.known.units[match.unit_id], plan.known.timelines[match.unit_id])


def _digest(unit: Unit, versions: Sequence[UnitVersion]) -> str:
    said = [unit.ulid, unit.tax_code, unit.school_code, unit.phone, unit.email, unit.address, unit.scope_reason]
    for v in versions:
        said += [v.valid.lower, v.valid.upper, v.code, v.name, v.subkind, v.path, v.managing_level, v.managing_body_id]
    return hashlib.sha256("\x1f".join(map(str, said)).encode()).hexdigest()[:16]


# --- choosing -------------------------------------------------------------------------------------


@transaction.atomic
def preview_choose(
    preview: ImportPreview, *, shown: Iterable[int], chosen: Iterable[int], choices: Mapping[int, str]
) -> None:
    """Keep what was ticked among the ``shown`` lines, and which unit was said to be meant where it is not sure.

    A line that is not sure counts as ticked when something was said, and only then.
    """
    chosen = set(chosen)
    lines = list(preview.lines.select_for_update().filter(line__in=set(shown), state__in=CHOOSABLE))
    for line in lines:
        line.chosen = line.line in chosen
        if line.state == LineState.UNSURE:
            offered = {NEW_UNIT, *(candidate["unit"] for candidate in line.candidates)}
            choice = choices.get(line.line, "")
            line.choice = choice if choice in offered else ""
            line.chosen = bool(line.choice)
    ImportLine.objects.bulk_update(lines, ["chosen", "choice"], batch_size=_BATCH)


@transaction.atomic
def preview_choose_all(preview: ImportPreview, *, state: str, chosen: bool) -> None:
    """Tick or untick all lines of one state; those not sure as new units, or as not chosen."""
    lines = preview.lines.filter(state=state)
    if state == LineState.UNSURE:
        lines.update(chosen=chosen, choice=NEW_UNIT if chosen else "")
    elif state in CHOOSABLE:
        lines.update(chosen=chosen)


# --- writing --------------------------------------------------------------------------------------


@transaction.atomic
def preview_accept(preview: ImportPreview, *, actor, reach: Reach, tell: Tell = _quiet) -> Accepted:
    """Write the chosen lines; each is written once, however often this is called.

    A line whose unit was changed since it was looked at, or that cannot be written any more, is left with its reason.
    """
    preview = ImportPreview.objects.select_for_update(of=("self",)).select_related("file").get(pk=preview.pk)
    lines = {line.line: line for line in preview.lines.filter(chosen=True)}
    if not lines or preview.state != PreviewState.READY:
        return Accepted(0, 0, 0)
    lock_register()
    table = preview_table(preview)
    problems = [p for p in table.problems if p.line in lines]
    cells = [(row.line, row.cells) for row in table.rows if row.line in lines]
    rows = {row.line: row for row in parse_rows(cells, as_of=preview.as_of, problems=problems)}
    tell(0.1)
    asking = _asking(lines, reach)
    wanted, left = set(rows), []
    while wanted:
        told = [p for p in problems if p.line in wanted]
        plan = units_plan([rows[n] for n in sorted(wanted)], as_of=preview.as_of, problems=told, asking=asking)
        unsound = _leave(plan, {n: lines[n] for n in wanted})
        if not unsound:
            break
        left += unsound
        wanted -= {line.line for line in unsound}
    tell(0.5)
    steps = [step for step in plan.steps if step.action in (CREATE, CHANGE)] if wanted else []
    refused = _write_sound(steps, actor)
    for number, sentence in refused.items():
        lines[number].state, lines[number].notes, lines[number].chosen = LineState.ERROR, [sentence], False
        left.append(lines[number])
    tell(0.9)
    done = sorted(wanted - refused.keys())
    for at in range(0, len(done), _BATCH):
        preview.lines.filter(line__in=done[at : at + _BATCH]).update(state=LineState.WRITTEN, chosen=False)
    fields = ["state", "changes", "notes", "candidates", "choice", "chosen", "seen"]
    ImportLine.objects.bulk_update(left, fields, batch_size=200)
    written = [step for step in steps if step.row.line not in refused]
    outcome = Accepted(
        created=sum(step.action == CREATE for step in written),
        changed=sum(step.action == CHANGE for step in written),
        left=len(left),
    )
    _close(preview, outcome, actor)
    return outcome


def _asking(lines: Mapping[int, ImportLine], reach: Reach) -> Asking:
    """What was chosen, as the matching takes it."""
    ulids = {line.choice for line in lines.values()} - {"", NEW_UNIT}
    units = dict(Unit.objects.filter(ulid__in=ulids).values_list("ulid", "pk"))
    return Asking(
        reach,
        asks=True,
        choices={n: units.get(line.choice) for n, line in lines.items() if line.choice},
        forced=frozenset(n for n, line in lines.items() if line.state == LineState.CONFLICT),
    )


def _leave(plan: Plan, lines: Mapping[int, ImportLine]) -> list[ImportLine]:
    """The lines that cannot be written as they were looked at, with what is to be said of them now."""
    problems: dict[int, list[Problem]] = defaultdict(list)
    for problem in plan.problems:
        problems[problem.line].append(problem)
    matches = {match.row.line: match for match in plan.matches}
    steps = {step.row.line: step for step in plan.steps}
    offered = _offered(plan.matches)
    unsound = []
    for number, line in lines.items():
        match, step = matches.get(number), steps.get(number)
        now = _seen(plan, match) if match else ""
        expected = line.seen
        if line.state == LineState.UNSURE:
            expected = next((c["seen"] for c in line.candidates if c["unit"] == line.choice), "")
        moved = now != expected and step is not None and step.action in (CREATE, CHANGE, CONFLICT)
        if number not in problems and not moved and (step is None or step.action != CONFLICT):
            continue
        line.candidates, line.seen, line.choice = offered.get(number, []), now, ""
        _decide(line, step, problems.get(number, ()), ())
        if moved and number not in problems:
            line.state, line.notes = LineState.CONFLICT, [_MOVED, *line.notes]
        line.chosen = False
        unsound.append(line)
    return unsound


def _write_sound(steps: Sequence[Step], actor) -> dict[int, str]:
    """Write what the database takes; ``{line: sentence}`` of the rest. Halves what it refuses until the line is found."""
    if not steps:
        return {}
    try:
        with transaction.atomic():
            steps_write(steps, actor)
    except Refused as refused:
        if len(steps) == 1:
            return {steps[0].row.line: refused.problems[0].message}
        middle = len(steps) // 2
        return _write_sound(steps[:middle], actor) | _write_sound(steps[middle:], actor)
    return {}


def _close(preview: ImportPreview, outcome: Accepted, actor) -> None:
    before = preview.written
    preview.written = {key: before.get(key, 0) + value for key, value in outcome.as_json().items()}
    preview.written["left"] = outcome.left
    preview.save(update_fields=["written"])
    if outcome.created or outcome.changed:
        sentence = (
            f"Nhập danh sách đơn vị từ tệp “{preview.file.original_name}”: thêm {outcome.created}, "
            f"thay đổi {outcome.changed}."
        )
        act = Act("units.import", sentence, "units.import", preview.ulid, preview.file.unit_id, after=outcome.as_json())
        record(actor, act)
