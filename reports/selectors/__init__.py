"""Reading summaries and what they rest on."""

from .listing import (
    FigureList,
    Progress,
    figure_list,
    report_files,
    report_progress,
    reports_latest,
    reports_visible_to,
)
from .results import has_results

__all__ = [
    "FigureList",
    "Progress",
    "figure_list",
    "has_results",
    "report_files",
    "report_progress",
    "reports_latest",
    "reports_visible_to",
]
