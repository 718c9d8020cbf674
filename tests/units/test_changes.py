"""The guided actions on one unit: looked at, made, each problem told at once."""

from datetime import date

import pytest
from django.db import connection

from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.changes import everything, ground_of_today
from tests.factories.ground import REFORM, SINCE, version
from tests.factories.units import history
from units.models import RegisterChange, Unit, UnitVersion
from units.selectors import change_steps, changes_of, integrity_problems, successors
from units.services.changes import (
    Close,
    Create,
    Level,
    Move,
    Rename,
    Reopen,
    change_make,
    change_preview,
)

pytestmark = pytest.mark.django_db
ON, BEFORE = date(2026, 1, 1), date(2025, 12, 31)
ACTOR = "kiểm tra"


@pytest.fixture
def ground():
    return ground_of_today()


def make(asked, **more):
    return change_make(asked, actor=ACTOR, **more)


def codes(asked):
    """Codes and columns of what is wrong; a look and the doing agree."""
    looked = change_preview(asked, actor=ACTOR)
    with pytest.raises(Refused) as refused:
        make(asked)
    assert [p.code for p in refused.value.problems] == [p.code for p in looked.problems]
    return [(p.code, p.column) for p in looked.problems]


def test_a_look_writes_nothing_and_says_what_would_be(ground):
    before = everything()
    asked = Create(on=ON, kind="agency", name="Trạm  Khuyến nông ", parent=ground.one.unit, managing_level="commune")

    looked = change_preview(asked, actor=ACTOR)

    assert everything() == before
    assert not Entry.objects.exists()
    assert looked.sentence == "Thêm “Trạm Khuyến nông” tại “Xã Một” từ ngày 01/01/2026."
    (step,) = looked.steps
    assert (step.unit_id, step.action, step.before) == (None, "created", {})
    assert step.after["place"] == "Xã Một"
    assert (looked.problems, looked.warnings, looked.below, looked.effects) == ([], [], 0, [])


def test_a_new_unit(ground):
    change = make(
        Create(
            on=ON,
            kind="school",
            name="Trường Mầm non Hoa Sen",
            parent=ground.one.unit,
            managing_level="commune",
            code="TH-1",
            details={"scope_reason": "Tự nguyện đăng ký", "phone": "0292"},
            decision="12/QĐ-UBND",
        )
    )

    (unit,) = change.created_ids
    assert Unit.objects.get(pk=unit).phone == "0292"
    assert history(Unit.objects.get(pk=unit)) == [(ON, None, "TH-1", "Trường Mầm non Hoa Sen", ground.one.unit_id)]
    assert (change.kind, change.decision, change.province_id) == ("create", "12/QĐ-UBND", ground.province.unit_id)
    assert [row.pk for row in changes_of(unit)] == [change.pk]
    entry = Entry.objects.get()
    assert (entry.action, entry.unit_id, entry.sentence) == ("unit.created", unit, change.sentence)


def test_every_problem_of_a_new_unit_at_once(ground):
    asked = Create(
        on=ON,
        kind="school",
        name="Trường Tiểu học Một",
        parent=ground.hamlet.unit,
        managing_level="district",
        code="CQ-1",
    )
    assert codes(asked) == [
        ("out_of_scope", "scope_reason"),
        ("district_level_ended", "managing_level"),
        ("code_taken", "code"),
        ("wrong_parent_kind", "parent"),
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": " "}, [("missing_name", "name")]),
        ({"parent": None}, [("parent_missing", "parent")]),
        ({"kind": "commune"}, [("missing_code", "code"), ("wrong_parent_kind", "parent")]),
        ({"kind": "spaceship"}, [("unknown_kind", "kind")]),
        ({"on": date(2020, 1, 1)}, [("unit_not_there", "parent")]),
        ({"kind": "district", "code": "1"}, [("wrong_parent_kind", "parent")]),
    ],
)
def test_a_new_unit_that_cannot_be(ground, values, expected):
    usual = {"on": ON, "kind": "agency", "name": "Cơ quan", "parent": ground.one.unit, "managing_level": "commune"}
    found = codes(Create(**usual | values))
    assert found == (expected if values.get("kind") != "district" else [("district_after_2025", "kind")])


