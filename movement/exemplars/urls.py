"""Addresses of practice models and exemplars."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from movement.accounts.navigation import NavItem, register
from movement.core.views import listing_file

from .listings import NAME
from .views import chosen, importing, points, practice

app_name = "exemplars"
urlpatterns = [
    path("mo-hinh/", practice.model_list, name="models"),
    path("mo-hinh/xuat/", listing_file, {"name": NAME}, name="export"),
    path("mo-hinh/them/", practice.model_new, name="model_new"),
    path("mo-hinh/nhap/", importing.models_import_page, name="import"),
    path("mo-hinh/noi-dat/", points.unit_choices, name="unit_choices"),
    path("mo-hinh/<str:ulid>/", practice.model_detail, name="model"),
    path("mo-hinh/<str:ulid>/sua/", practice.model_edit, name="model_edit"),
    path("mo-hinh/<str:ulid>/trang-thai/", practice.model_step, name="model_step"),
    path("mo-hinh/<str:ulid>/danh-gia/", practice.model_review, name="model_review"),
    path("mo-hinh/<str:ulid>/diem/them/", points.point_new, name="point_new"),
    path("mo-hinh/<str:ulid>/diem/<str:point_ulid>/", points.point_detail, name="point"),
    path("mo-hinh/<str:ulid>/diem/<str:point_ulid>/sua/", points.point_edit, name="point_edit"),
    path("mo-hinh/<str:ulid>/diem/<str:point_ulid>/quy-mo/", points.point_size, name="point_size"),
    path("mo-hinh/<str:ulid>/diem/<str:point_ulid>/danh-gia/", points.point_review, name="point_review"),
    path("dien-hinh/", chosen.exemplar_list, name="exemplars"),
    path("dien-hinh/xet-chon/", chosen.candidate_list, name="candidates"),
    path("dien-hinh/quyet-dinh/", chosen.exemplar_choose, name="choose"),
    path("dien-hinh/<str:ulid>/", chosen.exemplar_detail, name="exemplar"),
    path("dien-hinh/<str:ulid>/ghi/", chosen.exemplar_write, name="exemplar_write"),
]

register(NavItem("exemplars:models", _("Mô hình"), "diagram-3", order=40))
register(NavItem("exemplars:exemplars", _("Điển hình"), "trophy", order=45))
