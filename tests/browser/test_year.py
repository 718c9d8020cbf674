"""One year from the first point to the leader's summary, six people in a real Chromium.

Ten residential areas and a school of one commune: entered, checked, returned, decided, published; an exemplar chosen,
a commendation decided; the summary on paper equals a plain count in SQL.
"""

from decimal import Decimal as D
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.db import connection
from pikepdf import Pdf
from playwright.sync_api import expect

from awards.models import Award
from movement.classification.enums import Stage, State
from movement.classification.models import Assessment, PublishedResult, Return, Score
from movement.exemplars.models import Exemplar
from tests.factories.classification import campaign
from tests.factories.ground import account, legacy_ground, version
from tests.reports.papers import number_before, text_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Mot-mat-khau-dai-2026!"
SAVED = "Đã lưu mọi thay đổi."
SIGNER = "Nguyễn Văn Minh Họa"
AREAS = [f"Ấp minh họa {number}" for number in range(1, 11)]
# what is typed for the residential areas in turn: 99,5 (Xuất sắc), 80 (Khá), 60 (Trung bình), 30 (Yếu)
TURNS = [("30", "29,5", "40"), ("25", "25", "30"), ("20", "20", "20"), ("10", "10", "10")]
TYPED = {name: TURNS[at % 4] for at, name in enumerate(AREAS)}
RETURNED = AREAS[5]
REASON = "Thiếu biên bản họp dân"


@pytest.fixture
def year():
    """Ten residential areas and a school of one commune, two open campaigns of 2023, six accounts."""
    province, _district, commune = legacy_ground()
    for number, name in enumerate(AREAS, 1):
        version("residential_area", commune, code=f"KDC-{number:02}", name=name)
    school = version("school", commune, code="TH-1", name="Trường minh họa")
    for code, kind in (("HD-KDC", "residential_area"), ("HD-TRUONG", "school")):
        campaign(province, code=code, title=f"Bộ tiêu chí {kind}", unit_kinds=[kind], adjustments=[])
    places = {
        "commune_officer": commune, "unit_rep": school, "commune_lead": commune, "clerk": commune, "staff": province,
        "leader": province,
    }  # fmt: skip
    for role, at in places.items():
        user = account(role, at, username=role)
        user.set_password(PASSWORD)
        user.save()
    return province


def test_six_people_take_one_year_from_the_first_point_to_the_summary(page, phone, year, worker, tmp_path):
    minutes = scan(tmp_path, "bien-ban.pdf")
    the_officer_enters_ten_areas_with_the_keyboard(page)
    the_school_scores_itself_on_a_telephone(phone, minutes)
    the_lead_returns_one_area_and_checks_the_rest(page)
    the_officer_corrects_it(page)
    the_commune_decides_and_publishes(page, minutes)
    the_province_decides_and_publishes_the_school(page, minutes)
    the_staff_choose_an_exemplar(page)
    the_staff_decide_a_commendation(page)
    the_leader_reads_the_summary(page, year, tmp_path)


def sign_in(page, name):
    """``name`` at the page of their work, whoever sat there before."""
    page.context.clear_cookies()
    page.goto("/cham-diem/")
    page.locator("#id_login").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/cham-diem/")


def scan(tmp_path, name):
    paper, content = Pdf.new(), BytesIO()
    paper.add_blank_page()
    paper.save(content)
    path = tmp_path / name
    path.write_bytes(content.getvalue())
    return str(path)


def tab_to(page, target):
    """Walk with the Tab key until ``target`` has the focus."""
    for _press in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the Tab key does not get there")


