"""Nominations of a round: added, changed, withdrawn. The round is locked for each change."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from movement.audit.services import Act, record, record_many
from movement.core.dates import format_date, last_day_to_upper, today
from movement.core.problems import Problem, Refused
from movement.core.secrecy import twelve_digit_numbers
from movement.core.text import nfc, normalise_name
from units.enums import Kind
from units.models import UnitVersion

from ..enums import Authority, Outcome, RecipientKind, Severity
from ..models import AwardForm, Nomination, Round
from ..selectors.checks import candidate_of, existence_checks, period_problem
from ..selectors.forms import forms_on
from ..selectors.lineage import with_predecessors
from .refusing import as_range, refusing, who
from .rounds import ask, round_settle

ALREADY_DECIDED = "Đề nghị này đã có kết quả nên không sửa được."
NOT_OPEN = "Đợt khen thưởng này không còn nhận đề nghị."
ONCE = "awards_nomination_unit_once"
_FIELDS = ("recipient_kind", "unit_id", "unit_name", "person_name", "position", "form", "achieved", "citation")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One nomination as typed. ``start`` and ``end`` (the last day) default to the round's period."""

    recipient_kind: str
    form: str
    unit_id: int | None = None
    unit_name: str = ""
    person_name: str = ""
    position: str = ""
    citation: str = ""
    start: date | None = None
    end: date | None = None
    reasons: list[str] = field(default_factory=list)


@transaction.atomic
def nominations_add(*, round_id: int, proposals: Iterable[Proposal], actor) -> list[Nomination]:
    """Nominate several, all or none; a fixed number of queries.

    Raises:
        Refused: ``not_allowed``, ``round_not_open``, ``period_ahead``, ``unknown_unit``, ``unit_existed``,
            ``unknown_form``, ``form_of_other_level``, ``form_recipient``, ``person_missing``,
            ``position_missing``, ``unit_missing``, ``twelve_digits``; ``awards_nomination_unit_once``, that
            collective is in the round, and the other constraints of ``Nomination`` by their names.
    """
    ring = _locked(round_id, actor)
    rows = _Maker(ring, proposals).rows()
    for row in rows:
        for name, value in who(actor).items():
            setattr(row, name, value)
    with refusing():
        saved = Nomination.objects.bulk_create(rows)
    record_many(
        actor,
        [
            Act(
                "award.nominate",
                f"Đề nghị {_said(row)} trong đợt “{ring.title}”.",
                "awards.nomination",
                row.ulid,
                row.unit_id or ring.authority_id,
                after=_kept(row),
            )
            for row in saved
        ],
    )
    return saved


@transaction.atomic
def nomination_change(*, nomination: Nomination, proposal: Proposal, actor) -> Nomination:
    """Write a waiting nomination anew; the reasons it was suggested with stay.

    Raises:
        Refused: as ``nominations_add``; ``already_decided``.
    """
    ring = _locked(nomination.round_id, actor)
    row = Nomination.objects.select_for_update().get(pk=nomination.pk)
    if row.outcome != Outcome.PENDING:
        raise Refused(Problem("already_decided", ALREADY_DECIDED))
    made = _Maker(ring, [proposal], apart_from=row.pk).rows()[0]
    before = _kept(row)
    for name in _FIELDS:
        setattr(row, name, getattr(made, name))
    with refusing(row.name):
        row.save()
    act = Act(
        "award.nomination_change",
        f"Sửa đề nghị {_said(row)} trong đợt “{ring.title}”.",
        "awards.nomination",
        row.ulid,
        row.unit_id or ring.authority_id,
        before=before,
        after=_kept(row),
    )
    record(actor, act)
    return row


