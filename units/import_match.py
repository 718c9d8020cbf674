"""Which place and which unit a line of a list means, asked for all lines at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from movement.core.dates import format_date, upper_to_last_day
from movement.core.problems import Problem
from movement.core.text import match_key, normalise_name

from .enums import PARENT_KINDS, TERRITORIES, Kind
from .import_rows import Row
from .models import Unit, UnitVersion
from .reach import Reach
from .selectors import bearers, versions_by_code
from .selectors.ground import Ground, Stand
from .statements import Statement, Statements, commune_codes, differing, digest_of

_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Asking:
    """How lines are read for somebody. The default is a command's: everything is in reach, nobody can be asked.

    ``asks``: which unit is meant is left open where it is not sure, instead of being refused or made anew.
    ``choices``: line → the unit chosen then, ``None`` for a new one. ``forced``: lines that are written although
    their unit was changed by somebody else since the export.
    """

    reach: Reach | None = None
    asks: bool = False
    choices: Mapping[int, int | None] = field(default_factory=dict)
    forced: frozenset[int] = frozenset()


@dataclass(slots=True)
class Match:
    """What the register knows about one line. ``unit_id`` is ``None`` for a unit to be created.

    ``read_on`` is the day on which its codes are read; ``on`` the nearest to it on which the line holds:
    that day's unit is meant. ``place`` is what the line names, ``stand`` where one is below it on ``on``.
    ``refused``: which unit is meant is not clear, so nothing more is asked of the line; ``candidates`` are those it may
    be. ``stated`` is what the exported version says now; ``same``: the line says nothing else.
    """

    row: Row
    read_on: date
    on: date
    place: UnitVersion | None = None
    stand: Stand | None = None
    unit_id: int | None = None
    by_code: bool = False
    refused: bool = False
    warnings: list[Problem] = field(default_factory=list)
    candidates: list[UnitVersion] = field(default_factory=list)
    stored: UnitVersion | None = None
    stated: Statement | None = None
    same: bool = False

    @property
    def home(self) -> set[str]:
        """The places above the exported version: of several with one code, one of them is meant."""
        return set(self.stored.path.split("/")) if self.stored else set()

    @property
    def moved_on(self) -> bool:
        """Whether somebody changed the unit since the line was exported."""
        return self.stated is not None and digest_of(self.stated) != self.row.stand.digest


@dataclass(slots=True)
class Known:
    """What the register holds about the lines of one file."""

    ground: Ground
    timelines: dict[int, list[UnitVersion]]
    units: dict[int, Unit]


def match_rows(
    rows: Sequence[Row], *, as_of: date | None, problems: list[Problem], asking: Asking
) -> tuple[list[Match], Known]:
    """The place and the unit of each line that could be read; what is not found or not sure is added to ``problems``.

    Codes are read on ``as_of``, else on the line's own start (design §7, "Dates"); those of an exported line always
    on its own start, on which they were written.
    """
    read_on = {row.line: row.start if row.stand and row.start else as_of or row.start for row in rows}
    everything = [Match(row, read_on[row.line], _nearest(row, as_of)) for row in rows if read_on[row.line]]
    known = _match_stands(everything, asking.reach, problems)
    matches = [match for match in everything if not match.same and not match.refused]
    _find_places(matches, asking.reach, problems)
    matches = [match for match in matches if match.row.kind]
    ground = Ground({m.place.unit_id for m in matches if m.place})
    for match in matches:
        match.stand = ground.stands(match.place.unit_id, match.on, None)[0] if match.place else None
    open_ones = [match for match in matches if match.unit_id is None]
    by_code = versions_by_code(m.row.code for m in open_ones)
    near = _neighbours(open_ones)
    candidates = {v.unit_id for versions in by_code.values() for v in versions} | near.units
    timelines = known | _timelines(candidates - known.keys())
    places = {m.place.unit_id for m in matches if m.place}
    places |= {pk for versions in timelines.values() for v in versions for pk in (v.parent_id, v.province_id) if pk}
    ground = Ground(places)
    for match in open_ones:
        if match.row.code:
            _match_code(match, by_code, timelines, ground, asking.reach, problems)
    taken = {match.unit_id for match in everything if match.unit_id}
    for match in open_ones:
        if match.unit_id is None and not match.refused and match.row.name and match.place:
            _match_name(match, near, taken, asking, problems)
    matches = [match for match in everything if match.same or match.row.kind]
    _refuse_twice(matches, problems)
    wanted = {m.unit_id for m in matches if m.unit_id}
    units = {}
    for ids in _chunks(wanted):
        units |= Unit.objects.in_bulk(ids)
    return matches, Known(ground, {pk: timelines[pk] for pk in wanted}, units)


def _nearest(row: Row, as_of: date | None) -> date:
    """The day nearest to ``as_of`` on which the line holds; an exported line's own first day."""
    if as_of is None or row.start is None or row.stand:
        return row.start or as_of
    last = upper_to_last_day(row.end)
    return max(row.start, as_of if last is None else min(as_of, last))


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    ids = sorted(ids)
    return (ids[at : at + _CHUNK] for at in range(0, len(ids), _CHUNK))


