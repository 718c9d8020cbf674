"""The register: collectives, persons apart, one decision, one award and its revocation."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, Subquery
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from movement.accounts.access import can
from movement.accounts.selectors import territory
from movement.core.dates import today
from movement.core.keyset import Keyset
from movement.core.models import Decision
from movement.core.problems import Refused
from movement.core.ulid import new_ulid
from units.selectors.regrouping import Regrouped, regrouped
from units.trees import TreeChoice, place_options, place_words, tree_asked

from ..enums import PERSONS, RecipientKind
from ..forms import RecoveryForm, RegisterForm, RevocationForm, refusals
from ..models import Award
from ..presenters import choices_of, groups_of, kinds_of, total_lines
from ..selectors import awards_counted, awards_visible, names_today, sees_persons
from ..selectors.jobs import certificate_jobs
from ..selectors.register import named, period_words, standing_beside
from ..selectors.scope import reach
from ..services import award_revoke, revocation_recovered
from ..services.viewing import persons_viewed

ORDER = ("-decided_on", "-pk")
COLLECTIVES = (RecipientKind.COLLECTIVE,)
FILTERS = ("year", "form", "authority", "kind")


@login_required
@require_safe
@vary_on_headers("HX-Request")
def award_list(request):
    """Collectives commended, over all years; totals count persons too, without their names."""
    return _register(request, COLLECTIVES, "awards/list.html", "awards/_list.html")


@login_required
@require_safe
@vary_on_headers("HX-Request")
def person_list(request):
    """Individuals and households. Who opens it is written down."""
    if not sees_persons(request.user):
        raise PermissionDenied
    return _register(request, PERSONS, "awards/persons.html", "awards/_persons.html")


def _register(request, kinds, whole: str, piece: str):
    book = register_asked(request, kinds)
    form, asked, typed, state = book.form, book.asked, book.typed, book.state
    visible, tree, now, place = book.visible, book.tree, book.now, book.place
    keyset = Keyset(request.GET, book.mine, order=ORDER, key="ulid", key_of=lambda award: award.ulid)
    # A name searched for must not be told by a count: with words typed only what may be read is counted.
    everything = visible.filter(book.words) if typed or kinds == PERSONS else awards_counted(request.user)
    if now and place:
        # the totals count others than those listed, and each stands under the same commune whoever reads it
        here = regrouped(everything)
        everything = everything.filter(here.inside(here.key_of(place)))
    groups = groups_of(everything, keyset.skipped)
    listed = [group for group in groups if group.kind in kinds]
    chosen = [group for group in listed if group.matches(asked)]
    page = keyset.page(
        book.rows.select_related("decision", "revocation"),
        total=sum(group.counted(state) for group in chosen),
        skipped=sum(group.before(state) for group in chosen),
    )
    names = names_today(page.rows)
    for award in page.rows:
        award.today_name = names.get(award.pk, "")
        award.period = period_words(award)
        if now:
            award.place_now, award.place_sure = place_words(now, award.unit_id, award.commune_id)
    if kinds == PERSONS and page.rows:
        persons_viewed(actor=request.user, where=_("sổ khen thưởng"), count=len(page.rows))
    context = {
        "form": form,
        "page": page,
        "totals": total_lines(
            [g for g in groups if g.matches(asked, apart_from="kind") and (kinds == COLLECTIVES or g.kind in kinds)]
        ),
        "kinds": kinds_of([group for group in listed if group.matches(asked, apart_from="kind")]),
        "kind": asked.get("kind", ""),
        "filtered": bool(typed or state or any(asked.values()) or (now and request.GET.get("place"))),
        "tree": tree,
        "regrouped": now,
        "reset": f"{request.path}?{urlencode(tree.keep)}" if tree.now else request.path,
        "with_persons": sees_persons(request.user),
        "tab": "persons" if kinds == PERSONS else "collectives",
    }
    if request.htmx:
        return render(request, piece, context)
    form.offer("year", choices_of(listed, "year"), _("Mọi năm"))
    form.offer("form", choices_of(listed, "form"), _("Mọi hình thức"))
    form.offer("authority", choices_of(listed, "authority"), _("Mọi cấp"))
    if now:
        form.offer("place", place_options(now), _("Mọi địa bàn"))
    context["territory"] = territory(request.user, today())
    context["may_import"] = bool(can(request.user, "awards.import"))
    return render(request, whole, context)


@dataclass(frozen=True, slots=True)
class Book:
    """The register as an address asks for it. ``mine``: what may be read of the kinds; ``rows``: what is listed."""

    form: RegisterForm
    asked: dict
    typed: str
    state: str
    place: str
    words: Q
    visible: QuerySet[Award]
    mine: QuerySet[Award]
    rows: QuerySet[Award]
    tree: TreeChoice
    now: Regrouped | None


def register_asked(request, kinds) -> Book:
    """Reads the address of the register of collectives or persons; what it cannot read it leaves out."""
    form = RegisterForm(request.GET)
    valid = form.is_valid()
    asked = {name: form.cleaned_data.get(name, "") for name in FILTERS} if valid else {}
    typed, state = (form.cleaned_data["q"], form.cleaned_data["state"]) if valid else ("", "")
    visible = awards_visible(request.user)
    mine = visible.filter(recipient_kind__in=kinds)
    tree = _tree_of(request, visible)
    now = regrouped(mine) if tree.now else None
    place = form.cleaned_data.get("place", "") if valid else ""
    words = named(typed)
    rows = mine.filter(words)
    if now and place:
        rows = rows.filter(now.inside(now.key_of(place)))
    for name, field in (
        ("year", "decision__year"),
        ("form", "form"),
        ("authority", "decision__authority_key"),
        ("kind", "recipient_kind"),
    ):
        if asked.get(name):
            rows = rows.filter(**{field: asked[name]}) if name != "year" or asked[name].isdigit() else rows.none()
    if state:
        rows = rows.filter(revocation__isnull=state == "standing")
    return Book(form, asked, typed, state, place, words, visible, mine, rows, tree, now)


def _tree_of(request, visible) -> TreeChoice:
    """As then (each entry under the place of its own day) or as now; one query beside the rights'."""
    first = visible.order_by("decided_on", "pk").values("decided_on")[:1]
    return tree_asked(request, Subquery(first), reach(request.user).grounds, years=True)