@transaction.atomic
def nomination_withdraw(*, nomination: Nomination, actor, reason: str = "") -> None:
    """Take a waiting nomination out of its round; nothing when somebody else has.

    Raises:
        Refused: ``not_allowed``, ``round_not_open``, ``already_decided``.
    """
    ring = _locked(nomination.round_id, actor)
    row = Nomination.objects.select_for_update().filter(pk=nomination.pk).first()
    if row is None:
        return
    if row.outcome != Outcome.PENDING:
        raise Refused(Problem("already_decided", ALREADY_DECIDED))
    act = Act(
        "award.nomination_withdraw",
        f"Rút đề nghị {_said(row)} khỏi đợt “{ring.title}”.",
        "awards.nomination",
        row.ulid,
        row.unit_id or ring.authority_id,
        before=_kept(row),
        reason=reason,
    )
    record(actor, act)
    row.delete()
    round_settle(ring)


def authorities_of_round(ring: Round) -> Collection[str]:
    """Whose forms a round may propose: a province also passes on what the Ministry and the Government decide."""
    if ring.authority_kind == Kind.COMMUNE:
        return (Authority.COMMUNE, Authority.OTHER)
    return (Authority.GOVERNMENT, Authority.MINISTRY, Authority.PROVINCE, Authority.POLICE, Authority.OTHER)


def forms_of_round(ring: Round) -> dict[str, AwardForm]:
    """``{code: form}`` that may be proposed in a round."""
    levels = authorities_of_round(ring)
    forms = forms_on(min(ring.last_day, today()), ring.province_id)
    return {code: form for code, form in forms.items() if form.authority in levels}


# --- pieces ---------------------------------------------------------------------------------------
def _locked(round_id: int, actor) -> Round:
    """The open round, locked, once ``actor`` may work on it."""
    ring = Round.objects.select_for_update().get(pk=round_id)
    ask(actor, "awards.round", ring)
    if not ring.is_open:
        raise Refused(Problem("round_not_open", NOT_OPEN))
    return ring


def _said(row: Nomination) -> str:
    """For the trail: a collective by its name, a person without."""
    if row.recipient_kind == RecipientKind.COLLECTIVE:
        return f"tập thể {row.unit_name}"
    return f"một {str(RecipientKind(row.recipient_kind).label).lower()} ({row.unit_name})"


def _kept(row: Nomination) -> dict:
    return {
        "form": row.form,
        "recipient_kind": row.recipient_kind,
        "achieved_from": f"{row.achieved_from}",
        "achieved_to": f"{row.achieved_to}",
    }


