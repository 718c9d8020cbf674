"""The three commands as operators and programs meet them: output and exit status."""

import io
import json
from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from movement.core.problems import Ambiguous, Refused
from tests.factories.ground import legacy_ground, version
from tests.factories.units import csv_bytes, history, line
from units.management.commands import import_units, load_divisions, unit
from units.selectors import unit_by_code

pytestmark = pytest.mark.django_db
DAY = date(2023, 12, 31)


def run(name, *args):
    out = io.StringIO()
    call_command(name, *map(str, args), "--json", stdout=out)
    (text,) = out.getvalue().splitlines()
    return json.loads(text)


@pytest.fixture
def hau_giang():
    run("load_divisions", "--province", "93", "--system", "legacy")


def test_hau_giang_is_loaded_and_its_communes_are_found(hau_giang):
    for code, name in {"31338": "Xã Tân Tiến", "31486": "Xã Vĩnh Thuận Đông", "31441": "Thị trấn Nàng Mau"}.items():
        found = run("unit", code, "--on", "31/12/2023")
        assert (found["name"], found["versions"][0]["valid_to"]) == (name, "2025-06-30")


def test_a_code_of_both_systems_shows_the_one_of_the_date(hau_giang):
    run("load_divisions", "--province", "92")
    assert run("unit", "31338", "--on", "2023-12-31")["successors"][0]["name"] == "Xã Hỏa Lựu"
    assert run("unit", "31338")["name"] == "Xã Hỏa Lựu"


def test_a_file_is_imported_once(hau_giang, tmp_path):
    path = tmp_path / "đơn vị.csv"
    path.write_bytes(csv_bytes(line("31338", code="KT-1"), line("31486", code="KT-2")))

    tried, first, again = (run("import_units", path, *more) for more in (["--dry-run"], [], []))

    assert [(r["created"], r["unchanged"], r["dry_run"]) for r in (tried, first, again)] == [
        (2, 0, True),
        (2, 0, False),
        (0, 2, False),
    ]
    assert [w["code"] for w in first["warnings"]] == ["unplaced_after", "unplaced_after"]
    assert again["warnings"] == []


def test_as_of_reads_the_codes_on_that_date(tmp_path):
    run("load_divisions", "--province", "92")
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(line("31338", code="KT-1")))

    run("import_units", path, "--as-of", "2026-01-01")

    (before, _, _, _, unplaced), (_, _, _, _, ward) = history(unit_by_code("KT-1")[0])
    assert (before, unplaced, ward) == (date(2020, 1, 1), None, unit_by_code("31338", date(2026, 1, 1))[0].pk)


def test_a_bad_file_and_unknown_codes_are_refusals(hau_giang, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(csv_bytes(line("00000", code="KT-9", name="", kind="spaceship", valid_to="2019-01-01")))
    with pytest.raises(Refused) as refused:
        run("import_units", path)
    assert len(refused.value.problems) == 4
    for name, *args in (("unit", "KT-9"), ("load_divisions", "--province", "999"), ("import_units", "không có.csv")):
        with pytest.raises(Refused):
            run(name, *args)


def test_an_ambiguous_code_asks_for_the_province_or_the_unit_s_own_number():
    one, other = legacy_ground("93")[2], legacy_ground("94")[2]
    first, second = version("agency", one, code="KT-1", name="Một"), version("agency", other, code="KT-1", name="Hai")

    with pytest.raises(Ambiguous):
        run("unit", "KT-1", "--on", DAY)

    assert run("unit", "KT-1", "--on", DAY, "--province", "94")["name"] == second.name
    assert run("unit", first.unit.ulid)["name"] == first.name


def test_provinces_or_all_must_be_said():
    with pytest.raises(CommandError):
        call_command("load_divisions", "--json")


def test_for_a_person_the_unit_is_told_in_words(both):
    out = io.StringIO()
    call_command("unit", "31480", stdout=out)
    assert out.getvalue().splitlines() == [
        "Xã Vị Thanh 1 (mã 31480)",
        "  từ 01/07/2025: 31480 Xã Vị Thanh 1, Thành phố Cần Thơ",
        "Trước đó: 31441 Thị trấn Nàng Mau (một phần), 01/07/2025, kế thừa chính",
    ]


def test_every_command_says_what_it_does():
    assert all(module.Command.help for module in (import_units, load_divisions, unit))
