"""What is done with summaries."""

from .issuing import formats_wanted, report_request

__all__ = ["formats_wanted", "report_request"]
