"""Criteria as dated law, campaigns, scores, published results."""

from .assessments import AdjustmentScore, Assessment, Flag, PublishedResult, SaveReceipt, Score
from .campaigns import Campaign, DecisionTrack
from .dossier import Attestation, Evidence, Extension, Minutes, Opinion, Return
from .schemes import Adjustment, Cap, ClassBand, Criterion, Scheme, SchemeVersion

__all__ = [
    "Adjustment",
    "AdjustmentScore",
    "Assessment",
    "Attestation",
    "Campaign",
    "Cap",
    "ClassBand",
    "Criterion",
    "DecisionTrack",
    "Evidence",
    "Extension",
    "Flag",
    "Minutes",
    "Opinion",
    "PublishedResult",
    "Return",
    "SaveReceipt",
    "Scheme",
    "SchemeVersion",
    "Score",
]
