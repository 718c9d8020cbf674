"""The life of a model, its points and their numbers, changed one at a time."""

from datetime import date

import pytest

from movement.audit.models import Entry
from movement.core.problems import Refused
from movement.exemplars.enums import NEXT, Life
from movement.exemplars.integrity import model_problems
from movement.exemplars.models import PointSize, Review
from movement.exemplars.services.practice import (
    model_change,
    model_create,
    model_move,
    point_change,
    point_create,
    point_resize,
    review_record,
)
from tests.factories.exemplars import point, practice_model
from tests.factories.ground import legacy_ground

pytestmark = pytest.mark.django_db
ACTOR = "kiểm tra"


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def model(ground):
    return practice_model(ground[0], code="MH-1")


def codes(refused):
    return [p.code for p in refused.value.problems]


def sizes(point):
    return [(s.valid.lower, s.valid.upper, s.teams, s.members) for s in point.sizes.order_by("valid")]


@pytest.mark.parametrize("state", Life)
@pytest.mark.parametrize("to", Life)
def test_only_the_steps_of_a_models_life_are_taken(ground, state, to):
    model = practice_model(ground[0], state=state)
    if to in NEXT[state]:
        model_move(model=model, to=to, since=date(2023, 1, 1), actor=ACTOR)
        assert [(s.state, s.valid.upper) for s in model.states.order_by("valid")] == [
            (state, date(2023, 1, 1)),
            (to, None),
        ]
    else:
        with pytest.raises(Refused) as refused:
            model_move(model=model, to=to, since=date(2023, 1, 1), actor=ACTOR)
        assert codes(refused) == ["not_next"]
    assert list(model_problems()) == []


def test_a_state_begins_after_the_one_before_it(model):
    with pytest.raises(Refused) as refused:
        model_move(model=model, to=Life.WEAK, since=date(2020, 1, 1), actor=ACTOR)
    assert codes(refused) == ["state_too_early"]


def test_a_model_that_ends_ends_its_points_the_same_day(model, ground):
    going, earlier = point(model, ground[2]), point(model, ground[2], until=date(2022, 1, 1))
    later = point(model, ground[2], until=date(2025, 1, 1))
    point_resize(point=later, teams=5, members=50, since=date(2024, 1, 1), actor=ACTOR)
    ended = model_move(model=model, to=Life.ENDED, since=date(2023, 7, 1), actor=ACTOR, note="hồ sơ không đạt")
    for row in (going, earlier, later):
        row.refresh_from_db()
    assert (ended, [p.valid.upper for p in (going, earlier, later)]) == (
        2,
        [date(2023, 7, 1), date(2022, 1, 1), date(2023, 7, 1)],
    )
    assert sizes(later) == [(date(2021, 1, 1), date(2023, 7, 1), 1, 10)]
    assert list(model_problems()) == []
    entry = Entry.objects.get(action="model.move")
    assert (entry.reason, entry.after["points_ended"]) == ("hồ sơ không đạt", 2)


def test_a_model_does_not_end_before_one_of_its_points_begins(model, ground):
    point(model, ground[2], since=date(2023, 9, 1))
    with pytest.raises(Refused) as refused:
        model_move(model=model, to=Life.ENDED, since=date(2023, 7, 1), actor=ACTOR)
    assert codes(refused) == ["points_after_end"]
    assert model.states.count() == 1


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        (date(2019, 12, 31), date(2023, 1, 1), "exemplars_point_inside_model"),
        (date(2024, 1, 1), None, "exemplars_point_model_ended"),
        (date(2022, 1, 1), None, "exemplars_point_model_ended"),
        (date(2022, 1, 1), date(2022, 1, 1), "dates_reversed"),
    ],
)
def test_a_point_outside_its_models_life_is_refused_with_a_sentence(model, ground, since, until, code):
    model_move(model=model, to=Life.ENDED, since=date(2024, 1, 1), actor=ACTOR)
    with pytest.raises(Refused) as refused:
        point_create(model=model, name="x", unit=ground[2].unit, since=since, until=until, actor=ACTOR)
    assert codes(refused) == [code]
    assert refused.value.problems[0].message.endswith(".")
    assert model.points.count() == 0


