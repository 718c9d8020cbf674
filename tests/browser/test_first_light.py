"""First light in a real Chromium: sign in, ask for the summary, take it home, read it."""

import pytest
from django.db import connection

from tests.factories.ground import account
from tests.factories.reports import small_year
from tests.reports.papers import number_before, text_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Mot-mat-khau-dai-2026!"
TOTALS = """
SELECT count(*), count(*) FILTER (WHERE a.class_code = 'xuat_sac'), count(*) FILTER (WHERE a.class_code = 'kha'),
       count(*) FILTER (WHERE a.class_code = 'trung_binh'), count(*) FILTER (WHERE a.class_code = 'yeu')
  FROM classification_assessment a JOIN classification_campaign c ON c.id = a.campaign_id
 WHERE c.year = 2023 AND c.province_id = %s AND a.state = 'published'
"""


def totals(province):
    """Units of 2023, then by class, counted by SQL alone."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [province.unit_id])
        return list(cursor.fetchone())


def sign_in(page, user):
    page.goto("/")
    page.locator("#id_login").fill(user.username)
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/tai-khoan/" not in url)


def test_a_leader_asks_for_the_summary_and_reads_its_totals(page, worker, tmp_path):
    province, _campaign = small_year(areas=8)
    leader = account("leader", province)
    leader.set_password(PASSWORD)
    leader.save()
    sign_in(page, leader)

    page.get_by_role("link", name="Báo cáo", exact=True).click()
    page.get_by_role("combobox", name="Năm báo cáo").select_option("2023")
    page.get_by_role("button", name="Lập báo cáo").click()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Tải PDF").click(timeout=90_000)
    downloaded.value.save_as(tmp_path / "summary.pdf")

    assert downloaded.value.suggested_filename == "bao-cao-tong-ket-2023-tinh-hau-giang.pdf"
    text = text_of(tmp_path / "summary.pdf")
    assert "Hậu Giang" in text
    found = [number_before(code, text) for code in ("A1", "B2", "B3", "B4", "B5")]
    assert found == totals(province)
    assert found[0] == sum(found[1:]) == 38


def test_typing_in_the_list_of_results_leads_to_a_unit_that_explains_itself(page):
    province, _campaign = small_year()
    staff = account("staff", province)
    staff.set_password(PASSWORD)
    staff.save()
    sign_in(page, staff)

    page.get_by_role("link", name="Kết quả", exact=True).click()
    page.get_by_label("Tên hoặc mã").press_sequentially("ap 1")
    page.get_by_text("Dòng 1–3 trong tổng số 3").wait_for()
    page.get_by_role("link", name="Ấp 1").first.click()

    assert page.get_by_role("heading", level=1).inner_text() == "Ấp 1"
    assert page.get_by_role("heading", name="Từng tiêu chí").is_visible()
