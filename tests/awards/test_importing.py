"""Decisions already taken, into the register."""

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awards.enums import FormCode, RecipientKind
from awards.import_rows import OPTIONAL, REQUIRED
from awards.models import Award
from awards.selectors import award_line, awards_decided
from awards.services import awards_import_file, decision_import
from movement.audit.models import Entry
from movement.classification.services.publishing import SUBJECT as RESULTS
from movement.core.decisions import decision_record
from movement.core.models import Decision
from movement.core.problems import Refused
from tests.factories.awards import SIGNER, line, person
from tests.factories.awards import given as recorded
from tests.factories.ground import REFORM, legacy_ground, version
from tests.factories.units import lineage

pytestmark = pytest.mark.django_db
HEAD = [*REQUIRED, *OPTIONAL]


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def commune(ground):
    return ground[2]


def told(*rows, **options):
    """``[(code, line, column)]`` of what is wrong with these rows."""
    with pytest.raises(Refused) as refused:
        decision_import(rows, actor="kiểm tra", **options)
    return [(p.code, p.line, p.column) for p in refused.value.problems]


def warned(*rows, **options):
    return [w.code for w in decision_import(rows, actor="kiểm tra", **options).warnings]


def test_an_entry_keeps_the_names_and_the_place_of_the_day_of_the_decision(ground, commune):
    (kept,) = recorded(line(commune))
    commune_now = version("commune", version("province", name="Thành phố Mới", since=REFORM), since=REFORM)
    lineage(commune, commune_now)
    kept = Award.objects.get(pk=kept.pk)
    assert (kept.unit_name, kept.place_name, kept.province_name) == (
        "Thị trấn Nàng Mau", "Huyện Vị Thủy", "Tỉnh Hậu Giang",
    )  # fmt: skip
    assert kept.place_ids == [ground[0].unit_id, ground[1].unit_id, commune.unit_id]
    assert (kept.achieved_from, kept.achieved_to) == (date(2023, 1, 1), date(2023, 12, 31))
    assert (kept.decision.signer, kept.decision.subject) == (SIGNER, "awards.commendation")


def test_the_same_file_again_changes_nothing(commune):
    rows = [line(commune), person(commune, person_name="Người minh họa")]
    first = decision_import(rows, actor="kiểm tra")
    again = decision_import(rows, actor="kiểm tra")
    assert (first.decisions, first.created, first.unchanged) == (1, 2, 0)
    assert (again.decisions, again.created, again.unchanged, again.warnings) == (0, 0, 2, [])
    assert Award.objects.count() == 2


def test_all_problems_are_told_at_once_with_line_column_and_code(commune):
    assert told(
        line(commune, form="huy_chuong"),
        person(commune, person_name="", position=""),
        line(commune, achieved_from="2023-12-31", achieved_to="2023-01-01"),
        person(commune, form="co_tinh"),
        line("KHONG-CO", decided_on="31.12.2023"),
        line("KHONG-CO", form="co_tinh"),
    ) == [
        ("unknown_form", 2, "form"),
        ("person_missing", 3, "person_name"),
        ("position_missing", 3, "position"),
        ("period_order", 4, "achieved_to"),
        ("form_recipient", 5, "recipient_kind"),
        ("bad_date", 6, "decided_on"),
        ("unknown_unit", 7, "unit_code"),
    ]
    assert not Award.objects.exists()
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"decision": ""}, ("decision_missing", 2, "decision")),
        ({"authority": None}, ("authority_missing", 2, "authority")),
        ({"signer": " "}, ("signer_missing", 2, "signer")),
        ({"decided_on": ""}, ("decided_on_missing", 2, "decided_on")),
        ({"decided_on": "2190-01-01"}, ("date_ahead", 2, "decided_on")),
        ({"recipient_kind": "crowd"}, ("unknown_recipient_kind", 2, "recipient_kind")),
        ({"recipient_kind": "household", "unit_name": ""}, ("person_missing", 2, "person_name")),
        ({"recipient_kind": "household", "person_name": "Hộ A", "position": "B"}, ("position_not_expected", 2, "position")),
        ({"person_name": "A"}, ("person_not_expected", 2, "person_name")),
        ({"form": "ky_niem_chuong"}, ("form_recipient", 2, "recipient_kind")),
        ({"unit_code": ""}, ("unit_missing", 2, "unit_code")),
        ({"achieved_to": ""}, ("period_incomplete", 2, "achieved_to")),
        ({"achieved_from": "2024-02-01", "achieved_to": "2024-06-30"}, ("period_ahead", 2, "achieved_to")),
        ({"achieved_to": "2025-06-30"}, ("period_ahead", 2, "achieved_to")),
        ({"citation": "CCCD 079123456789"}, ("twelve_digits", 2, "citation")),
        ({"unit_name": "x" * 301}, ("too_long", 2, "unit_name")),
        ({"form": "giay_khen_huyen", "decided_on": "2025-07-01"}, ("form_not_in_force", 2, "form")),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_is_a_problem(ground, commune, cells, expected):
    later = version("commune", version("province", since=REFORM), since=REFORM, code=commune.code)
    lineage(commune, later)
    assert told(line(commune, **cells)) == [expected]