def states(**where):
    """``{step: units}``."""
    found = list(Assessment.objects.filter(**where).values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def take_on(page, title, button):
    """All of a list of one's work a step further, after the page that says what that does."""
    page.goto("/cham-diem/")
    page.get_by_role("link", name=title).press("Enter")
    page.get_by_role("button", name=button).press("Enter")
    page.get_by_role("button", name="Chuyển bước").press("Enter")
    expect(page.get_by_text("Đã chuyển", exact=False).first).to_be_visible()


# --- 1. The officer ---------------------------------------------------------------------------------------
def the_officer_enters_ten_areas_with_the_keyboard(page):
    """No mouse: for each area one key to the first empty cell, the points, one key to save and go on."""
    sign_in(page, "commune_officer")
    tab_to(page, page.get_by_role("link", name="Đơn vị chưa chấm điểm xong"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name=AREAS[0], exact=True))
    page.keyboard.press("Enter")
    strokes = 0
    for name, (first, second, third) in TYPED.items():
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.wait_for_load_state("domcontentloaded")  # the keys are heard from here on
        for key in ("Alt+m", *first, "Enter", *second, "Enter", *third):
            page.keyboard.press(key)
            strokes += 1
        page.keyboard.press("Alt+n")
        strokes += 1
    page.wait_for_url("**/ky/**")
    assert strokes == 106  # ten and a half for a residential area of three criteria
    stored = {name: {} for name in AREAS}
    for row in Score.objects.filter(stage=Stage.SELF).select_related("assessment", "criterion"):
        stored[row.assessment.unit_name][row.criterion.code] = row.points
    assert stored == {
        name: dict(zip(("1.1", "1.2", "2"), (D(text.replace(",", ".")) for text in texts), strict=True))
        for name, texts in TYPED.items()
    }
    take_on(page, "Đơn vị đã chấm xong, chờ gửi", "Chuyển cả 10 đơn vị")
    assert states(unit_kind="residential_area") == {State.SUBMITTED: 10}


# --- 2. The school ----------------------------------------------------------------------------------------
def the_school_scores_itself_on_a_telephone(phone, file):
    sign_in(phone, "unit_rep")
    phone.get_by_role("link", name="Đơn vị chưa chấm điểm xong").tap()
    phone.get_by_role("link", name="Trường minh họa").tap()
    for code, text in (("1\\.1", "30"), ("1\\.2", "25"), ("2", "40")):
        phone.locator(f"#c-{code}").fill(text)
        phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    expect(phone.locator("[data-sync]")).to_have_text(SAVED)
    line = phone.locator("#l-1\\.1")
    line.get_by_text("Gắn tệp").tap()
    line.locator("input[type=file]").set_input_files(file)
    line.get_by_label("Trang cần xem").fill("1")
    line.get_by_text("Tôi cam kết").tap()
    line.get_by_role("button", name="Tải lên").tap()
    expect(line.get_by_role("link", name="bien-ban.pdf")).to_be_visible()
    phone.get_by_role("button", name="Chuyển sang “Đã gửi”").tap()
    expect(phone.get_by_text("Đã chuyển", exact=False).first).to_be_visible()
    assert states(unit_kind="school") == {State.SUBMITTED: 1}


# --- 3. The lead checks -----------------------------------------------------------------------------------
def the_lead_returns_one_area_and_checks_the_rest(page):
    sign_in(page, "commune_lead")
    page.get_by_role("link", name="Hồ sơ chờ kiểm tra").press("Enter")
    page.get_by_role("link", name=RETURNED, exact=True).press("Enter")
    page.locator("#whole").fill(REASON)
    page.get_by_role("button", name="Trả lại kèm lý do").press("Enter")
    expect(page.get_by_text("Đã trả lại hồ sơ")).to_be_visible()
    assert Return.objects.get().reason == REASON
    take_on(page, "Hồ sơ chờ kiểm tra", "Chuyển cả 9 đơn vị")
    assert states(unit_kind="residential_area") == {State.SELF_SCORED: 1, State.CHECKED: 9}


def the_officer_corrects_it(page):
    sign_in(page, "commune_officer")
    expect(page.get_by_role("link", name="Đơn vị đã chấm xong, chờ gửi")).to_have_count(0)  # it came back: one line
    page.get_by_role("link", name="Hồ sơ bị trả lại, cần chấm lại").press("Enter")
    page.get_by_role("link", name=RETURNED, exact=True).press("Enter")
    expect(page.get_by_text(REASON)).to_be_visible()
    page.locator("#c-1\\.1").fill("10")
    page.keyboard.press("Enter")
    expect(page.locator("[data-sync]")).to_have_text(SAVED)
    page.get_by_role("button", name="Chuyển sang “Đã gửi”").press("Enter")
    expect(page.get_by_text("Đã chuyển", exact=False).first).to_be_visible()
    again = Assessment.objects.get(unit_name=RETURNED)
    assert (again.state, again.points, again.class_code) == (State.SUBMITTED, D(65), "trung_binh")
    sign_in(page, "commune_lead")
    take_on(page, "Hồ sơ chờ kiểm tra", "Chuyển cả 1 đơn vị")
    take_on(page, "Hồ sơ chờ thẩm định", "Chuyển cả 10 đơn vị")
    assert states(unit_kind="residential_area") == {State.APPRAISED: 10}


# --- 4. The commune decides -------------------------------------------------------------------------------
def record_minutes(page, count, number, file):
    """What the minutes decided, with their scan."""
    page.goto("/cham-diem/")
    page.get_by_role("link", name="Hồ sơ chờ ghi quyết định theo biên bản").press("Enter")
    page.get_by_role("link", name=f"Ghi xét duyệt cả {count} đơn vị").press("Enter")
    page.get_by_label("Số biên bản").fill(number)
    page.get_by_label("Số biên bản").press("Tab")
    page.keyboard.type("20/11/2023")
    page.locator("#id_scan").set_input_files(file)
    page.get_by_label("Tôi cam kết").check()
    page.get_by_role("button", name=f"Ghi {count} đơn vị đã xét duyệt").press("Enter")
    expect(page.get_by_role("link", name=f"Công bố {count} đơn vị")).to_be_visible()


def publish(page, count, number):
    """Number, date and signer of the signed decision; the page that says what that does; then public."""
    page.goto("/cham-diem/")
    page.get_by_role("link", name="Kết quả chờ công bố").press("Enter")
    page.get_by_role("link", name=f"Công bố {count} đơn vị").press("Enter")
    page.get_by_label("Số, ký hiệu quyết định").fill(number)
    page.get_by_label("Ngày ký").fill("24/11/2023")
    page.get_by_label("Người ký", exact=False).first.fill(SIGNER)
    page.get_by_role("button", name="Tiếp tục").press("Enter")
    expect(page.get_by_text(f"Kết quả của {count} đơn vị được công bố.", exact=False)).to_be_visible()
    page.get_by_role("button", name=f"Công bố {count} đơn vị").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Quyết định số {number}")


def the_commune_decides_and_publishes(page, file):
    record_minutes(page, 10, "05/BB-BCĐ", file)
    sign_in(page, "clerk")
    publish(page, 10, "12/QĐ-BCĐ")
    assert PublishedResult.objects.filter(unit__assessments__unit_kind="residential_area").count() == 10
    assert states(unit_kind="residential_area") == {State.PUBLISHED: 10}


# --- 5. The province --------------------------------------------------------------------------------------
def the_province_decides_and_publishes_the_school(page, file):
    sign_in(page, "staff")
    take_on(page, "Hồ sơ chờ kiểm tra", "Chuyển cả 1 đơn vị")
    take_on(page, "Hồ sơ chờ thẩm định", "Chuyển cả 1 đơn vị")
    record_minutes(page, 1, "06/BB-BCĐ", file)
    publish(page, 1, "14/QĐ-BCĐ")
    school = Assessment.objects.get(unit_kind="school")
    assert (school.state, school.class_code, school.points) == (State.PUBLISHED, "xuat_sac", D(95))


# --- 6. Exemplars and commendations -----------------------------------------------------------------------
def the_staff_choose_an_exemplar(page):
    """From the classes of 2023, by the signed decision."""
    page.get_by_role("link", name="Điển hình", exact=True).click()
    page.get_by_role("link", name="Xét chọn").click()
    page.get_by_label(f"Chọn {AREAS[0]}", exact=True).check()
    page.get_by_role("button", name="Đưa các đơn vị đã đánh dấu").press("Enter")
    page.get_by_role("link", name="Ghi quyết định chọn 1 đơn vị").press("Enter")
    page.get_by_label("Số, ký hiệu quyết định").fill("03/QĐ-BCĐ")
    page.get_by_label("Ngày ký").fill("20/02/2024")
    page.get_by_label("Người ký", exact=False).first.fill(SIGNER)
    page.get_by_role("button", name="Ghi quyết định").press("Enter")
    expect(page.get_by_text("Đã chọn 1 điển hình năm 2024", exact=False)).to_be_visible()
    assert list(Exemplar.objects.values_list("unit_name", "year")) == [(AREAS[0], 2024)]


def the_staff_decide_a_commendation(page):
    """A round of 2023 with the school, whom its class suggests; decided by number, date and signer."""
    page.get_by_role("link", name="Khen thưởng", exact=True).click()
    page.get_by_role("link", name="Các đợt khen thưởng").click()
    page.get_by_role("link", name="Mở đợt mới").first.click()
    page.get_by_label("Tên đợt khen thưởng").fill("Khen thưởng phong trào năm 2023")
    page.get_by_label("Thời gian lập thành tích, từ ngày").fill("01/01/2023")
    page.get_by_label("đến hết ngày").fill("31/12/2023")
    page.get_by_role("button", name="Mở đợt").press("Enter")
    page.get_by_role("link", name="Gợi ý đề nghị").press("Enter")
    page.get_by_label("Trường minh họa").check()
    page.get_by_label("Thành tích").fill("Thành tích minh họa")
    page.get_by_role("button", name="Thêm vào đợt").press("Enter")
    expect(page.get_by_text("Đã thêm 1 đề nghị.")).to_be_visible()
    page.get_by_role("link", name="Ghi quyết định").press("Enter")
    page.get_by_label("Số, ký hiệu quyết định").fill("13/QĐ-UBND")
    page.get_by_label("Ngày ký").fill("15/01/2024")
    page.get_by_label("Người ký", exact=False).first.fill(SIGNER)
    page.get_by_role("button", name="Tiếp tục").press("Enter")
    assert not Award.objects.exists()
    page.get_by_role("button", name="Ghi 1 khen thưởng vào sổ").press("Enter")
    expect(page.get_by_text("Đã ghi vào sổ khen thưởng", exact=False)).to_be_visible()
    assert Award.objects.get().decision.number == "13/QĐ-UBND"


# --- 7. The leader ----------------------------------------------------------------------------------------
TOTALS = """
SELECT count(*), count(*) FILTER (WHERE a.class_code = 'xuat_sac'), count(*) FILTER (WHERE a.class_code = 'kha'),
       count(*) FILTER (WHERE a.class_code = 'trung_binh'), count(*) FILTER (WHERE a.class_code = 'yeu')
  FROM classification_assessment a JOIN classification_campaign c ON c.id = a.campaign_id
 WHERE c.year = 2023 AND c.province_id = %(province)s AND a.state = 'published'
"""
EXEMPLARS = "SELECT count(*) FROM exemplars_exemplar WHERE year = 2024 AND province_id = %(province)s"
AWARDS = """
SELECT count(*) FROM awards_award
 WHERE province_id = %(province)s AND recipient_kind = 'collective'
   AND upper(achieved) - 1 BETWEEN DATE '2023-01-01' AND DATE '2023-12-31'
"""

STATEMENTS = {"classes": TOTALS, "exemplars": EXEMPLARS, "awards": AWARDS}
CODES = {"classes": ("A1", "B2", "B3", "B4", "B5"), "exemplars": ("F1",), "awards": ("G1",)}


def counted(statement, province):
    with connection.cursor() as cursor:
        cursor.execute(statement, {"province": province.unit_id})
        return list(cursor.fetchone())


def the_leader_reads_the_summary(page, province, tmp_path):
    """Asked for, waited for, taken home; the numbers on paper are those of the tables."""
    sign_in(page, "leader")
    page.get_by_role("link", name="Báo cáo", exact=True).click()
    page.get_by_role("combobox", name="Năm báo cáo").select_option("2023")
    page.get_by_role("button", name="Lập báo cáo").click()
    with page.expect_download(timeout=90_000) as downloaded:
        page.get_by_role("link", name="Tải PDF").click(timeout=90_000)
    downloaded.value.save_as(tmp_path / "summary.pdf")
    text = text_of(tmp_path / "summary.pdf")
    found = {part: [number_before(code, text) for code in codes] for part, codes in CODES.items()}
    assert found == {part: counted(statement, province) for part, statement in STATEMENTS.items()}
    assert found == {"classes": [11, 4, 2, 3, 2], "exemplars": [1], "awards": [1]}
    assert "Dự thảo" not in text
