"""Decisions already taken, into the register: read, found, compared with what is stored, then written together.

What was decided is a fact: columns, forms, dates and the existence of units are checked and refused, the
rules of commendation only warn. A line equal to what is stored is unchanged; one that differs from its entry
is refused, for entries are never changed. Sources: design §7, ``import_awards`` and "Dates".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from movement.audit.services import Act, record_many
from movement.core.dates import format_date, last_day_to_upper
from movement.core.decisions import authority_key
from movement.core.models import Decision
from movement.core.problems import Ambiguous, Problem, Refused
from movement.core.tables import read_table
from movement.core.text import normalise_name
from units.enums import Kind
from units.models import UnitVersion
from units.selectors import bearers, unit_by_code, versions_by_code

from ..enums import RecipientKind, Severity
from ..import_rows import ALIASES, OPTIONAL, REQUIRED, Row, parse_rows
from ..models import Award, AwardForm
from ..selectors import AuthorityNames, Candidate, forms_on, reward_checks
from .decisions import decision_for, decision_problem, number_key
from .places import Place, nowhere, places_on
from .refusing import as_range, refusing

NOT_ALLOWED = "Đơn vị này thuộc tỉnh ngoài phạm vi được phân công."
_LOCK = 13_803  # advisory lock: two imports at once could each record what the other just did

DecisionKey = tuple[str, str, int]  # authority, number, year, as compared


@dataclass(slots=True)
class Entry:
    """A line with everything found that it names."""

    row: Row
    province: UnitVersion
    form: AwardForm
    unit: UnitVersion | None
    authority: UnitVersion | None

    @property
    def unit_name(self) -> str:
        """As the decision writes it; without that as the register of units had it on that day."""
        if self.unit is None:
            return self.row.unit_name or self.row.person_name
        named_itself = self.row.person_name == self.row.unit_name  # a household in the column of names
        return self.unit.name if named_itself else self.row.unit_name or self.unit.name

    @property
    def decision_key(self) -> DecisionKey:
        authority = authority_key(
            unit_id=self.authority and self.authority.unit_id,
            name=self.row.authority,
            province_unit_id=self.province.unit_id,
        )
        return authority, number_key(self.row.decision), self.row.decided_on.year

    @property
    def identity(self) -> tuple:
        """What tells one entry of a decision from another."""
        unit = self.unit.unit_id if self.unit else normalise_name(self.unit_name)
        return _identity(self.row.form, self.row.recipient_kind, unit, self.row.person_name, self.row.position)

    @property
    def achieved(self) -> DateRange | None:
        return as_range(self.row.start, last_day_to_upper(self.row.end)) if self.row.start else None


def _identity(form: str, kind: str, unit: int | str, person: str, position: str) -> tuple:
    if kind == RecipientKind.COLLECTIVE:
        return form, kind, unit
    return form, kind, unit, normalise_name(person), normalise_name(position)


@dataclass(slots=True)
class Imported:
    """What an import did, or would do. ``warnings`` are for a person to weigh."""

    dry_run: bool
    decisions: int = 0
    created: int = 0
    unchanged: int = 0
    awards: list[Award] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict:
        return {
            "decisions": self.decisions,
            "created": self.created,
            "unchanged": self.unchanged,
            "warnings": [warning.as_json() for warning in self.warnings],
            "dry_run": self.dry_run,
        }


def awards_import_file(
    source,
    *,
    filename: str,
    actor,
    province: str = "",
    dry_run: bool = False,
    provinces: Collection[int] | None = None,
) -> Imported:
    """As ``decision_import``, from an XLSX or CSV (a path, bytes or an open file)."""
    table = read_table(source, filename=filename, aliases=ALIASES, required=REQUIRED, optional=OPTIONAL)
    return decision_import(
        [(row.line, row.cells) for row in table.rows],
        actor=actor,
        province=province,
        dry_run=dry_run,
        problems=table.problems,
        provinces=provinces,
    )


def decision_import(
    rows: Iterable[tuple[int, Mapping[str, object]] | Mapping[str, object]],
    *,
    actor,
    province: str = "",
    dry_run: bool = False,
    problems: Iterable[Problem] = (),
    provinces: Collection[int] | None = None,
) -> Imported:
    """Record decisions already taken, a row a recipient, all or nothing.

    Args:
        rows: ``{column: cell}`` with the columns of ``import_awards``; dates as ``date``, ISO or dd/mm/yyyy text.
            With a line number before it, ``(line, cells)``, problems name that line; else rows count from 2.
        province: a province's code, read on each row's day of decision; needed where no unit's code tells it.
        problems: those found while reading the file.
        provinces: the ids of the provinces that may be written to; a line of another one is a problem.

    Raises:
        Refused: every problem of every line, in the file's order; nothing is written.
    """
    numbered = (row if isinstance(row, tuple) else (line, row) for line, row in enumerate(rows, 2))
    problems = list(problems)
    missing = {p.column for p in problems if p.code == "missing_column"}
    parsed = parse_rows(numbered, forms=_all_forms(), problems=problems)
    if not parsed and not problems:
        problems.append(Problem("no_rows", "Tệp không có dòng dữ liệu nào."))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        outcome = Imported(dry_run)
        entries = _Finder(parsed, province, problems, outcome.warnings, provinces).entries()
        decided = _decisions(entries, problems)
        new = _new(entries, decided, problems, outcome)
        if problems:
            told = [p for p in problems if p.column not in missing or p.code == "missing_column"]
            raise Refused(sorted(told, key=lambda p: p.line or 0))
        outcome.warnings += _rules(new)
        outcome.warnings.sort(key=lambda warning: warning.line or 0)
        with refusing():
            _write(new, decided, actor, outcome)
        if dry_run:
            transaction.set_rollback(True)
    return outcome


def _all_forms() -> dict[str, AwardForm]:
    """One row a code, whatever its dates: the names that a file may use."""
    return {form.code: form for form in AwardForm.objects.order_by("-province", "valid")}


class _Finder:
    """Finds provinces, units, forms and authorities that lines name, on each line's own day."""

    def __init__(
        self,
        rows: list[Row],
        province: str,
        problems: list[Problem],
        warnings: list[Problem],
        allowed: Collection[int] | None,
    ):
        self.rows, self.code, self.problems, self.warnings = rows, province.strip(), problems, warnings
        self.allowed = allowed
        self.provinces: dict[date, UnitVersion | None] = {}
        self.by_id: dict[tuple[int, date], UnitVersion] = {}
        self.forms: dict[tuple[date, int | None], dict[str, AwardForm]] = {}
        self.names = AuthorityNames()
        self.versions = versions_by_code({row.unit_code for row in rows})
        self.province_versions = versions_by_code([self.code], kinds=[Kind.PROVINCE]) if self.code else {}

    def entries(self) -> list[Entry]:
        return [entry for row in self.rows if (entry := self._entry(row))]

    def wrong(self, row: Row, problem: Problem, column: str, value: object) -> None:
        self.problems.append(Problem(problem.code, problem.message, row.line, column, value))

    def _entry(self, row: Row) -> Entry | None:
        """All that the line names is looked for, even where its cells are wrong: problems are told at once."""
        if row.decided_on is None:
            return None
        province = self._asked_province(row)
        if self.code and province is None:
            return None
        unit = self._unit(row, province) if row.unit_code else None
        if province is None and unit:
            province = self._province_of(unit, row.decided_on)
        if province is None and (unit or (row.unit_name and not row.unit_code)):
            sentence = "Chưa biết khen thưởng này thuộc tỉnh nào; hãy ghi mã đơn vị, hoặc chọn tỉnh khi nhập."
            self.wrong(row, Problem("province_needed", sentence), "unit_code", row.unit_code)
        if province and self.allowed is not None and province.unit_id not in self.allowed:
            self.wrong(row, Problem("not_allowed", NOT_ALLOWED), "unit_code", row.unit_code)
            return None
        form = self._form(row, province) if row.form else None
        if not (row.sound and province and form) or (row.unit_code and unit is None):
            return None
        entry = Entry(row, province, form, unit, self.names.unit_of(row.authority, province, row.decided_on))
        self._warn(entry)
        return entry

    def _warn(self, entry: Entry) -> None:
        row, unit = entry.row, entry.unit
        if unit and row.unit_name and normalise_name(unit.name) != normalise_name(entry.unit_name):
            sentence = f"Đơn vị mang mã này ngày {format_date(row.decided_on)} có tên “{unit.name}”."
            self.warnings.append(Problem("name_differs", sentence, row.line, "unit_name", row.unit_name))
        if row.start is None:
            sentence = (
                "Quyết định không ghi thời gian lập thành tích: không tính vào báo cáo tổng kết năm nào, thành tích lần "
                "sau tính từ ngày quyết định."
            )
            self.warnings.append(Problem("period_missing", sentence, row.line, "achieved_from"))

    def _asked_province(self, row: Row) -> UnitVersion | None:
        if not self.code:
            return None
        on = row.decided_on
        if on not in self.provinces:
            found = bearers(self.province_versions.get(self.code, ()), on)
            self.provinces[on] = found[0] if found else None
        if self.provinces[on] is None:
            try:
                unit_by_code(self.code, on, kinds=[Kind.PROVINCE])
            except Refused as refused:
                self.wrong(row, refused.problems[0], "decided_on", format_date(on))
        return self.provinces[on]

    def _unit(self, row: Row, province: UnitVersion | None) -> UnitVersion | None:
        there = bearers(self.versions.get(row.unit_code, ()), row.decided_on)
        if province:
            there = [v for v in there if v.province_id == province.unit_id]
        elif self.allowed is not None and len(there) > 1:
            there = [v for v in there if v.province_id in self.allowed] or there
        if len(there) == 1:
            return there[0]
        try:
            return unit_by_code(row.unit_code, row.decided_on, province=province and province.unit_id)[1]
        except Refused as refused:
            self.wrong(row, refused.problems[0], "unit_code", row.unit_code)
        except Ambiguous as several:
            self.wrong(row, Problem(several.code, several.message), "unit_code", row.unit_code)
        return None

    def _province_of(self, unit: UnitVersion, on: date) -> UnitVersion | None:
        if unit.province_id is None:
            return None
        key = (unit.province_id, on)
        if key not in self.by_id:
            self.by_id[key] = UnitVersion.objects.get(unit=unit.province_id, valid__contains=on)
        return self.by_id[key]

    def _form(self, row: Row, province: UnitVersion | None) -> AwardForm | None:
        key = (row.decided_on, province and province.unit_id)
        if key not in self.forms:
            self.forms[key] = forms_on(*key)
        form = self.forms[key].get(row.form)
        if form is None:
            sentence = f"Ngày {format_date(row.decided_on)} không có hình thức khen thưởng này."
            self.wrong(row, Problem("form_not_in_force", sentence), "form", row.form)
        elif row.recipient_kind and row.recipient_kind not in form.recipient_kinds:
            kinds = ", ".join(str(RecipientKind(kind).label).lower() for kind in form.recipient_kinds)
            sentence = f"{form.name} chỉ tặng cho: {kinds}."
            self.wrong(row, Problem("form_recipient", sentence), "recipient_kind", row.recipient_kind)
            return None
        return form


