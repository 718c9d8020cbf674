"""Taking a change back: everything is as it was, unless something was built on it."""

from datetime import date

import pytest

from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.changes import everything, ground_of_today
from tests.factories.ground import REFORM, account, version
from units.models import RegisterChange, Unit, UnitGroup, UnitGroupMember
from units.selectors import integrity_problems
from units.services import unit_change, unit_create
from units.services.changes import (
    Close,
    Create,
    Fold,
    Level,
    Merge,
    Move,
    Part,
    Rename,
    Reopen,
    Split,
    change_make,
    change_undo,
    change_undo_problems,
)

pytestmark = pytest.mark.django_db
ON, LATER = date(2026, 1, 1), date(2026, 6, 1)
ACTOR = "kiểm tra"


@pytest.fixture
def ground():
    return ground_of_today()


def make(asked):
    return change_make(asked, actor=ACTOR)


def refused(change):
    """Sentences of why it cannot be taken back; nothing is."""
    before = everything()
    with pytest.raises(Refused) as found:
        change_undo(change, actor=ACTOR)
    assert everything() == before
    change.refresh_from_db()
    assert change.undone_at is None
    assert [p.message for p in change_undo_problems(change)] == [p.message for p in found.value.problems]
    assert {p.code for p in found.value.problems} == {"built_on"}
    return [p.message for p in found.value.problems]


