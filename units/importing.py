"""Lists of units into the register: read, matched, planned, then written together or not at all.

A line states what a unit is from its start date on, until the next change that is stored:
    - nobody matches: the unit is created;
    - the same as stored: unchanged;
    - differs, same start as the stored version: that version is corrected;
    - differs, later start: a rename or a move from that date.
An empty cell (code, sub-kind, place, end, contact data) leaves what is stored. A line of an exported list names its
unit by a mark; when somebody changed that unit since, the line is a conflict unless it says what is stored anyway.
``valid_to`` is the unit's last day. A unit that outlives its place goes on below the place's main successor, else unplaced ("chưa
xếp địa bàn") with a warning. Sources: design §4 "units", §7 "Dates".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db import transaction

from movement.audit.services import Act, record_many
from movement.core.dates import format_date, upper_to_last_day
from movement.core.problems import Problem, Refused
from movement.core.tables import Table, read_table
from movement.core.text import normalise_name

from .divisions import REFORM
from .enums import Kind, Level
from .import_match import Asking, Known, Match, alike_in_file, match_rows
from .import_rows import ALIASES, DETAILS, OPTIONAL, REQUIRED, Row, parse_rows, text_of
from .models import Unit
from .scope import out_of_scope
from .selectors import names_of
from .selectors.ground import Ground
from .services.codes import code_clashes
from .services.memberships import memberships_follow, turns_acts
from .services.timeline import (
    Own,
    Segment,
    Timeline,
    build,
    continues,
    ended,
    joined,
    lock_register,
    restated,
    run_of,
    save_checked,
    segment_of,
    version_row,
)
from .statements import differing

CREATE, CHANGE, SAME, CONFLICT = "create", "change", "same", "conflict"


@dataclass(slots=True)
class Step:
    """What one line does. ``before`` and ``after`` hold what differs, by column, places by name."""

    row: Row
    action: str
    unit: Unit
    timeline: Timeline
    place_name: str = ""
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What all lines together would do. ``problems`` carry their line; a line with one does nothing."""

    matches: list[Match]
    steps: list[Step]
    warnings: list[Problem]
    problems: list[Problem]
    known: Known


@dataclass(slots=True)
class Outcome:
    """The counts of an import, its warnings, and each line's step for a preview."""

    dry_run: bool
    steps: list[Step]
    warnings: list[Problem]

    def count(self, action: str) -> int:
        return sum(step.action == action for step in self.steps)

    def as_json(self) -> dict:
        return {
            "created": self.count(CREATE),
            "changed": self.count(CHANGE),
            "unchanged": self.count(SAME),
            "warnings": [warning.as_json() for warning in self.warnings],
            "dry_run": self.dry_run,
        }


def units_import_file(source, *, filename: str, actor, as_of: date | None = None, dry_run: bool = False) -> Outcome:
    """As ``units_import``, from an XLSX or CSV (a path, bytes or an open file)."""
    table = table_of(source, filename=filename)
    rows = [(row.line, row.cells) for row in table.rows]
    return units_import(rows, actor=actor, as_of=as_of, dry_run=dry_run, problems=table.problems)


def table_of(source, *, filename: str) -> Table:
    """The lines of a list of units under the contract's columns."""
    return read_table(source, filename=filename, aliases=ALIASES, required=REQUIRED, optional=OPTIONAL)


def units_import(
    rows: Iterable[tuple[int, Mapping[str, object]]],
    *,
    actor,
    as_of: date | None = None,
    dry_run: bool = False,
    problems: Iterable[Problem] = (),
) -> Outcome:
    """Import ``(line, {column: cell})``; ``problems`` are those found while reading the file.

    What a missing column alone makes wrong in every line is told once, by the column.

    ``dry_run`` does everything, the database's own checks included, and takes it back.

    Raises:
        Refused: every problem of every line, in the file's order; nothing is written.
    """
    problems = list(problems)
    missing = {p.column for p in problems if p.code == "missing_column"}
    parsed = parse_rows(rows, as_of=as_of, problems=problems)
    if not parsed and not problems:
        problems.append(Problem("no_rows", "Tệp không có dòng dữ liệu nào."))
    with transaction.atomic():
        lock_register()
        plan = units_plan(parsed, as_of=as_of, problems=problems)
        found = [*plan.problems, *map(_conflict, plan.steps)]
        if told := [p for p in found if p and (p.column not in missing or p.code == "missing_column")]:
            raise Refused(sorted(told, key=lambda p: p.line or 0))
        steps_write(plan.steps, actor)
        if dry_run:
            transaction.set_rollback(True)
    return Outcome(dry_run, plan.steps, plan.warnings)


