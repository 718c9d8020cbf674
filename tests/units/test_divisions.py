"""The real divisions: counted against the files by other means, loaded in any order, never twice."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import units
from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.ground import REFORM, version
from tests.factories.units import history
from units.divisions import subkind_of
from units.models import Lineage, Unit, UnitVersion
from units.selectors import integrity_problems, predecessors, successors, unit_by_code
from units.services.divisions import divisions_load

pytestmark = pytest.mark.django_db
DATA = Path(units.__file__).parent / "data" / "divisions"
LAST_DAY = date(2025, 6, 30)


def load(system, *provinces):
    return divisions_load(provinces=provinces or None, system=system, actor="kiểm tra")


def rows(name):
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def on(day):
    return dict(Counter(UnitVersion.objects.filter(valid__contains=day).values_list("kind", flat=True)))


def picture():
    """Everything of the register that does not depend on ids."""
    names = dict(UnitVersion.objects.order_by("valid__startswith").values_list("unit_id", "name"))
    versions = {
        (v.kind, v.code, v.name, v.subkind, v.managing_level, v.valid.lower, v.valid.upper, names.get(v.parent_id))
        for v in UnitVersion.objects.all()
    }
    links = {
        (names[link.predecessor_id], names[link.successor_id], link.kind, link.share, link.is_main)
        for link in Lineage.objects.all()
    }
    return versions, links, Unit.objects.count()


def test_can_tho_with_its_three_old_provinces_agrees_with_the_files():
    old = [r for r in rows("legacy-63.csv") if r["province_code"] in ("92", "93", "94")]
    new = [r for r in rows("current-34.csv") if r["province_code"] == "92"]
    ties = [r for r in rows("lineage-2025.csv") if r["new_province_code"] == "92"]
    into = Counter(r["new_ward_code"] for r in ties)
    alone = [r for r in ties if r["share"] == "whole" and into[r["new_ward_code"]] == 1]

    loaded = load("both", "92")

    assert on(LAST_DAY) == {
        "province": 3,
        "district": len({r["district_code"] for r in old}),
        "commune": len({r["ward_code"] for r in old}),
    }
    assert on(REFORM) == {"province": 1, "commune": len(new)}
    assert Lineage.objects.count() == len(ties) - len(alone) + 3
    assert loaded.continued == len(alone) > 0
    assert Lineage.objects.filter(share="part").count() == sum(r["share"] == "part" for r in ties)
    assert integrity_problems() == []


def test_loading_again_changes_nothing():
    load("both", "92")
    before = picture(), Entry.objects.count()

    again = load("both", "92")

    assert (picture(), Entry.objects.count()) == before
    assert (again.created, again.continued, again.lineage, again.settled) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "steps",
    [
        [("legacy", "93"), ("both", "92")],
        [("current", "92"), ("legacy", "94", "93"), ("legacy", "92")],
        [("legacy", "92", "93", "94"), ("current", "92")],
    ],
)
def test_in_any_order_the_same_register_results(steps):
    load("both", "92")
    expected = picture()
    Lineage.objects.all().delete()
    UnitVersion.objects.all().delete()
    Unit.objects.all().delete()

    for system, *provinces in steps:
        load(system, *provinces)

    assert picture() == expected


def test_the_whole_country_stands_with_its_lineage():
    loaded = load("both")

    assert on(LAST_DAY) == {"province": 63, "district": 696, "commune": 10_035}
    assert on(REFORM) == {"province": 34, "commune": 3_321}
    assert Lineage.objects.filter(share="part").count() == 1_033
    assert len(loaded.provinces) == 34
    assert integrity_problems() == []


def test_a_reused_ward_code_is_a_new_unit():
    load("both", "01")

    old, before = unit_by_code("00004", LAST_DAY)
    new, after = unit_by_code("00004", REFORM)

    assert (before.name, after.name) == ("Phường Trúc Bạch", "Phường Ba Đình")
    assert old != new
    assert [(link.name, link.on, link.is_main) for link in successors(old)] == [("Phường Ba Đình", REFORM, True)]
    assert "Phường Trúc Bạch" in {link.name for link in predecessors(new)}


def test_province_44_was_quang_binh_and_is_quang_tri():
    load("both", "44")

    assert unit_by_code("44", LAST_DAY)[1].name == "Tỉnh Quảng Bình"
    quang_tri, version_now = unit_by_code("44")
    assert version_now.name == "Tỉnh Quảng Trị"
    assert {(link.code, link.name) for link in predecessors(quang_tri)} == {
        ("44", "Tỉnh Quảng Bình"),
        ("45", "Tỉnh Quảng Trị"),
    }


def test_a_ward_that_went_on_alone_is_the_same_unit_under_its_new_name():
    load("both", "15")
    unit, _ = unit_by_code("04603", LAST_DAY)

    assert [name for *_, name, _ in history(unit)] == ["Xã Tà Si Láng", "Xã Tà Xi Láng"]
    assert successors(unit) == predecessors(unit) == []


def test_a_province_that_was_not_merged_is_the_same_unit():
    load("both", "04")
    assert unit_by_code("04", LAST_DAY)[0] == unit_by_code("04", REFORM)[0]


def test_an_island_district_without_communes_became_a_zone():
    load("both", "48")
    district, _ = unit_by_code("498", LAST_DAY)

    (link,) = successors(district)

    assert (link.name, link.unit_kind, link.kind, link.share) == ("Đặc khu Hoàng Sa", "commune", "rename", "whole")


def test_who_manages_a_commune_follows_the_reform():
    load("both", "92")
    levels = UnitVersion.objects.filter(kind="commune").values_list("valid__startswith", "managing_level")
    assert set(levels) == {(date(2000, 1, 1), "district"), (REFORM, "province")}


def test_a_name_corrected_by_hand_stays():
    load("legacy", "93")
    UnitVersion.objects.filter(code="31338").update(name="Xã Tân Tiến (sửa)")

    load("both", "92")

    assert unit_by_code("31338", LAST_DAY)[1].name == "Xã Tân Tiến (sửa)"


@pytest.mark.parametrize(
    ("system", "codes", "wrong"),
    [("legacy", ["93", "97", "99"], ["97", "99"]), ("both", ["93"], ["93"]), ("current", ["92", "94"], ["94"])],
)
def test_unknown_provinces_are_all_named_and_nothing_is_loaded(system, codes, wrong):
    with pytest.raises(Refused) as refused:
        load(system, *codes)

    assert [(p.code, p.value) for p in refused.value.problems] == [("unknown_province", code) for code in wrong]
    assert not Unit.objects.exists()


def test_one_audit_row_a_province_and_system():
    load("both", "92")
    acts = Entry.objects.filter(action="divisions.loaded").values_list("object_id", "actor_name")
    assert set(acts) == {(f"legacy:{code}", "kiểm tra") for code in ("92", "93", "94")} | {("current:92", "kiểm tra")}


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("Thị Trấn Ái Tử", "Thị trấn", "Thị trấn"),
        ("Thị trấn Ngọc Lặc", "Xã", "Thị trấn"),
        ("Thị xã Long Mỹ", "", "Thị xã"),
        ("Thành phố Vị Thanh", "", "Thành phố"),
        ("Hoàn Kiếm", "Phường", "Phường"),
    ],
)
def test_the_sub_kind_is_the_word_the_name_begins_with(name, given, expected):
    assert subkind_of(name, given) == expected


# --- what stood on the ground ---------------------------------------------------------------------


def office(code, at, *, end=None, kind="agency"):
    """An office in a legacy commune, unplaced since the reform, as an import leaves it."""
    _, commune = unit_by_code(at, LAST_DAY)
    first = version(kind, commune, code=code, until=REFORM)
    version(kind, unit=first.unit, code=code, name=first.name, since=REFORM, until=end)
    return first.unit


def test_what_stood_on_a_merged_commune_goes_to_its_main_successor():
    load("legacy", "93")
    unit = office("KT-1", "31441")
    ended = office("KT-2", "31441", end=date(2026, 3, 1))

    loaded = load("both", "92")

    ward, _ = unit_by_code("31441", LAST_DAY)
    (main,) = [link.unit_id for link in successors(ward) if link.is_main]
    assert loaded.settled == 2
    assert [(start, parent) for start, _, _, _, parent in history(unit)] == [
        (date(2000, 1, 1), ward.pk),
        (REFORM, main),
    ]
    assert history(ended)[-1][1:2] + history(ended)[-1][4:] == (date(2026, 3, 1), main)
    assert integrity_problems() == []
    assert Entry.objects.filter(action="unit.settled", unit_id=unit.pk).count() == 1


def test_what_stood_on_a_ward_that_went_on_alone_stays_there():
    load("legacy", "15")
    unit = office("KT-1", "04603")

    load("both", "15")

    assert [row[4] for row in history(unit)] == [unit_by_code("04603", LAST_DAY)[0].pk] * 2
    assert integrity_problems() == []


def test_two_offices_with_one_code_stay_unplaced_where_their_provinces_merge():
    load("legacy", "93", "94")
    one, other = office("KT-1", "31441"), office("KT-1", "31507")
    free = office("KT-3", "31507")

    loaded = load("both", "92")

    assert [history(unit)[-1][4] for unit in (one, other)] == [None, None]
    assert history(free)[-1][4] is not None
    assert [(w.code, w.value) for w in loaded.warnings] == [("code_taken_after_merge", 2)]


def test_what_somebody_placed_meanwhile_stays_there():
    load("legacy", "93")
    commune, _ = unit_by_code("31441", LAST_DAY)
    province = version("province", code="X", since=REFORM)
    first = version("agency", UnitVersion.objects.get(unit=commune), code="KT-1")
    version("agency", province, unit=first.unit, code="KT-1", since=REFORM)

    assert load("both", "92").settled == 0
    assert history(first.unit)[-1][4] == province.unit_id
