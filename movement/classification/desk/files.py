"""A stored file as the browser gets it."""

from __future__ import annotations

from urllib.parse import quote

from django.http import FileResponse, HttpResponse

from movement.core.files import file_open
from movement.core.models import StoredFile
from movement.core.problems import Refused

INLINE = {"application/pdf", "image/png", "image/jpeg"}


def served(file: StoredFile, *, download: bool = False) -> HttpResponse:
    """PDF and images for viewing in place under a sandboxing policy, else (or with ``download``) as an attachment."""
    try:
        content = file_open(file)
    except Refused as refused:
        return HttpResponse(refused.problems[0].message, status=410, content_type="text/plain; charset=utf-8")
    response = FileResponse(content, content_type=file.content_type)
    kind = "inline" if file.content_type in INLINE and not download else "attachment"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(file.original_name)}"
    response["Cache-Control"] = "private, max-age=0, no-store"
    response._csp_replace = {
        "default-src": ["'none'"],
        "sandbox": [],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["'self'"],
    }
    return response
