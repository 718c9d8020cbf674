"""Asking for a summary in the browser, following it, taking it home, opening its figures."""

from io import BytesIO

import pytest
from django.test import override_settings

from movement.core.enums import JobState
from movement.core.files import file_keep
from movement.core.jobs import job_cancel
from movement.core.models import Job, StoredFile
from movement.core.ulid import new_ulid
from reports.models import Report, ReportFile
from reports.selectors import reports_visible_to
from reports.services import report_request
from reports.services.freezing import snapshot_freeze
from tests.factories.ground import REFORM, account, version
from tests.factories.reports import small_year
from tests.factories.units import lineage
from units.models import UnitVersion

pytestmark = pytest.mark.django_db
LIST = "/bao-cao/"
HTMX = {"HX-Request": "true"}
CONTENT = {
    "pdf": ("application/pdf", b"%PDF-1.7 ready"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK ready"),
}


@pytest.fixture
def ground():
    """Province 93 and another one, each with results of 2022 and 2023."""
    province, _campaign = small_year()
    other, _campaign = small_year(code="94")
    return {
        "province": province,
        "other": other,
        "commune": UnitVersion.objects.get(province=province.unit, name="Xã A1"),
    }


@pytest.fixture
def done(ground, tmp_path):
    """A summary of 2023 that is ready: really frozen, with short files instead of printed ones."""
    with override_settings(FILES_ROOT=tmp_path):
        report = report_request(year=2023, province=ground["province"].unit, actor="kiểm tra", formats=["pdf", "xlsx"])
        ready(report)
        yield report


def ready(report):
    """What the job leaves behind, without the printing (``test_job`` prints)."""
    snapshot_freeze(report)
    for name, (kind, content) in CONTENT.items():
        stored = file_keep(
            BytesIO(content), name=f"bao-cao.{name}", content_type=kind, actor="kiểm tra",
            unit_id=report.province_id, kind="reports.year", declared=True,
        )  # fmt: skip
        ReportFile.objects.create(report=report, format=name, name=stored.original_name, stored=stored)
    Job.objects.filter(pk=report.job_id).update(state=JobState.DONE, finished_at=report.created_at)


def form(province, year=2023, **changes):
    return {"scope": f"{year}:{province.unit.ulid}", "as_now": "", "formats": ["pdf"], "once": new_ulid(), **changes}


def get(client, user, url=LIST, **headers):
    client.force_login(user)
    return client.get(url, headers=headers)


def post(client, user, data, url=LIST):
    client.force_login(user)
    return client.post(url, data)


@pytest.mark.parametrize("role", ["staff", "leader"])
def test_asking_makes_a_summary_and_leads_to_its_page(client, ground, role):
    user = account(role, ground["province"])

    response = post(client, user, form(ground["province"], as_now="1", formats=["pdf", "xlsx"]))

    report = Report.objects.get()
    assert response.url == f"{LIST}{report.ulid}/"
    assert (report.year, report.province_id, report.as_now) == (2023, ground["province"].unit_id, True)
    assert (report.formats, report.requested_by_name) == (["pdf", "xlsx"], user.name)


def test_the_same_form_sent_twice_makes_one(client, ground):
    user, data = account("staff", ground["province"]), form(ground["province"])

    first, second = post(client, user, data), post(client, user, data)

    assert first.url == second.url
    assert (Report.objects.count(), Job.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("role", "at", "about", "status"),
    [
        ("auditor", "province", "province", 403),
        ("admin", "province", "province", 403),
        ("leader", "commune", "province", 403),
        ("commune_officer", "commune", "province", 403),
        ("staff", "province", "other", 404),
        ("auditor", "other", "province", 404),
        (None, None, "province", 404),
    ],
)
def test_who_may_not_ask_is_refused_and_makes_nothing(client, ground, role, at, about, status):
    response = post(client, account(role, at and ground[at]), form(ground[about]))

    assert (response.status_code, Report.objects.count()) == (status, 0)


@pytest.mark.parametrize(("role", "offered"), [("staff", True), ("leader", True), ("auditor", False)])
def test_the_form_is_offered_to_who_may_ask_alone(client, ground, role, offered):
    page = get(client, account(role, ground["province"])).content.decode()

    assert ('name="scope"' in page) == offered


def test_the_years_offered_are_those_with_results_on_ones_own_ground(client, ground):
    response = get(client, account("staff", ground["province"]))

    ulid = ground["province"].unit.ulid
    assert list(response.context["form"].fields["scope"].choices) == [
        (f"2023:{ulid}", "2023"),
        (f"2022:{ulid}", "2022"),
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"formats": []}, "Chọn ít nhất một loại tệp."),
        ({"formats": ["docx"]}, "docx"),
        ({"scope": ""}, "Năm báo cáo"),
        ({"once": "ngắn"}, "26"),
    ],
)
def test_a_form_that_is_wrong_says_so_and_keeps_what_was_chosen(client, ground, changes, sentence):
    response = post(client, account("staff", ground["province"]), form(ground["province"], as_now="1", **changes))

    page = response.content.decode()
    assert (response.status_code, Report.objects.count()) == (422, 0)
    assert sentence in page
    assert response.context["form"]["as_now"].value() == "1"


