"""Who may take a unit through the year, and what the database keeps frozen."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from movement.audit.models import Entry
from movement.classification.enums import Stage, State
from movement.classification.models import Assessment, PublishedResult, Score
from movement.classification.services.publishing import results_publish
from movement.classification.services.steps import assessments_advance
from movement.core.problems import Refused
from tests.factories.classification import campaign, scheme_data, score
from tests.factories.ground import account, legacy_ground, version

FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}
pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def hamlets(ground):
    """A residential area of the ground's commune, scored by its officer and submitted."""
    province, _district, commune = ground
    area = version("residential_area", commune, code="KDC-1")
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    officer = account("commune_officer", commune)
    score(opened, {"KDC-1": FULL}, actor=officer)
    advance(opened, State.SUBMITTED, officer)
    return opened, area, officer


def advance(opened, to, actor):
    return assessments_advance(campaign=opened, ids=opened.assessments.values_list("pk", flat=True), to=to, actor=actor)


def publish(opened, authority, actor, **changes):
    values = {
        "number": "01/QĐ-BCĐ", "decided_on": date(2023, 12, 8), "signer": "Nguyễn Văn Minh Họa",
        "authority_name": "Ban Chỉ đạo", "acknowledge": "đã xem", "ids": None,
    }  # fmt: skip
    return results_publish(campaign=opened, authority=authority.unit, actor=actor, **{**values, **changes})


def codes(refused):
    return {p.code for p in refused.value.problems}


def test_a_commune_lead_takes_a_hamlet_from_submission_to_decision(ground, hamlets):
    opened, _area, _officer = hamlets
    advance(opened, State.DECIDED, account("commune_lead", ground[2]))
    assert [a.state for a in opened.assessments.all()] == [State.DECIDED]


@pytest.mark.parametrize("who", ["typed-it", "province-staff", "other-commune", "auditor", "nobody"])
def test_nobody_else_decides_on_a_communes_hamlet(ground, hamlets, who):
    opened, _area, officer = hamlets
    province, district, _commune = ground
    other = version("commune", district)
    actor = {
        "typed-it": lambda: officer,
        "province-staff": lambda: account("staff", province),
        "other-commune": lambda: account("commune_lead", other),
        "auditor": lambda: account("auditor", province),
        "nobody": account,
    }[who]()
    with pytest.raises(Refused) as refused:
        advance(opened, State.DECIDED, actor)
    assert codes(refused) == {"not_allowed"}
    assert {a.state for a in opened.assessments.all()} == {State.SUBMITTED}


def test_the_lead_who_typed_may_not_check(ground):
    province, _district, commune = ground
    version("residential_area", commune, code="KDC-1")
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    lead = account("commune_lead", commune)
    score(opened, {"KDC-1": FULL}, actor=lead)
    advance(opened, State.SUBMITTED, lead)
    with pytest.raises(Refused) as refused:
        advance(opened, State.CHECKED, lead)
    assert "không được kiểm tra" in refused.value.problems[0].message


def test_an_officer_of_a_ward_made_in_2025_acts_on_the_years_of_its_predecessors(ground, hamlets):
    from units.models import Lineage

    opened, _area, _officer = hamlets
    new_province = version("province", since=date(2025, 7, 1), code="92")
    ward = version("commune", new_province, since=date(2025, 7, 1), level="province")
    Lineage.objects.create(predecessor=ground[2].unit, successor=ward.unit, kind="merge", on=date(2025, 7, 1))
    advance(opened, State.DECIDED, account("commune_lead", ward))
    assert [a.state for a in opened.assessments.all()] == [State.DECIDED]


def test_an_assignment_that_has_ended_gives_no_right(ground, hamlets):
    opened, _area, _officer = hamlets
    former = account("commune_lead", ground[2], until=date(2024, 1, 1))
    with pytest.raises(Refused):
        advance(opened, State.DECIDED, former)


def test_an_incomplete_unit_goes_no_further_than_self_scored_and_takes_the_others_with_it(ground):
    province, _district, commune = ground
    for code in ("KDC-1", "KDC-2"):
        version("residential_area", commune, code=code)
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    officer = account("commune_officer", commune)
    score(opened, {"KDC-1": FULL, "KDC-2": {"1.1": D(3)}}, actor=officer)
    with pytest.raises(Refused) as refused:
        advance(opened, State.SUBMITTED, officer)
    assert [(p.code, p.value) for p in refused.value.problems] == [("incomplete", "KDC-2")]
    assert {a.unit_code: a.state for a in opened.assessments.all()} == {"KDC-1": "self_scored", "KDC-2": "registered"}


@pytest.fixture
def office(ground):
    """An office of the province at ``decided``, and the staff that decides on it."""
    province, _district, commune = ground
    version("agency", commune, code="KT-1")
    opened = campaign(province)
    staff = account("staff", province)
    score(opened, {"KT-1": FULL}, stage=Stage.FINAL)
    advance(opened, State.DECIDED, staff)
    return opened, staff


