"""The register as a list: what goes out comes in again as "no change", and says when somebody else was faster."""

import tempfile
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movement.core.exports import Sheet, write_csv, write_xlsx
from movement.core.problems import Refused
from tests.factories.ground import REFORM, SINCE, version
from tests.factories.units import history, lines
from units.exports import COLUMNS, HIDDEN, unit_rows
from units.importing import units_import, units_import_file
from units.models import Unit, UnitVersion
from units.services import unit_change, unit_close, unit_create

pytestmark = pytest.mark.django_db
NOW = date(2026, 1, 1)


def exported(on, suffix, folder):
    """The register as of a day as a file's path."""
    rows = unit_rows(UnitVersion.objects.filter(valid__contains=on).order_by("name_sort", "pk"))
    path = Path(folder) / f"don-vi.{suffix}"
    if suffix == "csv":
        write_csv(path, [heading for heading, _ in COLUMNS], rows)
    else:
        write_xlsx(path, [Sheet("Đơn vị", COLUMNS, rows, hidden=HIDDEN)], title="x", issued_at=timezone.now())
    return path


def again(on, suffix="csv", **more):
    with tempfile.TemporaryDirectory() as folder:
        path = exported(on, suffix, folder)
        return units_import_file(path, filename=path.name, actor="kiểm tra", **more)


def line_of(on, unit_name, /, **cells):
    """The exported line of one unit, with cells typed over."""
    row = next(iter(unit_rows(UnitVersion.objects.filter(valid__contains=on, name=unit_name))))
    names = ["code", "name", "kind", "subkind", "commune_code", "place_note", "managing_level", "valid_from", "valid_to",
             "parent_code", "tax_code", "school_code", "phone", "email", "address", "scope_reason", "stand"]  # fmt: skip
    return dict(zip(names, row, strict=True)) | cells


def bring(*rows, **more):
    return units_import(lines(*rows), actor="kiểm tra", **more)


def counts(outcome):
    json = outcome.as_json()
    return json["created"], json["changed"], json["unchanged"]


def make(place, name, **more):
    more = {"kind": "agency", "managing_level": "province", "start": date(2020, 1, 1)} | more
    return unit_create(actor="kiểm tra", name=name, parent=place and place.unit, **more)


# --- out and in -----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("on", [date(2021, 1, 1), date(2025, 6, 30), NOW])
def test_an_export_of_any_day_comes_back_as_no_change(both, on, suffix):
    make(both.commune, "Ấp 1", kind="residential_area", managing_level="commune")
    make(both.commune, "Ấp 1", kind="residential_area", managing_level="commune")  # a namesake without a code
    make(both.commune, "=1+1 “Công ty”", kind="enterprise", code="00012")
    make(both.province, "Sở  Nội vụ", code="SO", last_day=date(2024, 12, 31))
    make(None, "Chưa xếp địa bàn")
    make(both.town, "Trường Mầm non Hoa Sen", kind="school")  # out of scope, without a reason
    renamed = make(both.commune, "Tên cũ", code="KT-1")
    unit_change(unit=renamed, actor="kiểm tra", start=date(2023, 1, 1), name="Tên mới")
    moved = make(both.commune, "Chuyển xã")
    unit_change(unit=moved, actor="kiểm tra", start=date(2024, 1, 1), parent=both.town.unit)
    before = [history(unit) for unit in Unit.objects.order_by("pk")]

    outcome = again(on, suffix)

    assert counts(outcome) == (0, 0, UnitVersion.objects.filter(valid__contains=on).count())
    assert outcome.warnings == []
    assert [history(unit) for unit in Unit.objects.order_by("pk")] == before


def test_a_unit_that_was_opened_again_comes_back_as_no_change(both):
    first = version("agency", both.commune, name="Đóng rồi mở", since=date(2010, 1, 1), until=date(2015, 1, 1))
    version("agency", both.ward, name="Đóng rồi mở", since=REFORM, unit=first.unit, code=first.code)

    assert line_of(date(2012, 1, 1), "Đóng rồi mở")["valid_to"] == date(2014, 12, 31)
    assert counts(again(date(2012, 1, 1)))[:2] == counts(again(NOW))[:2] == (0, 0)


def test_the_end_of_a_unit_is_not_that_of_its_place_or_of_a_name(both):
    unit = make(both.commune, "Tên cũ", code="KT-1")
    unit_change(unit=unit, actor="kiểm tra", start=date(2023, 1, 1), name="Tên mới")

    assert [line_of(day, name)["valid_to"] for day, name in ((SINCE.replace(2021), "Tên cũ"), (NOW, "Tên mới"))] == [
        "",
        "",
    ]

    unit_close(unit=unit, actor="kiểm tra", last_day=date(2025, 12, 31))
    assert line_of(date(2021, 1, 1), "Tên cũ")["valid_to"] == date(2025, 12, 31)


def test_a_line_that_was_typed_over_changes_its_own_unit_only(both):
    units = [make(both.commune, "Ấp 1", kind="residential_area", managing_level="commune") for _ in range(2)]
    rows = list(unit_rows(UnitVersion.objects.filter(valid__contains=NOW, unit=units[1])))
    stand = rows[0][-1]
    row = line_of(NOW, "Ấp 1") | {"stand": stand, "name": "Ấp 2", "phone": "0293 3 123 456"}

    assert counts(bring(row)) == (0, 1, 0)
    assert history(units[1])[-1][3] == "Ấp 2"
    assert Unit.objects.get(pk=units[1].pk).phone == "0293 3 123 456"
    assert history(units[0])[-1][3] == "Ấp 1"
    assert counts(bring(row)) == (0, 0, 1)  # the mark is old, but it says what is stored


