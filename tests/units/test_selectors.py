"""The register by code and date, along the tree and the lineage, and for letterheads."""

from datetime import date

import pytest

from movement.core.problems import Ambiguous, Refused
from tests.factories.ground import REFORM, SINCE, legacy_ground, version
from tests.factories.units import lineage
from units import selectors
from units.models import AuthoritySettings, UnitVersion
from units.selectors import (
    AsNow,
    ancestors,
    as_now,
    authorities_of,
    authority_of,
    authority_settings,
    descendants_on,
    integrity_problems,
    past_units,
    predecessor_closure,
    predecessors,
    register_unit_panel,
    successors,
    unit_by_code,
    unit_history,
    version_on,
    versions_by_code,
    versions_on,
)
from units.selectors import panels as panel_module

pytestmark = pytest.mark.django_db
THEN, NOW = date(2023, 12, 31), date(2026, 6, 1)


# --- codes ----------------------------------------------------------------------------------------


def test_a_code_is_read_on_its_date(both):
    assert unit_by_code("31441", THEN)[1].name == "Thị trấn Nàng Mau"
    assert unit_by_code("31441", "2025-07-01")[1].name == "Xã Vị Thủy"


def test_without_a_date_the_bearer_of_today_is_meant(both):
    assert unit_by_code("31441") == (both.ward.unit, both.ward)


def test_without_a_bearer_today_the_latest_is_meant(legacy):
    version("agency", legacy.commune, code="KT-1", until=date(2021, 1, 1))
    last = version("agency", legacy.commune, code="KT-1", since=date(2022, 1, 1), until=date(2023, 1, 1))
    assert unit_by_code("KT-1") == (last.unit, last)


def test_a_code_typed_in_another_normal_form_is_found(legacy):
    made = version("agency", legacy.commune, code="CQ-Đông-ế")
    assert unit_by_code("CQ-Đông-ế")[0] == made.unit


@pytest.mark.parametrize(("code", "on"), [("KT-9", None), ("", None), ("31480", THEN)])
def test_nobody_s_code_is_refused(both, code, on):
    with pytest.raises(Refused) as refused:
        unit_by_code(code, on)
    assert [p.code for p in refused.value.problems] == ["unknown_unit"]


def test_the_refusal_names_who_bore_the_code_at_another_time(both):
    with pytest.raises(Refused, match="Xã Vị Thanh 1"):
        unit_by_code("31480", THEN)


def test_several_bearers_are_ambiguous_until_the_province_is_said():
    (_, _, one), (p2, _, two) = legacy_ground("93"), legacy_ground("94")
    first, second = version("agency", one, code="KT-1"), version("agency", two, code="KT-1")

    with pytest.raises(Ambiguous) as found:
        unit_by_code("KT-1", THEN)

    assert {(c["id"], c["province_code"]) for c in found.value.candidates} == {
        (first.unit.ulid, "93"),
        (second.unit.ulid, "94"),
    }
    assert unit_by_code("KT-1", THEN, province=p2.unit)[0] == second.unit


def test_kinds_narrow_a_code():
    province = legacy_ground("93")[0]
    office = version("agency", legacy_ground("94")[2], code="93")
    assert unit_by_code("93", THEN, kinds=["province"])[0] == province.unit
    assert unit_by_code("93", THEN, kinds=["agency"])[0] == office.unit
    with pytest.raises(Refused) as refused:
        unit_by_code("95", THEN, kinds=["province"])
    assert refused.value.problems[0].code == "unknown_province"


