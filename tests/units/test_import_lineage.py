"""Lists of mergers: hamlets by the thousand, matched by name where they have no code."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movement.core.problems import Refused
from tests.factories.changes import everything, ground_of_today
from tests.factories.ground import REFORM, account, version
from tests.factories.units import csv_bytes, history
from units.lineage_import import lineage_import, lineage_import_file
from units.models import Lineage, RegisterChange, UnitVersion
from units.reach import reach_of
from units.selectors import integrity_problems, predecessors, successors, version_on
from units.services.changes import change_undo

pytestmark = pytest.mark.django_db
ON = date(2026, 1, 1)
ACTOR = "kiểm tra"
COLUMNS = ("old_code", "old_name", "commune_code", "new_code", "new_name", "share", "is_main", "decision", "date")


@pytest.fixture
def ground():
    """Eight hamlets without codes in one commune, two of the same names in another."""
    ground = ground_of_today()
    hamlet = {"level": "commune", "since": REFORM, "code": ""}
    ground.thon = {n: version("residential_area", ground.two, name=f"Thôn {n}", **hamlet) for n in range(1, 9)}
    ground.elsewhere = [version("residential_area", ground.one, name=f"Thôn {n}", **hamlet) for n in (1, 2)]
    return ground


def line(old, new, **cells):
    usual = {"old_name": old, "commune_code": "00002", "new_name": new, "date": "01/01/2026"}
    return {**dict.fromkeys(COLUMNS, ""), **usual, **cells}


def take(*lines, **more):
    return lineage_import(list(enumerate(lines, start=2)), actor=ACTOR, filename="ds.xlsx", **more)


def codes(*lines):
    before = everything()
    with pytest.raises(Refused) as refused:
        take(*lines)
    assert everything() == before
    return [(p.code, p.line, p.column) for p in refused.value.problems]


def standing(commune, on=ON):
    rows = UnitVersion.objects.filter(parent=commune.unit, kind="residential_area", valid__contains=on)
    return sorted(rows.values_list("name", flat=True))


MERGED = (
    line("Thôn 1", "Thôn Đoàn Kết", decision="9/NQ-HĐND"),
    line(" THÔN  2 ", "Thôn Đoàn Kết", decision="9/NQ-HĐND"),
)


def test_lines_with_one_new_unit_are_a_merger(ground):
    outcome = take(*MERGED)

    (new,) = outcome.change.created_ids
    assert [(x.unit_id, x.kind, x.share, x.is_main, x.decision) for x in predecessors(new)] == [
        (ground.thon[1].unit_id, "merge", "whole", True, "9/NQ-HĐND"),
        (ground.thon[2].unit_id, "merge", "whole", True, "9/NQ-HĐND"),
    ]
    assert version_on(new, ON).parent_id == ground.two.unit_id
    assert history(ground.thon[1].unit)[-1][1] == ON
    assert standing(ground.one) == ["Thôn 1", "Thôn 2", "Ấp 1"]
    assert outcome.as_json() == {
        "created": 1, "ended": 2, "renamed": 0, "settled": 0, "lineage": 2, "unchanged": 0, "warnings": [],
        "dry_run": False, "change": outcome.change.ulid,
    }  # fmt: skip
    assert [(d.line, d.action, d.new_name, d.is_new) for d in outcome.lines] == [
        (2, "merge", "Thôn Đoàn Kết", True),
        (3, "merge", "Thôn Đoàn Kết", True),
    ]
    assert (outcome.change.kind, outcome.change.decision) == ("lineage", "9/NQ-HĐND")
    assert outcome.change.province_id == ground.province.unit_id
    assert integrity_problems() == []


def test_a_try_writes_nothing_and_tells_the_same(ground):
    before = everything()
    tried = take(*MERGED, dry_run=True)
    assert everything() == before
    assert not RegisterChange.objects.exists()
    done = take(*MERGED)
    assert tried.as_json() | {"dry_run": False, "change": done.change.ulid} == done.as_json()
    assert (tried.lines, tried.sentence) == (done.lines, done.sentence)
    assert [s.action for s in tried.steps] == ["created", "closed", "closed"]


LISTS = {
    "merger": MERGED,
    "goes on": (line("Thôn 1", "Thôn 1"), line("Thôn 2", "Thôn 1")),
    "into one that stands": (line("Thôn 1", "Thôn 8"), line("Thôn 2", "Thôn 8")),
    "numbered anew": tuple(line(f"Thôn {2 * n + k - 2}", f"Thôn {n}") for n in (1, 2, 3) for k in (1, 2)),
    "rename": (line("Thôn 1", "Thôn Hạnh Phúc", new_code="HP"),),
    "names go round": (line("Thôn 5", "Thôn 6"), line("Thôn 6", "Thôn 5")),
    "split": (line("Thôn 1", "Thôn 1A", share="một phần", is_main="x"), line("Thôn 1", "Thôn 1B", share="part")),
    "part given away": (line("Thôn 1", "Thôn 8", share="part"),),
    "part of one, whole of another": (
        line("Thôn 1", "Thôn Mới", share="part"),
        line("Thôn 2", "Thôn Mới"),
        line("Thôn 1", "Thôn 1"),
    ),
    "two days": (
        *MERGED,
        line("Thôn Đoàn Kết", "Thôn Lớn", date="2026-06-01"),
        line("Thôn 3", "Thôn Lớn", date="2026-06-01"),
    ),
    "code": (line("", "Trạm Y tế xã", old_code="CQ-1", commune_code=""),),
}


@pytest.mark.parametrize("name", LISTS)
def test_the_same_list_again_changes_nothing_and_is_taken_back_whole(ground, name):
    before = everything()
    first = take(*LISTS[name])
    after = everything()
    assert after != before
    assert integrity_problems() == []

    again = take(*LISTS[name])

    assert everything() == after
    assert again.change is None
    assert again.as_json()["unchanged"] == len(LISTS[name])
    change_undo(first.change, actor=ACTOR)
    assert everything() == before


def test_an_old_unit_of_the_new_name_goes_on(ground):
    outcome = take(*LISTS["goes on"])
    assert outcome.change.created_ids == []
    assert [x.unit_id for x in predecessors(ground.thon[1].unit)] == [ground.thon[2].unit_id]
    assert history(ground.thon[1].unit) == [(REFORM, None, "", "Thôn 1", ground.two.unit_id)]


def test_hamlets_may_be_numbered_anew(ground):
    outcome = take(*LISTS["numbered anew"])
    assert standing(ground.two) == ["Thôn 1", "Thôn 2", "Thôn 3", "Thôn 7", "Thôn 8"]
    assert outcome.count("created") == 2  # the first goes on as itself
    heirs = {n: successors(ground.thon[n].unit)[0].name for n in range(2, 7)}
    assert heirs == {2: "Thôn 1", 3: "Thôn 2", 4: "Thôn 2", 5: "Thôn 3", 6: "Thôn 3"}


def test_one_into_one_is_the_same_unit_under_another_name(ground):
    outcome = take(*LISTS["rename"])
    assert [row[2:4] for row in history(ground.thon[1].unit)] == [("", "Thôn 1"), ("HP", "Thôn Hạnh Phúc")]
    assert not Lineage.objects.exists()
    assert outcome.as_json()["renamed"] == 1


def test_one_old_unit_with_several_lines_is_a_split(ground):
    take(*LISTS["split"])
    links = successors(ground.thon[1].unit)
    assert [(x.name, x.kind, x.share, x.is_main) for x in links] == [
        ("Thôn 1A", "split", "part", True),
        ("Thôn 1B", "split", "part", False),
    ]
    assert history(ground.thon[1].unit)[-1][1] == ON


def test_who_gives_a_part_away_goes_on(ground):
    take(*LISTS["part given away"])
    assert history(ground.thon[1].unit)[-1][1] is None
    assert [(x.name, x.share, x.is_main) for x in successors(ground.thon[1].unit)] == [("Thôn 8", "part", False)]


def test_every_problem_of_every_line_at_once(ground):
    assert codes(
        line("Thôn 99", "Thôn X"),
        line("Thôn 1", "", date="32/13/2026"),
        line("Thôn 1", "Thôn Y", commune_code="77777"),
        line("Thôn 3", "Thôn Z", share="nửa", is_main="có lẽ"),
        line("", "Thôn W", commune_code=""),
        line("Thôn 4", "Thôn V", date=""),
    ) == [
        ("unknown_unit", 2, "old_name"),
        ("missing_name", 3, "new_name"),
        ("bad_date", 3, "date"),
        ("unknown_commune", 4, "commune_code"),
        ("unknown_share", 5, "share"),
        ("unknown_yes_no", 5, "is_main"),
        ("missing_name", 6, "old_name"),
        ("missing_commune", 6, "commune_code"),
        ("missing_date", 7, "date"),
    ]


def test_lists_that_cannot_be(ground):
    version("residential_area", ground.two, name="thôn 7", code="", since=REFORM)
    assert codes(line("Thôn 7", "Thôn X")) == [("ambiguous_name", 2, "old_name")]
    assert codes(line("Thôn 1", "Thôn 7")) == [("ambiguous_name", 2, "new_name")]
    two = (line("Thôn 1", "Thôn A", share="part"), line("Thôn 1", "Thôn B", share="part"))
    assert codes(*two) == [("one_main", 2, "is_main")]
    assert codes(line("Thôn 1", "Thôn A"), line("Thôn 1", "Thôn B", share="whole")) == [
        ("share_conflict", 2, "share"),
        ("one_main", 2, "is_main"),
    ]
    assert codes(line("", "X", old_code="CQ-1")) == [("wrong_place", 2, "old_code")]
    assert codes(line("Thôn 1", "X", new_code="CQ-1"), line("Thôn 2", "X", new_code="CQ-1")) == [
        ("code_taken", 2, "new_code"),
        ("code_taken", 3, "new_code"),
    ]
    assert codes(line("Thôn 1", "X", new_code="N"), line("Thôn 2", "Y", new_code="N")) == [
        ("new_name_differs", 3, "new_name")
    ]
    assert codes() == [("no_rows", None, None)]


def test_what_has_other_successors_already_is_refused(ground):
    take(*MERGED)
    assert codes(line("Thôn 1", "Thôn Khác"), line("Thôn 3", "Thôn Khác")) == [("already_followed", 2, "old_name")]


def test_a_later_change_is_in_the_way(ground):
    from units.services import unit_change

    unit_change(unit=ground.thon[1].unit, actor=ACTOR, start=date(2026, 9, 1), name="Thôn Mai")
    assert codes(*MERGED) == [("changed_later", 2, "date")]


def test_a_name_written_otherwise_is_asked_about_not_guessed(ground):
    version("residential_area", ground.two, name="Thôn Mỹ Lý", code="", since=REFORM)
    with pytest.raises(Refused, match="Có phải là “Thôn Mỹ Lý”"):
        take(line("Thôn Mĩ Lí", "Thôn X"))


def test_a_hamlet_is_meant_before_an_office_of_the_same_name(ground):
    version("agency", ground.two, name="Thôn 1", code="CQ-9", since=REFORM)
    take(*MERGED)
    assert history(ground.thon[1].unit)[-1][1] == ON


def test_hamlets_merge_on_the_day_their_communes_did(both):
    """The code is that of the old commune, which nobody bears on the day; the new hamlet stands in the successor."""
    for n in (1, 2):
        version("residential_area", both.commune, name=f"Ấp {n}", code="")
    lines = [line(f"Ấp {n}", "Ấp Một", commune_code="31474", date="2025-07-01") for n in (1, 2)]
    (new,) = take(*lines).change.created_ids
    assert version_on(new, REFORM).parent_id == both.ward.unit_id
    after = everything()
    assert take(*lines).change is None
    assert everything() == after
    assert integrity_problems() == []


def test_a_file_with_vietnamese_headings_by_the_command(ground, tmp_path):
    path = tmp_path / "ds.csv"
    rows = [
        {"Tên cũ": f"Thôn {n}", "Mã xã": "2", "Tên mới": "Thôn Đoàn Kết", "Ngày có hiệu lực": "01/01/2026"}
        for n in (1, 2)
    ]
    path.write_bytes(csv_bytes(*rows))
    for dry, counted in ((True, 2), (False, 2), (False, 0)):
        out = StringIO()
        call_command("import_lineage", str(path), dry_run=dry, json=True, stdout=out)
        assert json.loads(out.getvalue())["ended"] == counted
    assert standing(ground.two)[-1] == "Thôn Đoàn Kết"


def test_an_officer_writes_on_the_own_ground_only(ground):
    officer = account("commune_officer", ground.two)
    tried = take(*MERGED, reach=reach_of(officer), dry_run=True)
    assert tried.count("created") == 1
    stranger = reach_of(account("commune_officer", ground.one))
    with pytest.raises(Refused) as refused:
        take(*MERGED, reach=stranger)
    assert {p.code for p in refused.value.problems} == {"unknown_commune"}
    with pytest.raises(Refused) as refused:
        take(line("", "Y", old_code=ground.two.code, commune_code="", new_code="9"), reach=reach_of(officer))
    assert [p.code for p in refused.value.problems] == ["not_allowed"]


def test_a_missing_column_is_told_once(ground):
    with pytest.raises(Refused) as refused:
        lineage_import_file(csv_bytes({"old_name": "a", "new_name": "b", "date": "x"}), filename="a.csv", actor=ACTOR)
    assert next((p.code, p.column) for p in refused.value.problems) == ("missing_column", "commune_code")


def test_many_lines_cost_as_few_statements_as_two(ground):
    more = [version("residential_area", ground.two, name=f"Tổ {n}", code="", since=REFORM) for n in range(300)]
    with CaptureQueriesContext(connection) as few:
        take(*MERGED)
    with CaptureQueriesContext(connection) as many:
        take(*(line(v.name, f"Khu {n // 3}") for n, v in enumerate(more)))
    assert len(many) == len(few) < 70
    assert integrity_problems() == []


names = st.integers(1, 8).map(lambda n: f"Thôn {n}")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(
        st.tuples(names, st.one_of(names, st.sampled_from(("Khu A", "Khu B"))), st.sampled_from(("", "part", "whole")),
                  st.sampled_from(("", "x")), st.sampled_from(("2026-01-01", "2026-05-01"))),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_any_list_is_refused_whole_or_sound_repeatable_and_taken_back(ground, drawn):
    lines = [line(old, new, share=share, is_main=main, date=day) for old, new, share, main, day in drawn]
    before = everything()
    try:
        done = take(*lines)
    except Refused:
        assert everything() == before
        return
    assert integrity_problems() == []
    after = everything()
    if done.change:
        change_undo(done.change, actor=ACTOR)
    else:
        assert after == before
    assert everything() == before


def test_a_unit_that_goes_on_does_not_slip_out_of_scope_by_a_new_name(ground):
    version("school", ground.two, name="Trường THCS Vị Đông", code="TH-1", since=REFORM)
    version("school", ground.two, name="Trường THCS Vị Tây", code="TH-2", since=REFORM)
    both = [
        line(name, "Trường Tiểu học Vị Đông", old_code=code, new_code="TH-1")
        for name, code in (("Trường THCS Vị Đông", "TH-1"), ("Trường THCS Vị Tây", "TH-2"))
    ]

    assert codes(*both) == [("out_of_scope", 2, "new_name")]
