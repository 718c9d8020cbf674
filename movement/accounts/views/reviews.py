"""The half-yearly review of accounts and rights."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from movement.core.dates import format_date, today
from movement.core.listings import Listing, listing_taken, register_listing
from movement.core.problems import Refused
from movement.documents.layout import AnnexHeading, Column, Table
from movement.documents.rendering import render_part

from ..access import can
from ..directory import accounts_managed, review_days, reviews_due, rights_of, rights_seen, with_reviews
from ..enums import Verdict
from ..forms import ReviewForm
from ..selectors import territory
from ..services import account_review
from .shared import ACT, account_of, frame, may_manage

PAGE = 50
NAME = "accounts.review"
COLUMNS = (
    ("Họ và tên", 28), ("Chức vụ", 24), ("Tên đăng nhập", 18), ("Quyền", 60), ("Đăng nhập gần nhất", 14),
    ("Rà soát ngày", 14), ("Người rà soát", 24), ("Kết luận", 16),
)  # fmt: skip
WIDTHS = (40, 30, 26, 66, 22, 22, 26, 20)  # mm, together the width of a wide page


def _rows(user, only_due: bool):
    rows = reviews_due(user) if only_due else accounts_managed(user).filter(is_active=True)
    return with_reviews(rows).order_by("name", "pk")


@login_required
@require_safe
def review_list(request):
    """Open accounts with their rights and the last sign-off; those due first asked for by default."""
    may_manage(request)
    only_due = request.GET.get("all") != "1"
    rows = _rows(request.user, only_due)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    rights = rights_of(page.object_list, seen=rights_seen(request.user))
    for account in page.object_list:
        account.rights = rights.get(account.pk, [])
        account.verdict_word = dict(Verdict.choices).get(account.verdict, "")
    heading = _("Rà soát tài khoản và quyền")
    context = {
        "page": page, "only_due": only_due, "days": review_days(), "verdicts": Verdict.choices, "heading": heading,
    }  # fmt: skip
    return render(request, "accounts/reviews.html", context | frame(request, (heading, None)))


@login_required
@require_POST
def review_sign(request, ulid):
    """Sign off one account with the rights as they are now."""
    account = account_of(request, ulid)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        raise Http404
    lines = rights_of([account], seen=rights_seen(request.user)).get(account.pk, [])
    try:
        account_review(account, rights=[line.sentence for line in lines], actor=request.user, **form.cleaned_data)
        messages.success(request, _("Đã ký rà soát tài khoản %(name)s.") % {"name": account})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(reverse("accounts:reviews") + ("?all=1" if request.POST.get("all") == "1" else ""))


def _listing(user, address) -> Listing:
    if not can(user, ACT):
        raise PermissionDenied
    accounts = list(_rows(user, address.get("all") != "1"))
    rights = rights_of(accounts, seen=rights_seen(user))

    def rows():
        for a in accounts:
            said = "; ".join(line.sentence for line in rights.get(a.pk, []))
            yield [
                a.name, a.position, a.username, said, a.last_login, a.reviewed_at, a.reviewed_by_name or "",
                str(dict(Verdict.choices).get(a.verdict, "")),
            ]  # fmt: skip

    return Listing(
        "Rà soát tài khoản", "danh sách rà soát tài khoản và quyền", COLUMNS, rows, len(accounts),
        unit_id=can(user, ACT).ground.unit_id, notes=[territory(user, today()), f"Ngày {format_date(today())}"],
    )  # fmt: skip


register_listing(NAME, _listing)


@login_required
@require_safe
def review_pdf(request):
    """The list on paper, to be signed."""
    may_manage(request)
    listing = _listing(request.user, request.GET)
    cells = [[cell if isinstance(cell, str) else format_date(cell) for cell in row] for row in listing.rows()]
    columns = [Column(heading, width) for (heading, _letters), width in zip(COLUMNS, WIDTHS, strict=True)]
    context = {
        "title": listing.title, "wide": True, "table": Table(columns, cells),
        "heading": AnnexHeading(_("RÀ SOÁT TÀI KHOẢN VÀ QUYỀN"), reference=", ".join(map(str, listing.notes))),
    }  # fmt: skip
    pdf = render_part(template="documents/annex.html", context=context, rows=())
    listing_taken(listing, actor=request.user, form="pdf")
    return HttpResponse(
        pdf, content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="ra-soat-tai-khoan.pdf"'},
    )  # fmt: skip
