"""What the register's pages count and offer, out of one grouped query."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet

from movement.core.models import Decision

from .enums import FormCode, RecipientKind
from .models import Award

_RANK = {code.value: rank for rank, code in enumerate(FormCode)}
_KIND_RANK = {kind.value: rank for rank, kind in enumerate(RecipientKind)}


@dataclass(frozen=True, slots=True)
class Group:
    """Entries alike in all that the page filters by."""

    authority_key: str
    authority: str
    form: str
    form_name: str
    kind: str
    year: int
    entries: int
    revoked: int
    skipped: int
    skipped_revoked: int

    def matches(self, asked: dict[str, str], *, apart_from: str = "") -> bool:
        own = {"year": str(self.year), "form": self.form, "authority": self.authority_key, "kind": self.kind}
        return all(not asked.get(name) or name == apart_from or asked[name] == value for name, value in own.items())

    def counted(self, state: str) -> int:
        return {"revoked": self.revoked, "standing": self.entries - self.revoked}.get(state, self.entries)

    def before(self, state: str) -> int:
        found = {"revoked": self.skipped_revoked, "standing": self.skipped - self.skipped_revoked}
        return found.get(state, self.skipped)


def groups_of(awards: QuerySet[Award], skipped: Q) -> list[Group]:
    """Two queries, whatever is filtered: the filters' choices, the totals and the page's place come from them.

    Names of authorities are read apart, from the last decision of each group: taking them along while grouping
    costs more than the rest.
    """
    revoked = Q(revocation__isnull=False)
    rows = list(
        awards.order_by()
        .values("decision__authority_key", "decision__year", "form", "recipient_kind")
        .annotate(
            entries=Count("pk"),
            revoked=Count("pk", filter=revoked),
            skipped=Count("pk", filter=skipped),
            skipped_revoked=Count("pk", filter=skipped & revoked),
            last=Max("decision_id"),
        )
    )
    names = dict(Decision.objects.filter(pk__in={row["last"] for row in rows}).values_list("pk", "authority_name"))
    return [
        Group(
            row["decision__authority_key"],
            names[row["last"]],
            row["form"],
            str(FormCode(row["form"]).label),
            row["recipient_kind"],
            row["decision__year"],
            row["entries"],
            row["revoked"],
            row["skipped"],
            row["skipped_revoked"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class TotalLine:
    """Of one form and authority: how many stand, by kind of recipient, and how many were revoked."""

    form: str
    form_name: str
    authority: str
    collectives: int
    households: int
    individuals: int
    revoked: int


def total_lines(groups: list[Group]) -> list[TotalLine]:
    found: dict[tuple, dict] = {}
    for group in sorted(groups, key=lambda group: -group.year):  # the latest spelling names an authority
        line = found.setdefault(
            (_RANK[group.form], group.authority_key),
            {"form": group.form, "form_name": group.form_name, "authority": group.authority, "revoked": 0}
            | dict.fromkeys(RecipientKind.values, 0),
        )
        line[group.kind] += group.entries - group.revoked
        line["revoked"] += group.revoked
    return [
        TotalLine(
            line["form"],
            line["form_name"],
            line["authority"],
            line[RecipientKind.COLLECTIVE],
            line[RecipientKind.HOUSEHOLD],
            line[RecipientKind.INDIVIDUAL],
            line["revoked"],
        )
        for _key, line in sorted(found.items(), key=lambda item: item[0])
    ]


def choices_of(groups: list[Group], name: str) -> list[tuple[str, str]]:
    """What a filter offers: only what is there."""
    if name == "year":
        return [(str(year), str(year)) for year in sorted({group.year for group in groups}, reverse=True)]
    if name == "form":
        forms = {group.form: group.form_name for group in groups}
        return sorted(forms.items(), key=lambda pair: _RANK[pair[0]])
    authorities: dict[str, str] = {}
    for group in sorted(groups, key=lambda group: group.year):
        authorities[group.authority_key] = group.authority
    return sorted(authorities.items(), key=lambda pair: pair[1])


def kinds_of(groups: list[Group]) -> list[tuple[str, str, int]]:
    """``[(kind, word, how many entries)]``."""
    counts: dict[str, int] = defaultdict(int)
    for group in groups:
        counts[group.kind] += group.entries
    return [(kind.value, str(kind.label), counts[kind]) for kind in RecipientKind if counts[kind]]
