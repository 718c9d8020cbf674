"""Check, return with a reason, decide from the minutes and publish, in a real Chromium and by keyboard."""

from decimal import Decimal as D
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from pikepdf import Pdf
from playwright.sync_api import expect

from movement.classification.enums import Stage, State
from movement.classification.models import PublishedResult, Return, Score
from movement.classification.services.publishing import results_publish
from movement.classification.services.scoring import Value, score_save
from movement.classification.services.steps import assessments_advance
from tests.factories.classification import campaign, score
from tests.factories.ground import account, legacy_ground, version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Mot-mat-khau-dai-2026!"
FULL = {"1.1": D(30), "1.2": D(30), "2": D(40)}


@pytest.fixture
def year():
    """Three submitted hamlets of one commune, its lead and clerk, and the account of one hamlet."""
    province, _district, commune = legacy_ground()
    hamlets = [version("residential_area", commune, code=f"KDC-{n}", name=f"Ấp minh họa {n}") for n in (1, 2, 3)]
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    officer = account("commune_officer", commune)
    score(opened, {h.code: FULL for h in hamlets}, actor=officer)
    ids = opened.assessments.values_list("pk", flat=True)
    assessments_advance(campaign=opened, ids=ids, to=State.SUBMITTED, actor=officer)
    opened.officer = officer
    for role, at in (("commune_lead", commune), ("unit_rep", hamlets[0])):
        user = account(role, at, username=role)
        user.set_password(PASSWORD)
        user.save()
    return opened


def sign_in(page, name):
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
    """Walk with the Tab key until ``target`` has the focus, as a person without a mouse does."""
    for _press in range(120):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the Tab key does not get there")


def test_a_lead_checks_returns_decides_and_publishes_with_the_keyboard(page, year, tmp_path):
    sign_in(page, "commune_lead")
    check_the_first(page)
    return_the_second(page)
    rest = year.assessments.get(unit_code="KDC-2")
    assessments_advance(campaign=year, ids=[rest.pk], to=State.SUBMITTED, actor=year.officer)
    accept(page, "Hồ sơ chờ kiểm tra", "Chuyển cả 2 đơn vị")
    accept(page, "Hồ sơ chờ thẩm định", "Chuyển cả 3 đơn vị")
    record_the_minutes(page, scan(tmp_path, "bien-ban.pdf"))
    publish(page)
    assert PublishedResult.objects.count() == 3


def check_the_first(page):
    """Change one criterion with its reason and take the hamlet on."""
    link = page.get_by_role("link", name="Hồ sơ chờ kiểm tra")
    tab_to(page, link)
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Ấp minh họa 1")
    tab_to(page, link)
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#c-1\\.1"))
    page.keyboard.type("25")
    page.keyboard.press("Enter")
    page.keyboard.type("Chưa có biên bản họp dân")
    page.keyboard.press("Enter")
    expect(page.locator("[data-sync]")).to_have_text("Đã lưu mọi thay đổi.")
    assert Score.objects.get(stage=Stage.CHECK).note == "Chưa có biên bản họp dân"
    move = page.get_by_role("button", name="Chuyển sang “Đã kiểm tra”")
    move.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ấp minh họa 2")


def return_the_second(page):
    """Send the whole dossier back."""
    tab_to(page, page.locator("#whole"))
    page.keyboard.type("Thiếu bản quét biên bản")
    tab_to(page, page.get_by_role("button", name="Trả lại kèm lý do"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã trả lại hồ sơ")).to_be_visible()
    assert Return.objects.get().reason == "Thiếu bản quét biên bản"


def accept(page, title, button):
    """Take all of a list a step further, after the page that says in numbers what that does."""
    page.goto("/cham-diem/")
    page.get_by_role("link", name=title).press("Enter")
    page.get_by_role("button", name=button).press("Enter")
    page.get_by_role("button", name="Chuyển bước").press("Enter")
    expect(page.get_by_text("Đã chuyển", exact=False).first).to_be_visible()


def record_the_minutes(page, file):
    """Decided, from the signed minutes."""
    page.goto("/cham-diem/")
    page.get_by_role("link", name="Hồ sơ chờ ghi quyết định theo biên bản").press("Enter")
    page.get_by_role("link", name="Ghi xét duyệt cả 3 đơn vị").press("Enter")
    tab_to(page, page.get_by_label("Số biên bản"))
    page.keyboard.type("05/BB-BCĐ")
    page.keyboard.press("Tab")
    page.keyboard.type("20/11/2023")
    page.locator("#id_scan").set_input_files(file)
    tab_to(page, page.get_by_label("Tôi cam kết"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Ghi 3 đơn vị đã xét duyệt"))
    page.keyboard.press("Enter")


def publish(page):
    """Number, date and signer from the signed decision; the page in numbers; then public."""
    page.get_by_role("link", name="Công bố 3 đơn vị").press("Enter")
    tab_to(page, page.get_by_label("Số, ký hiệu quyết định"))
    page.keyboard.type("12/QĐ-BCĐ")
    tab_to(page, page.get_by_label("Ngày ký"))
    page.keyboard.type("24/11/2023")
    tab_to(page, page.get_by_label("Người ký", exact=False).first)
    page.keyboard.type("Nguyễn Văn Minh Họa")
    tab_to(page, page.get_by_role("button", name="Tiếp tục"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kết quả của 3 đơn vị được công bố.", exact=False)).to_be_visible()
    assert not PublishedResult.objects.exists()
    tab_to(page, page.get_by_role("button", name="Công bố 3 đơn vị"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Quyết định số 12/QĐ-BCĐ")


def test_a_hamlets_own_account_reads_its_published_result_with_the_checkers_reason(phone, year):
    lead = account("commune_lead", _commune(year))
    first = year.assessments.get(unit_code="KDC-1")
    score_save(
        assessment_id=first.pk, stage=Stage.CHECK, code="1.1", base=Value(), new=Value(D(25), note="Chưa có biên bản"),
        edit_id="11111111-1111-4111-8111-111111111111", actor=lead,
    )  # fmt: skip
    assessments_advance(campaign=year, ids=year.assessments.values_list("pk", flat=True), to=State.DECIDED, actor=lead)
    results_publish(
        campaign=year, authority=_commune(year).unit, ids=None, number="1/QĐ", decided_on=first.campaign.tree_on,
        signer="Nguyễn Văn Minh Họa", authority_name="UBND", actor=lead,
    )  # fmt: skip
    sign_in(phone, "unit_rep")
    phone.get_by_role("link", name="Xem kết quả và lý do").first.click()
    expect(phone.get_by_text("Chưa có biên bản", exact=False).first).to_be_visible()
    expect(phone.get_by_text("1/QĐ", exact=False).first).to_be_visible()


def _commune(year):
    return year.assessments.first().authority.versions.get()
