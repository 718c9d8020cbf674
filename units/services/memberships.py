"""Who is in a cụm, khối thi đua or ngành when a unit ends: its main successor goes on in its place.

A membership ends on the day its unit ends. From that day its main successor is a member, where it stands in the
group's province and is not one yet. ``Turn`` keeps both sides, so that a change of the register can be taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from movement.audit.services import Act
from movement.core.dates import format_date

from ..models import Lineage, UnitGroup, UnitGroupMember, UnitVersion
from ..selectors import Effect, names_of

_SHOWN, _NAMED = 5, 200  # groups in one effect, names in one row of the trail

Span = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class Turn:
    """The days of a unit in a group before and after a change: half-open, in order of time."""

    group: UnitGroup
    unit_id: int
    before: tuple[Span, ...]
    after: tuple[Span, ...]

    def back(self) -> Turn:
        return Turn(self.group, self.unit_id, self.after, self.before)

    def as_json(self) -> dict:
        return {
            "group": self.group.pk,
            "unit": self.unit_id,
            "before": [_packed(span) for span in self.before],
            "after": [_packed(span) for span in self.after],
        }


def turns_kept(rows: Iterable[dict]) -> list[Turn]:
    """``Turn.as_json`` back again."""
    rows = list(rows)
    groups = UnitGroup.objects.in_bulk({row["group"] for row in rows})
    return [
        Turn(groups[row["group"]], row["unit"], _unpacked(row["before"]), _unpacked(row["after"]))
        for row in rows
        if row["group"] in groups
    ]


def memberships_follow(ends: Mapping[int, date | None]) -> list[Turn]:
    """End the memberships of units that end, ``{unit id: end}``, and let their main successors go on in them.

    Written in the caller's transaction, after versions and lineage; ``None`` stands for a unit that goes on.
    """
    ends = {unit: end for unit, end in ends.items() if end is not None}
    if not ends:
        return []
    members = UnitGroupMember.objects.filter(unit__in=ends, valid__overlap=(min(ends.values()), None))
    beyond = [row for row in members if row.valid.upper is None or row.valid.upper > ends[row.unit_id]]
    if not beyond:
        return []
    groups = UnitGroup.objects.select_for_update().in_bulk({row.group_id for row in beyond})
    heirs = _heirs(ends)
    units = ends.keys() | {heir for heir, _on in heirs.values()}
    before = _spans(groups, units)
    after = defaultdict(tuple, before)
    homes = _provinces({heir for heir, _on in heirs.values()})
    for unit in sorted(ends, key=lambda pk: (ends[pk], pk)):  # an heir that ends later hands on in its turn
        heir, on = heirs.get(unit, (None, ends[unit]))
        for group in groups.values():
            spans = after[group.pk, unit]
            after[group.pk, unit] = _within(spans, None, ends[unit])
            over = _within(spans, on, None)
            if heir is not None and over and _stands(homes[heir], group.province_id, over[0][0]):
                after[group.pk, heir] = _united([*after[group.pk, heir], *over])
    turns = [
        Turn(groups[group], unit, before.get((group, unit), ()), spans)
        for (group, unit), spans in sorted(after.items())
        if spans != before.get((group, unit), ())
    ]
    turns_write(turns)
    return turns


def turns_write(turns: Iterable[Turn]) -> None:
    """Let the days of each unit in each group be what they are ``after``."""
    turns = list(turns)
    stored = UnitGroupMember.objects.filter(group__in={t.group.pk for t in turns}, unit__in={t.unit_id for t in turns})
    rows = defaultdict(dict)
    for row in stored:
        rows[row.group_id, row.unit_id][row.valid.lower, row.valid.upper] = row.pk
    gone, fresh = [], []
    for turn in turns:
        there = rows[turn.group.pk, turn.unit_id]
        gone += [pk for span, pk in there.items() if span not in turn.after]
        fresh += [(turn, span) for span in turn.after if span not in there]
    UnitGroupMember.objects.filter(pk__in=gone).delete()
    UnitGroupMember.objects.bulk_create(
        (UnitGroupMember(group=turn.group, unit_id=turn.unit_id, valid=DateRange(*span)) for turn, span in fresh),
        batch_size=1000,
    )


def turns_changed_since(turns: Sequence[Turn]) -> list[Turn]:
    """Those whose unit is in the group on other days by now than the change left it."""
    if not turns:
        return []
    now = _spans({t.group.pk for t in turns}, {t.unit_id for t in turns})
    return [turn for turn in turns if now.get((turn.group.pk, turn.unit_id), ()) != turn.after]


def turns_effect(turns: Sequence[Turn]) -> list[Effect]:
    """As a preview tells them; asked while what was written stands."""
    said = [f"{group.name}: {words}" for group, words, *_rest in _by_group(turns)]
    return [Effect(_("Cụm, khối thi đua, ngành đổi thành viên"), len(said), said[:_SHOWN])] if said else []


def turns_acts(turns: Sequence[Turn], *, on: date, because: str, reason: str = "") -> list[Act]:
    """A row of the trail for each group; ``because`` tells the change that took its members along."""
    return [
        Act(
            "group.follow",
            f"“{group.name}” đổi thành viên từ ngày {format_date(on)}: {words}. {because}",
            "units.unitgroup",
            group.ulid,
            group.province_id,
            before={"units": left[:_NAMED]},
            after={"units": joined[:_NAMED]},
            reason=reason,
        )
        for group, words, left, joined in _by_group(turns)
    ]


def _by_group(turns: Sequence[Turn]) -> list[tuple[UnitGroup, str, list[str], list[str]]]:
    """``(group, in words, who leaves, who enters)``, in order of the groups' names."""
    names = names_of({turn.unit_id for turn in turns})
    found: dict[int, tuple[UnitGroup, list[str], list[str]]] = {}
    for turn in turns:
        _group, left, joined = found.setdefault(turn.group.pk, (turn.group, [], []))
        (joined if _days(turn.after) > _days(turn.before) else left).append(names[turn.unit_id])
    return [
        (
            group,
            "; ".join(_listed(some, word) for some, word in ((left, "thôi"), (joined, "vào")) if some),
            left,
            joined,
        )
        for group, left, joined in sorted(found.values(), key=lambda row: (row[0].name, row[0].pk))
    ]