def test_publication_freezes_the_result_and_closes_the_campaign(ground, office):
    opened, staff = office
    publish(opened, ground[0], staff)
    result = PublishedResult.objects.get()
    opened.refresh_from_db()
    assert (result.class_code, result.points, opened.is_open) == ("xuat_sac", D(90), False)
    assert result.payload["answers"][0] == ["1.1", "final", "30.00", "", "kiểm tra"]
    assert list(Entry.objects.filter(action="assessment.published").values_list("unit_id", flat=True)) == [
        result.unit_id
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda: Assessment.objects.update(class_code="yeu"),
        lambda: Score.objects.update(points=1),
        lambda: Score.objects.all().delete(),
        lambda: Score.objects.bulk_create([_copy_of(Score.objects.first())]),
    ],
    ids=["the-class", "points-changed", "points-deleted", "points-added"],
)
def test_the_database_refuses_changes_to_what_is_published(ground, office, change):
    opened, staff = office
    publish(opened, ground[0], staff)
    with pytest.raises(IntegrityError, match="công bố không sửa được"), transaction.atomic():
        change()


def _copy_of(row):
    return Score(assessment=row.assessment, criterion=row.criterion, stage="check", points=1, typed_at=row.typed_at)


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "classification_publishedresult"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_app_has_no_right_to_alter_trail_and_results(table, sql):
    with pytest.raises(Exception, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"decided_on": date(2999, 1, 1)}, "bad_date"),
        ({"number": " "}, "decision_missing"),
        ({"signer": ""}, "signer_missing"),
    ],
)
def test_publication_without_a_proper_decision_is_refused(ground, office, changes, code):
    opened, staff = office
    with pytest.raises(Refused) as refused:
        publish(opened, ground[0], staff, **changes)
    assert codes(refused) == {code}
    assert not PublishedResult.objects.exists()


def test_publication_with_units_missing_names_them(ground, office):
    opened, staff = office
    version("agency", ground[2], code="KT-2")
    campaign(ground[0])
    with pytest.raises(Refused) as refused:
        publish(opened, ground[0], staff)
    assert [(p.code, p.value) for p in refused.value.problems] == [("not_decided", "KT-2")]


def test_one_decision_covers_two_campaigns_but_not_one_campaign_twice(ground, office):
    opened, staff = office
    version("school", ground[2], code="TR-1")
    schools = campaign(ground[0], code="HD-2", unit_kinds=["school"])
    score(schools, {"TR-1": FULL}, stage=Stage.FINAL)
    advance(schools, State.DECIDED, staff)
    publish(opened, ground[0], staff)
    publish(schools, ground[0], staff)
    assert PublishedResult.objects.values("decision").distinct().count() == 1


def test_a_number_used_with_another_date_is_refused(ground, office):
    opened, staff = office
    version("school", ground[2], code="TR-1")
    schools = campaign(ground[0], code="HD-2", unit_kinds=["school"])
    score(schools, {"TR-1": FULL}, stage=Stage.FINAL)
    advance(schools, State.DECIDED, staff)
    publish(opened, ground[0], staff)
    with pytest.raises(Refused) as refused:
        publish(schools, ground[0], staff, decided_on=date(2023, 12, 9))
    assert codes(refused) == {"core_decision_number_once"}


def test_a_unit_without_a_class_needs_an_acknowledgement(ground):
    province, _district, commune = ground
    version("agency", commune, code="KT-1")
    data = scheme_data(complete=False, classes=[], caps=[], total=None)
    opened = campaign(province, **{k: data[k] for k in ("complete", "classes", "caps", "total")})
    staff = account("staff", province)
    score(opened, {"KT-1": FULL}, stage=Stage.FINAL)
    advance(opened, State.DECIDED, staff)
    with pytest.raises(Refused) as refused:
        publish(opened, province, staff, acknowledge="")
    assert codes(refused) == {"flags_open"}
    publish(opened, province, staff, acknowledge="bộ tiêu chí chưa đủ")
    assert PublishedResult.objects.get().class_code == ""


def test_a_scheme_in_use_cannot_change(office):
    opened, _staff = office
    with pytest.raises(IntegrityError, match="đang được dùng"), transaction.atomic():
        opened.version.criteria.update(max_points=1)


def test_the_classes_of_a_campaign_follow_the_standards_of_the_same_year(ground):
    from tests.factories.classification import standard_data

    province, _district, commune = ground
    for code in ("KT-1", "KT-2", "KT-3"):
        version("agency", commune, code=code)
    staff = account("staff", province)
    standard = campaign(province, **standard_data())
    score(
        standard,
        {"KT-1": {"1": D(1), "2": D(1)}, "KT-2": {"1": D(1), "2": D(0)}, "KT-3": {"1": D(1)}},
        stage=Stage.FINAL,
    )
    ready = standard.assessments.filter(unit_code__in=["KT-1", "KT-2"]).values_list("pk", flat=True)
    assessments_advance(campaign=standard, ids=ready, to=State.DECIDED, actor=staff)
    publish(standard, province, staff, ids=ready)
    classes = scheme_data()["classes"]
    classes[0]["requires"] = ["standard:CHUAN"]
    opened = campaign(province, classes=classes)
    score(opened, dict.fromkeys(("KT-1", "KT-2", "KT-3"), FULL), stage=Stage.FINAL)
    assert {a.unit_code: a.class_code for a in opened.assessments.all()} == {
        "KT-1": "xuat_sac", "KT-2": "kha", "KT-3": "kha"
    }  # fmt: skip
    reasons = {a.unit_code: a.explanation["bands_refused"] for a in opened.assessments.all()}
    assert reasons["KT-2"] == [{"class": "xuat_sac", "reasons": ["tiêu chuẩn CHUAN chưa đạt"]}]
    assert reasons["KT-3"] == [{"class": "xuat_sac", "reasons": ["tiêu chuẩn CHUAN chưa có kết quả"]}]
