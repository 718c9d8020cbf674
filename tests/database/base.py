"""The database backend of ``movement.settings.test``."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.postgresql import base, creation, operations

SIGN_IN = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")

# Rows that migrations wrote; a flush puts them back. Generated columns cannot be written.
KEEP_SEEDED = """
DO $do$
DECLARE
    found record;
    filled boolean;
BEGIN
    DROP SCHEMA IF EXISTS seeded CASCADE;
    CREATE SCHEMA seeded;
    FOR found IN SELECT relname FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relispartition
                   AND relname <> 'django_migrations'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', found.relname) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE seeded.%I AS TABLE public.%I', found.relname, found.relname);
        END IF;
    END LOOP;
END
$do$;
"""

EMPTY_ALL = """
DO $do$
DECLARE
    every text;
    found record;
BEGIN
    IF to_regnamespace('seeded') IS NULL THEN
        RAISE EXCEPTION 'not a test database: nothing is emptied';
    END IF;
    SELECT string_agg(format('public.%I', relname), ', ') INTO every FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND relname <> 'django_migrations';
    EXECUTE 'TRUNCATE ' || every;
    FOR found IN SELECT c.relname, string_agg(quote_ident(a.attname), ', ') AS columns
                 FROM pg_class c JOIN pg_attribute a ON a.attrelid = format('public.%I', c.relname)::regclass
                 WHERE c.relnamespace = 'seeded'::regnamespace AND c.relkind = 'r'
                   AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                 GROUP BY c.relname
    LOOP
        EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM seeded.%I',
                       found.relname, found.columns, found.columns, found.relname);
    END LOOP;
END
$do$;
"""


@contextmanager
def as_owner(connection) -> Iterator[None]:
    """Sign in as the owner for a while; the connection is a new one before and after."""
    from movement.settings.base import database

    settings = connection.settings_dict
    before = {key: settings[key] for key in SIGN_IN}
    owner = database(owner=True)
    connection.close()
    settings.update({key: owner.get(key, "") for key in SIGN_IN})
    try:
        yield
    finally:
        connection.close()
        settings.update(before)


class DatabaseCreation(creation.DatabaseCreation):
    def create_test_db(self, *args, **kwargs):
        with as_owner(self.connection):
            name = super().create_test_db(*args, **kwargs)
            with self.connection.cursor() as cursor:
                cursor.execute(KEEP_SEEDED)
        return name

    def destroy_test_db(self, *args, **kwargs):
        with as_owner(self.connection):
            super().destroy_test_db(*args, **kwargs)


class DatabaseOperations(operations.DatabaseOperations):
    def execute_sql_flush(self, sql_list):
        """Between tests that commit: all tables, the protected ones too, back to what the migrations left."""
        with as_owner(self.connection), self.connection.cursor() as cursor:
            cursor.execute(EMPTY_ALL)


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    ops_class = DatabaseOperations