def test_a_rename_keeps_the_unit(ground):
    change = make(Rename(ground.office.unit, on=ON, name="Trung tâm Y tế", code="CQ-9"))

    assert history(ground.office.unit) == [
        (REFORM, ON, "CQ-1", "Trạm Y tế", ground.one.unit_id),
        (ON, None, "CQ-9", "Trung tâm Y tế", ground.one.unit_id),
    ]
    (step,) = change_steps(change)
    assert (step.action, step.before, step.after) == (
        "renamed",
        {"code": "CQ-1", "name": "Trạm Y tế"},
        {"code": "CQ-9", "name": "Trung tâm Y tế"},
    )
    assert codes(Rename(ground.office.unit, on=ON, name="Trung tâm Y tế")) == [("no_change", "name")]


def test_a_rename_to_a_taken_code_names_the_bearer(ground):
    other = version("agency", ground.two, name="Quỹ", code="CQ-2", since=REFORM)
    looked = change_preview(Rename(other.unit, on=ON, code="CQ-1"), actor=ACTOR)
    (problem,) = looked.problems
    assert (problem.code, problem.column) == ("code_taken", "code")
    assert "“Trạm Y tế”" in problem.message


def test_a_move_takes_along_what_is_below(ground):
    other = version("province", name="Tỉnh Khác", code="93", since=REFORM)
    change = make(Move(ground.one.unit, other.unit, on=ON))

    there = UnitVersion.objects.filter(valid__contains=ON, province=other.unit)
    assert {v.unit_id for v in there} == {
        other.unit_id,
        *(v.unit_id for v in (ground.one, ground.hamlet, ground.office)),
    }
    assert next((s.unit_id, s.action) for s in change_steps(change)) == (ground.one.unit_id, "moved")
    assert change_preview(Move(ground.one.unit, ground.province.unit, on=ON), actor=ACTOR).below == 2
    assert integrity_problems() == []


def test_moves_that_cannot_be(ground):
    district = version("district", version("province", code="94"), code="935", until=REFORM)
    assert codes(Move(ground.hamlet.unit, ground.province.unit, on=ON)) == [("wrong_parent_kind", "parent")]
    assert codes(Move(ground.hamlet.unit, district.unit, on=ON)) == [("unit_not_there", "parent")]
    assert codes(Move(ground.hamlet.unit, None, on=ON)) == [("parent_missing", "parent")]
    assert codes(Move(ground.hamlet.unit, ground.two.unit, on=SINCE)) == [("unit_not_there", "unit")]
    assert codes(Move(ground.hamlet.unit, ground.one.unit, on=ON)) == [("no_change", "parent")]
    assert codes(Move(ground.province.unit, ground.one.unit, on=ON)) == [("province_moves", "unit")]


def test_a_place_does_not_go_below_itself():
    province = version("province", code="94")
    district = version("district", province, code="935", until=REFORM)
    commune = version("commune", district, code="1")
    assert codes(Move(district.unit, commune.unit, on=date(2020, 1, 1))) == [("cycle", "parent")]


def test_a_move_that_would_leave_a_commune_without_a_place_is_refused(ground):
    ending = version("province", code="95", since=REFORM, until=date(2027, 1, 1))
    assert codes(Move(ground.one.unit, ending.unit, on=ON)) == [("crosses_parent_end", "parent")]


def test_an_office_that_outlives_its_new_place_is_told(ground):
    ending = version("commune", ground.province, since=REFORM, until=date(2027, 1, 1), level="province")
    looked = change_preview(Move(ground.office.unit, ending.unit, on=ON), actor=ACTOR)
    assert ([w.code for w in looked.warnings], looked.problems) == (["unplaced_after"], [])


def test_another_managing_level(ground):
    body = version("agency", ground.province, name="Sở Y tế", since=REFORM)
    change = make(Level(ground.office.unit, "province", body.unit, on=ON))

    (step,) = change_steps(change)
    assert step.after == {"managing_level": "province", "managing_body": "Sở Y tế"}
    assert codes(Level(ground.office.unit, "district", on=ON)) == [("district_level_ended", "managing_level")]
    assert codes(Level(ground.office.unit, "province", ground.office.unit, on=ON)) == [
        ("managed_by_itself", "managing_body")
    ]


def test_closing_with_an_heir_hands_over_what_is_below_and_what_is_managed(ground):
    managed = version("agency", ground.two, since=REFORM, managing_body=ground.office.unit)
    heir = version("agency", ground.one, name="Trung tâm Y tế", since=REFORM)

    make(Close(ground.one.unit, ground.two.unit, on=ON, decision="01/NQ", decided_on=date(2025, 12, 1)))
    make(Close(ground.office.unit, heir.unit, on=date(2026, 2, 1)))

    assert [row[0::4] for row in history(ground.hamlet.unit)] == [
        (REFORM, ground.one.unit_id),
        (ON, ground.two.unit_id),
    ]
    (link,) = successors(ground.one.unit)
    assert (link.unit_id, link.kind, link.decision) == (ground.two.unit_id, "merge", "01/NQ ngày 01/12/2025")
    bodies = UnitVersion.objects.filter(unit=managed.unit).order_by("valid__startswith")
    assert [v.managing_body_id for v in bodies] == [ground.office.unit_id, heir.unit_id]
    assert integrity_problems() == []


