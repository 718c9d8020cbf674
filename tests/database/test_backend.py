import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction


def value(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def trail_row():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_entry (actor_name, action, sentence) VALUES ('ai', 'x', 'y')")


@pytest.mark.django_db
def test_tests_run_as_the_role_that_cannot_alter_the_trail():
    trail_row()

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        value("DELETE FROM audit_entry RETURNING 1")

    assert value("SELECT current_user") == "portal_app"


@pytest.mark.django_db(transaction=True)
def test_a_flush_empties_the_trail_and_keeps_what_the_migrations_wrote():
    seeded = value("SELECT count(*) FROM django_content_type")
    trail_row()

    call_command("flush", interactive=False, verbosity=0)

    assert value("SELECT count(*) FROM audit_entry") == 0
    assert value("SELECT count(*) FROM django_content_type") == seeded > 0
    assert value("SELECT current_user") == "portal_app"