def test_many_codes_in_one_query(both, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = versions_by_code(["31441", "31474", "không có"])
    assert {code: [v.name for v in rows] for code, rows in found.items()} == {
        "31441": ["Thị trấn Nàng Mau", "Xã Vị Thủy"],
        "31474": ["Xã Vị Đông"],
    }


# --- the tree -------------------------------------------------------------------------------------


def test_the_register_of_a_date_in_vietnamese_order(both):
    version("commune", both.district, name="Xã Vị Đông A", code="1")
    names = [v.name for v in versions_on(THEN, kinds=["commune"], province=both.province.unit)]
    assert names == ["Thị trấn Nàng Mau", "Xã Vị Đông", "Xã Vị Đông A"]


def test_a_unit_has_no_version_before_and_after_its_life(both):
    assert version_on(both.town.unit, REFORM) is None
    assert version_on(both.town.unit, date(1999, 12, 31)) is None
    assert version_on(both.town.unit, date(2025, 6, 30)) == both.town


def test_above_and_below(both):
    office = version("agency", both.commune)
    assert ancestors(office) == [both.province, both.district, both.commune]
    below = set(descendants_on(both.district.unit, THEN))
    assert below == {both.commune, both.town, office}
    assert list(descendants_on(both.district.unit, NOW)) == []


# --- lineage --------------------------------------------------------------------------------------


def test_links_tell_names_dates_and_the_decision(both):
    part = version("commune", both.district, name="Xã Vị Trung", since=date(2024, 1, 1))
    lineage(both.commune, part, on=date(2024, 1, 1), kind="split", decision="01/NQ", share="part", main=False)

    assert [(x.name, x.on, x.decision, x.share, x.is_main) for x in successors(both.commune.unit)] == [
        ("Xã Vị Trung", date(2024, 1, 1), "01/NQ", "part", False),
        ("Xã Vị Thủy", REFORM, "", "whole", True),
    ]
    assert [(x.name, x.share) for x in predecessors(both.ward.unit)] == [
        ("Xã Vị Đông", "whole"),
        ("Thị trấn Nàng Mau", "part"),
    ]


def test_a_predecessor_is_named_as_on_its_last_day(both):
    old = version("agency", both.commune, name="Tên đầu", until=date(2022, 1, 1))
    version("agency", both.commune, name="Tên cuối", unit=old.unit, since=date(2022, 1, 1), until=date(2023, 1, 1))
    new = version("agency", both.commune, since=date(2023, 1, 1))
    lineage(old, new, on=date(2023, 1, 1))
    assert [x.name for x in predecessors(new.unit)] == ["Tên cuối"]


def test_a_folded_duplicate_is_no_predecessor(both):
    twice = version("commune", both.new_province, name="Xã Vị Thanh I", since=REFORM, until=date(2026, 1, 1))
    lineage(twice, both.ward, kind="duplicate", on=date(2026, 1, 1))
    assert "Xã Vị Thanh I" not in {x.name for x in predecessors(both.ward.unit)}


def test_a_place_stands_for_its_whole_and_main_predecessors(both):
    ids = [both.ward.unit_id, both.second.unit_id, both.new_province.unit_id, both.commune.unit_id]
    assert predecessor_closure(ids, THEN) == {
        both.ward.unit_id: {both.commune.unit_id},
        both.second.unit_id: {both.town.unit_id},
        both.new_province.unit_id: {both.province.unit_id},
        both.commune.unit_id: {both.commune.unit_id},
    }


def test_everything_is_regrouped_once_with_a_note_on_parts(both):
    ids = [both.commune.unit_id, both.town.unit_id, both.ward.unit_id, both.district.unit_id]
    assert as_now(ids, NOW) == {
        both.commune.unit_id: AsNow(both.ward.unit_id, True),
        both.town.unit_id: AsNow(both.second.unit_id, False),
        both.ward.unit_id: AsNow(both.ward.unit_id, True),
        both.district.unit_id: AsNow(None, True),
    }


def test_lineage_is_followed_over_several_reforms(both):
    newest = version("commune", both.new_province, since=date(2026, 1, 1))
    UnitVersion.objects.filter(pk=both.ward.pk).update(valid=(REFORM, date(2026, 1, 1)))
    lineage(both.ward, newest, on=date(2026, 1, 1))

    assert as_now([both.commune.unit_id], NOW)[both.commune.unit_id] == AsNow(newest.unit_id, True)
    assert predecessor_closure([newest.unit_id], THEN)[newest.unit_id] == {both.commune.unit_id}
    assert set(past_units(newest.unit)) == {both.ward.unit_id, both.commune.unit_id, both.town.unit_id}


# --- authorities ----------------------------------------------------------------------------------


def test_who_decides_by_level(both):
    office = version("agency", both.commune)
    found = {level: authority_of(office.path, level, THEN) for level in ("province", "ministry", "district", "commune")}
    assert found == {
        "province": both.province,
        "ministry": both.province,
        "district": both.district,
        "commune": both.commune,
    }
    assert authority_of(both.ward.path, "district", NOW) is None


def test_authorities_of_many_in_one_query(both, django_assert_num_queries):
    offices = [version("agency", both.commune) for _ in range(5)]
    with django_assert_num_queries(1):
        found = authorities_of([(o.path, "commune") for o in offices], THEN)
    assert set(found.values()) == {both.commune}


@pytest.mark.parametrize(
    ("name", "superior", "place"),
    [
        ("Tỉnh Hậu Giang", "ỦY BAN NHÂN DÂN TỈNH HẬU GIANG", "Hậu Giang"),
        ("Thành phố Cần Thơ", "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ", "Cần Thơ"),
        ("Thành phố Hồ Chí Minh", "ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH", "Thành phố Hồ Chí Minh"),
        ("Thị xã Long Mỹ", "ỦY BAN NHÂN DÂN THỊ XÃ LONG MỸ", "Long Mỹ"),
        ("Quận 1", "ỦY BAN NHÂN DÂN QUẬN 1", "Quận 1"),
    ],
)
def test_a_letterhead_is_derived_from_the_name_and_invents_nobody(name, superior, place):
    province = version("province", name=name)
    head = authority_settings(province.unit, THEN)
    assert (head.superior_name, head.committee_name, head.place_name) == (superior, "BAN CHỈ ĐẠO 138", place)
    assert (head.signer_name, head.signer_title, head.recipients, head.standing_office) == ("", "", "", "")
    assert not head.stored


def test_stored_settings_win_while_they_hold(legacy):
    AuthoritySettings.objects.create(
        unit=legacy.province.unit, valid=(SINCE, date(2024, 1, 1)), committee_name="BAN CHỈ ĐẠO", place_name="Vị Thanh"
    )
    assert authority_settings(legacy.province.unit, THEN).place_name == "Vị Thanh"
    assert authority_settings(legacy.province.unit, date(2024, 1, 1)).place_name == "Hậu Giang"


def test_a_closed_place_s_letterhead_uses_its_last_name(legacy):
    assert authority_settings(legacy.province.unit, NOW).superior_name == "ỦY BAN NHÂN DÂN TỈNH HẬU GIANG"


# --- one unit's page ------------------------------------------------------------------------------


@pytest.fixture
def results_panel(monkeypatch):
    monkeypatch.setattr(panel_module, "_PANELS", {})
    register_unit_panel("results", lambda ids: [{"unit_id": pk, "year": 2023} for pk in sorted(ids)])


def test_results_are_shown_with_those_of_predecessors_marked(both, results_panel):
    history = unit_history(both.ward.unit, both.ward)

    assert history["results"] == [
        {"own": True, "unit": "Xã Vị Thủy", "unit_code": "31441", "year": 2023},
        {"own": False, "unit": "Xã Vị Đông", "unit_code": "31474", "year": 2023},
        {"own": False, "unit": "Thị trấn Nàng Mau", "unit_code": "31441", "year": 2023},
    ]
    assert history["awards"] == []


def test_versions_are_shown_with_the_place_as_it_was_called_then(both):
    shown = unit_history(both.commune.unit, both.commune)["versions"]
    assert [(v["valid_from"], v["valid_to"], v["parent"]["name"], v["province"]["code"]) for v in shown] == [
        (SINCE, date(2025, 6, 30), "Huyện Vị Thủy", "93")
    ]


# --- integrity ------------------------------------------------------------------------------------


def broken(**values):
    """Change a row behind the trigger's back, as a raw write by the owner could."""
    pk = values.pop("pk")
    UnitVersion.objects.filter(pk=pk).update(**values)


def test_sound_ground_has_no_problems(both):
    version("agency", both.commune)
    assert integrity_problems() == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"path": "/1/2/"}, "Đường dẫn"),
        ({"valid": (SINCE, None)}, "Đường dẫn"),
        ({"province": None}, "không nằm trong tỉnh"),
        ({"parent": None}, "không có cấp trên"),
    ],
)
def test_what_does_not_fit_the_tree_is_told(both, values, sentence):
    office = version("agency", both.commune, name="Sở Nội vụ")
    broken(pk=office.pk, **values)
    found = integrity_problems()
    assert any(sentence in line and "Sở Nội vụ" in line for line in found), found
    UnitVersion.objects.filter(pk=office.pk).delete()  # the trigger waits for the end of the test


