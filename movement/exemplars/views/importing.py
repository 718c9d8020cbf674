"""A list of practice models as a file: looked at first, written after."""

from __future__ import annotations

import io

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from movement.accounts.access import can
from movement.core.files import file_open
from movement.core.lists import list_keep
from movement.core.models import StoredFile
from movement.core.problems import Refused

from ..enums import LISTS
from ..forms import ImportForm
from ..presenters import View, provinces_of, view_of
from ..rules import MODEL, Spot
from ..services.import_plan import CHANGE, CREATE
from ..services.import_rows import HEADING_OF
from ..services.importing import Outcome, models_import_file

SHOWN = 200  # lines of a preview, and of problems


def _allowed(user):
    """The rule that refuses a place outside the reader's ground; each place is asked once."""
    known: dict[tuple, str | None] = {}

    def refusal(version, on):
        key = (version.pk, on)
        if key not in known:
            right = can(user, MODEL, Spot(on, ((version.path, version.unit_id),)))
            known[key] = None if right else right.sentence
        return known[key]

    return refusal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def models_import_page(request):
    """Send a list, see what it would do or every line that is wrong, then let it be written."""
    view = view_of(request)
    provinces = provinces_of(view)
    if not provinces:
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    context = {
        "view": view,
        "form": form,
        "trail": [(_("Mô hình"), reverse("exemplars:models") + view.at_day), (_("Nhập danh sách"), None)],
    }
    if request.method != "POST":
        return render(request, "exemplars/import.html", context)
    if "write" in request.POST:
        return _write(request, view, context)
    if not form.is_valid():
        return render(request, "exemplars/import.html", context, status=422)
    asked = form.cleaned_data
    try:
        kept = list_keep(
            asked["file"], name=asked["file"].name, kind=LISTS, actor=request.user, unit_id=provinces[0].unit_id,
            declared=asked["declared"], numbers_confirmed=asked["numbers_confirmed"],
        )  # fmt: skip
        outcome = _run(request.user, kept, asked["as_of"], dry_run=True)
    except Refused as refused:
        return _refused(request, context, form, refused)
    context |= {"outcome": outcome, "counts": outcome.as_json(), "kept": kept, "as_of": asked["as_of"]}
    context["steps"] = _steps(outcome)
    return render(request, "exemplars/import.html", context)


def _run(user, kept: StoredFile, as_of, *, dry_run: bool) -> Outcome:
    with file_open(kept) as content:
        data = io.BytesIO(content.read())
    return models_import_file(
        data, filename=kept.original_name, actor=user, as_of=as_of, dry_run=dry_run, allowed=_allowed(user)
    )


def _write(request, view: View, context: dict):
    """Write the file that was looked at. Sent twice it finds nothing left to change."""
    kept = StoredFile.objects.filter(
        ulid=request.POST.get("kept", ""), kind=LISTS, uploaded_by_id=request.user.pk
    ).first()
    if kept is None:
        raise Http404
    as_of_form = ImportForm({"as_of": request.POST.get("as_of", "")})
    as_of_form.is_valid()
    try:
        counts = _run(request.user, kept, as_of_form.cleaned_data.get("as_of"), dry_run=False).as_json()
    except Refused as refused:
        return _refused(request, context, None, refused)
    messages.success(
        request,
        _(
            "Đã ghi danh sách: thêm %(models)d mô hình và %(points)d điểm, thay đổi %(changed)d điểm, "
            "giữ nguyên %(same)d điểm."
        )
        % {
            "models": counts["models"]["created"],
            "points": counts["points"]["created"],
            "changed": counts["points"]["changed"],
            "same": counts["points"]["unchanged"],
        },
    )
    return redirect(reverse("exemplars:models") + view.at_day)


def _refused(request, context: dict, form: ImportForm | None, refused: Refused):
    """Every problem at once, by line; a question about numbers is asked with a box to tick."""
    if form is not None and any(problem.code == "twelve_digits" for problem in refused.problems):
        form.ask_about_numbers()
    shown = refused.problems[:SHOWN]
    context |= {
        "problems": shown,
        "lines": [(p.line, HEADING_OF.get(p.column, p.column), p.value, p.message) for p in shown],
        "problem_count": len(refused.problems),
    }
    return render(request, "exemplars/import.html", context, status=422)


def _steps(outcome: Outcome) -> list[tuple]:
    """``(line, model, point, action)`` of what would change, in the file's order."""
    words = {CREATE: _("thêm"), CHANGE: _("thay đổi")}
    rows = [
        (point.row.line, plan.facts["name"], point.name, words[point.action])
        for plan in outcome.models
        for point in plan.points
        if point.action in words
    ]
    return sorted(rows)[:SHOWN]
