"""Changing the register: one door for each change, each with its audit row in the same transaction."""

from .authorities import authority_settings_set
from .divisions import Loaded, divisions_load
from .settling import units_settle
from .units import unit_change, unit_close, unit_create

__all__ = [
    "Loaded",
    "authority_settings_set",
    "divisions_load",
    "unit_change",
    "unit_close",
    "unit_create",
    "units_settle",
]
