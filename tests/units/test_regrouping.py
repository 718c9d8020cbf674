"""What stood in the tree of another day under today's communes: one place each, sums as then."""

from datetime import date

import pytest

from tests.factories.ground import REFORM, version
from tests.factories.reform import cantho
from tests.factories.units import lineage
from units.models import UnitVersion
from units.selectors.regrouping import NOWHERE, OUTSIDE, placed_on, regrouped, tree_changed

pytestmark = pytest.mark.django_db
THEN = date(2023, 12, 31)


def commune_of(one):
    """The commune in which a version lies, or that it is."""
    return (
        one.unit_id if one.kind == "commune" else one.parent_id if one.parent.versions.get().kind == "commune" else None
    )


@pytest.fixture
def reform():
    return cantho()


def placed(reform):
    """``{name of 2023: (name today or what stands for none, whether sure)}`` of all units."""
    ground, units = reform
    pairs = {name: (one.unit_id, commune_of(one)) for name, one in units.items()}
    found = placed_on(pairs.values())
    names = {one.unit_id: name for name, one in ground.now.items()}
    return {name: (names.get(found[pair].key, found[pair].key), found[pair].sure) for name, pair in pairs.items()}


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("Phường Cái Khế", ("Phường Cái Khế", True)),
        ("Ấp 1 Xã Kế Sách", ("Xã Kế Sách", True)),
        ("Xã Vị Đông", ("Xã Vị Thủy", True)),
        ("Cơ quan Xã Vị Đông", ("Xã Vị Thủy", True)),
        # a part each: the main successor has it, and it may lie in the other
        ("Thị trấn Nàng Mau", ("Xã Vị Thanh 1", False)),
        ("Ấp 1 Thị trấn Nàng Mau", ("Xã Vị Thanh 1", False)),
        # ended with its commune: goes with the commune
        ("Cơ quan kết thúc", ("Xã Vị Thủy", True)),
        # folded: counts where the unit lies that it is
        ("Cơ quan ghi trùng", ("Xã Vị Thanh 1", True)),
        ("Sở minh họa", (OUTSIDE, True)),
        ("Xã Lạc Loài", (NOWHERE, True)),
        ("Cơ quan Xã Lạc Loài", (NOWHERE, True)),
    ],
)
def test_each_unit_of_then_has_its_place_of_today(reform, name, now):
    assert placed(reform)[name] == now


def test_a_unit_moved_by_hand_lies_where_it_was_moved_and_is_sure(reform):
    ground, units = reform
    office = units["Cơ quan Thị trấn Nàng Mau"]
    later = UnitVersion.objects.get(unit=office.unit, valid__contains=REFORM)
    later.parent, later.path = ground.now["Xã Vị Thủy"].unit, f"{ground.now['Xã Vị Thủy'].path}{office.unit_id}/"
    later.save()

    found = placed_on([(office.unit_id, office.parent_id)])[office.unit_id, office.parent_id]

    assert (found.commune_id, found.sure) == (ground.now["Xã Vị Thủy"].unit_id, True)


def test_of_two_changes_the_later_says_where_a_place_is_now(reform):
    ground, _units = reform
    lost = ground.then["Xã Lạc Loài"]
    lineage(lost, ground.now["Xã Kế Sách"], on=REFORM)
    lineage(lost, ground.now["Xã Vị Thủy"], on=date(2025, 8, 1))

    assert placed_on([(lost.unit_id, None)])[lost.unit_id, None].commune_id == ground.now["Xã Vị Thủy"].unit_id


def test_a_row_without_unit_and_place_lies_outside(reform):
    assert placed_on([(None, None)])[None, None].key == OUTSIDE
    assert placed_on([]) == {}


def test_sums_are_those_of_then_with_a_split_a_fold_and_three_provinces_in_one(reform):
    _ground, units = reform
    rows = UnitVersion.objects.filter(pk__in=[one.pk for one in units.values()])

    found = regrouped(rows, place="parent_id")

    assert sum(found.counts.values()) == rows.count() == len(units)
    by_place = {key: rows.filter(found.inside(key, place="parent")) for key in found.counts}
    assert {key: list_.count() for key, list_ in by_place.items()} == dict(found.counts)
    assert sum(list_.count() for list_ in by_place.values()) == len(units)
    assert found.nowhere == 3


def test_rows_that_only_name_their_unit_stand_where_it_is(reform):
    _ground, units = reform
    rows = UnitVersion.objects.filter(pk__in=[one.pk for one in units.values()])

    found = regrouped(rows, place=None)

    assert sum(found.counts.values()) == len(units)
    assert {key: len(found.units(key)) for key in found.counts} == dict(found.counts)
    assert found.nowhere == 4  # with the office that ended: its commune is not told


def test_of_nothing_there_is_nothing():
    found = regrouped(UnitVersion.objects.none(), place=None)

    assert (found.counts, found.communes, found.unsure, found.nowhere) == ({}, [], [], 0)


def test_communes_stand_in_vietnamese_order_and_what_could_not_be_split_is_named(reform):
    ground, units = reform
    rows = UnitVersion.objects.filter(pk__in=[one.pk for one in units.values()])

    found = regrouped(rows, place="parent_id")

    names = [name for _ulid, name, _n in found.communes]
    assert names == ["Phường Cái Khế", "Xã Kế Sách", "Xã Vị Thanh 1", "Xã Vị Thủy"]
    assert ("Thị trấn Nàng Mau", "Xã Vị Thanh 1", 2) in found.unsure
    assert found.key_of(ground.now["Xã Vị Thủy"].unit.ulid) == ground.now["Xã Vị Thủy"].unit_id
    assert found.key_of("01ARZ3NDEKTSV4RRFFQ69G5FAV") is None
    assert not rows.filter(found.inside(None)).exists()


def test_however_many_rows_it_costs_the_same_few_queries(reform, django_assert_max_num_queries):
    ground, _units = reform
    for number in range(60):
        version("agency", ground.then["Thị trấn Nàng Mau"], name=f"Cơ quan {number}")
    with django_assert_max_num_queries(2):
        assert sum(regrouped(UnitVersion.objects.filter(kind="agency"), place="parent_id").counts.values()) > 60


@pytest.mark.parametrize(
    ("code", "then", "changed"),
    [("93", THEN, True), ("92", THEN, True), ("93", date(2030, 1, 1), False)],
)
def test_whether_the_tree_of_a_day_is_another_today(reform, code, then, changed):
    assert tree_changed([reform[0].old[code].unit_id], then) is changed


def test_a_tree_that_stands_is_the_same(reform):
    assert not tree_changed([reform[0].new.unit_id], date(2025, 12, 31))
    assert tree_changed([reform[0].then["Xã Vị Đông"].unit_id], THEN)