def test_progress_is_polled_until_the_end(client, ground, tmp_path):
    user = account("staff", ground["province"])
    report = report_request(year=2023, province=ground["province"].unit, actor=user)
    url = f"{LIST}{report.ulid}/"

    waiting = get(client, user, url, **HTMX).content.decode()
    with override_settings(FILES_ROOT=tmp_path):
        ready(report)
    after = get(client, user, url, **HTMX).content.decode()

    assert 'hx-trigger="every 2s"' in waiting and "Tải PDF" not in waiting
    assert "hx-trigger" not in after and "Tải PDF" in after
    assert waiting.strip().startswith('<div id="bao-cao"')


def test_a_failure_says_why_and_may_be_tried_again(client, ground):
    user = account("staff", ground["province"])
    report = report_request(year=2023, province=ground["province"].unit, actor=user)
    Job.objects.filter(pk=report.job_id).update(
        state="failed", error_code="too_long", error="Việc này chạy quá lâu.", finished_at=report.created_at
    )

    page = get(client, user, f"{LIST}{report.ulid}/")

    assert "Việc này chạy quá lâu." in page.content.decode()
    assert post(client, user, page.context["again"]).status_code == 302
    assert Report.objects.count() == 2


def test_stopping_ends_the_job(client, ground):
    user = account("staff", ground["province"])
    report = report_request(year=2023, province=ground["province"].unit, actor=user)

    response = post(client, user, {}, f"{LIST}{report.ulid}/huy/")

    report.job.refresh_from_db()
    assert (response.status_code, report.job.state) == (302, JobState.CANCELLED)


@pytest.mark.parametrize(
    ("role", "at", "status"), [("auditor", "province", 403), ("staff", "other", 404), ("leader", "commune", 404)]
)
def test_stopping_is_for_who_may_ask(client, ground, role, at, status):
    report = report_request(year=2023, province=ground["province"].unit, actor="kiểm tra")

    response = post(client, account(role, ground[at]), {}, f"{LIST}{report.ulid}/huy/")

    report.job.refresh_from_db()
    assert (response.status_code, report.job.state) == (status, JobState.QUEUED)


def test_stopping_what_has_ended_says_so(client, ground):
    user = account("staff", ground["province"])
    report = report_request(year=2023, province=ground["province"].unit, actor=user)
    job_cancel(report.job, actor=user)

    client.force_login(user)
    page = client.post(f"{LIST}{report.ulid}/huy/", follow=True).content.decode()

    assert "đã kết thúc trước khi dừng được" in page


@pytest.mark.parametrize(
    ("role", "at", "status"),
    [
        ("staff", "province", 200),
        ("leader", "province", 200),
        ("auditor", "province", 200),
        ("staff", "now", 200),
        ("staff", "other", 404),
        ("leader", "commune", 404),
        ("commune_officer", "commune", 404),
        (None, None, 404),
    ],
)
def test_everything_of_a_summary_is_for_who_has_the_whole_province(client, ground, done, role, at, status):
    ground["now"] = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    lineage(ground["province"], ground["now"])
    user = account(role, at and ground[at])
    pages = ["", "tep/pdf/", "tep/xlsx/", "so-lieu/A1/"]

    client.force_login(user)
    answers = {page: client.get(f"{LIST}{done.ulid}/{page}", follow=True).status_code for page in pages}

    assert answers == dict.fromkeys(pages, status)


