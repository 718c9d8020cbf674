"""Results of a year and one unit's result: who sees what, counts, order, reasons."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from movement.classification.enums import Stage, State
from movement.classification.models import Assessment
from movement.classification.services.steps import assessments_advance
from tests.factories.classification import campaign, scheme_data, score
from tests.factories.ground import REFORM, account, legacy_ground, version
from tests.factories.reports import everything, opened, results, small_year, spread, standard_opened
from tests.factories.units import lineage
from units.models import UnitGroup, UnitGroupMember, UnitVersion

pytestmark = pytest.mark.django_db
YEAR = "/ket-qua/2023/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def year():
    """Province 93: 2 districts, 3 communes, 9 hamlets, 9 workplaces, all published; province 94 the same."""
    province, one = small_year()
    other, _campaign = small_year(code="94")
    commune = UnitVersion.objects.get(province=province.unit, name="Xã A1")
    return {"province": province, "other": other, "commune": commune, "campaign": one}


def get(client, user, url=YEAR, **headers):
    client.force_login(user)
    return client.get(url, headers=headers)


def shown(response):
    return [a.unit_name for a in response.context["page"].rows]


def classes(response):
    return {code: count for code, _word, count in response.context["classes"] if count}


@pytest.mark.parametrize(
    ("role", "at", "total", "counts"),
    [
        ("staff", "province", 23, {"xuat_sac": 5, "kha": 10, "trung_binh": 4, "yeu": 4}),
        ("auditor", "province", 23, {"xuat_sac": 5, "kha": 10, "trung_binh": 4, "yeu": 4}),
        ("leader", "commune", 7, None),
        ("commune_officer", "commune", 7, None),
    ],
)
def test_list_and_counts_hold_what_lies_on_the_ground_and_nothing_else(client, year, role, at, total, counts):
    response = get(client, account(role, year[at]))

    page, found = response.context["page"], classes(response)
    assert page.total == len(page.rows) == sum(found.values()) == response.context["counts"].every_state == total
    assert {a.path.startswith(year[at].path) for a in page.rows} == {True}
    assert counts is None or found == counts


def test_a_province_of_today_sees_the_years_of_those_it_came_from(client, year):
    now = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    for one in (year["province"], year["other"]):
        lineage(one, now)

    UnitVersion.objects.filter(pk=year["other"].pk).update(name="Tỉnh Sóc Trăng")

    response = get(client, account("staff", now))

    assert [(heading, len(lines)) for heading, lines in response.context["tabs"]] == [
        ("Tỉnh Hậu Giang · Phân loại phong trào", 1),
        ("Tỉnh Sóc Trăng · Phân loại phong trào", 1),
    ]
    assert response.context["page"].total == 23


@pytest.mark.parametrize("url", ["/ket-qua/2021/", f"{YEAR}?campaign=01ARZ3NDEKTSV4RRFFQ69G5FAV"])
def test_a_year_or_campaign_that_is_not_there_is_not_found(client, year, url):
    assert get(client, account("staff", year["province"]), url).status_code == 404


def test_another_provinces_campaign_is_not_found(client, year):
    foreign = year["other"].unit.campaigns.get(year=2023)

    assert get(client, account("staff", year["province"]), f"{YEAR}?campaign={foreign.ulid}").status_code == 404


def test_a_commune_is_offered_the_campaigns_it_has_units_in(client, year):
    opened(year["province"], kinds=["district"], code="HD-HUYEN")

    def offered(role, at):
        tabs = get(client, account(role, year[at])).context["tabs"]
        return [tab.campaign.scheme.code for _heading, lines in tabs for tab in lines]

    assert offered("staff", "province") == ["HD-1", "HD-HUYEN"]
    assert offered("commune_officer", "commune") == ["HD-1"]


def test_the_latest_year_is_where_the_section_begins(client, year):
    assert get(client, account("staff", year["province"]), "/ket-qua/").url == YEAR


def test_without_results_the_section_says_what_to_do(client, year):
    assert "Chưa có kỳ đánh giá nào" in get(client, account(), "/ket-qua/").content.decode()
    assert get(client, account()).status_code == 404


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("result=yeu", 4),
        ("result=none", 0),
        ("result=xuat_sac&kind=residential_area", None),
        ("kind=school", 3),
        ("state=published", 23),
        ("state=checked", 0),
        ("state=unpublished", 0),
        ("q=ap 1", 3),
        ("q=ấp 1", 3),
        ("q=ảp", 0),
        ("q=3100", 3),
        ("place={commune}", 7),
        ("place={elsewhere}", 0),
    ],
)
def test_filters_find_and_the_total_is_true(client, year, query, total):
    elsewhere = UnitVersion.objects.get(province=year["other"].unit, name="Xã A1")
    query = query.format(commune=year["commune"].unit.ulid, elsewhere=elsewhere.unit.ulid)

    page = get(client, account("staff", year["province"]), f"{YEAR}?{query}").context["page"]

    assert page.total == len(page.rows)
    assert total is None or page.total == total


def test_more_places_than_a_select_can_hold_are_found_by_typing(client, year, monkeypatch):
    monkeypatch.setattr("units.picker.MANY", 2)
    user = account("staff", year["province"])

    page = get(client, user, f"{YEAR}?place={year['commune'].unit.ulid}")

    assert page.context["page"].total == 7
    content = page.content.decode()
    assert f'value="{year["commune"].unit.ulid}" checked' in content and "js/picker.js" in content
    assert f"/don-vi/tim/?kind=district&amp;kind=commune&amp;on={year['campaign'].tree_on}" in content
    assert get(client, user, f"{YEAR}?place_q=xa+a1&place_seen=").context["page"].total == 7
    assert get(client, user, f"{YEAR}?place_q=xa+nao&place_seen=").context["page"].total == 0


def test_a_class_chosen_leaves_the_counts_of_the_others_standing(client, year):
    response = get(client, account("staff", year["province"]), f"{YEAR}?result=yeu&kind=residential_area")

    every = get(client, account("staff", year["province"]), f"{YEAR}?kind=residential_area")
    assert classes(response) == classes(every)
    assert response.context["page"].total == classes(every)["yeu"]


@pytest.mark.parametrize(("sort", "turned"), [("points", True), ("points_up", False)])
def test_points_sort_with_what_has_none_at_the_low_end(client, year, sort, turned):
    hamlet = UnitVersion.objects.filter(province=year["province"].unit, name="Ấp 2").first()
    Assessment.objects.filter(campaign__year=2022, unit=hamlet.unit).exclude(state="published").update(points=None)
    late = opened(year["province"], 2021)
    results(late, year["province"], spread(everything(late), ("kha", "", "xuat_sac")), state="checked")

    rows = get(client, account("staff", year["province"]), f"/ket-qua/2021/?sort={sort}").context["page"].rows

    points = [-1 if a.points is None else a.points for a in rows]
    assert points == sorted(points, reverse=turned)
    assert points.count(-1) > 1


def test_what_is_not_published_is_called_provisional(client, year):
    late = opened(year["province"], 2021, kinds=["school"], code="HD-GD")
    results(late, year["province"], spread(everything(late)), state="checked")

    user = account("staff", year["province"])
    page = get(client, user, "/ket-qua/2021/").content.decode()

    assert "3 đơn vị chưa công bố" in page
    assert get(client, user, "/ket-qua/2021/?state=unpublished").context["page"].total == 3
    assert "chưa công bố" not in get(client, account("staff", year["province"])).content.decode()


@pytest.mark.parametrize(("role", "at", "seen"), [("staff", "province", 7), ("leader", "commune", 7)])
def test_a_cluster_of_communes_is_ranked_by_points_among_what_one_sees(client, year, role, at, seen):
    far = UnitVersion.objects.filter(kind="commune", province=year["other"].unit).first()
    group = UnitGroup.objects.create(
        province=year["province"].unit, kind="cluster", name="Cụm số 1", valid=(date(2020, 1, 1), None)
    )
    for member in (year["commune"].unit, far.unit):
        UnitGroupMember.objects.create(group=group, unit=member, valid=(date(2020, 1, 1), None))
    gone = UnitVersion.objects.filter(kind="commune", province=year["province"].unit).exclude(unit=year["commune"].unit)
    UnitGroupMember.objects.create(group=group, unit=gone.first().unit, valid=(date(2020, 1, 1), date(2023, 6, 1)))

    response = get(client, account(role, year[at]), f"{YEAR}?group={group.ulid}&sort=points")

    page = response.context["page"]
    assert page.total == sum(classes(response).values()) == seen
    assert {a.commune_id for a in page.rows} == {year["commune"].unit_id}
    points = [a.points for a in page.rows if a.points is not None]
    assert points == sorted(points, reverse=True)
    assert "Cụm số 1" in response.content.decode()


@pytest.mark.parametrize("query", ["kind=x", "state=x", "sort=x", "q=%00"])
def test_a_filter_that_cannot_be_read_shows_nothing_instead(client, year, query):
    response = get(client, account("staff", year["province"]), f"{YEAR}?{query}")

    assert (response.status_code, response.context["page"]) == (422, None)


def test_htmx_gets_the_list_alone(client, year):
    response = get(client, account("staff", year["province"]), f"{YEAR}?q=ap", **HTMX)

    assert response.content.decode().strip().startswith('<div id="list">')
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize("areas", [1, 40])
def test_the_list_costs_the_same_few_queries_however_many_units(client, areas, django_assert_max_num_queries):
    province, _campaign = small_year(areas=areas)
    client.force_login(account("staff", province))
    client.get(YEAR)

    with django_assert_max_num_queries(12):
        assert client.get(YEAR).context["page"].total == 14 + 3 * areas


# --- one unit -------------------------------------------------------------------------------------
@pytest.fixture
def school():
    """A school's year 2023 over the small scheme: one criterion left out, a penalty, a knock-out at zero."""
    province, _district, commune = legacy_ground()
    unit = version("school", commune, name="Trường minh họa 01", code="TR-1", level="commune")
    one = campaign(province, caps=[{"when": "knock_out:2", "at_most": "yeu"}], classes=[
        {**scheme_data()["classes"][0], "requires": ["standard:CHUAN"]}, *scheme_data()["classes"][1:]
    ])  # fmt: skip
    officer, lead = account("commune_officer", commune), account("commune_lead", commune)
    score(one, {"TR-1": {"1.1": D(30), "1.2": "Đơn vị không có bếp ăn", "2": D("39.5")}}, actor=officer)
    assessments_advance(campaign=one, ids=[a.pk for a in one.assessments.all()], to=State.SUBMITTED, actor=officer)
    return {"province": province, "commune": commune, "unit": unit, "campaign": one, "officer": officer, "lead": lead,
            "a": one.assessments.get()}  # fmt: skip


