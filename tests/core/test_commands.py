"""The commands' base, run as the shell runs it: through ``run_from_argv``."""

import argparse
import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError

from movement.audit.services import source
from movement.core.commands import PortalCommand, date_argument, existing_file
from movement.core.models import Decision
from movement.core.problems import Ambiguous, Problem, Refused

pytestmark = pytest.mark.django_db(transaction=True)


class Count(PortalCommand):
    def add_arguments(self, parser):
        parser.add_argument("what")
        parser.add_argument("--on", type=date_argument)

    def handle(self, *, what, on, **options):
        match what:
            case "list":
                self.line({"name": "Xã Đường", "points": Decimal("89.50"), "on": on}, "Xã Đường: 89,5")
                self.finish({"count": 1}, "1 đơn vị.")
            case "refused":
                raise Refused([Problem("a", "Sai.", 2, "code", "KT-1"), Problem("b", "Thiếu cột này.", column="name")])
            case "ambiguous":
                raise Ambiguous("Mã này có nhiều đơn vị.", [{"code": "1", "name": "Một"}, {"code": "2", "name": "Hai"}])
            case "command":
                raise CommandError("Không được.", returncode=1)
            case "crash":
                raise RuntimeError("bí mật bên trong")
            case "database":
                raise OperationalError("connection refused")
            case "stop":
                raise KeyboardInterrupt
            case "source":
                self.finish({"source": source.get()})
            case "twice":
                for _ in range(2):
                    Decision.objects.create(
                        number="1",
                        decided_on=date(2025, 1, 1),
                        signer="A",
                        authority_name="B",
                        authority_key="b",
                        subject="x",
                    )


def run(capsys, *arguments):
    """(exit status, lines of stdout, stderr)"""
    status = 0
    try:
        Count().run_from_argv(["manage.py", "count", *arguments])
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return status, out.splitlines(), err


def test_json_is_a_line_a_row_and_the_result_last(capsys):
    status, lines, err = run(capsys, "list", "--json", "--on", "31/12/2023")

    assert (status, err) == (0, "")
    assert lines == ['{"name": "Xã Đường", "points": "89.50", "on": "2023-12-31"}', '{"count": 1}']


def test_people_get_vietnamese(capsys):
    assert run(capsys, "list") == (0, ["Xã Đường: 89,5", "1 đơn vị."], "")


def test_a_refusal_lists_every_problem_and_is_exit_1(capsys):
    status, lines, _ = run(capsys, "refused", "--json")

    assert status == 1
    assert json.loads(lines[-1]) == {
        "problems": [
            {"code": "a", "line": 2, "column": "code", "value": "KT-1", "message": "Sai."},
            {"code": "b", "line": None, "column": "name", "value": None, "message": "Thiếu cột này."},
        ]
    }
    assert run(capsys, "refused") == (1, [], "Dòng 2, cột “code” (“KT-1”): Sai.\nCột “name”: Thiếu cột này.\n")


def test_an_ambiguous_code_is_exit_2_with_its_candidates(capsys):
    status, lines, _ = run(capsys, "ambiguous", "--json")

    assert status == 2
    assert json.loads(lines[-1])["candidates"] == [{"code": "1", "name": "Một"}, {"code": "2", "name": "Hai"}]
    assert run(capsys, "ambiguous") == (2, [], "Mã này có nhiều đơn vị.\n  1 · Một\n  2 · Hai\n")


@pytest.mark.parametrize(
    "arguments", [(), ("list", "--on", "2023/12/31"), ("list", "--unknown"), ("list", "--on", "31/2/2023")]
)
def test_unusable_arguments_are_exit_2_in_both_languages_of_the_contract(capsys, arguments):
    status, lines, _ = run(capsys, *arguments, "--json")
    assert status == 2
    assert json.loads(lines[-1])["problems"][0]["code"] == "arguments"

    status, lines, err = run(capsys, *arguments)
    assert (status, lines) == (2, [])
    assert err


def test_an_unexpected_error_shows_a_number_and_keeps_the_trace(capsys, settings, tmp_path):
    settings.PORTAL_DATA = tmp_path
    status, lines, _ = run(capsys, "crash", "--json")

    (problem,) = json.loads(lines[-1])["problems"]
    log = (tmp_path / "logs" / "commands.log").read_text()
    assert (status, problem["code"]) == (1, "internal")
    assert "bí mật" not in problem["message"]
    number = log.split()[1]
    assert number in problem["message"]
    assert "RuntimeError: bí mật bên trong" in log


@pytest.mark.parametrize(
    ("what", "code"), [("command", "refused"), ("database", "database_down"), ("twice", "core_decision_number_once")]
)
def test_what_was_to_be_expected_has_a_code_of_its_own(capsys, what, code):
    status, lines, _ = run(capsys, what, "--json")

    assert (status, json.loads(lines[-1])["problems"][0]["code"]) == (1, code)


def test_ctrl_c_ends_quietly(capsys):
    assert run(capsys, "stop") == (130, [], "")


def test_the_trail_learns_which_command_it_was(capsys):
    assert run(capsys, "source", "--json")[1] == ['{"source": "lệnh count"}']
    assert source.get() == ""


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused) as refused:
        existing_file(tmp_path / "none.csv")
    assert refused.value.problems[0].code == "file_not_found"
    with pytest.raises(Refused):
        existing_file(tmp_path)


def test_a_date_argument_reads_as_everywhere():
    assert date_argument("30/06/2025") == date(2025, 6, 30)
    with pytest.raises(argparse.ArgumentTypeError, match="30/06/2025"):
        date_argument("06-30-2025")
