"""The trail: only ever added to, sealed without a gap, every change found."""

from datetime import date

import pytest
from django.db import ProgrammingError, connection, transaction

from movement.audit.models import Entry, Seal
from movement.audit.proving import seal_problems
from movement.audit.services import Act, partitions_prepare, record, seal_append
from tests.database.base import as_owner
from tests.factories.trail import sealed


def acts(*sentences):
    with transaction.atomic():
        record("kiểm tra", *(Act("test.done", sentence) for sentence in sentences))


def as_the_owner_does(statement):
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute(statement)


def partitions():
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_entry'::regclass")
        return sorted(name for (name,) in cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "{partition}"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_app_may_only_add_to_the_trail(statement, table):
    acts("một việc")

    target = table.format(partition=partitions()[0])
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(target))


@pytest.mark.django_db(transaction=True)
def test_no_act_is_written_apart_from_its_change():
    with pytest.raises(transaction.TransactionManagementError):
        record("kiểm tra", Act("test.done", "một việc"))


@pytest.mark.django_db
def test_this_month_and_the_twelve_after_it_have_partitions():
    today = date.today()
    last = date(today.year + 1, today.month, 1)

    assert f"audit_entry_{today:%Y_%m}" in partitions()
    assert f"audit_entry_{last:%Y_%m}" in partitions()


@pytest.mark.django_db(transaction=True)
def test_a_month_with_rows_in_the_rest_keeps_them_there():
    far = date.today().year + 2
    with as_owner(connection):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_entry (at, actor_name, action, sentence) VALUES (%s, 'a', 'b', 'c')",
                [f"{far}-01-15 12:00+07"],
            )
        with transaction.atomic():
            made = partitions_prepare(months=30)
            transaction.set_rollback(True)

    assert f"audit_entry_{far}_02" in made
    assert f"audit_entry_{far}_01" not in made


@pytest.mark.django_db(transaction=True)
def test_seals_cover_every_row_once_and_follow_each_other():
    acts("một", "hai")
    first = sealed()
    acts("ba")
    second = sealed()

    assert (first.count, second.count, sealed()) == (2, 1, None)
    assert (second.tx_from, second.previous) == (first.tx_to, first.digest)
    assert list(seal_problems()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET sentence = 'khác' WHERE sentence = 'hai'",
        "UPDATE audit_entry SET after = '1' WHERE sentence = 'hai'",
        "DELETE FROM audit_entry WHERE sentence = 'hai'",
        "INSERT INTO audit_entry (at, tx, actor_name, action, sentence)"
        " SELECT at, tx, 'kẻ khác', action, 'chen vào' FROM audit_entry WHERE sentence = 'hai'",
    ],
)
def test_what_was_changed_behind_the_app_is_found(statement):
    acts("một", "hai")
    seal = sealed()

    as_the_owner_does(statement)

    problems = list(seal_problems())
    assert problems and all(f"số {seal.pk}" in problem for problem in problems)


@pytest.mark.django_db(transaction=True)
def test_a_seal_made_anew_no_longer_fits_the_next():
    acts("một")
    sealed()
    acts("hai", "ba")
    sealed()

    as_the_owner_does("UPDATE audit_seal SET count = 5 WHERE count = 1")

    assert len(list(seal_problems())) == 2


@pytest.mark.django_db(transaction=True)
def test_a_row_of_a_transaction_still_running_waits_for_a_later_seal():
    """Its number is lower than those that ended before it; a seal up to them would leave it out for ever."""
    other = connection.get_new_connection(connection.get_connection_params())
    try:
        with other.cursor() as slow:
            slow.execute("INSERT INTO audit_entry (actor_name, action, sentence) VALUES ('a', 'b', 'chậm')")
        acts("nhanh")
        assert seal_append() is None

        other.commit()
        sealed()
    finally:
        other.close()

    assert Entry.objects.count() == 2
    assert Seal.objects.get().count == 2
    assert list(seal_problems()) == []
