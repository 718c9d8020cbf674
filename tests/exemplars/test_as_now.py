"""Models, points and exemplars of another day under today's communes: the same numbers, nobody sees more."""

import pytest

from tests.factories.exemplars import point, practice_model
from tests.factories.ground import account
from tests.factories.reform import cantho, year_of
from tests.factories.reports import chosen

pytestmark = pytest.mark.django_db
DAY = "on=31/12/2023"
AT = (
    "Xã Vị Đông",
    "Ấp 1 Xã Vị Đông",
    "Thị trấn Nàng Mau",
    "Cơ quan ghi trùng",
    "Cơ quan kết thúc",
    "Xã Lạc Loài",
    "Sở minh họa",
)


@pytest.fixture
def reform():
    ground, units = cantho()
    for number, names in enumerate((AT[:4], AT[4:]), start=1):
        model = practice_model(ground.old["93"], name=f"Mô hình {number}")
        for name in names:
            point(model, units[name], teams=number, name=f"Điểm {name}")
    other = practice_model(ground.old["94"], name="Mô hình 3")
    point(other, units["Xã Kế Sách"])
    return ground, units


def context(client, user, url):
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200
    return response.context


def totals(found):
    one = found["totals"]
    return one.models, one.points, one.teams, one.members


@pytest.mark.parametrize("role", ["staff", "leader", "auditor"])
def test_models_points_and_teams_are_the_same_numbers_in_either_tree_and_over_its_places(client, reform, role):
    ground, _units = reform
    user = account(role, ground.new)

    then, now = (context(client, user, f"/mo-hinh/?{DAY}{tree}") for tree in ("", "&tree=now"))

    assert totals(then) == totals(now) == (3, 8, 4 + 6 + 1, 80)
    places = [value for value, _name in now["form"].fields["place"].widget.choices if value]
    each = [totals(context(client, user, f"/mo-hinh/?{DAY}&tree=now&place={place}")) for place in places]
    assert [sum(one[at] for one in each) for at in (1, 2, 3)] == list(totals(now)[1:])
    words = [str(name) for value, name in now["form"].fields["place"].widget.choices if value]
    assert words == ["Xã Kế Sách", "Xã Vị Thanh 1", "Xã Vị Thủy", "Ngoài cấp xã", "Chưa xếp được vào địa bàn nay"]


def test_under_a_place_of_today_only_its_points_count(client, reform):
    ground, _units = reform
    ward = ground.now["Xã Vị Thanh 1"].unit.ulid

    found = context(client, account("staff", ground.new), f"/mo-hinh/?{DAY}&tree=now&place={ward}")

    assert [(row.name, row.points) for row in found["page"].object_list] == [("Mô hình 1", 2)]
    elsewhere = context(
        client, account("staff", ground.new), f"/mo-hinh/?{DAY}&tree=now&place=01ARZ3NDEKTSV4RRFFQ69G5FAV"
    )
    assert totals(elsewhere)[1] == 0


def test_a_model_s_points_are_named_where_they_stand_today(client, reform):
    ground, _units = reform
    user = account("staff", ground.new)
    listed = context(client, user, f"/mo-hinh/?{DAY}&tree=now")["page"].object_list
    url = f"/mo-hinh/{next(row.ulid for row in listed if row.name == 'Mô hình 1')}/?{DAY}"

    then, now = (
        {p.name: p.place for p in context(client, user, url + tree)["page"].object_list} for tree in ("", "&tree=now")
    )

    assert then["Điểm Thị trấn Nàng Mau"].startswith("Thị trấn Nàng Mau, district")
    assert (now["Điểm Thị trấn Nàng Mau"], now["Điểm Xã Vị Đông"]) == ("Xã Vị Thanh 1", "Xã Vị Thủy")
    assert then.keys() == now.keys()


@pytest.mark.parametrize("tree", ["", "&tree=now"])
def test_a_commune_counts_its_own_points_in_either_tree(client, reform, tree):
    ground, _units = reform

    found = context(client, account("commune_officer", ground.now["Xã Vị Thủy"]), f"/mo-hinh/?{DAY}{tree}")

    assert totals(found)[1] == 4  # two of Vị Đông and its hamlet, and its two offices


def test_exemplars_stand_under_their_own_name_then_and_today_s_commune_now(client, reform):
    ground, units = reform
    campaign = year_of(ground, "93")
    chosen(campaign, ground.old["93"], [units[name] for name in ("Cơ quan Xã Vị Đông", "Cơ quan Thị trấn Nàng Mau")])
    user = account("staff", ground.new)

    then, now = (context(client, user, f"/dien-hinh/{tree}") for tree in ("", "?tree=now"))

    assert then["page"].paginator.count == now["page"].paginator.count == 2
    assert {row.unit_name: row.place_now for row in now["page"].object_list} == {
        "Cơ quan Xã Vị Đông": "Xã Vị Thủy", "Cơ quan Thị trấn Nàng Mau": "Xã Vị Thanh 1"}  # fmt: skip
    places = [value for value, _name in now["form"].fields["place"].widget.choices if value]
    each = [context(client, user, f"/dien-hinh/?tree=now&place={place}")["page"].paginator.count for place in places]
    assert each == [1, 1]
    assert (
        context(client, account("staff", ground.now["Xã Kế Sách"]), "/dien-hinh/?tree=now")["page"].paginator.count == 0
    )


@pytest.mark.parametrize("url", [f"/mo-hinh/?{DAY}&tree=now", "/dien-hinh/?tree=now"])
def test_as_now_costs_few_queries(client, reform, url, django_assert_max_num_queries):
    ground, units = reform
    chosen(year_of(ground, "93"), ground.old["93"], [units["Cơ quan Xã Vị Đông"]])
    client.force_login(account("staff", ground.new))
    client.get(url)

    with django_assert_max_num_queries(12):
        client.get(url)
