"""What stands on the paper."""

import io

import openpyxl
import pikepdf
import pytest
from django.db import connection

from movement.classification.models import Assessment
from movement.classification.services.campaigns import units_register
from reports.models import Snapshot
from reports.services import printing, report_request
from reports.services.freezing import snapshot_freeze
from reports.services.issuing import files_make
from tests.factories.reports import SIGNER, everything, results, small_year, spread, standard_opened, unit
from tests.reports.papers import number_before, text_of

pytestmark = pytest.mark.django_db


def frozen(province, **changes):
    report = report_request(year=2023, province=province.unit, actor="Người Yêu Cầu", **changes)
    snapshot_freeze(report)
    return Snapshot.objects.get(report=report)


def printed(snapshot):
    """``(bytes of the PDF, bytes of the workbook or None)`` as the job makes them, in one process."""
    from movement.core import store

    outputs = [(part.key, part.titles, printing.rendered(part)) for part in printing.parts(snapshot)]
    files = {file.format: file for file in files_make(snapshot.report, snapshot, outputs)}
    return [store.files.read(files[name].stored.sha256) if name in files else None for name in ("pdf", "xlsx")]


def test_totals_on_paper_equal_a_plain_count_in_sql():
    province, campaign = small_year()
    snapshot = frozen(province)
    text = text_of(printed(snapshot)[0])

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE class_code = 'kha'), count(*) FILTER (WHERE unit_kind = 'commune'),"
            " count(*) FILTER (WHERE unit_kind IN ('agency', 'enterprise', 'school'))"
            " FROM classification_assessment WHERE campaign_id = %s AND state = 'published'",
            [campaign.pk],
        )
        total, good, communes, workplaces = cursor.fetchone()
    codes = {one["label"]: code for code, one in reversed(snapshot.content["figures"].items())}
    assert number_before("A1", text) == number_before(codes["Đã phân loại"], text) == total == 23
    assert number_before(code_of(snapshot, "Loại Khá", {"class": ["kha"]}), text) == good
    assert number_before(codes["Xã, phường, thị trấn"], text) == communes
    assert number_before(codes["Cơ quan, doanh nghiệp, cơ sở giáo dục"], text) == workplaces
    assert f"TỔNG CỘNG: {total} đơn vị, địa bàn (Xuất sắc 5; Khá {good}; Trung bình 4; Yếu 4)" in text


def code_of(snapshot, label, where):
    return next(
        code for code, one in snapshot.content["figures"].items() if (one["label"], one["where"]) == (label, where)
    )


def test_every_unit_stands_in_the_annex_with_points_and_class():
    province, campaign = small_year()
    text = text_of(printed(frozen(province))[0])

    for one in campaign.assessments.all():
        points = f"{one.points:f}".rstrip("0").rstrip(".").replace(".", ",")
        assert f"{one.unit_name} " in text
        assert f"{points} " in text
    assert "PHỤ LỤC II" in text.upper() and "Cộng Huyện A" in text


def test_number_date_and_signer_wait_for_the_clerk_and_no_person_is_named():
    province, _campaign = small_year()
    pdf = printed(frozen(province))[0]
    text = text_of(pdf)

    assert "Số: /BC-BCĐ" in text
    assert "ngày tháng năm" in text
    for name in (SIGNER, "Người Yêu Cầu"):
        assert name not in text
        assert name.encode("utf-16-be") not in pdf


@pytest.mark.parametrize("draft", [False, True])
def test_every_page_says_draft_when_something_is_not_published(draft):
    province, campaign = small_year()
    if draft:
        unit("agency", everything(campaign)[2], name="Cơ quan chưa chấm")
        units_register(campaign)
    snapshot = frozen(province)
    pdf = printed(snapshot)[0]

    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = len(document.pages)
    assert text_of(pdf).count("DỰ THẢO") == (pages if draft else 0)
    assert text_of(pdf).count(snapshot.digest) == pages


def test_the_illustrative_scheme_and_made_up_data_mark_every_page_and_sheet():
    province, campaign = small_year(illustrative=True)
    snapshot = frozen(province, formats=["pdf", "xlsx"])
    type(province.unit).objects.filter(assessments__campaign=campaign).update(demonstration=True)
    marked = frozen(province, formats=["pdf", "xlsx"])

    assert not snapshot.demonstration and marked.demonstration and marked.illustrative
    pdf, workbook = printed(marked)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = len(document.pages)
    assert text_of(pdf).count("DỮ LIỆU MINH HỌA") == pages
    assert text_of(pdf).count("BỘ TIÊU CHÍ MINH HỌA") == pages
    for sheet in openpyxl.load_workbook(io.BytesIO(workbook)):
        notes = [sheet.cell(line, 1).value for line in (1, 2)]
        assert notes == ["DỮ LIỆU MINH HỌA", "BỘ TIÊU CHÍ MINH HỌA"]


def test_the_same_snapshot_gives_the_same_bytes():
    province, _campaign = small_year()
    first = printed(frozen(province, formats=["pdf", "xlsx"]))
    second = printed(frozen(province, formats=["pdf", "xlsx"]))

    assert first == second


def test_one_corrected_score_renders_one_part():
    province, campaign = small_year(areas=110)
    late = unit("agency", next(one for one in everything(campaign) if one.name == "Xã B1"), name="Cơ quan sửa điểm")
    units_register(campaign)
    results(campaign, province, {late: "kha"}, state="decided")
    before = {part.key: part.cache_key for part in printing.parts(frozen(province))}
    Assessment.objects.filter(campaign=campaign, unit=late.unit).update(points="81.75")
    after = {part.key: part.cache_key for part in printing.parts(frozen(province))}

    assert len(before) >= 4
    assert [key for key in after if before[key] != after[key]] == ["classes/d931"]


def test_a_part_named_by_its_key_is_the_planned_part():
    province, _campaign = small_year(areas=110)
    standard = standard_opened(province)
    results(standard, province, spread(everything(standard), ("dat", "chua_dat")))
    snapshot = frozen(province)

    for part in printing.parts(snapshot):
        assert printing.part_named(snapshot, part.key) == part


def test_the_order_is_text_then_annexes_with_one_total_each():
    province, _campaign = small_year(areas=110)
    standard = standard_opened(province)
    results(standard, province, spread(everything(standard), ("dat",)))
    parts = list(printing.parts(frozen(province)))

    names = [part.key.partition("/")[0] for part in parts]
    assert list(dict.fromkeys(names)) == ["text", "classes", "places", "standards"]
    totals = [row for part in parts for row in part.payload.get("rows", []) if str(row).startswith("TỔNG CỘNG")]
    assert [total.partition(" (")[0] for total in totals] == ["TỔNG CỘNG: 344 đơn vị, địa bàn"] * 2


def test_the_workbook_holds_every_row_as_text_and_numbers():
    province, campaign = small_year()
    risky = unit("agency", everything(campaign)[2], name="=HYPERLINK(1)")
    units_register(campaign)
    results(campaign, province, {risky: "kha"})
    book = openpyxl.load_workbook(io.BytesIO(printed(frozen(province, formats=["xlsx"]))[1]))

    rows = [row for row in book["Phân loại"].iter_rows(values_only=True) if isinstance(row[0], int)]
    assert len(rows) == campaign.assessments.count()
    assert "=HYPERLINK(1)" in {row[2] for row in rows}
    assert all(cell.data_type != "f" for sheet in book for line in sheet.iter_rows() for cell in line)
    assert {type(row[7]) for row in rows if row[7] is not None} <= {int, float}
