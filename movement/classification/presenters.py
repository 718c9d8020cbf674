"""What the pages of results show: campaigns to choose from, counts, the criteria of one unit side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from movement.core.numbers import points_text
from units.enums import KIND_NAMES, Kind
from units.selectors import versions_of

from .enums import ORDER, STAGES, UNPUBLISHED, AdjustmentKind, ClassCode, Purpose, Stage, State
from .models import AdjustmentScore, Assessment, Campaign, SchemeVersion, Score
from .selectors import Layout, class_names, layout_of

# The stage whose points are typed on the way to a state: from there on, silence means "chấp nhận".
_STAGE_DONE = {Stage.SELF: State.SELF_SCORED, Stage.CHECK: State.CHECKED, Stage.FINAL: State.APPRAISED}


@dataclass(slots=True)
class Tab:
    """A campaign among those of a year, by the short names of its kinds."""

    campaign: Campaign
    label: str


def tabs(campaigns: list[Campaign]) -> list[tuple[str, list[Tab]]]:
    """``[(purpose in words, tabs)]`` of one year.

    Two campaigns of the same kinds also carry the scheme's code; where the year had several provinces
    (a province of today looks back at those it came from) each purpose stands under its province.
    """
    provinces = {c.province_id for c in campaigns}
    names = versions_of(provinces, campaigns[0].tree_on) if len(provinces) > 1 else {}
    found: dict[str, list[Tab]] = {}
    for campaign in campaigns:
        label = ", ".join(str(KIND_NAMES[Kind(kind)]) for kind in campaign.version.unit_kinds)
        heading = str(campaign.scheme.get_purpose_display())
        if campaign.province_id in names:
            heading = f"{names[campaign.province_id].name} · {heading}"
        found.setdefault(heading, []).append(Tab(campaign, label))
    for lines in found.values():
        labels = [tab.label for tab in lines]
        for tab in lines:
            if labels.count(tab.label) > 1:
                tab.label = f"{tab.label} ({tab.campaign.scheme.code})"
    return list(found.items())


def class_words(version: SchemeVersion) -> dict[str, str]:
    """``{class code: name}`` of a version, best first; the usual words translated."""
    usual = dict(ClassCode.choices)
    return {code: str(usual.get(code, name)) for code, name in class_names(version).items()}


@dataclass(slots=True)
class Counts:
    """How many units stand where, under filters; ``classes`` and ``states`` each without its own filter."""

    total: int = 0
    skipped: int = 0
    every_class: int = 0
    every_state: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)

    @property
    def unpublished(self) -> int:
        """Of the units under every filter but that of the class, those whose class may still change."""
        return sum(n for state, n in self.states.items() if state != State.PUBLISHED)


def counted(groups: Iterable[tuple], *, chosen_class: str, chosen_state: str) -> Counts:
    """``groups``: ``(class code, state, how many, of these before the page)``.

    As class ``none`` chooses the unclassified, as state ``UNPUBLISHED`` every step before publication.
    """
    found = Counts()
    for class_code, state, n, skipped in groups:
        code = class_code or "none"
        fits_class = chosen_class in ("", code)
        fits_state = chosen_state in ("", state) or (chosen_state == UNPUBLISHED and state != State.PUBLISHED)
        if fits_state:
            found.classes[code] = found.classes.get(code, 0) + n
            found.every_class += n
        if fits_class:
            found.states[state] = found.states.get(state, 0) + n
            found.every_state += n
        if fits_class and fits_state:
            found.total += n
            found.skipped += skipped
    return found


# --- one unit -------------------------------------------------------------------------------------
@dataclass(slots=True)
class CellShown:
    """One stage of one line. ``own`` was typed at this stage; otherwise it was accepted from the one before."""

    text: str = ""
    own: bool = False
    in_force: bool = False
    on_behalf: bool = False
    by: str = ""
    reason: str = ""


@dataclass(slots=True)
class Line:
    """A criterion, or an adjustment, with its three stages."""

    code: str
    title: str
    clause: str = ""
    depth: int = 0
    leaf: bool = True
    maximum: str = ""
    cells: list[CellShown] = field(default_factory=list)
    left_out: str = ""
    knock_out: bool = False
    sign: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)  # (stage in words, why it changed the points)


@dataclass(slots=True)
class Sheet:
    """The criteria of one unit as the page prints them."""

    lines: list[Line]
    adjustments: list[Line]
    total: Line | None


def sheet_of(assessment: Assessment) -> Sheet:
    """Criteria, adjustments and points of the three stages side by side; two queries."""
    layout = layout_of(assessment.campaign.version)
    standard = layout.rules.purpose == Purpose.STANDARD
    reached = [stage for stage in STAGES if assessment.has_reached(_STAGE_DONE[stage])]
    answers = _answers(Score.objects.filter(assessment=assessment), "criterion_id")
    leaves = _leaves_below(layout)
    lines = []
    for item in layout.items:
        line = Line(item.code, item.title, item.clause, item.depth, item.is_leaf, points_text(item.most))
        line.knock_out = item.knock_out
        if item.is_leaf:
            line.cells = _cells(answers.get(item.pk, {}), reached, standard)
            line.notes = _notes(answers.get(item.pk, {}))
            line.left_out = next((cell.reason for cell in line.cells if cell.in_force), "")
        elif not standard:
            line.cells = _sums([answers.get(pk, {}) for pk in leaves[item.code]], reached)
        else:
            line.cells = [CellShown() for _stage in STAGES]
        lines.append(line)
    total = None
    if not standard:
        total = Line("", _("Cộng các tiêu chí"), maximum=points_text(_sum(leaf.most for leaf in layout.leaves)))
        total.cells = _sums([answers.get(leaf.pk, {}) for leaf in layout.leaves], reached)
    return Sheet(lines, [] if standard else _adjustments(assessment, layout, reached), total)


def _leaves_below(layout: Layout) -> dict[str, list[int]]:
    """``{criterion code: ids of the leaves below it}``."""
    parents = {item.code: item.parent for item in layout.items}
    found: dict[str, list[int]] = {}
    for leaf in layout.leaves:
        code = leaf.code
        while code:
            found.setdefault(code, []).append(leaf.pk)
            code = parents[code]
    return found


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; ``None`` when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def _answers(rows, name: str) -> dict[int, dict[str, Score | AdjustmentScore]]:
    found: dict[int, dict] = {}
    for row in rows:
        found.setdefault(getattr(row, name), {})[row.stage] = row
    return found


def _cells(answers: dict, reached: list[Stage], standard: bool) -> list[CellShown]:
    """Three cells; the last one that was typed is in force."""
    cells, held = [], None
    last = max((STAGES.index(stage) for stage in answers), default=None)
    for place, stage in enumerate(STAGES):
        answer = answers.get(stage)
        held = answer or held
        if held is None or (answer is None and stage not in reached):
            cells.append(CellShown())
            continue
        cells.append(
            CellShown(
                text=_text(held, standard),
                own=answer is not None,
                in_force=place == last,
                on_behalf=held.on_behalf,
                by=held.typed_by_name,
                reason=held.reason if held.points is None else "",
            )
        )
    return cells


def _notes(answers: dict) -> list[tuple[str, str]]:
    return [(str(stage.label), answers[stage].note) for stage in STAGES if stage in answers and answers[stage].note]


def _text(answer, standard: bool) -> str:
    if answer.points is None:
        return _("không áp dụng")
    if standard:
        return _("Đạt") if answer.points else _("Chưa đạt")
    return points_text(answer.points)


def _sums(rows: list[dict], reached: list[Stage]) -> list[CellShown]:
    """What the leaves below hold at each stage, each with what was accepted from before."""
    cells = []
    for place, stage in enumerate(STAGES):
        if stage not in reached and not any(stage in row for row in rows):
            cells.append(CellShown())
            continue
        held = [next((row[s] for s in reversed(STAGES[: place + 1]) if s in row), None) for row in rows]
        cells.append(CellShown(points_text(_sum(answer.points for answer in held if answer)), own=True))
    return cells


def _adjustments(assessment: Assessment, layout: Layout, reached: list[Stage]) -> list[Line]:
    answers = _answers(AdjustmentScore.objects.filter(assessment=assessment), "adjustment_id")
    lines = []
    for adjustment in layout.adjustments:
        line = Line(adjustment.code, adjustment.title, maximum=points_text(adjustment.max_points))
        line.sign = "+" if adjustment.kind == AdjustmentKind.BONUS else "−"
        line.cells = _cells(answers.get(adjustment.pk, {}), reached, standard=False)
        line.notes = _notes(answers.get(adjustment.pk, {}))
        lines.append(line)
    return lines


@dataclass(slots=True)
class Obstacle:
    """Why the class is not higher: a band refused, or a cap. ``see`` is the result it depends on, if readable."""

    sentence: str
    see: Assessment | None = None


def obstacles(assessment: Assessment, words: dict[str, str], others: Iterable[Assessment]) -> list[Obstacle]:
    """From the stored explanation. ``others``: the unit's readable results, to lead to a standard that is missing."""
    by_code = {a.campaign.scheme.code: a for a in others if a.campaign.year == assessment.campaign.year}
    found = []
    for band in assessment.explanation.get("bands_refused", []):
        name = words.get(band["class"], band["class"])
        for reason in band["reasons"]:
            see = next((a for code, a in by_code.items() if code in reason.split()), None)
            sentence = _("Đủ điểm loại %(name)s nhưng không được xếp: %(reason)s.") % {"name": name, "reason": reason}
            found.append(Obstacle(sentence, see))
    for cap in assessment.explanation.get("caps_fired", []):
        code, limit = cap["when"].partition(":")[2], words.get(cap["at_most"], cap["at_most"])
        sentence = _("Tiêu chí bắt buộc %(code)s được 0 điểm: nhiều nhất là loại %(name)s.")
        found.append(Obstacle(sentence % {"code": code, "name": limit}))
    return found


def steps(assessment: Assessment) -> list[tuple[str, bool, bool]]:
    """``(step in words, reached, is the present one)`` of the unit's year, in order."""
    here = ORDER.index(State(assessment.state))
    return [(str(state.label), place <= here, place == here) for place, state in enumerate(ORDER)]
