"""Addresses of the register of units."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register
from movement.core.views import listing_file

from .views import changing, contact, duplicates, exports, groups, history, importing, lineage, profile, suggest
from .views import register as pages

app_name = "units"
urlpatterns = [
    path("", pages.unit_list, name="list"),
    path("xuat/", listing_file, {"name": exports.NAME}, name="export"),
    path("nhap/", importing.import_page, name="import"),
    path("nhap/mau/", importing.import_template, name="import_template"),
    path("nhap/sap-nhap/", lineage.lineage_page, name="lineage"),
    path("nhap/sap-nhap/mau/", lineage.lineage_template, name="lineage_template"),
    path("nhap/sap-nhap/<str:ulid>/", lineage.lineage_preview, name="lineage_preview"),
    path("nhap/sap-nhap/<str:ulid>/ghi/", lineage.lineage_accept, name="lineage_accept"),
    path("nhap/<str:ulid>/", importing.import_preview, name="import_preview"),
    path("nhap/<str:ulid>/chon/", importing.import_choose, name="import_choose"),
    path("nhap/<str:ulid>/ghi/", importing.import_accept, name="import_accept"),
    path("tim/", suggest.suggest, name="suggest"),
    path("trung/", duplicates.duplicate_list, name="duplicates"),
    path("trung/khac-nhau/", duplicates.duplicate_apart, name="duplicate_apart"),
    path("trung/<int:pk>/hoi-lai/", duplicates.duplicate_ask_again, name="duplicate_again"),
    path("cay/", pages.unit_tree, name="tree"),
    path("cay/le/", pages.tree_branch, name="loose"),
    path("cay/<str:ulid>/", pages.tree_branch, name="branch"),
    path("cum/", groups.group_list, name="groups"),
    path("cum/moi/", groups.group_new, name="group_new"),
    path("cum/<str:ulid>/", groups.group_detail, name="group"),
    path("cum/<str:ulid>/sua/", groups.group_edit, name="group_edit"),
    path("cum/<str:ulid>/ket-thuc/", groups.group_close, name="group_close"),
    path("cum/<str:ulid>/them/", groups.group_join, name="group_join"),
    path("cum/<str:ulid>/don-vi/<int:member>/", groups.member_leave, name="member_leave"),
    path("lich-su/", history.change_list, name="changes"),
    path("lich-su/<str:ulid>/", history.change_detail, name="change_detail"),
    path("<str:ulid>/", profile.unit_detail, name="detail"),
    path("<str:ulid>/lien-he/", contact.contact_edit, name="contact"),
    path("<str:ulid>/thiet-lap/", contact.settings_edit, name="settings"),
    path("<str:ulid>/thay-doi/", changing.change_menu, name="change_menu"),
    path("<str:ulid>/thay-doi/<str:slug>/", changing.change, name="change"),
]

register(NavItem("units:list", _("Đơn vị"), "buildings", order=20))
