"""The list of units and a unit's page: who sees what, as of which day, with which counts."""

from datetime import date

import pytest
from django.urls import reverse

from tests.factories.ground import REFORM, account, version
from tests.factories.reports import decision
from tests.factories.units import lineage
from units.models import UnitGroup

pytestmark = pytest.mark.django_db
LIST = "/don-vi/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ground():
    """Until 30/6/2025 two communes in one district, and the same names in another province; since then a ward."""
    a, b = (
        version("province", name=name, code=code, until=REFORM)
        for name, code in (("Tỉnh Hậu Giang", "93"), ("Tỉnh Sóc Trăng", "94"))
    )
    da, db = (
        version("district", a, name="Huyện Vị Thủy", until=REFORM),
        version("district", b, name="Huyện Kế Sách", until=REFORM),
    )
    found = {"a": a, "b": b, "da": da, "db": db}
    found["commune"] = version("commune", da, name="Xã Vị Đông", code="31450", until=REFORM)
    found["next"] = version("commune", da, name="Xã Vị Dương", code="31453", until=REFORM)
    found["far"] = version("commune", db, name="Xã Vị Đông", code="31600", until=REFORM)
    found["school"] = version("school", found["commune"], name="Trường THPT Đường Sáng", subkind="Trung học phổ thông")
    found["office"] = version("agency", found["next"], name="Cơ quan Dương Xá", level="commune")
    found["leak"] = version("school", found["far"], name="Trường THPT Đường Sáng", subkind="Trường ở tỉnh khác")
    found["now"] = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    found["ward"] = version(
        "commune", found["now"], name="Phường Vị Đông", code="31450", since=REFORM, level="province"
    )
    lineage(a, found["now"])
    lineage(b, found["now"])
    lineage(found["commune"], found["ward"], decision="Nghị quyết 1668/NQ-UBTVQH15")
    return found


def names(response):
    return sorted(v.name for v in response.context["page"].rows)


def tally(response):
    return {code: count for code, _label, count in response.context["kinds"]}


def get(client, user, url=LIST, **headers):
    client.force_login(user)
    return client.get(url, headers=headers)


@pytest.mark.parametrize(
    ("role", "at", "seen", "counts"),
    [
        ("staff", "a", 6, {"province": 1, "district": 1, "commune": 2, "agency": 1, "school": 1}),
        ("auditor", "a", 6, {"province": 1, "district": 1, "commune": 2, "agency": 1, "school": 1}),
        ("leader", "commune", 2, {"commune": 1, "school": 1}),
        ("commune_officer", "next", 2, {"commune": 1, "agency": 1}),
        ("unit_rep", "school", 1, {"school": 1}),
        ("staff", "now", 10, {"province": 2, "district": 2, "commune": 3, "agency": 1, "school": 2}),
    ],
)
def test_list_and_counts_hold_what_lies_on_the_ground_and_nothing_else(client, ground, role, at, seen, counts):
    response = get(client, account(role, ground[at]), f"{LIST}?on=2023-12-31")

    assert response.context["page"].total == len(response.context["page"].rows) == seen
    assert tally(response) == counts
    assert ("Trường ở tỉnh khác" in response.content.decode()) == (at == "now")


def test_a_group_and_a_managing_body_see_their_units(client, ground):
    body = version("agency", ground["far"], name="Sở minh họa")
    version("school", ground["commune"], name="Trường của Sở", managing_body=body.unit)
    group = UnitGroup.objects.create(
        province=ground["a"].unit, kind="cluster", name="Cụm 1", valid=(date(2020, 1, 1), None)
    )
    group.members.create(unit=ground["office"].unit, valid=(date(2020, 1, 1), None))
    member = account()
    member.assignments.create(role="area_officer", group=group, valid=(date(2020, 1, 1), None))

    assert names(get(client, account("managing_body", body), f"{LIST}?on=2023-12-31")) == [
        "Sở minh họa",
        "Trường của Sở",
    ]
    assert names(get(client, member, f"{LIST}?on=2023-12-31")) == ["Cơ quan Dương Xá"]


def test_somebody_without_assignment_sees_an_empty_list_that_says_what_to_do(client, ground):
    response = get(client, account())

    assert response.context["page"].total == 0
    assert "Chưa có đơn vị nào trong phạm vi của bạn" in response.content.decode()


def test_nobody_sees_anything_before_signing_in(client, ground):
    for url in (LIST, f"{LIST}{ground['school'].unit.ulid}/"):
        assert client.get(url).url == f"{reverse('account_login')}?next={url}"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=duong", ["Cơ quan Dương Xá", "Trường THPT Đường Sáng", "Xã Vị Dương"]),
        ("q=đường", ["Trường THPT Đường Sáng"]),
        ("q=trung học phổ thông", ["Trường THPT Đường Sáng"]),
        ("q=3145", ["Xã Vị Dương", "Xã Vị Đông"]),
        ("kind=school", ["Trường THPT Đường Sáng"]),
        ("kind=commune&q=duong", ["Xã Vị Dương"]),
        ("level=commune", ["Cơ quan Dương Xá"]),
        ("subkind=Trung học phổ thông", ["Trường THPT Đường Sáng"]),
        ("place={next}", ["Cơ quan Dương Xá", "Xã Vị Dương"]),
        ("place={far}", []),
    ],
)
def test_filters_find(client, ground, query, found):
    query = query.format(next=ground["next"].unit.ulid, far=ground["far"].unit.ulid)

    response = get(client, account("staff", ground["a"]), f"{LIST}?on=31/12/2023&{query}")

    assert names(response) == found
    assert response.context["page"].total == len(found)


