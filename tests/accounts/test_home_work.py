"""The home page of every role in an open year: what waits, by when, one press away."""

from datetime import date, timedelta
from decimal import Decimal as D
from types import SimpleNamespace

import pytest
from django.utils import timezone

from movement.accounts.enums import Role
from movement.classification.enums import Stage, State
from movement.classification.models import Campaign
from movement.classification.services.dossier import assessments_return
from movement.classification.services.publishing import results_publish
from movement.classification.services.steps import assessments_advance
from movement.exemplars.enums import Life
from tests.factories.awards import nominated, proposal, ring
from tests.factories.classification import campaign, score
from tests.factories.exemplars import practice_model
from tests.factories.ground import REFORM, account, version

pytestmark = pytest.mark.django_db
FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}
TODAY = timezone.localdate


def at(opened, *codes):
    return list(opened.assessments.filter(unit_code__in=codes).values_list("pk", flat=True))


def due_in(opened, days):
    """The campaign was opened long ago and is to be signed before the day ``days`` from today."""
    limit = (TODAY() + timedelta(days=days)).isoformat()
    Campaign.objects.filter(pk=opened.pk).update(
        deadlines=dict.fromkeys(opened.version.unit_kinds, limit),
        opened_at=timezone.now() - timedelta(days=90),
        retrospective=False,
    )


@pytest.fixture
def world():
    """One commune and its province in an open year: hamlets, offices and a school at several steps."""
    province = version("province", name="Tỉnh Hậu Giang", code="93", until=REFORM)
    district = version("district", province, name="Huyện Vị Thủy")
    commune = version("commune", district, name="Thị trấn Nàng Mau")
    for number in range(1, 5):
        version("residential_area", commune, code=f"KDC-{number}")
    body = version("agency", commune, code="QL", level="province", name="Cơ quan quản lý")
    office = version("agency", commune, code="CQ", level="province", name="Cơ quan 1")
    school = version("school", commune, code="TH", level="province", managing_body=body.unit)
    hamlets = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    offices = campaign(province)
    people = {
        "staff": account("staff", province), "leader": account("leader", province),
        "council": account("council", province), "clerk": account("clerk", province),
        "auditor": account("auditor", province), "admin": account("admin", province),
        "commune_officer": account("commune_officer", commune), "commune_lead": account("commune_lead", commune),
        "commune_leader": account("leader", commune), "area_officer": account("area_officer", commune),
        "managing_body": account("managing_body", body), "unit_rep": account("unit_rep", office),
    }  # fmt: skip
    officer, staff = people["commune_officer"], people["staff"]
    score(hamlets, {"KDC-1": FULL, "KDC-2": FULL, "KDC-3": {"1.1": D(20)}}, actor=officer)
    assessments_advance(campaign=hamlets, ids=at(hamlets, "KDC-1"), to=State.SUBMITTED, actor=officer)
    score(offices, {"CQ": FULL, "TH": FULL, "QL": FULL})
    assessments_advance(campaign=offices, ids=at(offices, "CQ", "TH"), to=State.SUBMITTED, actor=staff)
    assessments_return(campaign=offices, ids=at(offices, "CQ"), reasons={}, whole="Thiếu biên bản họp", actor=staff)
    score(offices, {"QL": FULL}, stage=Stage.FINAL)
    due_in(hamlets, 30)
    due_in(offices, 12)  # the self-score was due three days ago, the check is due today or later
    nominated(ring(province, period=(date(2023, 1, 1), date(2023, 12, 31))), proposal(school))
    return SimpleNamespace(
        province=province, commune=commune, hamlets=hamlets, offices=offices, people=people, office=office, body=body
    )


def home(client, user):
    client.force_login(user)
    return client.get("/")


ENTER, SUBMIT, BACK = "Đơn vị chưa chấm điểm xong", "Đơn vị đã chấm xong, chờ gửi", "Hồ sơ bị trả lại, cần chấm lại"
CHECK, DECIDE = "Hồ sơ chờ kiểm tra", "Hồ sơ chờ ghi quyết định theo biên bản"
LATE, TO_DECIDE = "Đơn vị quá hạn, cần đôn đốc", "Đề nghị khen thưởng chờ ghi quyết định"
READ = "Đề nghị khen thưởng để đọc, cho ý kiến"
SENT, SEEN = "Hồ sơ đã gửi: đọc, ghi ý kiến", "Hồ sơ đã thẩm định, sắp xét duyệt: đọc, ghi ý kiến"


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("staff", {(LATE, 1), (BACK, 1), (CHECK, 1), (DECIDE, 1), (TO_DECIDE, 1)}),
        ("commune_officer", {(ENTER, 2), (SUBMIT, 1)}),
        ("commune_lead", {(ENTER, 2), (SUBMIT, 1), (CHECK, 1)}),
        ("leader", {(SEEN, 1)}),
        ("commune_leader", {(SEEN, 1)}),
        ("managing_body", {(SENT, 1), (SEEN, 1)}),
        ("area_officer", {(LATE, 1)}),
        ("council", {(READ, 1)}),
        ("auditor", set()),
        ("admin", {("Phân công gắn với địa bàn đã kết thúc", 8)}),
    ],
)
def test_each_role_finds_what_waits_for_it(client, world, who, expected):
    response = home(client, world.people[who])

    assert {(wait.title, wait.count) for wait in response.context["waits"]} == expected


def test_a_clerk_finds_the_decisions_to_write_down(client, world):
    waits = home(client, world.people["clerk"]).context["waits"]

    assert (TO_DECIDE, 1) in {(wait.title, wait.count) for wait in waits}


