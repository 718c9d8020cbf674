"""The accounts that somebody administers: the list, one account, its rights."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from movement.core.dates import last_day_to_upper, today
from movement.core.problems import Problem, Refused
from movement.core.text import fold
from units.enums import Kind
from units.picker import pick_place

from ..access import assignments_now, visible_versions
from ..directory import (
    accounts_managed,
    held_at,
    history_seen,
    holding_of,
    live,
    open_invitations,
    reviews_due,
    rights_of,
    rights_seen,
    stranded_rights,
)
from ..enums import Role
from ..forms import AccountFilter, AccountForm, DeputyForm, EndForm, ReasonForm, RightForm, TransferForm
from ..models import Assignment, User
from ..rules import Held, Holding
from ..services import (
    account_close,
    account_create,
    account_reopen,
    assignment_deputise,
    assignment_end,
    assignment_follow,
    assignment_give,
    assignment_transfer,
    invitation_make,
    password_reset,
    second_step_reset,
)
from ..usernames import username_proposed
from .shared import account_of, form_page, frame, give_refusal, may_manage

PAGE = 50
POST = ["GET", "HEAD", "POST"]


def found_accounts(request):
    """``(form, accounts)`` under the filters of the address."""
    form = AccountFilter(request.GET)
    visible = visible_versions(request.user, tree_on=today(), role=Role.ADMIN)
    pick_place(form, "place", visible, today(), Kind.values)
    rows = accounts_managed(request.user)
    if not form.is_valid():
        return form, rows.none()
    asked = form.cleaned_data
    rights = Assignment.objects.filter(live(), rights_seen(request.user), user=OuterRef("pk"))
    narrowed = rights
    if asked["role"]:
        narrowed = narrowed.filter(role=asked["role"])
    if asked["place"]:
        chosen = form.fields["place"].widget.offered
        inside = visible.filter(path__startswith=chosen[0].version.path) if chosen else visible.none()
        narrowed = narrowed.filter(unit__in=inside.values("unit"))
    if asked["role"] or asked["place"]:
        rows = rows.filter(Exists(narrowed))
    states = {
        "open": Q(is_active=True), "closed": Q(is_active=False), "unused": Q(is_active=True, last_login=None),
        "idle": Q(is_active=True) & ~Q(Exists(rights)),
    }  # fmt: skip
    if asked["state"]:
        rows = rows.filter(states[asked["state"]])
    if asked["q"].strip():
        words = fold(asked["q"]).split()
        rows = rows.filter(
            pk__in=[pk for pk, *texts in rows.values_list("pk", "name", "username") if _has(texts, words)]
        )
    return form, rows.order_by("name", "pk")


def _has(texts: list[str], words: list[str]) -> bool:
    text = fold(" ".join(texts))
    return all(word in text for word in words)


@login_required
@require_safe
def account_list(request):
    """Search, role, place, state; who signed in last and when."""
    may_manage(request)
    form, rows = found_accounts(request)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    rights = rights_of(page.object_list, seen=rights_seen(request.user))
    for account in page.object_list:
        account.rights = rights.get(account.pk, [])
    context = {"filter": form, "page": page, "filtered": any(request.GET.get(n) for n in form.fields), **frame(request)}
    if request.htmx and not request.htmx.boosted:
        return render(request, "accounts/_list.html", context)
    context |= {"stranded": len(stranded_rights(request.user)), "due": reviews_due(request.user).count()}
    return render(request, "accounts/list.html", context)


def _holding(user_id: int | None, right: dict, form) -> Holding:
    if group := right.get("group"):
        return Holding(user_id, (Held(right["role"], today(), province_id=group.province_id),))
    return Holding(user_id, (held_at(right["role"], form.cleaned_data["unit"]),))


def _check_gift(request, holding: Holding) -> None:
    if sentence := give_refusal(request.user, holding):
        raise Refused(Problem("not_allowed", sentence))


@login_required
@require_http_methods(POST)
@never_cache
def account_new(request):
    """A new account with its first right and a one-time code, shown once."""
    may_manage(request)
    form = AccountForm(request.POST or None, user=request.user)

    @transaction.atomic
    def save():
        data, right = form.cleaned_data, form.right
        _check_gift(request, _holding(None, right, form))
        username = data["username"].strip()
        if not username:
            username = username_proposed(
                data["name"], {name.lower() for name in User.objects.values_list("username", flat=True)}
            )
        account = account_create(
            username=username, password=None, actor=request.user, name=data["name"], position=data["position"],
            email=data["email"], unit_id=data["unit"].unit_id if data.get("unit") else None,
        )  # fmt: skip
        assignment_give(user=account, actor=request.user, **right)
        return _code_page(request, account, invitation_make(account, actor=request.user))

    heading = _("Lập tài khoản")
    return form_page(
        request, form=form, heading=heading, submit=_("Lập tài khoản"), back=reverse("accounts:list"),
        steps=[(heading, None)], save=save,
    )  # fmt: skip


def _code_page(request, account: User, made):
    code, kept = made
    url = request.build_absolute_uri(reverse("accounts:invited", args=[code]))
    context = {"account": account, "code": code, "url": url, "kept": kept}
    return render(request, "accounts/code.html", context | frame(request, _step(account), (_("Mã mời"), None)))


def _step(account: User) -> tuple[str, str]:
    return str(account), reverse("accounts:detail", args=[account.ulid])


@login_required
@require_safe
def account_detail(request, ulid):
    """One account: rights with dates and who gave them, what was done to it."""
    account = account_of(request, ulid)
    lines = rights_of([account], seen=rights_seen(request.user), ended=True).get(account.pk, [])
    context = {
        "account": account,
        "lines": [line for line in lines if line.state != "ended"],
        "past": [line for line in lines if line.state == "ended"],
        "invitation": open_invitations([account]).get(account.pk),
        "history": history_seen(account, lines),
        "review": account.reviews.first(),
        "second_step": Authenticator.objects.filter(user=account).exists(),
    }
    return render(request, "accounts/detail.html", context | frame(request, (str(account), None)))


@login_required
@require_http_methods(POST)
def right_give(request, ulid):
    account = account_of(request, ulid)
    form = RightForm(request.POST or None, user=request.user)

    def save():
        right = form.right
        _check_gift(request, _holding(account.pk, right, form))
        assignment_give(user=account, actor=request.user, **right)
        messages.success(request, _("Đã giao quyền."))
        return redirect("accounts:detail", ulid)

    back = reverse("accounts:detail", args=[ulid])
    steps = [_step(account), (_("Giao quyền"), None)]
    return form_page(
        request, form=form, heading=_("Giao quyền"), submit=_("Giao quyền"), back=back, steps=steps, save=save
    )


def _right(request, ulid: str, pk: int) -> tuple[User, Assignment]:
    """A right that holds or will, of an account that the reader administers, on the reader's ground."""
    account = account_of(request, ulid)
    rows = Assignment.objects.filter(live(), pk=pk, user=account).filter(rights_seen(request.user))
    right = rows.select_related("user", "group").first()
    if right is None:
        raise Http404
    return account, right