def test_a_later_start_in_an_exported_line_is_a_rename_from_then(both):
    unit = make(both.ward, "Tên cũ", code="KT-1", start=REFORM)

    bring(line_of(NOW, "Tên cũ", name="Tên mới", valid_from="2026-03-01"))

    assert [row[0:4:3] for row in history(unit)] == [(REFORM, "Tên cũ"), (date(2026, 3, 1), "Tên mới")]


def test_a_unit_without_a_code_takes_one_from_an_exported_line(both):
    unit = make(both.ward, "Ấp 1", kind="residential_area", managing_level="commune", start=REFORM)

    bring(line_of(NOW, "Ấp 1", code="A1"))

    assert history(unit)[-1][2] == "A1"


# --- somebody else was faster ---------------------------------------------------------------------


def refused(*rows, **more):
    before = list(UnitVersion.objects.order_by("pk").values())
    with pytest.raises(Refused) as told:
        bring(*rows, **more)
    assert list(UnitVersion.objects.order_by("pk").values()) == before
    return [(p.code, p.column, p.value) for p in told.value.problems]


def test_a_change_by_somebody_else_since_the_export_is_a_conflict(both):
    unit = make(both.ward, "Sở Nội vụ", code="KT-1", start=REFORM)
    row = line_of(NOW, "Sở Nội vụ", name="Sở Nội vụ và Lao động")
    unit_change(unit=unit, actor="người khác", start=REFORM, name="Sở Nội vụ tỉnh")

    assert refused(row) == [("conflict", "name", "Sở Nội vụ và Lao động")]


def test_a_line_that_nobody_typed_over_leaves_the_change_of_somebody_else_a_conflict_too(both):
    unit = make(both.ward, "Sở Nội vụ", code="KT-1", start=REFORM)
    row = line_of(NOW, "Sở Nội vụ")
    unit_change(unit=unit, actor="người khác", start=REFORM, name="Sở Nội vụ tỉnh")

    assert refused(row) == [("conflict", "name", "Sở Nội vụ")]


def test_two_who_typed_the_same_do_not_meet(both):
    unit = make(both.ward, "Sở Nội vụ", code="KT-1", start=REFORM)
    row = line_of(NOW, "Sở Nội vụ", name="Sở Nội vụ tỉnh")
    unit_change(unit=unit, actor="người khác", start=REFORM, name="Sở Nội vụ tỉnh")

    assert counts(bring(row)) == (0, 0, 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"stand": "01HZZZZZZZZZZZZZZZZZZZZZZZ.20250701.abcdefghijkl"}, "unknown_stand"),
        ({"stand": "abc"}, "bad_stand"),
        ({"kind": "school"}, "kind_differs"),
        ({"valid_from": "31/02/2026"}, "bad_date"),
        ({"name": "Tên khác", "commune_code": "99999"}, "unknown_commune"),
    ],
)
def test_what_is_wrong_with_an_exported_line_is_told(both, change, code):
    make(both.ward, "Sở Nội vụ", code="KT-1", start=REFORM)

    assert code in [told for told, _column, _value in refused(line_of(NOW, "Sở Nội vụ", **change))]


# --- whatever the register holds ------------------------------------------------------------------

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=12)
DAYS = st.dates(date(2001, 1, 1), date(2027, 12, 31))


@st.composite
def a_unit(draw):
    return {
        "kind": draw(st.sampled_from(["agency", "enterprise", "school", "residential_area"])),
        "name": draw(NAMES.filter(lambda text: text.strip()) | st.sampled_from(["Ấp 1", "- Ấp", "'=1", "'", "00012"])),
        "subkind": draw(st.sampled_from(["", "ấp", "+84"])),
        "start": draw(DAYS),
        "length": draw(st.none() | st.integers(0, 3000)),
        "rename": draw(st.none() | st.tuples(st.integers(1, 2000), NAMES.filter(lambda text: text.strip()))),
        "level": draw(st.sampled_from(["province", "district", "commune", "ministry"])),
        "place": draw(st.sampled_from(["commune", "town", "district", "ward", "second", "new_province", None])),
        "coded": draw(st.booleans()),
        "phone": draw(st.sampled_from(["", "+84 293", "0293"])),
    }


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(units=st.lists(a_unit(), min_size=1, max_size=4), on=DAYS, suffix=st.sampled_from(["csv", "xlsx"]))
def test_whatever_the_register_holds_goes_out_and_comes_in_unchanged(both, units, on, suffix):
    UnitVersion.objects.exclude(kind__in=["province", "district", "commune"]).delete()
    Unit.objects.filter(versions=None).delete()
    for number, told in enumerate(units):
        _make_freely(both, told, number)
    before = list(UnitVersion.objects.order_by("pk").values())

    outcome = again(on, suffix)

    assert counts(outcome) == (0, 0, UnitVersion.objects.filter(valid__contains=on).count())
    assert list(UnitVersion.objects.order_by("pk").values()) == before


def _make_freely(both, told, number):
    """One unit as told, where the register takes it."""
    from datetime import timedelta

    place = getattr(both, told["place"]) if told["place"] else None
    if place and place.kind in ("province", "district") and told["kind"] == "residential_area":
        place = both.commune
    last = told["start"] + timedelta(days=told["length"]) if told["length"] is not None else None
    try:
        unit = make(
            place, told["name"], kind=told["kind"], subkind=told["subkind"], start=told["start"], last_day=last,
            managing_level=told["level"], code=f"K{number}" if told["coded"] else "", phone=told["phone"],
        )  # fmt: skip
        if told["rename"]:
            days, name = told["rename"]
            unit_change(unit=unit, actor="kiểm tra", start=told["start"] + timedelta(days=days), name=name)
    except Refused:
        return
