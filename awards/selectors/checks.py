"""Rules of commendation, each explained. They warn; what was decided is a fact that people answer for.

Sources: ``clause`` of each check. What no regulation was read for (classes required, spans between two
awards) is a setting of ``AwardForm`` and says so where it is not set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Q

from movement.classification.enums import ClassCode, Purpose
from movement.classification.models import PublishedResult
from movement.core.dates import format_date, today
from movement.core.text import VnName, normalise_name, search_text
from units.models import UnitVersion

from ..enums import FormCode, RecipientKind, Severity, Years
from ..models import Award, AwardForm, Nomination, Recipient
from .lineage import with_predecessors

ONE_ACHIEVEMENT = "Luật Thi đua, khen thưởng số 06/2022/QH15, nguyên tắc khen thưởng"
COUNTED_FROM = "Khoản 9 Điều 30 Nghị định số 98/2023/NĐ-CP"
NOT_A_CONDITION = "Điều 4 Nghị định số 98/2023/NĐ-CP và Điều 4 Nghị định số 152/2025/NĐ-CP"
INSIGNIA_ONCE = "Thông tư số 11/2021/TT-BCA"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule looked at. ``severity`` is a code of ``enums.Severity``."""

    code: str
    severity: str
    sentence: str
    clause: str = ""

    def as_json(self) -> dict:
        return {"code": self.code, "severity": self.severity, "sentence": self.sentence, "clause": self.clause}


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is looked at: a nomination, or a line of an import. ``end`` is the last day.

    ``decision`` says where it stands when another candidate of the same batch meets it.
    """

    key: object
    recipient_kind: str
    unit_id: int | None
    unit_name: str
    person_name: str
    form: str
    start: date | None
    end: date | None
    decision: str = ""

    @property
    def is_collective(self) -> bool:
        return self.recipient_kind == RecipientKind.COLLECTIVE


@dataclass(frozen=True, slots=True)
class Earlier:
    """A commendation that stands in the register, or beside a candidate in the same batch."""

    key: object
    form: str
    said: str  # "Cờ thi đua … theo Quyết định số 11/QĐ-UBND ngày 15/01/2020"
    start: date | None
    end: date | None
    decided_on: date | None
    unit_name: str


def candidate_of(key: object, row: Recipient, decision: str = "") -> Candidate:
    return Candidate(
        key, row.recipient_kind, row.unit_id, row.unit_name, row.person_name, row.form,
        row.achieved_from, row.achieved_to, decision,
    )  # fmt: skip


def reward_checks(
    candidates: Iterable[Candidate], forms: Mapping[str, AwardForm], *, province_id: int | None
) -> dict[object, list[Check]]:
    """``{key: checks}`` on earlier commendations of the same recipient, revoked ones apart: same achievement,
    overlapping period, insignia given twice. An import asks these only. A fixed number of queries."""
    candidates = list(candidates)
    earlier = _Earlier(candidates, forms, province_id)
    return {one.key: list(_against(one, earlier.of(one), forms)) for one in candidates}


def nomination_checks(nominations: Iterable[Nomination], forms: Mapping[str, AwardForm]) -> dict[int, list[Check]]:
    """``{nomination: checks}`` for nominations of one round, the gravest first. A fixed number of queries."""
    nominations = list(nominations)
    if not nominations:
        return {}
    ring = nominations[0].round
    candidates = [candidate_of(n.pk, n, f"đề nghị trong đợt “{ring.title}”") for n in nominations]
    earlier = _Earlier(candidates, forms, ring.province_id)
    existed = existence_checks(candidates)
    classes = _classes(candidates, forms, earlier.units)
    found = {}
    for one in candidates:
        before = earlier.of(one)
        checks = [*existed.get(one.key, ()), *_period_checks(one), *_against(one, before, forms)]
        if one.is_collective:
            checks.append(classes[one.key])
        stored = [past for past in before if past.decided_on]
        checks.append(_no_lower_needed(one, stored, forms))
        found[one.key] = sorted((check for check in checks if check), key=lambda c: _GRAVEST.index(c.severity))
    return found


_GRAVEST = [Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.OK]


# --- the period -----------------------------------------------------------------------------------
def period_problem(start: date, end: date, *, on: date | None = None) -> str:
    """Why a period cannot be an achievement's on a day (default: today), or an empty text."""
    on = on or today()
    if end < start:
        return "Ngày cuối của thời gian lập thành tích phải sau ngày đầu."
    if start > on:
        return "Thời gian lập thành tích bắt đầu ở tương lai."
    if end > date(on.year, 12, 31):
        return f"Thời gian lập thành tích kéo dài quá ngày 31/12/{on.year}, tức là ở tương lai."
    return ""


