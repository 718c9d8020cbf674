"""Small pieces that the services share."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from movement.core.problems import Problem, Refused, constraint_problem


@contextmanager
def refusing(value: object = None):
    """Turns a named constraint into ``Refused`` with its sentence; what was written inside is taken back."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        problem = constraint_problem(error)
        if problem is None:
            raise
        raise Refused(Problem(problem.code, problem.message, value=value)) from error


def as_range(start: date, upper: date) -> DateRange:
    """A range that can be asked for its bounds before the row was saved, which Django's pairs cannot."""
    return DateRange(start, upper)


def who(actor) -> dict:
    """The columns that keep who made a row."""
    return {
        "created_by_id": getattr(actor, "pk", None),
        "created_by_name": str(getattr(actor, "name", "") or actor)[:200],
    }