def test_closing_without_an_heir(ground):
    assert codes(Close(ground.one.unit, on=ON)) == [("has_units_below", "heir")]
    make(Close(ground.office.unit, on=ON))
    assert history(ground.office.unit)[-1][1] == ON
    assert codes(Close(ground.office.unit, on=ON)) == [("no_change", "on")]
    assert codes(Close(ground.office.unit, on=date(2027, 1, 1))) == [("unit_not_there", "unit")]


def test_heirs_that_cannot_be(ground):
    late = version("agency", ground.one, since=date(2027, 1, 1))
    assert codes(Close(ground.office.unit, late.unit, on=ON)) == [("unit_not_there", "heir")]
    assert codes(Close(ground.office.unit, ground.office.unit, on=ON)) == [("merged_into_itself", "heir")]
    assert codes(Close(ground.office.unit, ground.hamlet.unit, on=ON)) == [("kind_differs", "heir")]
    assert codes(Close(ground.province.unit, ground.one.unit, on=ON)) == [("cycle", "heir")]
    make(Rename(ground.office.unit, on=date(2027, 1, 1), name="Tên sau"))
    assert codes(Close(ground.office.unit, on=ON)) == [("changed_later", "unit")]


def test_a_closed_unit_holds_again(ground):
    make(Close(ground.office.unit, on=ON))
    again = date(2026, 6, 1)

    change = make(Reopen(ground.office.unit, ground.two.unit, on=again))

    assert [row[:2] + row[4:] for row in history(ground.office.unit)] == [
        (REFORM, ON, ground.one.unit_id),
        (again, None, ground.two.unit_id),
    ]
    assert [step.action for step in change_steps(change)] == ["reopened"]
    assert codes(Reopen(ground.office.unit, on=date(2026, 7, 1))) == [("not_closed", "on")]


def test_a_unit_reopened_on_the_day_after_its_last_never_ended(ground):
    make(Close(ground.office.unit, on=ON))
    make(Reopen(ground.office.unit, on=ON))
    assert [row[:2] for row in history(ground.office.unit)] == [(REFORM, None)]


def test_a_unit_that_went_into_another_is_not_reopened(ground):
    heir = version("agency", ground.one, since=REFORM, name="Trung tâm Y tế")
    make(Close(ground.office.unit, heir.unit, on=ON))
    assert codes(Reopen(ground.office.unit, on=date(2026, 7, 1))) == [("merged_away", "unit")]


def test_a_code_given_away_meanwhile_keeps_a_unit_closed(ground):
    make(Close(ground.office.unit, on=ON))
    version("agency", ground.two, code="CQ-1", since=ON)
    assert codes(Reopen(ground.office.unit, on=ON)) == [("code_taken", "code")]


def test_the_same_form_sent_twice_is_one_change(ground):
    asked = Rename(ground.office.unit, on=ON, name="Trung tâm Y tế")
    first = make(asked, idempotency_key="k1")
    assert make(asked, idempotency_key="k1").pk == first.pk
    assert RegisterChange.objects.count() == 1


def test_the_second_of_two_officers_sees_the_change_of_the_first(ground):
    mine = Rename(ground.office.unit, on=ON, name="Trung tâm Y tế")
    looked = change_preview(mine, actor=ACTOR)
    change_make(Rename(ground.office.unit, on=ON, code="CQ-7"), actor="Nguyễn Thị Hoa")

    with pytest.raises(Refused, match="Nguyễn Thị Hoa đã thay đổi: “Trạm Y tế” đổi mã thành CQ-7") as refused:
        make(mine, seen=looked.stamp)

    assert [p.code for p in refused.value.problems] == ["changed_meanwhile"]
    assert [row[2:4] for row in history(ground.office.unit)][-1] == ("CQ-7", "Trạm Y tế")
    make(mine, seen=change_preview(mine, actor=ACTOR).stamp)
    assert [row[2:4] for row in history(ground.office.unit)][-1] == ("CQ-7", "Trung tâm Y tế")


def test_a_look_takes_no_lock_away_from_others(ground):
    change_preview(Rename(ground.office.unit, on=ON, name="x"), actor=ACTOR)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone()[0] == 0
