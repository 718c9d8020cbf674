"""Addresses of summaries."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.access import assignments_now
from movement.accounts.enums import Role
from movement.accounts.navigation import NavItem, register

from . import views

app_name = "reports"
urlpatterns = [
    path("", views.report_list, name="list"),
    path("<str:ulid>/", views.report_detail, name="detail"),
    path("<str:ulid>/huy/", views.report_cancel, name="cancel"),
    path("<str:ulid>/tep/<str:name>/", views.report_file, name="file"),
    path("<str:ulid>/so-lieu/<str:code>/", views.report_figure, name="figure"),
]

# Summaries are a province's; who holds a role on one unit alone finds none there.
_READERS = {Role.STAFF, Role.LEADER, Role.AUDITOR, Role.ADMIN, Role.COUNCIL, Role.CLERK, Role.MANAGING_BODY}


def _may_find_some(user) -> bool:
    return any(assignment.role in _READERS for assignment in assignments_now(user))


register(NavItem("reports:list", _("Báo cáo"), "file-earmark-text", order=60, visible=_may_find_some))
