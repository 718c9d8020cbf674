"""Practice models with their points, and exemplars."""

from .exemplar import Exemplar, ExemplarNote
from .practice import ModelState, Point, PointSize, PracticeModel, Review
from .rules import ExemplarRule

__all__ = [
    "Exemplar",
    "ExemplarNote",
    "ExemplarRule",
    "ModelState",
    "Point",
    "PointSize",
    "PracticeModel",
    "Review",
]
