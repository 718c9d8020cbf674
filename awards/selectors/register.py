"""The register: searched by names of then and now, counted without what was revoked, listed for papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Count, F, Max, Q, QuerySet

from movement.core.dates import format_date, today
from movement.core.problems import Ambiguous
from movement.core.text import normalise_name, search_q, search_terms
from units.models import Unit
from units.selectors import unit_by_code

from ..enums import PERSONS, FormCode, RecipientKind
from ..models import Award
from .lineage import bearers_today, with_predecessors

_RANK = {code.value: rank for rank, code in enumerate(FormCode)}
_KIND_RANK = {kind.value: rank for rank, kind in enumerate(RecipientKind)}
_MOST_UNITS = 3000  # a word that names more of them ("xã", "trường") tells nothing by its units' history


@dataclass(frozen=True, slots=True)
class Total:
    """Commendations of one authority, form and kind of recipient; ``count`` is without the ``revoked``."""

    authority: str
    form: str
    form_name: str
    recipient_kind: str
    count: int
    revoked: int

    def as_json(self) -> dict:
        return {
            "authority": self.authority,
            "form": self.form,
            "recipient_kind": self.recipient_kind,
            "count": self.count,
            "revoked": self.revoked,
        }


# --- searching ------------------------------------------------------------------------------------
def named(typed: str) -> Q:
    """The entries that ``typed`` names: by the recipient's name and place as the decision has them, or by any
    other name the unit has borne or bears, or one that it has become part of bears. One query; all entries
    where nothing was typed.

    ``typed`` meets persons' names too: what it is put to must already be what the reader may see.
    """
    if not search_terms(typed):
        return Q()
    units = _units_ever_named(typed)
    # the index on persons' names leaves collectives out, and is used only where the question does too
    found = search_q("search", typed) | (search_q("person_search", typed) & ~Q(person_name=""))
    return found | Q(unit__in=units) if units else found


def searched(awards: QuerySet[Award], typed: str) -> QuerySet[Award]:
    """``awards`` that ``typed`` names (``named``)."""
    return awards.filter(named(typed))


# Units whose entries the frozen names do not tell: those that became part of one named so, and those that are
# named so in the register of units but otherwise in an entry. What a word finds by itself is not listed again.
_EVER_NAMED = """
WITH RECURSIVE named AS MATERIALIZED (SELECT unit_id, name FROM units_unitversion WHERE {words}),
walk(unit) AS (
    SELECT l.predecessor_id FROM named n JOIN units_lineage l ON l.successor_id = n.unit_id
     WHERE l.share = 'whole' OR l.is_main
    UNION
    SELECT l.predecessor_id FROM walk w JOIN units_lineage l ON l.successor_id = w.unit
     WHERE l.share = 'whole' OR l.is_main
)
SELECT unit FROM walk
UNION
SELECT a.unit_id FROM awards_award a JOIN named n ON n.unit_id = a.unit_id AND n.name <> a.unit_name
LIMIT %s
"""


def _units_ever_named(typed: str) -> list[int]:
    """See ``_EVER_NAMED``; none when a word names so many that it tells nothing ("xã")."""
    terms = search_terms(typed)
    words = " AND ".join("({})".format(" OR ".join(["search LIKE %s"] * len(alike))) for alike in terms)
    values = [f"%{term}%" for alike in terms for term in alike]
    with connection.cursor() as cursor:
        cursor.execute(_EVER_NAMED.format(words=words), [*values, _MOST_UNITS + 1])
        found = [unit for (unit,) in cursor.fetchall()]
    return found if len(found) <= _MOST_UNITS else []


def names_today(awards: Iterable[Award]) -> dict[int, str]:
    """``{award: what its unit is called or part of today}``, where that is another name than the entry's own."""
    awards = [award for award in awards if award.unit_id]
    names = bearers_today(award.unit_id for award in awards)
    return {
        award.pk: name
        for award in awards
        if (name := names.get(award.unit_id)) and normalise_name(name) != normalise_name(award.unit_name)
    }


