"""What the portal's commands share: JSON for programs, Vietnamese for people, and what the exit status means.

0 success; 1 the input is refused or not found, nothing was written; 2 the arguments cannot be used
(an ambiguous code too, with its candidates).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import traceback
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, handle_default_options
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, OperationalError, connections
from django.utils import timezone

from movement.audit.services import source

from .dates import parse_date
from .problems import Ambiguous, Problem, Refused, constraint_problem
from .ulid import new_reference

logger = logging.getLogger("movement.commands")


def date_argument(text: str) -> date:
    """For ``add_argument(type=…)``: dd/mm/yyyy or ISO."""
    try:
        return parse_date(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def file_argument(text: str) -> Path:
    """For ``add_argument(type=…)``; whether the file is there is asked by ``existing_file``."""
    return Path(text).expanduser()


def existing_file(path: Path) -> Path:
    """``path``, or ``Refused`` with ``file_not_found`` when there is no such file or it cannot be read."""
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise Refused(Problem("file_not_found", "Không mở được tệp này.", value=str(path))) from error


class PortalCommand(BaseCommand):
    """Base of the portal's commands. A subclass writes ``handle`` and uses ``line`` and ``finish``.

    ``Refused``, ``Ambiguous`` and ``CommandError`` become the exit status and a printed list; what
    nobody expected becomes a reference number, and its trace goes to the log.
    """

    requires_system_checks = []
    as_json = False

    def create_parser(self, prog_name, subcommand, **kwargs):
        # NB: False makes the parser raise instead of exiting, so unusable arguments can be told as JSON too
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.called_from_command_line = False
        parser.add_argument("--json", action="store_true", help="một dòng JSON cuối cùng, cho chương trình đọc")
        return parser

    def execute(self, *args, **options):
        self.as_json = bool(options.get("json"))
        return super().execute(*args, **options)

    def line(self, row: dict, text: str = "") -> None:
        """One row of a list."""
        self._say(row, text)

    def finish(self, result: dict, text: str = "") -> None:
        """The result; call it once, last."""
        self._say(result, text)

    def _say(self, data: dict, text: str) -> None:
        if self.as_json:
            self.stdout.write(json.dumps(data, ensure_ascii=False, cls=DjangoJSONEncoder))
        elif text:
            self.stdout.write(text)

    def run_from_argv(self, argv):
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        self.as_json = "--json" in argv
        token = source.set(f"lệnh {argv[1]}")
        try:
            status = self._run(argv)
        finally:
            source.reset(token)
            connections.close_all()
        if status:
            sys.exit(status)

    def _run(self, argv) -> int:
        parser = self.create_parser(argv[0], argv[1])
        try:
            options = parser.parse_args(argv[2:])
        except CommandError as error:
            text = str(error).removeprefix("Error: ")
            return self._refuse(2, Refused(Problem("arguments", f"Tham số không dùng được: {text}")))
        handle_default_options(options)
        options = vars(options)
        args = options.pop("args", ())
        try:
            self.execute(*args, **options)
        except Refused as error:
            return self._refuse(1, error)
        except Ambiguous as error:
            return self._refuse(2, error)
        except CommandError as error:
            return self._refuse(error.returncode, Refused(Problem("refused", str(error))))
        except KeyboardInterrupt:
            return 130
        except BrokenPipeError:  # who reads our lines has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except OperationalError as error:
            if options.get("traceback"):
                raise
            logger.error("the database does not answer: %s", error)
            return self._refuse(1, Refused(Problem("database_down", "Cơ sở dữ liệu không trả lời; hãy thử lại sau.")))
        except Exception as error:
            if options.get("traceback"):
                raise
            known = constraint_problem(error) if isinstance(error, IntegrityError) else None
            return self._refuse(1, Refused(known or self._unexpected(argv, error)))
        return 0

    def _refuse(self, status: int, error: Refused | Ambiguous) -> int:
        if self.as_json:
            self._say(error.as_json(), "")
        elif isinstance(error, Ambiguous):
            self.stderr.write(str(error))
            for candidate in error.candidates:
                self.stderr.write("  " + " · ".join(str(part) for part in candidate.values() if part is not None))
        else:
            for problem in error.problems:
                self.stderr.write(str(problem))
        return status

    def _unexpected(self, argv, error: Exception) -> Problem:
        """Keep the trace under a number; on the screen it would help nobody who types the command."""
        reference = new_reference()
        path = settings.PORTAL_DATA / "logs" / "commands.log"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as log:
                log.write(f"{timezone.now():%Y-%m-%dT%H:%M:%SZ} {reference} {argv[1]}\n{_trace(error)}\n")
        except OSError:
            logger.error("%s %s\n%s", reference, argv[1], _trace(error))
        return Problem("internal", f"Lỗi ngoài dự kiến, số tham chiếu {reference}; chi tiết ở {path}.")


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error))
