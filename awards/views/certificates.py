"""Printing the certificates of a decision: asked for, followed, taken home."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from movement.accounts.access import can
from movement.core.jobs import job_create
from movement.core.models import Decision, Job
from movement.core.serving import given

from ..enums import CERTIFICATES, PERSONS
from ..models import Award
from ..selectors.jobs import certificate_file
from ..services.viewing import persons_viewed
from .register import decision_named


def _printable(user, ulid: str) -> Decision:
    decision = decision_named(user, ulid)
    if not can(user, "awards.certificates", decision):
        raise PermissionDenied
    return decision


def _job(decision: Decision, job_ulid: str) -> Job:
    job = Job.objects.filter(kind=CERTIFICATES, ulid=job_ulid, arguments__decision=decision.ulid).first()
    if job is None:
        raise Http404
    return job


@login_required
@require_POST
def certificates_ask(request, ulid):
    decision = _printable(request.user, ulid)
    job_create(
        CERTIFICATES,
        {"decision": decision.ulid},
        actor=request.user,
        unit_id=decision.authority_unit_id,
        idempotency_key=f"certificates:{request.POST.get('once', '')[:60]}",
    )
    return redirect("awards:decision", ulid)


@login_required
@require_safe
@never_cache
def certificates_progress(request, ulid, job):
    """How far one printing is; the piece asks again every two seconds until it ended."""
    decision = _printable(request.user, ulid)
    return render(request, "awards/_job.html", {"decision": decision, "job": _job(decision, job)})


@login_required
@require_safe
@never_cache
def certificates_file(request, ulid, job):
    """The PDF. It names people, so taking it home is written down."""
    decision = _printable(request.user, ulid)
    file = certificate_file(_job(decision, job))
    if file is None:
        raise Http404
    persons = Award.objects.filter(decision=decision, recipient_kind__in=PERSONS).count()
    if persons:
        persons_viewed(
            actor=request.user, where=_("giấy chứng nhận theo Quyết định số %s") % decision, count=persons,
            action="award.persons_export", object_id=decision.ulid,
        )  # fmt: skip
    return given(request.user, file)
