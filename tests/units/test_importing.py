"""Lists of units: every problem at once, nothing half written, the same list again changes nothing."""

import io
import threading
from datetime import date

import pytest
import xlsxwriter
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.ground import REFORM, SINCE, version
from tests.factories.units import HEAD, csv_bytes, history, line, lineage, lines
from units.importing import units_import, units_import_file
from units.models import Unit, UnitVersion
from units.selectors import integrity_problems, unit_by_code

pytestmark = pytest.mark.django_db
START = date(2020, 1, 1)


def load(*rows, **more):
    return units_import(lines(*rows), actor="kiểm tra", **more)


def counts(outcome):
    json = outcome.as_json()
    return json["created"], json["changed"], json["unchanged"]


def warned(outcome):
    return [w.code for w in outcome.warnings]


def problems(*rows, **more):
    """``{(code, line, column)}`` of what is refused; nothing may be written."""
    before = Unit.objects.count(), UnitVersion.objects.count(), Entry.objects.count()
    with pytest.raises(Refused) as refused:
        load(*rows, **more)
    assert (Unit.objects.count(), UnitVersion.objects.count(), Entry.objects.count()) == before
    return {(p.code, p.line, p.column) for p in refused.value.problems}


def the(code, on=None):
    return unit_by_code(code, on)[0]


# --- creating -------------------------------------------------------------------------------------


def test_a_list_creates_units_and_again_changes_nothing(both):
    rows = [
        line(both.commune, code="KT-1", name="Sở  Văn hóa ", subkind="Sở", address="Số 1"),
        line(both.commune, name="Ấp 1", kind="residential_area", subkind="ấp", managing_level="commune"),
        line("", code="KT-2", kind="Cơ quan", managing_level="Cấp tỉnh", parent_code="93", valid_to="30/06/2025"),
    ]

    first = load(*rows)
    audited = Entry.objects.count()
    again = load(*rows)

    assert (counts(first), counts(again)) == ((3, 0, 0), (0, 0, 3))
    assert first.warnings == []
    assert audited == Entry.objects.count() == 3
    assert history(the("KT-1")) == [
        (START, REFORM, "KT-1", "Sở Văn hóa", both.commune.unit_id),
        (REFORM, None, "KT-1", "Sở Văn hóa", both.ward.unit_id),
    ]
    assert history(the("KT-2")) == [(START, REFORM, "KT-2", "Cơ quan minh họa", both.province.unit_id)]
    assert the("KT-1").address == "Số 1"
    assert integrity_problems() == []


def test_a_dry_run_tells_the_same_and_writes_nothing(both):
    outcome = load(line(both.commune, code="KT-1"), dry_run=True)

    assert (counts(outcome), outcome.as_json()["dry_run"]) == ((1, 0, 0), True)
    assert not UnitVersion.objects.filter(code="KT-1").exists()
    assert not Entry.objects.exists()


def test_a_unit_outlives_a_divided_commune_below_its_main_successor(both):
    load(line(both.town, code="KT-1"))
    assert history(the("KT-1"))[-1][0::4] == (REFORM, both.second.unit_id)


def test_without_the_successor_it_is_unplaced_and_one_warning_says_so(legacy):
    outcome = load(line(legacy.commune, code="KT-1"), line(legacy.commune, code="KT-2"), line(legacy.town, code="KT-3"))

    assert [row[0::4] for row in history(the("KT-1"))] == [(START, legacy.commune.unit_id), (REFORM, None)]
    assert warned(outcome) == ["unplaced_after", "unplaced_after"]
    assert outcome.warnings[0].message.startswith("2 đơn vị ở “Xã Vị Đông”")


def test_an_end_is_the_last_day(both):
    load(line(both.commune, code="KT-1", valid_to="30/06/2023"))
    assert history(the("KT-1"))[0][:2] == (START, date(2023, 7, 1))


def test_a_district_stays_as_manager_with_a_warning(both):
    outcome = load(
        line(both.commune, code="KT-1", managing_level="huyện"),
        line(both.commune, code="KT-2", managing_level="huyện", valid_to="2025-06-30"),
    )
    assert [(w.code, w.line) for w in outcome.warnings] == [("district_level_ended", 2)]
    assert set(UnitVersion.objects.filter(code="KT-1").values_list("managing_level", flat=True)) == {"district"}