def _period_checks(one: Candidate) -> Iterable[Check]:
    if sentence := period_problem(one.start, one.end):
        yield Check("period_ahead", Severity.ERROR, sentence)
    elif one.end > today():
        yield Check(
            "period_running",
            Severity.WARNING,
            f"Thời gian lập thành tích đến ngày {format_date(one.end)} chưa kết thúc.",
        )


# --- the unit existed then ------------------------------------------------------------------------
def existence_checks(candidates: Iterable[Candidate]) -> dict[object, list[Check]]:
    """``{key: checks}``: was there such a unit in the achievement period?"""
    candidates = [one for one in candidates if one.unit_id and one.start and one.end]
    spans: dict[int, list] = defaultdict(list)
    rows = UnitVersion.objects.filter(unit__in={one.unit_id for one in candidates}).order_by("valid__startswith")
    for unit, valid in rows.values_list("unit_id", "valid"):
        spans[unit].append((valid.lower, valid.upper or date.max))
    return {one.key: [_existed(one, spans[one.unit_id])] for one in candidates}


def _existed(one: Candidate, spans: list[tuple[date, date]]) -> Check:
    inside = [(a, b) for a, b in spans if a <= one.end and b > one.start]
    whose = "Đơn vị" if one.is_collective else "Đơn vị của người, hộ được đề nghị"
    if not inside:
        if spans and spans[0][0] > one.end:
            sentence = f"{whose} chưa thành lập trong thời gian lập thành tích (có từ ngày {format_date(spans[0][0])})."
        else:
            last = spans[-1][1] - timedelta(days=1) if spans else None
            sentence = f"{whose} đã kết thúc trước thời gian lập thành tích (ngày cuối là {format_date(last)})."
        return Check("unit_existed", Severity.ERROR, sentence)
    first, last = inside[0][0], inside[-1][1]
    if first > one.start or last <= one.end:
        since = f"từ ngày {format_date(first)}" if first > one.start else ""
        until = f"đến ngày {format_date(last - timedelta(days=1))}" if last <= one.end else ""
        when = " ".join(part for part in (since, until) if part)
        return Check("unit_existed", Severity.WARNING, f"{whose} chỉ có {when} trong thời gian lập thành tích.")
    return Check("unit_existed", Severity.OK, f"{whose} có trong suốt thời gian lập thành tích.")