@login_required
@require_http_methods(POST)
def right_end(request, ulid, pk):
    account, right = _right(request, ulid, pk)
    form = EndForm(request.POST or None)

    def save():
        data = form.cleaned_data
        upper = last_day_to_upper(data["last"])
        assignment_end(right, actor=request.user, upper=upper, reason=data["reason"])
        messages.success(request, _("Đã ghi ngày kết thúc quyền.") if upper else _("Đã thu quyền."))
        return redirect("accounts:detail", ulid) if _still(request, account) else redirect("accounts:list")

    return _right_form(request, account, right, form, _("Thu quyền"), save)


def _still(request, account: User) -> bool:
    return accounts_managed(request.user).filter(pk=account.pk).exists()


@login_required
@require_http_methods(POST)
def right_transfer(request, ulid, pk):
    """The old right ends today and the new one begins today."""
    account, right = _right(request, ulid, pk)
    form = TransferForm(request.POST or None, user=request.user, initial={"role": right.role})

    def save():
        data = form.cleaned_data
        version = data["unit"]
        _check_gift(request, Holding(account.pk, (held_at(data["role"], version),)))
        assignment_transfer(
            right, unit=version.unit, kind=version.kind, role=data["role"], actor=request.user, reason=data["reason"]
        )
        messages.success(request, _("Đã chuyển công tác: quyền cũ hết từ hôm nay, quyền mới có từ hôm nay."))
        return redirect("accounts:detail", ulid)

    return _right_form(request, account, right, form, _("Chuyển công tác"), save)


