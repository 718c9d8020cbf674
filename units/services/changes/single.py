"""The actions on one unit: create, rename, move, to another level, close, reopen.

Each plans into a ``Draft`` and returns the sentence that tells it; what is wrong is added to the draft's problems.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from movement.core.dates import format_date
from movement.core.problems import Problem
from movement.core.text import nfc

from ...divisions import REFORM
from ...enums import TERRITORIES, Kind, Level, LineageKind
from ...models import Lineage, Unit
from ...scope import out_of_scope
from ...selectors.ground import Ground
from ..drafting import Draft, Known, below_problem, ending_problem
from ..timeline import Own, Segment, build
from .asked import Close, Create, Move, Rename, Reopen
from .asked import Level as ToLevel

_UNNAMED = "?"  # stands in the draft of a change that is refused for want of a name


def create(asked: Create, draft: Draft) -> str:
    name, on = clean(asked.name), asked.on
    check_name(draft, asked.kind, name, asked.subkind, asked.details.get("scope_reason", ""))
    check_level(draft, asked.managing_level, on)
    if asked.kind not in Kind.values:
        draft.refuse("unknown_kind", "Loại đơn vị không có trong danh mục.", "kind", asked.kind)
        return ""
    if asked.kind in TERRITORIES and not asked.code.strip():
        draft.refuse("missing_code", "Đơn vị hành chính phải có mã.", "code")
    above = place_above(draft, asked.kind, asked.parent, on)
    if draft.problems and (asked.kind != Kind.PROVINCE and above is None):
        return ""
    body = standing(draft, asked.managing_body, on, "managing_body") if asked.managing_body else None
    level = asked.managing_level if asked.managing_level in Level.values else Level.PROVINCE.value
    own = Own(clean(asked.code), name or _UNNAMED, clean(asked.subkind), level, body and body.unit_id)
    add(draft, Unit(**asked.details), asked.kind, own, above, on)
    where = f" tại “{above.named(on)}”" if above else ""
    return f"Thêm “{name}”{where} từ ngày {format_date(on)}."


def add(draft: Draft, unit: Unit, kind: str, own: Own, above: Known | None, on: date) -> None:
    """A new unit below ``above``, as long as such a unit may be."""
    place = above.unit_id if above else None
    end = None
    if kind == Kind.DISTRICT:
        if on >= REFORM:
            draft.refuse("district_after_2025", "Từ ngày 01/7/2025 không còn đơn vị hành chính cấp huyện.", "kind")
            return
        end = REFORM
    draft.create([(unit, kind, build(own, place, on, end, Ground([place] if place else [])))])


def rename(asked: Rename, draft: Draft) -> str:
    known = standing(draft, asked.unit, asked.on, "unit")
    if known is None:
        return ""
    now = known.at(asked.on)
    own = named_anew(now.own, asked.name, asked.code, asked.subkind)
    reason = asked.unit.scope_reason if asked.scope_reason is None else clean(asked.scope_reason)
    check_name(draft, known.kind, own.name if own.name != _UNNAMED else "", own.subkind, reason)
    draft.reason(asked.unit, reason)
    if known.kind in TERRITORIES and not own.code:
        draft.refuse("missing_code", "Đơn vị hành chính phải có mã.", "code")
    restate(draft, known, asked.on, own)
    said = [f"đổi tên thành “{own.name}”"] if own.name != now.own.name else []
    said += [f"đổi mã thành {own.code or 'chưa có'}"] if own.code != now.own.code else []
    said += [f"đổi loại chi tiết thành “{own.subkind}”"] if own.subkind != now.own.subkind else []
    return f"“{now.own.name}” {', '.join(said)} từ ngày {format_date(asked.on)}."


def named_anew(own: Own, name: str | None, code: str | None, subkind: str | None) -> Own:
    """``own`` under what is given; ``None`` leaves what is."""
    return replace(
        own,
        name=own.name if name is None else clean(name) or _UNNAMED,
        code=own.code if code is None else clean(code),
        subkind=own.subkind if subkind is None else clean(subkind),
    )


def move(asked: Move, draft: Draft) -> str:
    known = standing(draft, asked.unit, asked.on, "unit")
    if known is None:
        return ""
    if known.kind == Kind.PROVINCE:
        draft.refuse("province_moves", "Tỉnh, thành phố không chuyển đi đâu được.", "unit")
        return ""
    above = place_above(draft, known.kind, asked.parent, asked.on)
    if above is None:
        return ""
    now = known.at(asked.on)
    if known.unit_id in _chain(above, asked.on):
        message = f"“{above.named(asked.on)}” nằm trong “{now.own.name}” nên không thể là cấp trên của nó."
        draft.refuse("cycle", message, "parent")
        return ""
    restate(draft, known, asked.on, now.own, (above.unit_id,), column="parent")
    return f"Chuyển “{now.own.name}” về “{above.named(asked.on)}” từ ngày {format_date(asked.on)}."


def level(asked: ToLevel, draft: Draft) -> str:
    known = standing(draft, asked.unit, asked.on, "unit")
    check_level(draft, asked.managing_level, asked.on)
    body = standing(draft, asked.managing_body, asked.on, "managing_body") if asked.managing_body else None
    if known is None or draft.problems:
        return ""
    if body and body.unit_id == known.unit_id:
        draft.refuse("managed_by_itself", "Một đơn vị không tự quản lý trực tiếp chính mình.", "managing_body")
        return ""
    now = known.at(asked.on)
    own = replace(now.own, managing_level=asked.managing_level, managing_body_id=body and body.unit_id)
    restate(draft, known, asked.on, own, column="managing_level")
    by = f", do “{body.named(asked.on)}” quản lý trực tiếp" if body else ""
    to = Level(asked.managing_level).label
    return f"“{now.own.name}” chuyển về {to[:1].lower()}{to[1:]} quản lý{by} từ ngày {format_date(asked.on)}."


def close(asked: Close, draft: Draft) -> str:
    known = know(draft, asked.unit)
    heir = standing(draft, asked.heir, asked.on, "heir") if asked.heir else None
    if not can_end(draft, [known], asked.on, "unit"):
        return ""
    name, last = known.named(asked.on), format_date(asked.on - date.resolution)
    if heir is None:
        if problem := below_problem(known, asked.on):
            message = f"{problem.message} Hãy chọn đơn vị kế thừa, hoặc chuyển, kết thúc các đơn vị đó trước."
            draft.refuse(problem.code, message, "heir", problem.value)
        if known.segments[-1].end == asked.on:
            draft.refuse("no_change", f"“{name}” đã kết thúc sau ngày {last}.", "on")
        if asked.heir or draft.problems:
            return ""
        draft.end([known])
        return f"“{name}” kết thúc sau ngày {last}."
    if not can_inherit(draft, known, heir, asked.on, "heir"):
        return ""
    hand_over(draft, {known.unit_id: heir.unit_id}, [known], [link(asked, known, heir, LineageKind.MERGE)])
    return f"“{name}” kết thúc sau ngày {last}; “{heir.named(asked.on)}” kế thừa."


def reopen(asked: Reopen, draft: Draft) -> str:
    known, on = know(draft, asked.unit), asked.on
    last = known.segments[-1]
    if last.end is None or last.end > on:
        draft.refuse("not_closed", f"“{last.own.name}” không kết thúc trước ngày {format_date(on)}.", "on")
        return ""
    gone = Lineage.objects.filter(predecessor=known.unit_id, share="whole").order_by("-on").first()
    if gone:
        heir = next(iter(draft.know([gone.successor_id]).values()))
        message = f"“{last.own.name}” đã nhập vào “{heir.named(gone.on)}” từ ngày {format_date(gone.on)}; "
        draft.refuse("merged_away", message + "hãy hoàn tác việc đó, hoặc tách ra một đơn vị mới.", "unit")
    place = asked.parent.pk if asked.parent else last.parent_id
    ground = Ground([place] if place else [])
    if asked.parent:
        place_above(draft, known.kind, asked.parent, on)
    elif place and ground.parent_on(place, on) is None:
        draft.refuse("parent_missing", "Nơi cũ của đơn vị không còn; hãy chọn nơi đặt đơn vị.", "parent")
    check_level(draft, last.own.managing_level, on)
    if draft.problems:
        return ""
    again = build(last.own, place, on, None, ground)
    draft.become(known, joined_to(known.segments, again))
    return f"“{last.own.name}” mở lại từ ngày {format_date(on)}."


def joined_to(before: list[Segment], again: list[Segment]) -> list[Segment]:
    """Without a cut where the old end is the new beginning and nothing differs."""
    last, first = before[-1], again[0]
    if last.end == first.start and replace(last, end=first.end) == replace(first, start=last.start):
        return [*before[:-1], replace(last, end=first.end), *again[1:]]
    return [*before, *again]


# --- what the actions share -------------------------------------------------------------------------


def clean(text: str) -> str:
    """Text as it is stored: NFC, one space between words."""
    return " ".join(nfc(text or "").split())


def know(draft: Draft, unit: Unit) -> Known:
    return draft.know([unit.pk], lock=True)[unit.pk]


def standing(draft: Draft, unit: Unit | None, on: date, column: str) -> Known | None:
    """The unit if it exists on the day; else the problem is told."""
    if unit is None:
        draft.refuse("missing", "Chưa chọn đơn vị.", column)
        return None
    known = know(draft, unit)
    if known.at(on) is None:
        message = f"“{known.named(on)}” không tồn tại vào ngày {format_date(on)}."
        draft.refuse("unit_not_there", message, column, format_date(on))
        return None
    return known


def place_above(draft: Draft, kind: str, parent: Unit | None, on: date, column: str = "parent") -> Known | None:
    """The place that is to stand above a unit of ``kind``; whether it may is asked of the whole draft at its end."""
    if kind == Kind.PROVINCE:
        if parent:
            draft.refuse("wrong_parent_kind", "Tỉnh, thành phố không có đơn vị cấp trên.", column)
        return None
    if parent is None:
        draft.refuse("parent_missing", "Chưa chọn nơi đặt đơn vị.", column)
        return None
    return standing(draft, parent, on, column)


def _chain(known: Known, on: date) -> set[int]:
    """The ids on the path of a unit on a day, itself among them."""
    path = known.at(on).parent_path.strip("/")
    return {known.unit_id, *(int(part) for part in path.split("/") if part)}


def check_name(draft: Draft, kind: str, name: str, subkind: str, scope_reason: str) -> None:
    if not name:
        draft.refuse("missing_name", "Chưa ghi tên đơn vị.", "name")
    for column, text, limit in (("name", name, 250), ("subkind", subkind, 60)):
        if len(text) > limit:
            draft.refuse("too_long", f"Ô này dài quá {limit} ký tự.", column)
    if (rule := out_of_scope(kind, name, subkind)) and not scope_reason.strip():
        message = f"Không thuộc diện đánh giá ({rule.label}); nếu vẫn đưa vào, hãy ghi lý do."
        draft.refuse("out_of_scope", message, "scope_reason", name)


def check_level(draft: Draft, managing_level: str, on: date) -> None:
    if managing_level not in Level.values:
        draft.refuse("unknown_level", "Chưa chọn cấp quản lý.", "managing_level", managing_level)
    elif managing_level == Level.DISTRICT and on >= REFORM:
        draft.refuse("district_level_ended", "Từ ngày 01/7/2025 không còn cấp huyện quản lý.", "managing_level")


def restate(
    draft: Draft, known: Known, on: date, own: Own, place: tuple[int | None] = (), *, column: str = "name"
) -> None:
    """Let a unit be so from ``on``; that nothing differs is a problem."""
    new = draft.restated(known, on, own, place)
    if new == known.segments:
        draft.refuse("no_change", "Đơn vị đã như vậy rồi; không có gì thay đổi.", column)
        return
    draft.become(known, new)


def can_end(draft: Draft, known: list[Known], on: date, column: str) -> bool:
    """Whether all of them may end before ``on``; what speaks against it is told of each."""
    ground = Ground({s.parent_id for k in known for s in k.segments if s.parent_id})
    found = [problem for k in known if (problem := ending_problem(k, on, ground))]
    followed = Lineage.objects.filter(predecessor__in=[k.unit_id for k in known], on__gte=on)
    followed = set(followed.values_list("predecessor_id", flat=True))
    for k in known:
        if k.unit_id in followed:
            message = f"“{k.named(on)}” đã có đơn vị kế thừa từ ngày {format_date(on)} trở đi."
            found.append(Problem("already_followed", message, value=format_date(on)))
    for problem in found:
        draft.refuse(problem.code, problem.message, column, problem.value)
    return not found


def can_inherit(draft: Draft, old: Known, heir: Known, on: date, column: str) -> bool:
    """Whether what is below ``old`` may go over to ``heir``."""
    if heir.unit_id == old.unit_id:
        draft.refuse("merged_into_itself", "Một đơn vị không thể kế thừa hoặc nhập vào chính mình.", column)
    elif old.unit_id in _chain(heir, on):
        message = f"“{heir.named(on)}” nằm trong “{old.named(on)}” nên không thể kế thừa."
        draft.refuse("cycle", message, column)
    elif _sort(heir.kind) != _sort(old.kind):
        message = f"“{heir.named(on)}” không cùng loại với “{old.named(on)}” nên không thể kế thừa."
        draft.refuse("kind_differs", message, column)
    else:
        return True
    return False


def _sort(kind: str) -> str:
    """Places take over places, hamlets hamlets, offices, firms and schools one another."""
    if kind in TERRITORIES:
        return "place"
    return "hamlet" if kind == Kind.RESIDENTIAL_AREA else "workplace"


def link(asked, old: Known, new: Known | Unit, kind: str, *, share: str = "whole", is_main: bool = True) -> Lineage:
    """The lineage row of an action; its paper is the action's."""
    return Lineage(
        predecessor_id=old.unit_id,
        successor_id=new.pk if isinstance(new, Unit) else new.unit_id,
        kind=kind,
        on=asked.on,
        decision=paper(asked),
        share=share,
        is_main=is_main,
    )


def paper(asked) -> str:
    """The number of the decision with its date, as a lineage row shows it."""
    number = clean(asked.decision)
    return f"{number} ngày {format_date(asked.decided_on)}"[:200] if number and asked.decided_on else number[:200]


def hand_over(draft: Draft, heirs: dict[int, int], ending: list[Known], links: list[Lineage]) -> None:
    """End units before ``on``; what stood below them and what they managed goes over to their main successors."""
    draft.end(ending)
    draft.tie(links)
    draft.settle(heirs)
    draft.hand_on(heirs)