# --- decisions ------------------------------------------------------------------------------------
def _decisions(entries: list[Entry], problems: list[Problem]) -> dict[DecisionKey, tuple[Entry, Decision | None]]:
    """``{key: (its first line, the stored decision)}``; lines that contradict either are problems."""
    firsts: dict[DecisionKey, Entry] = {}
    for entry in entries:
        first = firsts.setdefault(entry.decision_key, entry)
        for column, value, other in (
            ("decided_on", format_date(entry.row.decided_on), format_date(first.row.decided_on)),
            ("signer", entry.row.signer, first.row.signer),
        ):
            if normalise_name(value) != normalise_name(other):
                sentence = f"Cùng số, cơ quan và năm, nhưng dòng {first.row.line} ghi “{other}”."
                problems.append(Problem("decision_differs", sentence, entry.row.line, column, value))
    keys = firsts.keys()
    stored = {
        (d.authority_key, d.number_key, d.year): d
        for d in Decision.objects.filter(authority_key__in={k[0] for k in keys}, year__in={k[2] for k in keys})
    }
    for key, first in firsts.items():
        if key in stored:
            against = decision_problem(stored[key], decided_on=first.row.decided_on, signer=first.row.signer)
            if against:
                column, problem = against
                problems.append(Problem(problem.code, problem.message, first.row.line, column, problem.value))
    return {key: (first, stored.get(key)) for key, first in firsts.items()}


