"""Setting a password with a one-time code, before one can sign in."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from movement.core.problems import Refused

from ..forms import CodeForm, PasswordForm
from ..services import invitation_use
from ..services.invitations import NO_CODE, invitation_of

POST = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(POST)
def code_entry(request):
    """Where a printed slip leads: the code is typed."""
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        if form.is_valid():
            code = form.cleaned_data["code"]
            if invitation_of(code):
                return redirect("accounts:invited", code.strip())
            form.add_error("code", NO_CODE)
        status = 422
    return render(request, "accounts/code_entry.html", {"form": form}, status=status)


@never_cache
@sensitive_post_parameters()
@require_http_methods(POST)
def invited(request, code):
    """Where a link leads: the password is set, the code is used up."""
    found = invitation_of(code)
    if found is None:
        form = CodeForm({"code": code})
        form.full_clean()
        form.add_error("code", NO_CODE)
        return render(request, "accounts/code_entry.html", {"form": form}, status=404)
    form, status = PasswordForm(request.POST or None, user=found.user), 200
    if request.method == "POST":
        if form.is_valid():
            try:
                invitation_use(code, password=form.cleaned_data["password"])
                messages.success(request, _("Đã đặt mật khẩu. Hãy đăng nhập bằng tên đăng nhập và mật khẩu mới."))
                return redirect("account_login")
            except Refused as refused:
                for problem in refused.problems:
                    form.add_error(None, problem.message)
        status = 422
    return render(request, "accounts/invited.html", {"form": form, "account": found.user}, status=status)
