"""Merging, splitting and folding duplicates: what goes where, and what is refused."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from movement.core.problems import Refused
from tests.factories.changes import ground_of_today
from tests.factories.ground import REFORM, version
from tests.factories.units import history
from units.models import Lineage, Unit, UnitVersion
from units.selectors import (
    as_now,
    change_steps,
    changes_of,
    integrity_problems,
    past_units,
    predecessors,
    register_unit_panel,
    successors,
    unit_by_code,
    unit_panels,
    version_on,
)
from units.selectors.panels import _PANELS
from units.services.changes import Close, Fold, Merge, Part, Rename, Reopen, Split, change_make, change_preview

pytestmark = pytest.mark.django_db
ON, BEFORE = date(2026, 1, 1), date(2025, 12, 31)
ACTOR = "kiểm tra"


@pytest.fixture
def ground():
    return ground_of_today()


def make(asked, **more):
    return change_make(asked, actor=ACTOR, **more)


def codes(asked):
    looked = change_preview(asked, actor=ACTOR)
    with pytest.raises(Refused) as refused:
        make(asked)
    assert [p.code for p in refused.value.problems] == [p.code for p in looked.problems]
    return [(p.code, p.column) for p in looked.problems]


# --- merge ------------------------------------------------------------------------------------------


def test_a_new_ward_keeps_an_old_commune_s_name_and_code(ground):
    asked = Merge((ground.one.unit, ground.two.unit), on=ON, name="Phường Một", code="00001", decision="5/NQ-UBTVQH15")
    change = make(asked)

    (new,) = change.created_ids
    assert unit_by_code("00001", ON)[0].pk == new
    assert unit_by_code("00001", BEFORE)[0] == ground.one.unit
    ward = version_on(new, ON)
    assert (ward.name, ward.subkind, ward.managing_level) == ("Phường Một", "Phường", "province")
    assert [(x.unit_id, x.kind, x.share, x.is_main, x.decision) for x in predecessors(new)] == [
        (ground.one.unit_id, "merge", "whole", True, "5/NQ-UBTVQH15"),
        (ground.two.unit_id, "merge", "whole", True, "5/NQ-UBTVQH15"),
    ]
    assert [row[0::4] for row in history(ground.office.unit)] == [(REFORM, ground.one.unit_id), (ON, new)]
    assert change.sentence == "Sáp nhập “Xã Một”, “Xã Hai” thành “Phường Một” từ ngày 01/01/2026."
    assert [s.action for s in change_steps(change)] == ["created", "closed", "closed", "goes_along", "goes_along"]
    assert integrity_problems() == []


def test_a_unit_that_goes_on_keeps_its_id_under_a_new_name(ground):
    change = make(Merge((ground.one.unit, ground.two.unit), ground.two.unit, "Xã Hai Mới", on=ON))

    assert change.created_ids == []
    assert history(ground.two.unit) == [
        (REFORM, ON, "00002", "Xã Hai", ground.province.unit_id),
        (ON, None, "00002", "Xã Hai Mới", ground.province.unit_id),
    ]
    assert [x.unit_id for x in successors(ground.one.unit)] == [ground.two.unit_id]
    assert version_on(ground.hamlet.unit, ON).parent_id == ground.two.unit_id
    assert change.sentence == "Sáp nhập “Xã Một” vào “Xã Hai” (nay là “Xã Hai Mới”) từ ngày 01/01/2026."
    assert integrity_problems() == []


def test_a_province_takes_over_two_levels(ground):
    other = version("province", name="Tỉnh Khác", code="93", since=REFORM)
    make(Merge((ground.province.unit, other.unit), other.unit, on=ON))

    there = UnitVersion.objects.filter(valid__contains=ON)
    assert set(there.values_list("province", flat=True)) == {other.unit_id}
    assert version_on(ground.office.unit, ON).path == (
        f"/{other.unit_id}/{ground.one.unit_id}/{ground.office.unit_id}/"
    )
    assert integrity_problems() == []


def test_a_code_that_is_taken_in_the_other_province_is_named(ground):
    other = version("province", name="Tỉnh Khác", code="93", since=REFORM)
    version("agency", other, code="CQ-1", name="Quỹ tín dụng", since=REFORM)
    looked = change_preview(Merge((ground.province.unit, other.unit), other.unit, on=ON), actor=ACTOR)
    assert [(p.code, p.value) for p in looked.problems] == [("code_taken", "CQ-1")]
    assert "“Quỹ tín dụng”" in looked.problems[0].message


def test_hamlets_of_two_communes_need_a_place(ground):
    other = version("residential_area", ground.two, name="Ấp 2", code="", since=REFORM)
    asked = Merge((ground.hamlet.unit, other.unit), on=ON, name="Ấp Một Hai")
    assert codes(asked) == [("parent_missing", "parent")]
    placed = Merge((ground.hamlet.unit, other.unit), on=ON, name="Ấp Một Hai", parent=ground.two.unit)
    (new,) = make(placed).created_ids
    assert version_on(new, ON).parent_id == ground.two.unit_id


def test_a_merger_of_hamlets_on_the_day_their_communes_merged(both):
    """The place of the new hamlet is the successor of the commune in which both stood."""
    one = version("residential_area", both.commune, name="Ấp 1", code="")
    two = version("residential_area", both.commune, name="Ấp 2", code="")
    (new,) = make(Merge((one.unit, two.unit), on=REFORM, name="Ấp Một")).created_ids
    assert version_on(new, REFORM).parent_id == both.ward.unit_id
    assert integrity_problems() == []


def test_mergers_that_cannot_be(ground):
    one, two, hamlet = ground.one.unit, ground.two.unit, ground.hamlet.unit
    young = version("commune", ground.province, code="00003", since=ON, level="province").unit
    assert codes(Merge((one,), on=ON, name="X", code="1")) == [("how_many", "units")]
    assert codes(Merge((one,), one, on=ON)) == [("merged_into_itself", "into")]
    assert codes(Merge((one, one, two), on=ON, name="Xã X", code="1")) == [("chosen_twice", "units")]
    assert codes(Merge((one, hamlet), on=ON, name="Xã X", code="1")) == [("kind_differs", "units")]
    assert codes(Merge((one, young), on=ON, name="Xã X", code="1")) == [("unit_not_there", "units")]
    assert codes(Merge((one, two), on=ON, name=" ", code=" ")) == [("missing_name", "name"), ("missing_code", "code")]
    assert codes(Merge((one, young), young, on=BEFORE)) == [("unit_not_there", "into")]
    make(Merge((one, two), two, on=ON))
    assert codes(Merge((one, young), young, on=date(2026, 6, 1))) == [("unit_not_there", "units")]
    assert codes(Merge((one, young), young, on=ON)) == [("already_followed", "units")]


def test_a_code_of_somebody_who_stays_is_taken(ground):
    third = version("commune", ground.province, code="00003", name="Xã Ba", since=REFORM, level="province")
    asked = Merge((ground.one.unit, ground.two.unit), on=ON, name="Xã Bốn", code="00003")
    assert codes(asked) == [("code_taken", "code")]
    assert history(third.unit) == [(REFORM, None, "00003", "Xã Ba", ground.province.unit_id)]


def test_fifty_units_and_three_hundred_below_cost_as_few_statements_as_two(ground):
    def communes(count, below):
        made = [version("commune", ground.province, since=REFORM, level="province") for _ in range(count)]
        for commune in made:
            for _ in range(below):
                version("residential_area", commune, since=REFORM, code="")
        return tuple(v.unit for v in made)

    few, many = communes(2, 1), communes(5, 60)
    with CaptureQueriesContext(connection) as small:
        make(Merge(few, on=ON, name="Xã Nhỏ", code="90001"))
    with CaptureQueriesContext(connection) as big:
        make(Merge(many, on=ON, name="Xã Lớn", code="90002"))
    assert len(big) == len(small) < 70


# --- split ------------------------------------------------------------------------------------------


def test_a_commune_is_divided_with_what_stands_below_it(ground):
    parts = (
        Part("Xã Một A", "00011", is_main=True),
        Part("Xã Một B", "00012", children=(ground.office.unit,)),
    )
    change = make(Split(ground.one.unit, parts, on=ON))

    new_a, new_b = change.created_ids
    assert [(x.unit_id, x.kind, x.share, x.is_main) for x in successors(ground.one.unit)] == [
        (new_a, "split", "part", True),
        (new_b, "split", "part", False),
    ]
    assert version_on(ground.hamlet.unit, ON).parent_id == new_a
    assert version_on(ground.office.unit, ON).parent_id == new_b
    assert history(ground.one.unit)[-1][1] == ON
    assert as_now([ground.one.unit_id], ON)[ground.one.unit_id].unit_id == new_a
    assert integrity_problems() == []


def test_a_unit_that_gives_a_part_away_goes_on(ground):
    parts = (Part("", is_main=True), Part("Xã Một B", "00012", children=(ground.office.unit,)))
    change = make(Split(ground.one.unit, parts, keeps=True, on=ON))

    (new,) = change.created_ids
    assert history(ground.one.unit) == [(REFORM, None, "00001", "Xã Một", ground.province.unit_id)]
    assert [(x.unit_id, x.is_main) for x in successors(ground.one.unit)] == [(new, False)]
    assert version_on(ground.hamlet.unit, ON).parent_id == ground.one.unit_id
    assert version_on(ground.office.unit, ON).parent_id == new
    assert [row.pk for row in changes_of(ground.one.unit)] == [change.pk]
    assert change.sentence == "Tách “Xã Một B” ra khỏi “Xã Một” từ ngày 01/01/2026."
    assert integrity_problems() == []


def test_what_was_split_off_may_come_back(ground):
    parts = (Part("", is_main=True), Part("Trạm Hai"))
    (new,) = make(Split(ground.office.unit, parts, keeps=True, on=ON)).created_ids
    make(Merge((ground.office.unit, Unit.objects.get(pk=new)), ground.office.unit, on=date(2027, 1, 1)))
    assert integrity_problems() == []


def test_splits_that_cannot_be(ground):
    one, hamlet, two = ground.one.unit, ground.hamlet.unit, ground.two.unit
    good = (Part("Xã A", "00011", is_main=True), Part("Xã B", "00012"))
    assert codes(Split(one, good[:1], on=ON)) == [("how_many", "parts")]
    assert codes(Split(one, (Part("Xã A", "1"), Part("Xã B", "2")), on=ON)) == [("one_main", "parts")]
    assert codes(Split(one, good, on=date(2024, 1, 1))) == [("unit_not_there", "unit")]
    unnamed = (Part("Xã A", is_main=True), Part(" ", "00012", children=(hamlet, two)))
    assert codes(Split(one, unnamed, on=ON)) == [
        ("missing_code", "code"),
        ("missing_name", "name"),
        ("not_below", "parts"),
    ]
    twice = (Part("Xã A", "00011", is_main=True, children=(hamlet,)), Part("Xã B", "00012", children=(hamlet,)))
    assert codes(Split(one, twice, on=ON)) == [("chosen_twice", "parts")]
    same = (Part("Xã A", "00011", is_main=True), Part("Xã B", "00011"))
    assert codes(Split(one, same, on=ON)) == [("code_taken", "code"), ("code_taken", "code")]


# --- fold -------------------------------------------------------------------------------------------


@pytest.fixture
def panel():
    register_unit_panel("tested", lambda ids: [{"unit_id": pk, "year": 2025} for pk in ids])
    yield
    del _PANELS["tested"]


def test_a_duplicate_s_history_is_read_with_the_survivor_s(ground, panel):
    twice = version("agency", ground.one, name="Trạm y tế xã Một", code="", since=REFORM)
    change = make(Fold(twice.unit, ground.office.unit, on=ON))

    assert history(twice.unit)[-1][1] == ON
    assert history(ground.office.unit) == [(REFORM, None, "CQ-1", "Trạm Y tế", ground.one.unit_id)]
    assert past_units(ground.office.unit) == [twice.unit_id]
    rows = unit_panels(ground.office.unit)["tested"]
    assert [(row["own"], row["unit"]) for row in rows] == [(True, "Trạm Y tế"), (False, "Trạm y tế xã Một")]
    assert predecessors(ground.office.unit) == []  # it is no predecessor, it was the same all along
    assert as_now([twice.unit_id], ON)[twice.unit_id].unit_id == ground.office.unit_id
    assert Lineage.objects.get().kind == "duplicate"
    assert [s.action for s in change_steps(change)] == ["closed", "changed"]
    assert [row.pk for row in changes_of(ground.office.unit)] == [change.pk]
    assert integrity_problems() == []


def test_what_stood_below_a_duplicate_stands_below_the_real_one(ground):
    make(Fold(ground.one.unit, ground.two.unit, on=ON))
    assert version_on(ground.hamlet.unit, ON).parent_id == ground.two.unit_id
    assert integrity_problems() == []


def test_a_duplicate_that_was_closed_already_is_folded_too(ground):
    twice = version("agency", ground.one, code="", since=REFORM)
    make(Close(twice.unit, on=date(2025, 9, 1)))
    make(Fold(twice.unit, ground.office.unit, on=ON))
    assert past_units(ground.office.unit) == [twice.unit_id]
    assert codes(Reopen(twice.unit, on=date(2026, 6, 1))) == [("merged_away", "unit")]


def test_folds_that_cannot_be(ground):
    twice = version("agency", ground.one, code="", since=REFORM)
    assert codes(Fold(ground.office.unit, ground.office.unit, on=ON)) == [("merged_into_itself", "into")]
    assert codes(Fold(ground.office.unit, ground.hamlet.unit, on=ON)) == [("kind_differs", "into")]
    assert codes(Fold(ground.office.unit, twice.unit, on=date(2020, 1, 1))) == [("unit_not_there", "into")]
    make(Rename(twice.unit, on=date(2026, 6, 1), name="Trạm khác"))
    assert codes(Fold(twice.unit, ground.office.unit, on=ON)) == [("changed_later", "duplicate")]
    make(Fold(ground.office.unit, twice.unit, on=ON))
    assert codes(Fold(twice.unit, ground.office.unit, on=date(2027, 1, 1))) == [("unit_not_there", "into")]
