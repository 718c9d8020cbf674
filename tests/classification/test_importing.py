"""Points from files: every problem at once, nothing half written, an import again changes nothing."""

import csv
import io
from decimal import Decimal as D

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movement.audit.models import Entry
from movement.classification.enums import Stage, State
from movement.classification.models import AdjustmentScore, Score
from movement.classification.services.importing import scores_import
from movement.classification.services.steps import assessments_advance
from movement.core.problems import Refused
from tests.factories.classification import campaign, standard_data
from tests.factories.ground import account, legacy_ground, version

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened():
    province, _district, commune = legacy_ground()
    for code in ("KT-1", "KT-2", "KT-3"):
        version("agency", commune, code=code)
    opened = campaign(province)
    opened.ground = (province, commune)
    return opened


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def load(tmp_path, opened, rows, stage=Stage.FINAL, **more):
    path = write(tmp_path / "diem.csv", rows)
    return scores_import(path, campaign=opened, stage=stage, actor="kiểm tra", **more)


def stored(opened):
    rows = Score.objects.filter(assessment__campaign=opened)
    return {
        (s.assessment.unit_code, s.criterion.code): s.points for s in rows.select_related("assessment", "criterion")
    }


HEAD = ["unit_code", "1.1", "1.2", "2", "adj:T1", "na:1.2"]


def test_a_file_is_written_and_complete_units_are_appraised(tmp_path, opened):
    written = load(tmp_path, opened, [HEAD, ["KT-1", "30", "29,5", "0", "5", ""], ["KT-2", "3", "", "", "", ""]])
    assert (written.units, written.changed, written.complete) == (2, 2, 1)
    assert stored(opened) == {
        ("KT-1", "1.1"): D(30),
        ("KT-1", "1.2"): D("29.5"),
        ("KT-1", "2"): D(0),
        ("KT-2", "1.1"): D(3),
    }
    assert {a.unit_code: (a.state, a.office_entry) for a in opened.assessments.all()} == {
        "KT-1": ("appraised", True), "KT-2": ("registered", False), "KT-3": ("registered", False)
    }  # fmt: skip


def test_the_same_file_again_changes_nothing_and_leaves_no_trail(tmp_path, opened):
    rows = [HEAD, ["KT-1", "30", "", "40", "5", "không phát sinh"]]
    load(tmp_path, opened, rows)
    entries = Entry.objects.count()
    assert load(tmp_path, opened, rows).changed == 0
    assert Entry.objects.count() == entries


def test_an_empty_cell_leaves_what_is_stored_and_zero_is_zero(tmp_path, opened):
    load(tmp_path, opened, [HEAD, ["KT-1", "30", "30", "40", "5", ""]])
    load(tmp_path, opened, [HEAD, ["KT-1", "", "0", "", "0", ""]])
    assert stored(opened) == {("KT-1", "1.1"): D(30), ("KT-1", "1.2"): D(0), ("KT-1", "2"): D(40)}
    assert AdjustmentScore.objects.get().points == 0


BAD = [
    ["unit_code", "1.1", "1.2", "2", "1", "9.9", "adj:T1", "na:1.1", "na:1.2"],
    ["KT-1", "30.5", "10.25", "-1", "3", "", "6", "", ""],
    ["KT-1", "1", "1", "1", "", "", "", "", ""],
    ["KT-7", "1", "1", "1", "", "", "", "", ""],
    ["", "1", "1", "1", "", "", "", "", ""],
    ["KT-2", "ba mươi", "1.234", "1e3", "", "", "", "", ""],
    ["KT-3", "", "5", "=1+1", "", "", "", "không có", "không có"],
]


def test_every_problem_is_listed_with_its_place_and_nothing_is_written(tmp_path, opened):
    with pytest.raises(Refused) as refused:
        load(tmp_path, opened, BAD)
    found = {(p.code, p.line, p.column) for p in refused.value.problems}
    assert found == {
        ("not_a_leaf", 1, "1"), ("unknown_column", 1, "9.9"),
        ("bad_points", 2, "1.1"), ("bad_points", 2, "1.2"), ("bad_points", 2, "2"), ("bad_points", 2, "adj:T1"),
        ("duplicate_in_file", 3, "unit_code"), ("unknown_unit", 4, "unit_code"), ("missing_unit", 5, "unit_code"),
        ("bad_number", 6, "1.1"), ("bad_number", 6, "1.2"), ("bad_number", 6, "2"),
        ("bad_number", 7, "2"), ("not_applicable_refused", 7, "na:1.1"), ("points_and_reason", 7, "na:1.2"),
    }  # fmt: skip
    assert stored(opened) == {}


def test_a_workbook_with_a_formula_is_refused_at_its_cell(tmp_path, opened):
    path = tmp_path / "diem.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for column, heading in enumerate(["unit_code", "1.1"]):
            sheet.write_string(0, column, heading)
        sheet.write_string(1, 0, "KT-1")
        sheet.write_formula(1, 1, "=10+10", None, 20)
    with pytest.raises(Refused) as refused:
        scores_import(path, campaign=opened, stage=Stage.FINAL, actor="kiểm tra")
    assert [(p.code, p.line, p.column) for p in refused.value.problems] == [("formula", 2, "1.1")]


