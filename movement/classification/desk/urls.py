"""Addresses of the desk."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register

from . import deciding, lists, views

app_name = "desk"
urlpatterns = [
    path("", lists.work, name="work"),
    path("da-dang-nhap/", views.signed_in, name="signed_in"),
    path("tien-do/", lists.board_page, name="board"),
    path("quyet-dinh/", deciding.decisions, name="decisions"),
    path("quyet-dinh/van-ban/<str:ulid>/", deciding.decision, name="decision"),
    path("quyet-dinh/van-ban/<str:ulid>/dinh-kem/", deciding.attach, name="attach"),
    path("quyet-dinh/van-ban/<str:ulid>/tep/", deciding.decision_file, name="decision_file"),
    path("quyet-dinh/<str:campaign>/", deciding.campaign_lists, name="campaign_lists"),
    path("quyet-dinh/<str:campaign>/<str:authority>/", deciding.decision_list, name="decision_list"),
    path("quyet-dinh/<str:campaign>/<str:authority>/xet-duyet/", deciding.decide, name="decide"),
    path("quyet-dinh/<str:campaign>/<str:authority>/cong-bo/", deciding.publish, name="publish"),
    path("quyet-dinh/<str:campaign>/<str:authority>/bien-ban/<str:file>/", deciding.minutes_file, name="minutes_file"),
    path("ky/<str:campaign>/<str:step>/", lists.waiting_list, name="waiting"),
    path("ky/<str:campaign>/<str:step>/chuyen/", lists.advance_many, name="advance"),
    path("ho-so/<str:ulid>/", views.dossier, name="dossier"),
    path("ho-so/<str:ulid>/luu/", views.save, name="save"),
    path("ho-so/<str:ulid>/moi/", views.changes, name="changes"),
    path("ho-so/<str:ulid>/tiep/", views.following, name="following"),
    path("ho-so/<str:ulid>/buoc/", views.move, name="move"),
    path("ho-so/<str:ulid>/tra-lai/", views.send_back, name="return"),
    path("ho-so/<str:ulid>/y-kien/", views.opinion, name="opinion"),
    path("ho-so/<str:ulid>/ket-thuc/", lists.end, name="end"),
    path("ho-so/<str:ulid>/gia-han/", views.extend, name="extend"),
    path("ho-so/<str:ulid>/minh-chung/<str:code>/", views.evidence, name="evidence"),
    path("ho-so/<str:ulid>/xac-nhan/<str:code>/", views.attestation, name="attestation"),
    path("ho-so/<str:ulid>/tep/<str:evidence>/", views.evidence_file, name="file"),
    path("ho-so/<str:ulid>/tep/<str:evidence>/go/", views.evidence_off, name="evidence_off"),
]

register(NavItem("desk:work", _("Việc của tôi"), "card-checklist", order=15))
