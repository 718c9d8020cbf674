"""Models and points on a date: first and last day, as then and as now, and who sees which."""

from datetime import date

import pytest

from movement.exemplars.enums import Life
from movement.exemplars.selectors import (
    exemplars_of,
    ground_of_province,
    ground_of_user,
    models_listed,
    models_on,
    models_within,
    points_on,
    working_models,
)
from movement.exemplars.selectors.practice import unit_models
from movement.exemplars.services.practice import model_move
from tests.factories.exemplars import point, practice_model
from tests.factories.ground import REFORM, account, legacy_ground, version
from tests.factories.units import lineage

pytestmark = pytest.mark.django_db
ON = date(2023, 12, 31)


@pytest.fixture
def ground():
    return legacy_ground()


def ground_for(user, on=ON):
    return ground_of_user(user, on)


def counts(province, on):
    totals = models_on(province.unit, on).totals
    return totals.models, totals.points, totals.teams, totals.members


def test_the_hand_worked_case(ground):
    """The figures of the acceptance script, worked out by hand there."""
    province, _district, commune = ground
    camera = practice_model(province, code="MH-1", field="Phòng, chống tội phạm", since=date(2020, 1, 1))
    gate = practice_model(province, code="MH-2", field="Trường học", since=date(2024, 1, 1))
    point(camera, commune, since=date(2021, 3, 1), teams=2, members=11)
    point(camera, commune, since=ON, teams=1, members=5)  # begins on the day asked about
    point(camera, commune, since=date(2020, 1, 1), until=date(2024, 1, 1), teams=4, members=40)  # its last day
    point(gate, commune, since=date(2024, 1, 1), teams=1, members=9)
    assert counts(province, ON) == (1, 3, 7, 56)
    assert counts(province, date(2024, 1, 1)) == (2, 3, 4, 25)
    assert models_on(province.unit, date(2024, 1, 1)).totals.as_json()["by_field"] == {
        "Phòng, chống tội phạm": {"models": 1, "points": 2},
        "Trường học": {"models": 1, "points": 1},
    }


def test_a_model_without_a_point_that_day_does_not_count(ground):
    province, _district, commune = ground
    practice_model(province, state=Life.WORKING)
    gone = practice_model(province)
    point(gone, commune, until=ON)
    assert counts(province, ON) == (0, 0, 0, 0)


def test_states_are_those_of_the_day(ground):
    province, _district, commune = ground
    model = practice_model(province, state=Life.LAUNCHED)
    point(model, commune)
    model_move(model=model, to=Life.WEAK, since=date(2023, 7, 1), actor="kiểm tra")
    model_move(model=model, to=Life.ENDED, since=date(2024, 1, 1), actor="kiểm tra")
    days = (date(2023, 6, 30), date(2023, 7, 1), ON, date(2024, 1, 1))
    assert [models_on(province.unit, day).totals.by_state for day in days] == [
        {"launched": {"models": 1, "points": 1}},
        {"weak": {"models": 1, "points": 1}},
        {"weak": {"models": 1, "points": 1}},
        {},
    ]


def reform(ground, *, share="whole"):
    province, _district, commune = ground
    new_province = version("province", code="92", name="Thành phố Cần Thơ", since=REFORM)
    new_commune = version("commune", new_province, name="Xã Vị Thủy", since=REFORM, level="province")
    lineage(province, new_province)
    lineage(commune, new_commune, share=share)
    return new_province, new_commune


def test_after_a_merger_points_count_for_the_successor_from_its_first_day(ground):
    new_province, _commune = reform(ground)
    point(practice_model(ground[0]), ground[2])
    assert counts(ground[0], date(2025, 6, 30)) == (1, 1, 1, 10)
    assert counts(ground[0], REFORM) == (0, 0, 0, 0)
    assert counts(new_province, REFORM) == (1, 1, 1, 10)
    rows, notes = points_on(new_province.unit, REFORM)
    assert ([(r.commune, r.district, r.sure) for r in rows], notes) == ([("Xã Vị Thủy", "", True)], [])


@pytest.mark.parametrize(("share", "noted"), [("whole", 0), ("part", 1)])
def test_as_now_regroups_without_counting_twice_and_says_what_cannot_be_split(ground, share, noted):
    _province, new = reform(ground, share=share)
    other = version("commune", version("province", since=REFORM), name="Xã Khác", since=REFORM)
    if share == "part":
        lineage(ground[2], other, share="part", main=False)
    point(practice_model(ground[0]), ground[2])
    rows, notes = points_on(ground[0].unit, ON, as_now=True)
    assert ([(r.commune, r.district) for r in rows], len(notes)) == ([(new.name, "")], noted)
    assert [(r.commune, r.district) for r in points_on(ground[0].unit, ON)[0]] == [
        ("Thị trấn Nàng Mau", "Huyện Vị Thủy")
    ]


