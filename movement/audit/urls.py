"""Addresses of the trail."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register
from movement.core.views import listing_file

from .views import history, trail
from .views.scope import reads_trail

app_name = "audit"
urlpatterns = [
    path("", trail.trail, name="trail"),
    path("xuat/", listing_file, {"name": trail.NAME}, name="export"),
    path("lich-su/<str:kind>/<str:ulid>/", history.history, name="history"),
]

register(NavItem("audit:trail", _("Nhật ký"), "clock-history", order=80, visible=reads_trail))
