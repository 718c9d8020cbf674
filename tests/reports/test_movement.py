"""Models, exemplars and commendations in the summary: every figure against SQL of its own, names of persons apart."""

import io
import json
from datetime import date

import openpyxl
import pikepdf
import pytest
from django.db import connection

from awards.services import award_revoke
from movement.core import store
from reports.enums import FileKind
from reports.models import Snapshot
from reports.selectors import figure_list
from reports.services import printing, report_request
from reports.services.freezing import snapshot_freeze
from reports.services.issuing import files_make
from tests.factories.awards import line
from tests.factories.exemplars import point, practice_model
from tests.factories.ground import REFORM, account, version
from tests.factories.reports import (
    CRIME,
    OTHER_YEARS,
    PEOPLE,
    SCHOOL,
    SIGNER,
    chosen,
    everything,
    given,
    small_year,
    whole_year,
)
from tests.factories.units import lineage
from tests.reports.papers import number_before, text_of

pytestmark = pytest.mark.django_db


def frozen(province, **changes):
    report = report_request(year=2023, province=province.unit, actor="kiểm tra", **changes)
    snapshot_freeze(report)
    return Snapshot.objects.get(report=report)


def printed(snapshot):
    """``{(kind, format): bytes}`` as the job makes them, in one process."""
    outputs = [(part.key, part.titles, printing.rendered(part)) for part in printing.parts(snapshot)]
    made = files_make(snapshot.report, snapshot, outputs)
    return {(file.kind, file.format): store.files.read(file.stored.sha256) for file in made}


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def shown(snapshot, text, label, **where):
    """The number that stands on paper for the figure with this label and choice."""
    codes = [
        code
        for code, one in snapshot.content["figures"].items()
        if one["label"] == label and all(one["where"].get(name) == values for name, values in where.items())
    ]
    numbers = {number_before(code, text) for code in codes}
    assert len(numbers) == 1, (label, where, numbers)
    return numbers.pop()


def texts(snapshot):
    return " ".join(block.get("text", "") for block in snapshot.content["blocks"])


def table(snapshot, words):
    return next(block for block in snapshot.content["blocks"] if block["t"] == "table" and words in block["name"])


# --- Models and points ------------------------------------------------------------------------------------
WORKING = """
FROM exemplars_point p JOIN exemplars_practicemodel m ON m.id = p.model_id
JOIN exemplars_modelstate s ON s.model_id = m.id AND s.valid @> DATE '2023-12-31'
     AND s.state IN ('launched', 'working', 'weak')
LEFT JOIN exemplars_pointsize z ON z.point_id = p.id AND z.valid @> DATE '2023-12-31'
JOIN units_unitversion v ON v.unit_id = p.unit_id AND v.valid @> DATE '2023-12-31'
WHERE p.valid @> DATE '2023-12-31' AND v.province_id = %s
"""


def test_models_and_points_on_paper_equal_a_plain_count_in_sql():
    province, _campaign, _entries = whole_year()
    snapshot = frozen(province)
    text = text_of(printed(snapshot)[FileKind.REPORT, "pdf"])

    totals = sql(
        f"SELECT count(DISTINCT m.id), count(*), sum(z.teams), sum(z.members) {WORKING}",
        province.unit_id,
    )[0]
    labels = ("Mô hình đang hoạt động", "Điểm mô hình", "Tổ, nhóm tại các điểm", "Thành viên tại các điểm")
    assert tuple(shown(snapshot, text, label) for label in labels) == totals == (3, 6, 8, 57)
    fields = sql(
        f"SELECT m.field, count(DISTINCT m.id), count(*) {WORKING} GROUP BY 1",
        province.unit_id,
    )
    assert {name for name, _, _ in fields} == {CRIME, SCHOOL}
    for name, models, points in fields:
        assert shown(snapshot, text, f"Mô hình: {name}", field=[name]) == models
        assert shown(snapshot, text, f"Điểm mô hình: {name}", field=[name]) == points
    assert "TỔNG CỘNG: 3 mô hình; 6 điểm; 8 tổ, nhóm; 57 thành viên" in text
    assert "TỔNG CỘNG: 6 điểm; 8 tổ, nhóm; 57 thành viên" in text
    for name in ("Điểm đã thôi", "Điểm năm sau", "Chưa có điểm"):
        assert name not in text