def detail(client, user, a):
    return get(client, user, f"/ket-qua/ho-so/{a.ulid}/")


def cells(response):
    """``{code: [(text, own, in force)] of the three stages}``."""
    return {line.code: [(c.text, c.own, c.in_force) for c in line.cells] for line in response.context["sheet"].lines}


def test_the_three_stages_stand_side_by_side_with_what_is_in_force_marked(client, school):
    a, lead = school["a"], school["lead"]
    score(school["campaign"], {"TR-1": {"2": D(38)}}, stage=Stage.CHECK, actor=lead)
    assessments_advance(campaign=school["campaign"], ids=[a.pk], to=State.CHECKED, actor=lead)

    found = cells(detail(client, lead, a))

    assert found["2"] == [("39,5", True, False), ("38", True, True), ("", False, False)]
    assert found["1.1"] == [("30", True, True), ("30", False, False), ("", False, False)]
    assert found["1.2"][0] == ("không áp dụng", True, True)
    assert [text for text, _own, _force in found["1"]] == ["30", "30", ""]


def test_the_page_explains_itself(client, school):
    page = detail(client, school["lead"], school["a"]).content.decode()

    assert "Không áp dụng: Đơn vị không có bếp ăn" in page
    assert "69,5 × 100 ÷ 70 = 99,29" in page
    assert "Đủ điểm loại Xuất sắc nhưng không được xếp: tiêu chuẩn CHUAN chưa có kết quả." in page
    assert "Kết quả dự kiến" in page


