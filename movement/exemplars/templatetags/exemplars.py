"""States of practice models as word + icon + colour."""

from django import template
from django.utils.translation import gettext as _

from ..enums import Life

register = template.Library()

LIVES = {
    Life.PROPOSED: ("pencil-square", "quiet"),
    Life.DECIDED: ("pen", "moving"),
    Life.LAUNCHED: ("megaphone", "good"),
    Life.WORKING: ("check-circle-fill", "done"),
    Life.WEAK: ("exclamation-triangle-fill", "warn"),
    Life.ENDED: ("lock", "quiet"),
}


@register.inclusion_tag("_state.html")
def life(state: str) -> dict:
    """The badge of a model's state."""
    symbol, tone = LIVES[Life(state)]
    return {"word": Life(state).label, "icon": symbol, "tone": tone}


@register.inclusion_tag("_state.html")
def met(condition) -> dict:
    """Whether a condition is met; ``condition`` has ``met``."""
    fulfilled = condition["met"] if isinstance(condition, dict) else condition.met
    return {
        "word": _("Đạt") if fulfilled else _("Chưa đạt"),
        "icon": "check-circle-fill" if fulfilled else "x-circle-fill",
        "tone": "good" if fulfilled else "bad",
    }