def test_tables_by_district_and_field_add_up_and_say_what_does_not():
    province, _campaign, _entries = whole_year()
    snapshot = frozen(province)
    by_district, by_field = (table(snapshot, f"31/12/2023 theo {words}") for words in ("huyện", "lĩnh vực"))

    counted = sql(
        "SELECT d.name, count(DISTINCT m.id), count(*), sum(z.teams), sum(z.members) "
        + WORKING.replace(
            "WHERE",
            "JOIN units_unitversion d ON d.kind = 'district' AND d.valid @> DATE '2023-12-31'"
            " AND v.path LIKE d.path || '%%' WHERE",
        )
        + " GROUP BY 1 ORDER BY 1",
        province.unit_id,
    )
    assert by_district["rows"] == [[name, *map(str, numbers)] for name, *numbers in counted]
    assert by_district["rows"][0] == ["Huyện A", "3", "4", "4", "27"]
    for one in (by_district, by_field):
        assert one["totals"] == [["Tổng cộng", "3", "6", "8", "57"]]
    assert [sum(int(row[at]) for row in by_field["rows"]) for at in (1, 2, 3, 4)] == [3, 6, 8, 57]
    assert "cột số mô hình không cộng dồn" in by_district["foot"][0]


def test_both_counts_stand_with_what_they_count():
    province, _campaign, _entries = whole_year()
    said = texts(frozen(province))

    assert "Số mô hình tính theo tên: mô hình đang hoạt động và có ít nhất một điểm trong ngày." in said
    assert "Số điểm là nơi áp dụng mô hình trong ngày" in said
    assert "Hai số này tính riêng, không cộng với nhau." in said


def test_points_of_a_split_commune_are_listed_under_todays_and_said():
    province, campaign, _entries = whole_year()
    communes = {one.name: one for one in everything(campaign) if one.kind == "commune"}
    now = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    merged = version("commune", now, name="Xã Mới", code="31999", since=REFORM)
    other = version("commune", now, name="Phường Khác", code="31998", since=REFORM)
    for name in ("Xã A1", "Xã A2"):
        lineage(communes[name], merged)
    lineage(communes["Xã B1"], other, kind="split", share="part", main=True)
    lineage(communes["Xã B1"], merged, kind="split", share="part", main=False)
    then, snapshot = frozen(province), frozen(province, as_now=True)

    placed = [(row["model_name"], row["commune_name"]) for part in snapshot.parts.filter(listing="points")
              for row in part.rows]  # fmt: skip
    assert sorted(placed) == sorted(
        [("Camera an ninh", "Xã Mới")] * 2
        + [("Camera an ninh", "Phường Khác"), ("Tiếng kẻng an ninh", "Xã Mới"), ("Cổng trường an toàn", "Xã Mới"),
           ("Cổng trường an toàn", "Phường Khác")]
    )  # fmt: skip
    assert "Xã B1: 2 điểm không tách được theo địa bàn nên tính cho Phường Khác" in texts(snapshot)
    assert snapshot.content["lists"]["points"] == then.content["lists"]["points"]
    assert snapshot.warnings == []


def test_a_split_commune_that_keeps_its_name_and_one_without_a_successor_are_said():
    province, campaign, _entries = whole_year()
    communes = {one.name: one for one in everything(campaign) if one.kind == "commune"}
    now = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    same = version("commune", now, name="Xã B1", code="31999", since=REFORM)
    other = version("commune", now, name="Phường Khác", code="31998", since=REFORM)
    lineage(communes["Xã B1"], same, kind="split", share="part", main=True)
    lineage(communes["Xã B1"], other, kind="split", share="part", main=False)

    said = texts(frozen(province, as_now=True))

    assert "- Xã B1: 2 điểm không tách được theo địa bàn nên tính cho Xã B1 hiện nay" in said
    assert "- 4 điểm chưa xếp được vào xã, phường, đặc khu hiện nay." in said


def test_the_annex_says_models_points_and_sizes_of_each_commune():
    province, _campaign, _entries = whole_year()
    text = text_of(printed(frozen(province))[FileKind.REPORT, "pdf"])

    assert "Xã A1 (3 điểm của 3 mô hình; 3 tổ, nhóm; 20 thành viên)" in text


def test_many_points_are_cut_by_district_and_one_more_changes_its_part_alone():
    province, campaign = small_year()
    places = {one.name: one for one in everything(campaign)}
    for at in range(8):
        model = practice_model(province, name=f"Mô hình {at}")
        for name in ("Xã A1", "Xã B1"):
            for _ in range(20):
                point(model, places[name])
    before = {part.key: part.cache_key for part in printing.parts(frozen(province))}
    point(model, places["Xã B1"], name="Điểm thêm")
    after = {part.key: part.cache_key for part in printing.parts(frozen(province))}

    assert {key for key in before if key.startswith("points/")} == {"points/d930", "points/d931"}
    assert {key for key in after if before.get(key) != after[key]} == {"text", "models/all", "points/d931"}