def _conflict(step: Step) -> Problem | None:
    if step.action != CONFLICT:
        return None
    column = next(iter(step.before))
    message = f"Đơn vị này đã được thay đổi sau khi xuất danh sách; đang ghi là “{step.before[column]}”."
    return Problem("conflict", message, step.row.line, column, step.after[column])


# --- planning -------------------------------------------------------------------------------------


def units_plan(
    rows: Sequence[Row], *, as_of: date | None, problems: Iterable[Problem] = (), asking: Asking | None = None
) -> Plan:
    """What lines that were read would do; ``problems`` are those found so far. Nothing is written."""
    asking, problems = asking or Asking(), list(problems)
    matches, known = match_rows(rows, as_of=as_of, problems=problems, asking=asking)
    steps = []
    for match in matches:
        if match.refused:
            continue
        if not match.same:
            _check_scope(match, known, problems)
        step = (_new_unit if match.unit_id is None else _known_unit)(match, known, asking, problems)
        if step and asking.reach and step.action in (CREATE, CHANGE):
            _check_right(step, match, asking.reach, problems)
        steps += [step] if step else []
    written = [step for step in steps if step.action in (CREATE, CHANGE)]
    _refuse_namesakes(written, matches, problems)
    warnings = [w for match in matches for w in match.warnings]
    warnings += _keep_codes_apart(written, known.ground, problems)
    _describe(written)
    warnings += [*alike_in_file(matches), *_unplaced(written), *_no_district(written)]
    return Plan(matches, steps, warnings, problems, known)


def _check_right(step: Step, match: Match, reach, problems: list[Problem]) -> None:
    """Both as the unit is and as it would be must be within what the person may change."""
    row, timeline = step.row, step.timeline
    versions = [v for v in timeline.stored if v.valid.lower <= match.on][-1:] or list(timeline.stored[:1])
    told = next((s for s in timeline.segments if s.holds(match.on)), timeline.segments[-1])
    versions.append(version_row(timeline.unit_id, timeline.kind, told))
    refusal = next((sentence for v in versions if (sentence := reach.refusal(v))), None)
    if refusal:
        problems.append(Problem("not_allowed", refusal, row.line, "name", row.name))


def _check_scope(match: Match, known: Known, problems: list[Problem]) -> None:
    row = match.row
    rule = out_of_scope(row.kind, row.name, row.subkind)
    unit = known.units.get(match.unit_id)
    if rule and not row.details.get("scope_reason") and not (unit and unit.scope_reason):
        message = f"Không thuộc diện đánh giá ({rule.label}); nếu vẫn đưa vào, hãy ghi lý do ở cột scope_reason."
        problems.append(Problem("out_of_scope", message, row.line, "name", row.name))


def _new_unit(match: Match, known: Known, _asking: Asking, problems: list[Problem]) -> Step | None:
    row, place = match.row, match.place
    if row.start is None or not row.managing_level:
        return None
    if place is None and row.kind != Kind.PROVINCE:
        if not row.commune_code and not row.parent_code:
            message = "Chưa ghi mã xã; đơn vị không đặt ở xã nào thì ghi mã đơn vị cấp trên."
            problems.append(Problem("missing_commune", message, row.line, "commune_code", ""))
        return None
    if row.is_territory and not row.code:
        problems.append(Problem("missing_code", "Đơn vị hành chính phải có mã.", row.line, "code", ""))
        return None
    own = Own(row.code, row.name, row.subkind, row.managing_level)
    segments = build(own, place.unit_id if place else None, row.start, row.end, known.ground)
    if place and all(s.parent_id is None for s in segments):
        message = f"“{place.name}” chỉ có từ ngày {format_date(known.ground.first_day(place.unit_id))}, sau khi đơn vị kết thúc."
        problems.append(Problem("place_not_there", message, row.line, "commune_code", row.commune_code))
        return None
    if row.is_territory and place and {s.parent_id for s in segments} != {place.unit_id}:
        message = f"Đơn vị hành chính không thể nằm ngoài thời gian tồn tại của “{place.name}”."
        problems.append(Problem("crosses_parent_end", message, row.line, "valid_to", row.end or ""))
        return None
    timeline = Timeline(-row.line, row.kind, (), segments)  # a key for the plan; the unit gets its own when written
    return Step(row, CREATE, Unit(**row.details), timeline, place.name if place else "")


