"""The proof reader counts for itself and says where the text differs."""

import pytest

from reports.services import freezing, proof, report_request
from tests.factories.reports import everything, opened, province_of_two_districts, results, small_year, spread, unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen():
    """``(content, facts, listings)`` of a small year, before they are written."""
    province, _campaign = small_year()
    report = report_request(year=2023, province=province.unit, actor="kiểm tra")
    content, listings, facts = freezing.gather(report)
    return content, facts, [(one.listing, rows) for one in listings for _, rows in one.parts]


def codes(*read):
    return [warning["code"] for warning in proof.warnings(*read)]


def test_a_true_text_has_no_warning(frozen):
    assert codes(*frozen) == []


def test_a_figure_that_differs_from_its_list_is_named(frozen):
    content, facts, listings = frozen
    content["figures"]["B2"]["value"] += 1

    found = proof.warnings(content, facts, listings)

    assert [warning["code"] for warning in found] == ["figure_differs"]
    assert "[B2]" in found[0]["message"]


def test_a_row_missing_from_an_annex_is_found_in_total_and_figures(frozen):
    content, facts, listings = frozen
    listings[0][1].pop()

    assert {"total_differs", "figure_differs"} <= set(codes(content, facts, listings))


def test_a_table_whose_total_is_not_its_sum_is_named(frozen):
    content, facts, listings = frozen
    table = next(block for block in content["blocks"] if block["t"] == "table")
    table["totals"][0][2] = "99"

    assert codes(content, facts, listings) == ["table_differs"]


def test_a_share_that_jumps_between_two_years_is_asked_about():
    province, _districts, communes = province_of_two_districts()
    for number in range(30):
        unit("residential_area", communes["A1"], name=f"Ấp {number}")
    past, year = opened(province, 2022), opened(province)
    results(past, province, spread(everything(past), ("kha",)))
    results(year, province, spread(everything(year), ("xuat_sac",)))
    report = report_request(year=2023, province=province.unit, actor="kiểm tra")

    warnings = freezing.snapshot_freeze(report).warnings

    assert [warning["code"] for warning in warnings] == ["jump", "jump"]
    assert "Xuất sắc thay đổi 100" in warnings[0]["message"]
