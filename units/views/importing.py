"""A list of units as a file: sent, looked at line by line, chosen from, written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from movement.accounts.access import can, visible_versions
from movement.accounts.selectors import territory
from movement.core.contents import XLSX
from movement.core.dates import today
from movement.core.jobs import job_notice
from movement.core.lists import list_keep
from movement.core.models import StoredFile
from movement.core.problems import Refused
from movement.core.ulid import new_ulid

from ..enums import Kind, Level
from ..import_forms import ListForm
from ..import_models import CHOOSABLE, ImportPreview, LineState, PreviewKind, PreviewState
from ..import_rows import HEADING_OF
from ..reach import reach_of
from ..services import previews
from ..template_book import units_book

FILE_KIND = "units.list"
PAGE = 100  # lines
RECENT = 5
_COLUMN = {**HEADING_OF, "place": "Địa bàn"}


def may_import(user):
    """The assignment under which the user imports; a page that is not for others."""
    right = can(user, "units.import")
    if not right:
        raise PermissionDenied
    return right.ground


def preview_of(user, ulid: str, kind: str = PreviewKind.UNITS) -> ImportPreview:
    """The user's own preview; a page that is not there for others."""
    may_import(user)
    rows = ImportPreview.objects.select_related("file", "job")
    row = rows.filter(ulid=ulid, kind=kind, actor_id=user.pk).first()
    if row is None:
        raise Http404
    return row


def file_kept(request, form, context: dict, *, kind: str, unit_id: int | None) -> StoredFile | None:
    """The file that was sent, kept; ``None`` with what is wrong in the form or in ``context``."""
    if not form.is_valid():
        return None
    asked = form.cleaned_data
    try:
        return list_keep(
            asked["file"],
            name=asked["file"].name,
            kind=kind,
            actor=request.user,
            unit_id=unit_id,
            declared=asked["declared"],
            numbers_confirmed=asked["numbers_confirmed"],
        )
    except Refused as refused:
        if any(problem.code == "twelve_digits" for problem in refused.problems):
            form.ask_about_numbers()
        context["lines"] = [(p.line, p.column, p.value, p.message) for p in refused.problems]
        return None