def test_a_point_entered_under_todays_code_counts_where_its_unit_came_from(ground):
    """Two communes became one; a point entered on the new one stands on both of then, in their shared district."""
    province, district, commune = ground
    _new_province, new = reform(ground)
    lineage(version("commune", district, name="Xã Vị Đông"), new)
    model = practice_model(province)
    point(model, new, since=date(2021, 1, 1))
    assert counts(province, ON) == (1, 1, 1, 10)
    rows, notes = points_on(province.unit, ON)
    assert [(r.commune, r.district, r.sure) for r in rows] == [("", "Huyện Vị Thủy", False)]
    assert len(notes) == 1
    assert counts(province, date(2020, 12, 31)) == (0, 0, 0, 0)
    assert commune.unit_id not in {r.unit_id for r in rows}


def test_a_point_whose_unit_ended_without_a_successor_counts_no_more(ground):
    point(practice_model(ground[0]), ground[2])
    assert (counts(ground[0], date(2025, 6, 30)), counts(ground[0], REFORM)) == ((1, 1, 1, 10), (0, 0, 0, 0))


@pytest.fixture
def two_communes(ground):
    """One model with a point in each of two communes, and a model of the other commune alone."""
    province, district, commune = ground
    other = version("commune", district, name="Xã Vị Đông")
    shared, alone = practice_model(province, name="Chung"), practice_model(province, name="Riêng")
    point(shared, commune, teams=2, members=20)
    point(shared, other, teams=1, members=7)
    point(alone, other)
    practice_model(province, name="Chưa có điểm")
    return commune, other


@pytest.mark.parametrize(
    ("role", "where", "seen"),
    [
        ("staff", 0, {"Chung": (2, 27), "Riêng": (1, 10), "Chưa có điểm": (0, 0)}),
        ("auditor", 0, {"Chung": (2, 27), "Riêng": (1, 10), "Chưa có điểm": (0, 0)}),
        ("district_officer", 1, {"Chung": (2, 27), "Riêng": (1, 10)}),
        ("commune_officer", 2, {"Chung": (1, 20)}),
        ("commune_lead", 2, {"Chung": (1, 20)}),
    ],
)
def test_each_sees_the_models_and_figures_of_its_ground(ground, two_communes, role, where, seen):
    user = account(role, ground[where])
    rows = models_listed(ground_for(user))
    assert {row.name: (row.points, row.members) for row in rows} == seen


@pytest.mark.parametrize("role", ["staff", "commune_officer"])
def test_another_provinces_account_and_one_without_a_role_see_nothing(two_communes, role):
    elsewhere = version("province", code="94")
    place = elsewhere if role == "staff" else version("commune", elsewhere)
    for user in (account(role, place), account()):
        assert models_listed(ground_for(user)) == []
        assert list(models_within(ground_for(user))) == []


def test_after_a_merger_the_successors_officers_see_what_their_commune_took_over(ground, two_communes):
    province, new = reform(ground)
    officer, staff = account("commune_officer", new), account("staff", province)
    on = date(2026, 1, 1)
    for user, seen in ((officer, {"Chung": 1}), (staff, {"Chung": 1, "Riêng": 0, "Chưa có điểm": 0})):
        rows = models_listed(ground_for(user, on))
        assert {row.name: row.points for row in rows} == seen  # the other commune has no successor loaded


def test_counting_takes_three_queries_however_many_rows(ground, django_assert_num_queries):
    province, district, commune = ground
    for at in (commune, version("commune", district), version("commune", district)):
        for model in (practice_model(province), practice_model(province)):
            point(model, at)
    with django_assert_num_queries(3):
        assert len(working_models(ground_of_province(province.unit, ON))) == 6


def test_a_units_panel_lists_its_points(ground):
    model = practice_model(ground[0], name="Camera")
    point(model, ground[2], name="Ấp 1", until=date(2024, 1, 1))
    assert [
        (r["unit_id"], r["model_name"], r["point_name"], r["ended_on"]) for r in unit_models([ground[2].unit_id])
    ] == [(ground[2].unit_id, "Camera", "Ấp 1", "2023-12-31")]


def test_no_exemplars_of_a_year_without_a_decision(ground):
    assert exemplars_of(2024, ground[0].unit) == []
