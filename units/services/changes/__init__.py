"""The guided actions on the register: asked (dataclasses), looked at, made, taken back."""

from .asked import AnyAsked, Asked, Close, Create, Fold, Level, Merge, Move, Part, Rename, Reopen, Split
from .making import change_make, change_preview
from .undoing import change_undo, change_undo_problems

__all__ = [
    "AnyAsked",
    "Asked",
    "Close",
    "Create",
    "Fold",
    "Level",
    "Merge",
    "Move",
    "Part",
    "Rename",
    "Reopen",
    "Split",
    "change_make",
    "change_preview",
    "change_undo",
    "change_undo_problems",
]
