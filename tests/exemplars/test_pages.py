"""Pages of practice models: who sees and changes what, and that nothing typed is lost or written twice."""

import io
from datetime import date

import pytest
from django.urls import reverse

from movement.core.models import StoredFile
from movement.exemplars.enums import Life
from movement.exemplars.models import Point, PointSize, PracticeModel, Review
from tests.factories.exemplars import line, point, practice_model
from tests.factories.ground import account, legacy_ground, version
from tests.factories.units import csv_bytes

pytestmark = pytest.mark.django_db
DAY = "?on=31/12/2023"
ALL_ROLES = [
    "staff", "commune_officer", "commune_lead", "district_officer", "area_officer", "unit_rep", "managing_body",
    "leader", "council", "clerk", "auditor", "admin",
]  # fmt: skip
PLACE = {"commune_officer": 2, "commune_lead": 2, "district_officer": 1}


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def other(ground):
    """A commune next door with a point of its own, which must not leak."""
    commune = version("commune", ground[1], name="Xã Vị Đông")
    hidden = practice_model(ground[0], name="Mô hình nơi khác", field="Lĩnh vực nơi khác")
    point(hidden, commune, name="Điểm nơi khác", members=999)
    return commune, hidden


@pytest.fixture
def camera(ground, other):
    """A model with one point here and one next door."""
    model = practice_model(ground[0], code="MH-1", name="Camera an ninh minh họa", field="An ninh")
    point(model, ground[2], name="Điểm ở đây", code="P1", teams=2, members=20)
    point(model, other[0], name="Điểm bên cạnh", teams=1, members=7)
    return model


def enter(client, role, ground):
    user = account(role, ground[PLACE.get(role, 0)])
    client.force_login(user)
    return user


def get(client, page, /, *args, query=DAY):
    return client.get(reverse(f"exemplars:{page}", args=args) + query)


def post(client, page, /, *args, query=DAY, **data):
    return client.post(reverse(f"exemplars:{page}", args=args) + query, data)


def pages_of(model, row):
    return [
        ("model", (model.ulid,)), ("point", (model.ulid, row.ulid)), ("model_edit", (model.ulid,)),
        ("model_step", (model.ulid,)), ("model_review", (model.ulid,)), ("point_new", (model.ulid,)),
        ("point_edit", (model.ulid, row.ulid)), ("point_size", (model.ulid, row.ulid)),
        ("point_review", (model.ulid, row.ulid)),
    ]  # fmt: skip


# --- reading ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ALL_ROLES)
def test_the_list_and_its_totals_hold_what_lies_on_ones_ground(client, ground, camera, role):
    enter(client, role, ground)
    answer = get(client, "models")
    here = role in PLACE and PLACE[role] == 2
    names = {row.name: (row.points, row.members) for row in answer.context["page"].object_list}
    if here:
        assert names == {"Camera an ninh minh họa": (1, 20)}
        assert "nơi khác" not in answer.content.decode()
    else:
        assert names == {"Camera an ninh minh họa": (2, 27), "Mô hình nơi khác": (1, 999)}
    totals = answer.context["totals"]
    assert (totals.models, totals.points) == ((1, 1) if here else (2, 3))


@pytest.mark.parametrize("who", ["elsewhere", "nobody"])
def test_outside_the_ground_nothing_is_there(client, ground, camera, who):
    place = version("province", code="94")
    client.force_login(account("staff", place) if who == "elsewhere" else account())
    assert get(client, "models").context["page"].object_list == []
    row = camera.points.get(code="P1")
    assert {name: get(client, name, *args).status_code for name, args in pages_of(camera, row)} == {
        name: 404 for name, _ in pages_of(camera, row)
    }


def test_a_communes_officer_does_not_reach_the_point_next_door(client, ground, camera, other):
    enter(client, "commune_officer", ground)
    hidden = camera.points.get(name="Điểm bên cạnh")
    page = get(client, "model", camera.ulid)
    assert [row.name for row in page.context["page"].object_list] == ["Điểm ở đây"]
    assert page.context["counts"] == {"points": 1, "teams": 2, "members": 20}
    assert "Điểm bên cạnh" not in page.content.decode()
    for name in ("point", "point_edit", "point_size", "point_review"):
        assert get(client, name, camera.ulid, hidden.ulid).status_code == 404
    assert get(client, "model", other[1].ulid).status_code == 404


