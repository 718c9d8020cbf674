"""The register of commendations as then and under today's communes: equal totals, without what one may not read."""

import pytest

from tests.factories.awards import award
from tests.factories.ground import account
from tests.factories.reform import cantho

pytestmark = pytest.mark.django_db
URL = "/khen-thuong/"
AT = (
    "Xã Vị Đông",
    "Cơ quan Xã Vị Đông",
    "Thị trấn Nàng Mau",
    "Cơ quan ghi trùng",
    "Cơ quan kết thúc",
    "Xã Lạc Loài",
    "Sở minh họa",
)


@pytest.fixture
def reform():
    ground, units = cantho()
    for name in AT:
        award(units[name], province="93")
    award(units["Cơ quan Xã Vị Đông"], recipient_kind="individual", province="93")
    award(units["Xã Kế Sách"], province="94")
    return ground, units


def context(client, user, query=""):
    client.force_login(user)
    response = client.get(URL + query)
    assert response.status_code == 200
    return response.context


def totals(found):
    return (
        found["page"].total,
        sum(line.collectives for line in found["totals"]),
        sum(line.individuals for line in found["totals"]),
    )


@pytest.mark.parametrize("role", ["staff", "leader", "auditor", "admin", "area_officer"])
def test_totals_are_those_of_then_and_over_today_s_places_add_up_to_them(client, reform, role):
    ground, _units = reform
    user = account(role, ground.new)

    then, now = (context(client, user, query) for query in ("", "?tree=now"))

    assert totals(then) == totals(now) == (8, 8, 1)
    places = [value for value, _name in now["form"].fields["place"].widget.choices if value]
    each = [totals(context(client, user, f"?tree=now&place={place}")) for place in places]
    assert [sum(one[at] for one in each) for at in range(3)] == [8, 8, 1]


def test_under_a_place_of_today_stand_those_that_came_into_it(client, reform):
    ground, _units = reform
    user = account("staff", ground.new)

    found = context(client, user, f"?tree=now&place={ground.now['Xã Vị Thủy'].unit.ulid}")

    assert {row.unit_name for row in found["page"].rows} == {"Xã Vị Đông", "Cơ quan Xã Vị Đông", "Cơ quan kết thúc"}
    assert {row.place_now for row in found["page"].rows} == {"Xã Vị Thủy"}
    twin = context(client, user, f"?tree=now&place={ground.now['Xã Vị Thanh 1'].unit.ulid}")
    assert {row.unit_name: row.place_sure for row in twin["page"].rows} == {
        "Thị trấn Nàng Mau": False, "Cơ quan ghi trùng": True}  # fmt: skip


@pytest.mark.parametrize("query", ["?tree=now", "?tree=now&place=none", "?tree=now&place={vi_thuy}"])
@pytest.mark.parametrize("role", ["commune_officer", "commune_lead", "leader"])
def test_another_commune_s_are_neither_listed_nor_counted(client, reform, role, query):
    ground, _units = reform
    query = query.format(vi_thuy=ground.now["Xã Vị Thủy"].unit.ulid)

    found = context(client, account(role, ground.now["Phường Cái Khế"]), query)

    assert totals(found) == (0, 0, 0)


def test_the_choice_is_offered_where_the_tree_has_changed_since_the_first_entry(client, reform):
    ground, _units = reform

    assert context(client, account("staff", ground.new))["tree"].shown
    nothing = context(client, account("staff", ground.now["Phường Cái Khế"]), "?tree=now")["tree"]
    assert (nothing.shown, nothing.now) == (False, False)


@pytest.mark.parametrize("path", ["", "ca-nhan/"])
def test_as_now_costs_few_queries(client, reform, path, django_assert_max_num_queries):
    ground, _units = reform
    client.force_login(account("staff", ground.new))
    client.get(f"{URL}{path}?tree=now")

    with django_assert_max_num_queries(14):
        client.get(f"{URL}{path}?tree=now")
