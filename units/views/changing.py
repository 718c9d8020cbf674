"""The guided changes of the register: asked for in a form, looked at, then done; taken back on the change's own page."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from movement.accounts.access import can, visible_versions
from movement.core.dates import today
from movement.core.problems import Refused
from movement.core.ulid import new_ulid

from ..change_lines import step_lines
from ..enums import TERRITORIES, WORKPLACES, Kind
from ..forms import DayForm
from ..forms_changes import (
    ChangeForm,
    CloseForm,
    CreateForm,
    FoldForm,
    LevelForm,
    MergeForm,
    MoveForm,
    RenameForm,
    ReopenForm,
)
from ..forms_split import SplitForm
from ..models import UnitVersion
from ..services.changes import change_make, change_preview
from .contact import trail_of
from .shared import readable_day, version_now, versions_of_unit

POST = ["GET", "HEAD", "POST"]
MINE = "units.change"
_NOT_KEPT = {"csrfmiddlewaretoken", "sure", "edit", "preview", "seen", "once", "more"}


@dataclass(frozen=True, slots=True)
class Guide:
    """One guided change: the end of its address, its icon, its form, the kinds of units it is for."""

    slug: str
    icon: str
    form: type[ChangeForm]
    kinds: tuple[str, ...] = tuple(Kind.values)
    act: str = MINE
    closed: bool = False  # for a unit that has ended, and only for such

    @property
    def title(self) -> str:
        return self.form.title

    def fits(self, version: UnitVersion) -> bool:
        ended = version.valid.upper is not None and version.valid.upper <= today()
        return version.kind in self.kinds and (ended == self.closed or self.slug in ALWAYS)


_NO_PROVINCE = tuple(kind for kind in Kind.values if kind != Kind.PROVINCE)
# What was is also put right afterwards, from a day in the past on.
ALWAYS = {"doi-ten", "gop-trung"}
GUIDES = (
    Guide("them", "plus-lg", CreateForm, kinds=TERRITORIES, act="units.create"),
    Guide("doi-ten", "pencil-square", RenameForm),
    Guide("chuyen", "geo-alt", MoveForm, kinds=_NO_PROVINCE),
    Guide("cap-quan-ly", "buildings", LevelForm, kinds=(*WORKPLACES, Kind.RESIDENTIAL_AREA)),
    Guide("sap-nhap", "diagram-3", MergeForm),
    Guide("chia-tach", "diagram-3", SplitForm),
    Guide("ket-thuc", "slash-circle", CloseForm),
    Guide("hoat-dong-lai", "arrow-clockwise", ReopenForm, closed=True),
    Guide("gop-trung", "link-45deg", FoldForm),
)


def guides_for(user, version: UnitVersion) -> list[Guide]:
    """The changes that the user may begin at a unit."""
    rights = {act: bool(can(user, act, version)) for act in (MINE, "units.create")}
    return [guide for guide in GUIDES if rights[guide.act] and guide.fits(version)]


@login_required
@require_safe
def change_menu(request, ulid):
    """The lines of the menu "Thay đổi" of one unit, for the tree."""
    own = versions_of_unit(ulid)
    readable_day(request.user, own, None)
    version = version_now(own)
    context = {"version": version, "guides": guides_for(request.user, version)}
    return render(request, "units/_guides.html", context)


@login_required
@require_http_methods(POST)
def change(request, ulid, slug):
    """One guided change. The first sending shows what will happen, the second (``sure``) does it."""
    guide = next((guide for guide in GUIDES if guide.slug == slug), None)
    own = versions_of_unit(ulid)
    readable_day(request.user, own, None)
    version = version_now(own)
    if guide is None or not guide.fits(version):
        raise Http404
    if not can(request.user, guide.act, version):
        raise PermissionDenied
    form = _form(request, guide, own)
    preview, status, meanwhile = None, 200, ""
    asking = request.method == "POST" and "edit" not in request.POST and "more" not in request.POST
    if asking and form.is_valid() and _allowed(request.user, guide, own, form):
        asked = form.asked()
        if "sure" in request.POST:
            try:
                made = change_make(
                    asked, actor=request.user, idempotency_key=request.POST.get("once", "")[:60],
                    seen=request.POST.get("seen", ""),
                )  # fmt: skip
                messages.success(request, _("Đã ghi vào danh bạ: %s") % made.sentence)
                return redirect("units:change_detail", made.ulid)
            except Refused as refused:
                meanwhile = next((p.message for p in refused.problems if p.code == "changed_meanwhile"), "")
                status = 409
        preview = change_preview(asked, actor=request.user)
        _beside(form, preview.problems)
    if request.method == "POST" and "edit" not in request.POST and "more" not in request.POST and form.errors:
        status = 422
    context = {
        "guide": guide,
        "form": form,
        "version": version,
        "trail": trail_of(version, str(form.title)),
        "once": request.POST.get("once", "")[:60] or new_ulid(),
        "meanwhile": meanwhile,
    }
    if preview is None or form.errors:
        return render(request, "units/change.html", context, status=status)
    data = request.POST
    context |= {
        "preview": preview,
        "steps": step_lines([step for step in preview.steps if step.action != "goes_along"]),
        "along": [step.name for step in preview.steps if step.action == "goes_along"],
        "hidden": [(name, value) for name in data if name not in _NOT_KEPT for value in data.getlist(name)],
    }
    return render(request, "units/change_sure.html", context, status=status)


def _form(request, guide: Guide, own: list[UnitVersion]) -> ChangeForm:
    """The form, about the unit as it is on the day that it is asked for."""
    user, data = request.user, request.POST if request.method == "POST" else None
    day_form = DayForm((data or request.GET) if (data or request.GET).get("on") else {})
    day = (day_form.is_valid() and day_form.cleaned_data["on"]) or today()
    seen: dict = {}

    def visible(on):
        if on not in seen:
            seen[on] = visible_versions(user, tree_on=on)
        return seen[on]

    known = {"into": into} if (into := request.GET.get("into")) else {}  # from the list of likely duplicates
    return guide.form(data, version=version_now(own, day), visible=visible, day=day, initial=known)


def _allowed(user, guide: Guide, own: list[UnitVersion], form: ChangeForm) -> bool:
    """Whether the user may change all that the form names; else the form says which not."""
    checks = [(guide.act, version_now(own, form.day), None)]
    checks += [(MINE, version, version.name) for version in form.aims()]
    checks += [("units.create", version, version.name) for version in form.places()]
    checks += [(MINE, version, None) for version in form.results()]
    for act, version, name in checks:
        if not (right := can(user, act, version)):
            form.add_error(None, f"{name}: {right.sentence}" if name else right.sentence)
    return not form.errors


def _beside(form: ChangeForm, problems) -> None:
    """All problems at once, each beside its field where the form has it."""
    for problem in problems:
        name = form.columns.get(problem.column, problem.column)
        form.add_error(name if name in form.fields else None, str(problem.message))
