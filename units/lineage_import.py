"""Lists of mergers into the register: hamlets above all, a province's list at once. All or nothing.

Lines with one new unit are a merger, one old unit with several lines is a split, one old and one new unit that
nobody else goes into is a rename of the same unit. A new unit is made where nothing of that name or code stands there
on the date; an old unit whose name or code is the new one's goes on as it. The same file again changes nothing.
One ``RegisterChange`` holds what a file did and takes it back. Source: design §7, ``import_lineage``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db import transaction

from movement.core.dates import format_date
from movement.core.problems import Problem, Refused
from movement.core.tables import read_table
from movement.core.text import normalise_name

from .enums import TERRITORIES, ChangeKind, LineageKind, Share
from .lineage_match import Tie, match_lines
from .lineage_rows import ALIASES, OPTIONAL, REQUIRED, Line, parse_lines
from .models import Lineage, RegisterChange, Unit
from .reach import Reach
from .scope import out_of_scope
from .selectors import UnitStep
from .selectors.changes import ALONG, CLOSED, CREATED, RENAMED, steps_of
from .selectors.ground import Ground
from .services.changes.asked import Asked
from .services.changes.keeping import kept
from .services.changes.making import Drafted, change_keep
from .services.changes.single import clean
from .services.drafting import Draft, Known, ending_problem
from .services.memberships import turns_effect
from .services.timeline import Own, Timeline, build, lock_register, refusing, restated

MERGE, SPLIT, RENAME, SAME = "merge", "split", "rename", "same"


@dataclass(frozen=True, slots=True)
class LineDone:
    """What one line does. ``action``: ``merge split rename same``; names and codes as they come to be stored."""

    line: int
    action: str
    old_name: str
    old_code: str
    new_name: str
    new_code: str
    on: date
    is_new: bool


@dataclass(slots=True)
class LineageOutcome:
    """The counts of a list of mergers, each line's doing and each unit's step for a preview."""

    dry_run: bool
    lines: list[LineDone] = field(default_factory=list)
    steps: list[UnitStep] = field(default_factory=list)
    lineage: int = 0
    sentence: str = ""
    warnings: list[Problem] = field(default_factory=list)
    change: RegisterChange | None = None

    def count(self, action: str) -> int:
        return sum(step.action == action for step in self.steps)

    def as_json(self) -> dict:
        return {
            "created": self.count(CREATED),
            "ended": self.count(CLOSED),
            "renamed": self.count(RENAMED),
            "settled": self.count(ALONG),
            "lineage": self.lineage,
            "unchanged": sum(line.action == SAME for line in self.lines),
            "warnings": [warning.as_json() for warning in self.warnings],
            "dry_run": self.dry_run,
            "change": self.change.ulid if self.change else None,
        }


def lineage_import_file(
    source, *, filename: str, actor, dry_run: bool = False, reach: Reach | None = None, idempotency_key: str = ""
) -> LineageOutcome:
    """As ``lineage_import``, from an XLSX or CSV (a path, bytes or an open file)."""
    table = read_table(source, filename=filename, aliases=ALIASES, required=REQUIRED, optional=OPTIONAL)
    return lineage_import(
        [(row.line, row.cells) for row in table.rows],
        actor=actor,
        filename=filename,
        dry_run=dry_run,
        reach=reach,
        problems=table.problems,
        idempotency_key=idempotency_key,
    )


def lineage_import(
    rows: Iterable[tuple[int, Mapping[str, object]]],
    *,
    actor,
    filename: str = "",
    dry_run: bool = False,
    reach: Reach | None = None,
    problems: Iterable[Problem] = (),
    idempotency_key: str = "",
) -> LineageOutcome:
    """Import ``(line, {column: cell})``; ``problems`` are those found while reading the file.

    ``dry_run`` does everything, the database's own checks included, and takes it back. ``reach`` is how far somebody
    may see and write (none: a command, everything).

    Raises:
        Refused: every problem of every line, in the file's order; nothing is written.
    """
    problems = list(problems)
    missing = {p.column for p in problems if p.code == "missing_column"}
    lines = parse_lines(rows, problems)
    if missing:
        problems = [p for p in problems if p.column not in missing or p.code == "missing_column"]
    if not lines and not problems:
        problems.append(Problem("no_rows", "Tệp không có dòng dữ liệu nào."))
    outcome = LineageOutcome(dry_run)
    with transaction.atomic():
        lock_register()
        if idempotency_key:
            outcome.change = RegisterChange.objects.filter(idempotency_key=idempotency_key[:60]).first()
            if outcome.change:
                return outcome
        draft = Draft(min((line.on for line in lines), default=date.max))
        try:
            with refusing():
                by_day: dict[date, list[Line]] = defaultdict(list)
                for line in lines:
                    by_day[line.on].append(line)
                for day in sorted(by_day):
                    draft.on = day
                    found: list[Problem] = []
                    ties = match_lines(by_day[day], day, found, reach=reach)
                    if not found:
                        outcome.lines += _Day(draft, ties, found).write()
                    problems += found
                if not problems:
                    draft.finish()
                    problems += draft.problems
                touched = kept(draft)
        except Refused as error:
            problems += error.problems
        if problems:
            raise Refused(sorted(problems, key=lambda p: p.line or 0))
        _finish(outcome, draft, touched, lines, filename, actor, idempotency_key)
        if dry_run:
            transaction.set_rollback(True)
            outcome.change = None
    return outcome


def _finish(
    outcome: LineageOutcome,
    draft: Draft,
    touched: dict,
    lines: Sequence[Line],
    filename: str,
    actor,
    idempotency_key: str,
) -> None:
    outcome.lines.sort(key=lambda done: done.line)
    outcome.warnings, outcome.lineage = draft.warnings, len(draft.links)
    for effect in turns_effect(draft.turns):
        message = f"{effect.title}: {'; '.join(effect.names)}{', …' if len(effect.names) < effect.count else ''}."
        outcome.warnings.append(Problem("group_members_follow", message, value=effect.count))
    created = {unit.pk for unit in draft.created}
    outcome.steps = steps_of(touched, created, preview=outcome.dry_run)
    if not touched:
        return
    first = min(line.on for line in lines)
    counts = outcome.as_json()
    name = f" “{filename}”" if filename else ""
    outcome.sentence = (
        f"Nhập danh sách sáp nhập{name}: {counts['ended']} đơn vị kết thúc, {counts['created']} đơn vị mới, "
        f"{counts['renamed']} đơn vị đổi tên hoặc mã, từ ngày {format_date(first)}."
    )
    papers = {line.decision for line in lines}
    asked = Asked(on=first, decision=papers.pop() if len(papers) == 1 else "")
    done = Drafted(draft, outcome.sentence, touched)
    outcome.change = change_keep(done, ChangeKind.LINEAGE_FILE, asked, actor=actor, idempotency_key=idempotency_key)


class _Day:
    """The ties of one day, planned and written together."""

    def __init__(self, draft: Draft, ties: list[Tie], problems: list[Problem]) -> None:
        self.draft, self.problems = draft, problems
        self.ties = ties
        ids = {t.old.unit_id for t in ties} | {t.new.unit_id for t in ties if t.new}
        self.known = draft.know(ids, lock=True)
        self.units = Unit.objects.in_bulk(ids)
        places = {s.parent_id for k in self.known.values() for s in k.segments} | {t.place for t in ties}
        self.ground = Ground(places - {None})
        self.done: list[LineDone] = []
        self.created: dict[tuple, tuple[Unit, Own]] = {}
        self.renamed: dict[int, Own] = {}

    def write(self) -> list[LineDone]:
        """Write what is to be done; nothing where ``problems`` were found. What each line does."""
        draft, open_ties = self.draft, self._without_stored()
        new: dict[tuple, list[Tie]] = defaultdict(list)
        for tie in open_ties:
            if tie.new is None:
                new[tie.key].append(tie)
            elif tie.goes_on or (tie.line.new_code and not tie.new.code):
                self._restate(tie, tie.new.unit_id)
            if tie.new is not None and not tie.goes_on:
                self._done(tie, SPLIT if tie.share == Share.PART else MERGE, self.known[tie.new.unit_id])
        units = []
        for key, group in new.items():
            if self._same_unit(group):
                tie = group[0]
                self._restate(tie, tie.old.unit_id)
            elif (made := self._new_unit(key, group)) is not None:
                units.append(made)
        linked = [t for t in open_ties if self._links(t)]
        ending = self._ending(linked)
        if self.problems:
            return []
        draft.create(units)
        self._rename()
        heirs = {t.old.unit_id: self._successor(t) for t in linked if t.is_main}
        draft.end([self.known[pk] for pk in ending])
        draft.tie([self._link(t) for t in linked])
        draft.settle(heirs)
        draft.hand_on(heirs)
        return self.done

    def _without_stored(self) -> list[Tie]:
        """Those that are not in the register yet; an old unit that has other successors by then is a problem."""
        draft, olds = self.draft, {t.old.unit_id for t in self.ties}
        stored = defaultdict(set)
        rows = Lineage.objects.filter(predecessor__in=olds, on__gte=draft.on)
        for old, new, on in rows.values_list("predecessor_id", "successor_id", "on"):
            stored[old].add((new, on))
        open_ties = []
        for tie in self.ties:
            links = stored.get(tie.old.unit_id, ())
            if tie.new and (tie.new.unit_id, draft.on) in links:
                self._done(tie, SAME, self.known[tie.new.unit_id])
            elif links and not tie.goes_on:
                message = f"“{tie.old.name}” đã có đơn vị kế thừa khác từ ngày {format_date(draft.on)} trở đi."
                self._wrong(tie, "already_followed", "old_name", message)
            else:
                open_ties.append(tie)
        return open_ties

    def _same_unit(self, group: list[Tie]) -> bool:
        """One old unit whole into one new one that nobody else goes into: the same unit under another name."""
        return len(group) == 1 and group[0].share == Share.WHOLE

    def _links(self, tie: Tie) -> bool:
        return not tie.goes_on and (tie.new is not None or tie.key in self.created)

    def _successor(self, tie: Tie) -> int:
        return tie.new.unit_id if tie.new else self.created[tie.key][0].pk

    def _restate(self, tie: Tie, unit: int) -> None:
        """Another name or code for a unit that goes on; what it is called already is not written again."""
        known, line = self.known[unit], tie.line
        now = known.at(self.draft.on)
        if now is None:
            message = f"“{known.named(self.draft.on)}” không tồn tại vào ngày {format_date(self.draft.on)}."
            self._wrong(tie, "unit_not_there", "new_name", message)
            return
        own = replace(now.own, name=clean(line.new_name), code=line.new_code or now.own.code)
        spelled = normalise_name(own.name) == normalise_name(now.own.name)
        if spelled or (tie.new is not None and not tie.goes_on):
            own = replace(own, name=now.own.name)
        rule = out_of_scope(known.kind, own.name, own.subkind) if own.name != now.own.name else None
        if rule and not self.units[unit].scope_reason:
            message = f"Không thuộc diện đánh giá ({rule.label}); hãy đổi tên ở trang của đơn vị và ghi lý do."
            self._wrong(tie, "out_of_scope", "new_name", message)
        before = self.renamed.setdefault(unit, own)
        if before != own:
            self._wrong(tie, "new_name_differs", "new_name", "Các dòng của cùng một đơn vị mới phải ghi cùng một tên.")
        if tie.new is None or tie.goes_on:
            action = SAME if own == now.own else RENAME
            self.done.append(
                LineDone(line.line, action, tie.old.name, tie.old.code, own.name, own.code, self.draft.on, is_new=False)
            )

    def _rename(self) -> None:
        timelines = []
        for unit, own in self.renamed.items():
            known = self.known[unit]
            new = restated(known.segments, self.draft.on, self.ground, own=own)
            if new != known.segments:
                timelines.append(Timeline(unit, known.kind, known.stored, new))
        self.draft.save(timelines)

    def _new_unit(self, key: tuple, group: list[Tie]):
        """The unit of a group of lines with its kind and segments; ``None`` with the problems told."""
        on, first = self.draft.on, group[0]
        kinds = {t.old.kind for t in group}
        names = {clean(t.line.new_name) for t in group}
        if len(kinds) > 1:
            message = f"“{first.line.new_name}” gồm những đơn vị khác loại."
            self._wrong(first, "kind_differs", "new_name", message)
        if len(names) > 1:
            for tie in group[1:]:
                if clean(tie.line.new_name) != clean(first.line.new_name):
                    message = f"Dòng {first.line.line} ghi đơn vị mới này là “{first.line.new_name}”."
                    self._wrong(tie, "new_name_differs", "new_name", message)
        if first.place is None:
            self._wrong(first, "missing_commune", "commune_code", "Chưa biết đơn vị mới đặt ở đâu; hãy ghi mã xã.")
        kind, name, code = first.old.kind, clean(first.line.new_name), first.line.new_code
        if kind in TERRITORIES and not code:
            self._wrong(first, "missing_code", "new_code", "Đơn vị hành chính phải có mã.")
        olds = [self.units[t.old.unit_id] for t in group]
        reason = next((unit.scope_reason for unit in olds if unit.scope_reason), "")
        if (rule := out_of_scope(kind, name)) and not reason:
            message = f"Không thuộc diện đánh giá ({rule.label}); hãy thêm đơn vị mới kèm lý do trước."
            self._wrong(first, "out_of_scope", "new_name", message)
        if self.problems:
            return None
        levels = Counter(t.old.managing_level for t in group)
        bodies = {t.old.managing_body_id for t in group}
        subkinds = {t.old.subkind for t in group}
        own = Own(
            code,
            name,
            subkinds.pop() if len(subkinds) == 1 else "",
            levels.most_common(1)[0][0],
            bodies.pop() if len(bodies) == 1 else None,
        )
        unit = Unit(scope_reason=reason, demonstration=all(unit.demonstration for unit in olds))
        self.created[key] = unit, own
        for tie in group:
            action = SPLIT if tie.share == Share.PART else MERGE
            self.done.append(LineDone(tie.line.line, action, tie.old.name, tie.old.code, name, code, on, is_new=True))
        return unit, kind, build(own, first.place, on, None, self.ground)

    def _ending(self, linked: Sequence[Tie]) -> list[int]:
        """Old units that end on the day, each asked whether it may."""
        ending = []
        for tie in linked:
            if not tie.is_main:
                continue
            if problem := ending_problem(self.known[tie.old.unit_id], self.draft.on, self.ground):
                self._wrong(tie, problem.code, "date", problem.message)
            ending.append(tie.old.unit_id)
        for tie in linked:
            if tie.new and tie.new.unit_id in ending:
                message = f"“{tie.new.name}” cũng kết thúc vào ngày này nên không nhận đơn vị khác."
                self._wrong(tie, "cycle", "new_name", message)
        return ending

    def _link(self, tie: Tie) -> Lineage:
        return Lineage(
            predecessor_id=tie.old.unit_id,
            successor_id=self._successor(tie),
            kind=LineageKind.SPLIT if tie.share == Share.PART else LineageKind.MERGE,
            on=self.draft.on,
            decision=tie.line.decision,
            share=tie.share,
            is_main=tie.is_main,
        )

    def _done(self, tie: Tie, action: str, new: Known) -> None:
        own = new.at(self.draft.on) or new.segments[-1]
        self.done.append(
            LineDone(
                tie.line.line,
                action,
                tie.old.name,
                tie.old.code,
                own.own.name,
                own.own.code,
                self.draft.on,
                is_new=False,
            )
        )

    def _wrong(self, tie: Tie, code: str, column: str, message: str) -> None:
        value = getattr(tie.line, "on" if column == "date" else column)
        self.problems.append(Problem(code, message, tie.line.line, column, value))
