"""The home page: the year in counts, each leading to its list, and the documents to take home."""

import re

import pytest

from movement.core.enums import JobState
from movement.core.models import Job
from reports.services import report_request
from reports.services.freezing import snapshot_freeze
from tests.factories.ground import account
from tests.factories.reports import everything, opened, results, small_year, spread, standard_opened
from units.models import UnitVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    province, _campaign = small_year()
    other, _campaign = small_year(code="94")
    return {
        "province": province,
        "other": other,
        "commune": UnitVersion.objects.get(province=province.unit, name="Xã A1"),
    }


def home(client, user):
    client.force_login(user)
    return client.get("/")


def counts(response):
    """``{purpose: (total, {class: count}, not published)}``."""
    return {
        table.heading: (table.total, {code: n for code, _name, n in table.totals}, table.unpublished)
        for table in response.context["tables"]
    }


@pytest.mark.parametrize(
    ("role", "at", "total"),
    [("staff", "province", 23), ("leader", "province", 23), ("commune_officer", "commune", 7), ("leader", "other", 23)],
)
def test_counts_hold_the_latest_year_of_ones_own_ground(client, ground, role, at, total):
    response = home(client, account(role, ground[at]))

    ((found, classes, unpublished),) = counts(response).values()
    assert (response.context["year"], response.context["years"]) == (2023, [2022])
    assert (found, sum(classes.values()), unpublished) == (total, total, 0)


def test_each_count_leads_to_a_list_as_long_as_it(client, ground):
    user = account("staff", ground["province"])
    page = home(client, user).content.decode()

    links = re.findall(r'href="(/ket-qua/2023/\?campaign=\w+(?:&amp;result=\w+)?)">([0-9.]+)</a>', page)

    assert len(links) == 5
    for url, number in links:
        listed = client.get(url.replace("&amp;", "&")).context["page"]
        assert listed.total == int(number.replace(".", ""))


def test_recognition_stands_apart_and_what_is_not_published_is_counted(client, ground):
    standard = standard_opened(ground["province"], kinds=("school",))
    results(standard, ground["province"], spread(everything(standard), ("dat", "chua_dat", "")), state="decided")

    found = counts(home(client, account("auditor", ground["province"])))

    assert list(found) == ["Phân loại phong trào", "Công nhận đạt tiêu chuẩn"]
    assert found["Công nhận đạt tiêu chuẩn"] == (3, {"dat": 1, "chua_dat": 1, "none": 1}, 3)


@pytest.mark.parametrize(
    ("role", "at", "papers"), [("leader", "province", 1), ("auditor", "province", 1), ("leader", "other", 0), ("leader", "commune", 0)]
)  # fmt: skip
def test_papers_that_are_ready_are_offered_on_their_own_ground(client, ground, role, at, papers):
    for state in ("done", "done", "queued"):  # the later one takes the place of the first
        report = report_request(year=2023, province=ground["province"].unit, actor="kiểm tra")
        if state == "done":
            snapshot_freeze(report)
            Job.objects.filter(pk=report.job_id).update(state=JobState.DONE, finished_at=report.created_at)

    response = home(client, account(role, ground[at]))

    assert len(response.context["reports"]) == papers
    assert ("Báo cáo tổng kết để tải" in response.content.decode()) == bool(papers)


def test_a_leader_finds_the_papers_first_and_staff_the_way_to_them(client, ground):
    report = report_request(year=2023, province=ground["province"].unit, actor="kiểm tra")
    snapshot_freeze(report)
    Job.objects.filter(pk=report.job_id).update(state=JobState.DONE, finished_at=report.created_at)

    leader = home(client, account("leader", ground["province"])).content.decode()
    staff = home(client, account("staff", ground["province"])).content.decode()

    assert leader.index("Báo cáo tổng kết để tải") < leader.index("Phân loại phong trào")
    assert "Báo cáo tổng kết để tải" not in staff and 'href="/bao-cao/"' in staff


def test_a_leader_is_told_when_there_is_no_paper_yet(client, ground):
    assert (
        "Chưa có báo cáo tổng kết nào để tải." in home(client, account("leader", ground["province"])).content.decode()
    )


def test_somebody_without_a_role_is_told_whom_to_ask(client, ground):
    response = home(client, account())

    assert "Tài khoản chưa được phân công vai trò nào" in response.content.decode()
    assert response.context["tables"] == []


@pytest.mark.parametrize("years", [0, 5])
def test_home_costs_few_queries_however_many_years(client, ground, years, django_assert_max_num_queries):
    for year in range(2017, 2017 + years):
        opened(ground["province"], year)
    client.force_login(account("leader", ground["province"]))
    client.get("/")

    with django_assert_max_num_queries(12):
        assert len(client.get("/").context["years"]) == 1 + years
