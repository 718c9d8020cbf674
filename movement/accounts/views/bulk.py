"""Accounts from a workbook: sent, looked at line by line, made; then the codes are handed over, once."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from movement.core.contents import PDF, XLSX
from movement.core.dates import today
from movement.core.jobs import job_notice
from movement.core.lists import list_keep
from movement.core.problems import Refused
from units.enums import TERRITORIES

from ..access import visible_versions
from ..enums import Role
from ..forms import AccountListForm, roles_to_give
from ..models import AccountList, SealedSlips
from ..services.importing import accounts_make, accounts_plan
from ..services.slips import DIRECT, links_make, slips_ask, slips_fetch, slips_of_list
from ..template_book import template_book
from .shared import frame, may_manage

FILE_KIND = "accounts.list"
COOKIE = "phieu"
KEY_AGE = 24 * 3600


def _steps(*steps):
    return (_("Lập từ danh sách"), reverse("accounts:lists") if steps else None), *steps


def _mine(request, ulid: str) -> AccountList:
    may_manage(request)
    row = AccountList.objects.select_related("file").filter(ulid=ulid, actor=request.user.pk).first()
    if row is None:
        raise Http404
    return row


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def list_send(request):
    """Send a workbook; it is read and shown before anything is made."""
    right = may_manage(request)
    form, status = AccountListForm(request.POST or None, request.FILES or None), 200
    context = {"form": form, "recent": AccountList.objects.filter(actor=request.user.pk).select_related("file")[:5]}
    if request.method == "POST":
        status = 422
        if form.is_valid():
            asked = form.cleaned_data
            try:
                file = list_keep(
                    asked["file"], name=asked["file"].name, kind=FILE_KIND, actor=request.user,
                    unit_id=right.ground.unit_id, declared=asked["declared"],
                    numbers_confirmed=asked["numbers_confirmed"],
                )  # fmt: skip
            except Refused as refused:
                if any(problem.code == "twelve_digits" for problem in refused.problems):
                    form.ask_about_numbers()
                context["lines"] = [(p.line, p.column, p.value, p.message) for p in refused.problems]
            else:
                row = AccountList.objects.create(file=file, actor_id=request.user.pk)
                return redirect("accounts:list_preview", row.ulid)
    return render(request, "accounts/bulk.html", context | frame(request, *_steps()), status=status)


@login_required
@require_safe
def list_template(request):
    """The empty workbook, with the roles and places that the reader may give."""
    may_manage(request)
    visible = visible_versions(request.user, tree_on=today(), role=Role.ADMIN)
    rows = visible.filter(kind__in=TERRITORIES).exclude(code="").order_by("path")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mau.xlsx"
        roles = [str(label) for _code, label in roles_to_give(request.user)]
        template_book(path, roles=roles, places=list(rows.values_list("code", "name")))
        content = path.open("rb")
    return FileResponse(content, content_type=XLSX, filename="Mẫu danh sách tài khoản.xlsx", as_attachment=True)


@login_required
@require_safe
@never_cache
def list_preview(request, ulid):
    """Each line with what it would make, every problem by line and column; later: what was made."""
    row = _mine(request, ulid)
    context = {"row": row, "direct": DIRECT, "many": len(row.made) > DIRECT}
    if not row.accepted_at:
        plan = accounts_plan(row, actor=request.user)
        context |= {"plan": plan, "problems": [(p.line, p.column, p.value, p.message) for p in plan.problems]}
    return render(
        request, "accounts/bulk_preview.html", context | frame(request, *_steps((row.file.original_name, None)))
    )


@login_required
@require_POST
def list_accept(request, ulid):
    row = _mine(request, ulid)
    try:
        made = accounts_make(row, actor=request.user)
    except Refused as refused:
        messages.error(request, refused.problems[0].message)
    else:
        messages.success(
            request, _("Đã lập %(n)d tài khoản. Chưa ai đăng nhập được cho đến khi giao mã.") % {"n": len(made)}
        )
    return redirect("accounts:list_preview", ulid)


def _code_address(request) -> str:
    return request.build_absolute_uri(reverse("accounts:code_entry"))


@login_required
@require_POST
@never_cache
def list_handover(request, ulid):
    """The codes, once: links on the page, slips as a PDF, or slips printed by a worker for many."""
    row = _mine(request, ulid)
    try:
        if request.POST.get("how") == "links":
            found = links_make(row, actor=request.user)
            links = [
                (user, code, request.build_absolute_uri(reverse("accounts:invited", args=[code])))
                for user, code in found
            ]
            return render(
                request, "accounts/links.html", {"links": links} | frame(request, *_steps((_("Liên kết mời"), None)))
            )
        if len(row.made) <= DIRECT:
            return _pdf(slips_of_list(row, actor=request.user, address=_code_address(request)))
        slips, key = slips_ask(row, actor=request.user, address=_code_address(request))
    except Refused as refused:
        messages.error(request, refused.problems[0].message)
        return redirect("accounts:list_preview", ulid)
    response = redirect("accounts:slips", slips.ulid)
    response.set_cookie(
        COOKIE, key, max_age=KEY_AGE, path=reverse("accounts:slips", args=[slips.ulid]), secure=request.is_secure(),
        httponly=True, samesite="Strict",
    )  # fmt: skip
    return response


def _pdf(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=PDF)
    response["Content-Disposition"] = 'attachment; filename="phieu-cap-tai-khoan.pdf"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def slips(request, ulid):
    """How far the printing is; POST takes the slips, once, in the browser that asked for them."""
    may_manage(request)
    row = SealedSlips.objects.select_related("job").filter(ulid=ulid, actor=request.user.pk).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            return _pdf(slips_fetch(row, actor=request.user, key=request.COOKIES.get(COOKIE, "")))
        except Refused as refused:
            messages.error(request, refused.problems[0].message)
            return redirect("accounts:slips", ulid)
    context = {"row": row, "job": row.job, "notice": job_notice(row.job), "count": len(row.users)}
    if request.htmx:
        return (
            HttpResponseClientRefresh() if not row.job.is_open else render(request, "accounts/_slips_job.html", context)
        )
    return render(
        request, "accounts/slips_wait.html", context | frame(request, *_steps((_("Phiếu cấp tài khoản"), None)))
    )