def test_one_decision_has_one_date_and_one_signer_in_a_file_and_in_the_register(commune, ground):
    other = {"unit_code": ground[1].code}
    assert told(line(commune), line(**other, decided_on="2024-02-01")) == [("decision_differs", 3, "decided_on")]
    assert told(line(commune), line(**other, signer="Người khác")) == [("decision_differs", 3, "signer")]
    recorded(line(commune))
    assert told(line(**other, decided_on="2024-02-01")) == [("decision_differs", 2, "decided_on")]
    assert told(line(**other, signer="Người khác")) == [("decision_differs", 2, "signer")]
    recorded(line(**other, signer=SIGNER.upper()))
    recorded(line(**other, decided_on="2023-12-15"))  # another year, another decision
    assert Decision.objects.count() == 2


def test_a_number_that_published_results_is_used(commune, ground):
    decision_record(
        number="13/QĐ-UBND", decided_on=date(2024, 1, 15), signer=SIGNER, authority_name="Ban Chỉ đạo",
        authority_unit_id=ground[0].unit_id, province_unit_id=ground[0].unit_id, subject=RESULTS, actor="x",
    )  # fmt: skip
    assert told(line(commune)) == [("core_decision_number_once", 2, "decision")]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("UBND tỉnh", 0),
        ("Ủy ban nhân dân tỉnh Hậu Giang", 0),
        ("Chủ tịch UBND tỉnh", 0),
        ("Công an tỉnh Hậu Giang", 0),
        ("UBND huyện Vị Thủy", 1),
        ("Chủ tịch Uỷ ban nhân dân thị trấn Nàng Mau", 2),
        ("Bộ Công an", None),
        ("UBND tỉnh Sóc Trăng", None),
        ("Công ty Nàng Mau", None),
    ],
)
def test_an_authority_is_found_by_its_name_within_the_province(ground, commune, name, whose):
    (kept,) = recorded(line(commune, authority=name))
    assert kept.decision.authority_unit_id == (None if whose is None else ground[whose].unit_id)
    assert kept.decision.authority_name == name


def test_one_authority_written_in_two_ways_is_one(commune, ground):
    recorded(line(commune, authority="UBND tỉnh"))
    recorded(line(ground[1], authority="Ủy ban nhân dân tỉnh Hậu Giang"))
    assert Decision.objects.count() == 1


def test_an_entry_is_never_changed_by_a_later_file(commune):
    recorded(line(commune))
    assert told(line(commune, citation="Khác", achieved_to="2023-06-30")) == [
        ("already_recorded", 2, "achieved_to"),
        ("already_recorded", 2, "citation"),
    ]


def test_the_same_recipient_twice_in_one_decision_is_a_problem(commune):
    assert told(line(commune), line(commune)) == [("duplicate_in_file", 3, "unit_code")]