def test_a_review_of_a_point_next_door_does_not_show(client, ground, camera):
    hidden = camera.points.get(name="Điểm bên cạnh")
    Review.objects.create(model=camera, point=hidden, year=2023, rating="Yếu", note="nhận xét kín", by_name="x")
    Review.objects.create(model=camera, year=2023, rating="Tốt", by_name="x")
    enter(client, "commune_officer", ground)
    assert [r.rating for r in get(client, "model", camera.ulid).context["reviews"]] == ["Tốt"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("&q=camera", {"Camera an ninh minh họa"}),
        ("&q=an+ninh", {"Camera an ninh minh họa"}),
        ("&q=mh-1", {"Camera an ninh minh họa"}),
        ("&q=noi+khac", {"Mô hình nơi khác"}),
        ("&q=không+có", set()),
        ("&field=An+ninh", {"Camera an ninh minh họa"}),
        ("&state=weak", set()),
        ("&state=working", {"Camera an ninh minh họa", "Mô hình nơi khác"}),
    ],
)
def test_the_list_is_filtered_by_what_stands_in_the_address(client, ground, camera, query, found):
    enter(client, "staff", ground)
    answer = get(client, "models", query=DAY + query)
    assert {row.name for row in answer.context["page"].object_list} == found
    assert answer.context["totals"].models == len(found)


def test_a_place_narrows_models_and_figures(client, ground, camera, other):
    enter(client, "staff", ground)
    answer = get(client, "models", query=f"{DAY}&place={ground[2].unit.ulid}")
    assert [(row.name, row.points) for row in answer.context["page"].object_list] == [("Camera an ninh minh họa", 1)]
    nowhere = get(client, "models", query=f"{DAY}&place={version('province', code='94').unit.ulid}")
    assert nowhere.context["page"].object_list == []


def test_htmx_gets_the_list_that_the_page_includes(client, ground, camera):
    enter(client, "staff", ground)
    whole = get(client, "models").content.decode()
    piece = client.get(reverse("exemplars:models") + DAY, headers={"HX-Request": "true"}).content.decode()
    assert piece.strip().startswith('<div id="list">')
    assert piece.strip() in whole


def test_both_counts_stand_with_their_definition(client, ground, camera):
    enter(client, "staff", ground)
    for page in (get(client, "models"), get(client, "model", camera.ulid)):
        text = page.content.decode()
        assert "Tính theo tên: mô hình đang hoạt động và có ít nhất một điểm trong ngày." in text
        assert "Nơi áp dụng mô hình trong ngày, tính cả ngày bắt đầu và ngày cuối." in text


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("role", ["staff", "commune_officer"])
def test_pages_cost_at_most_twelve_queries(client, ground, camera, count, role, django_assert_max_num_queries):
    for _ in range(count):
        point(practice_model(ground[0]), ground[2])
        point(camera, ground[2])
    enter(client, role, ground)
    row = camera.points.get(code="P1")
    for name, args in [("models", ()), *pages_of(camera, row)]:
        with django_assert_max_num_queries(12) as captured:
            get(client, name, *args)
        assert len(captured) <= 12, name
    for query in (f"{DAY}&q=camera&field=An+ninh", f"{DAY}&place={ground[2].unit.ulid}", "?on=01/01/2026"):
        with django_assert_max_num_queries(12):
            get(client, "models", query=query)


# --- changing ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ALL_ROLES)
def test_who_may_open_which_form(client, ground, camera, role):
    enter(client, role, ground)
    row = camera.points.get(code="P1")
    seen = {name: get(client, name, *args).status_code for name, args in pages_of(camera, row)}
    models, points = role == "staff", role in {"staff", "district_officer", "commune_officer", "commune_lead"}
    assert seen == {
        "model": 200, "point": 200,
        **dict.fromkeys(("model_edit", "model_step", "model_review"), 200 if models else 403),
        **dict.fromkeys(("point_new", "point_edit", "point_size", "point_review"), 200 if points else 403),
    }  # fmt: skip
    assert [get(client, name).status_code for name in ("model_new", "import")] == [200 if models else 403] * 2


@pytest.mark.parametrize("role", [role for role in ALL_ROLES if role != "staff"])
def test_a_refused_post_changes_nothing(client, ground, camera, role):
    enter(client, role, ground)
    assert post(client, "model_edit", camera.ulid, once="a", code="X", name="Khác", field="x").status_code == 403
    assert (
        post(client, "model_step", camera.ulid, once="a", state="ended", since="01/01/2024", note="x").status_code
        == 403
    )
    camera.refresh_from_db()
    assert (camera.name, camera.states.count()) == ("Camera an ninh minh họa", 1)


NEW = {"once": "01H", "code": "MH-9", "name": "Cổng trường an toàn minh họa", "field": "Trường học", "decision": "05/QĐ",
       "state": "launched", "since": "01/09/2023", "note": ""}  # fmt: skip


