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
