"""The register of another day as then and under today's communes: the same units, each once."""

import pytest

from tests.factories.ground import account
from tests.factories.reform import cantho

pytestmark = pytest.mark.django_db
LIST = "/don-vi/?on=31/12/2023"


@pytest.fixture
def ground():
    return cantho()[0]


def context(client, user, query=""):
    client.force_login(user)
    response = client.get(LIST + query)
    assert response.status_code == 200
    return response.context


def counts(found):
    return {kind: n for kind, _word, n in found["kinds"] if n}


@pytest.mark.parametrize("role", ["staff", "leader", "auditor", "admin"])
def test_the_list_holds_the_same_units_and_its_places_add_up(client, ground, role):
    user = account(role, ground.new)

    then, now = context(client, user), context(client, user, "&tree=now")

    assert counts(then) == counts(now)
    assert {v.pk for v in then["page"].rows} == {v.pk for v in now["page"].rows}
    places = [value for value, _name in now["filter"].form.fields["place"].widget.choices if value]
    each = [context(client, user, f"&tree=now&place={place}") for place in places]
    assert sum(found["page"].total for found in each) == now["page"].total
    for kind, count in counts(now).items():
        assert sum(counts(found).get(kind, 0) for found in each) == count


def test_each_row_says_where_it_lies_today_and_whether_that_is_sure(client, ground):
    found = context(client, account("staff", ground.new), "&tree=now&kind=agency")

    assert {v.name: (v.place, v.place_sure) for v in found["page"].rows if "Vị Đông" in v.name or "Nàng Mau" in v.name} == {
        "Cơ quan Xã Vị Đông": ("Xã Vị Thủy", True), "Cơ quan Thị trấn Nàng Mau": ("Xã Vị Thanh 1", False)}  # fmt: skip
    assert found["regrouped"].unsure == [("Thị trấn Nàng Mau", "Xã Vị Thanh 1", 3)]


@pytest.mark.parametrize("tree", ["", "&tree=now"])
@pytest.mark.parametrize("role", ["commune_officer", "commune_lead"])
def test_a_commune_sees_its_predecessors_alone_in_either_tree(client, ground, role, tree):
    found = context(client, account(role, ground.now["Xã Vị Thủy"]), tree)

    paths = {v.path.startswith(ground.then["Xã Vị Đông"].path) for v in found["page"].rows}
    assert (paths, found["page"].total) == ({True}, 5)


def test_on_a_day_of_today_s_tree_there_is_nothing_to_choose(client, ground):
    client.force_login(account("staff", ground.new))

    found = client.get("/don-vi/?tree=now").context

    assert (found["tree"].shown, found["regrouped"]) == (False, None)


def test_as_now_costs_few_queries(client, ground, django_assert_max_num_queries):
    client.force_login(account("staff", ground.new))
    client.get(f"{LIST}&tree=now")

    with django_assert_max_num_queries(12):
        client.get(f"{LIST}&tree=now")


@pytest.mark.parametrize("query", ["", "&kind=agency", "&q=vi"])
def test_the_tree_stands_under_today_s_communes_and_adds_up_to_the_list(
    client, ground, query, django_assert_max_num_queries
):
    user = account("staff", ground.new)
    listed = context(client, user, f"&tree=now{query}")

    with django_assert_max_num_queries(12):
        page = client.get(f"/don-vi/cay/?on=31/12/2023&tree=now{query}")

    lines = page.context["lines"]
    assert counts(page.context) == counts(listed)
    assert sum(n for line in lines for _word, n, _url in line["counts"]) == listed["page"].total
    for line in lines:
        assert client.get(line["detail_url"]).context["page"].total == sum(n for _word, n, _url in line["counts"])
    assert "Xã Vị Thủy" in [line["version"].name for line in lines]
    assert "Theo địa bàn nay" in page.content.decode()