def _timelines(unit_ids: Iterable[int]) -> dict[int, list[UnitVersion]]:
    found: dict[int, list[UnitVersion]] = defaultdict(list)
    for ids in _chunks(unit_ids):
        for version in UnitVersion.objects.filter(unit__in=ids).order_by("valid__startswith"):
            found[version.unit_id].append(version)
    return found


# --- lines that were exported ---------------------------------------------------------------------

_HARMLESS = "bad_email"  # an old address is not what is wrong with a line that says nothing new


def _match_stands(
    matches: Sequence[Match], reach: Reach | None, problems: list[Problem]
) -> dict[int, list[UnitVersion]]:
    """The unit of each exported line, and whether the line says anything new; their units' versions."""
    marked = [match for match in matches if match.row.stand]
    wanted = {match.row.stand.ulid for match in marked}
    units = {unit.ulid: unit for ulids in _chunks(wanted) for unit in Unit.objects.filter(ulid__in=ulids)}
    known = _timelines(unit.pk for unit in units.values())
    for match in marked:
        unit = units.get(match.row.stand.ulid)
        versions = known.get(unit.pk, ()) if unit else ()
        match.stored = _version_at(versions, match.row.stand.since)
        if match.stored is None or (reach and not reach.sees(match.stored)):
            message = "Không có đơn vị này trong địa bàn của bạn; hãy xuất lại danh sách."
            _refuse(match, Problem("unknown_stand", message, match.row.line, "name", match.row.name), problems)
            match.stored = None
            continue
        match.stored.unit, match.unit_id = unit, unit.pk
    found = [match for match in marked if match.stored]
    wrong = {p.line for p in problems if p.code != _HARMLESS}
    statements = Statements()
    for some in _batches(found):
        for match, stated in zip(some, statements.of([m.stored for m in some]), strict=True):
            match.stated = stated
            match.same = match.row.line not in wrong and not differing(match.row, stated)
    same = {match.row.line for match in found if match.same}
    problems[:] = [p for p in problems if p.line not in same]
    for match in found:
        if not match.same and match.row.kind and match.row.kind != match.stored.kind:
            _refuse_kind(match, match.stored, "kind", problems)
    return known


def _version_at(versions: Sequence[UnitVersion], since: date) -> UnitVersion | None:
    """The version on a day, else the unit's last before it, else its first."""
    before = [v for v in versions if v.valid.lower <= since]
    return before[-1] if before else next(iter(versions), None)


def _refuse_kind(match: Match, version: UnitVersion, column: str, problems: list[Problem]) -> None:
    what = "Mã này là của" if column == "code" else "Dòng này là của"
    message = f"{what} “{version.name}”, thuộc loại {Kind(version.kind).label.lower()}."
    _refuse(match, Problem("kind_differs", message, match.row.line, "kind", match.row.kind), problems)


def _batches(matches: Sequence[Match]) -> Iterable[Sequence[Match]]:
    return (matches[at : at + _CHUNK] for at in range(0, len(matches), _CHUNK))


# --- the place ------------------------------------------------------------------------------------