# --- counting -------------------------------------------------------------------------------------
def totals_of(awards: QuerySet[Award]) -> list[Total]:
    """By authority, form and kind of recipient, in the usual order of forms. One query.

    An authority is one whatever its name was written like; the latest spelling names it.
    """
    rows = (
        awards.order_by()
        .values("decision__authority_key", "form", "recipient_kind")
        .annotate(
            all=Count("pk"),
            revoked=Count("revocation"),
            authority=Max("decision__authority_name"),
            name=Max("form_name"),
        )
    )
    found = [
        Total(
            authority=row["authority"],
            form=row["form"],
            form_name=row["name"],
            recipient_kind=row["recipient_kind"],
            count=row["all"] - row["revoked"],
            revoked=row["revoked"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda t: (_RANK[t.form], t.authority, _KIND_RANK[t.recipient_kind]))


def counted(totals: Iterable[Total], kinds: Sequence[str] | None = None) -> int:
    """How many commendations stand, of some kinds of recipients or all."""
    return sum(total.count for total in totals if kinds is None or total.recipient_kind in kinds)


# --- the command award_register -------------------------------------------------------------------
def awards_in(province: Unit | int) -> QuerySet[Award]:
    """All entries of a province and of those it was made from."""
    pk = getattr(province, "pk", province)
    return Award.objects.filter(province__in=with_predecessors([pk])[pk])


def awards_decided(province: Unit | int, first: date, last: date) -> QuerySet[Award]:
    """Entries by date of decision, both days included."""
    rows = awards_in(province).filter(decided_on__gte=first, decided_on__lte=last)
    return rows.select_related("decision", "revocation").order_by("decided_on", "decision_id", "pk")


def award_line(award: Award) -> dict:
    """A line of ``award_register`` (design §7)."""
    return {
        "decision": award.decision.number,
        "decided_on": award.decided_on,
        "authority": award.decision.authority_name,
        "form": award.form,
        "recipient_kind": award.recipient_kind,
        "unit_code": award.unit_code or None,
        "name": award.name,
        "position": award.position or None,
        "achieved_from": award.achieved_from,
        "achieved_to": award.achieved_to,
        "revoked": award.revoked,
    }


# --- the summary of a year ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class YearLine:
    """A line of an annex: who, what for, by which decision. ``position`` only of individuals."""

    name: str
    position: str
    unit_name: str
    place_name: str
    recipient_kind: str
    form: str
    form_name: str
    authority: str
    decision: str
    decided_on: date
    achieved_from: date
    achieved_to: date
    citation: str
    award: str

    def as_json(self) -> dict:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class YearTotal:
    """By authority and form, and by achievement period, both its days included."""

    authority: str
    form: str
    form_name: str
    achieved_from: date
    achieved_to: date
    collectives: int
    households: int
    individuals: int


@dataclass(frozen=True, slots=True)
class AwardsOfYear:
    """The commendations whose achievement period ends in ``year``, without the revoked.

    ``collectives`` is the list of one annex, ``persons`` (individuals and households) of the separate one;
    each figure of ``totals`` counts lines of these two.
    """

    year: int
    totals: list[YearTotal]
    collectives: list[YearLine]
    persons: list[YearLine]
    revoked: int
    """How many were left out as revoked."""
    undated: int = 0
    """How many decided in ``year`` or the next state no period, so that no year's summary counts them."""


def awards_of_year(year: int, province: Unit | int) -> AwardsOfYear:
    """For the summary of a year (design §5): by the last day of the achievement period. Three queries."""
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    # the range's upper bound is the day after the last: 31/12 of the year is 1/1 of the next
    rows = awards_in(province).filter(achieved__endswith__gt=first, achieved__endswith__lte=after)
    rows = list(rows.select_related("decision", "revocation").order_by("decided_on", "decision_id", "pk"))
    lines = [_year_line(award) for award in rows if not award.revoked]
    lines.sort(key=lambda line: (_RANK[line.form], line.authority))
    undated = awards_in(province).filter(
        achieved=None, revocation=None, decided_on__gte=first, decided_on__lt=date(year + 2, 1, 1)
    )
    return AwardsOfYear(
        year=year,
        totals=_year_totals(lines),
        collectives=[line for line in lines if line.recipient_kind not in PERSONS],
        persons=[line for line in lines if line.recipient_kind in PERSONS],
        revoked=len(rows) - len(lines),
        undated=undated.count(),
    )


def _year_line(award: Award) -> YearLine:
    return YearLine(
        name=award.name,
        position=award.position,
        unit_name=award.unit_name,
        place_name=award.place_name,
        recipient_kind=award.recipient_kind,
        form=award.form,
        form_name=award.form_name,
        authority=award.decision.authority_name,
        decision=award.decision.number,
        decided_on=award.decided_on,
        achieved_from=award.achieved_from,
        achieved_to=award.achieved_to,
        citation=award.citation,
        award=award.ulid,
    )


def _year_totals(lines: list[YearLine]) -> list[YearTotal]:
    counts: dict[tuple, dict[str, int]] = {}
    for line in lines:
        key = (line.authority, line.form, line.form_name, line.achieved_from, line.achieved_to)
        counts.setdefault(key, dict.fromkeys(RecipientKind.values, 0))[line.recipient_kind] += 1
    return [
        YearTotal(
            *key,
            collectives=count[RecipientKind.COLLECTIVE],
            households=count[RecipientKind.HOUSEHOLD],
            individuals=count[RecipientKind.INDIVIDUAL],
        )
        for key, count in counts.items()
    ]


def period_words(award: Award) -> str:
    """``01/01/2022–31/12/2023``; empty where the decision states no period."""
    return f"{format_date(award.achieved_from)}–{format_date(award.achieved_to)}" if award.achieved else ""


# --- a unit's profile, the command unit ------------------------------------------------------------
def unit_awards(unit_ids: Iterable[int]) -> list[dict]:
    """Commendations of units as collectives, the latest first; persons never stand on a unit's page.

    ``year`` is that of the achievement's last day: whoever held the unit's place then may read the row.
    """
    rows = Award.objects.filter(unit__in=list(unit_ids), recipient_kind=RecipientKind.COLLECTIVE)
    rows = rows.select_related("decision", "revocation").order_by("-decided_on", "-pk")
    return [
        {
            "unit_id": award.unit_id,
            "year": (award.achieved_to or award.decided_on).year,
            "form": award.form,
            "form_name": award.form_name,
            "decision": award.decision.number,
            "decided_on": award.decided_on.isoformat(),
            "authority": award.decision.authority_name,
            "achieved_from": award.achieved_from and award.achieved_from.isoformat(),
            "achieved_to": award.achieved_to and award.achieved_to.isoformat(),
            "period": period_words(award),
            "decided": format_date(award.decided_on),
            "revoked": award.revoked,
            "award": award.ulid,
        }
        for award in rows
    ]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a revocation will change, in numbers: how many of the same authority, form and kind stand now."""

    in_decision: int
    in_year: int
    year: int | None
    """The year whose summary counts the award."""


def standing_beside(award: Award) -> Beside:
    """One query."""
    year = award.achieved_to and award.achieved_to.year
    same = awards_in(award.province_id).filter(
        form=award.form, recipient_kind=award.recipient_kind, revocation=None,
        decision__authority_key=award.decision.authority_key,
    )  # fmt: skip
    in_year = Q(pk__in=[])
    if year:
        in_year = Q(achieved__endswith__gt=date(year, 1, 1), achieved__endswith__lte=date(year + 1, 1, 1))
    counts = same.aggregate(decision=Count("pk", filter=Q(decision=award.decision)), year=Count("pk", filter=in_year))
    return Beside(counts["decision"], counts["year"], year)


# --- finding one, for revocation ------------------------------------------------------------------
def awards_found(
    *, number_key: str, decided_on: date, unit_code: str = "", person: str = "", form: str = ""
) -> list[Award]:
    """Entries of the decision with this number and date that a unit's code or a person's name tells.

    A unit's code, read on the day of the decision, means the unit as a collective; together with a name it
    says where the person belongs.

    Raises:
        Refused: ``unknown_unit`` when nobody bore the code on that day.
    """
    rows = Award.objects.filter(decision__number_key=number_key, decided_on=decided_on)
    rows = rows.select_related("decision", "revocation", "province")
    if form:
        rows = rows.filter(form=form)
    if person:
        rows = rows.filter(recipient_kind__in=PERSONS)
    elif unit_code:
        rows = rows.filter(recipient_kind=RecipientKind.COLLECTIVE)
    if unit_code:
        found = [a for a in rows if unit_code in (a.unit_code, a.unit_id and a.unit.ulid)]
        if not found:
            _asked_for(unit_code, decided_on)
    else:
        found = list(rows)
    if person:
        found = [award for award in found if normalise_name(award.person_name) == normalise_name(person)]
    return found


def _asked_for(code: str, on: date) -> None:
    """Say so when the code itself is unknown on that day; several bearers are well known."""
    with suppress(Ambiguous):
        unit_by_code(code, on)


def authorities_seen(awards: QuerySet[Award]) -> list[tuple[str, str]]:
    """``[(key, name)]`` of the authorities that decided, for a filter."""
    rows = awards.order_by().values(key=F("decision__authority_key")).annotate(name=Max("decision__authority_name"))
    return sorted(((row["key"], row["name"]) for row in rows), key=lambda pair: pair[1])


def years_seen(awards: QuerySet[Award]) -> list[int]:
    """The years in which decisions were made, the latest first."""
    years = awards.order_by().values_list("decision__year", flat=True).distinct()
    return sorted(set(years), reverse=True) or [today().year]