def _listed(names: Sequence[str], word: str) -> str:
    more = f" và {len(names) - _SHOWN} đơn vị khác" if len(names) > _SHOWN else ""
    return f"{', '.join(f'“{name}”' for name in names[:_SHOWN])}{more} {word}"


def _days(spans: Iterable[Span]) -> int:
    return sum(((end or date.max) - start).days for start, end in spans)


def _heirs(ends: Mapping[int, date]) -> dict[int, tuple[int, date]]:
    """``{unit: (main successor, from)}`` of those that have one from their end on."""
    rows = Lineage.objects.filter(predecessor__in=ends, is_main=True).order_by("on")
    found: dict[int, tuple[int, date]] = {}
    for old, new, on in rows.values_list("predecessor_id", "successor_id", "on"):
        if on >= ends[old]:
            found.setdefault(old, (new, on))
    return found


def _spans(groups: Iterable[int], units: Iterable[int]) -> dict[tuple[int, int], tuple[Span, ...]]:
    rows = UnitGroupMember.objects.filter(group__in=list(groups), unit__in=list(units)).order_by("valid__startswith")
    found: dict[tuple[int, int], tuple[Span, ...]] = defaultdict(tuple)
    for row in rows:
        found[row.group_id, row.unit_id] += ((row.valid.lower, row.valid.upper),)
    return dict(found)


def _provinces(units: Iterable[int]) -> dict[int, list[tuple[int | None, DateRange]]]:
    found = defaultdict(list)
    rows = UnitVersion.objects.filter(unit__in=list(units)).values_list("unit_id", "province_id", "valid")
    for unit, province, valid in rows:
        found[unit].append((province, valid))
    return found


def _stands(versions: Iterable[tuple[int | None, DateRange]], province: int, on: date) -> bool:
    return any(where == province and on in valid for where, valid in versions)


def _within(spans: Iterable[Span], since: date | None, before: date | None) -> tuple[Span, ...]:
    kept = []
    for start, end in spans:
        first = start if since is None else max(start, since)
        last = min(end or date.max, before) if before is not None else end
        if last is None or first < last:
            kept.append((first, last))
    return tuple(kept)


def _united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping and touching stretches as one."""
    result: list[Span] = []
    for start, end in sorted(spans, key=lambda span: span[0]):
        if result and (result[-1][1] is None or start <= result[-1][1]):
            first, last = result[-1]
            result[-1] = (first, None if last is None or end is None else max(last, end))
        else:
            result.append((start, end))
    return tuple(result)


def _packed(span: Span) -> list[str | None]:
    return [span[0].isoformat(), span[1] and span[1].isoformat()]


def _unpacked(rows: Iterable[Sequence[str | None]]) -> tuple[Span, ...]:
    return tuple((date.fromisoformat(start), end and date.fromisoformat(end)) for start, end in rows)