def test_a_band_refused_leads_to_the_standard_it_waits_for(client, school):
    standard = standard_opened(school["province"], kinds=("agency", "enterprise", "school"))
    waiting = standard.assessments.get()

    response = detail(client, school["lead"], school["a"])

    assert [o.see for o in response.context["obstacles"]] == [waiting]
    assert reverse("classification:assessment", args=[waiting.ulid]) in response.content.decode()


def test_a_standard_shows_met_or_not_and_no_points(client, school):
    standard = standard_opened(school["province"], kinds=("agency", "enterprise", "school"))
    score(standard, {"TR-1": {"1": D(1), "2": D(0)}})

    response = detail(client, school["lead"], standard.assessments.get())

    assert [row[0][0] for row in cells(response).values()] == ["Đạt", "Chưa đạt"]
    assert response.context["sheet"].total is None and response.context["sheet"].adjustments == []


@pytest.mark.parametrize(
    ("role", "at", "status"),
    [
        ("unit_rep", "unit", 200),
        ("commune_lead", "commune", 200),
        ("auditor", "province", 200),
        ("staff", "elsewhere", 404),
        ("commune_officer", "next", 404),
        (None, None, 404),
    ],
)
@pytest.mark.parametrize("page", ["ket-qua", "nhat-ky/lich-su"])
def test_a_result_opens_on_the_ground_alone(client, school, role, at, status, page):
    school["elsewhere"] = version("province", code="94", until=REFORM)
    school["next"] = version("commune", UnitVersion.objects.get(unit=school["commune"].parent))

    response = get(client, account(role, at and school[at]), f"/{page}/ho-so/{school['a'].ulid}/")

    assert response.status_code == status


