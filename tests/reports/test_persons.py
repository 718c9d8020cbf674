"""The annex of persons: who may have it, by role and ground, and that the trail tells who took it."""

from io import BytesIO

import pytest
from django.test import override_settings

from movement.accounts.enums import Role
from movement.audit.models import Entry
from movement.core.enums import JobState
from movement.core.files import file_keep
from movement.core.models import Job
from reports.enums import FileKind
from reports.models import ReportFile, Snapshot
from reports.services import report_request
from reports.services.freezing import snapshot_freeze
from tests.factories.ground import REFORM, account, version
from tests.factories.reports import PEOPLE, whole_year
from tests.factories.units import lineage
from units.models import UnitVersion

pytestmark = pytest.mark.django_db
# a commune's lead reads its own commune's names; here it is set on the province, so that the role alone is tried
MAY = {Role.STAFF, Role.LEADER, Role.AUDITOR, Role.COUNCIL, Role.CLERK, Role.COMMUNE_LEAD}


@pytest.fixture
def ground():
    province, _campaign, _entries = whole_year()
    now = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    lineage(province, now)
    return {
        "province": province,
        "now": now,
        "other": version("province", name="Tỉnh Khác", code="94"),
        "commune": UnitVersion.objects.get(province=province.unit, name="Xã A1"),
    }


@pytest.fixture
def done(ground, tmp_path):
    """A summary that is ready, with short files in place of printed ones; the separate annex among them."""
    with override_settings(FILES_ROOT=tmp_path):
        report = report_request(year=2023, province=ground["province"].unit, actor="kiểm tra")
        snapshot_freeze(report)
        for kind in (FileKind.REPORT, FileKind.PERSONS):
            stored = file_keep(
                BytesIO(f"%PDF-1.7 {kind}".encode()), name=f"{kind}.pdf", content_type="application/pdf",
                actor="kiểm tra", unit_id=report.province_id, kind="reports.year", declared=True,
            )  # fmt: skip
            ReportFile.objects.create(report=report, kind=kind, format="pdf", name=f"{kind}.pdf", stored=stored)
        Job.objects.filter(pk=report.job_id).update(state=JobState.DONE, finished_at=report.created_at)
        yield report


def code_of(report, label):
    figures = Snapshot.objects.get(report=report).content["figures"]
    return next(code for code, one in figures.items() if one["label"] == label)


def answers(client, user, report):
    """``(the summary's file, the separate annex, the list of persons, the list of collectives)``."""
    client.force_login(user)
    person, collective = (code_of(report, f"{words} được khen thưởng") for words in ("Cá nhân", "Tập thể"))
    pages = ("tep/pdf/", "tep/ca-nhan-pdf/", f"so-lieu/{person}/", f"so-lieu/{collective}/")
    return [client.get(f"/bao-cao/{report.ulid}/{page}", follow=True).status_code for page in pages]


@pytest.mark.parametrize("role", list(Role))
def test_names_are_for_the_roles_that_read_the_register_of_persons(client, ground, done, role):
    user = account(role, ground["province"])

    names = 200 if role in MAY else 403
    assert answers(client, user, done) == [200, names, names, 200]


@pytest.mark.parametrize(
    ("role", "at", "names"),
    [("staff", "now", 200), ("leader", "now", 200), ("staff", "other", 404), ("leader", "commune", 404),
     ("commune_lead", "commune", 404), (None, None, 404)],
)  # fmt: skip
def test_names_follow_the_province(client, ground, done, role, at, names):
    user = account(role, at and ground[at])

    assert answers(client, user, done) == [names] * 4


@pytest.mark.parametrize(("role", "offered"), [("staff", True), ("auditor", True), ("admin", False)])
def test_the_page_offers_only_what_may_be_taken(client, ground, done, role, offered):
    client.force_login(account(role, ground["province"]))

    page = client.get(f"/bao-cao/{done.ulid}/").content.decode()
    lists = [client.get(url).content.decode() for url in ("/bao-cao/", "/")]

    code = code_of(done, "Cá nhân được khen thưởng")
    assert ("tep/ca-nhan-pdf/" in page, f"so-lieu/{code}/" in page) == (offered, offered)
    assert "tep/pdf/" in page and "Cá nhân được khen thưởng" in page
    assert not any("ca-nhan" in one or name in one for one in lists for name in PEOPLE)


def test_the_trail_tells_who_took_or_opened_the_names(client, ground, done):
    user = account("leader", ground["province"])
    answers(client, user, done)

    entries = Entry.objects.filter(action="reports.persons_read").order_by("pk")
    assert [(one.actor_name, one.unit_id, one.object_id) for one in entries] == [
        (user.name, done.province_id, done.ulid)
    ] * 2
    assert "Tải phụ lục cá nhân (PDF)" in entries[0].sentence and "Mở danh sách" in entries[1].sentence


def test_who_is_refused_leaves_no_trace_of_having_read(client, ground, done):
    answers(client, account("admin", ground["province"]), done)

    assert not Entry.objects.filter(action="reports.persons_read").exists()


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Mô hình đang hoạt động", ["Camera an ninh", "05/QĐ-UBND"]),
        ("Điểm mô hình", ["Điểm Xã A2", "Huyện A"]),
        ("Được chọn xây dựng điển hình năm 2024", ["Xã B1", "03/QĐ-BCĐ (20/02/2024)"]),
        ("Tập thể được khen thưởng", ["Xã A2", "11/QĐ-UBND (15/01/2024)", "01/01/2022 - 31/12/2023"]),
        ("Cá nhân được khen thưởng", [PEOPLE[0], "Chức vụ minh họa"]),
    ],
)
def test_the_list_behind_each_new_figure_is_shown(client, ground, done, label, words):
    client.force_login(account("staff", ground["province"]))

    page = client.get(f"/bao-cao/{done.ulid}/so-lieu/{code_of(done, label)}/").content.decode()

    assert [word for word in words if word not in page] == []
