import re
from decimal import Decimal
from io import BytesIO

import pypdf
import pytest
from lxml import etree

from movement.documents.charts import grouped_bars, stacked_bars
from movement.documents.rendering import render_html_part
from tests.documents.sample import BY_KIND, CLASSES

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return [one.text for one in etree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("draw", [stacked_bars, grouped_bars])
def test_chart_carries_no_style_and_nothing_that_runs(draw):
    svg = draw(BY_KIND, CLASSES, title="Phân loại")

    allowed = {"id", "class", "role", "aria-labelledby", "xmlns", "viewBox"}
    names = {name for one in etree.fromstring(svg).iter() for name in one.attrib}
    assert "style" not in names | {one.tag for one in etree.fromstring(svg).iter()}
    assert not [name for name in names - allowed if name.startswith("on") or "href" in name]
    assert "<style" not in svg


def test_figures_stand_in_their_bars_and_the_total_behind():
    svg = stacked_bars([("Xã Tân Bình", {"a": 1200, "b": 300})], (("a", "Đạt"), ("b", "Chưa đạt")), title="Kết quả")

    assert texts(svg) == ["Đạt", "Chưa đạt", "Xã Tân Bình", "1.200", "300", "1.500"]


def test_bars_are_as_long_as_their_values():
    svg = stacked_bars([("A", {"a": 30, "b": 10}), ("B", {"a": 20})], (("a", "x"), ("b", "y")), title="t")

    bars = [one for one in etree.fromstring(svg).iter(f"{SVG}rect") if one.get("height") == "22.00"]
    lengths = [float(one.get("width")) for one in bars]
    assert [round(length / lengths[1], 1) for length in lengths] == [3, 1, 2]


def test_shares_give_every_bar_the_full_length():
    svg = stacked_bars([("A", {"a": 30, "b": 10}), ("B", {"a": 2})], (("a", "x"), ("b", "y")), title="t", shares=True)

    bars = [float(one.get("width")) for one in etree.fromstring(svg).iter(f"{SVG}rect") if one.get("height") == "22.00"]
    assert round(bars[0] + bars[1], 1) == round(bars[2], 1)


def test_years_stand_side_by_side_with_decimal_comma():
    svg = grouped_bars([("Khá", {"2025": Decimal("12.5"), "2026": 0})], (("2025", "2025"), ("2026", "2026")), title="t")

    assert texts(svg) == ["2025", "2026", "Khá", "12,5", "0"]


def test_chart_says_all_its_figures_to_a_screen_reader_and_escapes_them():
    svg = stacked_bars([("<b>A & B</b>", {"a": 3})], (("a", "Đạt"),), title="Một & hai")

    root = etree.fromstring(svg)
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert (title.text, words.text) == ("Một & hai", "<b>A & B</b>: Đạt 3.")
    assert root.get("aria-labelledby").split() == [title.get("id"), words.get("id")]


def test_chart_without_rows_or_values_is_still_a_drawing():
    assert texts(stacked_bars([], (("a", "Đạt"),), title="t")) == ["Đạt"]
    assert texts(stacked_bars([("A", {})], (("a", "Đạt"),), title="t")) == ["Đạt", "A", "0"]


def test_two_charts_of_a_page_do_not_share_names():
    ids = re.findall(
        r' id="([^"]+)"', stacked_bars(BY_KIND, CLASSES, title="1") + stacked_bars(BY_KIND, CLASSES, title="2")
    )

    assert len(ids) == len(set(ids)) == 6


def test_chart_on_paper_has_text_that_can_be_copied():
    svg = stacked_bars(BY_KIND, CLASSES, title="Phân loại")
    pdf = render_html_part(f'<!doctype html><html lang="vi"><title>x</title><body>{svg}</body></html>')

    text = pypdf.PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert all(words in text for words in ("Xuất sắc", "Khu dân cư", "312", "794"))