# --- earlier commendations ------------------------------------------------------------------------
class _Earlier:
    """Commendations of the same recipients: in the register, and in the batch itself."""

    def __init__(self, candidates: list[Candidate], forms: Mapping[str, AwardForm], province_id: int | None):
        self.units = with_predecessors(one.unit_id for one in candidates if one.unit_id)
        self.found: dict[tuple, list[Earlier]] = defaultdict(list)
        for award in self._stored(candidates, province_id):
            said = f"{award.form_name} theo Quyết định số {award.decision.number} ngày {format_date(award.decided_on)}"
            past = Earlier(
                award.pk, award.form, said, award.achieved_from, award.achieved_to, award.decided_on, award.unit_name
            )
            self._put(award.recipient_kind, award.unit_id, award.unit_name, award.person_name, past)
        for one in candidates:
            if one.decision:
                name = forms[one.form].name if one.form in forms else FormCode(one.form).label
                past = Earlier(one.key, one.form, f"{name}, {one.decision}", one.start, one.end, None, one.unit_name)
                self._put(one.recipient_kind, one.unit_id, one.unit_name, one.person_name, past)

    def _stored(self, candidates: list[Candidate], province_id: int | None):
        wanted = Q(pk__in=[])
        units = {unit for one in candidates if one.is_collective and one.unit_id for unit in self.units[one.unit_id]}
        if units:
            wanted |= Q(recipient_kind=RecipientKind.COLLECTIVE, unit__in=units)
        persons = {search_text(one.person_name) for one in candidates if one.person_name}
        if persons:
            wanted |= Q(person_search__in=persons) & ~Q(person_name="")
        nameless = {normalise_name(one.unit_name) for one in candidates if one.is_collective and not one.unit_id}
        rows = Award.objects.filter(revocation=None).select_related("decision")
        found = list(rows.filter(wanted)) if units or persons else []
        if nameless:
            unknown = rows.filter(recipient_kind=RecipientKind.COLLECTIVE, unit=None, province=province_id)
            found += unknown.annotate(_name=VnName("unit_name")).filter(_name__in=nameless)
        return found

    def _put(self, kind: str, unit_id: int | None, unit_name: str, person_name: str, past: Earlier) -> None:
        if kind == RecipientKind.COLLECTIVE:
            self.found["unit", unit_id or normalise_name(unit_name)].append(past)
        else:
            self.found["person", normalise_name(person_name)].append(
                replace(past, key=(past.key, unit_id or normalise_name(unit_name)))
            )

    def of(self, one: Candidate) -> list[Earlier]:
        """Oldest first, without the candidate itself. Of persons those of the same name, whatever their unit."""
        if one.is_collective:
            keys = self.units[one.unit_id] if one.unit_id else [normalise_name(one.unit_name)]
            found = [past for key in keys for past in self.found.get(("unit", key), ()) if past.key != one.key]
        else:
            found = [p for p in self.found.get(("person", normalise_name(one.person_name)), ()) if p.key[0] != one.key]
        return sorted(found, key=lambda past: past.decided_on or date.max)


def _same_person(one: Candidate, past: Earlier) -> bool:
    return past.key[1] in (one.unit_id, normalise_name(one.unit_name))


def _against(one: Candidate, earlier: list[Earlier], forms: Mapping[str, AwardForm]) -> Iterable[Check]:
    if one.form == FormCode.INSIGNIA and (given := [p for p in earlier if p.form == FormCode.INSIGNIA]):
        yield Check(
            "insignia_again",
            Severity.WARNING,
            f"Người cùng họ tên ({given[0].unit_name}) đã được tặng {given[0].said}: kỷ niệm chương chỉ tặng một lần "
            "cho mỗi người; hãy kiểm tra có phải cùng một người.",
            INSIGNIA_ONCE,
        )
    mine = earlier if one.is_collective else [p for p in earlier if _same_person(one, p)]
    if one.start is None:
        return
    same = [past for past in mine if (past.start, past.end) == (one.start, one.end)]
    for past in same:
        yield Check(
            "same_achievement",
            Severity.WARNING,
            f"Cùng thời gian lập thành tích đã có {past.said}: không tặng nhiều hình thức hoặc nhiều lần cho một "
            "thành tích.",
            ONE_ACHIEVEMENT,
        )
    over = [p for p in mine if p not in same and p.start and p.start <= one.end and p.end >= one.start]
    for past in over:
        yield Check(
            "overlapping_period",
            Severity.WARNING,
            f"Thời gian lập thành tích trùng một phần với {past.said} "
            f"({format_date(past.start)}–{format_date(past.end)}): thành tích lần sau tính từ sau thời gian đã ghi "
            "trong quyết định trước.",
            COUNTED_FROM,
        )
    for past in mine:
        if past.start is None and past.decided_on and past.decided_on >= one.start:
            yield Check(
                "overlapping_period",
                Severity.WARNING,
                f"{past.said} không ghi thời gian lập thành tích, nên thành tích lần sau tính từ ngày quyết định đó.",
                COUNTED_FROM,
            )
    if not same and not over:
        yield Check("same_achievement", Severity.OK, "Thành tích trong thời gian này chưa được khen thưởng.", "")


