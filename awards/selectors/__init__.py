"""Reading commendations: the register, rounds with their checks and suggestions, who may see what."""

from .authorities import AuthorityNames, authority_name
from .checks import Candidate, Check, candidate_of, nomination_checks, period_problem, reward_checks
from .forms import form_code, forms_on, recipient_kind
from .lineage import with_predecessors
from .register import (
    AwardsOfYear,
    Total,
    YearLine,
    YearTotal,
    award_line,
    awards_decided,
    awards_found,
    awards_in,
    awards_of_year,
    names_today,
    searched,
    totals_of,
    unit_awards,
)
from .scope import awards_counted, awards_visible, nominations_visible, rounds_visible, sees_persons

__all__ = [
    "AuthorityNames",
    "AwardsOfYear",
    "Candidate",
    "Check",
    "Total",
    "YearLine",
    "YearTotal",
    "authority_name",
    "award_line",
    "awards_counted",
    "awards_decided",
    "awards_found",
    "awards_in",
    "awards_of_year",
    "awards_visible",
    "candidate_of",
    "form_code",
    "forms_on",
    "names_today",
    "nomination_checks",
    "nominations_visible",
    "period_problem",
    "recipient_kind",
    "reward_checks",
    "rounds_visible",
    "searched",
    "sees_persons",
    "totals_of",
    "unit_awards",
    "with_predecessors",
]