def test_other_years_are_those_in_which_the_unit_stood_on_the_ground(client, school):
    elsewhere = version("province", code="94", until=REFORM)
    there = version("commune", elsewhere)
    unit = school["unit"].unit
    UnitVersion.objects.filter(unit=unit).update(valid=(date(2023, 1, 1), REFORM))
    version("school", there, since=date(2000, 1, 1), until=date(2023, 1, 1), unit=unit)
    before = opened(elsewhere, 2022, kinds=["school"], code="HD-GD")
    old = before.assessments.get()

    assert detail(client, account("staff", school["province"]), school["a"]).context["others"] == []
    assert detail(client, account("staff", school["province"]), old).status_code == 404
    assert detail(client, account("staff", elsewhere), old).status_code == 200


def test_the_history_names_who_did_what(client, school):
    url = f"/nhat-ky/lich-su/ho-so/{school['a'].ulid}/"

    page = get(client, school["lead"], url)
    piece = get(client, school["lead"], url, **HTMX)

    assert school["officer"].name in page.content.decode()
    assert piece.content.decode().strip().startswith('<div id="lich-su"')


def test_a_result_costs_few_queries(client, school, django_assert_max_num_queries):
    client.force_login(school["lead"])
    url = f"/ket-qua/ho-so/{school['a'].ulid}/"
    client.get(url)

    with django_assert_max_num_queries(12):
        client.get(url)
