"""Everything that is known of one unit, for the command ``unit`` and the profile."""

from __future__ import annotations

from datetime import date

from movement.core.dates import upper_to_last_day

from ..models import Unit, UnitVersion
from .lineage import predecessors, successors
from .panels import unit_panels
from .versions import last_version, unit_versions

_ULID = 26


def unit_by_id(text: str) -> tuple[Unit, UnitVersion] | None:
    """The unit with this ULID and its latest version; ``None`` for anything else."""
    if len(text) != _ULID:
        return None
    version = UnitVersion.objects.filter(unit__ulid=text.upper()).first()
    return (version.unit, last_version(version.unit_id)) if version else None


def unit_history(unit: Unit, version: UnitVersion, *, on: date | None = None) -> dict:
    """Rows for JSON: ``version`` is the one that was asked for, ``on`` the date it was asked for.

    ``versions`` oldest first, each with the place above it as it was called then; ``predecessors`` and
    ``successors``; ``results``, ``awards`` and what else is registered (``register_unit_panel``).
    """
    versions = unit_versions(unit)
    named: dict[int, list[UnitVersion]] = {}
    places = {pk for v in versions for pk in (v.parent_id, v.province_id) if pk}
    for place in UnitVersion.objects.filter(unit__in=places).order_by("valid__startswith"):
        named.setdefault(place.unit_id, []).append(place)
    return {
        "id": unit.ulid,
        "code": version.code,
        "name": version.name,
        "kind": version.kind,
        "on": on,
        "versions": [_version(v, named) for v in versions],
        "names": list(dict.fromkeys(v.name for v in versions)),
        "predecessors": [link.as_json() for link in predecessors(unit)],
        "successors": [link.as_json() for link in successors(unit)],
        "results": [],
        "awards": [],
        **unit_panels(unit),
    }


def _version(version: UnitVersion, named: dict[int, list[UnitVersion]]) -> dict:
    return {
        "code": version.code,
        "name": version.name,
        "kind": version.kind,
        "subkind": version.subkind,
        "managing_level": version.managing_level,
        "valid_from": version.valid.lower,
        "valid_to": upper_to_last_day(version.valid.upper),
        "parent": _place(version.parent_id, version, named),
        "province": _place(version.province_id, version, named),
    }


def _place(place_id: int | None, version: UnitVersion, named: dict[int, list[UnitVersion]]) -> dict | None:
    """A place as it was called when ``version`` began."""
    if place_id is None:
        return None
    then = [p for p in named[place_id] if p.valid.lower <= version.valid.lower] or named[place_id]
    return {"code": then[-1].code, "name": then[-1].name}
