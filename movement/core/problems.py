"""What is wrong with an input, said so that a clerk can mend it and a program can count it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db import IntegrityError

_VALUE_LIMIT = 200
_RAISED = "exec_stmt_raise"  # where PostgreSQL puts an error that PL/pgSQL's RAISE made


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. ``code`` is stable, ``message`` a whole Vietnamese sentence.

    ``line`` is the file's own (the headings stand on line 1); ``column`` the heading; ``value`` what stood there.
    """

    code: str
    message: str
    line: int | None = None
    column: str | None = None
    value: object = None

    def as_json(self) -> dict:
        value = self.value if self.value is None else str(self.value)[:_VALUE_LIMIT]
        return {
            "code": self.code,
            "line": self.line,
            "column": self.column,
            "value": value,
            "message": str(self.message),
        }

    def __str__(self) -> str:
        """As printed for a person: where, what stood there, what is wrong with it."""
        where = [f"Dòng {self.line}" if self.line else "", f"cột “{self.column}”" if self.column else ""]
        place = ", ".join(part for part in where if part)
        place = place[:1].upper() + place[1:]
        value = f" (“{str(self.value)[:_VALUE_LIMIT]}”)" if self.value not in (None, "") else ""
        return f"{place}{value}: {self.message}" if place else f"{self.message}{value}"


class Refused(Exception):
    """The input is refused or not found; nothing was written. Carries every problem at once."""

    def __init__(self, problems: Problem | Iterable[Problem]):
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("; ".join(map(str, self.problems)))

    def as_json(self) -> dict:
        return {"problems": [problem.as_json() for problem in self.problems]}


class Ambiguous(Exception):
    """A code or name that stands for several things.

    ``candidates`` are dicts that tell them apart, each with what to type instead.
    """

    def __init__(self, message: str, candidates: Iterable[dict], *, code: str = "ambiguous"):
        self.message, self.candidates, self.code = message, list(candidates), code
        super().__init__(message)

    def as_json(self) -> dict:
        return {"problems": [Problem(self.code, self.message).as_json()], "candidates": self.candidates}


def constraint_problem(error: IntegrityError) -> Problem | None:
    """The sentence of the named constraint that ``error`` met; ``None`` for one without a sentence.

    A trigger of ours raises its own sentence under the constraint's name (migrations 0002 and 0006 of ``units``).
    """
    diag = getattr(error.__cause__, "diag", None)
    name = getattr(diag, "constraint_name", None)
    if not name:
        return None
    if diag.source_function == _RAISED:
        return Problem(name, diag.message_primary)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name and (
                constraint.violation_error_message != constraint.default_violation_error_message
            ):
                return Problem(name, str(constraint.get_violation_error_message()))
    return None
