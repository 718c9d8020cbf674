"""How an office is reached, and what stands on an authority's papers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from movement.accounts.access import can
from movement.audit.selectors import history
from movement.core.dates import today, upper_to_last_day
from movement.core.problems import Refused

from ..enums import TERRITORIES
from ..forms_contact import ContactForm, SettingsForm
from ..models import AuthoritySettings
from ..selectors import authority_settings
from ..services import authority_settings_set
from ..services.contact import Clash, ContactConflict, unit_contact_set
from .shared import readable_unit

POST = ["GET", "HEAD", "POST"]


@login_required
@require_http_methods(POST)
def contact_edit(request, ulid):
    """Telephone, e-mail, address, numbers. Of two who write at once, the second sees what the first wrote (409)."""
    version = readable_unit(request, ulid)
    if not can(request.user, "units.contact", version):
        raise PermissionDenied
    unit, clashes, status = version.unit, [], 200
    stored = {name: getattr(unit, name) for name in ContactForm.Meta.fields}  # a form that was sent writes on `unit`
    data = request.POST.copy() if request.method == "POST" else None
    if data and (taken := data.get("take")) in stored:
        data[taken] = data[f"base_{taken}"] = stored[taken]
        left = [name for name in data.getlist("clash") if name in stored and data.get(name) != stored[name]]
        clashes = [Clash(name, stored[name], data.get(name, "")) for name in left]
        form = ContactForm(data, instance=unit, kind=version.kind)
    elif data:
        form = ContactForm(data, instance=unit, kind=version.kind)
        if form.is_valid():
            try:
                written = unit_contact_set(unit=unit, actor=request.user, base=form.values("base_"), new=form.values())
                messages.success(request, _("Đã ghi liên hệ của đơn vị.") if written else _("Không có gì thay đổi."))
                return redirect("units:detail", ulid)
            except ContactConflict as conflict:
                status, clashes = 409, conflict.clashes
                for clash in clashes:
                    data[f"base_{clash.field}"] = clash.stored  # seen now: saving again writes over it knowingly
                form = ContactForm(data, instance=unit, kind=version.kind)
        else:
            status = 422
    else:
        form = ContactForm(instance=unit, kind=version.kind)
    context = {
        "form": form,
        "fields": [(field, _clash(clashes, field.name)) for field in form.visible_fields()],
        "clashes": clashes,
        "last": _last_writer(ulid) if clashes else None,
        "version": version,
        "trail": trail_of(version, _("Liên hệ cơ quan")),
    }
    return render(request, "units/contact.html", context, status=status)


def _clash(clashes, name: str):
    return next((clash for clash in clashes if clash.field == name), None)


def _last_writer(ulid: str):
    """The latest act that wrote contact data: who and when."""
    return next((entry for entry in history("units.unit", ulid) if entry.action == "unit.contact"), None)


def trail_of(version, *steps: str | tuple[str, str]) -> list[tuple[str, str | None]]:
    """Register › unit › ``steps``, the last of them the page itself."""
    rest = [step if isinstance(step, tuple) else (step, None) for step in steps]
    return [
        (_("Đơn vị, địa bàn"), reverse("units:list")),
        (version.name, reverse("units:detail", args=[version.unit.ulid])),
        *rest,
    ]


@login_required
@require_http_methods(POST)
def settings_edit(request, ulid):
    """What an authority's papers print: how it stood over time, and from a day on otherwise."""
    version = readable_unit(request, ulid)
    if version.kind not in TERRITORIES:
        raise Http404
    rows = list(AuthoritySettings.objects.filter(unit=version.unit_id).order_by("-valid__startswith"))
    may_set, form, status = bool(can(request.user, "units.settings", version)), None, 200
    if request.method == "POST":
        if not may_set:
            raise PermissionDenied
        form = SettingsForm(request.POST)
        if form.is_valid() and _set(request, version, form, rows):
            messages.success(request, _("Đã ghi thiết lập văn bản của cơ quan."))
            return redirect("units:settings", ulid)
        status = 422
    elif may_set:
        shown = authority_settings(version.unit, today())
        form = SettingsForm(
            initial={name: getattr(shown, name) for name in SettingsForm.base_fields if name != "start"}
        )
    for row in rows:
        row.start, row.last = row.valid.lower, upper_to_last_day(row.valid.upper)
        row.now = today() in row.valid
        row.facts = [
            (field.verbose_name, value)
            for field in AuthoritySettings._meta.fields
            if field.name not in ("id", "unit", "valid") and (value := getattr(row, field.name))
        ]
    context = {
        "form": form,
        "rows": rows,
        "version": version,
        "derived": None if any(row.now for row in rows) else authority_settings(version.unit, today()),
        "trail": trail_of(version, _("Thiết lập văn bản")),
    }
    return render(request, "units/settings.html", context, status=status)


def _set(request, version, form: SettingsForm, rows) -> bool:
    """Writes; later settings stay, so what is written ends where they begin."""
    values = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "start"}
    start = form.cleaned_data["start"]
    later = [row.valid.lower for row in rows if row.valid.lower > start]
    try:
        authority_settings_set(
            unit=version.unit, start=start, end=min(later, default=None), actor=request.user, **values
        )
    except Refused as refused:
        for problem in refused.problems:
            form.add_error(None, problem.message)
        return False
    return True
