"""Where everybody lands after signing in."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from movement.classification.selectors import campaigns_of
from movement.core.dates import today
from reports.presenters import named
from reports.selectors import reports_latest, reports_visible_to

from ..access import assignments_now
from ..enums import Role
from ..presenters import AT_HOME, own_results, waits_of, waits_of_admin, year_counts
from ..selectors import territory

LATEST_REPORTS = 3
# They come for the signed paper first of all; the others for the units.
PAPER_FIRST = {Role.LEADER, Role.AUDITOR}
# They decide nothing: the page says what the account is for. For an auditor nothing ever waits, for an administrator
# only accounts do; what waits for a unit's own account stands with its unit.
READS_ONLY = {Role.AUDITOR, Role.ADMIN}
READING = READS_ONLY | {Role.COUNCIL, Role.MANAGING_BODY, Role.AREA_OFFICER}


@login_required
@require_safe
def home(request):
    """What waits for the person, by when; their own unit; the latest year on their ground in counts."""
    held = assignments_now(request.user)
    roles = {Role(a.role) for a in held}
    campaigns = campaigns_of(request.user)
    year = campaigns[0].year if campaigns else None
    of_year = [c for c in campaigns if c.year == year]
    # A unit's own account sees its one unit, which stands above in words.
    tables = year_counts(request.user, of_year) if roles - {Role.UNIT_REP} else []
    waits, more_waits = waits_of(request.user, roles, campaigns, tables) if roles != {Role.UNIT_REP} else ([], 0)
    if Role.ADMIN in roles:
        waits = [*waits_of_admin(request.user), *waits]
    own, last = own_results(request.user, campaigns) if roles & AT_HOME else ([], [])
    paper_first = bool(roles & PAPER_FIRST)
    ready = reports_latest(reports_visible_to(request.user)) if paper_first else None
    context = {
        "assignments": held,
        "roles": roles,
        "role_names": list(dict.fromkeys(a.get_role_display() for a in held)),
        "year": year,
        "years": sorted({c.year for c in campaigns if c.year != year}, reverse=True),
        "tables": tables,
        "waits": waits,
        "more_waits": more_waits,
        "own": own,
        "last_results": last,
        "reports": list(named(ready)[:LATEST_REPORTS]) if paper_first else [],
        "paper_first": paper_first,
        "reading": bool(roles & READING),
        "may_wait": bool(waits) or not roles <= READS_ONLY | {Role.UNIT_REP},
        "territory": territory(request.user, of_year[0].tree_on if of_year else today()),
    }
    return render(request, "home.html", context)
