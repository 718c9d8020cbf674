"""Addresses of the register of units."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register

from . import views

app_name = "units"
urlpatterns = [
    path("", views.unit_list, name="list"),
    path("<str:ulid>/", views.unit_detail, name="detail"),
]

register(NavItem("units:list", _("Đơn vị"), "buildings", order=20))