def test_numbers_of_a_workbook_pass_through_their_shortest_text(tmp_path, opened):
    path = tmp_path / "diem.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["unit_code", "1.1", "1.2", "2"])
        sheet.write_row(1, 0, ["KT-1", 28.5, "29,5", 0.1 + 0.4])
    scores_import(path, campaign=opened, stage=Stage.FINAL, actor="kiểm tra")
    assert stored(opened) == {("KT-1", "1.1"): D("28.5"), ("KT-1", "1.2"): D("29.5"), ("KT-1", "2"): D("0.5")}


@pytest.mark.parametrize(
    ("stage", "state", "taken"),
    [
        (Stage.SELF, State.REGISTERED, True), (Stage.SELF, State.SUBMITTED, False),
        (Stage.CHECK, State.REGISTERED, False), (Stage.CHECK, State.SUBMITTED, True), (Stage.CHECK, State.APPRAISED, False),
        (Stage.FINAL, State.REGISTERED, True), (Stage.FINAL, State.APPRAISED, True), (Stage.FINAL, State.DECIDED, False),
    ],
)  # fmt: skip
def test_each_stage_is_taken_in_its_own_steps(tmp_path, opened, stage, state, taken):
    load(tmp_path, opened, [HEAD, ["KT-1", "30", "30", "30", "", ""]])
    opened.assessments.filter(unit_code="KT-1").update(state=state)
    rows = [HEAD, ["KT-1", "10", "10", "10", "", ""]]
    if taken:
        assert load(tmp_path, opened, rows, stage).changed == 1
    else:
        with pytest.raises(Refused) as refused:
            load(tmp_path, opened, rows, stage)
        assert [(p.code, p.line, p.value) for p in refused.value.problems] == [("not_open", 2, "KT-1")]


def test_with_an_actor_the_rules_of_the_screen_hold(tmp_path, opened):
    _province, commune = opened.ground
    lead = account("commune_lead", commune)  # reads the office on its ground, and does not type for it
    with pytest.raises(Refused) as refused:
        load(tmp_path, opened, [HEAD, ["KT-1", "1", "1", "1", "", ""]], Stage.SELF, user=lead)
    assert [(p.code, p.line) for p in refused.value.problems] == [("not_allowed", 2)]


def test_who_imported_the_self_score_may_not_check_it(tmp_path, opened):
    province, _commune = opened.ground
    staff = account("staff", province)
    load(tmp_path, opened, [HEAD, ["KT-1", "30", "30", "30", "", ""]], Stage.SELF, user=staff)
    ids = opened.assessments.filter(unit_code="KT-1").values_list("pk", flat=True)
    with pytest.raises(Refused) as refused:
        assessments_advance(campaign=opened, ids=ids, to=State.CHECKED, actor=staff)
    assert [p.code for p in refused.value.problems] == ["not_allowed"]
    assert opened.assessments.get(unit_code="KT-1").on_behalf


def test_a_trial_run_finds_everything_and_writes_nothing(tmp_path, opened):
    written = load(tmp_path, opened, [HEAD, ["KT-1", "30", "30", "30", "", ""]], dry_run=True)
    assert (written.changed, stored(opened)) == (1, {})


@pytest.mark.parametrize(("cell", "points"), [("đạt", 1), ("Chưa đạt", 0), ("1", 1), (0, 0)])
def test_a_standard_takes_words_and_digits(tmp_path, opened, cell, points):
    standard = campaign(opened.ground[0], **standard_data())
    load(tmp_path, standard, [["unit_code", "1", "2"], ["KT-1", cell, "đạt"]])
    assert stored(standard) == {("KT-1", "1"): D(points), ("KT-1", "2"): D(1)}


cells = st.one_of(st.none(), st.integers(0, 60).map(lambda n: D(n) / 2), st.text(max_size=8))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["KT-1", "KT-2", "KT-3", "KT-9"]), cells, cells), min_size=1, max_size=4))
def test_whatever_stands_in_a_file_it_is_written_whole_or_refused_with_places(tmp_path, opened, rows):
    Score.objects.all().delete()
    opened.assessments.update(state=State.REGISTERED)
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["unit_code", "1.1", "1.2"], *rows])
    try:
        written = scores_import(
            buffer.getvalue().encode(), filename="x.csv", campaign=opened, stage=Stage.FINAL, actor="kiểm tra"
        )
    except Refused as refused:
        assert all(p.message and p.code for p in refused.problems)
        assert stored(opened) == {}
    else:
        assert written.cells == len(stored(opened))
        again = scores_import(
            buffer.getvalue().encode(), filename="x.csv", campaign=opened, stage=Stage.FINAL, actor="kiểm tra"
        )
        assert again.changed == 0
