"""Pages that belong to no app: what is shown when something is refused, missing or broken, and the health check."""

import logging
import sys

from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from .ulid import new_reference

logger = logging.getLogger("movement.requests")


def csrf_failure(request, reason=""):
    """A form from a page that was open too long, or from before somebody else signed in."""
    logger.warning("form refused: %s %s", request.path, reason)
    sentence = _(
        "Trang này đã mở quá lâu hoặc phiên đăng nhập đã thay đổi, nên nội dung chưa được lưu. "
        "Hãy quay lại, tải lại trang rồi gửi lần nữa."
    )
    return render(request, "403.html", {"sentence": sentence}, status=403)


def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    """The page shows a number and nothing else; the log has the same number with the trace."""
    reference = getattr(request, "reference", None) or new_reference()
    error = sys.exc_info()[1]
    logger.error("%s %s %s", reference, request.method, request.path, exc_info=error)
    # NB: no request, no context processors: they may be what is broken
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)


@never_cache
def health(request):
    """``ok`` when the database answers; what a watchdog asks."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