def test_excel_may_have_dropped_the_zeros_of_a_commune_code(legacy):
    version("commune", legacy.district, code="00004", name="Phường Trúc Bạch")
    load(line("", code="KT-1", commune_code=4))
    assert UnitVersion.objects.filter(code="KT-1", parent__versions__code="00004").exists()


def test_an_island_district_without_communes_may_stand_for_one(legacy):
    version("district", legacy.province, code="498", name="Huyện Hoàng Sa")
    assert counts(load(line("498", code="KT-1"))) == (1, 0, 0)
    assert problems(line("935", code="KT-2")) == {("unknown_commune", 2, "commune_code")}


# --- codes and dates ------------------------------------------------------------------------------


def test_a_commune_code_is_read_on_the_line_s_own_date(both):
    load(line("31441", code="CŨ"), line("31441", code="MỚI", valid_from="2025-07-01"))

    assert history(the("CŨ"))[0][4] == both.town.unit_id
    assert history(the("MỚI")) == [(REFORM, None, "MỚI", "Cơ quan minh họa", both.ward.unit_id)]


def test_with_as_of_every_code_is_read_on_that_date(both):
    row = line("31441", code="KT-1")

    outcome = load(row, as_of=date(2026, 1, 1))

    assert [row[0::4] for row in history(the("KT-1"))] == [(START, None), (REFORM, both.ward.unit_id)]
    assert warned(outcome) == ["unplaced_before"]
    assert counts(load(row, as_of=date(2026, 1, 1))) == (0, 0, 1)


def test_as_of_does_not_rewrite_the_names_before(both):
    load(line(both.commune, code="KT-1", name="Tên cũ"))
    load(line(both.commune, code="KT-1", name="Tên mới", valid_from="2023-01-01"))

    again = load(line("31441", code="KT-1", name="Tên mới"), as_of=date(2026, 1, 1))

    assert counts(again) == (0, 0, 1)
    assert [row[3] for row in history(the("KT-1"))] == ["Tên cũ", "Tên mới", "Tên mới"]


def test_a_code_may_be_reused_after_its_bearer_ended_and_a_warning_names_it(both):
    load(line(both.commune, code="KT-1", name="Cơ quan cũ", valid_to="2022-12-31"))

    outcome = load(line(both.town, code="KT-1", name="Cơ quan mới", valid_from="2023-01-01"))

    assert (counts(outcome), warned(outcome)) == ((1, 0, 0), ["code_reused"])
    assert the("KT-1", date(2022, 6, 1)) != the("KT-1", date(2023, 6, 1))


def test_a_code_that_is_taken_later_is_refused(both):
    load(line(both.commune, code="KT-1", valid_from="2022-01-01"))
    assert problems(line(both.commune, code="KT-1")) == {("code_taken", 2, "code")}


def test_codes_that_meet_in_a_merged_province_leave_the_later_part_unplaced(both):
    other_province = version("province", code="94", until=REFORM)
    district = version("district", other_province)
    commune = version("commune", district, code="31507", name="Xã Kế Thành")
    lineage(other_province, both.new_province)
    lineage(commune, both.ward)
    load(line(both.commune, code="KT-1", name="Đến trước"))

    row = line(commune, code="KT-1", name="Đến sau")
    outcome = load(row)

    assert warned(outcome) == ["code_taken_after_merge", "unplaced_after"]
    later = UnitVersion.objects.get(name="Đến sau", valid__startswith=REFORM)
    assert later.parent_id is None
    assert counts(load(row)) == (0, 0, 1)
    assert integrity_problems() == []


def test_the_same_code_in_another_province_is_another_unit(both):
    other = version("province", code="94", until=REFORM)
    commune = version("commune", version("district", other), code="31507")
    load(line(both.commune, code="KT-1", valid_to="2024-12-31"))
    assert counts(load(line(commune, code="KT-1", valid_to="2024-12-31"))) == (1, 0, 0)


# --- changing -------------------------------------------------------------------------------------


