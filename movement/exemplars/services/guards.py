"""What the database refuses, told as the problems that pages and commands show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction

from movement.core.problems import Problem, Refused, constraint_problem

# Column of the form or file that a rule is about.
COLUMNS = {
    "exemplars_model_code_once": "model_code",
    "exemplars_point_code_once": "point_code",
    "exemplars_point_model_ended": "ended_on",
    "exemplars_point_inside_model": "started_on",
    "exemplars_point_has_start": "ended_on",
    "exemplars_review_once": "year",
    "exemplars_note_recognised_by": "document",
}
_DEFERRED = "exemplars_point_inside_model, exemplars_state_holds_points"


@contextmanager
def told() -> Iterator[None]:
    """Run the block in a transaction; a rule it meets becomes ``Refused``, those checked at the end too.

    Raises:
        Refused: the named rule's own sentence.
    """
    try:
        with transaction.atomic():
            yield
            check_now()
    except IntegrityError as error:
        raise Refused(_problem(error)) from error


def check_now() -> None:
    """Let the database check now what it would check when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {_DEFERRED} IMMEDIATE")
        cursor.execute(f"SET CONSTRAINTS {_DEFERRED} DEFERRED")


def _problem(error: IntegrityError) -> Problem:
    diag = getattr(error.__cause__, "diag", None)
    name = getattr(diag, "constraint_name", None) or "refused"
    known = constraint_problem(error)
    # A trigger's own message is the sentence; a nameless refusal is nobody's sentence and goes on as it is.
    if known is None and not name.startswith("exemplars_"):
        raise error
    return Problem(name, known.message if known else diag.message_primary, column=COLUMNS.get(name))
