"""Addresses of results."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register
from movement.core.views import listing_file

from . import views
from .listings import NAME

app_name = "classification"
urlpatterns = [
    path("", views.year_latest, name="results"),
    path("<int:year>/", views.year_results, name="year"),
    path("<int:year>/xuat/", listing_file, {"name": NAME}, name="export"),
    path("dia-ban/<str:ulid>/", views.place_results, name="place"),
    path("ho-so/<str:ulid>/", views.assessment_detail, name="assessment"),
]

register(NavItem("classification:results", _("Kết quả"), "clipboard-data", order=30))