def test_a_later_start_is_a_rename_from_that_date(both):
    load(line(both.commune, code="KT-1", name="Tên cũ"))
    row = line(both.commune, code="KT-1", name="Tên mới", valid_from="2023-01-01")

    first, again = load(row), load(row)

    assert (counts(first), counts(again)) == ((0, 1, 0), (0, 0, 1))
    assert [r[:2] + r[3:] for r in history(the("KT-1"))] == [
        (START, date(2023, 1, 1), "Tên cũ", both.commune.unit_id),
        (date(2023, 1, 1), REFORM, "Tên mới", both.commune.unit_id),
        (REFORM, None, "Tên mới", both.ward.unit_id),
    ]


def test_the_same_start_corrects_and_leaves_later_changes(both):
    load(line(both.commune, code="KT-1", name="Tên cũ"))
    load(line(both.commune, code="KT-1", name="Tên mới", valid_from="2023-01-01"))

    outcome = load(line(both.commune, code="KT-1", name="Tên cũ, viết đúng"))

    assert counts(outcome) == (0, 1, 0)
    assert [row[3] for row in history(the("KT-1"))] == ["Tên cũ, viết đúng", "Tên mới", "Tên mới"]
    assert Entry.objects.order_by("-id")[0].before == {"name": "Tên cũ"}


def test_another_commune_from_a_later_date_is_a_move(both):
    load(line(both.commune, code="KT-1"))

    load(line(both.town, code="KT-1", valid_from="2023-01-01"))

    assert [row[0::4] for row in history(the("KT-1"))] == [
        (START, both.commune.unit_id),
        (date(2023, 1, 1), both.town.unit_id),
        (REFORM, both.second.unit_id),
    ]
    assert counts(load(line(both.commune, code="KT-1"))) == (0, 0, 1)


def test_an_unplaced_unit_is_placed_by_a_line_of_today(legacy):
    load(line(legacy.commune, code="KT-1"))
    province = version("province", code="92", since=REFORM)
    lineage(legacy.province, province)
    ward = version("commune", province, code="31480", since=REFORM)

    row = line(ward, code="KT-1", valid_from="2025-07-01")
    outcome = load(row)

    assert (counts(outcome), counts(load(row))) == ((0, 1, 0), (0, 0, 1))
    assert history(the("KT-1"))[-1][0::4] == (REFORM, ward.unit_id)


def test_an_end_closes_and_an_empty_one_does_not_reopen(both):
    load(line(both.commune, code="KT-1"))
    load(line(both.commune, code="KT-1", valid_to="2024-12-31"))

    assert counts(load(line(both.commune, code="KT-1"))) == (0, 0, 1)
    assert [row[:2] for row in history(the("KT-1"))] == [(START, date(2025, 1, 1))]
    assert counts(load(line(both.commune, code="KT-1", valid_to="2026-12-31"))) == (0, 1, 0)
    assert history(the("KT-1"))[-1][1::3] == (date(2027, 1, 1), both.ward.unit_id)


def test_an_end_before_a_later_change_is_refused(both):
    load(line(both.commune, code="KT-1"))
    load(line(both.commune, code="KT-1", name="Tên mới", valid_from="2023-01-01"))

    refused = problems(line(both.commune, code="KT-1", valid_to="2021-12-31"))

    assert refused == {("dates_conflict", 2, "valid_to")}
    # the end of the name it speaks of is no contradiction
    assert counts(load(line(both.commune, code="KT-1", valid_to="2022-12-31"))) == (0, 0, 1)


def test_an_earlier_start_with_as_of_extends_the_past(both):
    load(line(both.commune, code="KT-1", valid_from="2022-01-01"))

    outcome = load(line(both.commune, code="KT-1", valid_from="2018-01-01"), as_of=date(2024, 1, 1))

    assert counts(outcome) == (0, 1, 0)
    assert [row[0::4] for row in history(the("KT-1"))] == [
        (date(2018, 1, 1), both.commune.unit_id),
        (REFORM, both.ward.unit_id),
    ]


def test_empty_cells_leave_what_is_stored(both):
    load(line(both.commune, code="KT-1", subkind="Sở", phone="0293 3 123 456"))

    outcome = load(line("", code="KT-1", subkind="", phone=""))

    assert counts(outcome) == (0, 0, 1)
    assert the("KT-1").phone == "0293 3 123 456"