def test_a_unit_is_read_on_the_day_of_the_decision(ground, commune):
    other = version("province", name="Tỉnh khác", since=REFORM)
    new = version("commune", other, code=commune.code, since=REFORM, name="Phường Mới")
    old_entry, new_entry = recorded(
        line(commune.code, decided_on="2025-06-30", achieved_from="2024-01-01", achieved_to="2024-12-31"),
        line(
            commune.code, decided_on="2025-07-01", achieved_from="2024-01-01", achieved_to="2024-12-31", decision="9/QĐ"
        ),
    )
    assert (old_entry.unit_id, new_entry.unit_id) == (commune.unit_id, new.unit_id)
    assert (old_entry.province_name, new_entry.province_name) == ("Tỉnh Hậu Giang", "Tỉnh khác")


def test_a_code_of_two_provinces_wants_the_province_named(ground):
    other = version("province", code="94", name="Tỉnh khác", until=REFORM)
    here, there = version("agency", ground[0], code="CQ-1"), version("agency", other, code="CQ-1")
    assert told(line("CQ-1")) == [("ambiguous_code", 2, "unit_code")]
    assert recorded(line("CQ-1"), province="94")[0].unit_id == there.unit_id
    assert recorded(line("CQ-1"), province="93")[0].unit_id == here.unit_id
    assert told(line("CQ-1", decided_on="2025-07-02"), province="93") == [("unknown_province", 2, "decided_on")]


def test_a_name_without_a_code_wants_the_province_and_stands_as_written(ground):
    row = line(unit_name="Đội dân phòng Minh Họa")
    assert told(row) == [("province_needed", 2, "unit_code")]
    (kept,) = recorded(row, province="93")
    assert (kept.unit, kept.unit_name, kept.place_ids) == (None, "Đội dân phòng Minh Họa", [ground[0].unit_id])
    assert decision_import([row], actor="x", province="93").unchanged == 1


def test_a_household_may_stand_in_the_column_of_names(commune):
    by_place, alone, beside = recorded(
        line(commune, recipient_kind="household", unit_name="Hộ minh họa 1"),
        line(recipient_kind="household", unit_name="Hộ minh họa 2"),
        line(commune, recipient_kind="household", person_name="Hộ minh họa 3"),
        province="93",
    )
    assert [(a.person_name, a.unit_name) for a in (by_place, alone, beside)] == [
        ("Hộ minh họa 1", "Thị trấn Nàng Mau"),
        ("Hộ minh họa 2", "Hộ minh họa 2"),
        ("Hộ minh họa 3", "Thị trấn Nàng Mau"),
    ]


def test_rules_of_commendation_warn_and_never_refuse(commune):
    recorded(line(commune, form="co_tinh", decision="11/QĐ-UBND"))
    assert warned(line(commune)) == ["same_achievement"]
    assert warned(line(commune, decision="14/QĐ", achieved_from="2023-06-01", achieved_to="2024-06-30")) == [
        "overlapping_period",
        "overlapping_period",
    ]
    assert Award.objects.count() == 3


def test_two_lines_of_one_file_are_compared_too(commune):
    rows = [line(commune, form="co_tinh"), line(commune)]
    assert warned(*rows) == ["same_achievement", "same_achievement"]


def test_a_decision_without_a_period_and_another_name_are_warned_of(commune):
    found = warned(line(commune, achieved_from="", achieved_to="", unit_name="Thị trấn Nàng Mau (cũ)"))
    assert found == ["name_differs", "period_missing"]
    kept = Award.objects.get()
    assert (kept.achieved, kept.unit_name) == (None, "Thị trấn Nàng Mau (cũ)")


def test_a_trial_writes_nothing_and_tells_the_same(commune):
    done = decision_import([line(commune)], actor="x", dry_run=True)
    assert (done.created, done.dry_run) == (1, True)
    assert not Award.objects.exists()
    assert not Entry.objects.exists()


def test_the_trail_tells_of_the_decision_with_counts_and_names_nobody(commune):
    recorded(line(commune), person(commune, person_name="Lê Minh Họa"))
    entry = Entry.objects.get(action="award.record")
    assert (
        entry.sentence == "Ghi vào sổ khen thưởng theo Quyết định số 13/QĐ-UBND ngày 15/01/2024: 1 tập thể, 1 cá nhân."
    )
    assert "Lê Minh Họa" not in str([(e.sentence, e.after) for e in Entry.objects.all()])