# --- Exemplars --------------------------------------------------------------------------------------------
def test_exemplars_are_named_with_their_decision_and_listed():
    province, _campaign, _entries = whole_year()
    snapshot = frozen(province)
    text = text_of(printed(snapshot)[FileKind.REPORT, "pdf"])

    counted = sql("SELECT count(*) FROM exemplars_exemplar WHERE year = 2024 AND province_id = %s", province.unit_id)
    assert shown(snapshot, text, "Được chọn xây dựng điển hình năm 2024") == counted[0][0] == 2
    assert "(Quyết định số 03/QĐ-BCĐ ngày 20/02/2024), gồm: xã A1, huyện A và xã B1, huyện B." in text
    assert "TỔNG CỘNG: 2 đơn vị, địa bàn" in text
    assert "đủ điều kiện" not in texts(snapshot)


def test_exemplars_of_two_decisions_are_told_apart():
    province, campaign, _entries = whole_year()
    more = next(one for one in everything(campaign) if one.kind == "agency")
    chosen(campaign, province, [more], number="07/QĐ-BCĐ", on=date(2024, 3, 1))
    snapshot = frozen(province)

    said = texts(snapshot)
    assert "- Quyết định số 03/QĐ-BCĐ ngày 20/02/2024: " in said
    assert f"- Quyết định số 07/QĐ-BCĐ ngày 01/03/2024: ⟦F3⟧ đơn vị, địa bàn: {more.name}." in said
    assert [len(figure_list(snapshot, code).rows) for code in ("F1", "F2", "F3")] == [3, 2, 1]


def test_without_a_choice_the_candidates_are_counted():
    province, _campaign = small_year()
    snapshot = frozen(province)

    assert "đủ điều kiện để lựa chọn xây dựng điển hình năm 2024" in texts(snapshot)
    assert "exemplars" not in dict(snapshot.content["annexes"])


# --- Commendations ----------------------------------------------------------------------------------------
OF_THE_YEAR = """
FROM awards_award a JOIN core_decision d ON d.id = a.decision_id LEFT JOIN awards_revocation r ON r.award_id = a.id
WHERE a.province_id = %s AND upper(a.achieved) - 1 BETWEEN DATE '2023-01-01' AND DATE '2023-12-31' AND r.id IS NULL
"""
RECIPIENTS = {"collective": "Tập thể", "household": "Hộ gia đình", "individual": "Cá nhân"}


@pytest.mark.parametrize("revoked", [None, 0, 3])
def test_commendations_on_paper_equal_a_plain_count_in_sql(revoked):
    province, _campaign, entries = whole_year()
    if revoked is not None:
        award_revoke(
            award=entries[revoked], ground="b", by_decision="90/QĐ-UBND", revoked_on=date(2024, 5, 4),
            actor=account("staff", province),
        )  # fmt: skip
    snapshot = frozen(province)
    text = text_of(printed(snapshot)[FileKind.REPORT, "pdf"])

    counted = dict(sql(f"SELECT recipient_kind, count(*) {OF_THE_YEAR} GROUP BY 1", province.unit_id))
    assert counted == {
        "collective": 2 if revoked == 0 else 3, "individual": 1 if revoked == 3 else 2, "household": 1,
    }  # fmt: skip
    for kind, words in RECIPIENTS.items():
        assert shown(snapshot, text, f"{words} được khen thưởng") == counted[kind]
    by_form = sql(
        f"SELECT a.form, a.form_name, d.authority_name, a.recipient_kind, count(*) {OF_THE_YEAR} GROUP BY 1, 2, 3, 4",
        province.unit_id,
    )
    for form, name, authority, kind, count in by_form:
        label = f"{RECIPIENTS[kind]} được khen thưởng: {name}, {authority}"
        assert shown(snapshot, text, label, form=[form], authority=[authority]) == count
    assert f"TỔNG CỘNG: {counted['collective']} lượt tập thể" in text
    assert ("không tính vào số liệu trên (1 trường hợp)" in text) == (revoked is not None)
    assert snapshot.warnings == []


def test_both_dates_stand_in_the_sentence_and_in_the_annex():
    province, _campaign, _entries = whole_year()
    text = text_of(printed(frozen(province))[FileKind.REPORT, "pdf"])

    assert (
        "cá nhân (Quyết định số 13/QĐ-UBND ngày 15/01/2024), thời gian lập thành tích từ ngày 01/01/2022 đến ngày "
        "31/12/2023." in text
    )
    assert "Quyết định số 11/QĐ-UBND ngày 15/01/2024; thời gian lập thành tích 01/01/2023 - 31/12/2023" in text
    assert "Quyết định số 9/QĐ-UBND" not in text and "Quyết định số 99/QĐ-UBND" not in text


def test_a_commendation_without_a_period_is_not_counted_and_asked_about():
    province, campaign = small_year()
    code = next(one.code for one in everything(campaign) if one.name == "Xã A1")
    given(line(code, achieved_from="", achieved_to=""))
    snapshot = frozen(province)

    assert [warning["code"] for warning in snapshot.warnings] == ["undated_awards"]
    assert "1 khen thưởng quyết định năm 2023, 2024 không ghi thời gian" in snapshot.warnings[0]["message"]
    assert "KHEN THƯỞNG" not in texts(snapshot)


