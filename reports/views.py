"""Summaries: asking for one, following it, taking it home, and the list behind each figure."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from movement.accounts.access import can
from movement.accounts.selectors import territory
from movement.classification.selectors import campaigns_of
from movement.core.files import file_open
from movement.core.jobs import job_cancel
from movement.core.keyset import Keyset
from movement.core.problems import Refused
from movement.core.serving import given
from movement.core.ulid import new_ulid
from units.models import Unit
from units.selectors import versions_of

from .enums import FileKind, Listing
from .forms import ReportForm
from .models import Report, Snapshot
from .presenters import FIGURE_GROUPS, figure_columns, figure_groups, figure_label, figure_rows, named
from .rules import Asked
from .selectors import figure_list, report_files, report_progress, reports_visible_to
from .services import persons_read, report_request

FIGURE_ROWS = 200


def scopes_of(user) -> list[Asked]:
    """The summaries the user may ask for, latest year first."""
    pairs = {(c.year, c.province_id): c.province for c in campaigns_of(user)}
    asked = [
        Asked(year, province) for (year, _pk), province in sorted(pairs.items(), key=lambda p: (-p[0][0], p[0][1]))
    ]
    return [one for one in asked if can(user, "reports.request", one)]


def _choices(scopes: list[Asked]) -> list[tuple[str, str]]:
    """``("2023:ulid", "2023")``; with the province's name where the user has several."""
    several = len({one.province.pk for one in scopes}) > 1
    names: dict[tuple[int, int], str] = {}
    if several:
        for on in {one.tree_on for one in scopes}:
            found = versions_of({one.province.pk for one in scopes}, on)
            names |= {(on.year, pk): version.name for pk, version in found.items()}
    return [
        (
            f"{one.year}:{one.province.ulid}",
            f"{one.year} · {names[one.year, one.province.pk]}" if several else str(one.year),
        )
        for one in scopes
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def report_list(request):
    """The summaries on the user's ground, and the form that asks for one."""
    scopes = scopes_of(request.user)
    status = 200
    if request.method == "POST":
        form = _asked_form(request, scopes)
        if form.is_valid():
            try:
                return redirect("reports:detail", _request(request.user, form.cleaned_data).ulid)
            except Refused as refused:
                for problem in refused.problems:
                    form.add_error(None, problem.message)
        status = 422
    else:
        form = ReportForm(scopes=_choices(scopes), initial={"once": new_ulid()}) if scopes else None
    reports = reports_visible_to(request.user)
    keyset = Keyset(request.GET, reports, order=("-id",), key="ulid", key_of=lambda report: report.ulid, size=25)
    counts = reports.order_by().aggregate(n=Count("pk"), skipped=Count("pk", filter=keyset.skipped))
    page = keyset.page(named(reports), total=counts["n"], skipped=counts["skipped"])
    for report in page.rows:
        report.progress = report_progress(report)
    context = {"form": form, "page": page}
    if request.htmx and request.method != "POST":
        return render(request, "reports/_list.html", context)
    context["territory"] = territory(request.user, scopes[0].tree_on) if scopes else ""
    return render(request, "reports/list.html", context, status=status)


def _asked_form(request, scopes: list[Asked]) -> ReportForm:
    """The form as sent. A province outside the user's ground is not there; one that is only read is refused."""
    sent = request.POST.get("scope", "")
    choices = _choices(scopes)
    if sent and sent not in dict(choices):
        year, _sep, ulid = sent.partition(":")
        province = Unit.objects.filter(ulid=ulid).first()
        readable = {(c.year, c.province_id) for c in campaigns_of(request.user)}
        if province is None or not year.isdigit() or (int(year), province.pk) not in readable:
            raise Http404
        raise PermissionDenied
    if not scopes:
        raise PermissionDenied
    return ReportForm(request.POST, scopes=choices)


def _request(user, asked: dict) -> Report:
    year, _sep, ulid = asked["scope"].partition(":")
    return report_request(
        year=int(year),
        province=Unit.objects.get(ulid=ulid),
        actor=user,
        as_now=asked["as_now"],
        formats=asked["formats"],
        idempotency_key=f"report:{asked['once']}",
    )


@login_required
@require_safe
@never_cache
def report_detail(request, ulid):
    """How far a summary is; then its files, warnings and figures. htmx asks for this piece every two seconds."""
    report = _found(request.user, ulid)
    progress = report_progress(report)
    may_ask = bool(can(request.user, "reports.request", Asked(report.year, report.province)))
    persons = _may_have_persons(request.user, report)
    context = {
        "report": report,
        "progress": progress,
        "may_ask": may_ask,
        "snapshot": getattr(report, "snapshot", None),
        "figures": [],
        "trail": [(_("Báo cáo"), reverse("reports:list")), (_title(report), None)],
        "title": _title(report),
    }
    if not progress.running and not progress.failed:
        figures = Snapshot.objects.filter(report=report).values_list("content__figures", flat=True).first() or {}
        context["figures"] = figure_groups(figures, persons=persons)
        context["persons_files"] = [f for f in report_files(report) if f.kind == FileKind.PERSONS] if persons else []
    if may_ask and progress.failed:
        context["again"] = {
            "scope": f"{report.year}:{report.province.ulid}",
            "as_now": "1" if report.as_now else "",
            "formats": report.formats,
            "once": new_ulid(),
        }
    return render(request, "reports/_report.html" if request.htmx else "reports/detail.html", context)


@login_required
@require_POST
def report_cancel(request, ulid):
    """Stop a summary that is being made."""
    report = _found(request.user, ulid)
    if not can(request.user, "reports.request", Asked(report.year, report.province)):
        raise PermissionDenied
    if job_cancel(report.job, actor=request.user):
        messages.success(request, _("Đã dừng việc lập báo cáo."))
    else:
        messages.warning(request, _("Việc lập báo cáo đã kết thúc trước khi dừng được."))
    return redirect("reports:detail", report.ulid)


@login_required
@require_safe
@never_cache
def report_file(request, ulid, name):
    """One file of a summary, as an attachment; ``name`` is its ``address``, never a path.

    The annex of persons is not there for who may not have it; that it was taken stands in the trail.
    """
    report = _found(request.user, ulid)
    file = next((file for file in report_files(report) if file.address == name), None)
    if file is None:
        raise Http404
    if file.kind == FileKind.PERSONS and not _may_have_persons(request.user, report):
        raise PermissionDenied
    try:
        file_open(file.stored).close()
    except Refused as refused:
        messages.error(request, refused.problems[0].message)
        return redirect("reports:detail", report.ulid)
    if file.kind == FileKind.PERSONS and request.method == "GET":
        persons_read(report, actor=request.user, how=f"Tải phụ lục cá nhân ({file.get_format_display()})")
    return given(request.user, file.stored, name=file.name)


@login_required
@require_safe
@vary_on_headers("HX-Request")
def report_figure(request, ulid, code):
    """The frozen list behind one figure of the text."""
    report = _found(request.user, ulid)
    snapshot = Snapshot.objects.filter(report=report).first()
    found = snapshot and figure_list(snapshot, code)
    if not found:
        raise Http404
    if found.listing == Listing.PERSONS:
        if not _may_have_persons(request.user, report):
            raise PermissionDenied
        if request.method == "GET":
            persons_read(report, actor=request.user, how=f"Mở danh sách cá nhân, hộ gia đình (số liệu {code})")
    label = figure_label(snapshot.content["figures"][code])
    page = Paginator(found.rows, FIGURE_ROWS).get_page(request.GET.get("page"))
    context = {
        "report": report,
        "snapshot": snapshot,
        "figure": found,
        "columns": figure_columns(found.listing),
        "rows": figure_rows(found.listing, page.object_list),
        "label": label,
        "page": page,
        "group": FIGURE_GROUPS.get(code[:1], ""),
        "trail": [
            (_("Báo cáo"), reverse("reports:list")),
            (_title(report), reverse("reports:detail", args=[report.ulid])),
            (_("Số liệu %(code)s") % {"code": code}, None),
        ],
    }
    return render(request, "reports/_figure.html" if request.htmx else "reports/figure.html", context)


def _found(user, ulid: str) -> Report:
    report = named(reports_visible_to(user)).filter(ulid=ulid).first()
    if report is None:
        raise Http404
    return report


def _may_have_persons(user, report: Report) -> bool:
    return bool(can(user, "reports.persons", Asked(report.year, report.province)))


def _title(report: Report) -> str:
    return _("Báo cáo tổng kết năm %(year)d") % {"year": report.year}