def test_contact_data_alone_is_a_change(both):
    load(line(both.commune, code="KT-1"))
    assert counts(load(line(both.commune, code="KT-1", email="so@example.vn"))) == (0, 1, 0)
    assert Entry.objects.order_by("-id")[0].after == {"email": "so@example.vn"}


# --- without codes --------------------------------------------------------------------------------


def area(commune, name, **more):
    return line(commune, name=name, kind="residential_area", managing_level="commune", **more)


def test_without_a_code_commune_kind_and_comparable_name_match(both):
    load(area(both.commune, "Ấp Hòa Bình"), line(both.commune, name="Trường THPT Vị Thủy", kind="school"))

    again = load(
        area(both.commune, "ấp  Hoà Bình"),
        area(both.town, "Ấp Hòa Bình"),
        line(both.commune, name="Trường Trung học phổ thông Vị Thủy", kind="school"),
    )

    assert counts(again) == (1, 2, 0)  # another commune's is another one; the others are spelt anew


def test_several_of_one_name_are_refused(both):
    version("residential_area", both.commune, name="Ấp 1", code="A1")
    version("residential_area", both.commune, name="Ấp 1", code="A2")
    assert problems(area(both.commune, "Ấp 1")) == {("ambiguous_name", 2, "name")}


def test_a_neighbour_without_a_code_takes_the_code_of_the_list(both):
    load(area(both.commune, "Ấp 1"))

    outcome = load(area(both.commune, "Ấp 1", code="A1"))

    assert (counts(outcome), warned(outcome)) == ((0, 1, 0), ["code_given"])
    assert [row[2] for row in history(the("A1"))] == ["A1", "A1"]


def test_a_neighbour_of_that_name_with_another_code_is_warned_of(both):
    load(area(both.commune, "Ấp 1", code="A1"))
    outcome = load(area(both.commune, "Ấp 1", code="A2"))
    assert (counts(outcome), warned(outcome)) == ((1, 0, 0), ["similar_unit"])


def test_a_line_with_its_code_does_not_confuse_its_namesake_without(both):
    rows = [area(both.commune, "Ấp 1"), area(both.commune, "Ấp 1", code="A1")]
    load(*rows)
    assert counts(load(*rows)) == (0, 0, 2)


def test_a_name_that_is_merely_alike_is_made_with_a_warning_where_nobody_can_be_asked(both):
    load(area(both.commune, "Ấp III"), area(both.commune, "Ấp Mỹ Đông", code="A2"))

    outcome = load(area(both.commune, "Ấp 03"), area(both.commune, "Ấp Mĩ Dông", code="A3"), area(both.town, "Ấp 3"))

    assert (counts(outcome), warned(outcome)) == ((3, 0, 0), ["similar_unit"])
    assert outcome.warnings[0].message.startswith("Cùng nơi đã có “Ấp III” (chưa có mã)")


def test_new_names_that_are_alike_in_one_file_are_warned_of(both):
    outcome = load(area(both.commune, "Ấp III"), area(both.commune, "Ấp 03"), area(both.town, "Ấp 3"))

    assert (counts(outcome), warned(outcome)) == ((3, 0, 0), ["similar_in_file"])
    assert (outcome.warnings[0].line, "dòng 2" in outcome.warnings[0].message) == (3, True)


def test_a_name_that_is_alike_that_of_another_line_s_unit_is_warned_of(both):
    load(area(both.commune, "Ấp III", code="A1"))

    outcome = load(area(both.commune, "Ấp III", code="A1"), area(both.commune, "Ấp 3"))

    assert (counts(outcome), warned(outcome)) == ((1, 0, 1), ["similar_unit"])


def test_a_commune_chosen_from_the_template_s_list_is_read_by_its_code(both):
    load(line("31474 - Xã Vị Đông", code="KT-1"))
    assert history(the("KT-1"))[0][4] == both.commune.unit_id


