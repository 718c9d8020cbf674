"""The tree over the same units as the list: what stands where, with which counts, for whom."""

import re
from datetime import date

import pytest

from tests.factories.ground import REFORM, account, version
from units.models import UnitGroup

pytestmark = pytest.mark.django_db
TREE = "/don-vi/cay/"


def get(client, user, url=TREE, **headers):
    client.force_login(user)
    return client.get(url, headers=headers)


def shape(lines):
    """``[(name, {kind's word: n}), …]`` of a level."""
    return [(line["version"].name, {str(word): n for word, n, _url in line["counts"]}) for line in lines]


def groups(rows):
    return [(str(row["label"]), row["total"]) for row in rows]


def test_a_single_root_stands_open_with_its_places_and_counts(client, city):
    response = get(client, account("staff", city.province))

    (root,) = response.context["lines"]
    assert shape([root]) == [
        ("Thành phố Cần Thơ", {"Xã, phường": 2, "Khu dân cư": 2, "Cơ quan": 1, "Cơ sở giáo dục": 1})
    ]
    assert shape(root["lines"]) == [
        ("Phường Ngã Bảy", {}),
        ("Xã Vị Thủy", {"Khu dân cư": 2, "Cơ quan": 1, "Cơ sở giáo dục": 1}),
    ]
    assert "Tỉnh Khác" not in response.content.decode()


def test_a_commune_opens_to_its_units_by_kind_and_a_kind_to_its_units(client, city):
    user = account("staff", city.province)

    commune = get(client, user, f"{TREE}{city.commune.unit.ulid}/")
    kind = get(client, user, f"{TREE}{city.commune.unit.ulid}/?nhom=residential_area")

    assert groups(commune.context["groups"]) == [("Khu dân cư", 2), ("Cơ quan", 1), ("Cơ sở giáo dục", 1)]
    assert [v.name for v in kind.context["units"]] == ["Ấp 1", "Ấp 2"]


def test_districts_stand_between_on_a_day_that_had_them(client, both):
    user = account("staff", both.new_province)

    response = get(client, user, f"{TREE}?on=2023-12-31")

    (root,) = response.context["lines"]
    assert shape([root, *root["lines"]]) == [
        ("Tỉnh Hậu Giang", {"Huyện": 1, "Xã, phường": 2}),
        ("Huyện Vị Thủy", {"Xã, phường": 2}),
    ]


@pytest.mark.parametrize(
    ("query", "places", "root"),
    [
        ("q=duong", ["Xã Vị Thủy"], {"Cơ quan": 1, "Cơ sở giáo dục": 1}),
        ("kind=residential_area", ["Xã Vị Thủy"], {"Khu dân cư": 2}),
        ("level=province&q=nga bay", ["Phường Ngã Bảy"], {"Xã, phường": 1}),
        ("place={second}", ["Phường Ngã Bảy"], {"Xã, phường": 1}),
        ("q=khong co", [], None),
    ],
)
def test_filters_of_the_list_narrow_the_tree(client, city, query, places, root):
    response = get(client, account("staff", city.province), f"{TREE}?{query.format(second=city.second.unit.ulid)}")

    lines = response.context["lines"]
    assert [line["version"].name for line in lines[0]["lines"]] == places if places else not lines
    assert shape(lines) == ([("Thành phố Cần Thơ", root)] if root else [])


def test_every_count_leads_to_the_list_it_counts(client, city):
    user = account("staff", city.province)
    (root,) = get(client, user, f"{TREE}?q=ap").context["lines"]

    for _word, n, url in root["lines"][0]["counts"]:
        assert client.get(url).context["page"].total == n


