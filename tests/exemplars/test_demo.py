"""The demonstration's models: the same every time, of a believable size, and kind to every real place."""

from collections import Counter
from datetime import date

import pytest

from movement.classification.demo import EXEMPLARS_2024, plan
from movement.exemplars import demo
from movement.exemplars.enums import Life
from movement.exemplars.services.import_rows import COLUMNS, parse_rows
from tests.classification.test_demo_plan import communes, ground

ON = date(2023, 12, 31)


@pytest.fixture(scope="module")
def made():
    return demo.models(ground())


def working(made):
    """Codes of models with a point on 31/12/2023."""
    return {row["model_code"] for row in made.rows if row["ended_on"] in ("", ON.isoformat())} - {
        code for code, to, since, _ in made.moves if to == Life.ENDED and since <= ON
    }


def test_the_models_do_not_depend_on_the_run_nor_on_the_order_of_the_communes(made):
    assert demo.models(plan.build(list(reversed(communes())))) == made


def test_thirty_eight_models_work_with_several_hundred_points(made):
    assert len(working(made)) == 38
    assert 600 <= sum(row["ended_on"] == "" for row in made.rows) <= 1200


def test_the_rows_are_lines_of_an_import_file(made):
    problems = []
    parse_rows(enumerate(made.rows, 2), as_of=None, problems=problems)
    assert problems == []
    assert {tuple(row) for row in made.rows} == {COLUMNS}
    keys = Counter((row["model_code"], row["point_code"]) for row in made.rows)
    assert max(keys.values()) == 1


def test_every_point_begins_when_its_unit_exists_and_its_model_is_launched(made):
    exists = {unit.code: unit.valid_from for unit in (*ground().places, *ground().units)}
    launched = {one.code: dict(one.states).get(Life.LAUNCHED) for one in made.registered}
    for row in made.rows:
        since = date.fromisoformat(row["started_on"])
        assert since >= exists[row["unit_code"]]
        assert since >= (launched.get(row["model_code"]) or since)
        assert since <= ON


def test_real_places_carry_no_weak_and_no_ended_model_and_no_real_workplace_any(made):
    real = {unit.code: unit.kind for unit in (*ground().places, *ground().units) if unit.real}
    low = {code for code, to, _, _ in made.moves if to in (Life.WEAK, Life.ENDED)}
    low |= {review.model_code for review in made.reviews if review.rating != "Tốt"}
    assert low
    assert [row for row in made.rows if row["model_code"] in low and row["unit_code"] in real] == []
    assert {real[row["unit_code"]] for row in made.rows if row["unit_code"] in real} == {"commune"}
    assert [row for row in made.rows if row["ended_on"] and row["unit_code"] in real] == []


def test_every_name_says_that_it_is_made_up(made):
    names = {row["model_name"] for row in made.rows} | {row["point_name"] for row in made.rows}
    names |= {one.name for one in made.registered}
    assert [name for name in names if "minh họa" not in name] == []


def test_the_five_of_2024_are_chosen_after_the_classes_and_before_the_news():
    choice = demo.CHOICE
    assert (choice.year, choice.units, choice.signer) == (2024, EXEMPLARS_2024, "Nguyễn Văn Minh Họa")
    assert date(2023, 12, 8) < choice.decided_on == date(2024, 2, 20) < date(2024, 2, 28)
    assert all(on >= choice.decided_on for _, on, _ in choice.notes)
