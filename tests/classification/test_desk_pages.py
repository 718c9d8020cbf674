"""The desk's pages: who may open and send what, and what a page costs."""

from decimal import Decimal as D
from uuid import uuid4

import pytest

from movement.accounts.enums import Role
from movement.classification.enums import Stage, State
from movement.classification.models import Assessment, Evidence, Opinion, Return, Score
from movement.classification.services.dossier import assessments_return
from movement.classification.services.publishing import results_publish
from movement.classification.services.scoring import Value, score_save
from movement.classification.services.steps import assessments_advance
from movement.core.models import StoredFile
from tests.factories.classification import campaign, score
from tests.factories.ground import account, legacy_ground, version

FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """Hamlets of one commune: registered, submitted and appraised, with the people around them."""
    province, district, commune = legacy_ground()
    hamlets = [version("residential_area", commune, code=f"KDC-{n}", name=f"Ấp minh họa {n}") for n in (1, 2, 3)]
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    opened.places = {
        "commune": commune, "district": district, "province": province, "other": version("commune", district),
        "hamlet": hamlets[0],
    }  # fmt: skip
    opened.officer, opened.lead = account("commune_officer", commune), account("commune_lead", commune)
    score(opened, {"KDC-1": {"1.1": D(30)}, "KDC-2": FULL, "KDC-3": FULL}, actor=opened.officer)
    move(opened, "KDC-2", State.SUBMITTED, opened.officer)
    move(opened, "KDC-3", State.SUBMITTED, opened.officer)
    move(opened, "KDC-3", State.APPRAISED, opened.lead)
    return opened


def move(opened, code, to, actor):
    ids = opened.assessments.filter(unit_code=code).values_list("pk", flat=True)
    assessments_advance(campaign=opened, ids=ids, to=to, actor=actor)


def url(opened, code, *more):
    return "/".join(["/cham-diem/ho-so", opened.assessments.get(unit_code=code).ulid, *more, ""])


ROLES = [
    (Role.UNIT_REP, "hamlet"), (Role.COMMUNE_OFFICER, "commune"), (Role.COMMUNE_LEAD, "commune"),
    (Role.DISTRICT_OFFICER, "district"), (Role.STAFF, "province"), (Role.AREA_OFFICER, "commune"),
    (Role.LEADER, "commune"), (Role.COUNCIL, "province"), (Role.CLERK, "commune"), (Role.AUDITOR, "province"),
    (Role.ADMIN, "province"), (Role.COMMUNE_OFFICER, "other"), (None, None),
]  # fmt: skip
ENTER = {(Role.UNIT_REP, "hamlet"), (Role.COMMUNE_OFFICER, "commune"), (Role.COMMUNE_LEAD, "commune"), (Role.DISTRICT_OFFICER, "district")}  # fmt: skip
CHECK = {(Role.COMMUNE_LEAD, "commune")}
RETURN = CHECK | {(Role.LEADER, "commune")}
OPINION = {(Role.LEADER, "commune")}
STRANGERS = {(Role.COMMUNE_OFFICER, "other"), (None, None)}


@pytest.mark.parametrize(("role", "where"), ROLES)
def test_what_each_role_may_send(client, desk, role, where):
    client.force_login(account(role, desk.places.get(where)))
    me, stranger = (role, where), (role, where) in STRANGERS
    save = {"stage": "self", "code": "1.2", "points": "10", "edit": uuid4()}
    change = {"stage": "check", "code": "1.2", "points": "10", "note": "Thiếu biên bản", "edit": uuid4()}
    sees_second = not stranger and where != "hamlet"  # a hamlet's own account sees that hamlet alone

    def expected(allowed, sees, done):
        return done if me in allowed else 403 if sees else 404

    answers = [
        (client.get(url(desk, "KDC-1")), 200 if not stranger else 404),
        (client.post(url(desk, "KDC-1", "luu"), save), expected(ENTER, not stranger, 200)),
        (client.post(url(desk, "KDC-2", "luu"), change), expected(CHECK, sees_second, 200)),
        (client.post(url(desk, "KDC-2", "y-kien"), {"text": "Đọc rồi"}), expected(OPINION, sees_second, 302)),
        (client.post(url(desk, "KDC-2", "gia-han"), {"until": "31/12/2090", "reason": "Mất điện"}),
         expected({(Role.STAFF, "province")}, sees_second, 302)),
        (client.post(url(desk, "KDC-2", "buoc"), {"to": "checked"}), expected(CHECK, sees_second, 302)),
        (client.post(url(desk, "KDC-2", "tra-lai"), {"whole": "Thiếu"}), expected(RETURN, sees_second, 302)),
    ]  # fmt: skip
    assert [answer.status_code for answer, _status in answers] == [status for _answer, status in answers]
    assert Score.objects.filter(assessment__unit_code="KDC-1", criterion__code="1.2").exists() == (me in ENTER)
    assert Return.objects.exists() == (me in RETURN)
    assert Opinion.objects.exists() == (me in OPINION)


@pytest.mark.parametrize("page", ["", "moi/", "tiep/"])
def test_a_stranger_finds_no_page(client, desk, page):
    client.force_login(account(Role.COMMUNE_OFFICER, desk.places["other"]))
    assert client.get(url(desk, "KDC-1") + page).status_code == 404


def test_nobody_opens_the_desk_without_signing_in(client, desk):
    for address in ("/cham-diem/", "/cham-diem/tien-do/", "/cham-diem/quyet-dinh/", url(desk, "KDC-1")):
        assert client.get(address).status_code == 302