def test_a_unit_and_where_it_goes_at_the_reform_are_one_and_refused_as_two(both):
    refused = problems(area(both.commune, "Ấp 1"), area(both.ward, "Ấp 1", valid_from="2025-07-01"))
    assert refused == {("duplicate_in_file", 3, "name")}


def test_namesakes_of_two_communes_stay_two_after_the_merger(both):
    rows = [area(both.commune, "Ấp 1"), area(both.town, "Ấp 1")]
    load(*rows)
    assert counts(load(*rows)) == (0, 0, 2)
    assert UnitVersion.objects.filter(name="Ấp 1").values("unit").distinct().count() == 2


def test_a_name_that_begins_later_is_not_made_twice(both):
    load(area(both.commune, "Ấp 1", valid_from="2022-01-01"))
    assert problems(area(both.commune, "Ấp 1")) == {("name_exists_later", 2, "name")}


# --- refusals -------------------------------------------------------------------------------------


def test_the_bad_line_of_the_contract_has_four_problems(both):
    bad = line("00000", code="KT-9", name="", kind="spaceship", valid_from="2022-01-01", valid_to="2021-01-01")
    assert problems(bad) == {
        ("missing_name", 2, "name"),
        ("unknown_kind", 2, "kind"),
        ("unknown_commune", 2, "commune_code"),
        ("dates_reversed", 2, "valid_to"),
    }


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"name": "  "}, "missing_name", "name"),
        ({"name": "x" * 251}, "too_long", "name"),
        ({"kind": ""}, "unknown_kind", "kind"),
        ({"managing_level": "vua"}, "unknown_level", "managing_level"),
        ({"valid_from": ""}, "missing_date", "valid_from"),
        ({"valid_from": "2020-02-30"}, "bad_date", "valid_from"),
        ({"valid_from": "03-04-2020"}, "bad_date", "valid_from"),
        ({"valid_to": "cuối năm"}, "bad_date", "valid_to"),
        ({"valid_to": "2019-12-31"}, "dates_reversed", "valid_to"),
        ({"commune_code": ""}, "missing_commune", "commune_code"),
        ({"commune_code": "99999"}, "unknown_commune", "commune_code"),
        ({"valid_from": "1975-09-05"}, "unknown_commune", "commune_code"),
        ({"parent_code": "zz"}, "unknown_parent", "parent_code"),
        ({"parent_code": "31441"}, "wrong_parent", "parent_code"),
        ({"email": "không phải thư"}, "bad_email", "email"),
        ({"name": "Trường Mầm non Hoa Sen", "kind": "school"}, "out_of_scope", "name"),
        ({"kind": "enterprise", "subkind": "siêu nhỏ"}, "out_of_scope", "name"),
        ({"kind": "residential_area", "commune_code": "", "parent_code": "93"}, "wrong_parent_kind", "parent_code"),
        ({"kind": "commune", "commune_code": "", "parent_code": "935"}, "crosses_parent_end", "valid_to"),
        ({"kind": "commune", "commune_code": "", "parent_code": "935", "code": ""}, "missing_code", "code"),
        (
            {"kind": "district", "commune_code": "", "parent_code": "93", "valid_to": "2025-07-01"},
            "district_after_2025",
            "valid_to",
        ),
    ],
)
def test_what_is_wrong_with_a_line(both, cells, code, column):
    assert (code, 2, column) in problems({**line(both.commune, code="KT-1"), **cells})


def test_a_reason_takes_a_primary_school_in(both):
    row = line(
        both.commune, code="TH-1", name="Trường Tiểu học Vị Đông 1", kind="school", scope_reason="Theo 12/KH-BCĐ"
    )
    assert counts(load(row)) == (1, 0, 0)
    assert counts(load({**row, "scope_reason": ""})) == (0, 0, 1)


def test_another_kind_under_a_known_code_is_refused(both):
    load(line(both.commune, code="KT-1"))
    assert problems(line(both.commune, code="KT-1", kind="school", name="Trường THPT")) == {("kind_differs", 2, "kind")}


def test_duplicates_in_the_file_name_the_other_line(both):
    refused = problems(
        line(both.commune, code="KT-1"),
        line(both.town, code="KT-1"),
        area(both.commune, "Ấp 1"),
        area(both.commune, "ẤP 1"),
    )
    assert refused == {("duplicate_in_file", 3, "code"), ("duplicate_in_file", 5, "name")}