def test_the_list_and_its_total_hold_ones_own_summaries_alone(client, ground):
    for name in ("province", "other"):
        report_request(year=2023, province=ground[name].unit, actor="kiểm tra")

    page = get(client, account("auditor", ground["province"])).context["page"]

    assert ([r.province_id for r in page.rows], page.total) == ([ground["province"].unit_id], 1)


@pytest.mark.parametrize("name", ["pdf", "xlsx"])
def test_a_file_comes_as_an_attachment_of_its_own_type(client, ground, done, name):
    client.force_login(account("leader", ground["province"]))
    response = client.get(f"{LIST}{done.ulid}/tep/{name}/", follow=True)

    assert (response.headers["Content-Type"], b"".join(response.streaming_content)) == CONTENT[name]
    assert response.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''bao-cao.{name}"
    assert response.headers["Cache-Control"].startswith("max-age=0")


@pytest.mark.parametrize("name", ["docx", "..%2Fsecret-key", "pdf%00"])
def test_a_file_that_was_not_made_is_not_found(client, ground, done, name):
    assert get(client, account("staff", ground["province"]), f"{LIST}{done.ulid}/tep/{name}/").status_code == 404


@pytest.mark.parametrize("how", ["damaged", "removed"])
def test_a_file_whose_content_is_gone_says_so(client, ground, done, how, tmp_path):
    stored = done.files.get(format="pdf").stored
    if how == "damaged":
        next(tmp_path.rglob(stored.sha256)).write_bytes(b"%PDF-1.7 altered")
    else:
        StoredFile.objects.filter(pk=stored.pk).update(
            removed_at=done.created_at, removed_by_name="quản trị", removed_reason="kiểm tra"
        )
    client.force_login(account("staff", ground["province"]))

    page = client.get(f"{LIST}{done.ulid}/tep/pdf/", follow=True).content.decode()

    assert {"damaged": "bị mất hoặc hỏng", "removed": "đã bị hủy"}[how] in page


def test_every_figure_opens_a_list_as_long_as_the_figure(client, ground, done):
    user = account("auditor", ground["province"])
    groups = get(client, user, f"{LIST}{done.ulid}/").context["figures"]
    figures = {code: value for _heading, lines in groups for code, _label, value, _opens in lines}

    counted = {
        code: get(client, user, f"{LIST}{done.ulid}/so-lieu/{code}/").context["page"].paginator.count
        for code in figures
    }

    assert figures["A1"] == 23 and len(figures) > 10
    assert counted == figures


def test_the_list_behind_a_figure_stays_as_it_was_frozen(client, ground, done):
    UnitVersion.objects.filter(name="Xã A1").update(name="Xã đổi tên")

    page = get(client, account("staff", ground["province"]), f"{LIST}{done.ulid}/so-lieu/A1/").content.decode()

    assert "Xã A1" in page and "Xã đổi tên" not in page


@pytest.mark.parametrize("code", ["Z9", "A", "a1"])
def test_a_figure_that_is_not_in_the_text_is_not_found(client, ground, done, code):
    assert get(client, account("staff", ground["province"]), f"{LIST}{done.ulid}/so-lieu/{code}/").status_code == 404


@pytest.mark.parametrize("more", [0, 10])
def test_the_pages_cost_few_queries_however_many_summaries(client, ground, done, more, django_assert_max_num_queries):
    user = account("staff", ground["province"])
    for year in [2022, 2023] * (more // 2):
        report_request(year=year, province=ground["province"].unit, actor=user)
    client.force_login(user)
    for url in (LIST, f"{LIST}{done.ulid}/", f"{LIST}{done.ulid}/so-lieu/A1/"):
        client.get(url)
        with django_assert_max_num_queries(12):
            client.get(url)
    assert reports_visible_to(user).count() == 1 + more
