"""Choosing exemplars by a signed decision, and writing down what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from movement.accounts.access import can
from movement.audit.services import Act, record_many
from movement.classification.models import PublishedResult
from movement.classification.selectors import canonical
from movement.core.dates import format_date, today
from movement.core.decisions import decision_record
from movement.core.models import Decision
from movement.core.problems import Ambiguous, Problem, Refused
from movement.core.text import nfc
from units.enums import Level
from units.models import Unit, UnitVersion
from units.selectors import authority_settings, versions_of

from ..enums import NoteKind
from ..models import Exemplar, ExemplarNote
from ..rules import CHOOSE, NOTE, Spot
from ..selectors import exemplar_candidates
from ..selectors.candidates import Candidate
from .guards import told

SUBJECT = "exemplars.chosen"
KIND = "exemplars.exemplar"


@transaction.atomic
def exemplars_choose(
    *, year: int, province: Unit, units: Iterable[str], decision: str, decided_on: date, signer: str, actor,
    signer_title: str = "", authority_name: str = "",
) -> list[Exemplar]:  # fmt: skip
    """Choose ``units`` (codes of 31/12 of the year before, or ids) as exemplars of ``year``, all or none.

    Raises:
        Refused: ``no_units``, ``not_allowed``, ``not_eligible`` with every condition missed, ``already_chosen``,
            ``decided_too_early``, ``unknown_unit``, and what ``decision_record`` refuses (number used, date ahead).
    """
    on = date(year - 1, 12, 31)
    version = UnitVersion.objects.filter(unit=province, valid__contains=on, kind="province").first()
    if version is None:
        raise Refused(Problem("unknown_province", f"Ngày {format_date(on)} không có tỉnh này.", column="province"))
    right = can(actor, CHOOSE, Spot(on, ((version.path, province.pk),)))
    if not right:
        raise Refused(Problem("not_allowed", right.sentence))
    wanted = list(dict.fromkeys(nfc(code).strip() for code in units))
    candidates, problems = _candidates(year, province, wanted)
    problems += _refusals(candidates, year, decided_on)
    if problems:
        raise Refused(problems)
    name = authority_name or _committee(province, decided_on, version.name)
    paper = decision_record(
        number=decision, decided_on=decided_on, signer=signer, signer_title=signer_title, authority_name=name,
        authority_unit_id=province.pk, province_unit_id=province.pk, subject=SUBJECT, actor=actor,
    )  # fmt: skip
    with told():
        chosen = _freeze(candidates, year, province, paper)
    record_many(
        actor,
        [
            Act(
                "exemplar.choose",
                f"{row.unit_name}: được chọn xây dựng điển hình năm {year} theo Quyết định số {paper}.",
                KIND, row.ulid, row.unit_id, after={"year": year, "class": row.class_code, "decision": paper.number},
            )
            for row in chosen
        ],
    )  # fmt: skip
    return chosen


def _candidates(year: int, province: Unit, wanted: list[str]) -> tuple[list[Candidate], list[Problem]]:
    if not wanted:
        return [], [Problem("no_units", "Chưa chọn đơn vị nào.", column="unit")]
    try:
        found = exemplar_candidates(year, province, wanted)
    except Refused as refused:
        return [], refused.problems
    except Ambiguous as several:
        return [], [Problem(several.code, several.message, column="unit")]
    return found, []


def _refusals(candidates: list[Candidate], year: int, decided_on: date) -> list[Problem]:
    """A problem for each condition a unit misses, and for each that is chosen already."""
    problems = [
        Problem("not_eligible", f"{one.unit_name}: {condition.sentence}", column="unit", value=one.unit_code)
        for one in candidates
        for condition in one.conditions
        if not condition.met
    ]
    held = Exemplar.objects.filter(year=year, unit__in=[one.unit_id for one in candidates]).select_related("decision")
    problems += [
        Problem(
            "already_chosen", f"{row.unit_name} đã được chọn xây dựng điển hình năm {year} (Quyết định số {row.decision}).",
            column="unit", value=row.unit_code,
        )
        for row in held
    ]  # fmt: skip
    results = _results([one.unit_id for one in candidates], year)
    latest = max((row.decision.decided_on for row in results.values()), default=None)
    if latest and decided_on < latest and decided_on <= today():
        problems.append(
            Problem(
                "decided_too_early",
                f"Quyết định chọn điển hình không thể ký trước quyết định công bố phân loại (ngày {format_date(latest)}).",
                column="date",
                value=format_date(decided_on),
            )
        )
    return problems


def _results(unit_ids: list[int], year: int) -> dict[int, PublishedResult]:
    """``{unit: the published class of the year before}``, of several the last decided, as the candidates show it."""
    rows = PublishedResult.objects.filter(unit__in=unit_ids, year=year - 1, purpose="classification")
    rows = rows.exclude(class_code="").select_related("decision", "assessment")
    return {row.unit_id: row for row in rows.order_by("decision__decided_on", "assessment_id")}


def _committee(province: Unit, on: date, name: str) -> str:
    """“Ban Chỉ đạo 138 tỉnh Hậu Giang”; the settings may hold the name in capitals, with or without its level."""
    words = authority_settings(province, on).committee_name
    if words == words.upper():
        words = words.capitalize().replace("Ban chỉ đạo", "Ban Chỉ đạo").replace("an ninh tổ quốc", "an ninh Tổ quốc")
    place = name[:1].lower() + name[1:]
    for level in ("tỉnh", "thành phố"):
        if words.lower().endswith(f" {level}") and place.startswith(f"{level} "):
            words = words[: -len(level) - 1]
    return words if words.endswith(place) else f"{words} {place}"


def _freeze(candidates: list[Candidate], year: int, province: Unit, paper: Decision) -> list[Exemplar]:
    results = _results([one.unit_id for one in candidates], year)
    made = []
    for position, one in enumerate(candidates, 1):
        result = results[one.unit_id]
        above = [result.assessment.commune_name, result.assessment.district_name]
        place = ", ".join(name for name in above if name and name != one.unit_name)
        payload = {
            "year": year, "unit": one.unit_code, "name": one.unit_name, "kind": one.unit_kind, "place": place,
            "class": one.class_code, "class_name": one.class_name, "result": result.digest,
            "conditions": [condition.as_json() for condition in one.conditions],
            "decision": paper.number, "decided_on": paper.decided_on.isoformat(), "signer": paper.signer,
        }  # fmt: skip
        made.append(
            Exemplar.objects.create(
                unit_id=one.unit_id, year=year, level=Level.PROVINCE, province=province, decision=paper, result=result,
                unit_code=one.unit_code, unit_name=one.unit_name, unit_kind=one.unit_kind, place_name=place,
                class_code=one.class_code, class_name=one.class_name, payload=payload, digest=canonical(payload),
                position=position,
            )
        )  # fmt: skip
    return made


@transaction.atomic
def exemplar_note(*, exemplar: Exemplar, kind: str, on: date, text: str, actor, document: str = "") -> ExemplarNote:
    """Write down the build plan, progress or recognition of an exemplar. What is written is only added to.

    Raises:
        Refused: ``not_allowed``, ``date_ahead``, ``before_choice``, ``exemplars_note_recognised_by``.
    """
    version = versions_of([exemplar.unit_id], _tree_of(exemplar)).get(exemplar.unit_id)
    spot = Spot(_tree_of(exemplar), ((version.path, version.unit_id),) if version else ())
    right = can(actor, NOTE, spot)
    if not right:
        raise Refused(Problem("not_allowed", right.sentence))
    if on > today():
        raise Refused(Problem("date_ahead", "Ngày ghi ở tương lai.", column="on", value=format_date(on)))
    if on < exemplar.decision.decided_on:
        day = format_date(exemplar.decision.decided_on)
        raise Refused(Problem("before_choice", f"Ngày ghi phải từ ngày được chọn ({day}).", column="on"))
    with told():
        note = ExemplarNote.objects.create(
            exemplar=exemplar, kind=kind, on=on, text=nfc(text).strip(), document=nfc(document).strip(),
            by_name=str(actor)[:200],
        )  # fmt: skip
    record_many(
        actor,
        [
            Act(
                "exemplar.note", f"{exemplar.unit_name}, điển hình năm {exemplar.year}: ghi {NoteKind(kind).label.lower()}.",
                KIND, exemplar.ulid, exemplar.unit_id, after={"kind": kind, "on": on.isoformat(), "text": note.text},
            )
        ],
    )  # fmt: skip
    return note


def _tree_of(exemplar: Exemplar) -> date:
    return date(exemplar.year - 1, 12, 31)
