"""Who may do what in classification. Territory and role come from one assignment (`accounts.access`)."""

from __future__ import annotations

from movement.accounts.access import Ground, conflict, on_ground, register_action
from movement.accounts.enums import Role
from units.enums import Kind, Level
from units.models import UnitVersion

from .enums import Stage, State
from .models import Assessment

ENTRY = {Role.UNIT_REP, Role.COMMUNE_OFFICER, Role.COMMUNE_LEAD, Role.DISTRICT_OFFICER, Role.STAFF}
AUTHORITY = {
    Level.COMMUNE: {Role.COMMUNE_LEAD},
    Level.DISTRICT: {Role.DISTRICT_OFFICER},
    Level.PROVINCE: {Role.STAFF},
    Level.MINISTRY: {Role.STAFF},  # the province records what the Ministry decided
}
DECIDERS = {Role.COMMUNE_LEAD, Role.DISTRICT_OFFICER, Role.STAFF}

OTHER_AUTHORITY = "Đơn vị này do cơ quan khác xét duyệt theo tuyến xét duyệt."
TYPED_IT = "Người đã nhập điểm của đơn vị không được kiểm tra đơn vị đó."


def _tree(assessment: Assessment):
    return assessment.campaign.tree_on


def _is_authority(ground: Ground, unit_id: int | None, level: str) -> bool:
    return ground.role in AUTHORITY[level] and unit_id in ground.unit_ids


def may_enter(user, ground: Ground, a: Assessment) -> str | None:
    """Points are entered by the unit itself, or on its behalf by who follows it on the decision track."""
    if refusal := on_ground(ground, path=a.path, unit_id=a.unit_id):
        return refusal
    own = {
        Role.UNIT_REP: a.unit_id in ground.unit_ids,
        Role.COMMUNE_OFFICER: a.managing_level == Level.COMMUNE or a.unit_kind in (Kind.COMMUNE, Kind.RESIDENTIAL_AREA),
        Role.COMMUNE_LEAD: a.managing_level == Level.COMMUNE or a.unit_kind in (Kind.COMMUNE, Kind.RESIDENTIAL_AREA),
        Role.DISTRICT_OFFICER: a.managing_level in (Level.DISTRICT, Level.COMMUNE)
        or a.unit_kind in (Kind.DISTRICT, Kind.COMMUNE),
        Role.STAFF: a.decide_level in (Level.PROVINCE, Level.MINISTRY),
    }
    return None if own[ground.role] else OTHER_AUTHORITY


def may_check(user, ground: Ground, a: Assessment) -> str | None:
    """Checking and appraising: the track's checker or its decider, never who typed the self-score.

    The caller puts the typers' ids on ``a.typers`` for many units at once.
    """
    if refusal := on_ground(ground, path=a.path, unit_id=a.unit_id):
        return refusal
    if not (
        _is_authority(ground, a.checker_id, a.check_level) or _is_authority(ground, a.authority_id, a.decide_level)
    ):
        return OTHER_AUTHORITY
    return TYPED_IT if user.pk in _typers(a) else conflict(user, a.unit_id, tree_on=_tree(a))


def may_decide(user, ground: Ground, a: Assessment) -> str | None:
    """Recording the decision from the signed minutes: the deciding authority alone, and nobody on their own unit."""
    if refusal := on_ground(ground, path=a.path, unit_id=a.unit_id):
        return refusal
    if not _is_authority(ground, a.authority_id, a.decide_level):
        return OTHER_AUTHORITY
    return conflict(user, a.unit_id, tree_on=_tree(a))


def may_publish(user, ground: Ground, a: Assessment) -> str | None:
    """Filling number, date and signer of a decided list: who decides, and the authority's own clerk (design §1)."""
    if ground.role != Role.CLERK:
        return may_decide(user, ground, a)
    if refusal := on_ground(ground, path=a.path, unit_id=a.unit_id):
        return refusal
    if a.authority_id not in ground.unit_ids:
        return OTHER_AUTHORITY
    return conflict(user, a.unit_id, tree_on=_tree(a))


def may_return(user, ground: Ground, a: Assessment) -> str | None:
    """Returning: whoever checks or decides on the unit; a leader of that authority may send back too."""
    if refusal := on_ground(ground, path=a.path, unit_id=a.unit_id):
        return refusal
    if ground.role == Role.LEADER:
        return None if {a.checker_id, a.authority_id} & ground.unit_ids else OTHER_AUTHORITY
    if _is_authority(ground, a.checker_id, a.check_level) or _is_authority(ground, a.authority_id, a.decide_level):
        return None
    return OTHER_AUTHORITY