def _find_places(matches: Sequence[Match], reach: Reach | None, problems: list[Problem]) -> None:
    codes = {code for m in matches for code in (*commune_codes(m.row.commune_code), m.row.parent_code) if code}
    known = versions_by_code(codes, kinds=TERRITORIES)
    if reach:
        known = {code: [v for v in versions if _is_near(v, reach)] for code, versions in known.items()}
    has_communes = set()
    districts = {v.unit_id for versions in known.values() for v in versions if v.kind == Kind.DISTRICT}
    if districts:
        communes = UnitVersion.objects.filter(parent__in=districts, kind=Kind.COMMUNE)
        has_communes = set(communes.values_list("parent_id", flat=True))
    for match in matches:
        row = match.row
        if row.commune_code and not row.is_territory:
            there = [v for code in commune_codes(row.commune_code) for v in bearers(known.get(code, ()), match.read_on)]
            there = [
                v
                for v in there
                if v.kind == Kind.COMMUNE or (v.kind == Kind.DISTRICT and v.unit_id not in has_communes)
            ]
            match.place = _only(there, match, "commune_code", row.commune_code, "xã, phường, đặc khu", known, problems)
        if row.parent_code:
            there = bearers(known.get(row.parent_code, ()), match.read_on)
            above = _only(there, match, "parent_code", row.parent_code, "đơn vị hành chính", known, problems)
            _put_above(match, above, problems)
        if match.place and row.kind and match.place.kind not in PARENT_KINDS[Kind(row.kind)]:
            column = "parent_code" if row.parent_code else "commune_code"
            message = f"Đơn vị loại này không đặt trực tiếp dưới “{match.place.name}”."
            problems.append(Problem("wrong_parent_kind", message, row.line, column, match.place.code))


def _is_near(version: UnitVersion, reach: Reach) -> bool:
    return reach.near(version.path, upper_to_last_day(version.valid.upper) or version.valid.lower)


def _only(there, match: Match, column: str, code: str, what: str, known, problems: list[Problem]) -> UnitVersion | None:
    if len(there) > 1:
        there = [v for v in there if str(v.unit_id) in match.home] or there
    if len(there) == 1:
        return there[0]
    if there:
        names = "; ".join(v.name for v in there)
        problems.append(Problem("ambiguous_code", f"Mã này là của nhiều nơi: {names}.", match.row.line, column, code))
        return None
    other = next(iter(known.get(code, ())), None)
    hint = f" Mã này là của “{other.name}” từ ngày {format_date(other.valid.lower)}." if other else ""
    message = f"Ngày {format_date(match.read_on)} không có {what} nào mang mã này.{hint}"
    code_name = "unknown_commune" if column == "commune_code" else "unknown_parent"
    problems.append(Problem(code_name, message, match.row.line, column, code))
    return None


def _put_above(match: Match, above: UnitVersion | None, problems: list[Problem]) -> None:
    """A parent beside a commune must be that commune or lie above it; alone it is the place itself."""
    if above is None:
        return
    if match.place is None:
        match.place = None if match.row.commune_code and not match.row.is_territory else above
    elif f"/{above.unit_id}/" not in match.place.path:
        message = f"“{match.place.name}” không thuộc “{above.name}”."
        problems.append(Problem("wrong_parent", message, match.row.line, "parent_code", above.code))


# --- the unit -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Near:
    """What stands on the places of the file, by ``(place, kind, name)``: comparable, and merely alike."""

    by_name: dict[tuple[int, str, str], list[UnitVersion]]
    by_key: dict[tuple[int, str, str], list[UnitVersion]]
    units: set[int]


def _neighbours(matches: Sequence[Match]) -> Near:
    near = Near(defaultdict(list), defaultdict(list), set())
    kinds = {m.row.kind for m in matches}
    keys: dict[str, tuple[str, str]] = {}
    for ids in _chunks({m.stand.parent_id for m in matches if m.stand and m.stand.parent_id}):
        for version in UnitVersion.objects.filter(parent__in=ids, kind__in=kinds).order_by("valid__startswith"):
            if version.name not in keys:
                keys[version.name] = normalise_name(version.name), match_key(version.name)
            name, key = keys[version.name]
            near.by_name[version.parent_id, version.kind, name].append(version)
            near.by_key[version.parent_id, version.kind, key].append(version)
            near.units.add(version.unit_id)
    return near


