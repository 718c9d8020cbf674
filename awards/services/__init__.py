"""Writing commendations: importing decisions already taken, rounds, revocation."""

from .deciding import deciding_authority, nominations_decide
from .importing import Imported, awards_import_file, decision_import
from .nominations import (
    Proposal,
    authorities_of_round,
    forms_of_round,
    nomination_change,
    nomination_withdraw,
    nominations_add,
)
from .revocation import award_revoke, revocation_recovered
from .rounds import round_close, round_create, round_draft

__all__ = [
    "Imported",
    "Proposal",
    "authorities_of_round",
    "award_revoke",
    "awards_import_file",
    "deciding_authority",
    "decision_import",
    "forms_of_round",
    "nomination_change",
    "nomination_withdraw",
    "nominations_add",
    "nominations_decide",
    "revocation_recovered",
    "round_close",
    "round_create",
    "round_draft",
]