def may_give_opinion(user, ground: Ground, a: Assessment) -> str | None:
    """An opinion: a leader on the ground, or the body that manages the unit directly."""
    if ground.role == Role.LEADER:
        return on_ground(ground, path=a.path, unit_id=a.unit_id)
    managed = UnitVersion.objects.filter(
        unit=a.unit_id, valid__contains=a.campaign.tree_on, managing_body__in=ground.unit_ids
    )
    inside = ground.covers(path=a.path, unit_id=a.unit_id) or managed.exists()
    return None if inside else "Đơn vị không do cơ quan này quản lý trực tiếp."


def may_extend(user, ground: Ground, a: Assessment) -> str | None:
    """Giving a deadline of its own: the standing office of the province, on its ground."""
    return on_ground(ground, path=a.path, unit_id=a.unit_id)


def may_end(user, ground: Ground, a: Assessment) -> str | None:
    """Settling the year of a unit that has ended: the standing office of the province, on its ground."""
    return on_ground(ground, path=a.path, unit_id=a.unit_id)


def _typers(a: Assessment) -> set[int]:
    known = getattr(a, "typers", None)
    if known is None:
        from .selectors import typers

        known = a.typers = typers([a.pk]).get(a.pk, set())
    return known


register_action("classification.enter", title="Nhập điểm tự chấm", roles=ENTRY, rule=may_enter, tree_on=_tree)
register_action("classification.check", title="Kiểm tra, thẩm định", roles=DECIDERS, rule=may_check, tree_on=_tree)
register_action(
    "classification.decide", title="Ghi kết quả xét duyệt theo biên bản", roles=DECIDERS, rule=may_decide, tree_on=_tree
)
register_action(
    "classification.publish",
    title="Ghi quyết định đã ký, công bố",
    roles=DECIDERS | {Role.CLERK},
    rule=may_publish,
    tree_on=_tree,
)
register_action(
    "classification.return",
    title="Trả lại hồ sơ",
    roles=DECIDERS | {Role.LEADER},
    rule=may_return,
    tree_on=_tree,
)
register_action(
    "classification.opinion",
    title="Ghi ý kiến",
    roles={Role.LEADER, Role.MANAGING_BODY},
    rule=may_give_opinion,
    tree_on=_tree,
)
register_action(
    "classification.end",
    title="Chuyển, kết thúc hồ sơ của đơn vị đã kết thúc",
    roles={Role.STAFF},
    rule=may_end,
    tree_on=_tree,
)
register_action("classification.extend", title="Gia hạn cho đơn vị", roles={Role.STAFF}, rule=may_extend, tree_on=_tree)


def note_needed(stage: str, before, new, *, adjustment: bool = False) -> bool:
    """Whether ``new`` at ``stage`` needs a reason: it changes what the stage before left in force.

    ``before`` and ``new`` are values with ``points`` and ``reason`` (why the leaf does not apply).
    Nothing typed accepts what stands; a leaf without points before has nothing that is changed (the
    office's own entry), an adjustment without points stands at 0.
    """
    if stage == Stage.SELF or (new.points is None and not new.reason):
        return False
    if adjustment:
        return (before.points or 0) != new.points
    nothing = before.points is None and not before.reason
    return not nothing and (before.points, before.reason) != (new.points, new.reason)


# Which act leads to a state, and at which stage points may be typed in a state.
ACTION_TO = {
    State.SELF_SCORED: "classification.enter",
    State.SUBMITTED: "classification.enter",
    State.CHECKED: "classification.check",
    State.APPRAISED: "classification.check",
    State.DECIDED: "classification.decide",
    State.PUBLISHED: "classification.publish",
}
ACTION_AT = {
    Stage.SELF: "classification.enter",
    Stage.CHECK: "classification.check",
    Stage.FINAL: "classification.check",
}
STATES_OPEN = {
    Stage.SELF: {State.REGISTERED, State.SELF_SCORED},
    Stage.CHECK: {State.SUBMITTED, State.CHECKED},
    Stage.FINAL: {State.REGISTERED, State.SELF_SCORED, State.SUBMITTED, State.CHECKED, State.APPRAISED},
}