ACTIONS = {
    "create": lambda g: Create(on=ON, kind="agency", name="Mới", parent=g.one.unit, managing_level="commune"),
    "rename": lambda g: Rename(g.one.unit, "Phường Một", "00009", on=ON),
    "move": lambda g: Move(g.office.unit, g.two.unit, on=ON),
    "level": lambda g: Level(g.office.unit, "province", on=ON),
    "close": lambda g: Close(g.one.unit, g.two.unit, on=ON),
    "merge": lambda g: Merge((g.one.unit, g.two.unit), on=ON, name="Phường Một", code="00001"),
    "merge into": lambda g: Merge((g.one.unit, g.two.unit), g.two.unit, "Xã Mới", on=ON),
    "split": lambda g: Split(
        g.one.unit, (Part("Xã A", "1", is_main=True), Part("Xã B", "2", children=(g.office.unit,))), on=ON
    ),
    "fold": lambda g: Fold(g.one.unit, g.two.unit, on=ON),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_what_is_taken_back_is_as_it_was(ground, name):
    before = everything()
    change = make(ACTIONS[name](ground))
    assert everything() != before

    change_undo(change, actor=ACTOR, reason="Nhập nhầm")

    assert everything() == before
    change.refresh_from_db()
    assert (change.undone_by_name, change.undone_reason) == (ACTOR, "Nhập nhầm")
    assert {e.reason for e in Entry.objects.filter(action="unit.undone")} == {"Nhập nhầm"}
    assert integrity_problems() == []
    make(ACTIONS[name](ground))  # and can be made again


def test_a_reopening_is_taken_back(ground):
    make(Close(ground.office.unit, on=ON))
    before = everything()
    change_undo(make(Reopen(ground.office.unit, on=ON)), actor=ACTOR)
    assert everything() == before


def test_once_is_enough(ground):
    change = make(Rename(ground.office.unit, "Trung tâm", on=ON))
    change_undo(change, actor=ACTOR)
    with pytest.raises(Refused) as found:
        change_undo(change, actor=ACTOR)
    assert [p.code for p in found.value.problems] == ["already_undone"]
    assert RegisterChange.objects.count() == 1


def test_later_changes_are_taken_back_first(ground):
    first = make(Rename(ground.office.unit, "Trung tâm", on=ON))
    second = make(Move(ground.office.unit, ground.two.unit, on=LATER))

    assert refused(first) == [f"Sau đó đã có thay đổi khác, phải hoàn tác trước: {second.sentence}"]

    change_undo(second, actor=ACTOR)
    change_undo(first, actor=ACTOR)


def test_a_correction_by_another_way_is_named(ground):
    change = make(Rename(ground.office.unit, "Trung tâm", on=ON))
    unit_change(unit=ground.office.unit, actor=ACTOR, start=ON, name="Trung tâm Y tế")
    assert refused(change) == ["Sau đó đã có thay đổi khác của “Trung tâm Y tế”."]


def test_what_came_to_stand_on_the_new_place_is_named(ground):
    change = make(Merge((ground.one.unit, ground.two.unit), on=ON, name="Phường Một", code="00001"))
    new = Unit.objects.get(pk=change.created_ids[0])
    unit_create(actor=ACTOR, kind="agency", name="Quỹ tín dụng", managing_level="commune", start=LATER, parent=new)
    assert refused(change) == ["Sau đó đã có đơn vị đặt vào nơi này: “Quỹ tín dụng”."]


def test_what_came_to_stand_in_a_place_that_was_only_renamed_stays(ground):
    change = make(Rename(ground.one.unit, "Phường Một", on=ON))
    unit_create(actor=ACTOR, kind="agency", name="Quỹ", managing_level="commune", start=LATER, parent=ground.one.unit)
    change_undo(change, actor=ACTOR)
    assert integrity_problems() == []


def test_an_account_on_the_new_unit_keeps_it(ground):
    change = make(Merge((ground.one.unit, ground.two.unit), on=ON, name="Phường Một", code="00001"))
    new = version("commune", ground.province, unit=Unit.objects.create(), since=REFORM, level="province")
    new.unit = Unit.objects.get(pk=change.created_ids[0])
    account("commune_officer", at=new)
    assert refused(change) == ["Đã có 1 phân công tài khoản ở đơn vị được tạo ra."]


def test_a_group_that_holds_the_new_unit_keeps_it(ground):
    change = make(Create(on=ON, kind="agency", name="Mới", parent=ground.one.unit, managing_level="commune"))
    group = UnitGroup.objects.create(province=ground.province.unit, kind="cluster", name="Cụm 1", valid=(ON, None))
    UnitGroupMember.objects.create(group=group, unit_id=change.created_ids[0], valid=(ON, None))
    assert refused(change) == ["Đơn vị được tạo ra đã được dùng ở: thành viên cụm, khối thi đua."]


def test_check_integrity_tells_of_a_change_that_does_not_agree_with_the_register(ground):
    change = make(Create(on=ON, kind="agency", name="Mới", parent=ground.one.unit, managing_level="commune"))
    RegisterChange.objects.filter(pk=change.pk).update(
        unit_ids=[10**9], lineage_ids=[10**9], undone_at=None, undone_by_name=""
    )
    found = [line for line in integrity_problems() if change.ulid in line]
    assert {line.rsplit(")", 1)[1] for line in found} == {
        " còn hiệu lực nhưng thiếu đơn vị mà nó đã thay đổi.",
        " còn hiệu lực nhưng thiếu quan hệ kế thừa mà nó đã ghi.",
        " ghi không khớp các đơn vị nó chạm tới.",
    }
    RegisterChange.objects.filter(pk=change.pk).update(undone_at="2026-01-01T00:00:00Z", undone_by_name="ai")
    assert any("đã hoàn tác nhưng còn đơn vị mà nó đã tạo" in line for line in integrity_problems())


def test_a_reason_to_stay_in_scope_is_written_with_a_rename_and_taken_back_with_it(ground):
    school = version("school", ground.one, name="Trường THCS Vị Đông", since=REFORM)
    asked = {"on": ON, "name": "Trường Tiểu học Vị Đông"}
    with pytest.raises(Refused) as refused:
        make(Rename(school.unit, **asked))
    assert [(p.code, p.column) for p in refused.value.problems] == [("out_of_scope", "scope_reason")]
    before = everything()

    change = make(Rename(school.unit, scope_reason="Có cấp trung học cơ sở", **asked))
    assert Unit.objects.get(pk=school.unit_id).scope_reason == "Có cấp trung học cơ sở"
    change_undo(change, actor=ACTOR)

    assert everything() == before


def test_a_rename_is_not_taken_back_once_its_reason_was_written_anew(ground):
    school = version("school", ground.one, name="Trường THCS Vị Đông", since=REFORM)
    change = make(Rename(school.unit, on=ON, name="Trường Tiểu học Vị Đông", scope_reason="Có cấp trung học cơ sở"))
    Unit.objects.filter(pk=school.unit_id).update(scope_reason="Lý do khác")

    assert [p.message for p in change_undo_problems(change)] == [
        "Sau đó lý do đưa vào diện đánh giá đã đổi: “Trường Tiểu học Vị Đông”."
    ]