def test_headings_and_words_may_be_vietnamese(commune):
    head = ["Số quyết định", "Ngày ký", "Cơ quan ban hành", "Người ký", "Hình thức", "Đối tượng", "Thành tích từ ngày",
            "Thành tích đến ngày", "Mã đơn vị"]  # fmt: skip
    row = ["13/QĐ-UBND", "15/01/2024", "UBND tỉnh", SIGNER, "Cờ thi đua của Ủy ban nhân dân cấp tỉnh", "Tập thể", "01/01/2023",
           "31/12/2023", commune.code]  # fmt: skip
    done = awards_import_file(csv_bytes([head, row]), filename="khen.csv", actor="x")
    assert (done.created, Award.objects.get().form) == (1, "co_tinh")


def csv_bytes(rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def test_a_missing_column_is_told_once(commune):
    with pytest.raises(Refused) as refused:
        awards_import_file(csv_bytes([["decision", "unit_code"], ["1", commune.code]]), filename="a.csv", actor="x")
    codes = [(p.code, p.column) for p in refused.value.problems]
    assert ("missing_column", "form") in codes
    assert len([code for code in codes if code[1] == "form"]) == 1


# --- round trip -----------------------------------------------------------------------------------
words = st.text(st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyÀỄỊ 0123-/."), min_size=1, max_size=30).filter(
    lambda text: text.strip(" -./") and not text.strip().startswith(("-", "/")) and sum(c.isdigit() for c in text) < 12
)
days = st.dates(date(2021, 1, 1), date(2024, 12, 31))


@st.composite
def lines(draw):
    kind = draw(st.sampled_from(RecipientKind.values))
    forms = [code for code in FormCode.values if not code.startswith("co_") and code != "ky_niem_chuong"]
    forms = {"collective": FormCode.values[:3] + forms, "individual": [*forms, "ky_niem_chuong"], "household": forms}[
        kind
    ]
    decided = draw(days)
    start = draw(st.dates(date(2020, 1, 1), decided))
    end = draw(st.dates(start, min(start + timedelta(days=900), date(decided.year, 12, 31))))
    clean = {name: " ".join(draw(words).split()) for name in ("unit_name", "person_name", "position", "citation")}
    return line(
        decision=f"{draw(st.integers(1, 10**6))}/QĐ-{draw(st.integers(1, 10**6))}", decided_on=decided.isoformat(),
        form=draw(st.sampled_from(forms)), recipient_kind=kind, achieved_from=start.isoformat(),
        achieved_to=end.isoformat(), unit_code="", **{
            "unit_name": clean["unit_name"],
            "person_name": "" if kind == "collective" else clean["person_name"],
            "position": clean["position"] if kind == "individual" else "",
            "citation": clean["citation"],
        },
    )  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(lines(), min_size=1, max_size=5, unique_by=lambda row: (row["decision"], row["decided_on"][:4])))
def test_what_the_register_prints_is_what_the_file_said(ground, rows):
    before = {award.pk for award in Award.objects.all()}
    stored = {(d.number, d.year) for d in Decision.objects.all()}
    rows = [row for row in rows if (row["decision"], int(row["decided_on"][:4])) not in stored]
    if not rows:
        return
    data = csv_bytes([HEAD, *([row[name] for name in HEAD] for row in rows)])
    awards_import_file(data, filename="khen.csv", actor="x", province="93")
    printed = [
        award_line(award)
        for award in awards_decided(ground[0].unit_id, date(2020, 1, 1), date(2025, 1, 1))
        if award.pk not in before
    ]
    said = sorted((one["decision"], str(one["decided_on"]), one["form"], one["recipient_kind"], one["name"],
                   one["position"] or "", str(one["achieved_from"]), str(one["achieved_to"])) for one in printed)  # fmt: skip
    assert said == sorted(
        (row["decision"], row["decided_on"], row["form"], row["recipient_kind"], row["person_name"] or row["unit_name"],
         row["position"], row["achieved_from"], row["achieved_to"]) for row in rows
    )  # fmt: skip
    again = awards_import_file(data, filename="khen.csv", actor="x", province="93")
    assert (again.created, again.unchanged) == (0, len(rows))
