"""What a summary is frozen on: counts, lists behind them, marks, and that it stays."""

import json
from datetime import date

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from movement.classification.models import Assessment, Campaign
from movement.classification.services.campaigns import units_register
from movement.core.problems import Refused
from reports.integrity import snapshot_problems
from reports.models import Snapshot
from reports.selectors import figure_list
from reports.services import report_request
from reports.services.freezing import snapshot_freeze
from tests.database.base import as_owner
from tests.factories.ground import REFORM, account, version
from tests.factories.reports import (
    SIGNER,
    everything,
    opened,
    province_of_two_districts,
    results,
    small_year,
    spread,
    standard_opened,
    unit,
)
from tests.factories.units import lineage
from units.models import AuthoritySettings

pytestmark = pytest.mark.django_db


def frozen(province, year=2023, **changes):
    report = report_request(year=year, province=province.unit, actor="kiểm tra", **changes)
    return snapshot_freeze(report)


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def rows(snapshot, listing="classes"):
    return [row for part in snapshot.parts.filter(listing=listing) for row in part.rows]


def figure(snapshot, label, **where):
    """The value of the figure with this label and choice."""
    found = [
        one["value"] for one in snapshot.content["figures"].values() if one["label"] == label and one["where"] == where
    ]
    assert len(set(found)) == 1, (label, where, found)
    return found[0]


def test_totals_by_kind_and_class_equal_a_plain_count_in_sql():
    province, campaign = small_year()
    snapshot = frozen(province)

    counted = dict(
        sql("SELECT class_code, count(*) FROM classification_assessment WHERE campaign_id = %s GROUP BY 1", campaign.pk)
    )
    assert {code: figure(snapshot, f"Loại {name}", **{"class": [code]}) for code, name in snapshot.content["classes"]
            if counted.get(code)} == counted  # fmt: skip
    workplaces = sql(
        "SELECT count(*) FROM classification_assessment WHERE campaign_id = %s"
        " AND unit_kind IN ('agency', 'enterprise', 'school')",
        campaign.pk,
    )
    shown = figure(snapshot, "Cơ quan, doanh nghiệp, cơ sở giáo dục", kind=["agency", "enterprise", "school"])
    assert shown == workplaces[0][0] == 9


def test_every_figure_opens_a_list_of_exactly_its_size():
    province, _campaign = small_year()
    standard = standard_opened(province)
    results(standard, province, spread(everything(standard), ("dat", "chua_dat")))
    snapshot = frozen(province)

    assert len(snapshot.content["figures"]) > 30
    for code, one in snapshot.content["figures"].items():
        assert len(figure_list(snapshot, code).rows) == one["value"], code
    assert figure_list(snapshot, "Z9") is None
    assert snapshot.warnings == []


def test_what_is_not_published_is_counted_and_makes_a_draft():
    province, campaign = small_year()
    late = [unit("agency", version_of(campaign, "Xã B1"), name=f"Cơ quan muộn {n}") for n in (1, 2)]
    units_register(campaign)
    results(campaign, province, {late[0]: "kha"}, state="decided")
    snapshot = frozen(province)

    assert snapshot.draft
    assert snapshot.content["totals"]["classes"]["unpublished"] == 2
    assert snapshot.content["totals"]["classes"]["unclassified"] == 1
    assert figure(snapshot, "Chưa công bố", state=["decided", "registered"]) == 2
    assert {"unpublished"} <= {warning["code"] for warning in snapshot.warnings}
    texts = " ".join(block.get("text", "") for block in snapshot.content["blocks"])
    assert "báo cáo này là dự thảo" in texts


def version_of(campaign, name):
    return next(one for one in everything(campaign) if one.name == name)


def test_standards_never_mix_with_classes():
    province, campaign = small_year()
    standard = standard_opened(province, kinds=("agency", "school"))
    results(standard, province, spread(everything(standard), ("dat", "dat", "chua_dat")))
    snapshot = frozen(province)

    assert snapshot.content["totals"]["classes"]["total"] == campaign.assessments.count() == 23
    assert snapshot.content["totals"]["standards"] == {
        "total": 6, "classes": {"dat": 4, "chua_dat": 2}, "unclassified": 0, "unpublished": 0,
    }  # fmt: skip
    assert {row["class"] for row in rows(snapshot, "standards")} == {"dat", "chua_dat"}
    assert not {row["class"] for row in rows(snapshot)} & {"dat", "chua_dat"}