def test_a_model_sent_twice_is_made_once(client, ground):
    enter(client, "staff", ground)
    answers = [post(client, "model_new", province=ground[0].unit.ulid, **NEW) for _ in range(2)]
    model = PracticeModel.objects.get()
    assert [answer.url for answer in answers] == [reverse("exemplars:model", args=[model.ulid]) + "?on=2023-12-31"] * 2
    assert [(s.state, s.valid.lower) for s in model.states.all()] == [(Life.LAUNCHED, date(2023, 9, 1))]


def test_what_is_refused_stands_beside_its_field_and_what_was_typed_stays(client, ground, camera):
    enter(client, "staff", ground)
    answer = post(client, "model_new", province=ground[0].unit.ulid, **{**NEW, "code": "MH-1"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"code": ["Mã mô hình này đã có trong tỉnh."]}
    assert 'value="Cổng trường an toàn minh họa"' in answer.content.decode()
    assert not PracticeModel.objects.filter(name__startswith="Cổng").exists()


def test_staff_of_one_province_cannot_write_into_another(client, ground):
    enter(client, "staff", ground)
    foreign = version("province", code="94")
    assert post(client, "model_new", province=foreign.unit.ulid, **NEW).status_code == 422
    assert PracticeModel.objects.count() == 0


def test_ending_a_model_takes_its_last_day_and_tells_how_many_points_ended(client, ground, camera):
    enter(client, "staff", ground)
    assert get(client, "model_step", camera.ulid).context["open_points"] == 2
    answer = post(
        client, "model_step", camera.ulid, once="a", state="ended", since="30/06/2023", note="Hồ sơ không đạt"
    )
    assert answer.status_code == 302
    assert camera.states.get(state="ended").valid.lower == date(2023, 7, 1)
    assert {p.valid.upper for p in camera.points.all()} == {date(2023, 7, 1)}
    assert get(client, "model_step", camera.ulid).status_code == 404  # an ended model does not come back


def new_point(place, **changes):
    return {
        "once": "01P", "code": "P9", "name": "Ấp 9", "unit": place.unit.ulid, "started_on": "01/02/2023",
        "ended_on": "", "teams": 1, "members": 12, **changes,
    }  # fmt: skip


def test_an_officer_sets_up_a_point_on_the_communes_own_ground(client, ground, camera, other):
    enter(client, "commune_officer", ground)
    for _ in range(2):
        assert post(client, "point_new", camera.ulid, **new_point(ground[2])).status_code == 302
    row = Point.objects.get(code="P9")
    assert (row.unit_id, row.valid.lower, row.sizes.get().members) == (ground[2].unit_id, date(2023, 2, 1), 12)
    refused = post(client, "point_new", camera.ulid, **new_point(other[0], once="01Q", code="P10"))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["unit"])
    assert not Point.objects.filter(code="P10").exists()


def test_a_point_of_a_model_that_has_ended_is_one_clear_sentence(client, ground, camera):
    enter(client, "staff", ground)
    post(client, "model_step", camera.ulid, once="a", state="ended", since="30/06/2023", note="x")
    answer = post(client, "point_new", camera.ulid, **new_point(ground[2]))
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "ended_on": ["Mô hình đã kết thúc; điểm phải kết thúc chậm nhất vào ngày cuối của mô hình."]
    }
    assert 'value="Ấp 9"' in answer.content.decode()
    assert not Point.objects.filter(code="P9").exists()


def test_numbers_change_from_a_day_on(client, ground, camera):
    enter(client, "commune_lead", ground)
    row = camera.points.get(code="P1")
    post(client, "point_size", camera.ulid, row.ulid, once="a", teams=3, members=31, since="01/07/2023")
    assert [(s.valid.lower, s.teams, s.members) for s in PointSize.objects.filter(point=row).order_by("valid")] == [
        (date(2021, 1, 1), 2, 20), (date(2023, 7, 1), 3, 31),
    ]  # fmt: skip
    page = get(client, "point", camera.ulid, row.ulid)
    assert [(s.members, last) for s, last in page.context["sizes"]] == [(31, None), (20, date(2023, 6, 30))]


def test_a_point_is_corrected_without_moving(client, ground, camera):
    enter(client, "commune_officer", ground)
    row = camera.points.get(code="P1")
    sent = {
        "once": "a",
        "code": "P1",
        "name": "Tên mới",
        "unit": ground[2].unit.ulid,
        "started_on": "01/01/2021",
        "ended_on": "30/06/2024",
    }
    assert post(client, "point_edit", camera.ulid, row.ulid, **sent).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.unit_id, row.valid.upper) == ("Tên mới", ground[2].unit_id, date(2024, 7, 1))