def test_two_lines_without_a_code_that_mean_one_stored_unit_are_duplicates(both):
    load(area(both.commune, "Trường THPT"))
    refused = problems(area(both.commune, "Trường THPT"), area(both.commune, "Trường trung học phổ thông"))
    assert refused == {("duplicate_in_file", 3, "name")}


def test_a_namesake_beside_a_coded_unit_is_made_with_a_warning(both):
    load(area(both.commune, "Ấp 1", code="A1"))
    outcome = load(area(both.commune, "Ấp 1", code="A1"), area(both.commune, "Ấp 1"))
    assert (counts(outcome), warned(outcome)) == ((1, 0, 1), ["similar_unit"])


def test_a_start_after_the_unit_s_end_under_as_of_is_refused(both):
    load(line(both.commune, code="KT-1", valid_to="2022-12-31"))
    refused = problems(line(both.commune, code="KT-1", valid_from="2024-01-01"), as_of=date(2021, 1, 1))
    assert refused == {("dates_conflict", 2, "valid_from")}


def test_a_line_that_does_not_hold_on_as_of_is_read_on_its_nearest_day(both):
    rows = [
        line("31474", code="KT-1", valid_from="2024-05-01"),
        line("31474", name="Ấp 1", kind="residential_area", valid_to="2022-12-31"),
    ]
    assert counts(load(*rows, as_of=date(2023, 12, 31))) == (2, 0, 0)
    assert counts(load(*rows, as_of=date(2023, 12, 31))) == (0, 0, 2)


def test_a_place_that_came_after_the_unit_s_end_is_refused(both):
    refused = problems(line("31441", code="KT-1", valid_to="2024-12-31"), as_of=date(2026, 1, 1))
    assert refused == {("place_not_there", 2, "commune_code")}


def test_a_division_is_not_moved_or_ended_by_a_list(both):
    row = line("", code="31474", name="Xã Vị Đông", kind="commune", managing_level="district", valid_from="2000-01-01")
    assert counts(load(row)) == (0, 0, 1)
    assert counts(load({**row, "name": "Xã Vị Đông 1"})) == (0, 1, 0)
    assert problems({**row, "name": "Xã Vị Đông 1", "valid_to": "2024-12-31"}) == {("territory_moves", 2, "valid_from")}


def test_a_list_without_a_line_is_a_problem():
    assert problems() == {("no_rows", None, None)}


# --- files ----------------------------------------------------------------------------------------


def file_problems(data, filename="đơn vị.csv"):
    with pytest.raises(Refused) as refused:
        units_import_file(data, filename=filename, actor="kiểm tra")
    return [(p.code, p.line, p.column) for p in refused.value.problems]


def test_vietnamese_headings_are_understood_with_and_without_marks(both):
    names = ["Mã", "TÊN ĐƠN VỊ", "Loại", "Loại chi tiết", "ma xa", "Cấp quản lý", "Từ ngày", "đến ngày", "Điện thoại"]
    cells = ["KT-1", "Sở Nội vụ", "Cơ quan", "", both.commune.code, "tỉnh", "01/02/2020", "", "0293"]
    data = csv_bytes(dict(zip(names, cells, strict=True)))

    units_import_file(data, filename="đơn vị.csv", actor="kiểm tra")

    assert history(the("KT-1"))[0][0] == date(2020, 2, 1)
    assert the("KT-1").phone == "0293"