def test_a_unit_in_two_campaigns_counts_once_with_its_published_class():
    province, _campaign = small_year()
    other = opened(province, code="HD-2", kinds=["agency"])
    snapshot = frozen(province)

    assert other.assessments.count() == 3
    assert snapshot.content["totals"]["classes"]["total"] == 23
    assert not snapshot.draft
    assert [w["code"] for w in snapshot.warnings] == ["several"]


def test_no_person_is_named_in_the_snapshot():
    province, _campaign = small_year()
    AuthoritySettings.objects.create(
        unit=province.unit, valid=(date(2020, 1, 1), None), committee_name="Ban Chỉ đạo 138 tỉnh",
        committee_abbreviation="BCĐ", report_symbol="BC-BCĐ", decision_symbol="QĐ-BCĐ", place_name="Hậu Giang",
        signer_authority="TM. BAN CHỈ ĐẠO", signer_title="Trưởng ban", signer_name="Lê Văn Trưởng Ban",
    )  # fmt: skip
    asked_by = account("staff", province, username="nguoi.yeu.cau")
    report = report_request(year=2023, province=province.unit, actor=asked_by)
    snapshot = snapshot_freeze(report)

    everything_kept = json.dumps([snapshot.content, rows(snapshot)], ensure_ascii=False)
    assert "Trưởng ban" in everything_kept
    for name in (SIGNER, "Lê Văn Trưởng Ban", asked_by.name):
        assert name not in everything_kept


def test_the_same_data_give_the_same_digest_and_a_changed_point_another():
    province, campaign = small_year()
    late = unit("agency", version_of(campaign, "Xã A1"), name="Cơ quan sửa")
    units_register(campaign)
    results(campaign, province, {late: "kha"}, state="decided")
    first, second = frozen(province), frozen(province)
    Assessment.objects.filter(campaign=campaign, unit=late.unit).update(points="81.5")
    third = frozen(province)

    assert first.digest == second.digest != third.digest


def test_freezing_again_gives_the_snapshot_that_was_made():
    province, _campaign = small_year()
    report = report_request(year=2023, province=province.unit, actor="kiểm tra")

    assert snapshot_freeze(report).pk == snapshot_freeze(report).pk
    assert Snapshot.objects.filter(report=report).count() == 1


@pytest.mark.parametrize("table", ["reports_snapshot", "reports_snapshotrows", "reports_reportfile"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_app_cannot_change_what_was_frozen(table, statement):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_queries_do_not_grow_with_the_units():
    counts = []
    for areas, code in ((1, "92"), (2, "93"), (40, "94")):  # the first also asks what a process asks once
        province, _campaign = small_year(areas=areas, code=code)
        report = report_request(year=2023, province=province.unit, actor="kiểm tra")
        with CaptureQueriesContext(connection) as queries:
            snapshot_freeze(report)
        counts.append(len(queries))

    assert counts[1] == counts[2] <= 36


def test_as_now_regroups_under_todays_communes_and_counts_each_unit_once():
    province, _districts, communes = province_of_two_districts()
    gone = unit("agency", communes["A1"], name="Cơ quan đã giải thể")
    kept_then = unit("agency", communes["A2"], name="Cơ quan còn lại")
    outside = unit("school", communes["B1"], name="Trường thuộc xã bị tách")
    now = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    merged = version("commune", now, name="Xã Mới", code="31999", since=REFORM)
    other = version("commune", now, name="Phường Khác", code="31998", since=REFORM)
    for name in ("A1", "A2"):
        lineage(communes[name], merged)
    lineage(communes["B1"], other, kind="split", share="part", main=True)
    lineage(communes["B1"], merged, kind="split", share="part", main=False)
    version("agency", other, name="Cơ quan còn lại", code="", unit=kept_then.unit, since=REFORM, level="commune")
    campaign = opened(province)
    results(campaign, province, spread(everything(campaign)))

    snapshot = frozen(province, as_now=True)
    placed = {row["name"]: row["commune_name"] for row in rows(snapshot)}

    assert placed == {
        "Huyện A": "", "Huyện B": "", "Xã A1": "Xã Mới", "Xã A2": "Xã Mới", "Xã B1": "Phường Khác",
        gone.name: "Xã Mới", kept_then.name: "Phường Khác", outside.name: "Phường Khác",
    }  # fmt: skip
    assert snapshot.content["totals"]["classes"]["total"] == campaign.assessments.count() == 8
    notes = [block["text"] for block in snapshot.content["blocks"] if "chia tách" in block.get("text", "")]
    assert notes == [
        "- Xã B1 được chia tách khi sắp xếp; 2 kết quả của Xã B1 tính cho Phường Khác là đơn vị kế thừa chính, vì chưa "
        "tách được theo địa bàn."
    ]


def test_years_from_2025_are_laid_out_by_commune():
    province = version("province", name="Tỉnh Mới", code="92", since=REFORM)
    commune = version("commune", province, name="Xã Một", code="1", since=REFORM, level="province")
    unit("residential_area", commune, since=REFORM)
    campaign = opened(province, 2025, kinds=("commune", "residential_area"))
    results(campaign, province, spread(everything(campaign)))

    titles = [block.get("text", "") + block.get("name", "") for block in frozen(province, 2025).content["blocks"]]

    assert "2. Theo xã, phường, đặc khu" in titles
    assert not any("huyện" in title.lower() for title in titles)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"year": 2019}, "no_results"), ({"formats": ["pdf", "docx"]}, "format_later"), ({"formats": ["odt"]}, "unknown_format"),
     ({"formats": []}, "unknown_format")],
)  # fmt: skip
def test_what_cannot_be_made_is_refused_at_once(changes, code):
    province, _campaign = small_year(before=False)

    with pytest.raises(Refused) as refused:
        report_request(**{"year": 2023, "province": province.unit, "actor": "kiểm tra"} | changes)

    assert [problem.code for problem in refused.value.problems] == [code]


