"""One unit's year on one page: lines of the scheme with all that stands beside them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from movement.accounts.access import Right, can, grounds

from .ended import CLOSED, ended_sentence, standing
from .enums import STAGES, Stage, State
from .models import (
    AdjustmentScore,
    Assessment,
    Attestation,
    Evidence,
    Return,
    Score,
)
from .rules import ACTION_AT, STATES_OPEN
from .selectors import Item, Layout, layout_of
from .worklists import due_date


@dataclass(slots=True)
class Cell:
    """What one stage holds: points or reason, who typed it, and why it differs from the stage before."""

    points: Decimal | None = None
    reason: str = ""
    by: str = ""
    note: str = ""

    @property
    def empty(self) -> bool:
        return self.points is None and not self.reason


@dataclass(slots=True)
class Line:
    """One line of the page: a criterion or an adjustment."""

    item: Item | None
    code: str
    cells: dict[str, Cell]
    last_year: Cell | None = None
    evidence: list[Evidence] = field(default_factory=list)
    attestation: Attestation | None = None
    returns: list[Return] = field(default_factory=list)
    adjustment: object = None
    held: Cell = field(default_factory=Cell)  # what the stages before the one typed now left in force

    @property
    def in_force(self) -> Cell:
        for stage in reversed(STAGES):
            if not self.cells[stage].empty:
                return self.cells[stage]
        return Cell()

    @property
    def stage_in_force(self) -> str | None:
        return next((s for s in reversed(STAGES) if not self.cells[s].empty), None)

    @property
    def notes(self) -> list[tuple[str, Cell]]:
        """``(stage in words, its cell)`` of the stages that changed the points and say why."""
        return [(str(stage.label), self.cells[stage]) for stage in STAGES if self.cells[stage].note]

    def before(self, stage: Stage) -> Cell:
        """What the stages before ``stage`` left in force."""
        earlier = STAGES[: STAGES.index(stage)]
        return next((self.cells[s] for s in reversed(earlier) if not self.cells[s].empty), Cell())

    @property
    def lacks_proof(self) -> bool:
        """The scheme asks for a file or an attestation and there is none; a leaf that does not apply asks for none."""
        if self.item is None or self.in_force.reason or self.in_force.empty:
            return False
        return (self.item.evidence == "file" and not self.evidence) or (
            self.item.evidence == "attestation" and self.attestation is None
        )


@dataclass(slots=True)
class Dossier:
    """What the page of one unit needs; ``stage`` is where the user may type now, if anywhere."""

    assessment: Assessment
    layout: Layout
    lines: list[Line]
    adjustments: list[Line]
    stage: Stage | None
    right: Right
    rights: dict[str, Right]
    due: date | None
    whole_returns: list[Return]

    @property
    def missing(self) -> list[str]:
        if not self.assessment.explanation:  # nothing was typed yet, so nothing was computed
            return [leaf.code for leaf in self.layout.leaves]
        return list(self.assessment.explanation.get("missing", []))

    @property
    def unproved(self) -> list[str]:
        return [line.code for line in self.lines if line.lacks_proof]


# The same unit's assessment by the same scheme in the year before.
_LAST_YEAR = Assessment.objects.filter(
    unit=OuterRef("unit"), campaign__scheme=OuterRef("campaign__scheme"), campaign__year=OuterRef("campaign__year") - 1
)


def assessment_for(user, ulid: str) -> Assessment | None:
    """The assessment if the user may see its unit; two queries beside the rights.

    A unit that has ended before the campaign's tree date has no place there: then where it was registered counts.
    """
    row = (
        Assessment.objects.annotate(stands=standing(), inherits=Exists(Assessment.objects.filter(heir=OuterRef("pk"))))
        .select_related(
            "campaign__version__scheme", "campaign__scheme", "campaign__province", "unit", "authority", "heir"
        )
        .filter(ulid=ulid)
        .annotate(last_year=Subquery(_LAST_YEAR.values("pk")[:1]))
        .first()
    )
    if row is None:
        return None
    if not row.stands:
        held = grounds(user, tree_on=row.campaign.tree_on)
        return row if any(g.covers(path=row.path, unit_id=row.unit_id) for g in held) else None
    seen = Assessment.objects.filter(pk=row.pk).visible_to(user, tree_on=row.campaign.tree_on)
    return row if seen.exists() else None


def dossier_of(user, a: Assessment) -> Dossier:
    """All of one unit's year; a fixed number of queries."""
    layout = layout_of(a.campaign.version)
    cells, last_year, typers = _scores(a, Score, "criterion_id", "criterion__code")
    extra, _last, more = _scores(a, AdjustmentScore, "adjustment_id", "adjustment__code")
    a.typers = typers | more
    evidence = _evidence(a)
    attestations = {
        row.criterion_id: row
        for row in Attestation.objects.filter(assessment=a, withdrawn_at__isnull=True).select_related("file")
    }
    returns, whole = _returns(a)
    lines = [
        Line(
            item,
            item.code,
            {s: cells.get((item.pk, s), Cell()) for s in STAGES},
            last_year.get(item.code),
            evidence.get(item.pk, []),
            attestations.get(item.pk),
            returns.get(item.pk, []),
        )
        for item in layout.items
    ]
    adjustments = [
        Line(None, x.code, {s: extra.get((x.pk, s), Cell()) for s in STAGES}, adjustment=x) for x in layout.adjustments
    ]
    stage, right = stage_of(user, a)
    for line in (*lines, *adjustments) if stage else ():
        line.held = line.before(stage)
    rights = {
        name: can(user, f"classification.{name}", a)
        for name in ("enter", "check", "decide", "publish", "return", "opinion", "extend", "end")
    }
    step = {None: "publish", Stage.SELF: "enter", Stage.CHECK: "check", Stage.FINAL: "appraise"}[stage]
    return Dossier(a, layout, lines, adjustments, stage, right, rights, due_date(a.campaign, a.unit_kind, step), whole)