def _describe(steps: Sequence[Step]) -> None:
    """Fill ``before`` and ``after`` with what differs, places by name."""
    places = {
        s.parent_id for step in steps for t in (step.timeline,) for s in (*t.segments, *map(segment_of, t.stored))
    }
    names = names_of(places - {None})
    for step in steps:
        old = [segment_of(v) for v in step.timeline.stored]
        before, after = _said(old, step.row.start, names), _said(step.timeline.segments, step.row.start, names)
        before |= {name: getattr(step.unit, name) for name in step.details}
        after |= step.row.details if step.action == CREATE else step.details
        step.before = {key: value for key, value in before.items() if value != after.get(key)}
        step.after = {key: value for key, value in after.items() if value != before.get(key)}


def _said(segments: Sequence[Segment], on: date, names: Mapping[int, str]) -> dict:
    """What is known on a date, for the trail and the preview; of the first version before it existed."""
    if not segments:
        return {}
    now = next((s for s in segments if s.holds(on)), segments[0])
    last = upper_to_last_day(segments[-1].end)
    return {
        "code": now.own.code,
        "name": now.own.name,
        "subkind": now.own.subkind,
        "managing_level": now.own.managing_level,
        "place": names.get(now.parent_id, ""),
        "valid_from": segments[0].start.isoformat(),
        "valid_to": last.isoformat() if last else "",
    }


def _known_unit(match: Match, known: Known, asking: Asking, problems: list[Problem]) -> Step | None:
    row, stored = match.row, known.timelines[match.unit_id]
    unit, segments = known.units[match.unit_id], [segment_of(v) for v in stored]
    kind = stored[0].kind
    if match.same:
        return Step(row, SAME, unit, Timeline(unit.pk, kind, stored, segments))
    if row.start is None or not row.managing_level or not row.name:
        return None
    told = differing(row, match.stated) if match.moved_on and row.line not in asking.forced else {}
    if told:
        before, after = ({column: pair[side] for column, pair in told.items()} for side in (0, 1))
        timeline = Timeline(unit.pk, kind, stored, segments)
        return Step(row, CONFLICT, unit, timeline, before=before, after=after)
    new = _restate(match, segments, known.ground, problems)
    if new is None:
        return None
    details = {name: text for name, text in row.details.items() if text_of(getattr(unit, name)) != text}
    timeline = Timeline(unit.pk, kind, stored, new)
    step = Step(row, SAME if new == segments and not details else CHANGE, unit, timeline, details=details)
    step.place_name = match.place.name if match.place else ""
    return step


def _restate(match: Match, segments: list[Segment], ground: Ground, problems: list[Problem]) -> list[Segment] | None:
    """The unit's segments once the line is true; ``None`` when it cannot be, with the problem added."""
    row, place = match.row, match.place
    new = segments
    if row.start < segments[0].start:  # the list knows an earlier beginning
        first = segments[0]
        begun = place is not None and ground.exists(place.unit_id, row.start)
        earlier = build(first.own, place.unit_id if begun else first.parent_id, row.start, first.start, ground)
        new = joined([*earlier, *segments])
    # a code read on --as-of speaks of the unit as it is called then, not of the names it had before
    there = any(s.holds(match.on) for s in new)
    since = max(row.start, run_of(new, match.on, ground)[0].start) if there else row.start
    now = next((s for s in new if s.holds(since)), None)
    if now is None or (row.end is not None and row.end <= since):
        until = format_date(upper_to_last_day(segments[-1].end))
        message = f"Ngày của dòng này không khớp với “{segments[-1].own.name}”, tồn tại đến ngày {until}."
        problems.append(Problem("dates_conflict", message, row.line, "valid_from", format_date(row.start)))
        return None
    own = Own(
        code=now.own.code if match.by_code or not row.code else row.code,
        name=_kept(now.own.name, row.name),
        subkind=_kept(now.own.subkind, row.subkind or now.own.subkind),
        managing_level=row.managing_level,
        managing_body_id=now.own.managing_body_id,
    )
    new = restated(new, since, ground, own=own)
    if place:
        there = max(since, ground.first_day(place.unit_id))
        if any(s.holds(there) for s in new):
            new = restated(new, there, ground, place=(ground.parent_on(place.unit_id, there),))
    new = _with_end(row, new, since, ground, problems)
    if new is not None and row.is_territory and _frame(new) != _frame(segments):
        message = "Dời, mở hoặc kết thúc đơn vị hành chính làm thay đổi cả các đơn vị bên dưới nên không nhập bằng tệp."
        problems.append(Problem("territory_moves", message, row.line, "valid_from", format_date(row.start)))
        return None
    return new


