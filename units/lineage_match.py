"""Which old unit and which new one a line of a list of mergers means, asked for all lines of one day at once.

An old unit is looked for as it was called on the day before; a new one among what stands on the day and does not end
then by the same list, so that hamlets may be numbered anew ("Thôn 3" and "Thôn 4" become "Thôn 2").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from movement.core.dates import format_date
from movement.core.problems import Problem
from movement.core.text import match_key, normalise_name

from .enums import TERRITORIES, Kind, Share
from .lineage_rows import Line
from .models import Lineage, UnitVersion
from .reach import Reach
from .selectors import bearers, versions_by_code
from .selectors.ground import Ground
from .statements import commune_codes

_DAY = date.resolution


@dataclass(slots=True)
class Tie:
    """A line whose old unit is known. ``place`` is what both stand below on the day.

    ``new`` is the unit that stands there already, ``None`` where it is to be created; lines with one ``key`` mean
    the same new unit. ``goes_on``: the old unit is the new one.
    """

    line: Line
    old: UnitVersion
    place: int | None
    share: str
    is_main: bool
    new: UnitVersion | None = None
    key: tuple = ()
    goes_on: bool = False


def match_lines(lines: Sequence[Line], day: date, problems: list[Problem], *, reach: Reach | None = None) -> list[Tie]:
    """The ties of ``lines``, all of one ``day``; what is not found or not sure is added to ``problems``."""
    places = _places(lines, day, problems, reach)
    stand = _Standing({place for place in places.values() if place}, day)
    coded = versions_by_code({code for line in lines for code in (line.old_code, line.new_code) if code})
    ties = []
    for line in lines:
        if line.line not in places:
            continue
        old = _old(line, places[line.line], day, stand, coded, problems, reach)
        if old is not None:
            place = places[line.line] or stand.place_of(old)
            ties.append(Tie(line, old, place, line.share or "", bool(line.is_main)))
    _shares(ties, problems)
    _find_new(ties, day, stand, coded, problems, reach)
    return ties


def _places(lines: Sequence[Line], day: date, problems: list[Problem], reach: Reach | None) -> dict[int, int | None]:
    """``{line: the place on the day}``: a code is read on the day, else on the day before and followed."""
    known = versions_by_code({c for line in lines for c in commune_codes(line.commune_code) if c}, kinds=TERRITORIES)
    found, before = {}, {}
    for line in lines:
        if not line.commune_code:
            found[line.line] = None
            continue
        versions = [v for code in commune_codes(line.commune_code) for v in known.get(code, ())]
        if reach:
            versions = [v for v in versions if reach.near(v.path, day if day in v.valid else day - _DAY)]
        there = _communes_first(bearers(versions, day))
        ended = _communes_first(bearers(versions, day - _DAY))
        if len(there) == 1:
            found[line.line] = there[0].unit_id
        elif not there and len(ended) == 1:
            before[line.line] = ended[0].unit_id
        else:
            several = there or ended
            names = "; ".join(v.name for v in several)
            message = (
                f"Mã này là của nhiều nơi: {names}."
                if several
                else f"Ngày {format_date(day)} không có đơn vị hành chính nào mang mã này."
            )
            code = "ambiguous_code" if several else "unknown_commune"
            problems.append(Problem(code, message, line.line, "commune_code", line.commune_code))
    ground = Ground(before.values())
    for number, place in before.items():
        found[number] = ground.parent_on(place, day)
        if found[number] is None:
            del found[number]
            message = f"Địa bàn này đã kết thúc trước ngày {format_date(day)} và chưa có địa bàn kế thừa."
            problems.append(Problem("unknown_commune", message, number, "commune_code"))
    return found


def _communes_first(versions: Sequence[UnitVersion]) -> list[UnitVersion]:
    """A number may be a commune's and a province's: the column means the commune."""
    communes = [v for v in versions if v.kind == Kind.COMMUNE]
    return communes or list(versions)


class _Standing:
    """What stands below places on a day, and what stood there until then or came over to them on it."""

    def __init__(self, places: set[int], day: date) -> None:
        self.day = day
        now = list(UnitVersion.objects.filter(parent__in=places, valid__contains=day))
        self.now: dict[int, list[UnitVersion]] = defaultdict(list)
        for version in now:
            self.now[version.parent_id].append(version)
        self.before: dict[int, list[UnitVersion]] = defaultdict(list)
        here = {v.unit_id: v.parent_id for v in now}
        for version in UnitVersion.objects.filter(unit__in=here, valid__contains=day - _DAY):
            self.before[here[version.unit_id]].append(version)
        came = Lineage.objects.filter(successor__in=places, on=day, is_main=True)
        over = dict(came.values_list("predecessor_id", "successor_id")) | {place: place for place in places}
        for version in UnitVersion.objects.filter(parent__in=over, valid__endswith=day).exclude(unit__in=here):
            self.before[over[version.parent_id]].append(version)
        self.names: dict[tuple, list[UnitVersion]] = defaultdict(list)
        for place, versions in self.before.items():
            for v in versions:
                self.names[place, normalise_name(v.name)].append(v)
        self.new_names: dict[tuple, list[UnitVersion]] = defaultdict(list)
        for place, versions in self.now.items():
            for v in versions:
                self.new_names[place, v.kind, normalise_name(v.name)].append(v)

    def province_of(self, place: int | None) -> int | None:
        return next((v.province_id for v in self.now.get(place, ())), None)

    def place_of(self, old: UnitVersion) -> int | None:
        """Where a unit that was found by its code alone stands on the day, or would."""
        if old.parent_id is None:
            return None
        now = UnitVersion.objects.filter(unit=old.unit_id, valid__contains=self.day).first()
        return now.parent_id if now else Ground([old.parent_id]).parent_on(old.parent_id, self.day)


def _old(
    line: Line,
    place: int | None,
    day: date,
    stand: _Standing,
    coded: Mapping[str, list[UnitVersion]],
    problems: list[Problem],
    reach: Reach | None,
) -> UnitVersion | None:
    def wrong(code: str, column: str, message: str) -> None:
        value = line.old_code if column == "old_code" else line.old_name
        problems.append(Problem(code, message, line.line, column, value))

    when = format_date(day - _DAY)
    column = "old_code" if line.old_code else "old_name"
    if line.old_code:
        found = bearers(coded.get(line.old_code, ()), day - _DAY)
        if place is not None:
            here = {v.unit_id for v in stand.before[place]}
            inside = [v for v in found if v.unit_id in here]
            if found and not inside:
                wrong("wrong_place", column, f"Ngày {when} mã này là của “{found[0].name}”, không thuộc xã này.")
                return None
            found = inside
    else:
        same = stand.names[place, normalise_name(line.old_name)]
        found = [v for v in same if v.kind == Kind.RESIDENTIAL_AREA] or same
    if reach:
        found = [v for v in found if reach.near(v.path, day - _DAY)]
    if not found:
        hint = "" if line.old_code else _hint(line, place, stand)
        wrong("unknown_unit", column, f"Ngày {when} không có đơn vị này ở nơi này.{hint}")
        return None
    if len(found) > 1:
        names = "; ".join(f"{v.name} (mã {v.code or 'chưa có'})" for v in found)
        wrong("ambiguous_code" if line.old_code else "ambiguous_name", column, f"Có nhiều đơn vị như vậy: {names}.")
        return None
    if reach and (refusal := reach.refusal(found[0])):
        wrong("not_allowed", column, refusal)
        return None
    return found[0]


def _hint(line: Line, place: int | None, stand: _Standing) -> str:
    key = match_key(line.old_name)
    alike = [v.name for v in stand.before.get(place, ()) if match_key(v.name) == key]
    return f" Có phải là “{alike[0]}”?" if alike else ""


def _shares(ties: Sequence[Tie], problems: list[Problem]) -> None:
    """Whole or part of each, and the main successor of what is split; an empty cell says what is usual."""
    by_old: dict[int, list[Tie]] = defaultdict(list)
    for tie in ties:
        by_old[tie.old.unit_id].append(tie)
    for group in by_old.values():
        alone = len(group) == 1
        for tie in group:
            tie.goes_on = _names_itself(tie)
            tie.share = tie.share or (Share.WHOLE if alone else Share.PART).value
        if alone:
            group[0].is_main = group[0].share == Share.WHOLE
            continue
        first = group[0].line
        if any(tie.goes_on for tie in group):  # it goes on as itself, so nobody takes its place
            for tie in group:
                tie.is_main = False
            continue
        if any(tie.share == Share.WHOLE for tie in group):
            lines = ", ".join(str(tie.line.line) for tie in group)
            message = f"Đơn vị này có ở các dòng {lines}; đã chia ra nhiều nơi thì mỗi nơi là một phần."
            problems.append(Problem("share_conflict", message, first.line, "share", first.old_name))
        if sum(tie.is_main for tie in group) != 1:
            message = f"“{group[0].old.name}” được chia ra {len(group)} nơi; hãy ghi đúng một nơi là kế thừa chính."
            problems.append(Problem("one_main", message, first.line, "is_main", first.old_name))


def _names_itself(tie: Tie) -> bool:
    """Whether the new unit is the old one: by its code, else by its name."""
    if tie.line.new_code and tie.old.code:
        return tie.line.new_code == tie.old.code
    return normalise_name(tie.line.new_name) == normalise_name(tie.old.name)


def _find_new(
    ties: Sequence[Tie],
    day: date,
    stand: _Standing,
    coded: Mapping[str, list[UnitVersion]],
    problems: list[Problem],
    reach: Reach | None,
) -> None:
    ending = {t.old.unit_id for t in ties if t.is_main} - {t.old.unit_id for t in ties if t.goes_on}
    for tie in ties:
        line, old = tie.line, tie.old
        if tie.goes_on:
            tie.new = old
            continue
        if line.new_code:
            found = [v for v in bearers(coded.get(line.new_code, ()), day) if v.unit_id not in ending]
            found = [v for v in found if v.province_id in (old.province_id, stand.province_of(tie.place))]
            if found and found[0].parent_id != tie.place:
                message = f"Mã này là của “{found[0].name}” ở nơi khác."
                problems.append(Problem("code_taken", message, line.line, "new_code", line.new_code))
                continue
            tie.key = (tie.place, "code", line.new_code)
            if not found:
                same = stand.new_names[tie.place, old.kind, normalise_name(line.new_name)]
                found = [v for v in same if not v.code and v.unit_id not in ending]
        else:
            same = stand.new_names[tie.place, old.kind, normalise_name(line.new_name)]
            found = [v for v in same if v.unit_id not in ending]
            tie.key = (tie.place, old.kind, normalise_name(line.new_name))
        if len(found) > 1:
            names = "; ".join(f"{v.name} (mã {v.code or 'chưa có'})" for v in found)
            message = f"Có nhiều đơn vị như vậy ở nơi này: {names}. Hãy ghi mã mới."
            problems.append(Problem("ambiguous_name", message, line.line, "new_name", line.new_name))
            continue
        tie.new = found[0] if found else None
        if tie.new and reach and (refusal := reach.refusal(tie.new)):
            problems.append(Problem("not_allowed", refusal, line.line, "new_name", line.new_name))
