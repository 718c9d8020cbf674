"""Rounds: opened, filled from suggestions or by hand, checked, decided, closed."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from movement.accounts.access import assignments_now, can
from movement.accounts.selectors import territory
from movement.core.dates import today
from movement.core.once import once
from movement.core.problems import Refused
from movement.core.ulid import new_ulid
from units.models import Unit
from units.selectors import names_of

from ..enums import Authority, Outcome, RecipientKind, Severity
from ..forms import CloseForm, RoundForm, refusals
from ..models import Nomination, Round
from ..rules import LEADS
from ..selectors import forms_on, nomination_checks, rounds_visible, sees_persons
from ..selectors.suggestions import round_day
from ..services import deciding_authority, round_close, round_create
from ..services.deciding import OWN
from ..services.viewing import persons_viewed

SIZE = 25


# --- the list, a new round ------------------------------------------------------------------------
def _authorities(user) -> list[tuple[str, str]]:
    """``[(unit's id, name)]`` that the user may open a round for: the roots of the assignments that lead one."""
    roots = {a.unit_id: a.unit.ulid for a in assignments_now(user) if a.unit_id and a.role in LEADS.values()}
    names = names_of(roots)
    return sorted(((ulid, names.get(pk, "")) for pk, ulid in roots.items()), key=lambda pair: pair[1])


@login_required
@require_safe
def round_list(request):
    if not sees_persons(request.user):
        raise PermissionDenied
    rows = rounds_visible(request.user).annotate(
        nominated=Count("nominations"),
        pending=Count("nominations", filter=Q(nominations__outcome=Outcome.PENDING)),
        awarded=Count("nominations", filter=Q(nominations__outcome=Outcome.AWARDED)),
    )
    context = {
        "page": Paginator(rows.order_by("-pk"), SIZE).get_page(request.GET.get("page")),
        "may_open": bool(_authorities(request.user)),
        "tab": "rounds",
        "with_persons": True,
        "territory": territory(request.user, today()),
    }
    return render(request, "awards/rounds.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def round_new(request):
    authorities = _authorities(request.user)
    if not authorities:
        raise PermissionDenied
    last_year = today().year - 1
    status = 200
    if request.method == "POST":
        form = RoundForm(request.POST, authorities=authorities)
        if form.is_valid():
            asked = form.cleaned_data
            try:
                ring, _made = once(
                    asked["once"], actor=request.user, purpose="awards.round", model=Round,
                    make=lambda: round_create(
                        authority=Unit.objects.get(ulid=asked["authority"]), title=asked["title"],
                        first_day=asked["first_day"], last_day=asked["last_day"], actor=request.user,
                    ),
                )  # fmt: skip
                return redirect("awards:round", ring.ulid)
            except Refused as refused:
                refusals(form, refused.problems)
        status = 422
    else:
        form = RoundForm(
            authorities=authorities,
            initial={
                "once": new_ulid(),
                "title": _("Khen thưởng phong trào Toàn dân bảo vệ an ninh Tổ quốc năm %s") % last_year,
                "first_day": f"01/01/{last_year}",
                "last_day": f"31/12/{last_year}",
            },
        )
    context = {
        "form": form,
        "trail": [
            (_("Khen thưởng"), reverse("awards:list")),
            (_("Các đợt"), reverse("awards:rounds")),
            (_("Mở đợt mới"), None),
        ],
        "territory": territory(request.user, today()),
    }
    return render(request, "awards/round_new.html", context, status=status)


# --- one round ------------------------------------------------------------------------------------
def ring_of(user, ulid: str, *, work: bool = False) -> Round:
    """The round, when the user may read it; with ``work``, when the user may also change it."""
    ring = rounds_visible(user).filter(ulid=ulid).first()
    if ring is None:
        raise Http404
    if work and not can(user, "awards.round", ring):
        raise PermissionDenied
    return ring


def trail_of(ring: Round, here: str = "") -> list[tuple[str, str | None]]:
    trail = [(_("Khen thưởng"), reverse("awards:list")), (_("Các đợt"), reverse("awards:rounds"))]
    if not here:
        return [*trail, (ring.title, None)]
    return [*trail, (ring.title, reverse("awards:round", args=[ring.ulid])), (here, None)]


@login_required
@require_safe
def round_detail(request, ulid):
    """Nominations with what the checks say, by who decides; what was decided; what was not commended."""
    ring = ring_of(request.user, ulid)
    rows = list(ring.nominations.select_related("award__decision", "award__revocation"))
    for row in rows:
        row.round = ring
    forms = forms_on(round_day(ring), ring.province_id)
    pending = [row for row in rows if row.outcome == Outcome.PENDING]
    checked(pending, forms)
    if any(row.names_a_person for row in rows):
        persons = sum(row.names_a_person for row in rows)
        persons_viewed(actor=request.user, where=ring.title, count=persons, object_id=ring.ulid)
    may_work = bool(can(request.user, "awards.round", ring))
    context = {
        "ring": ring,
        "levels": _by_level(pending, forms, ring),
        "awarded": _by_decision([row for row in rows if row.outcome == Outcome.AWARDED], forms),
        "refused": named([row for row in rows if row.outcome == Outcome.REFUSED], forms),
        "pending": len(pending),
        "may_work": may_work and ring.is_open,
        "may_close": may_work and ring.state != "closed",
        "may_decide": bool(can(request.user, "awards.decide", ring)) and ring.state != "closed",
        "close_form": CloseForm(),
        "trail": trail_of(ring),
        "territory": ring.authority_name,
    }
    return render(request, "awards/round.html", context)


def named(rows: list[Nomination], forms: dict) -> list[Nomination]:
    for row in rows:
        row.form_name = forms[row.form].name if row.form in forms else row.get_form_display()
    return rows


def checked(rows: list[Nomination], forms: dict) -> None:
    found = nomination_checks(rows, forms)
    for row in rows:
        checks = found.get(row.pk, [])
        row.asked = [check for check in checks if check.severity in (Severity.ERROR, Severity.WARNING)]
        row.told = [check for check in checks if check.severity == Severity.INFO]
        row.fine = [check for check in checks if check.severity == Severity.OK]


def _by_level(rows: list[Nomination], forms: dict, ring: Round) -> list[dict]:
    """``[{level, name, rows, counts}]``: what the round's own authority decides, then what is passed on."""
    found: dict[str, list[Nomination]] = {}
    rank = {code: place for place, code in enumerate(forms)}
    for row in sorted(named(rows, forms), key=lambda r: (rank.get(r.form, 99), r.pk)):
        level = forms[row.form].authority if row.form in forms else Authority.OTHER
        found.setdefault(level, []).append(row)
    return [
        {
            "level": level,
            "name": deciding_authority(ring, level)[1] or Authority(level).label,
            "rows": group,
            "counts": kind_counts(group),
        }
        for level, group in sorted(found.items(), key=lambda pair: pair[0] not in OWN)
    ]


def kind_counts(rows) -> str:
    """``8 tập thể, 12 cá nhân``."""
    counts = Counter(row.recipient_kind for row in rows)
    return ", ".join(f"{counts[kind]} {str(kind.label).lower()}" for kind in RecipientKind if counts[kind])


def _by_decision(rows: list[Nomination], forms: dict) -> list[dict]:
    found: dict[int, dict] = {}
    for row in named(rows, forms):
        decision = row.award.decision
        found.setdefault(decision.pk, {"decision": decision, "rows": []})["rows"].append(row)
    for group in found.values():
        group["counts"] = kind_counts(group["rows"])
    return list(found.values())


@login_required
@require_POST
def round_end(request, ulid):
    ring = ring_of(request.user, ulid, work=True)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            left = round_close(round_id=ring.pk, actor=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, _("Đã kết thúc đợt; %s đề nghị không khen thưởng.") % left)
        except Refused as refused:
            for problem in refused.problems:
                messages.error(request, problem.message)
    return redirect("awards:round", ulid)
