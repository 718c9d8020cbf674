"""What the database itself refuses, each by its name."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, transaction

from awards.enums import Outcome, RoundState
from awards.models import Award, AwardForm, Nomination, Revocation, Round
from awards.services import award_revoke
from movement.core.problems import constraint_problem
from tests.factories.awards import award, nominated, proposal, ring
from tests.factories.ground import legacy_ground

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    return legacy_ground()


def copied(row, **changes):
    """An unsaved row like ``row``, with these columns changed."""
    left_out = {"id", "ulid", "search", "person_search", "recorded_at", "created_at"}
    kept = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname not in left_out}
    return type(row)(**{**kept, **changes})


def refused(row):
    """The name of the constraint that saving ``row`` meets, which must have a sentence."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        row.save()
    problem = constraint_problem(error.value)
    assert problem is not None, error.value
    return problem.code


PERSON = {"recipient_kind": "individual", "person_name": "A", "position": "B"}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"form": "huy_chuong"}, "known"),
        ({"form": "co_tinh", **PERSON}, "flag_for_collectives"),
        ({"form": "ky_niem_chuong"}, "insignia_for_persons"),
        ({"unit_name": ""}, "has_unit"),
        ({**PERSON, "position": ""}, "individual_named"),
        ({"recipient_kind": "household"}, "household_named"),
        ({"person_name": "A"}, "collective_without_person"),
        ({"achieved": (date(2023, 1, 1), None)}, "period"),
        ({"achieved": (date(2023, 1, 1), date(2023, 1, 1))}, "period"),
    ],
)
@pytest.mark.parametrize("model", ("award", "nomination"))
def test_a_recipient_that_cannot_be(ground, model, changes, name):
    row = award(ground[2]) if model == "award" else nominated(ring(ground[0]), proposal(ground[2]))[0]
    assert refused(copied(row, **changes)) == f"awards_{model}_{name}"


def test_the_same_recipient_once_in_a_decision_and_once_in_a_round(ground):
    entry = award(ground[2])
    assert refused(copied(entry)) == "awards_award_unit_once"
    nameless = copied(entry, unit_id=None, unit_name="Đội A")
    nameless.save()
    assert refused(copied(nameless, unit_name="đội  a")) == "awards_award_name_once"
    someone = award(ground[2], recipient_kind="individual", person_name="Lê Hòa")
    assert refused(copied(someone, person_name="lê hoà")) == "awards_award_person_once"
    first = nominated(ring(ground[0]), proposal(ground[2]))[0]
    assert refused(copied(first)) == "awards_nomination_unit_once"
    copied(first, unit_id=None, unit_name="Đội A").save()
    assert refused(copied(first, unit_id=None, unit_name="Đội  A")) == "awards_nomination_name_once"
    copied(first, **PERSON).save()
    assert refused(copied(first, **PERSON)) == "awards_nomination_person_once"


def test_a_period_lies_before_the_end_of_the_year_of_the_decision(ground):
    entry = award(ground[2])
    assert refused(copied(entry, achieved=(date(2024, 2, 1), date(2024, 3, 1)))) == "awards_award_period_begun"
    assert refused(copied(entry, achieved=(date(2023, 1, 1), date(2025, 1, 2)))) == "awards_award_period_not_ahead"
    copied(entry, unit_id=ground[1].unit_id, achieved=(date(2023, 1, 1), date(2025, 1, 1))).save()
    assert refused(copied(entry, place_ids=[])) == "awards_award_has_place"


def test_a_nomination_has_a_period_and_an_outcome_that_fits(ground):
    row = nominated(ring(ground[0]), proposal(ground[2]))[0]
    assert refused(copied(row, unit_id=None, unit_name="Đội B", achieved=None)) == "awards_nomination_has_period"
    for changes in ({"outcome": Outcome.AWARDED}, {"outcome": Outcome.REFUSED}):
        other = copied(row, unit_id=None, unit_name="Đội B", **changes)
        assert refused(other) == "awards_nomination_outcome"