def test_more_units_than_a_form_has_fields_are_moved_at_once(client, desk, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    codes = [f"N-{n}" for n in range(12)]
    for code in codes:
        version("residential_area", desk.places["commune"], code=code)
    campaign(desk.places["province"], code="HD-KDC", unit_kinds=["residential_area"])
    score(desk, dict.fromkeys(codes, FULL), actor=desk.officer)
    client.force_login(desk.officer)
    address = f"/cham-diem/ky/{desk.ulid}/submit/chuyen/"
    page = client.post(address, {"all": "1"}).content.decode()
    units = page.split('name="units" value="')[1].split('"')[0]
    client.post(address, {"units": units, "sure": "1"})
    assert desk.assessments.filter(unit_code__in=codes, state=State.SUBMITTED).count() == 12


def test_the_unit_reads_why_its_points_were_changed(client, desk):
    a = desk.assessments.get(unit_code="KDC-2")
    score_save(
        assessment_id=a.pk, stage=Stage.CHECK, code="1.1", base=Value(), new=Value(D(20), note="Thiếu biên bản"),
        edit_id=uuid4(), actor=desk.lead,
    )  # fmt: skip
    client.force_login(account(Role.UNIT_REP, a.unit.versions.get()))
    assert "Thiếu biên bản" in client.get(url(desk, "KDC-2")).content.decode()


@pytest.fixture
def published(desk):
    """The third hamlet's result, published, with a reason of the checker's."""
    a = desk.assessments.get(unit_code="KDC-3")
    score_save(
        assessment_id=a.pk, stage=Stage.FINAL, code="1.1", base=Value(), new=Value(D(20), note="Thiếu biên bản"),
        edit_id=uuid4(), actor=desk.lead,
    )  # fmt: skip
    move(desk, "KDC-3", State.DECIDED, desk.lead)
    results_publish(
        campaign=desk, authority=desk.places["commune"].unit, ids=[a.pk], number="1/QĐ-BCĐ", decided_on=desk.tree_on,
        signer="Nguyễn Văn Minh Họa", authority_name="BCĐ", actor=desk.lead,
    )  # fmt: skip
    return a


def test_a_units_account_reads_its_published_result_with_the_reasons(client, desk, published):
    client.force_login(account(Role.UNIT_REP, published.unit.versions.get()))
    work = client.get("/cham-diem/").content.decode()
    assert "1/QĐ-BCĐ" in work and f"/ket-qua/ho-so/{published.ulid}/" in work
    result = client.get(f"/ket-qua/ho-so/{published.ulid}/").content.decode()
    assert "Thẩm định sửa điểm: Thiếu biên bản" in result
    client.force_login(account(Role.UNIT_REP, desk.places["hamlet"]))
    assert "1/QĐ-BCĐ" not in client.get("/cham-diem/").content.decode()
    assert client.get(f"/ket-qua/ho-so/{published.ulid}/").status_code == 404


@pytest.mark.parametrize("who", ["officer", "lead", "staff", "rep", "auditor"])
@pytest.mark.parametrize("count", [1, 30])
def test_a_page_costs_the_same_for_few_units_and_for_many(client, desk, who, count, django_assert_max_num_queries):
    codes = [f"N-{n}" for n in range(count)]
    for code in codes:
        version("residential_area", desk.places["commune"], code=code)
    campaign(desk.places["province"], code="HD-KDC", unit_kinds=["residential_area"])
    score(desk, dict.fromkeys(codes, FULL), actor=desk.officer)
    ids = desk.assessments.filter(unit_code__in=codes).values_list("pk", flat=True)
    assessments_advance(campaign=desk, ids=ids, to=State.SUBMITTED, actor=desk.officer)
    assessments_return(campaign=desk, ids=list(ids)[: count // 2], reasons={"1.1": "Thiếu"}, actor=desk.lead)
    a = desk.assessments.get(unit_code="KDC-2")
    file = StoredFile.objects.create(
        sha256="a" * 64, size=1, content_type="application/pdf", original_name="x.pdf", kind="evidence",
        uploaded_by_name="x", declared_free_of_secrets=True,
    )  # fmt: skip
    criterion = a.campaign.version.criteria.get(code="1.1")
    Evidence.objects.create(assessment=a, criterion=criterion, file=file, by_name="x")
    people = {
        "officer": desk.officer, "lead": desk.lead, "staff": account("staff", desk.places["province"]),
        "rep": account("unit_rep", a.unit.versions.get()), "auditor": account("auditor", desk.places["province"]),
    }  # fmt: skip
    client.force_login(people[who])
    pages = ["/cham-diem/", "/cham-diem/tien-do/", url(desk, "KDC-2"), url(desk, "KDC-2", "moi")]
    if who != "rep":
        pages += [f"/cham-diem/ky/{desk.ulid}/{step}/" for step in ("enter", "returned", "submit", "check")]
        pages += [url(desk, "KDC-1"), "/cham-diem/quyet-dinh/", f"/cham-diem/quyet-dinh/{desk.ulid}/"]
    for page in pages:
        with django_assert_max_num_queries(12):
            assert client.get(page).status_code in (200, 302), page
    if who == "lead":
        with django_assert_max_num_queries(12):
            client.post(f"/cham-diem/ky/{desk.ulid}/check/chuyen/", {"all": "1"})


def test_the_page_of_an_unknown_unit_is_not_there(client, desk):
    client.force_login(desk.officer)
    assert client.get("/cham-diem/ho-so/01AAAAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert Assessment.objects.count() == 3