def _new(
    entries: list[Entry],
    decided: dict[DecisionKey, tuple[Entry, Decision | None]],
    problems: list[Problem],
    outcome: Imported,
) -> list[Entry]:
    """The lines that no entry stands for yet; a line that differs from its entry is a problem."""
    ids = {decision.pk: key for key, (_, decision) in decided.items() if decision}
    stored: dict[tuple, Award] = {}
    for award in Award.objects.filter(decision__in=ids):
        unit = award.unit_id or normalise_name(award.unit_name)
        same = _identity(award.form, award.recipient_kind, unit, award.person_name, award.position)
        stored[ids[award.decision_id], same] = award
    seen: dict[tuple, int] = {}
    new = []
    for entry in entries:
        key = (entry.decision_key, entry.identity)
        if key in seen:
            sentence = f"Người hoặc đơn vị này đã có trong cùng quyết định, ở dòng {seen[key]}."
            problems.append(Problem("duplicate_in_file", sentence, entry.row.line, "unit_code", entry.row.unit_code))
            continue
        seen[key] = entry.row.line
        award = stored.get(key)
        if award is None:
            new.append(entry)
            continue
        outcome.unchanged += 1
        for column, value, kept in _differences(entry, award):
            sentence = f"Sổ đã ghi “{kept}”; nội dung đã ghi trong sổ không sửa được."
            problems.append(Problem("already_recorded", sentence, entry.row.line, column, value))
    return new


