"""What is done with summaries."""

from .issuing import formats_wanted, persons_read, report_request

__all__ = ["formats_wanted", "persons_read", "report_request"]
