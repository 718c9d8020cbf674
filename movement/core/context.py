"""What every page knows of the installation."""

from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from .installation import is_demonstration


def portal(request) -> dict:
    """``portal.name`` and ``portal.demo``; nothing is read before a template asks."""
    return {
        "portal": {
            "name": _("Cổng phong trào Toàn dân bảo vệ an ninh Tổ quốc"),
            "demo": SimpleLazyObject(is_demonstration),
        }
    }