def _differences(entry: Entry, award: Award) -> Iterable[tuple[str, str, str]]:
    row = entry.row
    for column, mine, kept in (
        ("achieved_from", row.start, award.achieved_from),
        ("achieved_to", row.end, award.achieved_to),
    ):
        if mine != kept:
            yield column, format_date(mine), format_date(kept)
    if row.citation != award.citation:
        yield "citation", row.citation, award.citation


# --- rules, writing -------------------------------------------------------------------------------
def _rules(new: list[Entry]) -> list[Problem]:
    """What the rules of commendation ask about; they never stop an import."""
    warnings = []
    by_province: dict[int, list[Entry]] = defaultdict(list)
    for entry in new:
        by_province[entry.province.unit_id].append(entry)
    for province_id, entries in by_province.items():
        forms = {entry.row.form: entry.form for entry in entries}
        candidates = [
            Candidate(
                key=entry.row.line,
                recipient_kind=entry.row.recipient_kind,
                unit_id=entry.unit and entry.unit.unit_id,
                unit_name=entry.unit_name,
                person_name=entry.row.person_name,
                form=entry.row.form,
                start=entry.row.start,
                end=entry.row.end,
                decision=f"Quyết định số {entry.row.decision} ở dòng {entry.row.line}",
            )
            for entry in entries
        ]
        for line, checks in reward_checks(candidates, forms, province_id=province_id).items():
            warnings += [
                Problem(check.code, check.sentence, line, "achieved_from")
                for check in checks
                if check.severity == Severity.WARNING
            ]
    return warnings


def _write(
    new: list[Entry], decided: dict[DecisionKey, tuple[Entry, Decision | None]], actor, outcome: Imported
) -> None:
    needed = {entry.decision_key for entry in new}
    decisions: dict[DecisionKey, Decision] = {}
    for key, (first, stored) in decided.items():
        if key not in needed:
            continue
        decisions[key] = stored or decision_for(
            number=first.row.decision, decided_on=first.row.decided_on, signer=first.row.signer,
            authority_name=first.row.authority, authority_unit_id=first.authority and first.authority.unit_id,
            province_id=first.province.unit_id, actor=actor,
        )  # fmt: skip
        outcome.decisions += stored is None
    places = _places(new)
    rows = [
        award_of(
            decision=decisions[entry.decision_key], form=entry.form, province=entry.province,
            place=places[entry.unit.unit_id, entry.row.decided_on] if entry.unit else nowhere(entry.province.unit_id),
            recipient_kind=entry.row.recipient_kind, unit_name=entry.unit_name, person_name=entry.row.person_name,
            position=entry.row.position, achieved=entry.achieved, citation=entry.row.citation,
        )
        for entry in new
    ]  # fmt: skip
    outcome.awards = awards_write(rows, actor)
    outcome.created = len(outcome.awards)


def _places(new: list[Entry]) -> dict[tuple[int, date], Place]:
    by_day: dict[tuple[date, int], list[UnitVersion]] = defaultdict(list)
    for entry in new:
        if entry.unit:
            by_day[entry.row.decided_on, entry.province.unit_id].append(entry.unit)
    return {
        (unit, on): place
        for (on, province_id), units in by_day.items()
        for unit, place in places_on(units, on, province_id).items()
    }


def award_of(*, decision: Decision, form: AwardForm, province: UnitVersion, place: Place, **recipient) -> Award:
    """An entry, not yet written."""
    return Award(
        decision=decision, decided_on=decision.decided_on, form=form.code, form_name=form.name,
        province_id=province.unit_id, province_name=province.name, **place.fields(), **recipient,
    )  # fmt: skip


def awards_write(awards: list[Award], actor) -> list[Award]:
    """Append entries to the register; one line of the trail a decision, which names no person."""
    made = Award.objects.bulk_create(awards, batch_size=1000)
    by_decision: dict[int, list[Award]] = defaultdict(list)
    for award in made:
        by_decision[award.decision_id].append(award)
    acts = []
    for group in by_decision.values():
        decision = group[0].decision
        counts = [
            f"{sum(award.recipient_kind == kind for award in group)} {str(kind.label).lower()}"
            for kind in RecipientKind
            if any(award.recipient_kind == kind for award in group)
        ]
        acts.append(
            Act(
                "award.record",
                f"Ghi vào sổ khen thưởng theo Quyết định số {decision}: {', '.join(counts)}.",
                "core.decision",
                decision.ulid,
                group[0].province_id,
                after={"awards": [award.ulid for award in group]},
            )
        )
    record_many(actor, acts)
    return made
