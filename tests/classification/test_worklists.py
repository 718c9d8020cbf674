"""My work and the board: counts that agree with what one may really do."""

from datetime import date
from decimal import Decimal as D

import pytest

from movement.classification.enums import Stage, State
from movement.classification.models import Assessment
from movement.classification.services.dossier import assessments_return
from movement.classification.services.steps import assessments_advance
from movement.classification.worklists import board, waiting, work_of
from movement.core.problems import Refused
from tests.factories.classification import campaign, score
from tests.factories.ground import account, legacy_ground, version

FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}
pytestmark = pytest.mark.django_db


@pytest.fixture
def year():
    """Hamlets of two communes and an office, at several steps."""
    province, district, commune = legacy_ground()
    other = version("commune", district)
    for code in ("KDC-1", "KDC-2", "KDC-3"):
        version("residential_area", commune, code=code)
    version("residential_area", other, code="KDC-9")
    version("agency", commune, code="KT-1")
    hamlets = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    offices = campaign(province)
    people = {
        "officer": account("commune_officer", commune), "lead": account("commune_lead", commune),
        "other": account("commune_lead", other), "staff": account("staff", province),
        "district": account("district_officer", district), "auditor": account("auditor", province), "nobody": account(),
    }  # fmt: skip
    score(hamlets, {"KDC-1": FULL, "KDC-2": FULL}, actor=people["officer"])
    ids = hamlets.assessments.filter(unit_code="KDC-1").values_list("pk", flat=True)
    assessments_advance(campaign=hamlets, ids=ids, to=State.SUBMITTED, actor=people["officer"])
    score(offices, {"KT-1": FULL}, stage=Stage.FINAL)
    return hamlets, offices, people


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("officer", {("enter", 1), ("submit", 1)}),
        ("lead", {("enter", 1), ("submit", 1), ("check", 1)}),
        ("other", {("enter", 1)}),
        ("staff", {("decide", 1)}),
        ("auditor", set()),
        ("nobody", set()),
    ],
)
def test_each_sees_the_work_that_is_theirs(year, who, expected):
    _hamlets, _offices, people = year
    assert {(t.step, t.count) for t in work_of(people[who])} == expected


def test_what_one_typed_is_not_ones_own_to_check(year):
    hamlets, _offices, people = year
    lead = people["lead"]
    score(hamlets, {"KDC-3": FULL}, actor=lead)
    ids = hamlets.assessments.filter(unit_code="KDC-3").values_list("pk", flat=True)
    assessments_advance(campaign=hamlets, ids=ids, to=State.SUBMITTED, actor=lead)
    assert ("check", 1) in {(t.step, t.count) for t in work_of(lead)}
    rows = waiting(lead, hamlets, "check", Assessment.objects.filter(campaign=hamlets))
    assert [a.unit_code for a in rows] == ["KDC-1"]


def test_a_returned_dossier_waits_for_who_enters_it(year):
    hamlets, _offices, people = year
    ids = hamlets.assessments.filter(unit_code="KDC-1").values_list("pk", flat=True)
    assessments_return(campaign=hamlets, ids=ids, reasons={}, whole="Thiếu biên bản", actor=people["lead"])
    assert ("returned", 1) in {(t.step, t.count) for t in work_of(people["officer"])}
    rows = waiting(people["officer"], hamlets, "returned", Assessment.objects.filter(campaign=hamlets))
    assert [a.unit_code for a in rows] == ["KDC-1"]  # its points are all there, and still it waits to be changed


def test_a_returned_dossier_is_counted_once_and_not_among_those_ready_to_be_sent(year):
    hamlets, _offices, people = year
    before = {t.step: t.count for t in work_of(people["officer"])}
    ids = hamlets.assessments.filter(unit_code="KDC-1").values_list("pk", flat=True)
    assessments_return(campaign=hamlets, ids=ids, reasons={}, whole="Thiếu biên bản", actor=people["lead"])
    after = {t.step: t.count for t in work_of(people["officer"])}
    assert after == before | {"returned": 1}
    rows = waiting(people["officer"], hamlets, "submit", Assessment.objects.filter(campaign=hamlets))
    assert "KDC-1" not in {a.unit_code for a in rows}


@pytest.mark.parametrize("who", ["officer", "lead", "other", "staff", "district"])
@pytest.mark.parametrize("step", ["submit", "check", "decide"])
def test_the_list_behind_a_line_is_what_the_service_lets_one_do(year, who, step):
    hamlets, offices, people = year
    to = {"submit": State.SUBMITTED, "check": State.CHECKED, "decide": State.DECIDED}[step]
    for opened in (hamlets, offices):
        every = Assessment.objects.filter(campaign=opened)
        for a in waiting(people[who], opened, step, every):
            assert assessments_advance(campaign=opened, ids=[a.pk], to=to, actor=people[who])
        for a in every.exclude(pk__in=waiting(people[who], opened, step, every)).exclude(state=to):
            if a.state != {"submit": "self_scored", "check": "submitted", "decide": "appraised"}[step]:
                continue
            with pytest.raises(Refused):
                assessments_advance(campaign=opened, ids=[a.pk], to=to, actor=people[who])


def test_the_board_counts_what_one_sees_and_nothing_else(year):
    hamlets, _offices, people = year
    rows = board(people["lead"], [hamlets])
    assert [(r.name, dict(r.states)) for r in rows] == [
        ("Thị trấn Nàng Mau", {"registered": 1, "self_scored": 1, "submitted": 1})
    ]
    assert board(people["nobody"], [hamlets]) == []


def test_the_board_tells_the_kinds_of_a_place_apart_and_their_sum_is_the_place(year):
    hamlets, offices, people = year
    rows = board(people["staff"], [hamlets, offices])
    kinds = {kind for row in rows for kind in row.kinds}
    assert {"residential_area", "agency"} <= kinds
    for row in rows:
        assert row.total == sum(line.total for line in row.lines)
        assert row.late == sum(line.late for line in row.lines)
    place = next(row for row in rows if row.name == "Thị trấn Nàng Mau")
    assert dict(place.kinds["residential_area"].states) == {"registered": 1, "self_scored": 1, "submitted": 1}


def test_the_page_of_the_board_shows_one_kind_when_asked(client, year):
    _hamlets, _offices, people = year
    client.force_login(people["staff"])
    whole, one = (client.get(f"/cham-diem/tien-do/{asked}").context for asked in ("", "?loai=residential_area"))
    assert sum(row.total for row in one["rows"]) == {k: n for k, _w, n in whole["kinds"]}["residential_area"]
    assert sum(row.total for row in whole["rows"]) == whole["all"] > sum(row.total for row in one["rows"])


def test_the_board_is_late_only_where_a_deadline_binds(year):
    hamlets, _offices, people = year
    assert [r.late for r in board(people["lead"], [hamlets])] == [0]  # opened afterwards: retrospective
    hamlets.deadlines = {"residential_area": date(2999, 11, 20).isoformat()}
    hamlets.save()
    assert [r.late for r in board(people["lead"], [hamlets])] == [0]


@pytest.mark.parametrize("count", [1, 6])
def test_my_work_costs_the_same_for_one_unit_and_for_many(year, count, django_assert_max_num_queries):
    _hamlets, offices, people = year
    province = offices.province
    top = province.versions.get()
    for n in range(count):
        version("agency", top, code=f"X-{n}")
    campaign(top)
    user = type(people["staff"]).objects.get(pk=people["staff"].pk)
    with django_assert_max_num_queries(12):
        work_of(user)