def test_codes_are_used_once(model, ground):
    point(model, ground[2], code="P1")
    with pytest.raises(Refused) as refused:
        point(model, ground[2], code="P1")
    assert codes(refused) == ["exemplars_point_code_once"]
    with pytest.raises(Refused) as refused:
        model_create(province=ground[0].unit, code="MH-1", name="Khác", since=date(2023, 1, 1), actor=ACTOR)
    assert codes(refused) == ["exemplars_model_code_once"]


def test_new_numbers_leave_those_of_the_days_before(model, ground):
    row = point(model, ground[2], teams=1, members=10)
    point_resize(point=row, teams=2, members=25, since=date(2023, 1, 1), actor=ACTOR)
    point_resize(point=row, teams=1, members=12, since=date(2022, 1, 1), actor=ACTOR)
    assert sizes(row) == [
        (date(2021, 1, 1), date(2022, 1, 1), 1, 10),
        (date(2022, 1, 1), date(2023, 1, 1), 1, 12),
        (date(2023, 1, 1), None, 2, 25),
    ]
    assert point_resize(point=row, teams=2, members=25, since=date(2024, 1, 1), actor=ACTOR) is False


@pytest.mark.parametrize(
    ("since", "teams", "code"),
    [(date(2020, 12, 31), 1, "outside_point"), (date(2022, 1, 1), -1, "exemplars_size_counts")],
)
def test_numbers_lie_within_the_points_time_and_are_not_negative(model, ground, since, teams, code):
    row = point(model, ground[2])
    with pytest.raises(Refused) as refused:
        point_resize(point=row, teams=teams, members=1, since=since, actor=ACTOR)
    assert codes(refused) == [code]
    assert PointSize.objects.count() == 1


@pytest.mark.parametrize(
    ("since", "until", "left"),
    [
        (date(2020, 6, 1), None, [(date(2020, 6, 1), date(2022, 1, 1), 1), (date(2022, 1, 1), None, 2)]),
        (date(2021, 1, 1), date(2021, 7, 1), [(date(2021, 1, 1), date(2021, 7, 1), 1)]),
        (date(2023, 1, 1), date(2024, 1, 1), [(date(2023, 1, 1), date(2024, 1, 1), 2)]),
    ],
)
def test_numbers_follow_the_points_dates(model, ground, since, until, left):
    row = point(model, ground[2], teams=1)
    point_resize(point=row, teams=2, members=10, since=date(2022, 1, 1), actor=ACTOR)
    point_change(point=row, name=row.name, unit=row.unit, since=since, until=until, actor=ACTOR)
    assert [(a, b, teams) for a, b, teams, _ in sizes(row)] == left
    assert list(model_problems()) == []


def test_a_second_review_replaces_the_first_and_the_trail_keeps_both(model, ground):
    row = point(model, ground[2])
    for rating in ("Tốt", "Yếu"):
        review_record(model=model, year=2023, rating=rating, actor=ACTOR)
    review_record(model=model, point=row, year=2023, rating="Tốt", actor=ACTOR)
    assert set(Review.objects.values_list("point", "rating")) == {(None, "Yếu"), (row.pk, "Tốt")}
    assert [(e.before, e.after["rating"]) for e in Entry.objects.filter(action="model.review", unit_id=ground[0].unit_id).order_by("id")] == [
        (None, "Tốt"), ({"rating": "Tốt", "note": ""}, "Yếu"),
    ]  # fmt: skip


def test_a_change_without_a_difference_leaves_no_trail(model, ground):
    row = point(model, ground[2])
    before = Entry.objects.count()
    model_change(model=model, code="MH-1", name=f"  {model.name} ", field="", decision="", actor=ACTOR)
    point_change(point=row, name=row.name, unit=row.unit, since=date(2021, 1, 1), until=None, actor=ACTOR)
    assert Entry.objects.count() == before


def test_the_integrity_check_finds_rows_that_do_not_fit(model, ground):
    row = point(model, ground[2])
    row.sizes.update(valid=(date(2021, 6, 1), None))
    stopped = practice_model(ground[0], code="MH-2")
    stopped.states.update(valid=(date(2020, 1, 1), date(2030, 1, 1)))
    assert set(model_problems()) == {
        f"Điểm “{row.name}” (): quy mô không phủ hết thời gian hoạt động.",
        f"Mô hình “{stopped.name}” (MH-2): các trạng thái không nối tiếp nhau.",
    }
