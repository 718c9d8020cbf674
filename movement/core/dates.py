"""Dates: dd/mm/yyyy or ISO, nothing else; and the two ways to say where a period ends.

On screen and in files the *last* day stands, as a clerk writes it; the database holds half-open
ranges, ``[from, to)``.
"""

import re
from datetime import date, datetime, timedelta

from django.utils import timezone

_VIETNAMESE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_YEARS = range(1900, 2200)


def parse_date(value: object) -> date:
    """A date typed as dd/mm/yyyy or yyyy-mm-dd, or a date cell of a workbook.

    Raises:
        ValueError: with the sentence to show.
    """
    if isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    else:
        found = _read(value.strip() if isinstance(value, str) else "")
    if found.year not in _YEARS:
        raise ValueError(f"Năm {found.year} không hợp lý.")
    return found


def _read(text: str) -> date:
    if match := _VIETNAMESE.fullmatch(text):
        day, month, year = map(int, match.groups())
    elif match := _ISO.fullmatch(text):
        year, month, day = map(int, match.groups())
    else:
        raise ValueError("Ngày phải viết theo dạng ngày/tháng/năm, ví dụ 30/06/2025.")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("Không có ngày này trong lịch.") from None


def format_date(value: date | None) -> str:
    """``30/06/2025``; a moment in local time; empty for ``None``."""
    if value is None:
        return ""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return f"{value:%d/%m/}{value.year:04d}"


def last_day_to_upper(last: date | None) -> date | None:
    """The upper bound of the half-open range whose last day is ``last``; open stays open."""
    return last and last + timedelta(days=1)


def upper_to_last_day(upper: date | None) -> date | None:
    """The last day of a half-open range; open stays open."""
    return upper and upper - timedelta(days=1)


def today() -> date:
    """The day in Vietnam."""
    return timezone.localdate()
