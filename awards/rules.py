"""Who may do what with commendations. Territory and role come from one assignment (``accounts.access``)."""

from __future__ import annotations

from movement.accounts.access import Ground, register_action, tied_units
from movement.accounts.enums import Role
from movement.core.models import Decision
from units.enums import Kind

from .enums import FormCode
from .models import Award, Round
from .selectors.scope import ROUND_ROLES

OTHER_AUTHORITY = "Việc này do cơ quan khác quyết định."
OTHER_GROUND = "Khen thưởng này không thuộc địa bàn được phân công."
LEADS = {Kind.PROVINCE: Role.STAFF, Kind.COMMUNE: Role.COMMUNE_LEAD}


def _holds(ground: Ground, unit_id: int | None) -> bool:
    """Whether the assignment is on that very unit, or on what it became."""
    return unit_id is not None and (unit_id == ground.unit_id or unit_id in ground.unit_ids)


def may_run_round(user, ground: Ground, ring: Round) -> str | None:
    """A province's round is its staff's, a commune's its lead's."""
    role = LEADS.get(ring.authority_kind)
    return None if ground.role == role and _holds(ground, ring.authority_id) else OTHER_AUTHORITY


def may_decide(user, ground: Ground, ring: Round) -> str | None:
    """Writing down the signed decision: who runs the round, and the authority's clerk; nobody on their own unit."""
    if ground.role == Role.CLERK:
        refusal = None if _holds(ground, ring.authority_id) else OTHER_AUTHORITY
    else:
        refusal = may_run_round(user, ground, ring)
    if refusal:
        return refusal
    tied = tied_units(user, tree_on=ring.last_day)  # most people have none, and ask the database nothing
    named = ring.nominations.filter(unit__in=tied).values_list("unit", "unit_name").first() if tied else None
    return f"Đợt này có đề nghị khen thưởng “{named[1]}”. {tied[named[0]]}" if named else None


def may_read_round(user, ground: Ground, ring: Round) -> str | None:
    """Rounds name persons: the place's own people read them, and those of the places above."""
    inside = any(_holds(ground, place) for place in ring.place_ids)
    return None if inside else OTHER_GROUND


def may_revoke(user, ground: Ground, award: Award) -> str | None:
    """Who issued it: a commune its own; the province its own, its police's, the Ministry's and, since
    districts are gone, theirs."""
    authority = award.decision.authority_unit_id
    if ground.role == Role.COMMUNE_LEAD:
        return None if _holds(ground, authority) else OTHER_AUTHORITY
    if not _holds(ground, award.province_id):
        return OTHER_GROUND
    above_communes = authority in (None, award.province_id) or award.form == FormCode.COMMENDATION_DISTRICT
    return None if above_communes else OTHER_AUTHORITY


def may_print(user, ground: Ground, decision: Decision) -> str | None:
    """Certificates of one's own authority's decisions; a ministry prints its own."""
    return None if _holds(ground, decision.authority_unit_id) else OTHER_AUTHORITY


register_action(
    "awards.round",
    title="Mở đợt khen thưởng, ghi đề nghị",
    roles=set(LEADS.values()),
    rule=may_run_round,
    tree_on=lambda ring: ring.last_day,
)
register_action(
    "awards.decide",
    title="Ghi quyết định khen thưởng",
    roles={*LEADS.values(), Role.CLERK},
    rule=may_decide,
    tree_on=lambda ring: ring.last_day,
)
register_action(
    "awards.read_round",
    title="Xem đợt khen thưởng và các đề nghị",
    roles=set(ROUND_ROLES),
    rule=may_read_round,
    tree_on=lambda ring: ring.last_day,
)
register_action(
    "awards.revoke",
    title="Ghi việc hủy bỏ quyết định khen thưởng",
    roles=set(LEADS.values()),
    rule=may_revoke,
    tree_on=lambda award: award.decided_on,
)


def may_import(user, ground: Ground, province_id: int | None) -> str | None:
    """Decisions already taken, into the register of one's own province or of one it was made from."""
    return None if province_id is None or _holds(ground, province_id) else OTHER_GROUND


register_action(
    "awards.import",
    title="Nhập quyết định khen thưởng đã có",
    roles={Role.STAFF},
    rule=may_import,
)
register_action(
    "awards.certificates",
    title="In giấy chứng nhận khen thưởng",
    roles={*LEADS.values(), Role.CLERK},
    rule=may_print,
    tree_on=lambda decision: decision.decided_on,
)