# --- one decision ---------------------------------------------------------------------------------
@login_required
@require_safe
def decision_detail(request, ulid):
    """Whom a decision commends, and its certificates."""
    visible = awards_visible(request.user).filter(decision__ulid=ulid)
    rows = list(visible.select_related("decision", "revocation", "round").order_by("pk"))
    if not rows:
        raise Http404
    decision = rows[0].decision
    persons = [award for award in rows if award.names_a_person]
    for award in rows:
        award.period = period_words(award)
    if persons:
        persons_viewed(actor=request.user, where=str(decision), count=len(persons), object_id=decision.ulid)
    hidden = 0
    if len(persons) == 0 or not sees_persons(request.user):
        counted = awards_counted(request.user).filter(decision=decision, recipient_kind__in=PERSONS)
        hidden = counted.count() - len(persons)
    may_print = bool(can(request.user, "awards.certificates", decision))
    context = {
        "decision": decision,
        "collectives": [award for award in rows if not award.names_a_person],
        "persons": persons,
        "hidden": hidden,
        "standing": sum(not award.revoked for award in rows),
        "may_print": may_print,
        "once": new_ulid() if may_print else "",
        "jobs": certificate_jobs(decision) if may_print else [],
        "rounds": {award.round for award in rows if award.round_id},
        "trail": [(_("Khen thưởng"), reverse("awards:list")), (str(decision), None)],
        "territory": rows[0].province_name,
    }
    return render(request, "awards/decision.html", context)


# --- one award ------------------------------------------------------------------------------------
def _found(user, ulid: str) -> Award:
    rows = awards_visible(user).select_related("decision", "revocation", "round", "unit")
    award = rows.filter(ulid=ulid).first()
    if award is None:
        raise Http404
    return award


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def award_detail(request, ulid):
    """One entry with its decision and, where there is one, its revocation; who may revoke does it here."""
    award = _found(request.user, ulid)
    may_revoke = bool(can(request.user, "awards.revoke", award))
    form, status = None, 200
    if request.method == "POST":
        if not may_revoke:
            raise PermissionDenied
        form = RevocationForm(request.POST)
        if form.is_valid():
            try:
                award_revoke(award=award, actor=request.user, **form.cleaned_data)
            except Refused as refused:
                refusals(form, refused.problems)
            else:
                messages.success(request, _("Đã ghi việc hủy bỏ. Nội dung trong sổ được giữ nguyên."))
                return redirect("awards:award", ulid)
        status = 422
    elif may_revoke and not award.revoked:
        form = RevocationForm()
    if award.names_a_person:
        persons_viewed(actor=request.user, where=str(award.decision), count=1, object_id=award.ulid)
    context = {
        "award": award,
        "period": period_words(award),
        "today_name": names_today([award]).get(award.pk, ""),
        "form": form,
        "recovery": RecoveryForm(initial=_recovered(award)) if award.revoked and may_revoke else None,
        "beside": standing_beside(award) if form else None,
        "trail": [
            (_("Khen thưởng"), reverse("awards:list")),
            (str(award.decision), reverse("awards:decision", args=[award.decision.ulid])),
            (award.name, None),
        ],
        "territory": award.province_name,
    }
    return render(request, "awards/award.html", context, status=status)


def _recovered(award: Award) -> dict:
    row = award.revocation
    return {"object_returned_on": row.object_returned_on, "money_returned": row.money_returned}


@login_required
@require_POST
def award_recovered(request, ulid):
    """What came back after a revocation."""
    award = _found(request.user, ulid)
    if not award.revoked:
        raise Http404
    if not can(request.user, "awards.revoke", award):
        raise PermissionDenied
    form = RecoveryForm(request.POST)
    if form.is_valid():
        try:
            revocation_recovered(revocation=award.revocation, actor=request.user, **form.cleaned_data)
        except Refused as refused:
            refusals(form, refused.problems)
        else:
            messages.success(request, _("Đã ghi việc thu hồi."))
            return redirect("awards:award", ulid)
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, error)
    return redirect("awards:award", ulid)


def decision_named(user, ulid: str) -> Decision:
    """A decision of which the user may read an entry."""
    if not awards_visible(user).filter(decision__ulid=ulid).exists():
        raise Http404
    return Decision.objects.get(ulid=ulid)
