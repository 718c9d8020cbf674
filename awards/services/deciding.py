"""A signed decision of a round: which nominations it commends, and their entries in the register."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction

from movement.audit.services import Act, record
from movement.core.dates import format_date, today
from movement.core.models import Decision
from movement.core.problems import Problem, Refused
from movement.core.text import nfc
from units.models import UnitVersion
from units.selectors import last_version, version_on

from ..enums import Authority, Outcome, RoundState, Severity
from ..models import Award, AwardForm, Nomination, Round
from ..selectors.authorities import authority_name
from ..selectors.checks import nomination_checks, period_problem
from ..selectors.forms import forms_on
from .decisions import decision_for, decision_problem, decision_stored
from .importing import award_of, awards_write
from .places import nowhere, places_on
from .refusing import refusing
from .rounds import ask, round_settle

OWN = (Authority.PROVINCE, Authority.POLICE, Authority.COMMUNE)  # organs of the round's own authority


def deciding_authority(ring: Round, level: str, name: str = "") -> tuple[int | None, str]:
    """``(unit, name)`` of who signs at a level: an organ of the round's authority, or one above it by its name."""
    usual = authority_name(level, ring.authority_name)
    return (ring.authority_id if level in OWN else None), " ".join(nfc(name).split()) or usual


@transaction.atomic
def nominations_decide(
    *,
    round_id: int,
    nomination_ids: Collection[int],
    number: str,
    decided_on: date,
    signer: str,
    actor,
    signer_title: str = "",
    authority: str = "",
    acknowledge: str = "",
    register_numbers: Mapping[int, str] | None = None,
) -> Decision:
    """Record a signed decision; the nominations it names enter the register. All or none.

    Args:
        nomination_ids: waiting nominations whose forms one level decides.
        authority: the name of who decided, by default the usual one of that level.
        acknowledge: why it stands although checks warn; kept in the trail.
        register_numbers: ``{nomination: số vào sổ}``.

    Raises:
        Refused: ``not_allowed``, ``round_not_open``, ``nothing_chosen``, ``already_decided``, ``several_levels``,
            ``form_not_in_force``, ``period_ahead``, ``warnings_open`` (weigh them, then say why),
            ``decision_differs`` or ``core_decision_number_once`` (the number is used), and what
            ``decision_record`` says.
    """
    ring = Round.objects.select_for_update().get(pk=round_id)
    ask(actor, "awards.decide", ring)
    if ring.state == RoundState.CLOSED:
        raise Refused(Problem("round_not_open", "Đợt khen thưởng này đã kết thúc."))
    rows = list(ring.nominations.select_for_update().filter(pk__in=list(nomination_ids)).order_by("pk"))
    for row in rows:
        row.round = ring
    forms = forms_on(min(decided_on, today()), ring.province_id)
    problems = _problems(rows, forms, decided_on)
    if problems:
        raise Refused(problems)
    _weigh(rows, forms, acknowledge)
    unit_id, name = deciding_authority(ring, forms[rows[0].form].authority, authority)
    province = version_on(ring.province_id, decided_on) or last_version(ring.province_id)
    stored = decision_stored(
        number=number,
        year=decided_on.year,
        authority_unit_id=unit_id,
        authority_name=name,
        province_id=ring.province_id,
    )
    if stored:
        _same(stored, ring, decided_on, signer)
    decision = stored or decision_for(
        number=number, decided_on=decided_on, signer=signer, signer_title=signer_title, authority_name=name,
        authority_unit_id=unit_id, province_id=ring.province_id, actor=actor,
    )  # fmt: skip
    with refusing():
        made = awards_write(_entries(ring, rows, decision, forms, province, register_numbers or {}), actor)
    for row, award in zip(rows, made, strict=True):
        row.outcome, row.award = Outcome.AWARDED, award
    Nomination.objects.bulk_update(rows, ["outcome", "award"])
    record(
        actor,
        Act(
            "award.decide",
            f"Ghi Quyết định số {decision} cho {len(rows)} đề nghị của đợt “{ring.title}”.",
            "awards.round",
            ring.ulid,
            ring.authority_id,
            after={"decision": decision.ulid, "nominations": [row.ulid for row in rows]},
            reason=nfc(acknowledge).strip(),
        ),
    )
    round_settle(ring)
    return decision


