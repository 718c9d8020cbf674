"""Stored files as the browser gets them: one door for all of them.

A page that has checked the right to a file answers with ``given``: a redirect to a signed link that is good for some
minutes, for that account alone and only while its assignments hold. Behind it a file comes as an attachment; PDF and images may also be looked at in
place, on an address of their own under a policy that lets nothing in them run. HTML and SVG are never shown.
"""

from __future__ import annotations

import re
from typing import BinaryIO
from urllib.parse import quote

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from .contents import JPEG, PDF, PNG
from .files import file_open
from .models import StoredFile
from .problems import Refused

LIFE = 300  # seconds that a link is good for
SHOWN = {PDF, PNG, JPEG}
_SALT = "core.file"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_POLICY = {"default-src": ["'none'"], "sandbox": [], "style-src": ["'unsafe-inline'"], "img-src": ["'self'"]}


class Expired(Exception):
    """The link was good once: it is too old, or a right has been taken away since."""


class NoLink(Exception):
    """Not signed by the portal, or for somebody else."""


def file_link(user, file: StoredFile, *, view: bool = False, name: str = "") -> str:
    """The address of a file for ``user``, for some minutes; the right to it is the caller's to check.

    ``view`` shows PDF and images in place; other kinds come as attachments all the same. ``name`` replaces the file's.
    """
    view = view and file.content_type in SHOWN
    token = TimestampSigner(salt=_SALT).sign_object([file.ulid, user.pk, int(view), name, user.holding()])
    return reverse("file_view" if view else "file_download", args=[token])


def given(user, file: StoredFile, *, view: bool = False, name: str = "") -> HttpResponseRedirect:
    """As ``file_link``, as the answer of a page."""
    response = HttpResponseRedirect(file_link(user, file, view=view, name=name))
    response["Cache-Control"] = "private, no-store"
    return response


def file_of_link(token: str, user, *, view: bool) -> tuple[StoredFile, str]:
    """``(file, name)`` of a link.

    Raises:
        Expired, NoLink.
    """
    try:
        ulid, owner, viewed, name, held = TimestampSigner(salt=_SALT).unsign_object(token, max_age=LIFE)
    except SignatureExpired as error:
        raise Expired from error
    except (BadSignature, ValueError) as error:
        raise NoLink from error
    file = StoredFile.objects.filter(ulid=ulid).first()
    if owner != user.pk or bool(viewed) != view or file is None:
        raise NoLink
    if not user.still_holds(held):
        raise Expired
    return file, name or file.original_name


def content_response(request, file: StoredFile, name: str, *, view: bool) -> HttpResponse:
    """The content, or the part of it that the browser asks for; 410 with a sentence when it is gone."""
    try:
        content = file_open(file)
    except Refused as refused:
        return HttpResponse(refused.problems[0].message, status=410, content_type="text/plain; charset=utf-8")
    span = _span(request.headers.get("Range", ""), file.size)
    if span == ():
        content.close()
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{file.size}"
        return response
    response = FileResponse(_Part(content, *span) if span else content, content_type=file.content_type)
    if span:
        start, length = span
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{start + length - 1}/{file.size}"
    response["Content-Length"] = str(span[1] if span else file.size)
    response["Content-Disposition"] = f"{'inline' if view else 'attachment'}; filename*=UTF-8''{quote(name)}"
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response._csp_replace = _POLICY
    return response


def _span(asked: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """``(start, length)`` of one range; ``None`` for the whole, ``()`` when it lies outside."""
    found = _RANGE.fullmatch(asked.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size - 1
        return (start, end - start + 1) if int(last) else ()
    start, end = int(first), min(int(last or size - 1), size - 1)
    if start >= size:
        return ()
    return (start, end - start + 1) if start <= end else None


class _Part:
    """A stretch of a file that reads like a whole one."""

    def __init__(self, content: BinaryIO, start: int, length: int):
        content.seek(start)
        self._content, self._left = content, length

    def read(self, size: int = -1) -> bytes:
        data = self._content.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._content.close()