class _Maker:
    """Makes unsaved nominations out of proposals; a fixed number of queries however many."""

    def __init__(self, ring: Round, proposals: Iterable[Proposal], apart_from: int | None = None):
        self.ring, self.proposals = ring, list(proposals)
        self.problems: list[Problem] = []
        self.no_period: set[int] = set()
        self.forms = forms_on(min(ring.last_day, today()), ring.province_id)
        self.places = with_predecessors([ring.authority_id])[ring.authority_id]
        self.versions: dict[int, list[UnitVersion]] = {}
        ids = {proposal.unit_id for proposal in self.proposals if proposal.unit_id}
        for version in UnitVersion.objects.filter(unit__in=ids).order_by("valid__startswith"):
            self.versions.setdefault(version.unit_id, []).append(version)
        others = ring.nominations.exclude(pk=apart_from) if apart_from else ring.nominations.all()
        collectives = others.filter(recipient_kind=RecipientKind.COLLECTIVE)
        self.taken: set = set()
        for unit_id, name in collectives.values_list("unit_id", "unit_name"):
            self.taken.add(unit_id or normalise_name(name))

    def rows(self) -> list[Nomination]:
        """All of them.

        Raises:
            Refused: every problem of every proposal.
        """
        rows = [self._row(place, proposal) for place, proposal in enumerate(self.proposals)]
        sound = [
            candidate_of(place, row) for place, row in enumerate(rows) if row.unit_id and place not in self.no_period
        ]
        for checks in existence_checks(sound).values():
            self.problems += [
                Problem(c.code, c.sentence, column="unit") for c in checks if c.severity == Severity.ERROR
            ]
        if self.problems:
            raise Refused(self.problems)
        return rows

    def wrong(self, code: str, message: str, column: str, value: object = None) -> None:
        self.problems.append(Problem(code, message, column=column, value=value))

    def _row(self, place: int, proposal: Proposal) -> Nomination:
        text = {
            name: " ".join(nfc(getattr(proposal, name)).split())
            for name in ("unit_name", "person_name", "position", "citation")
        }
        start, end = proposal.start or self.ring.first_day, proposal.end or self.ring.last_day
        if sentence := period_problem(start, end):
            self.wrong("period_ahead", sentence, "end", format_date(end))
            end = max(start, end)
            self.no_period.add(place)
        if proposal.unit_id:
            text["unit_name"] = text["unit_name"] or self._unit_name(proposal.unit_id, end)
        elif not text["unit_name"]:
            self.wrong("unit_missing", "Phải chọn đơn vị, hoặc ghi tên đơn vị.", "unit_name")
        self._form(proposal)
        self._person(proposal, text)
        row = Nomination(
            round=self.ring,
            recipient_kind=proposal.recipient_kind,
            unit_id=proposal.unit_id,
            form=proposal.form,
            achieved=as_range(start, last_day_to_upper(end)),
            reasons=list(proposal.reasons),
            **text,
        )
        if row.recipient_kind == RecipientKind.COLLECTIVE:
            same = row.unit_id or normalise_name(row.unit_name)
            if same in self.taken:
                self.wrong(ONCE, "Tập thể này đã được đề nghị trong đợt này.", "unit", row.unit_name)
            self.taken.add(same)
        return row

    def _unit_name(self, unit_id: int, end: date) -> str:
        """As the unit was called on the last day of the period, else last; it must lie on the round's ground."""
        versions = self.versions.get(unit_id, [])
        there = [v for v in versions if v.valid.lower <= end and (v.valid.upper is None or end < v.valid.upper)]
        version = (there or versions or [None])[-1]
        path = {int(part) for part in version.path.strip("/").split("/")} if version else set()
        if not path & self.places:
            self.wrong("unknown_unit", "Đơn vị này không thuộc địa bàn của đợt khen thưởng.", "unit")
        return version.name if version else "?"

    def _form(self, proposal: Proposal) -> None:
        form = self.forms.get(proposal.form)
        if form is None:
            self.wrong("unknown_form", "Hình thức khen thưởng này không có hiệu lực.", "form", proposal.form)
        elif form.authority not in authorities_of_round(self.ring):
            sentence = f"{form.name} không do đợt của {self.ring.authority_name} đề nghị."
            self.wrong("form_of_other_level", sentence, "form")
        elif proposal.recipient_kind not in form.recipient_kinds:
            kinds = ", ".join(str(RecipientKind(kind).label).lower() for kind in form.recipient_kinds)
            self.wrong("form_recipient", f"{form.name} chỉ tặng cho: {kinds}.", "form")

    def _person(self, proposal: Proposal, text: dict[str, str]) -> None:
        if proposal.recipient_kind == RecipientKind.INDIVIDUAL:
            if not text["person_name"]:
                self.wrong("person_missing", "Thiếu họ và tên của cá nhân.", "person_name")
            if not text["position"]:
                self.wrong("position_missing", "Thiếu chức vụ của cá nhân.", "position")
        elif proposal.recipient_kind == RecipientKind.HOUSEHOLD:
            text["position"] = ""
            if not text["person_name"]:
                self.wrong("person_missing", "Thiếu tên hộ gia đình.", "person_name")
        else:
            text["person_name"] = text["position"] = ""
        for name, value in text.items():
            if twelve_digit_numbers(value):
                sentence = "Có dãy 12 chữ số, có thể là số định danh cá nhân; cổng này không lưu số đó."
                self.wrong("twelve_digits", sentence, name)
