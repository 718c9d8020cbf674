"""The demonstration years: pure Python, the same output on every machine, no database.

``build`` lays out places and units, ``stages`` gives a unit's answers in a campaign, ``decisions_of``
says who publishes what and when, ``letterheads_of`` what their papers print at the top.
"""

from .answers import scores, stages
from .decisions import CAMPAIGNS, SIGNER, YEARS, DemoDecision, authority_of, decisions_of
from .letterheads import Letterhead, letterhead_now, letterheads_of
from .plan import EXEMPLARS_2024, PROVINCE, DemoUnit, Plan, build

__all__ = [
    "CAMPAIGNS",
    "EXEMPLARS_2024",
    "PROVINCE",
    "SIGNER",
    "YEARS",
    "DemoDecision",
    "DemoUnit",
    "Letterhead",
    "Plan",
    "authority_of",
    "build",
    "decisions_of",
    "letterhead_now",
    "letterheads_of",
    "scores",
    "stages",
]