def template_answer(user, write, name: str) -> FileResponse:
    """The workbook that ``write`` makes, with the communes of the user's ground to choose from."""
    may_import(user)
    rows = visible_versions(user, tree_on=today()).filter(kind=Kind.COMMUNE).exclude(code="")
    communes = list(rows.order_by("name_sort", "pk").values_list("code", "name"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mau.xlsx"
        write(path, communes=communes)
        content = path.open("rb")
    return FileResponse(content, content_type=XLSX, filename=name, as_attachment=True)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request):
    """Send a file; it is read and shown line by line before anything is written."""
    ground = may_import(request.user)
    form = ListForm(request.POST or None, request.FILES or None)
    context = {
        "form": form,
        "trail": [(_("Đơn vị, địa bàn"), reverse("units:list")), (_("Nhập danh sách"), None)],
        "territory": territory(request.user, today()),
        "recent": ImportPreview.objects.filter(actor_id=request.user.pk, kind=PreviewKind.UNITS).select_related("file")[
            :RECENT
        ],
    }
    if request.method != "POST":
        return render(request, "units/import.html", context)
    file = file_kept(request, form, context, kind=FILE_KIND, unit_id=ground.unit_id)
    if file is None:
        return render(request, "units/import.html", context, status=422)
    preview = previews.preview_create(file=file, actor=request.user, as_of=form.cleaned_data["as_of"])
    previews.preview_begin(preview, actor=request.user, reach=reach_of(request.user))
    return redirect("units:import_preview", preview.ulid)


@login_required
@require_safe
def import_template(request):
    """The empty workbook, with the communes of the user's ground to choose from."""
    return template_answer(request.user, units_book, _("Mẫu danh sách đơn vị.xlsx"))


# --- one preview ----------------------------------------------------------------------------------


@login_required
@require_safe
@never_cache
def import_preview(request, ulid):
    """What each line would do, by state; while it is read or written, how far that is."""
    preview = preview_of(request.user, ulid)
    if request.htmx and request.htmx.target == "import-job":
        if not preview.is_busy:
            return HttpResponseClientRefresh()
        return render(request, "units/_import_job.html", {"preview": preview, "notice": job_notice(preview.job)})
    context = {
        "preview": preview,
        "trail": [
            (_("Đơn vị, địa bàn"), reverse("units:list")),
            (_("Nhập danh sách"), reverse("units:import")),
            (preview.file.original_name, None),
        ],
        "territory": territory(request.user, today()),
        "notice": job_notice(preview.job) if preview.job else "",
        "problems": [(p["line"], p["column"], p["value"], p["message"]) for p in preview.problems],
    }
    if preview.state == PreviewState.READY and not preview.is_busy:
        context |= _shown(request, preview)
    template = "units/_import_lines.html" if request.htmx and "tab" in context else "units/import_preview.html"
    return render(request, template, context)


def _shown(request, preview: ImportPreview) -> dict:
    tabs = _tabs(preview)
    there = [state for state, _word, n, _chosen in tabs if n]
    tab = request.GET.get("tab")
    if tab not in LineState.values:
        tab = there[0] if there else LineState.NEW
    page = Paginator(preview.lines.filter(state=tab), PAGE).get_page(request.GET.get("page"))
    for line in page.object_list:
        known = ("name", "code", "place") if line.state == LineState.NEW else ()  # they stand in columns of their own
        told = [change for change in line.changes if change[0] not in known and (change[1] or change[2])]
        line.told = [(_COLUMN.get(c, c), _word(c, old), _word(c, new)) for c, old, new in told]
        line.kind_word = dict(Kind.choices).get(line.unit_kind, "")
    return _summary(preview, tabs) | {"tabs": tabs, "tab": tab, "page": page, "choosable": tab in CHOOSABLE}


def _tabs(preview: ImportPreview) -> list[tuple[str, str, int, int]]:
    """``(state, word, lines, chosen)`` in the order of the tabs."""
    rows = preview.lines.order_by().values_list("state").annotate(n=Count("pk"), k=Count("pk", filter=Q(chosen=True)))
    counts = {state: (n, k) for state, n, k in rows}
    return [(code, label, *counts.get(code, (0, 0))) for code, label in LineState.choices]


def _summary(preview: ImportPreview, tabs: list[tuple]) -> dict:
    return {
        "preview": preview,
        "chosen": sum(k for _state, _word, _n, k in tabs),
        "chosen_by": [(word, k) for _state, word, _n, k in tabs if k],
        "once": new_ulid(),
    }


def _word(column: str, value: str) -> str:
    if column == "managing_level":
        return str(dict(Level.choices).get(value, value))
    if column == "kind":
        return str(dict(Kind.choices).get(value, value))
    if column in ("valid_from", "valid_to") and value:
        return "/".join(reversed(value.split("-")))
    return value


@login_required
@require_POST
def import_choose(request, ulid):
    """Keep what is ticked on the page; the piece with the counts for htmx, the page again without."""
    preview = preview_of(request.user, ulid)
    _keep_choices(request, preview)
    if request.htmx:
        return render(request, "units/_import_summary.html", _summary(preview, _tabs(preview)))
    return redirect(_back(preview, request))


def _keep_choices(request, preview: ImportPreview) -> None:
    if preview.is_busy:
        return
    data = request.POST
    if data.get("all") in ("0", "1"):
        previews.preview_choose_all(preview, state=data.get("tab", ""), chosen=data["all"] == "1")
        return
    picks = {key.removeprefix("pick_"): value for key, value in data.items() if key.startswith("pick_")}
    previews.preview_choose(
        preview,
        shown=_numbers(data.getlist("shown")),
        chosen=_numbers(data.getlist("line")),
        choices={int(number): value for number, value in picks.items() if number.isdecimal()},
    )


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdecimal()]


def _back(preview: ImportPreview, request) -> str:
    kept = {name: request.POST[name] for name in ("tab", "page") if request.POST.get(name)}
    return reverse("units:import_preview", args=[preview.ulid]) + (f"?{urlencode(kept)}" if kept else "")


@login_required
@require_POST
def import_accept(request, ulid):
    """Write the chosen lines of all pages. Sent twice it finds nothing left to write."""
    preview = preview_of(request.user, ulid)
    if preview.is_busy:
        return redirect("units:import_preview", ulid)
    _keep_choices(request, preview)
    key = request.POST.get("once", "")[:40]
    try:
        done = previews.preview_write(preview, actor=request.user, reach=reach_of(request.user), key=key)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(_back(preview, request))
    if done is not None:
        said = _("Đã ghi: thêm %(created)d, thay đổi %(changed)d đơn vị.") % done.as_json()
        messages.success(request, said)
        if done.left:
            messages.warning(request, _("%(left)d dòng chưa ghi được; lý do ghi ở từng dòng.") % {"left": done.left})
    return redirect("units:import_preview", ulid)