def _match_code(match: Match, by_code, timelines, ground: Ground, reach: Reach | None, problems: list[Problem]) -> None:
    row, province = match.row, match.stand.province_id if match.stand else None
    there = bearers(by_code.get(row.code, ()), match.on)
    if province:
        placed = [v for v in there if v.province_id == province]
        there = placed or [
            v
            for v in there
            if v.province_id is None and _last_province(timelines[v.unit_id], match.on, ground) == province
        ]
    elif row.kind == Kind.PROVINCE:
        there = [v for v in there if v.kind == Kind.PROVINCE]
    if reach and any(not reach.sees(v) for v in there):
        message = "Không dùng được mã này trong địa bàn của bạn; hãy kiểm tra lại mã."
        _refuse(match, Problem("code_unusable", message, row.line, "code", row.code), problems)
        return
    if not there and match.read_on != match.on:
        then = [v for v in bearers(by_code.get(row.code, ()), match.read_on) if v.province_id in (None, province)]
        then = [v for v in then if reach is None or reach.sees(v)]
        if then:
            message = (
                f"Ngày {format_date(match.read_on)} mã này là của “{then[0].name}”, không tồn tại trong thời gian "
                "của dòng này."
            )
            _refuse(match, Problem("dates_conflict", message, row.line, "valid_from", format_date(row.start)), problems)
            return
    if not there:
        past = [v for v in by_code.get(row.code, ()) if v.province_id == province and v.valid.lower < match.on]
        if past and province and (reach is None or reach.sees(past[-1])):
            until = format_date(upper_to_last_day(past[-1].valid.upper))
            _warn(match, "code_reused", f"Mã này là của “{past[-1].name}” đến ngày {until}; nay dùng cho đơn vị mới.")
        return
    if len(there) > 1:
        names = "; ".join(v.name for v in there)
        problems.append(
            Problem(
                "ambiguous_code", f"Mã này là của nhiều đơn vị: {names}. Hãy ghi mã xã.", row.line, "code", row.code
            )
        )
    elif there[0].kind != row.kind:
        _refuse_kind(match, there[0], "code", problems)
    else:
        match.unit_id, match.by_code = there[0].unit_id, True


def _last_province(versions: Sequence[UnitVersion], on: date, ground: Ground) -> int | None:
    """The province an unplaced unit was last in, or what that has become by ``on``."""
    last = next((v.province_id for v in reversed(versions) if v.province_id and v.valid.lower <= on), None)
    return (ground.parent_on(last, on) or last) if last else None


def _match_name(match: Match, near: Near, taken: set[int], asking: Asking, problems: list[Problem]) -> None:
    """Commune, kind and comparable name; with a code in the line only a neighbour that has none yet.

    ``taken`` are the units that other lines name by code or mark: they are not meant here. A name that is merely
    alike is asked about, or warned of where nobody can be asked.
    """
    row, place = match.row, (match.stand.parent_id, match.row.kind)
    namesakes = near.by_name.get((*place, normalise_name(row.name)), ())
    same = [v for v in namesakes if v.unit_id not in taken]
    there = bearers(same, match.on)
    alike = bearers(near.by_key.get((*place, match_key(row.name)), ()), match.on)
    elsewhere = [v for v in alike if v.unit_id in taken and v not in namesakes]
    alike = [v for v in alike if v.unit_id not in taken]
    if row.code:
        nameless = [v for v in there if not v.code]
        if len(nameless) == len(there) == 1:
            match.unit_id = there[0].unit_id
            _warn(match, "code_given", f"Đơn vị “{there[0].name}” trước đây chưa có mã, nay nhận mã này.")
        elif there:
            _warn_of(match, there)
        else:
            _ask(match, [v for v in alike if not v.code], asking, problems)
        return
    if len(there) > 1:
        if not _ask(match, there, asking, problems):
            message = f"Tại “{match.place.name}” có {len(there)} đơn vị cùng loại, cùng tên; hãy ghi mã."
            _refuse(match, Problem("ambiguous_name", message, row.line, "name", row.name), problems)
    elif there:
        match.unit_id = there[0].unit_id
    elif later := [v for v in same if v.valid.lower > match.on and (row.end is None or v.valid.lower < row.end)]:
        since = format_date(later[0].valid.lower)
        message = (
            f"Tại “{match.place.name}” đã có đơn vị này từ ngày {since}; nếu là một, "
            "hãy đọc danh sách theo ngày đó (--as-of)."
        )
        _refuse(match, Problem("name_exists_later", message, row.line, "name", row.name), problems)
    elif alike:
        _ask(match, alike, asking, problems)
    elif others := bearers(namesakes, match.on):
        _warn_of(match, others)
    else:
        _warn_alike(match, elsewhere)


