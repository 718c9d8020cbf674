"""Which place and which unit a line of a list means, asked for all lines at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from movement.core.dates import format_date, upper_to_last_day
from movement.core.problems import Problem
from movement.core.text import normalise_name

from .enums import PARENT_KINDS, TERRITORIES, Kind
from .import_rows import Row
from .models import Unit, UnitVersion
from .selectors import bearers, versions_by_code
from .selectors.ground import Ground, Stand

_COMMUNE_DIGITS = 5
_CHUNK = 5000


@dataclass(slots=True)
class Match:
    """What the register knows about one line. ``unit_id`` is ``None`` for a unit to be created.

    ``read_on`` is the day on which its codes are read; ``on`` the nearest to it on which the line holds:
    that day's unit is meant. ``place`` is what the line names, ``stand`` where one is below it on ``on``.
    ``refused``: which unit is meant is not clear, so nothing more is asked of the line.
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


@dataclass(slots=True)
class Known:
    """What the register holds about the lines of one file."""

    ground: Ground
    timelines: dict[int, list[UnitVersion]]
    units: dict[int, Unit]


def match_rows(rows: Sequence[Row], *, as_of: date | None, problems: list[Problem]) -> tuple[list[Match], Known]:
    """The place and the unit of each line that could be read; what is not found or not sure is added to ``problems``.

    Codes are read on ``as_of``, else on the line's own start (design §7, "Dates").
    """
    matches = [Match(row, as_of or row.start, _nearest(row, as_of)) for row in rows if as_of or row.start]
    _find_places(matches, problems)
    matches = [match for match in matches if match.row.kind]
    ground = Ground({m.place.unit_id for m in matches if m.place})
    for match in matches:
        match.stand = ground.stands(match.place.unit_id, match.on, None)[0] if match.place else None
    by_code = versions_by_code(m.row.code for m in matches)
    by_name = _neighbours(matches)
    candidates = {v.unit_id for versions in by_code.values() for v in versions}
    candidates |= {v.unit_id for versions in by_name.values() for v in versions}
    timelines = _timelines(candidates)
    places = {m.place.unit_id for m in matches if m.place}
    places |= {pk for versions in timelines.values() for v in versions for pk in (v.parent_id, v.province_id) if pk}
    ground = Ground(places)
    for match in matches:
        if match.row.code:
            _match_code(match, by_code, timelines, ground, problems)
    by_their_code = {match.unit_id for match in matches if match.unit_id}
    for match in matches:
        if match.unit_id is None and not match.refused and match.row.name and match.place:
            _match_name(match, by_name, by_their_code, problems)
    _refuse_twice(matches, problems)
    wanted = {m.unit_id for m in matches if m.unit_id}
    units = {}
    for ids in _chunks(wanted):
        units |= Unit.objects.in_bulk(ids)
    return matches, Known(ground, {pk: timelines[pk] for pk in wanted}, units)


def _nearest(row: Row, as_of: date | None) -> date:
    """The day nearest to ``as_of`` on which the line holds."""
    if as_of is None or row.start is None:
        return as_of or row.start
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


# --- the place ------------------------------------------------------------------------------------


def _find_places(matches: Sequence[Match], problems: list[Problem]) -> None:
    codes = {code for m in matches for code in (*_commune_codes(m.row.commune_code), m.row.parent_code) if code}
    known = versions_by_code(codes, kinds=TERRITORIES)
    has_communes = set()
    districts = {v.unit_id for versions in known.values() for v in versions if v.kind == Kind.DISTRICT}
    if districts:
        communes = UnitVersion.objects.filter(parent__in=districts, kind=Kind.COMMUNE)
        has_communes = set(communes.values_list("parent_id", flat=True))
    for match in matches:
        row = match.row
        if row.commune_code and not row.is_territory:
            there = [
                v for code in _commune_codes(row.commune_code) for v in bearers(known.get(code, ()), match.read_on)
            ]
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


def _commune_codes(text: str) -> tuple[str, ...]:
    """As written, and with the leading zeros that Excel drops: 4 is the commune 00004."""
    padded = text.zfill(_COMMUNE_DIGITS) if text.isascii() and text.isdigit() else text
    return (text,) if padded == text else (text, padded)


def _only(there, match: Match, column: str, code: str, what: str, known, problems: list[Problem]) -> UnitVersion | None:
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

Neighbours = dict[tuple[int, str, str], list[UnitVersion]]


def _neighbours(matches: Sequence[Match]) -> Neighbours:
    """``{(place, kind, comparable name): versions}`` of what stands on the places of the file."""
    kinds = {m.row.kind for m in matches}
    found: Neighbours = defaultdict(list)
    for ids in _chunks({m.stand.parent_id for m in matches if m.stand and m.stand.parent_id}):
        for version in UnitVersion.objects.filter(parent__in=ids, kind__in=kinds).order_by("valid__startswith"):
            found[version.parent_id, version.kind, normalise_name(version.name)].append(version)
    return found


def _match_code(match: Match, by_code, timelines, ground: Ground, problems: list[Problem]) -> None:
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
    if not there and match.read_on != match.on:
        then = [v for v in bearers(by_code.get(row.code, ()), match.read_on) if v.province_id in (None, province)]
        if then:
            message = (
                f"Ngày {format_date(match.read_on)} mã này là của “{then[0].name}”, không tồn tại trong thời gian "
                "của dòng này."
            )
            _refuse(match, Problem("dates_conflict", message, row.line, "valid_from", format_date(row.start)), problems)
            return
    if not there:
        past = [v for v in by_code.get(row.code, ()) if v.province_id == province and v.valid.lower < match.on]
        if past and province:
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
        message = f"Mã này là của “{there[0].name}”, thuộc loại {Kind(there[0].kind).label.lower()}."
        _refuse(match, Problem("kind_differs", message, row.line, "kind", row.kind), problems)
    else:
        match.unit_id, match.by_code = there[0].unit_id, True


def _last_province(versions: Sequence[UnitVersion], on: date, ground: Ground) -> int | None:
    """The province an unplaced unit was last in, or what that has become by ``on``."""
    last = next((v.province_id for v in reversed(versions) if v.province_id and v.valid.lower <= on), None)
    return (ground.parent_on(last, on) or last) if last else None


def _match_name(match: Match, by_name: Neighbours, elsewhere: set[int], problems: list[Problem]) -> None:
    """Commune, kind and comparable name; with a code in the line only a neighbour that has none yet.

    ``elsewhere`` are the units that other lines name by their codes: they are not meant here.
    """
    row = match.row
    same = by_name.get((match.stand.parent_id, row.kind, normalise_name(row.name)), ())
    namesakes = bearers(same, match.on)
    same = [v for v in same if v.unit_id not in elsewhere]
    there = bearers(same, match.on)
    if row.code:
        nameless = [v for v in there if not v.code]
        if len(nameless) == len(there) == 1:
            match.unit_id = there[0].unit_id
            _warn(match, "code_given", f"Đơn vị “{there[0].name}” trước đây chưa có mã, nay nhận mã này.")
        elif there:
            _warn_of(match, there)
        return
    if len(there) > 1:
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
    elif namesakes:
        _warn_of(match, namesakes)


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
        if row.code:
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
