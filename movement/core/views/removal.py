"""The emergency removal: somebody sent what must not be here, and its content has to go at once."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from movement.accounts.access import Ground, assignments_now, can, grounds, register_action
from movement.accounts.enums import Role
from movement.audit.views.scope import Units, units_of

from ..dates import today
from ..files import file_remove
from ..models import Decision, StoredFile
from ..problems import Refused

REMOVERS = frozenset({Role.ADMIN, Role.STAFF})
OTHER_GROUND = "Tệp này thuộc đơn vị ngoài địa bàn được phân công."
MOST = 50


def _may_remove(user, ground: Ground, file: StoredFile | None) -> str | None:
    """Administrators and the province's staff, files of units on the ground of that assignment."""
    return None if file is None or units_of([ground]).hold(file.unit_id) else OTHER_GROUND


register_action("files.remove", title="Hủy khẩn cấp nội dung tệp", roles=set(REMOVERS), rule=_may_remove)


def may_remove_files(user) -> bool:
    """For the navigation; no query of its own."""
    return any(assignment.role in REMOVERS for assignment in assignments_now(user))


class FindForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Tên tệp, người tải lên hoặc mã băm SHA-256"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class RemovalForm(forms.Form):
    """``rows`` is how many rows the page named: when it is another number by now, the page is shown anew."""

    reason = forms.CharField(label=gettext_lazy("Lý do hủy"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    sure = forms.BooleanField(label=gettext_lazy("Tôi đã đọc những gì sẽ bị hủy và hiểu rằng không lấy lại được"))
    rows = forms.IntegerField(widget=forms.HiddenInput)


def _mine(user) -> Units:
    """The units whose files the account may remove; 403 without the role."""
    held = [ground for ground in grounds(user, tree_on=today()) if ground.role in REMOVERS and ground.unit_id]
    if not held:
        raise PermissionDenied
    return units_of(held)


@login_required
@require_safe
@never_cache
def removal_find(request):
    """Files on one's ground, the latest first; those removed already say by whom and why."""
    rows = _mine(request.user).rows(StoredFile.objects.all())
    form = FindForm(request.GET)
    typed = form.cleaned_data["q"].strip() if form.is_valid() else ""
    if typed:
        rows = rows.filter(
            Q(original_name__icontains=typed) | Q(sha256=typed.lower()) | Q(uploaded_by_name__icontains=typed)
        )
    found = list(rows.order_by("-id")[: MOST + 1])
    context = {"form": form, "files": found[:MOST], "more": len(found) > MOST, "most": MOST, "reset": request.path}
    if request.htmx:
        return render(request, "core/_removal_list.html", context)
    return render(request, "core/removal.html", context | {"trail": [(_("Hủy khẩn cấp nội dung tệp"), None)]})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def removal(request, ulid):
    """What will be destroyed, in numbers; then the reason, then it is gone."""
    mine = _mine(request.user)
    file = mine.rows(StoredFile.objects.filter(ulid=ulid)).first()
    if file is None:
        raise Http404
    if not can(request.user, "files.remove", file):
        raise PermissionDenied
    same = list(StoredFile.objects.filter(sha256=file.sha256, removed_at__isnull=True).order_by("id"))
    form, status = RemovalForm(initial={"rows": len(same)}), 200
    if request.method == "POST":
        form = RemovalForm(request.POST)
        status = 422
        if form.is_valid() and form.cleaned_data["rows"] != len(same):
            form = RemovalForm(initial={"rows": len(same), "reason": form.cleaned_data["reason"]})
            messages.warning(request, _("Trong lúc này số tệp cùng nội dung đã thay đổi; hãy đọc lại rồi xác nhận."))
            status = 409
        elif form.is_valid():
            try:
                count = file_remove(file=file, actor=request.user, reason=form.cleaned_data["reason"])
            except Refused as refused:
                form.add_error("reason", refused.problems[0].message)
            else:
                messages.success(request, _("Đã hủy nội dung của %(count)d tệp.") % {"count": count})
                return redirect("files_removal")
    context = {
        "file": file,
        "same": [row for row in same if mine.hold(row.unit_id)][:MOST],
        "elsewhere": sum(not mine.hold(row.unit_id) for row in same),
        "count": len(same),
        "units": len({row.unit_id for row in same if row.unit_id}),
        "people": len({row.uploaded_by_name for row in same}),
        "decisions": Decision.objects.filter(document__in=same).count(),
        "form": form,
        "trail": [(_("Hủy khẩn cấp nội dung tệp"), reverse("files_removal")), (file.original_name, None)],
    }
    return render(request, "core/removal_sure.html", context, status=status)
