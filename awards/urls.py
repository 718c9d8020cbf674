"""Addresses of commendations."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register
from movement.core.views import listing_file

from .listings import COLLECTIVE_LIST, PERSON_LIST
from .views import certificates, deciding, importing, nominations, rounds
from .views import register as book

app_name = "awards"
urlpatterns = [
    path("", book.award_list, name="list"),
    path("xuat/", listing_file, {"name": COLLECTIVE_LIST}, name="export"),
    path("ca-nhan/", book.person_list, name="persons"),
    path("ca-nhan/xuat/", listing_file, {"name": PERSON_LIST}, name="persons_export"),
    path("nhap/", importing.awards_import, name="import"),
    path("muc/<str:ulid>/", book.award_detail, name="award"),
    path("muc/<str:ulid>/thu-hoi/", book.award_recovered, name="recovered"),
    path("quyet-dinh/<str:ulid>/", book.decision_detail, name="decision"),
    path("quyet-dinh/<str:ulid>/giay-chung-nhan/", certificates.certificates_ask, name="certificates"),
    path(
        "quyet-dinh/<str:ulid>/giay-chung-nhan/<str:job>/",
        certificates.certificates_progress,
        name="certificates_progress",
    ),
    path(
        "quyet-dinh/<str:ulid>/giay-chung-nhan/<str:job>/tep/", certificates.certificates_file, name="certificates_file"
    ),
    path("dot/", rounds.round_list, name="rounds"),
    path("dot/moi/", rounds.round_new, name="round_new"),
    path("dot/<str:ulid>/", rounds.round_detail, name="round"),
    path("dot/<str:ulid>/goi-y/", nominations.round_suggestions, name="suggestions"),
    path("dot/<str:ulid>/don-vi/", nominations.unit_choices, name="unit_choices"),
    path("dot/<str:ulid>/de-nghi/moi/", nominations.nomination_new, name="nomination_new"),
    path("dot/<str:ulid>/de-nghi/<str:nomination>/", nominations.nomination_edit, name="nomination"),
    path("dot/<str:ulid>/de-nghi/<str:nomination>/rut/", nominations.nomination_off, name="nomination_off"),
    path("dot/<str:ulid>/quyet-dinh/<str:level>/", deciding.round_decide, name="decide"),
    path("dot/<str:ulid>/ket-thuc/", rounds.round_end, name="round_end"),
]

register(NavItem("awards:list", _("Khen thưởng"), "award", order=50))
