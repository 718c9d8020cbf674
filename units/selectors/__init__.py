"""Reading the register: by code and date, along the tree, along the lineage, and for letterheads."""

from .authorities import Letterhead, authorities_of, authority_of, authority_settings
from .history import unit_by_id, unit_history
from .integrity import integrity_problems
from .lineage import AsNow, Link, as_now, lineage_around, past_units, predecessor_closure, predecessors, successors
from .panels import panel_rows, register_unit_panel, unit_panels
from .versions import (
    ancestors,
    bearers,
    descendants_on,
    last_version,
    names_of,
    unit_by_code,
    unit_versions,
    version_on,
    versions_by_code,
    versions_of,
    versions_on,
)

__all__ = [
    "AsNow",
    "Letterhead",
    "Link",
    "ancestors",
    "as_now",
    "authorities_of",
    "authority_of",
    "authority_settings",
    "bearers",
    "descendants_on",
    "integrity_problems",
    "last_version",
    "lineage_around",
    "names_of",
    "panel_rows",
    "past_units",
    "predecessor_closure",
    "predecessors",
    "register_unit_panel",
    "successors",
    "unit_by_code",
    "unit_by_id",
    "unit_history",
    "unit_panels",
    "unit_versions",
    "version_on",
    "versions_by_code",
    "versions_of",
    "versions_on",
]
