from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from movement.audit.models import Entry
from movement.core.dates import today
from movement.core.decisions import authority_key, decision_record
from movement.core.models import Decision
from movement.core.problems import Refused

pytestmark = pytest.mark.django_db


def decide(number="01/QĐ-BCĐ", day=date(2023, 12, 8), **more):
    values = {"signer": "Nguyễn Văn Minh Họa", "authority_name": "BCĐ 138 tỉnh", "subject": "x", "actor": "thử"}
    return decision_record(number=number, decided_on=day, **values | {"authority_unit_id": 5} | more)


def test_a_decision_is_recorded_with_its_year_and_in_the_trail():
    decision = Decision.objects.get(pk=decide().pk)

    assert (decision.number, decision.year, str(decision)) == ("01/QĐ-BCĐ", 2023, "01/QĐ-BCĐ ngày 08/12/2023")
    entry = Entry.objects.get(object_id=decision.ulid)
    assert entry.unit_id == 5
    assert "01/QĐ-BCĐ" in entry.sentence


@pytest.mark.parametrize("number", ["01/QĐ-BCĐ", "1/QĐ-BCĐ", " 01 / qđ-bcđ "])
def test_an_authority_uses_a_number_once_a_year_however_it_is_written(number):
    decide()

    with pytest.raises(Refused) as refused:
        decide(number, date(2023, 1, 2), authority_name="Ban Chỉ đạo 138")

    (problem,) = refused.value.problems
    assert problem.code == "core_decision_number_once"
    assert problem.message == "Số quyết định này đã được cơ quan đó dùng trong năm."
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"day": date(2022, 12, 8)}, {"authority_unit_id": 6}, {"number": "2/QĐ-BCĐ"}, {"number": "01/QĐ-UBND"}]
)
def test_another_year_authority_or_symbol_is_another_decision(change):
    decide()
    decide(**change)

    assert Decision.objects.count() == 2


def test_an_authority_known_by_name_only_is_read_within_its_province():
    key = authority_key(unit_id=None, name="UBND tỉnh", province_unit_id=1)

    assert key == authority_key(unit_id=None, name="Uỷ ban nhân dân tỉnh", province_unit_id=1)
    assert key != authority_key(unit_id=None, name="UBND tỉnh", province_unit_id=2)


def test_what_is_missing_is_listed_at_once():
    with pytest.raises(Refused) as refused:
        decide(" ", today() + timedelta(days=1), signer="", authority_name="")

    codes = {problem.code for problem in refused.value.problems}
    assert codes == {"decision_missing", "signer_missing", "authority_missing", "date_ahead"}


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"number": ""}, "core_decision_has_number"),
        ({"authority_key": ""}, "core_decision_has_authority"),
    ],
)
def test_the_database_refuses_half_a_decision(values, constraint):
    whole = {"number": "1", "decided_on": date(2025, 1, 1), "signer": "A", "authority_name": "B", "authority_key": "b"}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Decision.objects.create(**whole | {"subject": "x"} | values)


def test_the_app_signs_in_without_the_right_to_make_tables():
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"), transaction.atomic():
        cursor.execute("CREATE TABLE core_new (id int)")