def test_places_are_found_by_name_on_ones_ground_alone(client, ground, camera, other):
    enter(client, "commune_officer", ground)
    found = get(client, "unit_choices", query=f"{DAY}&place_q=nang+mau")
    assert [row.name for row in found.context["choices"]] == ["Thị trấn Nàng Mau"]
    assert get(client, "unit_choices", query=f"{DAY}&place_q=vi+dong").context["choices"] == []
    kept = get(client, "unit_choices", query=f"{DAY}&place_q=khong+co&unit={ground[2].unit.ulid}")
    assert [row.name for row in kept.context["choices"]] == ["Thị trấn Nàng Mau"]


def test_reviews_are_written_for_models_and_points(client, ground, camera):
    enter(client, "staff", ground)
    row = camera.points.get(code="P1")
    post(client, "model_review", camera.ulid, once="a", year=2023, rating="Tốt", note="")
    post(client, "point_review", camera.ulid, row.ulid, once="b", year=2023, rating="Yếu", note="ít sinh hoạt")
    wrong = post(client, "model_review", camera.ulid, once="c", year=2022, rating="Khá lắm", note="")
    assert wrong.status_code == 422
    assert set(Review.objects.values_list("point", "rating")) == {(None, "Tốt"), (row.pk, "Yếu")}


# --- import ------------------------------------------------------------------------------------------------
def upload(client, data, name="mo-hinh.csv", **more):
    file = io.BytesIO(data)
    file.name = name
    return post(client, "import", file=file, declared="on", **more)


@pytest.fixture
def rows(ground, other):
    return [line(unit_code=ground[2].code), line(unit_code=other[0].code, point_code="MH-1.2")]


def test_a_list_is_looked_at_first_and_written_once(client, ground, rows):
    enter(client, "staff", ground)
    seen = upload(client, csv_bytes(*rows))
    assert (seen.status_code, seen.context["counts"]["points"]["created"]) == (200, 2)
    assert not PracticeModel.objects.filter(code="MH-1").exists()
    kept = seen.context["kept"].ulid
    for _ in range(2):
        assert post(client, "import", write="1", kept=kept, as_of="").status_code == 302
    assert PracticeModel.objects.get(code="MH-1").points.count() == 2


def test_every_wrong_line_is_listed_and_nothing_written(client, ground, rows):
    enter(client, "staff", ground)
    answer = upload(client, csv_bytes(*rows, line(unit_code="99999", point_code="x", teams="-1")))
    assert answer.status_code == 422
    assert [(p.line, p.column) for p in answer.context["problems"]] == [(4, "unit_code"), (4, "teams")]
    assert not PracticeModel.objects.filter(code="MH-1").exists()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("[MẬT] mo-hinh.csv", b"x", "secrecy_mark"),
        ("mo-hinh.csv", "MẬT\nmodel_code\n".encode(), "secrecy_mark"),
        ("mo-hinh.csv", b"model_code\n079123456789\n", "twelve_digits"),
        ("mo-hinh.exe", b"MZ", "file_kind"),
        ("mo-hinh.csv", b"\xff\x00", "encoding"),
        ("../../x.csv", b"a,b\n1,2\n", "missing_column"),
    ],
)
def test_a_file_that_may_not_come_in_is_one_sentence(client, ground, name, data, code):
    enter(client, "staff", ground)
    answer = upload(client, data, name=name)
    assert answer.status_code == 422
    assert code in {p.code for p in answer.context["problems"]}
    assert PracticeModel.objects.count() == 0
    if code in ("secrecy_mark", "twelve_digits", "file_kind"):
        assert StoredFile.objects.count() == 0


def test_without_the_declaration_no_file_is_taken(client, ground, rows):
    enter(client, "staff", ground)
    file = io.BytesIO(csv_bytes(*rows))
    file.name = "mo-hinh.csv"
    assert post(client, "import", file=file).status_code == 422
    assert StoredFile.objects.count() == 0


def test_a_place_of_another_province_is_refused_by_line(client, ground, rows):
    foreign = version("commune", version("province", code="94"), code="XA-94")
    enter(client, "staff", ground)
    answer = upload(client, csv_bytes(*rows, line(unit_code=foreign.code, point_code="x")))
    assert [(p.line, p.code) for p in answer.context["problems"]] == [(4, "not_allowed")]


def test_only_who_sent_a_file_lets_it_be_written(client, ground, rows):
    enter(client, "staff", ground)
    kept = upload(client, csv_bytes(*rows)).context["kept"].ulid
    enter(client, "staff", ground)
    assert post(client, "import", write="1", kept=kept, as_of="").status_code == 404
    assert not PracticeModel.objects.filter(code="MH-1").exists()