@pytest.mark.parametrize(
    ("role", "at", "root", "branch", "far"),
    [
        ("staff", "province", ["Thành phố Cần Thơ"], 200, 404),
        ("auditor", "province", ["Thành phố Cần Thơ"], 200, 404),
        ("commune_officer", "commune", ["Xã Vị Thủy"], 200, 404),
        ("commune_officer", "second", ["Phường Ngã Bảy"], 404, 404),
        ("unit_rep", "school", ["Trường THPT Đường Sáng"], 404, 404),
        ("staff", "other", ["Tỉnh Khác"], 404, 200),
    ],
)
def test_each_sees_the_tree_of_the_own_ground(client, city, role, at, root, branch, far):
    user = account(role, getattr(city, at))

    assert [line["version"].name for line in get(client, user).context["lines"]] == root
    assert get(client, user, f"{TREE}{city.commune.unit.ulid}/").status_code == branch
    assert get(client, user, f"{TREE}{city.far.unit.ulid}/").status_code == far


def test_units_without_a_visible_place_stand_by_kind(client, city):
    """A managing body sees units here and there, none of their places; a group's officer the communes of the group."""
    body = version("agency", city.far, name="Sở minh họa", since=REFORM)
    version("school", city.commune, name="Trường của Sở", since=REFORM, managing_body=body.unit)
    group = UnitGroup.objects.create(
        province=city.province.unit, kind="cluster", name="Cụm 1", valid=(date(2026, 1, 1), None)
    )
    group.members.create(unit=city.second.unit, valid=(date(2026, 1, 1), None))
    officer = account()
    officer.assignments.create(role="area_officer", group=group, valid=(date(2026, 1, 1), None))

    manager = get(client, account("managing_body", body))
    schools = client.get(f"{TREE}le/?nhom=school")
    assert groups(manager.context["loose"]) == [("Cơ sở giáo dục", 1)]
    assert [v.name for v in schools.context["units"]] == ["Trường của Sở"]

    page = get(client, officer)
    assert ([line["version"].name for line in page.context["lines"]], page.context["loose"]) == (["Phường Ngã Bảy"], [])


def test_branches_open_by_buttons_that_tell_their_state(client, city):
    page = get(client, account("staff", city.province)).content.decode()

    buttons = re.findall(r'<button class="portal-tree-toggle"[^>]*>', page)
    assert [re.search(r'aria-expanded="(\w+)"', b).group(1) for b in buttons] == ["true", "false"]
    assert all(re.search(r'aria-controls="(nhanh-\w+)"', b).group(1) in page for b in buttons)


@pytest.mark.parametrize(("role", "offered"), [("staff", True), ("commune_lead", True), ("auditor", False)])
def test_the_menu_of_changes_stands_where_the_reader_may_change(client, city, role, offered):
    at = city.commune if role == "commune_lead" else city.province

    page = get(client, account(role, at)).content.decode()

    assert (f"/don-vi/{city.commune.unit.ulid}/thay-doi/" in page) == offered


@pytest.mark.parametrize("query", ["on=31/02/2024", "kind=x", "level=x"])
def test_what_cannot_be_read_is_said(client, city, query):
    response = get(client, account("staff", city.province), f"{TREE}?{query}")

    assert (response.status_code, response.context["lines"]) == (422, None)


def test_a_kind_that_does_not_exist_is_not_found(client, city):
    assert get(client, account("staff", city.province), f"{TREE}{city.commune.unit.ulid}/?nhom=x").status_code == 404


@pytest.mark.parametrize("more", [0, 20])
@pytest.mark.parametrize("url", [TREE, f"{TREE}?place={{commune}}&q=ap", f"{TREE}{{commune}}/", "/don-vi/?group=x"])
def test_the_tree_costs_few_queries_however_many_units(client, city, more, url, django_assert_max_num_queries):
    for number in range(more):
        commune = version("commune", city.province, since=REFORM, level="province")
        version("residential_area", commune, name=f"Ấp {number}", since=REFORM)
        version("residential_area", city.commune, name=f"Ấp {number}", since=REFORM)
    client.force_login(account("staff", city.province))
    client.get(TREE)

    with django_assert_max_num_queries(12):
        assert client.get(url.format(commune=city.commune.unit.ulid)).status_code == 200
