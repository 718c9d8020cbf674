"""What later apps add to a unit's profile and to the command ``unit``; this app imports none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..models import Unit, UnitVersion
from .lineage import past_units

Panel = Callable[[Sequence[int]], list[dict]]
_PANELS: dict[str, Panel] = {}


def register_unit_panel(name: str, panel: Panel) -> None:
    """Add a list to every unit, under ``name`` (``results``, ``awards``, …).

    ``panel(unit_ids)`` returns rows for JSON, each with ``unit_id`` (``Unit.pk``) besides its own fields.
    """
    _PANELS[name] = panel


def panel_rows(unit_ids: Sequence[int], wanted: Callable[[str], bool] = lambda name: True) -> dict[str, list[dict]]:
    """``{name: rows}`` of the panels ``wanted`` by name (all), as they give them, each row with its ``unit_id``."""
    return {name: panel(unit_ids) for name, panel in sorted(_PANELS.items()) if wanted(name)}


def unit_panels(unit: Unit) -> dict[str, list[dict]]:
    """``{name: rows}``, the unit's own and its predecessors'.

    In each row ``own`` tells which, and for a predecessor's row ``unit`` and ``unit_code`` name it
    as it was last called.
    """
    ids = [unit.pk, *past_units(unit)]
    names: dict[int, UnitVersion] = {}
    for version in UnitVersion.objects.filter(unit__in=ids).order_by("valid__startswith"):
        names[version.unit_id] = version
    result = {}
    for name, found in panel_rows(ids).items():
        rows = []
        for row in found:
            pk = row["unit_id"]
            called = names.get(pk)
            mark = {
                "own": pk == unit.pk,
                "unit": called.name if called else "",
                "unit_code": called.code if called else "",
            }
            rows.append(mark | {key: value for key, value in row.items() if key != "unit_id"})
        result[name] = sorted(rows, key=lambda row: not row["own"])
    return result