def test_counts_by_kind_follow_the_other_filters_but_not_the_kind_itself(client, ground):
    response = get(client, account("staff", ground["a"]), f"{LIST}?on=2023-12-31&q=duong&kind=school")

    assert tally(response) == {"commune": 1, "agency": 1, "school": 1}
    assert (response.context["all"], response.context["page"].total) == (3, 1)


def test_names_stand_in_vietnamese_order(client, ground):
    response = get(client, account("staff", ground["a"]), f"{LIST}?on=2023-12-31&kind=commune")

    assert [v.name for v in response.context["page"].rows] == ["Xã Vị Dương", "Xã Vị Đông"]


def test_a_territory_that_ended_is_shown_on_its_last_day_and_says_so(client, ground):
    response = get(client, account("staff", ground["a"]))

    assert response.context["day"].on == date(2025, 6, 30)
    assert "Tỉnh Hậu Giang có đến hết ngày 30/06/2025" in response.content.decode()
    assert response.context["page"].total == 6


def test_a_territory_of_today_is_shown_today_and_as_of_any_other_day(client, ground):
    user = account("staff", ground["now"])

    assert names(get(client, user)) == ["Phường Vị Đông", "Thành phố Cần Thơ"]
    assert "Xã Vị Dương" in names(get(client, user, f"{LIST}?on=30/06/2025"))


@pytest.mark.parametrize("query", ["on=31/02/2024", "on=2024", "kind=khong-co", "level=x", "q=%00"])
def test_what_cannot_be_read_is_said_and_nothing_is_shown_instead(client, ground, query):
    response = get(client, account("staff", ground["a"]), f"{LIST}?{query}")

    assert response.status_code == 422
    assert response.context["page"] is None
    assert "Xã Vị Đông</a>" not in response.content.decode()


def test_htmx_gets_the_list_alone(client, ground):
    response = get(client, account("staff", ground["a"]), f"{LIST}?q=vi", **HTMX)

    assert response.content.decode().strip().startswith('<div id="list">')
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize("more", [0, 30])
def test_the_list_costs_the_same_few_queries_however_many_units(client, ground, more, django_assert_max_num_queries):
    for _ in range(more):
        version("residential_area", ground["commune"])
    client.force_login(account("staff", ground["a"]))
    client.get(LIST)

    with django_assert_max_num_queries(12):
        assert client.get(LIST).context["page"].total == 6 + more


@pytest.mark.parametrize(
    ("role", "at", "on", "status"),
    [
        ("staff", "a", "", 200),
        ("staff", "now", "", 200),
        ("auditor", "commune", "?on=2023-12-31", 200),
        ("unit_rep", "school", "", 200),
        ("staff", "b", "", 404),
        ("commune_officer", "next", "", 404),
        ("commune_officer", "far", "?on=2023-12-31", 404),
    ],
)
def test_a_units_page_opens_on_the_ground_alone(client, ground, role, at, on, status):
    response = get(client, account(role, ground[at]), f"{LIST}{ground['school'].unit.ulid}/{on}")

    assert response.status_code == status


@pytest.mark.parametrize("ulid", ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "khong-co"])
def test_a_unit_that_does_not_exist_is_not_found(client, ground, ulid):
    assert get(client, account("staff", ground["a"]), f"{LIST}{ulid}/").status_code == 404


def test_the_page_shows_names_places_and_lineage(client, ground):
    page = get(client, account("staff", ground["now"]), f"{LIST}{ground['ward'].unit.ulid}/").content.decode()
    past = get(client, account("staff", ground["a"]), f"{LIST}{ground['commune'].unit.ulid}/").content.decode()

    assert "Xã Vị Đông</a>" in page and "Nghị quyết 1668/NQ-UBTVQH15" in page
    assert "Phường Vị Đông" in past
    assert f"{ground['ward'].unit.ulid}" not in past, (
        "the successor stands on somebody else's ground: named, not linked"
    )
    assert "Đơn vị có đến hết ngày 30/06/2025" in past


def test_a_unit_that_moved_shows_each_reader_the_results_of_its_own_years(client, ground):
    """The school stood in province A in 2022, in province B in 2023."""
    from movement.classification.models import PublishedResult
    from tests.factories.reports import opened, results

    school = version("school", ground["commune"], name="Trường chuyển đi", until=date(2023, 7, 1))
    version("school", ground["far"], name="Trường chuyển đến", since=date(2023, 7, 1), unit=school.unit)
    for province, year, cls in ((ground["a"], 2022, "kha"), (ground["b"], 2023, "yeu")):
        campaign = opened(province, year, kinds=["school"])
        results(campaign, province, {school: cls})
        a = campaign.assessments.get(unit=school.unit)
        PublishedResult.objects.create(
            assessment=a, decision=decision(province, year), campaign=campaign, unit=school.unit, year=year,
            scheme_code="HD-1", purpose="classification", class_code=cls, points=a.points, payload={}, digest="",
        )  # fmt: skip
    url = f"{LIST}{school.unit.ulid}/"

    def years(at, on):
        (panel,) = [
            p
            for p in get(client, account("staff", ground[at]), f"{url}?on={on}").context["panels"]
            if "results" in p["template"]
        ]
        return [(row["year"], row["class"]) for row in panel["rows"]]

    assert years("a", "2022-12-31") == [(2022, "kha")]
    assert years("b", "2023-12-31") == [(2023, "yeu")]
    assert years("now", "2023-12-31") == [(2023, "yeu"), (2022, "kha")]


def test_a_units_page_costs_few_queries(client, ground, django_assert_max_num_queries):
    url = f"{LIST}{ground['ward'].unit.ulid}/"
    client.force_login(account("staff", ground["now"]))
    client.get(url)

    with django_assert_max_num_queries(12):
        client.get(url)
