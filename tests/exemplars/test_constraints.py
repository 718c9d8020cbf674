"""What the database itself refuses, whoever writes."""

from contextlib import contextmanager
from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction

from movement.exemplars.enums import Life
from movement.exemplars.models import Exemplar, ExemplarNote, ModelState, Point, PointSize, PracticeModel, Review
from movement.exemplars.services.choosing import exemplars_choose
from tests.factories.exemplars import SIGNER, classified, point, practice_model
from tests.factories.ground import legacy_ground

pytestmark = pytest.mark.django_db
D1, D2 = date(2022, 1, 1), date(2023, 1, 1)


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def model(ground):
    return practice_model(ground[0], code="MH-1")


@pytest.fixture
def there(model, ground):
    return point(model, ground[2], code="P1", since=D1, until=D2)


@contextmanager
def refused(name):
    with pytest.raises(IntegrityError) as met:
        yield
    assert met.value.__cause__.diag.constraint_name == name


def check_deferred():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


WRONG = {
    "exemplars_model_code_once": lambda m, p, c: PracticeModel.objects.create(province=m.province, code="MH-1", name="Khác"),
    "exemplars_model_named": lambda m, p, c: PracticeModel.objects.create(province=m.province, code="MH-2", name=""),
    "exemplars_state_no_overlap": lambda m, p, c: ModelState.objects.create(model=m, state="weak", valid=(D1, None)),
    "exemplars_state_has_start": lambda m, p, c: ModelState.objects.create(model=m, state="weak", valid=(None, date(1999, 1, 1))),
    "exemplars_state_known": lambda m, p, c: ModelState.objects.create(
        model=m, state="khac", valid=(date(2000, 1, 1), date(2001, 1, 1))
    ),
    "exemplars_state_end_is_last": lambda m, p, c: ModelState.objects.create(
        model=m, state="ended", valid=(date(2000, 1, 1), date(2001, 1, 1))
    ),
    "exemplars_point_code_once": lambda m, p, c: Point.objects.create(model=m, code="P1", name="Khác", unit=c.unit, valid=(D1, None)),
    "exemplars_point_named": lambda m, p, c: Point.objects.create(model=m, name="", unit=c.unit, valid=(D1, None)),
    "exemplars_point_has_start": lambda m, p, c: Point.objects.create(model=m, name="x", unit=c.unit, valid=(D1, D1)),
    "exemplars_point_inside_model": lambda m, p, c: Point.objects.create(
        model=m, name="x", unit=c.unit, valid=(date(2019, 12, 31), None)
    ),
    "exemplars_size_no_overlap": lambda m, p, c: PointSize.objects.create(point=p, valid=(D1, D2)),
    "exemplars_size_has_start": lambda m, p, c: PointSize.objects.create(point=p, valid=(None, D1)),
    "exemplars_size_counts": lambda m, p, c: PointSize.objects.create(point=p, members=-1, valid=(D2, None)),
    "exemplars_review_rated": lambda m, p, c: Review.objects.create(model=m, year=2023, rating="", by_name="x"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_the_database_refuses(model, there, ground, name):
    with refused(name):
        WRONG[name](model, there, ground[2])
        check_deferred()


def test_a_year_has_one_review_of_a_model_and_one_of_each_point(model, there):
    Review.objects.create(model=model, year=2023, rating="Tốt", by_name="x")
    Review.objects.create(model=model, point=there, year=2023, rating="Tốt", by_name="x")
    with refused("exemplars_review_once"), transaction.atomic():
        Review.objects.create(model=model, year=2023, rating="Yếu", by_name="x")
    with refused("exemplars_review_once"):
        Review.objects.create(model=model, point=there, year=2023, rating="Yếu", by_name="x")


def test_a_point_of_a_model_that_has_ended_is_refused(ground):
    model = practice_model(ground[0])
    model.states.update(valid=(date(2020, 1, 1), D2))
    ModelState.objects.create(model=model, state=Life.ENDED, valid=(D2, None))
    with refused("exemplars_point_model_ended"):
        Point.objects.create(model=model, name="x", unit=ground[2].unit, valid=(D1, None))
        check_deferred()


def test_a_model_cannot_end_under_a_point_that_goes_on(model, ground):
    point(model, ground[2], since=D1)
    with refused("exemplars_point_inside_model"):
        model.states.update(valid=(date(2020, 1, 1), D2))
        check_deferred()


def test_a_point_may_begin_on_the_models_first_day_and_end_on_its_last(ground):
    model = practice_model(ground[0], since=D1)
    point(model, ground[2], since=D1, until=D2)
    model.states.update(valid=(D1, D2))
    ModelState.objects.create(model=model, state=Life.ENDED, valid=(D2, None))
    check_deferred()


@pytest.fixture
def chosen(ground):
    staff, _units = classified(ground[0], ground[2], {"KT-1": "xuat_sac", "KT-5": "yeu"})
    return exemplars_choose(
        year=2024, province=ground[0].unit, units=["KT-1"], decision="03/QĐ-BCĐ", decided_on=date(2024, 2, 20),
        signer=SIGNER, actor=staff,
    )[0]  # fmt: skip


def copy_of(exemplar, **changes):
    facts = {f.attname: getattr(exemplar, f.attname) for f in Exemplar._meta.fields if f.name not in ("id", "ulid")}
    return Exemplar(**{**facts, **changes})


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("exemplars_exemplar_once", {}),
        ("exemplars_exemplar_level", {"level": "khac"}),
        ("exemplars_exemplar_from_result", {"year": 2025}),
        ("exemplars_exemplar_from_result", {"class_code": "kha"}),
    ],
)
def test_an_exemplar_rests_on_the_published_class_of_the_year_before(chosen, name, changes):
    with refused(name):
        copy_of(chosen, **changes).save()


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("exemplars_note_known", {"kind": "khac", "text": "x"}),
        ("exemplars_note_known", {"kind": "plan", "text": ""}),
        ("exemplars_note_recognised_by", {"kind": "recognition", "text": "x"}),
    ],
)
def test_a_note_says_what_it_is(chosen, name, facts):
    with refused(name):
        ExemplarNote.objects.create(exemplar=chosen, on=date(2024, 3, 1), by_name="x", **facts)


@pytest.mark.parametrize("table", ["exemplars_exemplar", "exemplars_exemplarnote"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {} CASCADE"])
def test_what_was_decided_is_only_added_to(chosen, table, statement):
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_every_rule_has_a_sentence_of_its_own():
    rules = [c for m in apps.get_app_config("exemplars").get_models() for c in m._meta.constraints]
    assert [r.name for r in rules if r.violation_error_message == r.default_violation_error_message] == []
