"""Lists of practice models into the register, a row a point: read, matched, then written together or not at all.

A row states a point as it is: its model, name, place, dates. Teams and members hold from ``as_of`` where
that is given and lies within the point's time, else from the point's start, until the next number that is
stored. An empty cell leaves what is stored. ``ended_on`` is the last day. ``unit_code`` is read on
``as_of``, else on ``started_on`` (design §7, "Dates").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.db import connection, transaction

from movement.audit.services import record_many
from movement.core.dates import format_date, today
from movement.core.problems import Problem, Refused
from movement.core.tables import read_table
from units.models import Unit, UnitVersion
from units.selectors import as_now, bearers, names_of, versions_by_code

from .guards import told
from .import_plan import CHANGE, CREATE, ModelPlan, PointPlan, plan_models
from .import_rows import COLUMNS, HEADINGS, OPTIONAL, REQUIRED, Row, parse_rows
from .import_write import acts_of, write

_LOCK = 13_804  # advisory lock: two imports at once could each create what the other just did
Allowed = Callable[[UnitVersion, date], str | None]


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do; each line's step is there for a preview."""

    dry_run: bool
    models: list[ModelPlan]
    warnings: list[Problem] = field(default_factory=list)

    @property
    def points(self) -> list[PointPlan]:
        return [point for model in self.models for point in model.points]

    def as_json(self) -> dict:
        return {
            "models": _counts(self.models),
            "points": _counts(self.points),
            "warnings": [warning.as_json() for warning in self.warnings],
            "dry_run": self.dry_run,
        }


def _counts(steps: list) -> dict[str, int]:
    actions = [step.action for step in steps]
    created, changed = actions.count(CREATE), actions.count(CHANGE)
    return {"created": created, "changed": changed, "unchanged": len(actions) - created - changed}


def models_import_file(source: str | Path | BinaryIO | bytes, *, filename: str, actor, **options) -> Outcome:
    """``models_import`` of an XLSX or CSV file; headings in English or Vietnamese."""
    table = read_table(source, filename=filename, aliases=HEADINGS, required=REQUIRED, optional=OPTIONAL)
    rows = [(row.line, row.cells) for row in table.rows]
    return models_import(rows, actor=actor, problems=table.problems, **options)


def models_import(
    rows: Iterable[tuple[int, Mapping[str, object]] | Mapping[str, object]],
    *,
    actor,
    as_of: date | None = None,
    dry_run: bool = False,
    province: Unit | int | None = None,
    allowed: Allowed | None = None,
    problems: Iterable[Problem] = (),
) -> Outcome:
    """Import rows, ``(line, {column: cell})`` or bare ``{column: cell}`` counted from line 2.

    ``province`` is where the codes are looked for, when it is known; ``allowed(version, date)`` refuses a
    place with a sentence. ``dry_run`` does everything, the database's own checks included, and takes it
    back. ``problems`` are those found while reading the file.

    Raises:
        Refused: every problem of every line, in the file's order; nothing is written.
    """
    problems = list(problems)
    numbered = [row if isinstance(row, tuple) else (line, row) for line, row in enumerate(rows, 2)]
    parsed = parse_rows(numbered, as_of=as_of, problems=problems)
    if not parsed and not problems:
        problems.append(Problem("no_rows", "Tệp không có dòng dữ liệu nào."))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        places = _places(parsed, as_of, province, allowed, problems)
        plans = plan_models(parsed, places, as_of=as_of, problems=problems)
        if problems:
            raise Refused(sorted(problems, key=_in_file_order))
        with told():
            write(plans)
        steps = [point for plan in plans for point in plan.points if point.action in (CREATE, CHANGE)]
        units = {step.unit_id for step in steps} | {step.before["unit"] for step in steps if step.before}
        record_many(actor, acts_of(plans, names_of(units)))
        warnings = _warnings(plans)
        if dry_run:
            transaction.set_rollback(True)
    return Outcome(dry_run, plans, warnings)


def _in_file_order(problem: Problem) -> tuple:
    return problem.line or 0, COLUMNS.index(problem.column) if problem.column in COLUMNS else 0


def _places(
    rows: list[Row], as_of: date | None, province, allowed: Allowed | None, problems: list[Problem]
) -> dict[int, UnitVersion]:
    """``{line: the unit's version}``; what cannot be found, placed or done is a problem."""
    known = versions_by_code({row.unit_code for row in rows}, province=province)
    refused: dict[tuple[int, date], str | None] = {}
    found = {}
    for row in rows:
        on = as_of or row.since
        if not row.unit_code or on is None:
            continue
        versions = known.get(row.unit_code, [])
        there = bearers(versions, on)
        if len(there) > 1 and allowed is not None:
            there = [version for version in there if allowed(version, on) is None] or there
        if len(there) != 1:
            problems.append(_not_one(row, versions, there, on))
            continue
        version = there[0]
        if version.province_id is None:
            sentence = f"“{version.name}” chưa được xếp vào địa bàn nào."
            problems.append(Problem("unplaced_unit", sentence, row.line, "unit_code", row.unit_code))
            continue
        if allowed is not None:
            key = (version.pk, on)
            if key not in refused:
                refused[key] = allowed(version, on)
            if refused[key]:
                problems.append(Problem("not_allowed", refused[key], row.line, "unit_code", row.unit_code))
                continue
        found[row.line] = version
    return found


def _not_one(row: Row, versions: list[UnitVersion], there: list[UnitVersion], on: date) -> Problem:
    if there:
        names = "; ".join(f"“{version.name}”" for version in there)
        return Problem(
            "ambiguous_unit", f"Ngày {format_date(on)} mã này là của {len(there)} đơn vị: {names}.", row.line,
            "unit_code", row.unit_code,
        )  # fmt: skip
    other = f" Vào ngày khác mã này là của “{versions[-1].name}”." if versions else ""
    return Problem(
        "unknown_unit", f"Không có đơn vị nào mang mã này vào ngày {format_date(on)}.{other}", row.line, "unit_code",
        row.unit_code,
    )  # fmt: skip


def _warnings(plans: list[ModelPlan]) -> list[Problem]:
    """A sentence for each unit that ended, with nothing that stands for it, while points on it go on."""
    going_on = defaultdict(list)
    for plan in plans:
        for point in plan.points:
            if point.until is None or point.until > today():
                going_on[point.unit_id].append(point)
    gone = [unit for unit, now in as_now(going_on).items() if now.unit_id is None]
    if not gone:
        return []
    names = names_of(gone)
    later = set(
        UnitVersion.objects.filter(unit__in=gone, valid__startswith__gt=today()).values_list("unit_id", flat=True)
    )
    warnings = []
    for unit in gone:
        if unit in later:
            continue
        first, count = going_on[unit][0].row, len(going_on[unit])
        sentence = (
            f"“{names.get(unit, '')}” đã kết thúc hoạt động và không có đơn vị kế thừa; "
            f"từ ngày đó {count} điểm ở đây không còn được tính."
        )
        warnings.append(Problem("unit_gone", sentence, first.line, "unit_code", first.unit_code))
    return sorted(warnings, key=lambda warning: warning.line)
