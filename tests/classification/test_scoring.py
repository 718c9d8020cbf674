"""Saving one cell: stored, base and new value; two people in one unit lose nothing."""

import threading
from decimal import Decimal as D
from uuid import uuid4

import pytest
from django.db import connection

from movement.audit.models import Entry
from movement.classification.enums import Stage, State
from movement.classification.models import Assessment, SaveReceipt, Score
from movement.classification.services.scoring import Value, score_save
from movement.core.problems import Refused
from tests.factories.classification import campaign, score
from tests.factories.ground import account, legacy_ground, version

FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}


@pytest.fixture
def hamlet(db):
    """One residential area's assessment and its officer."""
    province, _district, commune = legacy_ground()
    version("residential_area", commune, code="KDC-1")
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    return opened.assessments.get(), account("commune_officer", commune)


def save(hamlet, new, *, base=None, code="1.1", edit=None, actor=None, stage=Stage.SELF):
    a, officer = hamlet
    return score_save(
        assessment_id=a.pk, stage=stage, code=code, base=base or Value(), new=new, edit_id=edit or uuid4(),
        actor=actor or officer,
    )  # fmt: skip


def stored(a):
    return {
        s.criterion.code: (s.points, s.reason) for s in Score.objects.filter(assessment=a).select_related("criterion")
    }


def test_a_save_on_what_is_stored_is_written_with_a_trail(hamlet):
    saved = save(hamlet, Value(D("20.5")))
    entry = Entry.objects.get(action="score.save")
    assert (saved.outcome, stored(hamlet[0])) == ("written", {"1.1": (D("20.5"), "")})
    assert (entry.after, entry.unit_id) == ({"points": "20.5", "reason": ""}, hamlet[0].unit_id)


def test_a_save_over_somebody_elses_change_is_a_conflict_with_both_values(hamlet):
    save(hamlet, Value(D(10)))
    saved = save(hamlet, Value(D(20)), base=Value())
    assert (saved.outcome, saved.stored, saved.stored_by) == ("conflict", Value(D(10)), str(hamlet[1]))
    assert stored(hamlet[0]) == {"1.1": (D(10), "")}


def test_the_same_value_from_two_people_is_a_success(hamlet):
    save(hamlet, Value(D(10)))
    assert save(hamlet, Value(D(10)), base=Value()).outcome == "stood"


def test_an_edit_sent_twice_is_written_once(hamlet):
    edit = uuid4()
    save(hamlet, Value(D(10)), edit=edit)
    save(hamlet, Value(D(12)), base=Value(D(10)))
    again = save(hamlet, Value(D(10)), edit=edit)
    assert (again.outcome, stored(hamlet[0]), SaveReceipt.objects.count()) == ("stood", {"1.1": (D(12), "")}, 2)


def test_emptying_a_cell_takes_its_points_away(hamlet):
    save(hamlet, Value(D(10)))
    assert save(hamlet, Value(), base=Value(D(10))).outcome == "written"
    assert stored(hamlet[0]) == {}


@pytest.mark.parametrize(
    ("code", "new", "problem"),
    [
        ("1.1", Value(D("30.5")), "lớn hơn điểm chuẩn 30"),
        ("1.1", Value(D("10.25")), "không đúng bước 0,5"),
        ("1.1", Value(D(-1)), "nhỏ hơn 0"),
        ("1.1", Value(reason="không có"), "không được để “không áp dụng”"),
        ("1.2", Value(D(1), "vừa điểm vừa lý do"), "không có cả hai"),
        ("1", Value(D(1)), "không có mục chấm điểm"),
        ("9", Value(D(1)), "không có mục chấm điểm"),
    ],
)
def test_what_cannot_stand_in_a_cell_is_refused_with_its_sentence(hamlet, code, new, problem):
    with pytest.raises(Refused, match=problem):
        save(hamlet, new, code=code)
    assert (stored(hamlet[0]), SaveReceipt.objects.count()) == ({}, 0)


def test_the_result_follows_each_save(hamlet):
    a, _officer = hamlet
    for code, points in FULL.items():
        save(hamlet, Value(points), code=code)
    a.refresh_from_db()
    assert (a.points, a.class_code, a.complete) == (D(90), "xuat_sac", True)
    save(hamlet, Value(), base=Value(D(30)), code="2")
    a.refresh_from_db()
    assert (a.points, a.class_code, a.explanation["missing"]) == (None, "", ["2"])


def test_typing_for_the_unit_is_marked_as_on_behalf(hamlet):
    save(hamlet, Value(D(10)))
    assert Assessment.objects.get().on_behalf


