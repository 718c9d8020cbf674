"""Addresses of accounts, rights and invitations; signing in itself is ``movement.urls``."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register
from movement.core.views import listing_file

from .views import bulk, directory, invited, mine, reviews

app_name = "accounts"
urlpatterns = [
    path("quyen/", mine.my_rights, name="mine"),
    path("quyen/khai-bao/<int:pk>/ket-thuc/", mine.my_tie_end, name="tie_end"),
    path("moi/", invited.code_entry, name="code_entry"),
    path("moi/<str:code>/", invited.invited, name="invited"),
    path("quan-ly/", directory.account_list, name="list"),
    path("quan-ly/moi/", directory.account_new, name="new"),
    path("quan-ly/ra-soat/", reviews.review_list, name="reviews"),
    path("quan-ly/ra-soat/tep/", listing_file, {"name": reviews.NAME}, name="review_export"),
    path("quan-ly/ra-soat/pdf/", reviews.review_pdf, name="review_pdf"),
    path("quan-ly/dia-ban-da-ket-thuc/", directory.stranded, name="stranded"),
    path("quan-ly/danh-sach/", bulk.list_send, name="lists"),
    path("quan-ly/danh-sach/mau/", bulk.list_template, name="list_template"),
    path("quan-ly/danh-sach/<str:ulid>/", bulk.list_preview, name="list_preview"),
    path("quan-ly/danh-sach/<str:ulid>/ghi/", bulk.list_accept, name="list_accept"),
    path("quan-ly/danh-sach/<str:ulid>/giao/", bulk.list_handover, name="list_handover"),
    path("quan-ly/phieu/<str:ulid>/", bulk.slips, name="slips"),
    path("quan-ly/<str:ulid>/", directory.account_detail, name="detail"),
    path("quan-ly/<str:ulid>/trang-thai/", directory.account_state, name="state"),
    path("quan-ly/<str:ulid>/ma/", directory.account_code, name="code"),
    path("quan-ly/<str:ulid>/buoc-hai/", directory.account_second_step, name="second_step"),
    path("quan-ly/<str:ulid>/ra-soat/", reviews.review_sign, name="review"),
    path("quan-ly/<str:ulid>/quyen/", directory.right_give, name="give"),
    path("quan-ly/<str:ulid>/quyen/<int:pk>/thu/", directory.right_end, name="end"),
    path("quan-ly/<str:ulid>/quyen/<int:pk>/chuyen/", directory.right_transfer, name="transfer"),
    path("quan-ly/<str:ulid>/quyen/<int:pk>/thay/", directory.right_deputise, name="deputise"),
]

register(NavItem("accounts:list", _("Tài khoản"), "people", order=85, visible=directory.may_see))
