"""Decisions already taken, as a file: looked at first, written after."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from movement.accounts.access import can
from movement.accounts.enums import Role
from movement.accounts.selectors import territory
from movement.core.dates import today
from movement.core.files import file_open
from movement.core.lists import list_keep
from movement.core.models import StoredFile
from movement.core.problems import Refused

from ..enums import LISTS, RecipientKind
from ..forms import ImportForm
from ..import_rows import HEADING_OF
from ..selectors.scope import reach
from ..services import Imported, awards_import_file

SHOWN = 200  # problems and warnings of a page


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def awards_import(request):
    """Send a file, see what it would do or every line that is wrong, then let it be written."""
    if not can(request.user, "awards.import"):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    context = {
        "form": form,
        "trail": [(_("Khen thưởng"), reverse("awards:list")), (_("Nhập quyết định đã có"), None)],
        "territory": territory(request.user, today()),
    }
    if request.method != "POST":
        return render(request, "awards/import.html", context)
    if "kept" in request.POST:
        return _write(request, context)
    if not form.is_valid():
        return render(request, "awards/import.html", context, status=422)
    asked = form.cleaned_data
    try:
        kept = list_keep(
            asked["file"],
            name=asked["file"].name,
            kind=LISTS,
            actor=request.user,
            unit_id=min(_provinces(request.user), default=None),
            declared=asked["declared"],
        )
        outcome = _run(request.user, kept, asked["province"], dry_run=True)
    except Refused as refused:
        return _refused(request, context, refused)
    context |= {
        "outcome": outcome,
        "counts": _counts(outcome),
        "kept": kept,
        "province": asked["province"],
        "warnings": [_told(warning) for warning in outcome.warnings[:SHOWN]],
        "warning_count": len(outcome.warnings),
    }
    return render(request, "awards/import.html", context)


def _provinces(user) -> frozenset[int]:
    return reach(user, {Role.STAFF}).provinces


def _run(user, kept: StoredFile, province: str, *, dry_run: bool) -> Imported:
    with file_open(kept) as content:
        data = content.read()
    return awards_import_file(
        data, filename=kept.original_name, actor=user, province=province, dry_run=dry_run, provinces=_provinces(user)
    )


def _counts(outcome: Imported) -> str:
    """``8 tập thể, 12 cá nhân``."""
    counts = Counter(award.recipient_kind for award in outcome.awards)
    return ", ".join(f"{counts[kind]} {str(kind.label).lower()}" for kind in RecipientKind if counts[kind])


def _write(request, context: dict):
    """Write the file that was looked at. Sent twice it finds nothing left to write."""
    mine = StoredFile.objects.filter(kind=LISTS, uploaded_by_id=request.user.pk, removed_at__isnull=True)
    kept = mine.filter(ulid=request.POST["kept"]).first()
    if kept is None:
        raise Http404
    try:
        outcome = _run(request.user, kept, request.POST.get("province", "")[:40], dry_run=False)
    except Refused as refused:
        return _refused(request, context | {"form": ImportForm()}, refused)
    messages.success(
        request,
        _("Đã ghi %(created)d khen thưởng của %(decisions)d quyết định mới; %(unchanged)d dòng đã có trong sổ.")
        % {"created": outcome.created, "decisions": outcome.decisions, "unchanged": outcome.unchanged},
    )
    return redirect("awards:list")


def _told(problem) -> tuple:
    return problem.line, HEADING_OF.get(problem.column, problem.column), problem.value, problem.message


def _refused(request, context: dict, refused: Refused):
    """Every problem at once, by line."""
    context |= {
        "lines": [_told(problem) for problem in refused.problems[:SHOWN]],
        "problem_count": len(refused.problems),
    }
    return render(request, "awards/import.html", context, status=422)
