"""The actions on several units: merge, split, fold a duplicate."""

from __future__ import annotations

from collections import Counter

from movement.core.dates import format_date

from ...enums import TERRITORIES, Kind, LineageKind, Share
from ...models import Unit
from ...selectors.ground import Ground
from ..drafting import Draft, Known, listed
from ..timeline import Own, Timeline, build, cut, joined
from .asked import Fold, Merge, Part, Split
from .single import (
    add,
    can_end,
    can_inherit,
    check_level,
    check_name,
    clean,
    hand_over,
    know,
    link,
    named_anew,
    place_above,
    standing,
)

MOST = 50  # units in one merge, parts of one split


def merge(asked: Merge, draft: Draft) -> str:
    on, units = asked.on, {unit.pk: unit for unit in (*asked.units, *([asked.into] if asked.into else []))}
    if len(asked.units) != len({unit.pk for unit in asked.units}):
        draft.refuse("chosen_twice", "Có đơn vị được chọn hai lần.", "units")
    if asked.into and len(units) == 1:
        draft.refuse("merged_into_itself", "Một đơn vị không thể kế thừa hoặc nhập vào chính mình.", "into")
        return ""
    if not 2 <= len(units) <= MOST:
        draft.refuse("how_many", f"Sáp nhập từ 2 đến {MOST} đơn vị.", "units", len(units))
        return ""
    known = draft.know(units, lock=True)
    going = [known[pk] for pk in units if not asked.into or pk != asked.into.pk]
    first = known[asked.into.pk] if asked.into else going[0]
    if other := [k.named(on) for k in known.values() if k.kind != first.kind]:
        message = f"Chỉ sáp nhập các đơn vị cùng loại với “{first.named(on)}”; khác loại: {listed(other)}."
        draft.refuse("kind_differs", message, "units")
    can_end(draft, going, on, "units")
    names = ", ".join(f"“{k.named(on - on.resolution)}”" for k in going)
    if asked.into:
        return _merge_into(asked, draft, known[asked.into.pk], going, names)
    return _merge_anew(asked, draft, units, going, names)


def _merge_into(asked: Merge, draft: Draft, into: Known, going: list[Known], names: str) -> str:
    on = asked.on
    heir = standing(draft, asked.into, on, "into")
    above = place_above(draft, into.kind, asked.parent, on) if asked.parent else None
    if heir is None:
        return ""
    now = heir.at(on)
    own = named_anew(now.own, *(text.strip() or None for text in (asked.name, asked.code, asked.subkind)))
    check_name(draft, into.kind, own.name, own.subkind, asked.into.scope_reason)
    if draft.problems:
        return ""
    new = draft.restated(heir, on, own, (above.unit_id,) if above else ())
    draft.become(heir, new)
    links = [link(asked, old, heir, LineageKind.MERGE) for old in going]
    hand_over(draft, {old.unit_id: heir.unit_id for old in going}, going, links)
    called = f" (nay là “{own.name}”)" if own.name != now.own.name else ""
    return f"Sáp nhập {names} vào “{now.own.name}”{called} từ ngày {format_date(on)}."


