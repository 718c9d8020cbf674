"""Every change of accounts and rights."""

from .accounts import account_close, account_create, account_reopen, second_step_reset, sessions_end
from .assignments import (
    assignment_deputise,
    assignment_end,
    assignment_follow,
    assignment_give,
    assignment_transfer,
)
from .invitations import invitation_make, invitation_use, password_reset
from .reviews import account_review
from .ties import tie_declare, tie_end

__all__ = [
    "account_close",
    "account_create",
    "account_reopen",
    "account_review",
    "assignment_deputise",
    "assignment_end",
    "assignment_follow",
    "assignment_give",
    "assignment_transfer",
    "invitation_make",
    "invitation_use",
    "password_reset",
    "second_step_reset",
    "sessions_end",
    "tie_declare",
    "tie_end",
]
