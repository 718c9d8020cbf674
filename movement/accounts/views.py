"""Where everybody lands after signing in."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from movement.classification.selectors import campaigns_of
from movement.core.dates import today
from movement.core.enums import JobState
from reports.presenters import named
from reports.selectors import reports_visible_to

from .access import assignments_now
from .enums import Role
from .presenters import year_counts
from .selectors import territory

LATEST_REPORTS = 3
# They come for the signed paper first of all; the others for the units.
PAPER_FIRST = {Role.LEADER, Role.AUDITOR, Role.CLERK, Role.COUNCIL}


@login_required
@require_safe
def home(request):
    """The latest year on the person's ground in counts, the documents to take home, the roles held."""
    held = assignments_now(request.user)
    campaigns = campaigns_of(request.user)
    year = campaigns[0].year if campaigns else None
    of_year = [c for c in campaigns if c.year == year]
    ready = reports_visible_to(request.user).filter(job__state=JobState.DONE)
    context = {
        "assignments": held,
        "year": year,
        "years": sorted({c.year for c in campaigns if c.year != year}, reverse=True),
        "tables": year_counts(request.user, of_year),
        "reports": list(named(ready)[:LATEST_REPORTS]),
        "paper_first": any(a.role in PAPER_FIRST for a in held),
        "territory": territory(request.user, of_year[0].tree_on if of_year else today()),
    }
    return render(request, "home.html", context)
