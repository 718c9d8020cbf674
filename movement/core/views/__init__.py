"""Pages that belong to no app: what is shown when something is refused, missing or broken, the health check, and
lists taken home as files."""

import logging
import sys
import tempfile
from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from .. import listings
from ..jobs import job_create, job_notice
from ..models import Job, StoredFile
from ..problems import Refused
from ..serving import given
from ..ulid import new_reference, new_ulid

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
    """With the sentence of the rule that refused, where the view knows it."""
    return render(request, "403.html", {"sentence": str(exception or "")}, status=403)


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
@require_safe
def health(request):
    """``ok`` when the database answers; what a watchdog asks."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


# --- lists as files -------------------------------------------------------------------------------
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listing_file(request, name, **parts):
    """The list ``name`` under the filters of the address as a file; a long one is asked for and made by a job.

    ``parts`` of the path (a year) go to the list's maker with the filters.
    """
    address = request.GET.copy()
    address.update({key: str(value) for key, value in parts.items()})
    form = address.get("format") if address.get("format") in listings.FORMATS else "xlsx"
    context = {"form": form}
    try:
        listing = listings.listing_of(name, request.user, address)
    except Refused as refused:
        return render(request, "core/listing.html", context | {"problems": refused.problems}, status=422)
    if request.method == "POST":
        arguments = {"listing": name, "address": address.urlencode(), "form": form}
        key = f"{listings.KIND}:{request.POST.get('once', '')[:60]}"
        job = job_create(listings.KIND, arguments, actor=request.user, unit_id=listing.unit_id, idempotency_key=key)
        return redirect("listing", job.ulid)
    if listing.count > listings.DIRECT:
        return render(request, "core/listing.html", context | {"listing": listing, "once": new_ulid()})
    if request.method == "HEAD":
        return HttpResponse(content_type=listings.FORMATS[form])
    # written whole before the first byte leaves, so that what fails is a page and no cut file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list.{form}"
        listings.listing_write(listing, path, form)
        listings.listing_taken(listing, actor=request.user, form=form)
        content = path.open("rb")
    return _taken_home(content, listings.file_name(listing, form), listings.FORMATS[form])


def _asked_listing(user, ulid: str) -> Job:
    job = Job.objects.filter(kind=listings.KIND, ulid=ulid, requested_by_id=user.pk).first()
    if job is None:
        raise Http404
    return job


@login_required
@never_cache
@require_safe
def listing_progress(request, job):
    """How far a long list is; the piece asks again every two seconds until it ended."""
    row = _asked_listing(request.user, job)
    template = "_listing_job.html" if request.htmx else "listing.html"
    return render(request, f"core/{template}", {"job": row, "notice": job_notice(row)})


@login_required
@never_cache
@require_safe
def listing_ready(request, job):
    """The file that a job wrote, for who asked for it and still holds every assignment under which it was written."""
    row = _asked_listing(request.user, job)
    file = StoredFile.objects.filter(ulid=row.output.get("file", ""), kind=listings.KIND).first()
    if file is None or file.removed_at:
        raise Http404
    held = row.output.get("holding")
    if held is None or not request.user.still_holds(held):
        sentence = _(
            "Quyền của bạn đã thay đổi từ khi tệp này được lập, nên tệp không còn tải được. Hãy xuất lại danh sách."
        )
        return render(request, "403.html", {"sentence": sentence}, status=403)
    return given(request.user, file)


def _taken_home(content, name: str, content_type: str) -> FileResponse:
    return FileResponse(content, content_type=content_type, filename=name, as_attachment=True)