def test_lineage_that_goes_round_or_does_not_hold_is_told(both):
    gone = version("commune", both.new_province, name="Xã Đã Nhập", since=REFORM)
    ends = version("commune", both.new_province, name="Xã Chia Hết", since=REFORM, until=date(2025, 9, 1))
    rows = [
        lineage(both.ward, both.second, on=date(2025, 8, 1), kind="split", share="part", main=False),
        lineage(both.second, both.ward, on=date(2025, 8, 1), kind="split", share="part", main=False),
        lineage(gone, both.ward, on=date(2025, 9, 1)),
        lineage(ends, both.commune, on=date(2025, 9, 1), kind="split", share="part", main=False),
    ]
    found = integrity_problems()
    for row in rows:
        row.delete()  # the trigger waits for the end of the test
    assert {line for line in found if "Xã Vị Thủy" in line} == {
        "Quan hệ kế thừa của “Xã Vị Thủy” (31441) đi thành vòng vào ngày 01/08/2025."
    }
    assert any("Xã Đã Nhập" in line and "vẫn còn bản ghi sau ngày đó" in line for line in found)
    assert any("Xã Chia Hết" in line and "không có đơn vị kế thừa chính" in line for line in found)
    assert any("Xã Vị Đông" in line and "không tồn tại vào ngày đó" in line for line in found)


def test_the_register_is_proved_by_check_integrity():
    from movement.core.integrity import checks

    assert {name: check for name, _, check in checks()}["units"] is selectors.integrity_problems