def _no_lower_needed(one: Candidate, stored: list[Earlier], forms: Mapping[str, AwardForm]) -> Check | None:
    form = forms.get(one.form)
    lower = any(forms[past.form].rank > form.rank for past in stored if past.form in forms) if form else True
    if lower or form is None or form.rank >= max(f.rank for f in forms.values()):
        return None
    return Check(
        "lower_form_not_needed",
        Severity.OK,
        "Chưa được tặng hình thức nào thấp hơn; đó không phải là điều kiện để xét hình thức này.",
        NOT_A_CONDITION,
    )


# --- classes of the years -------------------------------------------------------------------------
def classes_of_years(
    stands: Mapping[int, set[int]], years: Iterable[int]
) -> dict[int, dict[int, tuple[str, str, bool]]]:
    """``{unit: {year: (class code, decision number, own)}}`` from published results.

    ``stands`` tells each unit's predecessors (``with_predecessors``): without a result of its own in a year
    a unit takes theirs, and ``own`` is then false.
    """
    heirs: dict[int, list[int]] = defaultdict(list)
    for unit, units in stands.items():
        for past in units:
            heirs[past].append(unit)
    rows = PublishedResult.objects.filter(unit__in=heirs, year__in=list(years), purpose=Purpose.CLASSIFICATION)
    found: dict[int, dict[int, tuple[str, str, bool]]] = {unit: {} for unit in stands}
    for past, year, code, number in rows.order_by("pk").values_list(
        "unit_id", "year", "class_code", "decision__number"
    ):
        for unit in heirs[past]:
            held = found[unit].get(year)
            if held is None or past == unit or not held[2]:
                found[unit][year] = (code, number, past == unit)
    return found


CLASS_NAMES = {code.value: str(code.label) for code in ClassCode}


def class_name(code: str) -> str:
    return CLASS_NAMES.get(code, code) if code else "chưa phân loại"


def _classes(
    candidates: list[Candidate], forms: Mapping[str, AwardForm], stands: Mapping[int, set[int]]
) -> dict[object, Check]:
    asked = [one for one in candidates if one.is_collective]
    years = {year for one in asked for year in range(one.start.year, one.end.year + 1)}
    results = classes_of_years({one.unit_id: stands[one.unit_id] for one in asked if one.unit_id}, years)
    return {one.key: _class_check(one, results.get(one.unit_id, {}), forms.get(one.form)) for one in asked}


def _class_check(one: Candidate, results: dict[int, tuple[str, str, bool]], form: AwardForm | None) -> Check:
    years = list(range(one.start.year, one.end.year + 1))
    required = form.required_classes if form else []
    said = []
    for year in years:
        if year not in results:
            said.append(f"năm {year} chưa có kết quả công bố")
        else:
            code, number, own = results[year]
            whose = "" if own else " (của đơn vị trước sáp nhập)"
            said.append(f"năm {year} {class_name(code)}{whose}, Quyết định số {number}")
    listed = "; ".join(said)
    listed = f"Phân loại: {listed}."
    if not required:
        return Check("class_of_years", Severity.INFO, f"{listed} Chưa quy định loại phải đạt cho hình thức này.")
    looked_at = years if form.required_years == Years.EVERY else years[-1:]
    names = ", ".join(class_name(code) for code in required)
    rule = f"Hình thức này đòi hỏi {form.get_required_years_display()} đạt loại: {names}."
    met = all(year in results and results[year][0] in required for year in looked_at)
    return Check("class_of_years", Severity.OK if met else Severity.WARNING, f"{listed} {rule}", form.source)
