"""Versions by date, by code and by place in the tree.

A code says nothing without a date (design §4): it is read on a date, or, where none is given, it
stands for who bears it today, else for its latest bearer, whom the answer names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet

from movement.core.dates import format_date, today, upper_to_last_day
from movement.core.problems import Ambiguous, Problem, Refused
from movement.core.text import nfc

from ..enums import Kind
from ..models import Unit, UnitVersion

_CHUNK = 5000  # values in one IN list


def version_on(unit: Unit | int, on: date) -> UnitVersion | None:
    """The unit's version on a date; ``None`` before it existed and after it ended."""
    return UnitVersion.objects.filter(unit=unit, valid__contains=on).select_related("unit").first()


def last_version(unit: Unit | int) -> UnitVersion | None:
    """The version with the latest dates: today's, if the unit exists today."""
    return UnitVersion.objects.filter(unit=unit).select_related("unit").order_by("-valid__startswith").first()


def unit_versions(unit: Unit | int) -> list[UnitVersion]:
    """All versions of one unit, oldest first, with parent and province."""
    versions = UnitVersion.objects.filter(unit=unit).select_related("unit", "parent", "province")
    return list(versions.order_by("valid__startswith"))


def versions_of(unit_ids: Iterable[int], on: date) -> dict[int, UnitVersion]:
    """``{unit_id: version}`` on a date, for those that exist then."""
    ids, found = list(set(unit_ids)), {}
    for at in range(0, len(ids), _CHUNK):
        rows = UnitVersion.objects.filter(unit__in=ids[at : at + _CHUNK], valid__contains=on)
        found.update((row.unit_id, row) for row in rows)
    return found


def names_of(unit_ids: Iterable[int]) -> dict[int, str]:
    """``{unit_id: name}`` as each is called today or was last called."""
    ids, found = list(set(unit_ids)), {}
    for at in range(0, len(ids), _CHUNK):
        rows = UnitVersion.objects.filter(unit__in=ids[at : at + _CHUNK]).order_by("valid__startswith")
        found.update(rows.values_list("unit_id", "name"))
    return found


def versions_on(
    on: date, *, kinds: Sequence[str] | None = None, province: Unit | int | None = None
) -> QuerySet[UnitVersion]:
    """The register as it was on a date: one row a unit, in Vietnamese order of names.

    The caller scopes it (``movement.accounts.access.visible_to``).
    """
    versions = UnitVersion.objects.filter(valid__contains=on)
    if kinds is not None:
        versions = versions.filter(kind__in=kinds)
    if province is not None:
        versions = versions.filter(province=province)
    return versions.select_related("unit").order_by("name_sort", "pk")


def versions_by_code(
    codes: Iterable[str], *, kinds: Sequence[str] | None = None, province: Unit | int | None = None
) -> dict[str, list[UnitVersion]]:
    """``{code: versions}`` of every date, oldest first, in few queries; ask ``bearers`` for one date's."""
    wanted, found = sorted({nfc(code) for code in codes if code}), {}
    for at in range(0, len(wanted), _CHUNK):
        rows = UnitVersion.objects.filter(code__in=wanted[at : at + _CHUNK])
        if kinds is not None:
            rows = rows.filter(kind__in=kinds)
        if province is not None:
            rows = rows.filter(province=province)
        for row in rows.order_by("valid__startswith", "pk"):
            found.setdefault(row.code, []).append(row)
    return found


def bearers(versions: Iterable[UnitVersion], on: date) -> list[UnitVersion]:
    """Those of ``versions`` that hold on a date."""
    return [v for v in versions if v.valid.lower <= on and (v.valid.upper is None or on < v.valid.upper)]


def unit_by_code(
    code: str,
    on: date | str | None = None,
    *,
    province: Unit | int | None = None,
    kinds: Sequence[str] | None = None,
) -> tuple[Unit, UnitVersion]:
    """The unit that bears ``code`` on a date, and its version then; without a date today's or the latest bearer.

    ``on`` may be ISO text. ``province`` is the one it lies in on that date.

    Raises:
        Refused: ``unknown_unit``, nobody bears it (``unknown_province`` when only provinces are asked for).
        Ambiguous: ``ambiguous_code``, several do (in different provinces, or not placed); names them.
    """
    on = date.fromisoformat(on) if isinstance(on, str) else on
    rows = UnitVersion.objects.filter(code=nfc(code).strip()).select_related("unit")
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    if province is not None:
        rows = rows.filter(province=province)
    found = list(rows) if code.strip() else []
    there = bearers(found, on or today())
    if on is None and not there and found:
        last = max(v.valid.upper or date.max for v in found)
        there = [v for v in found if (v.valid.upper or date.max) == last]
    if not there:
        raise Refused(_not_found(code, on, found, kinds))
    if len(there) > 1:
        raise Ambiguous(
            f"Mã “{code}” là của {len(there)} đơn vị; hãy nói rõ tỉnh.",
            _candidates(there),
            code="ambiguous_code",
        )
    return there[0].unit, there[0]


def _not_found(code: str, on: date | None, found: list[UnitVersion], kinds: Sequence[str] | None) -> Problem:
    only_provinces = kinds is not None and set(kinds) == {Kind.PROVINCE}
    thing = "tỉnh, thành phố" if only_provinces else "đơn vị"
    when = f" vào ngày {format_date(on)}" if on else ""
    other = ""
    if found:
        nearest = max(found, key=lambda v: v.valid.lower)
        other = f" Mã này là của “{nearest.name}” {_span(nearest)}."
    return Problem(
        "unknown_province" if only_provinces else "unknown_unit",
        f"Không có {thing} nào mang mã này{when}.{other}",
        value=code,
    )


def _span(version: UnitVersion) -> str:
    start = f"từ ngày {format_date(version.valid.lower)}"
    last = upper_to_last_day(version.valid.upper)
    return f"{start} đến ngày {format_date(last)}" if last else start


def _candidates(versions: list[UnitVersion]) -> list[dict]:
    """What tells them apart; ``id`` is accepted by the command ``unit`` in place of the code."""
    names = {}
    for row in UnitVersion.objects.filter(unit__in={v.province_id for v in versions if v.province_id}):
        names[row.unit_id] = (row.code, row.name)
    return [
        {
            "id": v.unit.ulid,
            "code": v.code,
            "name": v.name,
            "kind": v.kind,
            "province_code": names.get(v.province_id, ("", ""))[0],
            "province": names.get(v.province_id, ("", "chưa xếp địa bàn"))[1],
            "valid_from": v.valid.lower,
            "valid_to": upper_to_last_day(v.valid.upper),
        }
        for v in versions
    ]


def ancestors(version: UnitVersion, on: date | None = None) -> list[UnitVersion]:
    """The places above, highest first, as they were on a date (default: the version's last day, or today)."""
    ids = [int(part) for part in version.path.strip("/").split("/")][:-1]
    found = versions_of(ids, on or _moment(version))
    return [found[pk] for pk in ids if pk in found]


def _moment(version: UnitVersion) -> date:
    """A date on which ``version`` holds: today, else the nearest to it."""
    last = upper_to_last_day(version.valid.upper) or date.max
    return max(version.valid.lower, min(today(), last))


def descendants_on(unit: Unit | int, on: date, *, kinds: Sequence[str] | None = None) -> QuerySet[UnitVersion]:
    """What lay below ``unit`` on a date, without itself; none when it did not exist then."""
    own = version_on(unit, on)
    if own is None:
        return UnitVersion.objects.none()
    return versions_on(on, kinds=kinds).filter(path__startswith=own.path).exclude(unit=own.unit_id)
