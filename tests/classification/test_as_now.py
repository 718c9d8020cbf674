"""Results of a year as then and under today's communes: the same sums, nobody sees more, each year's own names."""

import pytest
from django.utils import timezone

from movement.classification.models import Assessment, Campaign
from tests.factories.ground import account, version
from tests.factories.reform import cantho, year_of
from units.models import UnitVersion

pytestmark = pytest.mark.django_db
YEAR = "/ket-qua/2023/"
ROLES = ("staff", "leader", "auditor", "admin")


@pytest.fixture
def reform():
    ground, units = cantho()
    ground.campaigns = {code: year_of(ground, code) for code in ("92", "93", "94")}
    return ground, units


def get(client, user, url, **headers):
    client.force_login(user)
    return client.get(url, headers=headers)


def seen(client, user, campaign, query=""):
    response = get(client, user, f"{YEAR}?campaign={campaign.ulid}{query}")
    assert response.status_code == 200
    return response.context


def classes(context):
    return {code: count for code, _word, count in context["classes"] if count}


@pytest.mark.parametrize("role", ROLES)
def test_today_s_province_sees_each_old_province_s_year_with_equal_sums_then_and_now(client, reform, role):
    ground, _units = reform
    user = account(role, ground.new)
    for campaign in ground.campaigns.values():
        then, now = (seen(client, user, campaign, query) for query in ("", "&tree=now"))

        assert then["page"].total == now["page"].total == campaign.assessments.count()
        assert classes(then) == classes(now)
        places = [value for value, _name in now["filter"].form.fields["place"].widget.choices if value]
        of_each = [seen(client, user, campaign, f"&tree=now&place={place}") for place in places]
        assert sum(context["page"].total for context in of_each) == campaign.assessments.count()
        for code in classes(then):
            assert sum(classes(context).get(code, 0) for context in of_each) == classes(then)[code]


def test_under_today_s_commune_stand_all_that_came_into_it_each_under_its_own_name(client, reform):
    ground, _units = reform
    ward = ground.now["Xã Vị Thủy"].unit.ulid

    context = seen(client, account("staff", ground.new), ground.campaigns["93"], f"&tree=now&place={ward}")

    assert {row.unit_name for row in context["page"].rows} == {
        "Xã Vị Đông", "Ấp 1 Xã Vị Đông", "Cơ quan Xã Vị Đông", "Cơ quan kết thúc"}  # fmt: skip
    assert {row.place_now for row in context["page"].rows} == {"Xã Vị Thủy"}


def test_what_could_not_be_split_is_marked_and_listed_and_what_has_no_place_is_found(client, reform):
    ground, _units = reform
    user = account("staff", ground.new)

    context = seen(client, user, ground.campaigns["93"], "&tree=now")

    assert context["regrouped"].unsure == [("Thị trấn Nàng Mau", "Xã Vị Thanh 1", 3)]
    assert {row.unit_name for row in context["page"].rows if not row.place_sure} == {
        "Thị trấn Nàng Mau", "Ấp 1 Thị trấn Nàng Mau", "Cơ quan Thị trấn Nàng Mau"}  # fmt: skip
    lost = seen(client, user, ground.campaigns["93"], "&tree=now&place=none")["page"].rows
    assert {"Xã Lạc Loài", "Ấp 1 Xã Lạc Loài", "Cơ quan Xã Lạc Loài"} < {row.unit_name for row in lost}
    page = get(client, user, f"{YEAR}?campaign={ground.campaigns['93'].ulid}&tree=now").content.decode()
    assert "3 dòng không tách được theo địa bàn" in page
    assert "chưa tách được" in page


@pytest.mark.parametrize("tree", ["", "&tree=now"])
@pytest.mark.parametrize(("role", "place"), [("commune_officer", "Xã Vị Thủy"), ("commune_lead", "Xã Vị Thanh 1")])
def test_a_commune_sees_its_predecessors_units_and_nothing_else_in_either_tree(client, reform, role, place, tree):
    ground, _units = reform
    old = {"Xã Vị Thủy": "Xã Vị Đông", "Xã Vị Thanh 1": "Thị trấn Nàng Mau"}[place]

    context = seen(client, account(role, ground.now[place]), ground.campaigns["93"], tree)

    mine = Assessment.objects.filter(path__startswith=ground.then[old].path)
    assert context["page"].total == mine.count() == sum(classes(context).values())
    assert {row.unit_id for row in context["page"].rows} == set(mine.values_list("unit_id", flat=True))
    if tree:
        choices = {name for value, name in context["filter"].form.fields["place"].widget.choices if value}
        # the folded office lies in the other commune now; its result is still this one's predecessor's
        assert choices == ({"Xã Vị Thủy", "Xã Vị Thanh 1"} if place == "Xã Vị Thủy" else {"Xã Vị Thanh 1"})
        assert context["regrouped"].nowhere == 0


def test_somebody_else_s_province_and_commune_find_nothing(client, reform):
    ground, _units = reform
    foreign = ground.campaigns["94"]

    user = account("staff", ground.old["93"])

    assert get(client, user, f"{YEAR}?campaign={foreign.ulid}&tree=now").status_code == 404
    other = ground.now["Phường Cái Khế"].unit.ulid
    assert seen(client, user, ground.campaigns["93"], f"&tree=now&place={other}")["page"].total == 0