@pytest.mark.parametrize("who", ["staff", "commune_officer", "commune_lead", "leader", "managing_body", "area_officer", "council"])  # fmt: skip
def test_each_line_leads_to_a_page_that_opens(client, world, who):
    waits = home(client, world.people[who]).context["waits"]

    assert waits
    assert {client.get(wait.url, follow=True).status_code for wait in waits} == {200}


def test_what_waits_stands_with_its_day_the_earliest_first_and_late_marked(client, world):
    waits = [wait for wait in home(client, world.people["staff"]).context["waits"] if wait.due]

    assert [wait.due for wait in waits] == sorted(wait.due for wait in waits)
    late = {wait.title: wait.late for wait in waits}
    assert (late[BACK], late[CHECK]) == (True, False)
    assert waits[0].due == TODAY() + timedelta(days=12 - 15)


def test_a_unit_finds_its_own_year_why_it_came_back_and_its_last_result(client, world):
    before = campaign(world.province, 2022)
    score(before, {"CQ": FULL}, stage=Stage.FINAL)
    assessments_advance(campaign=before, ids=at(before, "CQ"), to=State.DECIDED, actor=world.people["staff"])
    results_publish(
        campaign=before, authority=world.province.unit, ids=at(before, "CQ"), number="9/QĐ-BCĐ",
        decided_on=date(2022, 12, 8), signer="Nguyễn Văn Minh Họa", authority_name="Ban Chỉ đạo 138 tỉnh", actor=world.people["staff"], acknowledge="đã xem",
    )  # fmt: skip

    response = home(client, world.people["unit_rep"])
    page = response.content.decode()

    (own,) = response.context["own"]
    assert (own.assessment.unit_name, own.late, client.get(own.url).status_code) == ("Cơ quan 1", True, 200)
    assert "Thiếu biên bản họp" in page and "Bị trả lại" in page
    assert [(a.campaign.year, a.class_code) for a in response.context["last_results"]] == [(2022, "xuat_sac")]
    assert response.context["tables"] == [] and "Việc đang chờ" not in page


def test_a_unit_is_told_how_many_criteria_are_missing(client, world):
    again = version("agency", world.commune, code="CQ2", level="province")
    campaign(world.province)
    score(world.offices, {"CQ2": {"1.1": D(10)}})

    (own,) = home(client, account("unit_rep", again)).context["own"]

    assert (own.missing, own.assessment.complete) == (2, False)


def test_a_commune_finds_its_own_year_and_where_its_units_stand(client, world):
    communes = campaign(world.province, code="HD-XA", unit_kinds=["commune"])
    due_in(communes, 30)

    response = home(client, world.people["commune_lead"])

    assert [own.assessment.unit_name for own in response.context["own"]] == ["Thị trấn Nàng Mau"]
    (table,) = response.context["tables"]
    steps = {row.label: {state: n for state, _word, n in row.steps if n} for row in table.rows}
    assert steps["Khu dân cư"] == {"registered": 2, "self_scored": 1, "submitted": 1}


def test_each_step_of_the_year_leads_to_a_list_as_long_as_it(client, world):
    (table,) = home(client, world.people["leader"]).context["tables"]

    for row in table.rows:
        for state, _word, count in row.steps:
            if count:
                listed = client.get(f"/ket-qua/2023/?campaign={row.campaign.ulid}&state={state}").context["page"]
                assert listed.total == count


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("auditor", "Người giám sát đọc mọi đơn vị"),
        ("admin", "Quản trị hệ thống lập tài khoản"),
        ("council", "Thành viên Hội đồng đọc kết quả"),
        ("managing_body", "ý kiến không làm thay đổi điểm"),
        ("area_officer", "đôn đốc đơn vị chậm"),
    ],
)
def test_who_decides_nothing_is_told_what_the_account_is_for(client, world, who, said):
    page = home(client, world.people[who]).content.decode()

    assert said in page
    assert "Việc đang chờ" not in page or who != "auditor"


def test_models_that_were_proposed_wait_for_the_staff_of_their_own_province(client):
    here, there = version("province", name="Thành phố Cần Thơ"), version("province", name="Tỉnh Vĩnh Long")
    practice_model(here, state=Life.PROPOSED)
    practice_model(here, state=Life.WORKING)
    practice_model(there, state=Life.PROPOSED)

    waits = {wait.url: wait.count for wait in home(client, account("staff", here)).context["waits"]}

    assert waits == {"/mo-hinh/?state=proposed": 1}
    assert client.get("/mo-hinh/?state=proposed").context["page"].paginator.count == 1


@pytest.mark.parametrize("more", [0, 12])
@pytest.mark.parametrize("who", ["staff", "commune_lead", "leader", "clerk", "council", "unit_rep", "managing_body"])
def test_home_costs_few_queries_however_many_units(client, world, who, more, django_assert_max_num_queries):
    for number in range(more):
        elsewhere = version("commune", version("district", world.province))
        version("residential_area", elsewhere, code=f"X-{number}")
        version("school", elsewhere, code=f"Y-{number}", level=("province", "commune")[number % 2])
    for code, kinds in (("HD-KDC", ["residential_area"]), ("HD-1", None)):
        campaign(world.province, code=code, **({"unit_kinds": kinds} if kinds else {}))
    client.force_login(world.people[who])
    client.get("/")

    with django_assert_max_num_queries(12):
        client.get("/")


def test_every_role_has_its_place_here(world):
    """A role that is added later must say what its home shows."""
    held = {name.replace("commune_leader", "leader") for name in world.people}

    assert held | {Role.DISTRICT_OFFICER.value} == {role.value for role in Role}