def _problems(rows: list[Nomination], forms: dict[str, AwardForm], decided_on: date) -> list[Problem]:
    if not rows:
        return [Problem("nothing_chosen", "Chưa chọn đề nghị nào được khen thưởng.", column="nominations")]
    problems = []
    for row in rows:
        if row.outcome != Outcome.PENDING:
            problems.append(Problem("already_decided", "Đề nghị này đã có kết quả.", value=row.unit_name))
        if row.form not in forms:
            sentence = f"Ngày {format_date(decided_on)} không có hình thức khen thưởng này."
            problems.append(Problem("form_not_in_force", sentence, column="decided_on", value=row.get_form_display()))
        elif sentence := period_problem(row.achieved_from, row.achieved_to, on=decided_on):
            sentence = sentence.replace("ở tương lai", "sau ngày ký quyết định")
            problems.append(Problem("period_ahead", sentence, column="decided_on", value=row.unit_name))
    if len({forms[row.form].authority for row in rows if row.form in forms}) > 1:
        sentence = "Các đề nghị đã chọn thuộc thẩm quyền của nhiều cấp; mỗi cấp ra một quyết định riêng."
        problems.append(Problem("several_levels", sentence, column="nominations"))
    return problems


def _weigh(rows: list[Nomination], forms: dict[str, AwardForm], acknowledge: str) -> None:
    """Facts that cannot be stop the decision; rules that warn want a written reason."""
    checks = nomination_checks(rows, forms)
    names = {row.pk: row.unit_name for row in rows}
    found = [(names[pk], check) for pk, listed in checks.items() for check in listed]
    errors = [Problem(c.code, c.sentence, value=name) for name, c in found if c.severity == Severity.ERROR]
    if errors:
        raise Refused(errors)
    warned = {name for name, check in found if check.severity == Severity.WARNING}
    if warned and not acknowledge.strip():
        sentence = f"Có {len(warned)} đề nghị cần xem xét; hãy ghi lý do vẫn khen thưởng theo quyết định đã ký."
        raise Refused(Problem("warnings_open", sentence, column="acknowledge"))


def _same(stored: Decision, ring: Round, decided_on: date, signer: str) -> None:
    """A number that stands already is this decision only with its date and signer, and within this round."""
    against = decision_problem(stored, decided_on=decided_on, signer=signer)
    if against:
        raise Refused(against[1])
    if Award.objects.filter(decision=stored).exclude(round=ring).exists():
        sentence = "Số này cơ quan đó đã dùng trong năm cho một quyết định khen thưởng khác."
        raise Refused(Problem("core_decision_number_once", sentence, column="decision", value=stored.number))


def _entries(
    ring: Round, rows: list[Nomination], decision: Decision, forms: dict[str, AwardForm], province: UnitVersion, numbers
) -> list[Award]:
    ids = {row.unit_id for row in rows if row.unit_id}
    on = decision.decided_on
    there = list(UnitVersion.objects.filter(unit__in=ids, valid__contains=on))
    places = places_on(there, on, province.unit_id)
    for pk in ids - places.keys():  # it ended between the achievement and the decision
        last = last_version(pk)
        places |= places_on([last], last.valid.lower, province.unit_id)
    return [
        award_of(
            decision=decision, form=forms[row.form], province=province, round=ring,
            place=places[row.unit_id] if row.unit_id else nowhere(province.unit_id),
            recipient_kind=row.recipient_kind, unit_name=row.unit_name, person_name=row.person_name,
            position=row.position, achieved=row.achieved, citation=row.citation,
            register_number=numbers.get(row.pk, ""),
        )
        for row in rows
    ]  # fmt: skip
