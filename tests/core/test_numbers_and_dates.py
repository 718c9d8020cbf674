from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from movement.core.dates import format_date, last_day_to_upper, parse_date, upper_to_last_day
from movement.core.numbers import count_text, parse_count, parse_points, points_text, share, share_text


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        ("29,5", "29.5"),
        ("29.5", "29.5"),
        (" 30 ", "30"),
        (30, "30"),
        (29.5, "29.5"),
        (0.1, "0.1"),
        (30.0, "30"),
        ("0,125", "0.125"),
        ("1234,5", "1234.5"),
        ("1234.567", "1234.567"),
        ("-2", "-2"),
        (Decimal("7.25"), "7.25"),
        (1.234, "1.234"),
        ("0", "0"),
    ],
)
def test_points_are_read_with_comma_or_point(typed, points):
    assert str(parse_points(typed)) == points


@pytest.mark.parametrize(
    "typed",
    ["1.234", "1,234", "-12.345", "1.234,5", "1,234.5", "1 234", "1e3", "NaN", "inf", float("nan"), float("inf"), 1e300,
     "", "  ", "ba", "１２", "٣", "5,", ",5", "+5", "--5", "1_000", "0x10", True, None, date(2025, 1, 1), "9" * 16],
)  # fmt: skip
def test_points_that_could_be_something_else_are_refused(typed):
    with pytest.raises(ValueError, match=r"số"):
        parse_points(typed)


@given(st.decimals(min_value=0, max_value=9999, places=2))
def test_points_written_are_points_read(points):
    assert parse_points(points_text(points)) == points


@pytest.mark.parametrize(("typed", "count"), [("12", 12), (7.0, 7), ("0", 0), ("1000", 1000), ("3,0", 3)])
def test_counts_are_whole(typed, count):
    assert parse_count(typed) == count


@pytest.mark.parametrize("typed", ["-1", "1,5", 2.5, "1.000", "", None, True])
def test_counts_that_are_not_whole_are_refused(typed):
    with pytest.raises(ValueError, match=r"số"):
        parse_count(typed)


@pytest.mark.parametrize(
    ("value", "text"), [("100", "100"), ("89.50", "89,5"), ("70.71", "70,71"), ("0.00", "0"), ("1E+2", "100")]
)
def test_points_are_written_with_a_comma_and_no_zeros_behind(value, text):
    assert points_text(Decimal(value)) == text


def test_shares_have_two_decimals_and_round_half_up():
    assert [share(1, 3), share(1, 800), share(5, 0)] == [Decimal("33.33"), Decimal("0.13"), None]
    assert [share_text(share(1, 3)), share_text(Decimal(100)), share_text(None)] == ["33,33%", "100,00%", ""]


def test_counts_are_written_with_points():
    assert [count_text(n) for n in (0, 999, 1234567, None)] == ["0", "999", "1.234.567", ""]


@pytest.mark.parametrize(
    "value", ["03/04/2025", "3/4/2025", "2025-04-03", " 03/04/2025 ", date(2025, 4, 3), datetime(2025, 4, 3, 7, 30)]
)
def test_day_comes_before_month(value):
    assert parse_date(value) == date(2025, 4, 3)


@pytest.mark.parametrize(
    "value",
    ["04-03-2025", "3.4.2025", "2025/04/03", "2025-4-3", "03/04/25", "31/02/2025", "00/01/2025", "13/13/2025", "45000",
     "", None, 45000, "03/04/0025", "2025-04-03T00:00", "２025-04-03", "tháng 4", "01/01/9999"],
)  # fmt: skip
def test_other_dates_are_refused_with_a_sentence(value):
    with pytest.raises(ValueError, match=r"\.$"):
        parse_date(value)


def test_the_last_day_is_inside_and_the_upper_bound_is_not():
    assert last_day_to_upper(date(2025, 6, 30)) == date(2025, 7, 1)
    assert upper_to_last_day(date(2025, 7, 1)) == date(2025, 6, 30)
    assert last_day_to_upper(None) is None
    assert upper_to_last_day(None) is None


def test_a_moment_is_shown_as_the_day_in_vietnam():
    assert format_date(datetime(2025, 6, 30, 17, 0, tzinfo=UTC)) == "01/07/2025"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_forms_and_pages_read_and_write_as_in_vietnam(language):
    with translation.override(language):
        assert forms.DateField(localize=True).clean("03/04/2025") == date(2025, 4, 3)
        assert forms.DecimalField(localize=True).clean("29,5") == Decimal("29.5")
        page = Template(
            "{{ d }} {{ n }}|{{ n|diem }} {{ d|ngay }} {{ c|so }} {{ n|phan_tram }} [{{ no|diem }}{{ no|ngay }}]"
        )
        context = Context({"d": date(2025, 4, 3), "n": Decimal("29.50"), "c": 12345, "no": None})
        assert page.render(context) == "03/04/2025 29,50|29,5 03/04/2025 12.345 29,50% []"
