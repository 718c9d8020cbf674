"""Where everybody lands after signing in."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from .access import assignments_now


@login_required
def home(request):
    """The person's roles and the sections they lead to."""
    return render(request, "account/home.html", {"assignments": assignments_now(request.user)})
