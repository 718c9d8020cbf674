"""What the pages of accounts share: whose accounts, and a form that a service may refuse."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from movement.core.dates import today
from movement.core.problems import Refused

from ..access import acting, can
from ..directory import accounts_managed
from ..models import User
from ..rules import Holding
from ..selectors import territory

ACT = "accounts.manage"


def may_manage(request):
    """The right to be on these pages at all."""
    right = can(request.user, ACT)
    if not right:
        raise PermissionDenied
    return right


def account_of(request, ulid: str) -> User:
    """An account that the reader administers; for all others the page is not there."""
    may_manage(request)
    account = accounts_managed(request.user).filter(ulid=ulid).first()
    if account is None:
        raise Http404
    return account


def give_refusal(user, holding: Holding) -> str:
    """Why ``user`` may not give these rights; empty when they may."""
    right = can(user, ACT, holding)
    return "" if right else str(right.sentence)


def frame(request, *steps: tuple[str, str | None]) -> dict:
    """Where am I, for a page below the list of accounts, and under which right."""
    return {
        "trail": [(_("Tài khoản"), reverse("accounts:list") if steps else None), *steps],
        "territory": territory(request.user, today()),
        "acting": acting(request.user, can(request.user, ACT)),
    }


def form_page(request, *, form, heading: str, submit: str, back: str, steps, save: Callable, lead: str = ""):
    """A page with one form: 200, 422 with the problems, or what ``save()`` answers."""
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                return save()
            except Refused as refused:
                for problem in refused.problems:
                    form.add_error(None, problem.message)
        status = 422
    context = {"form": form, "heading": heading, "submit": submit, "back": back, "lead": lead, **frame(request, *steps)}
    return render(request, "accounts/form.html", context, status=status)
