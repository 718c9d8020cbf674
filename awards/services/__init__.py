"""Writing commendations: importing decisions already taken, rounds, revocation."""

from .importing import Imported, awards_import_file, decision_import
from .revocation import award_revoke, revocation_recovered

__all__ = ["Imported", "award_revoke", "awards_import_file", "decision_import", "revocation_recovered"]
