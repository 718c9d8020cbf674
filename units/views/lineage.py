"""A list of mergers as a file: sent, looked at, written whole or not at all."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from movement.accounts.selectors import territory
from movement.core.dates import today
from movement.core.jobs import job_notice
from movement.core.problems import Refused
from movement.core.ulid import new_ulid

from ..import_forms import MergersForm
from ..import_models import ImportPreview, LineState, PreviewKind, PreviewState
from ..lineage_rows import HEADING_OF
from ..reach import reach_of
from ..services import previews
from ..template_book import lineage_book
from .importing import PAGE, RECENT, file_kept, may_import, preview_of, template_answer

FILE_KIND = "units.lineage"
SHOWN = 200  # problems and warnings
ACTIONS = {
    "merge": gettext_lazy("nhập vào"),
    "split": gettext_lazy("chia cho"),
    "rename": gettext_lazy("đổi tên thành"),
    "same": gettext_lazy("đã có trong danh bạ:"),
}


def _trail(*more) -> list[tuple]:
    return [
        (_("Đơn vị, địa bàn"), reverse("units:list")),
        (_("Nhập danh sách"), reverse("units:import")),
        *more,
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lineage_page(request):
    """Send a list of mergers; what it would do is shown before anything is written."""
    ground = may_import(request.user)
    form = MergersForm(request.POST or None, request.FILES or None)
    mine = ImportPreview.objects.filter(actor_id=request.user.pk, kind=PreviewKind.LINEAGE)
    context = {
        "form": form,
        "trail": _trail((_("Danh sách sáp nhập"), None)),
        "territory": territory(request.user, today()),
        "recent": mine.select_related("file")[:RECENT],
    }
    if request.method != "POST":
        return render(request, "units/lineage.html", context)
    file = file_kept(request, form, context, kind=FILE_KIND, unit_id=ground.unit_id)
    if file is None:
        return render(request, "units/lineage.html", context, status=422)
    preview = previews.preview_create(file=file, actor=request.user, kind=PreviewKind.LINEAGE)
    previews.preview_begin(preview, actor=request.user, reach=reach_of(request.user))
    return redirect("units:lineage_preview", preview.ulid)


@login_required
@require_safe
def lineage_template(request):
    """The empty workbook."""
    return template_answer(request.user, lineage_book, _("Mẫu danh sách sáp nhập.xlsx"))


@login_required
@require_safe
@never_cache
def lineage_preview(request, ulid):
    """What each line would do, or all that is wrong with the file."""
    preview = preview_of(request.user, ulid, PreviewKind.LINEAGE)
    if request.htmx and request.htmx.target == "import-job":
        if not preview.is_busy:
            return HttpResponseClientRefresh()
        return render(request, "units/_import_job.html", {"preview": preview, "notice": job_notice(preview.job)})
    return _page(request, preview)


def _page(request, preview: ImportPreview, **more) -> HttpResponse:
    told = preview.problems[:SHOWN]
    context = {
        "preview": preview,
        "trail": _trail((_("Danh sách sáp nhập"), reverse("units:lineage")), (preview.file.original_name, None)),
        "territory": territory(request.user, today()),
        "notice": job_notice(preview.job) if preview.job else "",
        "problems": [(p["line"], HEADING_OF.get(p["column"], p["column"]), p["value"], p["message"]) for p in told],
        "once": new_ulid(),
    }
    if preview.state == PreviewState.READY and not preview.is_busy:
        lines = Paginator(preview.lines.all(), PAGE).get_page(request.GET.get("page"))
        for line in lines.object_list:
            (_a, action, on), (_n, code, is_new) = line.changes
            line.action, line.on, line.new_code, line.is_new = ACTIONS.get(action, action), on, code, bool(is_new)
        context |= {
            "page": lines,
            "left": preview.lines.exclude(state__in=[LineState.SAME, LineState.WRITTEN]).exists(),
        }
    status = more.pop("status", 200)
    return render(request, "units/lineage_preview.html", context | more, status=status)


@login_required
@require_POST
def lineage_accept(request, ulid):
    """Write the whole list. Sent twice it finds what the first time wrote."""
    preview = preview_of(request.user, ulid, PreviewKind.LINEAGE)
    if preview.is_busy or preview.state != PreviewState.READY:
        return redirect("units:lineage_preview", ulid)
    key = request.POST.get("once", "")[:40]
    try:
        change = previews.lineage_begin(preview, actor=request.user, reach=reach_of(request.user), key=key)
    except Refused as refused:
        lines = [(p.line, HEADING_OF.get(p.column, p.column), p.value, p.message) for p in refused.problems[:SHOWN]]
        return _page(request, preview, refused=lines, status=409)
    if change is not None:
        messages.success(request, _("Đã ghi danh sách sáp nhập. Nếu nhầm, hoàn tác ở trang này."))
        return redirect("units:change_detail", change.ulid)
    return redirect("units:lineage_preview", ulid)