def _merge_anew(asked: Merge, draft: Draft, units: dict[int, Unit], going: list[Known], names: str) -> str:
    on, kind = asked.on, going[0].kind
    if any(problem.code in ("unit_not_there", "kind_differs") for problem in draft.problems):
        return ""
    last = [k.at(on - on.resolution) for k in going]
    name = clean(asked.name)
    levels = Counter(s.own.managing_level for s in last)
    level = asked.managing_level or levels.most_common(1)[0][0]
    reason = next((units[k.unit_id].scope_reason for k in going if units[k.unit_id].scope_reason), "")
    check_name(draft, kind, name, clean(asked.subkind), reason)
    check_level(draft, level, on)
    if kind in TERRITORIES and not asked.code.strip():
        draft.refuse("missing_code", "Đơn vị hành chính phải có mã.", "code")
    above = _common_place(asked, draft, kind, going) if kind != Kind.PROVINCE else None
    if draft.problems:
        return ""
    bodies = {s.own.managing_body_id for s in last}
    body = bodies.pop() if len(bodies) == 1 else None
    unit = Unit(scope_reason=reason, demonstration=all(units[k.unit_id].demonstration for k in going))
    own = Own(clean(asked.code), name, clean(asked.subkind) or _subkind(kind, name, last), level, body)
    add(draft, unit, kind, own, above, on)
    if draft.problems:
        return ""
    links = [link(asked, old, unit, LineageKind.MERGE) for old in going]
    hand_over(draft, {old.unit_id: unit.pk for old in going}, going, links)
    return f"Sáp nhập {names} thành “{name}” từ ngày {format_date(on)}."


def _common_place(asked: Merge | Split, draft: Draft, kind: str, going: list[Known]) -> Known | None:
    """Where the new unit is to stand: as asked, or where all that end stood, or what that has become."""
    parent = getattr(asked, "parent", None)
    if parent is None:
        places = {k.at(asked.on - asked.on.resolution).parent_id for k in going}
        ground = Ground(places - {None})
        places = {ground.parent_on(place, asked.on) for place in places}
        if len(places) != 1 or None in places:
            message = "Các đơn vị này không cùng một nơi; hãy chọn nơi đặt đơn vị mới."
            draft.refuse("parent_missing", message, "parent")
            return None
        parent = Unit.objects.get(pk=places.pop())
    return place_above(draft, kind, parent, asked.on)


def _subkind(kind: str, name: str, last) -> str:
    """A commune's sub-kind is the first word of its name; another unit's that of all that end."""
    if kind == Kind.COMMUNE:
        words = ("Xã", "Phường", "Thị trấn", "Đặc khu")
        return next((word for word in words if name.lower().startswith(f"{word.lower()} ")), "")
    said = {s.own.subkind for s in last}
    return said.pop() if len(said) == 1 else ""


def split(asked: Split, draft: Draft) -> str:
    on, known = asked.on, know(draft, asked.unit)
    _check_parts(asked, draft)
    if asked.keeps:
        if known.at(on - on.resolution) is None or known.at(on) is None:
            message = f"“{known.named(on)}” không tồn tại vào ngày {format_date(on)}."
            draft.refuse("unit_not_there", message, "unit", format_date(on))
            return ""
    elif not can_end(draft, [known], on, "unit"):
        return ""
    last = known.at(on - on.resolution)
    for part in asked.parts:
        if not (asked.keeps and part.is_main and not part.name.strip()):
            check_name(draft, known.kind, clean(part.name), clean(part.subkind), asked.unit.scope_reason)
        if known.kind in TERRITORIES and not part.code.strip() and not (asked.keeps and part.is_main):
            draft.refuse("missing_code", f"“{clean(part.name)}” là đơn vị hành chính nên phải có mã.", "code")
    above = _common_place(asked, draft, known.kind, [known]) if known.kind != Kind.PROVINCE else None
    placed = _placed(asked, draft, known)
    if draft.problems:
        return ""
    units = {}
    for part in asked.parts:
        if asked.keeps and part.is_main:
            now = known.at(on).own
            own = named_anew(now, *(text.strip() or None for text in (part.name, part.code, part.subkind)))
            draft.become(known, draft.restated(known, on, own))
            units[id(part)] = known.unit_id
            continue
        unit = Unit(scope_reason=asked.unit.scope_reason, demonstration=asked.unit.demonstration)
        name = clean(part.name)
        subkind = clean(part.subkind) or _subkind(known.kind, name, [last])
        level = last.own.managing_level
        own = Own(clean(part.code), name, subkind, level, last.own.managing_body_id)
        add(draft, unit, known.kind, own, above, on)
        if draft.problems:
            return ""
        units[id(part)] = unit.pk
    _place_children(draft, known, {child: units[id(part)] for child, part in placed.items()})
    new = [part for part in asked.parts if units[id(part)] != known.unit_id]
    links = [
        link(asked, known, Unit(pk=units[id(p)]), LineageKind.SPLIT, share=Share.PART, is_main=p.is_main) for p in new
    ]
    if asked.keeps:
        draft.tie(links)
    else:
        main = next(units[id(part)] for part in asked.parts if part.is_main)
        hand_over(draft, {known.unit_id: main}, [known], links)
    names = ", ".join(f"“{clean(part.name)}”" for part in new)
    said = f"Tách {names} ra khỏi" if asked.keeps else "Chia"
    into = "" if asked.keeps else f" thành {names}"
    return f"{said} “{last.own.name}”{into} từ ngày {format_date(on)}."


