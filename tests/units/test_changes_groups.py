"""Members of a cụm, khối or ngành that end: their main successor goes on in their place, and an undo takes it back."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.changes import ground_of_today
from tests.factories.ground import REFORM, version
from units.importing import units_import
from units.lineage_import import lineage_import
from units.models import Lineage, UnitGroup, UnitGroupMember, UnitVersion
from units.selectors import integrity_problems
from units.services import unit_close
from units.services.changes import (
    Close,
    Create,
    Fold,
    Merge,
    Part,
    Rename,
    Reopen,
    Split,
    change_make,
    change_preview,
    change_undo,
    change_undo_problems,
)
from units.services.divisions import divisions_load
from units.services.groups import members_add

pytestmark = pytest.mark.django_db
START, ON, LATER = date(2025, 9, 1), date(2026, 1, 1), date(2026, 6, 1)
ACTOR = "kiểm tra"


@pytest.fixture
def ground():
    """Two communes of a province, both in a cluster; the first in a sector too, the second from June on."""
    ground = ground_of_today()
    ground.cluster = group(ground.province, "cluster", "Cụm số 1")
    ground.sector = group(ground.province, "sector", "Ngành Giáo dục")
    join(ground.cluster, ground.one, ground.two)
    join(ground.sector, ground.one)
    join(ground.sector, ground.two, since=LATER)
    return ground


def group(province, kind, name):
    made = UnitGroup.objects.create(province=province.unit, kind=kind, name=name, valid=(REFORM, None))
    made.refresh_from_db()
    return made


def join(group, *versions, since=START, until=None):
    for v in versions:
        UnitGroupMember.objects.create(group=group, unit=v.unit, valid=(since, until))


def make(asked):
    return change_make(asked, actor=ACTOR)


def days(group):
    """``{unit: [(from, to)]}``, half-open."""
    found = {}
    for row in UnitGroupMember.objects.filter(group=group).order_by("valid__startswith"):
        found.setdefault(row.unit_id, []).append((row.valid.lower, row.valid.upper))
    return found


def merged(ground):
    return Merge((ground.one.unit, ground.two.unit), on=ON, name="Phường Mới", code="00001")


def test_a_new_unit_takes_the_places_of_all_that_were_merged_into_it(ground):
    change = make(merged(ground))
    (new,) = change.created_ids
    one, two = ground.one.unit_id, ground.two.unit_id
    assert days(ground.cluster) == {one: [(START, ON)], two: [(START, ON)], new: [(ON, None)]}
    assert days(ground.sector) == {one: [(START, ON)], new: [(ON, None)]}  # the second never came to enter
    assert integrity_problems() == []


def test_who_is_in_it_already_stays_and_who_was_to_enter_later_enters_now(ground):
    make(Merge((ground.one.unit,), ground.two.unit, on=ON))
    one, two = ground.one.unit_id, ground.two.unit_id
    assert days(ground.cluster) == {one: [(START, ON)], two: [(START, None)]}
    assert days(ground.sector) == {one: [(START, ON)], two: [(ON, None)]}


def test_of_a_divided_unit_only_the_main_part_goes_on(ground):
    change = make(Split(ground.one.unit, (Part("Xã A", "1"), Part("Xã B", "2", is_main=True)), on=ON))
    _other, main = change.created_ids
    assert days(ground.sector)[main] == [(ON, None)]
    assert set(days(ground.cluster)) == {ground.one.unit_id, ground.two.unit_id, main}


def test_a_unit_that_goes_on_as_a_part_keeps_its_place_alone(ground):
    before = days(ground.sector)
    make(Split(ground.one.unit, (Part("", is_main=True), Part("Xã B", "2")), keeps=True, on=ON))
    assert days(ground.sector) == before


def test_of_a_folded_duplicate_the_real_unit_goes_on(ground):
    make(Fold(ground.one.unit, ground.two.unit, on=ON))
    assert days(ground.sector) == {ground.one.unit_id: [(START, ON)], ground.two.unit_id: [(ON, None)]}


def test_a_unit_that_closes_with_no_heir_leaves(ground):
    join(ground.cluster, ground.office)
    make(Close(ground.office.unit, on=ON))
    assert days(ground.cluster)[ground.office.unit_id] == [(START, ON)]


def test_a_membership_that_was_to_end_goes_on_to_that_day_only(ground):
    join(ground.cluster, ground.office, until=LATER)
    heir = version("agency", ground.one, name="Trung tâm", code="CQ-2", since=REFORM, level="commune")
    make(Close(ground.office.unit, heir.unit, on=ON))
    assert days(ground.cluster)[heir.unit_id] == [(ON, LATER)]


def test_an_heir_in_another_province_does_not_enter(ground):
    other = version("province", name="Tỉnh Khác", code="01", since=REFORM)
    far = version("commune", other, name="Xã Xa", code="00077", since=REFORM, level="province")
    make(Close(ground.one.unit, far.unit, on=ON))
    assert far.unit_id not in days(ground.cluster)
    assert days(ground.cluster)[ground.one.unit_id] == [(START, ON)]


ENDING = {
    "merge": merged,
    "merge into": lambda g: Merge((g.one.unit,), g.two.unit, on=ON),
    "split": lambda g: Split(g.one.unit, (Part("Xã A", "1", is_main=True), Part("Xã B", "2")), on=ON),
    "fold": lambda g: Fold(g.one.unit, g.two.unit, on=ON),
    "close": lambda g: Close(g.one.unit, g.two.unit, on=ON),
}


@pytest.mark.parametrize("name", ENDING)
def test_an_undo_gives_the_memberships_back_and_the_trail_tells_both(ground, name):
    before = days(ground.cluster), days(ground.sector)
    change = make(ENDING[name](ground))
    assert (days(ground.cluster), days(ground.sector)) != before

    change_undo(change, actor=ACTOR, reason="Nhập nhầm")

    assert (days(ground.cluster), days(ground.sector)) == before
    told = Entry.objects.filter(object_id=ground.sector.ulid, action="group.follow").order_by("id")
    assert [entry.reason for entry in told] == ["", "Nhập nhầm"]
    assert told[0].before["units"] == told[1].after["units"]
    assert told[0].before["units"][0] == "Xã Một"
    assert told[0].unit_id == ground.province.unit_id
    assert change.sentence in told[0].sentence
    make(ENDING[name](ground))  # and once more


def test_the_preview_tells_it_and_writes_nothing(ground):
    before = days(ground.cluster), days(ground.sector)
    effects = {e.title: (e.count, e.names) for e in change_preview(merged(ground), actor=ACTOR).effects}
    assert effects["Cụm, khối thi đua, ngành đổi thành viên"] == (
        2,
        ["Cụm số 1: “Xã Một”, “Xã Hai” thôi; “Phường Mới” vào", "Ngành Giáo dục: “Xã Một”, “Xã Hai” thôi; “Phường Mới” vào"],
    )  # fmt: skip
    assert (days(ground.cluster), days(ground.sector)) == before


def test_a_change_that_ends_nothing_touches_no_group(ground):
    preview = change_preview(Rename(ground.one.unit, "Phường Một", "00009", on=ON), actor=ACTOR)
    assert [e.title for e in preview.effects] == []
    assert make(Rename(ground.one.unit, "Phường Một", "00009", on=ON)).memberships == []


def test_what_a_group_decided_since_holds_against_an_undo(ground):
    change = make(merged(ground))
    UnitGroupMember.objects.filter(group=ground.cluster, unit_id=change.created_ids[0]).update(valid=(ON, LATER))
    with pytest.raises(Refused):
        change_undo(change, actor=ACTOR)
    assert [p.message for p in change_undo_problems(change)] == ["Sau đó “Cụm số 1” đã đổi thành viên: “Phường Mới”."]


def test_another_group_that_took_the_new_unit_holds_against_an_undo(ground):
    change = make(merged(ground))
    members_add(group=group(ground.province, "block", "Khối 1"), unit_ids=change.created_ids, start=ON, actor=ACTOR)
    assert [p.message for p in change_undo_problems(change)] == [
        "Đơn vị được tạo ra đã được dùng ở: thành viên cụm, khối thi đua."
    ]


def test_a_unit_that_entered_after_it_was_opened_again_holds_against_the_undo(ground):
    make(Close(ground.office.unit, on=ON))
    change = make(Reopen(ground.office.unit, on=LATER))
    members_add(group=ground.cluster, unit_ids=[ground.office.unit_id], start=LATER, actor=ACTOR)
    assert [p.message for p in change_undo_problems(change)] == ["Sau đó đã được đưa vào cụm, khối: “Trạm Y tế”."]


def test_a_list_of_mergers_hands_on_day_by_day_and_warns_of_it(ground):
    second = version("residential_area", ground.one, name="Ấp 2", since=REFORM)
    third = version("residential_area", ground.one, name="Ấp 3", since=REFORM)
    join(ground.sector, ground.hamlet)
    line = {"commune_code": "00001", "share": "whole", "decision": "1/NQ", "is_main": "1"}
    rows = [
        line | {"old_name": "Ấp 1", "new_name": "Ấp 2", "date": "2026-01-01"},
        line | {"old_name": "Ấp 2", "new_name": "Ấp 3", "date": "2026-06-01"},
    ]
    outcome = lineage_import(list(enumerate(rows, 2)), actor=ACTOR)

    assert [w.code for w in outcome.warnings] == ["group_members_follow"]
    found = days(ground.sector)
    assert (found[ground.hamlet.unit_id], found[second.unit_id], found[third.unit_id]) == (
        [(START, ON)], [(ON, LATER)], [(LATER, None)],
    )  # fmt: skip
    change_undo(outcome.change, actor=ACTOR)
    assert third.unit_id not in days(ground.sector)


def test_a_unit_that_ends_by_another_door_leaves_too(ground):
    join(ground.cluster, ground.office, ground.hamlet)
    unit_close(unit=ground.office.unit, actor=ACTOR, last_day=ON - timedelta(days=1))
    row = {"name": "Ấp 1", "kind": "residential_area", "commune_code": "00001", "managing_level": "commune"}
    units_import([(2, row | {"valid_from": "2025-07-01", "valid_to": "2025-12-31"})], actor=ACTOR)
    assert days(ground.cluster)[ground.office.unit_id] == days(ground.cluster)[ground.hamlet.unit_id] == [(START, ON)]
    assert Entry.objects.filter(action="group.follow").count() == 2


def test_communes_of_before_the_reform_hand_on_when_those_of_after_are_loaded():
    divisions_load(provinces=["01"], system="legacy", actor=ACTOR)
    city = UnitVersion.objects.get(kind="province", code="01").unit
    old = UnitVersion.objects.get(kind="commune", code="00004").unit  # Phường Trúc Bạch
    club = UnitGroup.objects.create(province=city, kind="cluster", name="Cụm cũ", valid=(date(2020, 1, 1), None))
    UnitGroupMember.objects.create(group=club, unit=old, valid=(date(2020, 1, 1), None))

    divisions_load(provinces=["01"], system="current", actor=ACTOR)

    new = Lineage.objects.get(predecessor=old, is_main=True).successor_id
    assert days(club) == {old.pk: [(date(2020, 1, 1), REFORM)], new: [(REFORM, None)]}
    assert Entry.objects.filter(action="group.follow", object_id=club.ulid).count() == 1


@pytest.mark.parametrize("groups", [1, 4])
def test_the_number_of_groups_costs_no_queries(ground, groups):
    for n in range(groups):
        join(group(ground.province, "block", f"Khối {n}"), ground.one)
    with CaptureQueriesContext(connection) as seen:
        make(merged(ground))
    told = [q for q in seen if "unitgroup" in q["sql"]]
    assert len(told) <= 10


def test_nothing_is_asked_of_groups_where_nothing_ends(ground):
    with CaptureQueriesContext(connection) as seen:
        make(Create(on=ON, kind="agency", name="Mới", parent=ground.one.unit, managing_level="commune"))
    assert not any("unitgroupmember" in q["sql"].split("RETURNING")[0] for q in seen)
