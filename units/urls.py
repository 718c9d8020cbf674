"""Addresses of the register of units."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register

from .views import register as pages
from .views import suggest

app_name = "units"
urlpatterns = [
    path("", pages.unit_list, name="list"),
    path("tim/", suggest.suggest, name="suggest"),
    path("<str:ulid>/", pages.unit_detail, name="detail"),
]

register(NavItem("units:list", _("Đơn vị"), "buildings", order=20))