@login_required
@require_http_methods(POST)
def right_deputise(request, ulid, pk):
    account, right = _right(request, ulid, pk)
    form = DeputyForm(request.POST or None, user=request.user)

    def save():
        data = form.cleaned_data
        deputy = data["user"]
        _check_gift(request, Holding(deputy.pk, holding_of(deputy).held + holding_of_right(right)))
        assignment_deputise(
            right, user=deputy, start=data["start"], end=last_day_to_upper(data["last"]), actor=request.user
        )
        messages.success(request, _("Đã cử người làm thay."))
        return redirect("accounts:detail", ulid)

    return _right_form(request, account, right, form, _("Cử người làm thay"), save)


def holding_of_right(right: Assignment) -> tuple[Held, ...]:
    from ..directory import held_of

    return tuple(held_of([right]).values())


def _right_form(request, account: User, right: Assignment, form, heading: str, save):
    line = rights_of([account], seen=Q(pk=right.pk))[account.pk][0]
    return form_page(
        request, form=form, heading=heading, submit=heading, back=reverse("accounts:detail", args=[account.ulid]),
        steps=[_step(account), (heading, None)], save=save, lead=line.sentence,
    )  # fmt: skip


@login_required
@require_http_methods(POST)
def account_state(request, ulid):
    """Close an open account, open a closed one."""
    account = account_of(request, ulid)
    form, closing = ReasonForm(request.POST or None), account.is_active

    def save():
        (account_close if closing else account_reopen)(account, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Đã đóng tài khoản.") if closing else _("Đã mở lại tài khoản."))
        return redirect("accounts:detail", ulid)

    heading = _("Đóng tài khoản") if closing else _("Mở lại tài khoản")
    lead = (
        _("Người này bị đăng xuất ngay và không đăng nhập được nữa; nhật ký và phân công được giữ.") if closing else ""
    )
    return form_page(
        request, form=form, heading=heading, submit=heading, back=reverse("accounts:detail", args=[ulid]), lead=lead,
        steps=[_step(account), (heading, None)], save=save,
    )  # fmt: skip


@login_required
@require_POST
@never_cache
def account_code(request, ulid):
    """A one-time code, shown once; ``reset`` takes the password away too."""
    account = account_of(request, ulid)
    make = password_reset if request.POST.get("reset") else invitation_make
    try:
        return _code_page(request, account, make(account, actor=request.user))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("accounts:detail", ulid)


@login_required
@require_POST
def account_second_step(request, ulid):
    """Take away the second step of somebody who lost what they signed in with."""
    account = account_of(request, ulid)
    try:
        second_step_reset(account, actor=request.user, reason=request.POST.get("reason", "")[:500])
        messages.success(request, _("Đã gỡ bước xác thực thứ hai; mọi phiên đăng nhập của người này đã kết thúc."))
    except Refused as refused:
        messages.error(request, refused.problems[0].message)
    return redirect("accounts:detail", ulid)


# --- places that have ended -----------------------------------------------------------------------
@login_required
@require_http_methods(POST)
def stranded(request):
    """Rights on places that have ended, each with its main successor; moved when confirmed, one or those ticked."""
    may_manage(request)
    rows = stranded_rights(request.user)
    if request.method == "POST":
        ticked = set(request.POST.getlist("right"))
        done = 0
        with transaction.atomic():
            for row in rows:
                if str(row.line.assignment.pk) in ticked and not row.problem:
                    assignment_follow(row.line.assignment, successor=row.successor, actor=request.user)
                    done += 1
        messages.success(request, _("Đã chuyển %(n)d phân công sang địa bàn kế thừa.") % {"n": done})
        return redirect("accounts:stranded")
    heading = _("Phân công gắn với địa bàn đã kết thúc")
    context = {"rows": rows, "movable": sum(not row.problem for row in rows), "heading": heading}
    return render(request, "accounts/stranded.html", context | frame(request, (heading, None)))


def may_see(user) -> bool:
    """For the navigation, as ``can(user, "accounts.manage")`` says without a thing; no query and no ground."""
    return any(held.role == Role.ADMIN for held in assignments_now(user))
