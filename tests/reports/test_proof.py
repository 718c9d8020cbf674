"""The proof reader counts for itself and says where the text differs."""

import pytest

from reports.services import proof, report_request
from reports.services.freezing import snapshot_freeze
from tests.factories.reports import (
    everything,
    opened,
    province_of_two_districts,
    results,
    small_year,
    spread,
    unit,
    whole_year,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen():
    """``(content, listings)`` of the snapshot of a small year."""
    province, _campaign = small_year()
    snapshot = snapshot_freeze(report_request(year=2023, province=province.unit, actor="kiểm tra"))
    return snapshot.content, [(part.listing, part.rows) for part in snapshot.parts.all()]


def codes(*read):
    return [warning["code"] for warning in proof.warnings(*read)]


def test_a_true_text_has_no_warning(frozen):
    assert codes(*frozen) == []


def test_a_figure_that_differs_from_its_list_is_named(frozen):
    content, listings = frozen
    content["figures"]["B2"]["value"] += 1

    found = proof.warnings(content, listings)

    assert [warning["code"] for warning in found] == ["figure_differs"]
    assert "[B2]" in found[0]["message"]


def test_a_row_missing_from_an_annex_is_found_in_total_and_figures(frozen):
    content, listings = frozen
    listings[0][1].pop()

    assert {"total_differs", "figure_differs"} <= set(codes(content, listings))


def test_a_table_whose_total_is_not_its_sum_is_named(frozen):
    content, listings = frozen
    table = next(block for block in content["blocks"] if block["t"] == "table")
    table["totals"][0][2] = "99"

    assert codes(content, listings) == ["table_differs"]


@pytest.fixture
def whole():
    """``(content, listings)`` of a year with models, exemplars and commendations."""
    province, _campaign, _entries = whole_year()
    snapshot = snapshot_freeze(report_request(year=2023, province=province.unit, actor="kiểm tra"))
    return snapshot.content, [(part.listing, part.rows) for part in snapshot.parts.all()]


@pytest.mark.parametrize("listing", ["models", "points", "exemplars", "awards", "persons"])
def test_a_row_missing_from_any_annex_is_found(whole, listing):
    content, listings = whole
    next(rows for name, rows in listings if name == listing).pop()

    assert {"total_differs", "figure_differs"} <= set(codes(content, listings))


@pytest.mark.parametrize(("listing", "name"), [("points", "teams"), ("points", "members"), ("models", "points")])
def test_models_and_points_that_tell_different_sums_are_found(whole, listing, name):
    content, listings = whole
    next(rows for one, rows in listings if one == listing)[0][name] += 1

    assert {"total_differs", "models_differ"} <= set(codes(content, listings))


@pytest.mark.parametrize("words", ["theo lĩnh vực", "Khen thưởng theo"])
def test_a_total_that_differs_from_the_sentence_is_named(whole, words):
    content, listings = whole
    table = next(one for one in content["blocks"] if one["t"] == "table" and words in one["name"])
    table["rows"][0][2] = str(int(table["rows"][0][2]) + 1)
    table["totals"][0][2] = str(int(table["totals"][0][2]) + 1)

    found = proof.warnings(content, listings)

    assert [warning["code"] for warning in found] == ["table_differs"]
    assert "khác số liệu" in found[0]["message"]


def test_a_share_that_jumps_between_two_years_is_asked_about():
    province, _districts, communes = province_of_two_districts()
    for number in range(30):
        unit("residential_area", communes["A1"], name=f"Ấp {number}")
    past, year = opened(province, 2022), opened(province)
    results(past, province, spread(everything(past), ("kha",)))
    results(year, province, spread(everything(year), ("xuat_sac",)))
    report = report_request(year=2023, province=province.unit, actor="kiểm tra")

    warnings = snapshot_freeze(report).warnings

    assert [warning["code"] for warning in warnings] == ["jump", "jump"]
    assert "Xuất sắc thay đổi 100" in warnings[0]["message"]
