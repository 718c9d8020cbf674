"""Changing the register: one door for each change, each with its audit row in the same transaction."""

from .divisions import Loaded, divisions_load
from .settling import units_settle

__all__ = ["Loaded", "divisions_load", "units_settle"]