def _kept(stored: str, told: str) -> str:
    """What is stored, where a list says the same with other spaces."""
    return stored if text_of(stored) == text_of(told) else told


def _frame(segments: Sequence[Segment]) -> list[Segment]:
    """Where and when, whatever it was called."""
    return joined([replace(s, own=Own("", "", "", "")) for s in segments])


def _with_end(
    row: Row, segments: list[Segment], since: date, ground: Ground, problems: list[Problem]
) -> list[Segment] | None:
    """``segments`` ending where the line says. It may tell the end of the unit or of the name it speaks of."""
    run = run_of(segments, since, ground)
    if row.end is None or row.end in (run[-1].end, _unbroken_end(segments, since), segments[-1].end):
        return segments
    if run[-1] == segments[-1]:
        return ended(segments, row.end, ground)
    message = f"Từ ngày {format_date(run[-1].end)} đơn vị này đã có thay đổi khác; ngày kết thúc không khớp."
    problems.append(Problem("dates_conflict", message, row.line, "valid_to", format_date(upper_to_last_day(row.end))))
    return None


def _unbroken_end(segments: Sequence[Segment], on: date) -> date | None:
    """Where the unit ends for the first time after ``on``: a closed unit may have been opened again."""
    ends = {s.start: s.end for s in segments}
    end = next(s.end for s in segments if s.holds(on))
    while end in ends:
        end = ends[end]
    return end


def _refuse_namesakes(steps: Sequence[Step], matches: Sequence[Match], problems: list[Problem]) -> None:
    """A new unit without a code where an earlier line's unit of that name will stand by then is the same one."""
    asked_on = {match.row.line: match.on for match in matches}
    standing: dict[tuple, list[tuple[Segment, Step]]] = defaultdict(list)
    for step in steps:
        for s in step.timeline.segments:
            if s.parent_id and not s.own.code:
                standing[s.parent_id, step.row.kind, normalise_name(s.own.name)].append((s, step))
    for step in steps:
        if step.action != CREATE or step.row.code:
            continue
        on = asked_on[step.row.line]
        place = next((s.parent_id for s in step.timeline.segments if s.holds(on)), None)
        for s, other in standing.get((place, step.row.kind, normalise_name(step.row.name)), ()):
            if (
                other is not step
                and s.holds(on)
                and (other.row.start, other.row.line) < (step.row.start, step.row.line)
            ):
                message = (
                    f"Đơn vị ở dòng {other.row.line} cũng thuộc nơi này vào ngày đó; nếu là đơn vị khác, hãy ghi mã."
                )
                problems.append(Problem("duplicate_in_file", message, step.row.line, "name", step.row.name))
                break


# --- what the plan would leave behind ---------------------------------------------------------------


def _keep_codes_apart(steps: Sequence[Step], ground: Ground, problems: list[Problem]) -> list[Problem]:
    """Refuse a code that is taken where the line puts its unit; leave unplaced what meets a bearer after a merger."""
    by_unit = {step.timeline.unit_id: step for step in steps}
    warnings = []
    for unit, indexes in code_clashes([step.timeline for step in steps]).items():
        step = by_unit[unit]
        segments = list(step.timeline.segments)
        for i in sorted(indexes):
            code = segments[i].own.code
            if i and segments[i].start > step.row.start and continues(segments[i - 1], segments[i], ground):
                segments[i] = replace(segments[i], parent_id=None, parent_path="", province_id=None)
                since = format_date(segments[i].start)
                message = f"Từ ngày {since} mã này trùng với đơn vị khác trong tỉnh mới nên đơn vị chưa xếp địa bàn."
                warnings.append(Problem("code_taken_after_merge", message, step.row.line, "code", code))
            else:
                message = "Mã này là của đơn vị khác trong tỉnh trong cùng thời gian."
                problems.append(Problem("code_taken", message, step.row.line, "code", code))
                break
        step.timeline = replace(step.timeline, segments=joined(segments))
    return warnings


