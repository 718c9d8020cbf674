"""One's own rights: each assignment, what it lets one do, who gave it; and the units one decides nothing on."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from movement.core.dates import last_day_to_upper, today
from movement.core.problems import Refused
from units.selectors import names_of

from ..access import actions
from ..directory import rights_of
from ..forms import TieForm
from ..models import Tie
from ..selectors import territory
from ..services import tie_declare, tie_end


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_rights(request):
    """Read; or declare a unit of one's own."""
    form, status = TieForm(request.POST or None, user=request.user), 200
    if request.method == "POST":
        if form.is_valid():
            data = form.cleaned_data
            try:
                tie_declare(
                    user=request.user, version=data["unit"], kind=data["kind"], note=data["note"], start=data["start"],
                    end=last_day_to_upper(data["last"]),
                )  # fmt: skip
                messages.success(request, _("Đã ghi khai báo."))
                return redirect("accounts:mine")
            except Refused as refused:
                for problem in refused.problems:
                    form.add_error(None, problem.message)
        status = 422
    lines = rights_of([request.user]).get(request.user.pk, [])
    declared = actions()
    ties = list(_open_ties(request.user))
    names = names_of(tie.unit_id for tie in ties)
    for tie in ties:
        tie.unit_name = names.get(tie.unit_id, "")
    context = {
        "lines": [(line, [act.title for act in declared if line.assignment.role in act.roles]) for line in lines],
        "ties": ties,
        "form": form,
        "territory": territory(request.user, today()),
        "trail": [(_("Quyền của tôi"), None)],
    }
    return render(request, "accounts/mine.html", context, status=status)


def _open_ties(user):
    held = Q(valid__endswith=None) | Q(valid__endswith__gt=today())
    return Tie.objects.filter(held, user=user, cancelled_at=None).order_by("valid__startswith", "pk")


@login_required
@require_POST
def my_tie_end(request, pk):
    tie = _open_ties(request.user).filter(pk=pk).first()
    if tie is None:
        raise Http404
    tie_end(tie, actor=request.user)
    messages.success(request, _("Đã kết thúc khai báo."))
    return redirect("accounts:mine")