def stage_of(user, a: Assessment) -> tuple[Stage | None, Right]:
    """The stage at which the user may type in this unit now; ``None`` with the sentence that says why not.

    ``a`` comes from ``assessment_for``.

    In ``registered`` the self-score goes before the office's own entry; ``submitted`` is the check's,
    ``checked`` and ``appraised`` the appraisal's.
    """
    state = State(a.state)
    if a.closed_at:
        return None, Right(False, sentence=CLOSED)
    if not a.stands and state != State.PUBLISHED:
        return None, Right(False, sentence=ended_sentence(a))
    if not a.campaign.is_open or state in (State.DECIDED, State.PUBLISHED):
        return None, Right(False, sentence=f"Hồ sơ ở bước “{a.get_state_display()}” không sửa điểm được nữa.")
    stage = {
        State.REGISTERED: Stage.SELF, State.SELF_SCORED: Stage.SELF, State.SUBMITTED: Stage.CHECK,
        State.CHECKED: Stage.FINAL, State.APPRAISED: Stage.FINAL,
    }[state]  # fmt: skip
    right = can(user, ACTION_AT[stage], a)
    return (stage, right) if right and state in STATES_OPEN[stage] else (None, right)


def _scores(a: Assessment, model, item: str, code: str):
    """``({(item, stage): Cell}, {code: last year's Cell in force}, ids of who typed the self-score)``; one query.

    Last year is the same unit's, if ``assessment_for`` found one.
    """
    rows = model.objects.filter(assessment__in=[pk for pk in (a.pk, getattr(a, "last_year", None)) if pk])
    now: dict[tuple[int, str], Cell] = {}
    before: dict[str, tuple[int, Cell]] = {}
    typers: set[int] = set()
    values = rows.values_list(
        "assessment_id", item, code, "stage", "points", "reason", "typed_by", "typed_by_name", "note"
    )
    for assessment, pk, name, stage, points, reason, by, by_name, note in values:
        cell = Cell(points, reason if model is Score else "", by_name, note)
        if assessment == a.pk:
            now[pk, stage] = cell
            if stage == Stage.SELF and by:
                typers.add(by)
            continue
        rank = STAGES.index(Stage(stage))
        if name not in before or rank > before[name][0]:
            before[name] = (rank, cell)
    return now, {name: cell for name, (_rank, cell) in before.items()}, typers


def _evidence(a: Assessment) -> dict[int, list[Evidence]]:
    """Files by criterion; each has ``elsewhere``, how many other units use the same content."""
    others = (
        Evidence.objects.filter(file__sha256=OuterRef("file__sha256"), withdrawn_at__isnull=True)
        .exclude(assessment__unit=a.unit_id)
        .order_by()
        .values("file__sha256")
        .annotate(n=Count("assessment__unit", distinct=True))
        .values("n")
    )
    rows = (
        Evidence.objects.filter(assessment=a, withdrawn_at__isnull=True)
        .select_related("file")
        .annotate(elsewhere=Coalesce(Subquery(others), 0))
        .order_by("pk")
    )
    found = defaultdict(list)
    for row in rows:
        found[row.criterion_id].append(row)
    return found


def _returns(a: Assessment) -> tuple[dict[int, list[Return]], list[Return]]:
    """Open returns by criterion, and those of the whole dossier."""
    by_criterion, whole = defaultdict(list), []
    for row in Return.objects.filter(assessment=a, answered_at__isnull=True).order_by("-pk"):
        if row.criterion_id:
            by_criterion[row.criterion_id].append(row)
        else:
            whole.append(row)
    return by_criterion, whole
