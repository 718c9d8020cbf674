"""Points from a wide table (design §7, ``import_scores``): every problem at once, all or nothing."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from movement.accounts.access import can
from movement.core.numbers import parse_points
from movement.core.problems import Problem, Refused
from movement.core.tables import read_table
from movement.core.text import norm

from ..enums import Purpose, Stage
from ..models import Adjustment, Assessment, Campaign, Criterion
from ..rules import ACTION_AT
from ..selectors import typers
from .bulk import Row, Written, scores_write
from .scoring import Value, value_problem

MET = {"đạt": Decimal(1), "chưa đạt": Decimal(0), "1": Decimal(1), "0": Decimal(0)}
HEADINGS = {"mã đơn vị": "unit_code", "mã": "unit_code"}


class _Reader:
    """One file against one campaign."""

    def __init__(self, campaign: Campaign, stage: Stage):
        self.campaign, self.stage = campaign, stage
        self.standard = campaign.scheme.purpose == Purpose.STANDARD
        criteria = list(Criterion.objects.filter(version=campaign.version_id))
        self.leaves = {c.code: c for c in criteria if c.is_leaf}
        self.parents = {c.code for c in criteria if not c.is_leaf}
        self.adjustments = {a.code: a for a in Adjustment.objects.filter(version=campaign.version_id)}
        self.problems: list[Problem] = []

    def columns(self) -> list[str]:
        return [
            *self.leaves,
            *(f"adj:{code}" for code in self.adjustments),
            *(f"na:{code}" for code in self.leaves),
        ]

    def value(self, raw: object, item: Criterion | Adjustment, line: int, column: str) -> Value | None:
        """A cell's value; ``None`` where it is empty or wrong (then the problem is noted)."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if self.standard and isinstance(item, Criterion):
            points = MET.get(norm(str(raw)))
            if points is None:
                self.wrong("bad_points", "Chỉ nhận “đạt” (1) hoặc “chưa đạt” (0).", line, column, raw)
                return None
        else:
            try:
                points = parse_points(raw)
            except ValueError as error:
                self.wrong("bad_number", str(error), line, column, raw)
                return None
        value = Value(points)
        if sentence := value_problem(item, value, standard=self.standard):
            self.wrong("bad_points", sentence, line, column, raw)
            return None
        return value

    def wrong(self, code: str, message: str, line: int | None, column: str | None, value: object) -> None:
        self.problems.append(Problem(code, message, line, column, value))

    def row(self, line: int, cells: dict, assessment: Assessment) -> Row:
        row = Row(assessment, line=line)
        for code, leaf in self.leaves.items():
            value = self.value(cells.get(code), leaf, line, code)
            reason = str(cells.get(f"na:{code}") or "").strip()
            if reason:
                column = f"na:{code}"
                if value is not None:
                    self.wrong(
                        "points_and_reason", "Tiêu chí vừa có điểm vừa có lý do không áp dụng.", line, column, reason
                    )
                elif sentence := value_problem(leaf, Value(reason=reason), standard=self.standard):
                    self.wrong("not_applicable_refused", sentence, line, column, reason)
                elif len(reason) > 500:
                    self.wrong("too_long", "Lý do dài quá 500 ký tự.", line, column, reason)
                else:
                    value = Value(reason=reason)
            if value is not None:
                row.scores[leaf.pk] = value
        for code, item in self.adjustments.items():
            value = self.value(cells.get(f"adj:{code}"), item, line, f"adj:{code}")
            if value is not None:
                row.adjustments[item.pk] = value
        return row


@transaction.atomic
def scores_import(
    source: Path | bytes,
    *,
    campaign: Campaign,
    stage: Stage,
    actor,
    user=None,
    filename: str | None = None,
    dry_run: bool = False,
) -> Written:
    """Read a file of points and write it.

    An empty cell leaves what is stored; 0 is zero. With ``user`` the file counts as typed by that
    account, under the same rules as on screen; without, it is the operator's.

    Raises:
        Refused: with every problem of the file; nothing is written.
    """
    reader = _Reader(campaign, stage)
    table = read_table(
        source, filename=filename or source.name, aliases=HEADINGS, required=["unit_code"], optional=reader.columns()
    )
    reader.problems += [_parent(reader, p) for p in table.problems]
    units: dict[str, list[Assessment]] = defaultdict(list)
    for a in campaign.assessments.all():
        a.campaign = campaign
        if a.unit_code:
            units[a.unit_code].append(a)
    known = typers([a.pk for rows in units.values() for a in rows]) if user else {}
    seen: dict[str, int] = {}
    rows: list[Row] = []
    for line in table.rows:
        code = str(line.cells.get("unit_code") or "").strip()
        found = units.get(code, [])
        if not code:
            reader.wrong("missing_unit", "Thiếu mã đơn vị.", line.line, "unit_code", None)
        elif code in seen:
            reader.wrong("duplicate_in_file", f"Mã đơn vị này đã có ở dòng {seen[code]}.", line.line, "unit_code", code)
        elif not found:
            reader.wrong("unknown_unit", "Đơn vị này không có trong kỳ đánh giá.", line.line, "unit_code", code)
        elif len(found) > 1:
            reader.wrong("ambiguous_unit", "Nhiều đơn vị trong kỳ có mã này.", line.line, "unit_code", code)
        else:
            a = found[0]
            a.typers = known.get(a.pk, set())
            if user and not (right := can(user, ACTION_AT[stage], a)):
                reader.wrong("not_allowed", right.sentence, line.line, "unit_code", code)
        seen.setdefault(code, line.line)
        row = reader.row(line.line, line.cells, found[0] if found else Assessment())
        if found:
            rows.append(row)
    if reader.problems:
        raise Refused(sorted(reader.problems, key=lambda p: p.line or 0))
    written = scores_write(
        campaign=campaign, stage=stage, rows=rows, actor=user or actor, on_behalf=_on_behalf(user, rows)
    )
    if dry_run:
        transaction.set_rollback(True)
    return written


def _parent(reader: _Reader, problem: Problem) -> Problem:
    """A clearer sentence for a column that names a criterion which has children."""
    heading = str(problem.column or problem.value or "")
    if problem.code == "unknown_column" and heading in reader.parents:
        return Problem(
            "not_a_leaf",
            "Tiêu chí này gồm các tiêu chí nhỏ hơn; chỉ chấm điểm ở các tiêu chí nhỏ.",
            problem.line,
            heading,
            problem.value,
        )
    return problem


def _on_behalf(user, rows: list[Row]) -> bool:
    """Typed for the unit by somebody else: an account that is not the unit's own."""
    return user is not None and any(not user.assignments.filter(unit=r.assessment.unit_id).exists() for r in rows[:1])
