from datetime import date

import pytest
from django.template.loader import render_to_string

from movement.documents.layout import Column, GroupRow, LetterHead, Table, date_words, number_words, roman


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 1, 5), "ngày 05 tháng 01 năm 2026"),
        (date(2026, 2, 28), "ngày 28 tháng 02 năm 2026"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        (date(2026, 12, 10), "ngày 10 tháng 12 năm 2026"),
    ],
)
def test_only_days_below_10_and_months_1_and_2_get_a_leading_zero(on, words):
    assert date_words(on) == words


def test_a_missing_date_leaves_blanks_for_the_clerk():
    assert date_words(None, year=2026).split() == ["ngày", "tháng", "năm", "2026"]
    assert "ngày\xa0\xa0\xa0" in date_words(None)


@pytest.mark.parametrize(("number", "words"), [(5, "05"), ("5", "05"), (12, "12"), ("12a", "12a")])
def test_a_running_number_below_10_gets_a_leading_zero(number, words):
    assert number_words(number) == words


def test_letterhead_has_number_and_date_in_their_places():
    head = LetterHead(issuer="Ban Chỉ đạo 138 tỉnh", symbol="BC-BCĐ", place="Cần Thơ", number=7, date=date(2026, 12, 5))

    assert head.number_line == "Số: 07/BC-BCĐ"
    assert head.place_date_line == "Cần Thơ, ngày 05 tháng 12 năm 2026"
    page = render_to_string("documents/letter_head.html", {"head": head})
    assert "BAN CHỈ ĐẠO 138 TỈNH" in page
    assert "superior" not in page


def test_letterhead_of_a_draft_keeps_the_symbol():
    head = LetterHead(issuer="Ban Chỉ đạo", symbol="BC-BCĐ", place="Cần Thơ")

    assert head.number_line.replace("\xa0", "") == "Số: /BC-BCĐ"


def test_roman_numbers():
    assert [roman(number) for number in (1, 4, 9, 14, 40, 49)] == ["I", "IV", "IX", "XIV", "XL", "XLIX"]


def test_table_head_joins_neighbours_of_a_group():
    table = Table((Column("STT", 10), Column("Tự chấm", 10, group="Điểm"), Column("Kết quả", 10, group="Điểm")), [])

    assert table.head == (
        '<tr><th rowspan="2">STT</th><th colspan="2">Điểm</th></tr><tr><th>Tự chấm</th><th>Kết quả</th></tr>'
    )


def test_table_body_escapes_aligns_and_totals():
    table = Table(
        (Column("Tên", 10), Column("Điểm", 10, "r")), [GroupRow("A & B"), ("<b>", "1")], totals=[("Cộng", "1")]
    )

    assert table.body.splitlines() == [
        '<tr class="group"><td colspan="2">A &amp; B',
        '<tr><td>&lt;b&gt;<td class="r">1',
        '<tr class="total"><td>Cộng<td class="r">1',
    ]


def test_a_row_with_a_cell_too_few_is_an_error():
    with pytest.raises(ValueError, match="zip"):
        _ = Table((Column("Tên", 10), Column("Điểm", 10)), [("một",)]).body
