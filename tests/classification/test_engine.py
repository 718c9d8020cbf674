"""The arithmetic, on cases worked out by hand and on properties that must hold for any scores."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from movement.classification.engine import (
    Adjustment,
    Answers,
    Band,
    Cap,
    Leaf,
    Rules,
    class_of,
    points_problem,
    vn,
)

RULES = Rules(
    code="HD-1",
    purpose="classification",
    total=D(100),
    complete=True,
    leaves=(
        Leaf("1.1", "Một", D(30), D("0.5")),
        Leaf("1.2", "Hai", D(30), D("0.5"), not_applicable=True),
        Leaf("2", "Ba", D(40), D("0.5"), knock_out=True),
    ),
    adjustments=(Adjustment("T1", "Thưởng", "bonus", D(5)), Adjustment("P1", "Trừ", "penalty", D(10))),
    bands=(
        Band("xuat_sac", "Xuất sắc", D(90)),
        Band("kha", "Khá", D(70)),
        Band("trung_binh", "Trung bình", D(50)),
        Band("yeu", "Yếu", D(0)),
    ),
    caps=(Cap("knock_out:2", "yeu"),),
)


def answers(first=None, second=None, third=None, *, bonus=None, penalty=None, reason=None, **more):
    points = {"1.1": first, "1.2": second, "2": third}
    extra = {"T1": bonus, "P1": penalty}
    return Answers(
        points={k: D(v) for k, v in points.items() if v is not None},
        adjustments={k: D(v) for k, v in extra.items() if v is not None},
        not_applicable={"1.2": reason} if reason else {},
        **more,
    )


@pytest.mark.parametrize(
    ("given_answers", "points", "class_code"),
    [
        (answers("30", "30", "30"), "90", "xuat_sac"),
        (answers("30", "30", "29.5"), "89.5", "kha"),
        (answers("20", None, "29.5", reason="không phát sinh"), "70.71", "kha"),
        (answers("30", "30", "40", bonus="5"), "100", "xuat_sac"),
        (answers("30", "30", "0", bonus="5"), "65", "yeu"),
        (answers("2", "1", "1", penalty="10"), "0", "yeu"),
    ],
    ids=["on-the-bound", "just-under", "scaled", "kept-at-total", "knocked-out", "kept-at-zero"],
)
def test_points_and_class_of_cases_worked_by_hand(given_answers, points, class_code):
    result = class_of(RULES, given_answers)
    assert (result.points, result.class_code) == (D(points), class_code)


def test_a_missing_leaf_leaves_the_unit_unclassified_and_is_named():
    result = class_of(RULES, answers("30", None, "40"))
    assert (result.class_code, result.missing, result.complete) == (None, ("1.2",), False)


def test_all_left_out_gives_no_result_with_a_reason():
    result = class_of(RULES, Answers(not_applicable={"1.1": "a", "1.2": "b", "2": "c"}))
    assert (result.points, result.class_code, result.complete) == (None, None, True)
    assert "không áp dụng" in result.sentences[-1]


@pytest.mark.parametrize(
    ("standards", "class_code", "reason"),
    [
        ({"S": True}, "xuat_sac", None),
        ({"S": False}, "kha", "tiêu chuẩn S chưa đạt"),
        ({}, "kha", "tiêu chuẩn S chưa có kết quả"),
    ],
)
def test_a_band_that_requires_a_standard(standards, class_code, reason):
    first = replace(RULES.bands[0], requires=("standard:S",))
    result = class_of(replace(RULES, bands=(first, *RULES.bands[1:])), answers("30", "30", "40", standards=standards))
    assert result.class_code == class_code
    assert result.bands_refused == (({"class": "xuat_sac", "reasons": [reason]},) if reason else ())


def test_a_cap_never_raises_a_class_and_does_not_fire_on_a_leaf_left_out():
    rules = replace(RULES, caps=(Cap("knock_out:1.2", "kha"),))
    low = class_of(rules, answers("20", "0", "0"))
    left_out = class_of(rules, answers("30", None, "40", reason="không phát sinh"))
    assert (low.class_code, low.caps_fired) == ("yeu", ({"when": "knock_out:1.2", "at_most": "kha"},))
    assert (left_out.class_code, left_out.caps_fired) == ("xuat_sac", ())


@pytest.mark.parametrize(("values", "class_code"), [((1, 1), "dat"), ((1, 0), "chua_dat")])
def test_a_standard_is_met_when_every_applicable_leaf_is(values, class_code):
    rules = Rules("S", "standard", None, True, (Leaf("1", "", None), Leaf("2", "", None)))
    result = class_of(rules, Answers(points=dict(zip("12", map(D, values), strict=True))))
    assert (result.class_code, result.points) == (class_code, None)


def test_an_incomplete_scheme_holds_scores_and_computes_no_class():
    result = class_of(replace(RULES, complete=False), answers("30", "30", "40"))
    assert (result.points, result.class_code) == (None, None)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("30.5", "điểm 30,5 lớn hơn điểm chuẩn 30"),
        ("2.25", "điểm 2,25 không đúng bước 0,5"),
        ("-1", "điểm -1 nhỏ hơn 0"),
        ("30", None),
    ],
)
def test_points_off_the_bounds_or_the_step_are_named(value, problem):
    assert points_problem(RULES.leaves[0], D(value), standard=False) == problem


@pytest.mark.parametrize(("number", "text"), [("70.710", "70,71"), ("100", "100"), ("0.00", "0"), ("1E+2", "100")])
def test_numbers_are_written_with_a_decimal_comma(number, text):
    assert vn(D(number)) == text


halves = st.integers(0, 60).map(lambda n: D(n) / 2)
scores = st.builds(
    answers,
    halves,
    halves,
    st.integers(0, 80).map(lambda n: D(n) / 2),
    bonus=st.none() | st.integers(0, 5),
    penalty=st.none() | st.integers(0, 10),
)


@given(scores)
def test_points_stay_within_the_scale_and_have_a_class(given_answers):
    result = class_of(RULES, given_answers)
    assert D(0) <= result.points <= RULES.total
    assert result.class_code in {b.code for b in RULES.bands}
    assert result.sentences


@given(scores, st.sampled_from(["1.1", "1.2"]))
def test_more_points_never_lower_the_class(given_answers, code):
    more = dict(given_answers.points)
    more[code] = min(more[code] + 1, D(30))
    before = class_of(RULES, given_answers)
    after = class_of(RULES, replace(given_answers, points=more))
    rank = [b.code for b in RULES.bands]
    assert rank.index(after.class_code) <= rank.index(before.class_code)


@given(halves, st.integers(0, 80).map(lambda n: D(n) / 2))
def test_leaving_out_scales_to_the_exact_share_rounded_once(first, third):
    result = class_of(RULES, answers(first, None, third, reason="không phát sinh"))
    exact = (first + third) * 100 / D(70)
    assert abs(result.points - exact) <= D("0.005")
