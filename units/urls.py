"""Addresses of the register of units."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register

from .views import importing
from .views import register as pages
from .views import suggest

app_name = "units"
urlpatterns = [
    path("", pages.unit_list, name="list"),
    path("nhap/", importing.import_page, name="import"),
    path("nhap/mau/", importing.import_template, name="import_template"),
    path("nhap/<str:ulid>/", importing.import_preview, name="import_preview"),
    path("nhap/<str:ulid>/chon/", importing.import_choose, name="import_choose"),
    path("nhap/<str:ulid>/ghi/", importing.import_accept, name="import_accept"),
    path("tim/", suggest.suggest, name="suggest"),
    path("<str:ulid>/", pages.unit_detail, name="detail"),
]

register(NavItem("units:list", _("Đơn vị"), "buildings", order=20))