def workbook(*cells):
    """An XLSX with the contract's headings and one line of cells as Excel holds them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, HEAD)
        for place, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(1, place, cell, day)
            else:
                sheet.write(1, place, cell)
    return out.getvalue()


def test_a_workbook_s_numbers_and_dates_are_what_they_look_like(both):
    data = workbook(1005, "Sở Nội vụ", "agency", "", 31474, "province", date(2021, 5, 4), "")

    units_import_file(data, filename="đơn vị.xlsx", actor="kiểm tra")

    assert history(the("1005"))[0] == (date(2021, 5, 4), REFORM, "1005", "Sở Nội vụ", both.commune.unit_id)


def test_a_formula_in_a_workbook_is_told_by_its_place(both):
    data = workbook("KT-1", "=A2", "agency", "", 31474, "province", date(2021, 5, 4), "")
    assert ("formula", 2, "name") in file_problems(data, "đơn vị.xlsx")


def test_headings_are_all_told_and_the_lines_are_not_blamed_for_a_missing_one(both):
    head = [name for name in HEAD if name not in ("kind", "valid_from")]
    data = csv_bytes(line("99999", code="KT-1", màu="xanh"), head=[*head, "màu"])

    assert file_problems(data) == [
        ("unknown_column", 1, "màu"),
        ("missing_column", 1, "kind"),
        ("missing_column", 1, "valid_from"),
    ]


def test_a_file_with_headings_only_has_no_rows():
    assert file_problems(csv_bytes(head=HEAD)) == [("no_rows", None, None)]


def test_a_wrong_encoding_is_told():
    data = csv_bytes(line("31474", name="Sở Nội vụ")).decode().encode("utf-16")[2:]
    assert file_problems(data)[0][0] in ("encoding", "not_csv")


def test_text_that_looks_like_a_formula_stays_text(both):
    units_import_file(csv_bytes(line(both.commune, code="KT-1", name="=1+1")), filename="a.csv", actor="kiểm tra")
    assert history(the("KT-1"))[0][3] == "=1+1"


# --- numbers --------------------------------------------------------------------------------------


def queries(both, count, prefix):
    rows = [line(both.commune, code=f"{prefix}{i}") for i in range(count)]
    with CaptureQueriesContext(
        connection,
    ) as first:
        load(*rows)
    with CaptureQueriesContext(connection) as again:
        load(*rows)
    return len(first), len(again)


def test_the_number_of_queries_does_not_grow_with_the_list(both):
    queries(both, 1, "A")
    assert queries(both, 2, "B") == queries(both, 40, "C")


@pytest.mark.django_db(transaction=True)
def test_one_list_imported_twice_at_once_makes_its_units_once(both):
    rows = [area(both.commune, f"Ấp {number}") for number in range(5)]
    barrier, results = threading.Barrier(2), []

    def bring():
        try:
            barrier.wait()
            results.append(counts(load(*rows)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [(0, 0, 5), (5, 0, 0)]


WORDS = st.sampled_from(["Sở Nội vụ", "Trường THPT", "Công ty CP Mía đường", "Ấp 1", "Tổ dân phố số 2"])
DAYS = st.dates(date(2001, 1, 1), date(2027, 12, 31))


@st.composite
def a_line(draw):
    start = draw(DAYS)
    end = draw(st.none() | st.dates(start, date(2028, 12, 31)))
    kind = draw(st.sampled_from(["agency", "enterprise", "school", "residential_area"]))
    place = draw(st.sampled_from(["31474", "31441"] if start < REFORM else ["31441", "31480"]))
    level = draw(st.sampled_from(["province", "district", "commune", "ministry"]))
    code = draw(st.sampled_from(["", "K1", "K2", "K3"]))
    return line(
        place,
        code=code,
        name=draw(WORDS),
        kind=kind,
        managing_level=level,
        valid_from=start.isoformat(),
        valid_to=end.isoformat() if end else "",
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.tuples(st.lists(a_line(), min_size=1, max_size=4), st.none() | DAYS), min_size=1, max_size=4))
def test_whatever_is_accepted_is_sound_and_again_unchanged(both, files):
    UnitVersion.objects.exclude(kind__in=["province", "district", "commune"]).delete()
    Unit.objects.filter(versions=None).delete()
    for rows, as_of in files:
        try:
            outcome = load(*rows, as_of=as_of)
        except Refused:
            continue
        before = [history(v.unit) for v in UnitVersion.objects.order_by("pk")]
        assert sum(counts(outcome)) == len(rows)
        assert counts(load(*rows, as_of=as_of)) == (0, 0, len(rows))
        assert [history(v.unit) for v in UnitVersion.objects.order_by("pk")] == before
    assert integrity_problems() == []
    assert UnitVersion.objects.filter(valid__startswith__lt=SINCE).count() == 0