@pytest.mark.parametrize("state", [State.SUBMITTED, State.CHECKED, State.APPRAISED, State.DECIDED])
def test_a_self_score_is_closed_once_submitted(hamlet, state):
    score(hamlet[0].campaign, {"KDC-1": FULL})
    Assessment.objects.update(state=state)
    with pytest.raises(Refused, match="không sửa được điểm này"):
        save(hamlet, Value(D(1)), base=Value(D(30)))


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_once_one_is_written_and_one_is_a_conflict():
    province, _district, commune = legacy_ground()
    version("residential_area", commune, code="KDC-1")
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    hamlet = opened.assessments.get(), account("commune_officer", commune)
    barrier, outcomes = threading.Barrier(2), []

    def one(points):
        barrier.wait()
        outcomes.append(save(hamlet, Value(points)).outcome)
        connection.close()

    threads = [threading.Thread(target=one, args=(D(n),)) for n in (10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "written"]


@pytest.fixture
def submitted(hamlet):
    """The hamlet, scored by its officer and submitted, with the lead who checks it."""
    a, officer = hamlet
    score(a.campaign, {"KDC-1": FULL}, actor=officer)
    Assessment.objects.filter(pk=a.pk).update(state=State.SUBMITTED)
    return a, account("commune_lead", officer.assignments.get().unit.versions.get())


def test_a_checkers_change_is_stored_with_its_reason_and_the_trail_tells_it(submitted):
    saved = save(submitted, Value(D(20), note=" Thiếu biên bản họp dân "), stage=Stage.CHECK)
    assert (saved.outcome, saved.stored) == ("written", Value(D(20), note="Thiếu biên bản họp dân"))
    assert Score.objects.get(stage=Stage.CHECK).note == "Thiếu biên bản họp dân"
    assert Entry.objects.get(action="score.save").reason == "Thiếu biên bản họp dân"


@pytest.mark.parametrize(
    ("code", "value"), [("1.1", Value(D(20))), ("1.1", Value(D(20), note="  ")), ("1.2", Value(reason="Không có"))]
)
def test_a_checkers_change_without_a_reason_writes_nothing(submitted, code, value):
    with pytest.raises(Refused) as refused:
        save(submitted, value, code=code, stage=Stage.CHECK)
    assert [p.code for p in refused.value.problems] == ["note_missing"]
    assert not Score.objects.filter(stage=Stage.CHECK).exists()


def test_what_accepts_the_stage_before_asks_no_reason_and_keeps_none(submitted):
    assert save(submitted, Value(D(30), note="thừa"), stage=Stage.CHECK).stored == Value(D(30))
    assert save(submitted, Value(), base=Value(D(30)), stage=Stage.CHECK).outcome == "written"


def test_the_final_points_are_measured_by_the_check_not_by_the_self_score(submitted):
    save(submitted, Value(D(20), note="Thiếu biên bản"), stage=Stage.CHECK)
    Assessment.objects.update(state=State.CHECKED)
    assert save(submitted, Value(D(20)), stage=Stage.FINAL).outcome == "written"
    with pytest.raises(Refused) as refused:
        save(submitted, Value(D(30)), base=Value(D(20)), stage=Stage.FINAL)
    assert [p.code for p in refused.value.problems] == ["note_missing"]


def test_a_bonus_that_the_unit_did_not_ask_for_needs_a_reason(submitted):
    a, lead = submitted
    bonus = {
        "assessment_id": a.pk,
        "stage": Stage.CHECK,
        "code": "T1",
        "adjustment": True,
        "base": Value(),
        "actor": lead,
    }
    with pytest.raises(Refused, match="lý do"):
        score_save(new=Value(D(3)), edit_id=uuid4(), **bonus)
    assert score_save(new=Value(D(3), note="Được tặng cờ"), edit_id=uuid4(), **bonus).outcome == "written"
    assert score_save(new=Value(D(0)), edit_id=uuid4(), **{**bonus, "code": "P1"}).outcome == "written"


def test_a_reason_alone_is_mended_by_the_same_rule_as_points(submitted):
    first, second = Value(D(20), note="Thiếu biên bản"), Value(D(20), note="Thiếu biên bản ngày 5/11")
    save(submitted, first, stage=Stage.CHECK)
    assert save(submitted, second, base=Value(D(20)), stage=Stage.CHECK).outcome == "conflict"
    assert save(submitted, second, base=first, stage=Stage.CHECK).stored == second


def test_an_import_needs_no_reason_and_takes_away_one_that_explained_other_points(submitted):
    a, lead = submitted
    save(submitted, Value(D(20), note="Thiếu biên bản"), stage=Stage.CHECK)
    score(a.campaign, {"KDC-1": {"1.1": D(10)}}, stage=Stage.CHECK, actor=lead)
    row = Score.objects.get(stage=Stage.CHECK)
    assert (row.points, row.note) == (D(10), "")