def test_where_the_tree_is_still_the_same_there_is_nothing_to_choose(client, reform):
    ground, _units = reform
    campaign = year_of(type(ground)(old={"92": ground.new}), "92", 2025)

    context = get(client, account("staff", ground.new), f"/ket-qua/2025/?campaign={campaign.ulid}&tree=now").context

    assert (context["tree"].shown, context["tree"].now, context["regrouped"]) == (False, False, None)


def test_the_choice_stays_in_the_address_while_one_filters(client, reform):
    ground, _units = reform
    url = f"{YEAR}?campaign={ground.campaigns['93'].ulid}&tree=now"

    page = get(client, account("staff", ground.new), url).content.decode()

    assert 'name="tree" value="now"' in page
    assert "Địa bàn nay" in page
    assert "Như khi đó (31/12/2023)" in page


@pytest.mark.parametrize("extra", (0, 40))
def test_as_now_costs_the_same_few_queries_however_many_units(client, extra, django_assert_max_num_queries):
    ground, _units = cantho()
    for number in range(extra):
        version("agency", ground.then["Thị trấn Nàng Mau"], name=f"Cơ quan {number}")
    campaign = year_of(ground, "93")
    client.force_login(account("staff", ground.new))
    url = f"{YEAR}?campaign={campaign.ulid}&tree=now"
    client.get(url)  # the session's and the version's first reading

    with django_assert_max_num_queries(12):
        client.get(url)
    with django_assert_max_num_queries(12):
        client.get(url, headers={"HX-Request": "true"})


# --- the board -------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["staff", "leader"])
def test_the_board_counts_the_same_under_today_s_communes(client, reform, role):
    ground, _units = reform
    Campaign.objects.exclude(pk=ground.campaigns["93"].pk).update(closed_at=timezone.now())
    user = account(role, ground.new)

    then, now = ({row.name: row.total for row in get(client, user, f"/cham-diem/tien-do/{tree}").context["rows"]}
                 for tree in ("", "?tree=now"))  # fmt: skip

    assert sum(then.values()) == sum(now.values()) == ground.campaigns["93"].assessments.count()
    assert now["Xã Vị Thủy"] == 4
    assert now["Xã Vị Thanh 1"] == 4
    assert now["Đơn vị ngoài cấp xã"] == 1
    assert now["Chưa xếp được vào địa bàn nay"] == then["Xã Lạc Loài"] + 3  # and the districts
    assert "Thị trấn Nàng Mau" in then and "Thị trấn Nàng Mau" not in now


def test_a_commune_s_board_holds_its_own_in_either_tree(client, reform):
    ground, _units = reform
    user = account("commune_lead", ground.now["Xã Vị Thủy"])
    for tree in ("", "?tree=now"):
        rows = get(client, user, f"/cham-diem/tien-do/{tree}").context["rows"]
        assert sum(row.total for row in rows) == 5


# --- a commune over the years -----------------------------------------------------------------------
def place_page(client, user, commune, query=""):
    return get(client, user, f"/ket-qua/dia-ban/{commune.unit.ulid}/{query}")


@pytest.mark.parametrize("role", ["staff", "commune_officer"])
def test_a_ward_of_today_shows_its_past_under_its_predecessors_names_or_its_own(client, reform, role):
    ground, _units = reform
    ward = ground.now["Xã Vị Thanh 1"]
    user = account(role, ground.new if role == "staff" else ward)

    then, now = (place_page(client, user, ward, query).context["lines"] for query in ("", "?tree=now"))

    assert [(line.campaign.year, line.name, line.total) for line in then] == [(2023, "Thị trấn Nàng Mau", 3)]
    # the folded office came with the one that it is, where the reader may read it
    came = 4 if role == "staff" else 3
    assert [(line.campaign.year, line.name, line.total) for line in now] == [(2023, "Xã Vị Thanh 1", came)]
    assert now[0].unsure == 3


def test_a_ward_s_page_counts_what_the_list_behind_it_shows(client, reform):
    ground, _units = reform
    user = account("staff", ground.new)
    for query in ("", "?tree=now"):
        for place in ground.now.values():
            for line in place_page(client, user, place, query).context["lines"]:
                behind = seen(client, user, line.campaign, f"&place={line.place}{query.replace('?', '&')}")
                assert behind["page"].total == line.total
                assert classes(behind) == {code: n for code, n in line.classes.items() if n}


@pytest.mark.parametrize(("role", "at", "status"), [("staff", "94", 404), ("commune_officer", "Xã Kế Sách", 404)])
def test_somebody_else_s_commune_has_no_such_page(client, reform, role, at, status):
    ground, _units = reform
    place = ground.old.get(at) or ground.now[at]

    assert place_page(client, account(role, place), ground.now["Xã Vị Thủy"]).status_code == status


def test_the_profile_of_a_ward_leads_to_its_years(client, reform):
    ground, _units = reform
    ward = ground.now["Xã Vị Thủy"]

    page = get(client, account("staff", ground.new), f"/don-vi/{ward.unit.ulid}/").content.decode()

    assert f"/ket-qua/dia-ban/{ward.unit.ulid}/" in page
    office = UnitVersion.objects.filter(kind="agency", valid__contains=ward.valid.lower).first()
    other = get(client, account("staff", ground.new), f"/don-vi/{office.unit.ulid}/").content.decode()
    assert "/ket-qua/dia-ban/" not in other