def _unplaced(steps: Sequence[Step]) -> list[Problem]:
    """One warning for each place and date from which, or until which, units stand nowhere."""
    found: dict[tuple, list[Step]] = defaultdict(list)
    for step in steps:
        if step.timeline.kind == Kind.PROVINCE:
            continue
        stored = {(s.start, s.end) for s in map(segment_of, step.timeline.stored) if s.parent_id is None}
        for s in step.timeline.segments:
            if s.parent_id is None and (s.start, s.end) not in stored:
                before = s.start == step.timeline.segments[0].start
                found[before, s.end if before else s.start, step.place_name].append(step)
    warnings = []
    for (before, day, place), units in found.items():
        where = f" ở “{place}”" if place else ""
        if before:
            until = f"trước ngày {format_date(day)}" if day else "vào thời gian của dòng"
            code, why = "unplaced_before", f"chưa xếp địa bàn {until} vì địa bàn này khi đó chưa có"
        else:
            code, why = "unplaced_after", f"chưa xếp địa bàn từ ngày {format_date(day)} vì chưa nạp địa bàn kế thừa"
        message = f"{len(units)} đơn vị{where} {why}."
        warnings.append(Problem(code, message, units[0].row.line, "commune_code", units[0].row.commune_code))
    return warnings


def _no_district(steps: Sequence[Step]) -> list[Problem]:
    late = [
        step
        for step in steps
        for last in step.timeline.segments[-1:]
        if last.own.managing_level == Level.DISTRICT and (last.end is None or last.end > REFORM)
    ]
    if not late:
        return []
    message = (
        f"{len(late)} đơn vị vẫn ghi cấp quản lý là huyện sau ngày 30/06/2025, khi không còn cấp huyện; "
        "hãy cập nhật cấp quản lý mới."
    )
    return [Problem("district_level_ended", message, late[0].row.line, "managing_level", "district")]


# --- writing --------------------------------------------------------------------------------------


def steps_write(steps: Sequence[Step], actor) -> None:
    """Write what is new and what changes, in the caller's transaction.

    Raises:
        Refused: with the sentence of the constraint that would break.
    """
    created = [step for step in steps if step.action == CREATE]
    changed = [step for step in steps if step.action == CHANGE]
    Unit.objects.bulk_create([step.unit for step in created], batch_size=2000)
    for step in created:
        step.timeline = replace(step.timeline, unit_id=step.unit.pk)
    detailed = [step for step in changed if step.details]
    for step in detailed:
        for name, text in step.details.items():
            setattr(step.unit, name, text)
    if detailed:
        Unit.objects.bulk_update([step.unit for step in detailed], DETAILS, batch_size=1000)
    save_checked(step.timeline for step in (*created, *changed))
    record_many(actor, (_act(step) for step in (*created, *changed)))
    ends = {step.timeline.unit_id: step.timeline.segments[-1].end for step in changed}
    if turns := memberships_follow(ends):
        first = min(ends[turn.unit_id] for turn in turns if ends.get(turn.unit_id))
        record_many(actor, turns_acts(turns, on=first, because="Đơn vị kết thúc theo tệp nhập."))


def _act(step: Step) -> Act:
    new = step.action == CREATE
    name, code = step.row.name, step.timeline.segments[-1].own.code
    what = "Thêm" if new else "Cập nhật"
    place = f" tại {step.place_name}" if step.place_name else ""
    return Act(
        "unit.created" if new else "unit.changed",
        f"{what} “{name}”{f' (mã {code})' if code else ''}{place} theo tệp nhập, dòng {step.row.line}.",
        object_kind="units.unit",
        object_id=step.unit.ulid,
        unit_id=step.unit.pk,
        before=None if new else step.before,
        after=step.after,
    )
