"""Saving points one by one, by the rule of stored, base and new value (design §4)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from movement.accounts.access import can
from movement.audit.services import Act, record
from movement.core.numbers import points_text
from movement.core.problems import Problem, Refused

from .. import engine
from ..ended import CLOSED, ended_sentence
from ..enums import STAGES, Purpose, Stage, State
from ..models import Adjustment, Assessment, Criterion
from ..rules import ACTION_AT, STATES_OPEN, note_needed
from ..selectors import Item, Layout, layout_of, rules_of
from .cells import Cells, Held, assessment_lock, cell_write, cells_read, result_set, result_write


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell holds: points, or the reason why it does not apply, or neither (empty).

    ``note`` says why it differs from the stage before.
    """

    points: Decimal | None = None
    reason: str = ""
    note: str = ""

    @property
    def empty(self) -> bool:
        return self.points is None and not self.reason

    def __str__(self) -> str:
        if self.points is not None:
            return points_text(self.points)
        return f"không áp dụng ({self.reason})" if self.reason else "để trống"


@dataclass(slots=True)
class Saved:
    """What became of a save: ``written``, or it ``stood`` already, or a ``conflict`` with ``stored``."""

    outcome: str
    stored: Value
    stored_by: str = ""
    assessment: Assessment | None = field(default=None, repr=False)


@transaction.atomic
def score_save(
    *,
    assessment_id: int | None = None,
    ulid: str | None = None,
    stage: Stage,
    code: str,
    base: Value,
    new: Value,
    edit_id: UUID,
    actor,
    adjustment: bool = False,
) -> Saved:
    """Save one cell of the assessment with this id or ULID.

    Written if what is stored equals ``base``; a success if it equals ``new`` already; else a conflict
    that shows both values and writes nothing. ``edit_id`` is the edit's own, so that sending it again
    is safe. ``adjustment`` says that ``code`` names a bonus or penalty. A note that nothing asks for
    (the value is that of the stage before) is not kept.

    Raises:
        Assessment.DoesNotExist
        Refused: ``not_open`` (state or campaign), ``unit_ended``, ``unknown_criterion``, ``not_allowed``, ``note_missing``
            (a checker's change without a reason), or the engine's sentence for points above the maximum
            or off the step (``bad_points``).
    """
    stage = Stage(stage)
    a = assessment_lock(pk=assessment_id, ulid=ulid)
    cells = cells_read(a.pk, edit_id)
    a.typers = cells.typers
    right = can(actor, ACTION_AT[stage], a)
    if not right:
        raise Refused(Problem("not_allowed", right.sentence, value=a.unit_name))
    if a.closed_at or not a.stands:
        raise Refused(Problem("unit_ended", CLOSED if a.closed_at else ended_sentence(a), value=a.unit_name))
    if not a.campaign.is_open or State(a.state) not in STATES_OPEN[stage]:
        raise Refused(
            Problem(
                "not_open",
                f"Hồ sơ đang ở bước “{a.get_state_display()}” nên không sửa được điểm này.",
                value=a.unit_name,
            )
        )
    layout = layout_of(a.campaign.version)
    item = _item(layout, code, adjustment)
    refuse_value(a, item, new)
    rows = cells.at(adjustment, item.pk)
    needed = note_needed(stage, _before(rows, stage), new, adjustment=adjustment)
    new = replace(new, note=new.note.strip() if needed else "")
    stored = _value(rows.get(stage))
    by = rows[stage].typed_by_name if stage in rows else ""
    if cells.repeated or stored == new:
        return Saved("stood", stored, by, a)
    if stored != base:
        return Saved("conflict", stored, by, a)
    if needed and not new.note:
        raise Refused(
            Problem("note_missing", "Sửa điểm của bước trước thì phải ghi lý do.", column=code, value=str(new))
        )
    cell_write(a, extra=adjustment, item=item.pk, stage=stage, new=new, edit=edit_id, actor=actor)
    record(
        actor,
        Act(
            "score.save",
            f"{a.unit_name}: {'mục' if adjustment else 'tiêu chí'} {code}, {stage.label.lower()}: từ {stored} thành {new}.",
            "classification.assessment", a.ulid, a.unit_id, before=_json(stored), after=_json(new), reason=new.note,
        ),
    )  # fmt: skip
    _keep(cells, (adjustment, item.pk, stage.value), new, actor)
    result_set(a, cells, layout)
    if stage == Stage.SELF:
        a.state = State.SELF_SCORED if a.complete else State.REGISTERED
        a.on_behalf = a.on_behalf or _on_behalf(right, a)
    result_write(a)
    return Saved("written", new, str(actor), a)


def _value(cell: Held | None) -> Value:
    return Value() if cell is None else Value(cell.points, cell.reason, cell.note)


def _before(rows: dict[str, Held], stage: Stage) -> Value:
    """What the stages before ``stage`` left in force."""
    earlier = [rows[s] for s in STAGES[: STAGES.index(stage)] if s in rows]
    return _value(earlier[-1]) if earlier else Value()


def _keep(cells: Cells, key: tuple[bool, int, str], new: Value, actor) -> None:
    """What was just written, among what was read."""
    if new.empty:
        cells.held.pop(key, None)
    else:
        cells.held[key] = Held(new.points, new.reason, new.note, getattr(actor, "pk", None), str(actor)[:200])


def _item(layout: Layout, code: str, adjustment: bool) -> Item | Adjustment:
    for item in layout.adjustments if adjustment else layout.leaves:
        if item.code == code:
            return item
    raise Refused(Problem("unknown_criterion", "Bộ tiêu chí không có mục chấm điểm mang mã này.", value=code))


def refuse_value(a: Assessment, item: Item | Adjustment, new: Value) -> None:
    """Raise ``Refused`` when ``new`` cannot stand in the cell of ``item``."""
    if sentence := value_problem(item, new, standard=rules_of(a.campaign.version).purpose == Purpose.STANDARD):
        raise Refused(Problem("bad_points", sentence, column=item.code, value=str(new)))


def value_problem(item: Item | Criterion | Adjustment, new: Value, *, standard: bool) -> str | None:
    """The sentence that says why a value cannot stand in a cell; ``None`` when it can."""
    if new.points is not None and new.reason:
        return "Mỗi tiêu chí có điểm, hoặc có lý do không áp dụng, không có cả hai."
    if new.empty:
        return None
    if isinstance(item, Adjustment):
        if new.points is None:
            return "Điểm cộng, điểm trừ phải là số."
        if not 0 <= new.points <= item.max_points:
            return f"Điểm {points_text(new.points)} phải từ 0 đến {points_text(item.max_points)}."
        return None
    if new.reason:
        return None if item.not_applicable else "Tiêu chí này không được để “không áp dụng”."
    most = item.most if isinstance(item, Item) else item.max_points
    leaf = engine.Leaf(item.code, item.title, most, item.step)
    sentence = engine.points_problem(leaf, new.points, standard=standard)
    return sentence and f"{sentence[:1].upper()}{sentence[1:]}."


def _on_behalf(right, a: Assessment) -> bool:
    return right.ground is not None and a.unit_id not in right.ground.unit_ids


def _json(value: Value) -> dict:
    return {"points": None if value.points is None else str(value.points), "reason": value.reason}
