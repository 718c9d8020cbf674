"""Addresses. Each app brings its own; only this file knows them all."""

from importlib.util import find_spec

from allauth.account import views as account
from allauth.usersessions import views as sessions
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

from movement.accounts.navigation import NavItem, register
from movement.accounts.views import home
from movement.core.views import health, listing_progress, listing_ready
from movement.core.views.files import file_content
from movement.core.views.removal import may_remove_files, removal, removal_find

handler403 = "movement.core.views.forbidden"
handler404 = "movement.core.views.not_found"
handler500 = "movement.core.views.server_error"

register(NavItem("home", _("Trang chủ"), "house", order=10))
register(NavItem("files_removal", _("Hủy tệp"), "trash3", order=85, visible=may_remove_files))

# Of allauth only what the portal offers: no sign-up, no e-mail addresses, no reset by e-mail.
account_urls = [
    path("dang-nhap/", account.login, name="account_login"),
    path("dang-xuat/", account.logout, name="account_logout"),
    path("ngung-hoat-dong/", account.account_inactive, name="account_inactive"),
    path("xac-nhan/", account.reauthenticate, name="account_reauthenticate"),
    path("mat-khau/", account.password_change, name="account_change_password"),
    path("hai-buoc/", include("allauth.mfa.urls")),
    path("phien/", sessions.list_usersessions, name="usersessions_list"),
]

urlpatterns = [
    path("", home, name="home"),
    path("healthz", health, name="healthz"),
    path("ngon-ngu/", set_language, name="set_language"),
    path("tai-khoan/", include(account_urls)),
    path("tep/huy/", removal_find, name="files_removal"),
    path("tep/huy/<str:ulid>/", removal, name="file_removal"),
    path("tep/xem/<str:token>/", file_content, {"view": True}, name="file_view"),
    path("tep/<str:token>/", file_content, name="file_download"),
    path("xuat/<str:job>/", listing_progress, name="listing"),
    path("xuat/<str:job>/tep/", listing_ready, name="listing_file"),
]

for prefix, urlconf in (
    ("tai-khoan/", "movement.accounts.urls"),
    ("don-vi/", "units.urls"),
    ("ket-qua/", "movement.classification.urls"),
    ("cham-diem/", "movement.classification.desk.urls"),
    ("khen-thuong/", "awards.urls"),
    ("bao-cao/", "reports.urls"),
    ("nhat-ky/", "movement.audit.urls"),
    ("", "movement.exemplars.urls"),
):
    if find_spec(urlconf):
        urlpatterns.append(path(prefix, include(urlconf)))
