"""Filters for numbers and dates as they are written in Vietnam; built in, no ``load`` needed."""

from django import template

from movement.core.dates import format_date
from movement.core.numbers import count_text, points_text, share_text
from movement.core.ulid import new_ulid

register = template.Library()


@register.filter
def diem(value) -> str:
    """Points: ``89,5``."""
    return points_text(_known(value))


@register.filter
def ngay(value) -> str:
    """A date or moment: ``30/06/2025``."""
    return format_date(_known(value))


@register.filter
def so(value) -> str:
    """A count: ``1.234``."""
    return count_text(_known(value))


@register.filter
def phan_tram(value) -> str:
    """Hundredths: ``12,50%``."""
    return share_text(_known(value))


def _known(value):
    """A template hands on a missing variable as an empty text."""
    return None if value == "" else value


@register.simple_tag
def once_key() -> str:
    """For a hidden field of a form that creates something; ``movement.core.once`` reads it."""
    return new_ulid()