def test_what_a_round_cannot_be(ground):
    row = ring(ground[0], title="Đợt 1")
    assert refused(copied(row, title="đợt  1")) == "awards_round_title_once"
    assert refused(copied(row, title="")) == "awards_round_titled"
    assert refused(copied(row, title="2", period=(date(2023, 1, 1), None))) == "awards_round_period"
    assert refused(copied(row, title="2", state=RoundState.CLOSED)) == "awards_round_state"
    assert refused(copied(row, title="2", authority_kind="school")) == "awards_round_of_province_or_commune"
    assert Round.objects.count() == 1


def test_what_a_form_cannot_be(ground):
    row = AwardForm.objects.get(code="co_tinh", valid__contains=date(2020, 1, 1))
    later = {"province_id": ground[0].unit_id}
    assert refused(copied(row)) == "awards_form_no_overlap"
    copied(row, **later).save()
    assert refused(copied(row, **later)) == "awards_form_no_overlap"
    assert refused(copied(row, **later, valid=(None, date(1990, 1, 1)))) == "awards_form_has_start"
    assert refused(copied(row, code="x", **later)) == "awards_form_known"
    assert refused(copied(row, **later, recipient_kinds=["crowd"])) in (
        "awards_form_has_recipients", "awards_form_flag_for_collectives",
    )  # fmt: skip
    assert refused(copied(row, **later, recipient_kinds=["individual"])) == "awards_form_flag_for_collectives"
    insignia = AwardForm.objects.get(code="ky_niem_chuong")
    assert refused(copied(insignia, **later, recipient_kinds=["household"])) == "awards_form_insignia_for_persons"
    assert refused(copied(row, **later, money_collective=-1)) == "awards_form_money_not_negative"


def test_what_a_revocation_cannot_be(ground):
    entry = award(ground[2])
    values = {
        "award": entry,
        "ground": "a",
        "by_decision": "1/QĐ",
        "revoked_on": date(2024, 5, 1),
        "recorded_by_name": "x",
    }
    assert refused(Revocation(**{**values, "ground": "e"})) == "awards_revocation_known_ground"
    assert refused(Revocation(**{**values, "by_decision": ""})) == "awards_revocation_has_decision"
    assert refused(Revocation(**values, money_returned=-1)) == "awards_revocation_money_not_negative"


def denied(act):
    with pytest.raises((ProgrammingError, DatabaseError), match="permission denied"), transaction.atomic():
        act()


def test_the_register_is_only_added_to(ground):
    entry = award(ground[2])
    row = award_revoke(award=entry, ground="a", by_decision="1/QĐ", revoked_on=date(2024, 5, 1), actor="x")
    denied(lambda: Award.objects.filter(pk=entry.pk).update(unit_name="Khác"))
    denied(lambda: Award.objects.filter(pk=entry.pk)._raw_delete("default"))
    denied(lambda: Revocation.objects.filter(pk=row.pk).update(ground="b"))
    denied(lambda: Revocation.objects.filter(pk=row.pk)._raw_delete("default"))
    Revocation.objects.filter(pk=row.pk).update(money_returned=5)  # what came back may be filled in later
    assert Revocation.objects.get(pk=row.pk).money_returned == 5


def test_default_forms_state_no_money_that_was_not_read():
    rows = AwardForm.objects.filter(valid__contains=date(2026, 1, 1)).order_by("rank")
    money = {form.code: (form.money_collective, form.money_household, form.money_individual) for form in rows}
    assert {code: tuple(None if m is None else str(m) for m in found) for code, found in money.items()} == {
        "co_chinh_phu": ("12.00", None, None), "co_bo": ("8.00", None, None), "co_tinh": ("8.00", None, None),
        "bang_khen_bo": (None, None, "1.50"), "bang_khen_tinh": (None, None, "1.50"),
        "giay_khen_cong_an_tinh": (None, None, None), "giay_khen_xa": (None, None, "0.30"),
        "giay_khen_khac": (None, None, "0.30"), "ky_niem_chuong": (None, None, None), "thu_khen": (None, None, None),
    }  # fmt: skip
    assert not AwardForm.objects.exclude(required_classes=[]).exists()
    assert not AwardForm.objects.exclude(money_round_to=None, money_salary_on=None).exists()


def test_nomination_rows_name_no_more_than_name_position_and_unit():
    personal = {f.name for model in (Award, Nomination) for f in model._meta.get_fields() if "person" in f.name}
    assert personal == {"person_name", "person_search"}
