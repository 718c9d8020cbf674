"""Accounts from a workbook, and the codes that are handed over once."""

import io

import openpyxl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfReader

from movement.accounts.models import AccountList, Invitation, SealedSlips, User
from movement.accounts.services.importing import HEADINGS, accounts_make, accounts_plan
from movement.accounts.services.invitations import invitation_of
from movement.accounts.services.slips import Slip, slips_fill, slips_pdf
from movement.audit.models import Entry
from movement.core.models import Job
from movement.core.problems import Refused
from tests.factories.ground import REFORM, account, version

BASE = "/tai-khoan/quan-ly/danh-sach/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path


@pytest.fixture
def places():
    province = version("province", since=REFORM, code="92")
    found = {"province": province}
    for name, code in (("commune", "31333"), ("neighbour", "31340")):
        found[name] = version("commune", province, level="province", since=REFORM, code=code)
    found["far"] = version(
        "commune", version("province", since=REFORM, code="01"), level="province", since=REFORM, code="4"
    )
    return found


@pytest.fixture
def admin(client, places):
    user = account("admin", places["province"], username="quan-tri")
    client.force_login(user)
    return user


def workbook(*rows) -> SimpleUploadedFile:
    """Rows of ``name, position, username, role, code, since, until, email``; what is left out is empty."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, list(HEADINGS.values()))
        for number, row in enumerate(rows, start=1):
            page.write_row(number, 0, row)
    return SimpleUploadedFile("tai-khoan.xlsx", stream.getvalue())


def send(client, *rows) -> AccountList:
    response = client.post(BASE, {"file": workbook(*rows), "declared": "on"})
    assert response.status_code == 302, response.context["form"].errors
    return AccountList.objects.latest("pk")


GOOD = (
    ("Nguyễn Văn An", "Công an phường", "", "Cán bộ Công an cấp xã", "31333 - Phường", "", "", "an@vi-du.vn"),
    ("Nguyễn Văn An", "Công an xã", "", "commune_officer", "31340"),
    ("Lê Bình", "", "binh", "Văn thư", "31333", "01/12/2026", "31/12/2026"),
    ("Lê Bình", "", "binh", "Người kiểm tra cấp xã", "31340"),
)


def test_a_list_is_looked_at_then_made_then_handed_over_once(client, admin):
    asked = send(client, *GOOD)
    plan = client.get(f"{BASE}{asked.ulid}/").context["plan"]
    assert (plan.problems, [line.username for line in plan.lines]) == ([], ["an.nv", "an.nv2", "binh", "binh"])
    assert User.objects.filter(username="binh").count() == 0  # looking makes nothing

    for _twice in range(2):
        client.post(f"{BASE}{asked.ulid}/ghi/")

    made = User.objects.filter(username__in=["an.nv", "an.nv2", "binh"])
    assert {u.username: set(u.assignments.values_list("role", "unit__versions__code")) for u in made} == {
        "an.nv": {("commune_officer", "31333")},
        "an.nv2": {("commune_officer", "31340")},
        "binh": {("clerk", "31333"), ("commune_lead", "31340")},
    }
    assert Invitation.objects.count() == 0  # nobody can come in before the codes are handed over
    links = client.post(f"{BASE}{asked.ulid}/giao/", {"how": "links"}).context["links"]
    assert [(user.username, invitation_of(code).user) for user, code, _url in links] == [
        (user.username, user) for user in made.order_by("name", "pk")
    ]
    again = client.post(f"{BASE}{asked.ulid}/giao/", {"how": "slips"})
    assert (again.status_code, Invitation.objects.count()) == (302, 3)


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        (("", "", "", "Văn thư", "31333"), {("missing_value", "Họ và tên")}),
        (("A", "", "", "Chủ tịch", "31333"), {("unknown_role", "Vai trò")}),
        (("A", "", "", "Văn thư", "999"), {("unknown_unit", "Mã địa bàn, đơn vị")}),
        (("A", "", "", "Văn thư", "4"), {("not_allowed", "Mã địa bàn, đơn vị")}),
        (("A", "", "", "commune_officer", "92"), {("wrong_root", "Mã địa bàn, đơn vị")}),
        (("A", "", "QUAN-TRI", "Văn thư", "31333"), {("username_taken", "Tên đăng nhập")}),
        (("A", "", "a b", "Văn thư", "31333"), {("bad_username", "Tên đăng nhập")}),
        (("A", "", "", "Văn thư", "31333", "31/2/2026"), {("bad_date", "Từ ngày")}),
        (("A", "", "", "Văn thư", "31333", "02/01/2027", "01/01/2027"), {("bad_dates", "Đến ngày")}),
        (("A", "", "", "Văn thư", "31333", "", "", "khong"), {("bad_email", "Thư điện tử")}),
        (("A", "", "", "", ""), {("missing_value", "Vai trò"), ("missing_value", "Mã địa bàn, đơn vị")}),
    ],
)  # fmt: skip
def test_every_problem_is_told_by_line_and_column_and_nothing_is_made(client, admin, row, problems):
    asked = send(client, GOOD[0], row)

    plan = client.get(f"{BASE}{asked.ulid}/").context["plan"]
    client.post(f"{BASE}{asked.ulid}/ghi/")

    assert {(p.code, p.column) for p in plan.problems} == problems
    assert {p.line for p in plan.problems} == {3}
    assert set(User.objects.all()) == {admin}


def test_two_people_do_not_share_an_account(client, admin):
    asked = send(client, ("A", "", "chung", "Văn thư", "31333"), ("B", "", "chung", "Văn thư", "31340"))
    assert [p.code for p in accounts_plan(asked, actor=admin).problems] == ["two_people"]


def test_a_communes_administrator_makes_only_accounts_below(client, places):
    client.force_login(admin := account("admin", places["commune"]))
    asked = send(
        client, ("A", "", "", "Văn thư", "31333"), ("B", "", "", "Văn thư", "31340"), ("C", "", "", "admin", "31333"),
    )  # fmt: skip

    assert [(p.code, p.line) for p in accounts_plan(asked, actor=admin).problems] == [
        ("not_allowed", 3),
        ("not_allowed", 4),
    ]
    with pytest.raises(Refused):
        accounts_make(asked, actor=admin)


def test_somebody_elses_list_is_not_there(client, places, admin):
    asked = send(client, *GOOD)
    client.force_login(account("admin", places["province"]))
    for response in (
        client.get(f"{BASE}{asked.ulid}/"), client.post(f"{BASE}{asked.ulid}/ghi/"), client.post(f"{BASE}{asked.ulid}/giao/"),
    ):  # fmt: skip
        assert response.status_code == 404


def test_the_template_offers_what_one_may_give_and_comes_back_in(client, places):
    client.force_login(account("admin", places["commune"]))

    content = b"".join(client.get(f"{BASE}mau/").streaming_content)

    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [cell.value for cell in book["Tài khoản"][1]] == list(HEADINGS.values())
    choices = list(book["Danh mục"].values)
    assert {row[1] for row in choices[1:] if row[1]} == {f"31333 - {places['commune'].name}"}
    assert "Cán bộ cơ quan thường trực BCĐ" not in {row[0] for row in choices}
    lists = {
        str(rule.sqref): rule.formula1 for rule in book["Tài khoản"].data_validations.dataValidation if rule.formula1
    }
    assert lists == {"D2:D2001": "'Danh mục'!$A$2:$A$8", "E2:E2001": "'Danh mục'!$B$2:$B$2"}


def test_slips_are_one_a_person_four_a_page_in_the_type_of_the_decree(client, admin):
    asked = send(client, *[(f"Người {n}", "", f"nguoi{n}", "Văn thư", "31333") for n in range(5)])
    client.post(f"{BASE}{asked.ulid}/ghi/")

    response = client.post(f"{BASE}{asked.ulid}/giao/", {"how": "slips"})

    reader = PdfReader(io.BytesIO(response.content))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert (len(reader.pages), text.count("PHIẾU CẤP TÀI KHOẢN")) == (2, 5)
    assert {name for n in range(5) if (name := f"nguoi{n}") in text} == {f"nguoi{n}" for n in range(5)}
    fonts = {
        str(font.get_object()["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].values()
    }
    assert all("+Cong-Serif" in font for font in fonts), fonts


def test_a_slip_with_much_to_say_keeps_its_height():
    slip = Slip(
        "Tên " * 20,
        "Chức vụ " * 12,
        "u" * 50,
        [f"Quyền {n} " * 12 for n in range(6)],
        "aaaa-bbbb-cccc-dddd",
        timezone.now(),
    )
    pages = PdfReader(io.BytesIO(slips_pdf([slip] * 4, address="http://localhost/tai-khoan/moi/"))).pages
    assert len(pages) == 1
    assert pages[0].extract_text().count("aaaa-bbbb-cccc-dddd") == 4


# --- many slips -----------------------------------------------------------------------------------


@pytest.fixture
def printed(client, admin, monkeypatch):
    """More slips than are printed at once, as a worker leaves them."""
    monkeypatch.setattr("movement.accounts.views.bulk.DIRECT", 2)
    asked = send(client, *[(f"Người {n}", "", f"nguoi{n}", "Văn thư", "31333") for n in range(3)])
    client.post(f"{BASE}{asked.ulid}/ghi/")
    response = client.post(f"{BASE}{asked.ulid}/giao/", {"how": "slips"})
    row = SealedSlips.objects.get()
    assert response.url == f"/tai-khoan/quan-ly/phieu/{row.ulid}/"
    slips_fill(row, address="http://testserver/tai-khoan/moi/")
    return row, response


def test_many_slips_are_taken_once_by_the_browser_that_asked(client, printed):
    row, asked = printed
    assert asked.cookies["phieu"]["httponly"] and asked.cookies["phieu"]["samesite"] == "Strict"

    first, second = (client.post(asked.url) for _ in range(2))

    assert PdfReader(io.BytesIO(first.content)).pages[0].extract_text().count("PHIẾU CẤP TÀI KHOẢN") == 3
    assert second.status_code == 302
    row.refresh_from_db()
    assert (row.content, Entry.objects.filter(action="account.slips_taken").count()) == (None, 1)


def test_another_browser_of_the_same_account_reads_nothing(client, printed):
    row, asked = printed
    del client.cookies["phieu"]

    assert client.post(asked.url).status_code == 302
    row.refresh_from_db()
    assert row.fetched_at is None


def test_no_code_or_key_is_kept_in_clear(client, printed):
    _row, asked = printed
    pdf = client.post(asked.url)  # asked for last, so that the codes are known
    text = PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    codes = [word for word in text.split() if word.count("-") == 3]
    assert len(codes) == 3
    secrets = [*codes, *(code.replace("-", "") for code in codes), asked.cookies["phieu"].value]
    kept = [*Invitation.objects.values(), *SealedSlips.objects.values(), *Job.objects.values(), *Entry.objects.values()]
    assert not [secret for secret in secrets for one in kept if secret in str(one)]


def test_a_worker_prints_what_was_asked_for(client, admin, monkeypatch, transactional_db):
    from movement.accounts.handlers import SlipsPrinting

    monkeypatch.setattr("movement.accounts.views.bulk.DIRECT", 1)
    asked = send(client, *[(f"Người {n}", "", f"nguoi{n}", "Văn thư", "31333") for n in range(2)])
    client.post(f"{BASE}{asked.ulid}/ghi/")
    client.post(f"{BASE}{asked.ulid}/giao/", {"how": "slips"})

    assert SlipsPrinting().merge(Job.objects.get(kind="accounts.slips")) == {"slips": 2}
    assert SealedSlips.objects.get().content is not None