def _check_parts(asked: Split, draft: Draft) -> None:
    if not 2 <= len(asked.parts) <= MOST:
        draft.refuse("how_many", f"Chia thành từ 2 đến {MOST} phần.", "parts", len(asked.parts))
    if sum(part.is_main for part in asked.parts) != 1:
        draft.refuse("one_main", "Phải có đúng một đơn vị kế thừa chính.", "parts")


def _placed(asked: Split, draft: Draft, known: Known) -> dict[int, Part]:
    """``{child: part}``; each child stands directly below the old unit on that day and goes to one part."""
    chosen = [(child.pk, part) for part in asked.parts for child in part.children]
    placed = dict(chosen)
    children = draft.know(placed)
    wrong = []
    for child in children.values():
        s = child.at(asked.on)
        if s is None or s.parent_id != known.unit_id:
            wrong.append(child.named(asked.on))
    if wrong:
        message = f"Không trực thuộc “{known.named(asked.on)}” vào ngày {format_date(asked.on)}: {listed(wrong)}."
        draft.refuse("not_below", message, "parts")
    if len(placed) != len(chosen):
        twice = [pk for pk, n in Counter(pk for pk, _ in chosen).items() if n > 1]
        message = f"Được xếp vào hai phần: {listed([children[pk].named(asked.on) for pk in twice])}."
        draft.refuse("chosen_twice", message, "parts")
    return placed


def _place_children(draft: Draft, old: Known, placed: dict[int, int]) -> None:
    """Children of ``old`` go to the units named for them from the day on, with what is below them."""
    ground, moved = Ground(set(placed.values())), []
    for child in draft.know(placed).values():
        new = cut(child.segments, before=draft.on)
        for s in cut(child.segments, since=draft.on):
            to = placed[child.unit_id]
            new += build(s.own, to, s.start, s.end, ground) if s.parent_id == old.unit_id else [s]
        moved.append(Timeline(child.unit_id, child.kind, child.stored, joined(new)))
    draft.save(moved, along=True)
    draft.settle([t.unit_id for t in moved if t.kind in TERRITORIES])


def fold(asked: Fold, draft: Draft) -> str:
    on, known = asked.on, know(draft, asked.duplicate)
    heir = standing(draft, asked.into, on, "into")
    if heir is None:
        return ""
    if heir.kind != known.kind:
        message = f"“{heir.named(on)}” không cùng loại với “{known.named(on)}” nên không phải là một."
        draft.refuse("kind_differs", message, "into")
        return ""
    if not can_inherit(draft, known, heir, on, "into"):
        return ""
    stands = known.segments[-1].end is None or known.segments[-1].end > on
    if stands and not can_end(draft, [known], on, "duplicate"):
        return ""
    links = [link(asked, known, heir, LineageKind.DUPLICATE)]
    hand_over(draft, {known.unit_id: heir.unit_id}, [known], links)
    return (
        f"Gộp bản ghi trùng “{known.named(on)}” vào “{heir.named(on)}”; bản ghi trùng kết thúc sau ngày "
        f"{format_date(on - on.resolution)}."
    )
