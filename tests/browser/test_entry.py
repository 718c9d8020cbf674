"""Entering points in a real Chromium: keyboard, two people at once, a lost line, an ended session."""

from decimal import Decimal as D
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from movement.classification.enums import State
from movement.classification.models import Score
from movement.classification.services.scoring import Value, score_save
from movement.classification.services.steps import assessments_advance
from tests.factories.classification import campaign, scheme_data, score
from tests.factories.ground import account, legacy_ground, version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Mot-mat-khau-dai-2026!"


@pytest.fixture
def desk():
    """Two hamlets, their officer and another officer of the same commune."""
    province, _district, commune = legacy_ground()
    for code in ("KDC-1", "KDC-2"):
        version("residential_area", commune, code=code, name=f"Ấp minh họa {code[-1]}")
    data = scheme_data()
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"], criteria=data["criteria"])
    opened.officer, opened.other = (
        account("commune_officer", commune, username=name) for name in ("can-bo", "can-bo-2")
    )
    opened.officer.set_password(PASSWORD)
    opened.officer.save()
    return opened


def sign_in(page, to="/cham-diem/"):
    page.goto(to)
    page.locator("#id_login").fill("can-bo")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == to)


def address(opened, code="KDC-1"):
    return f"/cham-diem/ho-so/{opened.assessments.get(unit_code=code).ulid}/"


def stored(code="KDC-1"):
    rows = Score.objects.filter(assessment__unit_code=code).select_related("criterion")
    return {s.criterion.code: s.points if s.points is not None else s.reason for s in rows}


def test_an_officer_enters_two_units_with_the_keyboard_alone(page, desk):
    sign_in(page)
    page.get_by_role("link", name="Đơn vị chưa chấm điểm xong").press("Enter")
    page.get_by_role("link", name="Ấp minh họa 1").press("Enter")
    for code in ("KDC-1", "KDC-2"):
        page.locator("#c-1\\.1").focus()
        for text in ("30", "29,5", "40"):
            page.keyboard.type(text)
            page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator("[data-sync]")).to_have_text("Đã lưu mọi thay đổi.")
        expect(page.locator("#result")).to_contain_text("99,5")
        assert stored(code) == {"1.1": D(30), "1.2": D("29.5"), "2": D(40)}
        page.keyboard.press("Alt+n")
        if code == "KDC-1":
            expect(page.get_by_role("heading", level=1)).to_have_text("Ấp minh họa 2")
    page.wait_for_url("**/ky/**")


def test_a_value_above_the_maximum_is_told_at_its_cell_and_not_sent(page, desk):
    sign_in(page, address(desk))
    page.locator("#c-1\\.1").fill("31")
    page.keyboard.press("Enter")
    expect(page.locator("#l-1\\.1 [data-said]")).to_contain_text("điểm chuẩn 30")
    assert stored() == {}


def test_somebody_elses_value_is_shown_and_one_chooses(page, desk):
    sign_in(page, address(desk))
    page.route("**/moi/", lambda route: route.abort())  # the change is not seen before one's own save
    a = desk.assessments.get(unit_code="KDC-1")
    save = {"assessment_id": a.pk, "stage": "self", "code": "1.1", "base": Value(), "actor": desk.other}
    score_save(new=Value(D(20)), edit_id="11111111-1111-4111-8111-111111111111", **save)
    page.locator("#c-1\\.1").fill("25")
    page.keyboard.press("Tab")
    said = page.locator("#l-1\\.1 [data-said]")
    expect(said).to_contain_text("20 (can-bo-2)")
    assert stored() == {"1.1": D(20)}
    said.get_by_role("button", name="Ghi giá trị của tôi").click()
    expect(page.locator("[data-sync]")).to_have_text("Đã lưu mọi thay đổi.")
    assert stored() == {"1.1": D(25)}


def test_what_was_typed_without_a_line_is_there_in_a_new_tab_and_is_sent(page, desk):
    sign_in(page, address(desk))
    page.route("**/luu/", lambda route: route.abort())
    page.locator("#c-1\\.1").fill("12,5")
    page.keyboard.press("Tab")
    expect(page.locator("[data-sync]")).to_contain_text("Chưa gửi được 1 thay đổi")
    context = page.context
    page.close()
    again = context.new_page()
    again.goto(address(desk))
    expect(again.locator("#c-1\\.1")).to_have_value("12,5")
    expect(again.locator("[data-sync]")).to_have_text("Đã lưu mọi thay đổi.")
    assert stored() == {"1.1": D("12.5")}


def test_when_the_session_has_ended_one_signs_in_again_in_place(page, desk):
    sign_in(page, address(desk))
    page.context.clear_cookies(name="sessionid")
    page.locator("#c-1\\.1").fill("7")
    page.keyboard.press("Tab")
    frame = page.frame_locator("#sign-in-again iframe")
    frame.locator("#id_login").fill("can-bo")
    frame.locator("#id_password").fill(PASSWORD)
    frame.get_by_role("button", name="Đăng nhập").first.click()
    expect(page.locator("[data-sync]")).to_have_text("Đã lưu mọi thay đổi.")
    expect(page.locator("#sign-in-again")).to_be_hidden()
    assert stored() == {"1.1": D(7)}


def test_a_file_is_tied_to_a_criterion_from_a_telephone(phone, desk, tmp_path):
    picture = tmp_path / "../anh bien ban.png"
    picture.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf0000000301010018dd8db00000000049454e44ae426082"
        )
    )
    sign_in(phone, address(desk))
    line = phone.locator("#l-1\\.1")
    line.get_by_text("Gắn tệp").click()
    line.locator("input[type=file]").set_input_files(str(picture))
    line.get_by_label("Trang cần xem").fill("1-2")
    line.get_by_text("Tôi cam kết").click()
    line.get_by_role("button", name="Tải lên").click()
    expect(line.get_by_role("link", name="anh bien ban.png")).to_be_visible()
    expect(line).to_contain_text("trang 1-2")


def test_a_checker_writes_why_points_change_and_the_reason_is_stored_with_them(page, desk):
    desk.officer.assignments.update(role="commune_lead")
    score(desk, {"KDC-1": {"1.1": D(30), "1.2": D(30), "2": D(40)}}, actor=desk.other)
    assessments_advance(
        campaign=desk, ids=[desk.assessments.get(unit_code="KDC-1").pk], to=State.SUBMITTED, actor=desk.other
    )
    sign_in(page, address(desk))
    points, note = page.locator("#c-1\\.1"), page.locator("#l-1\\.1 [data-field=note]")
    points.focus()
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    expect(note).to_be_focused()
    expect(page.locator("[data-sync]")).to_contain_text("Còn 1 điểm đã sửa nhưng chưa ghi lý do")
    page.reload()
    expect(points).to_have_value("20")
    page.keyboard.press("Alt+n")
    expect(note).to_be_focused()
    page.keyboard.type("Thiếu biên bản họp dân")
    page.keyboard.press("Enter")
    expect(page.locator("#c-1\\.2")).to_be_focused()
    expect(page.locator("[data-sync]")).to_have_text("Đã lưu mọi thay đổi.")
    row = Score.objects.get(stage="check")
    assert (row.points, row.note) == (D(20), "Thiếu biên bản họp dân")
    points.fill("30")
    page.keyboard.press("Tab")
    expect(note).to_be_hidden()
    expect(page.locator("[data-sync]")).to_have_text("Đã lưu mọi thay đổi.")
    row.refresh_from_db()
    assert (row.points, row.note) == (D(30), "")