def _ask(match: Match, candidates: Sequence[UnitVersion], asking: Asking, problems: list[Problem]) -> bool:
    """Leave open which of ``candidates`` is meant, or take what was chosen; ``False`` where nobody can be asked."""
    row = match.row
    if not asking.asks:
        _warn_alike(match, candidates)
        return False
    if not candidates:
        return False
    match.candidates = list(candidates)
    chosen = asking.choices.get(row.line, 0)
    if chosen is None:
        return True
    if chosen in {v.unit_id for v in candidates}:
        match.unit_id = chosen
        return True
    message = "Chưa chắc là đơn vị nào; hãy chọn."
    _refuse(match, Problem("unsure", message, row.line, "name", row.name), problems)
    return True


def _warn_alike(match: Match, others: Sequence[UnitVersion]) -> None:
    for v in others:
        message = f"Cùng nơi đã có “{v.name}” ({v.code or 'chưa có mã'}), tên gần giống; có thể là một đơn vị."
        _warn(match, "similar_unit", message)


def _warn_of(match: Match, namesakes: Sequence[UnitVersion]) -> None:
    others = ", ".join(v.code or "chưa có mã" for v in namesakes)
    _warn(match, "similar_unit", f"Cùng nơi đã có đơn vị cùng loại, cùng tên (mã {others}).")


def _refuse(match: Match, problem: Problem, problems: list[Problem]) -> None:
    match.refused = True
    problems.append(problem)


def _warn(match: Match, code: str, message: str) -> None:
    match.warnings.append(Problem(code, message, match.row.line, "code", match.row.code))


def _refuse_twice(matches: Sequence[Match], problems: list[Problem]) -> None:
    """No unit stands twice in one file: by the unit that was found, by code, by commune, kind and name."""
    first: dict[tuple, int] = {}
    for match in matches:
        row, stand = match.row, match.stand
        keys = []
        if match.unit_id:
            keys.append(("unit", match.unit_id))
        if row.stand:
            pass  # its mark says which unit is meant; a code that is taken is found by the plan
        elif row.code:
            keys.append(("code", stand.province_id if stand else None, row.code))
        elif stand and row.name:
            keys.append(("name", stand.parent_id, row.kind, normalise_name(row.name)))
        repeated = next((first[key] for key in keys if key in first), None)
        if repeated is not None:
            column, value = ("code", row.code) if row.code else ("name", row.name)
            message = f"Đơn vị này đã có ở dòng {repeated} của tệp."
            _refuse(match, Problem("duplicate_in_file", message, row.line, column, value), problems)
        for key in keys:
            first.setdefault(key, row.line)


def alike_in_file(matches: Sequence[Match]) -> list[Problem]:
    """A warning for a new unit whose name is merely alike that of an earlier line's new unit on the same place."""
    first: dict[tuple, Match] = {}
    warnings = []
    for match in matches:
        row = match.row
        if match.unit_id is not None or match.refused or not match.stand or not row.name:
            continue
        other = first.setdefault((match.stand.parent_id, row.kind, match_key(row.name)), match)
        if other is not match and normalise_name(other.row.name) != normalise_name(row.name):
            message = f"Tên gần giống “{other.row.name}” ở dòng {other.row.line} của tệp; có thể là một đơn vị."
            warnings.append(Problem("similar_in_file", message, row.line, "name", row.name))
    return warnings