def test_many_authorities_are_said_by_form():
    province, campaign = small_year()
    code = next(one.code for one in everything(campaign) if one.name == "Xã A1")
    given(
        *(
            line(code, form="giay_khen_khac", decision=f"{n}/QĐ-CQ", authority=f"Cơ quan khen thưởng {n}")
            for n in range(40)
        )
    )
    snapshot = frozen(province)

    said = texts(snapshot)
    assert "⟦G2⟧ tập thể, do 40 cơ quan tặng (40 quyết định)." in said
    assert snapshot.content["figures"]["G2"]["value"] == 40
    assert table(snapshot, "Khen thưởng theo hình thức")["rows"][0][1:] == ["40 cơ quan", "40"]
    assert snapshot.warnings == []


# --- Names of persons -------------------------------------------------------------------------------------
def test_names_of_persons_are_in_the_separate_file_alone():
    province, _campaign, _entries = whole_year()
    snapshot = frozen(province, formats=["pdf", "xlsx"])
    files = printed(snapshot)

    main, apart = (text_of(files[kind, "pdf"]) for kind in (FileKind.REPORT, FileKind.PERSONS))
    sheets = {kind: cells(files[kind, "xlsx"]) for kind in (FileKind.REPORT, FileKind.PERSONS)}
    kept = json.dumps(snapshot.content, ensure_ascii=False)
    for name in PEOPLE:
        assert name not in main and name not in sheets[FileKind.REPORT] and name not in kept
        assert name.encode("utf-16-be") not in files[FileKind.REPORT, "pdf"]
        assert apart.count(name) == 1 and name in sheets[FileKind.PERSONS]
    assert OTHER_YEARS not in apart and SIGNER not in apart
    assert "TỔNG CỘNG: 3 lượt hộ gia đình, cá nhân" in apart
    assert "Phụ lục VII (lập thành văn bản riêng" in main and apart.strip().startswith("Phụ lục VII ")


def cells(workbook):
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    return {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}


def test_every_page_of_the_separate_file_names_the_snapshot_and_the_marks():
    province, _campaign, _entries = whole_year(illustrative=True)
    snapshot = frozen(province)
    pdf = printed(snapshot)[FileKind.PERSONS, "pdf"]

    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = len(document.pages)
    text = text_of(pdf)
    assert (text.count(snapshot.digest), text.count("BCTK-93-2023-CN")) == (pages, pages)
    assert text.count("BỘ TIÊU CHÍ MINH HỌA") == pages


def test_without_persons_there_is_no_separate_file():
    province, campaign = small_year()
    given(line(next(one.code for one in everything(campaign) if one.name == "Xã A1")))

    assert set(printed(frozen(province))) == {(FileKind.REPORT, "pdf")}


# --- The snapshot -----------------------------------------------------------------------------------------
def test_every_figure_of_the_whole_year_opens_its_list():
    province, _campaign, _entries = whole_year()
    snapshot = frozen(province)
    figures = snapshot.content["figures"]

    assert {code[0] for code in figures} == set("ABDEFG")
    for code, one in figures.items():
        rows = figure_list(snapshot, code).rows
        assert (sum(row[one["sum"]] for row in rows) if "sum" in one else len(rows)) == one["value"], code
    assert snapshot.warnings == []


def test_the_same_snapshot_gives_the_same_bytes_in_every_file():
    province, _campaign, _entries = whole_year()
    first, second = (frozen(province, formats=["pdf", "xlsx"]) for _ in range(2))

    assert len(printed(first)) == 4
    assert first.digest == second.digest
    assert printed(first) == printed(second)


def test_a_person_more_changes_the_text_and_the_separate_annex_alone():
    province, _campaign, entries = whole_year()
    before = {part.key: part.cache_key for part in printing.parts(frozen(province))}
    award_revoke(
        award=entries[3], ground="b", by_decision="90/QĐ-UBND", revoked_on=date(2024, 5, 4),
        actor=account("staff", province),
    )  # fmt: skip
    after = {part.key: part.cache_key for part in printing.parts(frozen(province))}

    assert [key for key in after if before[key] != after[key]] == ["text", "persons/all"]
    assert list(after)[-1] == "persons/all"


def test_a_part_named_by_its_key_is_the_planned_part():
    province, _campaign, _entries = whole_year()
    snapshot = frozen(province)
    keys = [part.key for part in printing.parts(snapshot)]

    assert keys == [
        "text", "classes/all", "places/0", "models/all", "points/all", "exemplars/all", "awards/all", "persons/all",
    ]  # fmt: skip
    for part in printing.parts(snapshot):
        assert printing.part_named(snapshot, part.key) == part
