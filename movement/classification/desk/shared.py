"""What the desk's pages share."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404

from movement.core.problems import Refused

from ..dossiers import assessment_for
from ..models import Assessment


def mine(request, ulid: str) -> Assessment:
    """The assessment on the user's ground; outside it 404, which reveals nothing."""
    row = assessment_for(request.user, ulid)
    if row is None:
        raise Http404
    return row


def tell(request, refused: Refused) -> None:
    for problem in refused.problems[:20]:
        messages.error(request, str(problem))