def test_the_year_before_is_compared_by_its_published_results_alone():
    province, campaign = small_year()
    late = unit("agency", version_of(campaign, "Xã A1"), name="Cơ quan chưa công bố")
    past = Campaign.objects.get(year=2022)
    units_register(past)
    results(past, province, {late: "yeu"}, state="decided")
    results_of_2023 = spread([late], ("kha",))
    units_register(campaign)
    results(campaign, province, results_of_2023)
    snapshot = frozen(province)

    assert (
        figure(snapshot, "Đã phân loại năm 2022", **{"class": [code for code, _ in snapshot.content["classes"]]}) == 23
    )
    table = next(block for block in snapshot.content["blocks"] if "So sánh" in block.get("name", ""))
    first = table["rows"][:6]
    assert first[0] == "Đơn vị, địa bàn"
    assert [row[1] for row in first[1:]] == ["6", "12", "5", "-", "23"]
    assert [row[3] for row in first[1:]] == ["5", "11", "4", "4", "24"]
    assert [row[5] for row in first[1:]] == ["-1", "-1", "-1", "+4", "+1"]


def test_unpublished_recognition_alone_makes_a_draft_that_says_so():
    province, _campaign = small_year()
    standard = standard_opened(province, kinds=["agency"])
    results(standard, province, spread(everything(standard), ("dat",)), state="decided")
    snapshot = frozen(province)

    texts = " ".join(block.get("text", "") for block in snapshot.content["blocks"])
    assert snapshot.draft
    assert "toàn bộ 23 đơn vị" in texts and "Còn kết quả công nhận đạt tiêu chuẩn chưa công bố" in texts
    assert (
        figure(
            snapshot,
            "Kết quả công nhận chưa công bố",
            **{"standard": ["“An toàn về an ninh, trật tự”"]},
            state=["decided"],
        )
        == 3
    )


@pytest.mark.django_db(transaction=True)
def test_an_altered_snapshot_is_found_and_a_true_one_is_not():
    province, _campaign = small_year()
    snapshot = frozen(province)
    assert list(snapshot_problems()) == []

    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reports_snapshotrows SET rows = rows - 0 WHERE snapshot_id = %s AND listing = 'classes'",
            [snapshot.pk],
        )
        cursor.execute(
            "UPDATE reports_snapshot SET content = content || '{\"year\": 2022}' WHERE id = %s", [snapshot.pk]
        )

    found = list(snapshot_problems())
    assert len(found) == 2
    assert "danh sách “all” đã bị sửa" in found[0] and "không khớp mã" in found[1]
