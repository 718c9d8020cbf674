"""Criteria as dated law, campaigns, scores, published results."""

from .assessments import AdjustmentScore, Assessment, Flag, PublishedResult, SaveReceipt, Score
from .campaigns import Campaign, DecisionTrack
from .schemes import Adjustment, Cap, ClassBand, Criterion, Scheme, SchemeVersion

__all__ = [
    "Adjustment",
    "AdjustmentScore",
    "Assessment",
    "Campaign",
    "Cap",
    "ClassBand",
    "Criterion",
    "DecisionTrack",
    "Flag",
    "PublishedResult",
    "SaveReceipt",
    "Scheme",
    "SchemeVersion",
    "Score",
]
