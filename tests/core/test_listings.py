"""Lists as files: each page's own, under its filters, of what the reader may see; long ones by workers."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from movement.audit.models import Entry
from movement.core import listings
from movement.core.installation import DEMONSTRATION, setting_set
from movement.core.jobs import job_wait
from movement.core.models import Job
from tests.factories.awards import given, line, person
from tests.factories.exemplars import point, practice_model
from tests.factories.ground import REFORM, account, legacy_ground, today, version
from tests.factories.reports import small_year
from units.models import UnitVersion

pytestmark = pytest.mark.django_db
TODAY_LIST = "/don-vi/xuat/"


@pytest.fixture
def ground():
    """A province of today with two communes, an office and a hamlet in the first; another province."""
    province = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    first = version("commune", province, name="Xã Vị Thủy", code="31441", since=REFORM, level="province")
    second = version("commune", province, name="Xã Vị Thanh", code="31480", since=REFORM, level="province")
    version("agency", first, name="=Sở Nội vụ", code="KT-1", since=REFORM)
    version("residential_area", first, name="Ấp 1", code="", since=REFORM)
    version("agency", second, name="Cơ quan xã khác", since=REFORM)
    other = version("province", name="Tỉnh khác", code="96", since=REFORM)
    version("agency", other, name="Cơ quan bí ẩn", since=REFORM)
    return {"province": province, "first": first, "second": second}


def content(response):
    return b"".join(response.streaming_content)


def rows_of(response):
    """Of a CSV answer: ``(lines above the headings, {heading: cell} of each row)``."""
    lines = list(csv.reader(io.StringIO(content(response).decode("utf-8-sig"))))
    start = max(range(len(lines[:5])), key=lambda n: len(lines[n]))
    return [line[0] for line in lines[:start]], [
        dict(zip(lines[start], line, strict=True)) for line in lines[start + 1 :]
    ]


def take(client, user, url, **params):
    client.force_login(user)
    return client.get(url, {"format": "csv"} | params)


# --- the register of units ------------------------------------------------------------------------


def test_the_register_is_taken_home_under_the_filters_of_its_address(client, ground):
    staff = account("staff", at=ground["province"], since=REFORM)

    def names(**params):
        return {row["Tên đơn vị"] for row in rows_of(take(client, staff, TODAY_LIST, **params))[1]}

    assert names() == {"Thành phố Cần Thơ", "Xã Vị Thủy", "Xã Vị Thanh", "'=Sở Nội vụ", "Ấp 1", "Cơ quan xã khác"}
    assert names(kind="agency") == {"'=Sở Nội vụ", "Cơ quan xã khác"}
    assert names(place=ground["first"].unit.ulid, q="ap") == {"Ấp 1"}
    assert names(on="30/06/2025") == set()


def test_nobody_takes_home_what_lies_outside_the_ground(client, ground):
    rows = rows_of(take(client, account("commune_officer", at=ground["second"], since=REFORM), TODAY_LIST))[1]
    assert {row["Tên đơn vị"] for row in rows} == {"Xã Vị Thanh", "Cơ quan xã khác"}
    assert rows_of(take(client, account(), TODAY_LIST))[1] == []


def test_what_is_taken_home_comes_back_in_unchanged(client, ground):
    staff = account("staff", at=ground["province"], since=REFORM)
    for form in ("csv", "xlsx"):
        data = content(take(client, staff, TODAY_LIST, format=form))

        file = SimpleUploadedFile(f"don-vi.{form}", data)
        page = client.get(client.post("/don-vi/nhap/", {"file": file, "declared": "on"}).url)

        assert [(state, n) for state, _word, n, _chosen in page.context["tabs"] if n] == [("same", 6)]


def test_an_excel_file_has_the_day_above_and_the_mark_folded_away(client, ground):
    staff = account("staff", at=ground["province"], since=REFORM)
    response = take(client, staff, TODAY_LIST, format="xlsx", kind="agency", on="01/01/2026")

    page = openpyxl.load_workbook(io.BytesIO(content(response))).active
    assert page["A1"].value == "Danh sách tính đến ngày 01/01/2026."
    assert [cell.value for cell in page[2]][:3] == ["Mã đơn vị", "Tên đơn vị", "Loại đơn vị"]
    assert page.column_dimensions["Q"].hidden
    assert "no-store" in response.headers["Cache-Control"]
    assert "Danh%20s%C3%A1ch" in response.headers["Content-Disposition"]


def test_taking_a_list_home_is_in_the_trail(client, ground):
    staff = account("staff", at=ground["province"], since=REFORM)
    client.force_login(staff)
    client.head(TODAY_LIST)
    assert not Entry.objects.filter(action="list.export").exists()

    take(client, staff, TODAY_LIST, kind="agency")

    entry = Entry.objects.get(action="list.export")
    assert (entry.actor_id, entry.unit_id) == (staff.pk, ground["province"].unit_id)
    assert entry.sentence.startswith("Xuất danh sách đơn vị tính đến ngày ")
    assert entry.sentence.endswith("ra tệp CSV: 2 dòng.")


def test_made_up_data_say_so_on_the_sheet(client, ground):
    setting_set(key=DEMONSTRATION, value=True, actor="kiểm tra")
    cache.clear()
    notes, rows = rows_of(take(client, account("staff", at=ground["province"], since=REFORM), TODAY_LIST))
    cache.clear()
    assert notes[0] == "DỮ LIỆU MINH HỌA"
    assert len(rows) == 6


def test_filters_that_cannot_be_read_are_told(client, ground):
    response = take(client, account("staff", at=ground["province"], since=REFORM), TODAY_LIST, on="31/02/2026")
    assert response.status_code == 422
    assert "Ngày hoặc điều kiện lọc không đúng." in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_made_by_workers_for_who_asked(client, ground, worker, monkeypatch):
    monkeypatch.setattr(listings, "DIRECT", 3)
    staff = account("staff", at=ground["province"], since=REFORM)

    page = take(client, staff, TODAY_LIST, kind="")
    assert "Danh sách có 6 dòng" in page.content.decode()
    assert not Job.objects.exists()
    asked = client.post(f"{TODAY_LIST}?format=csv&kind=", {"once": page.context["once"]})
    assert client.post(f"{TODAY_LIST}?format=csv&kind=", {"once": page.context["once"]}).url == asked.url
    job = job_wait(Job.objects.get())

    assert (job.state, job.error, job.output["rows"]) == ("done", "", 6)
    assert "Tải tệp (6 dòng)" in client.get(asked.url).content.decode()
    rows = rows_of(client.get(f"{asked.url}tep/", follow=True))[1]
    assert len(rows) == 6
    assert Entry.objects.filter(action="list.export", actor_id=staff.pk).count() == 1
    staff.assignments.update(valid=(REFORM, today()))
    refused = client.get(f"{asked.url}tep/")
    assert refused.status_code == 403
    assert "Quyền của bạn đã thay đổi từ khi tệp này được lập" in refused.content.decode()
    client.force_login(account("staff", at=ground["province"], since=REFORM))
    assert [client.get(url).status_code for url in (asked.url, f"{asked.url}tep/")] == [404, 404]


# --- other lists ----------------------------------------------------------------------------------


def test_results_are_taken_home_with_the_columns_of_their_page(client):
    province, campaign = small_year()
    small_year(code="94")
    commune = UnitVersion.objects.get(province=province.unit, name="Xã A1")
    url = reverse("classification:export", args=[campaign.year])

    rows = rows_of(take(client, account("staff", province), url, campaign=campaign.ulid))[1]
    inside = rows_of(take(client, account("commune_officer", commune), url, campaign=campaign.ulid, result="kha"))[1]

    assert len(rows) == 23
    assert {"Đơn vị", "Địa bàn", "Điểm", "Kết quả", "Bước"} <= rows[0].keys()
    assert {row["Kết quả"] for row in inside} == {"Khá"}
    assert 0 < len(inside) < 7
    assert take(client, account(), url).status_code == 404


def test_collectives_and_persons_are_two_lists_and_names_are_for_few(client):
    province, _district, commune = legacy_ground()
    given(line(commune), person(commune, person_name="Lê Minh Họa"))
    staff, auditor = account("staff", province), account("unit_rep", commune)
    collectives, persons = reverse("awards:export"), reverse("awards:persons_export")

    book = rows_of(take(client, staff, collectives))[1]
    assert [row["Tập thể"] for row in book] == ["Thị trấn Nàng Mau"]
    assert "Lê Minh Họa" not in str(book)
    assert rows_of(take(client, staff, collectives, q="khong co"))[1] == []
    assert not Entry.objects.filter(action="award.persons_export").exists()

    named = rows_of(take(client, staff, persons))[1]

    assert [(row["Họ và tên, tên hộ"], row["Ngày quyết định"]) for row in named] == [("Lê Minh Họa", "15/01/2024")]
    entry = Entry.objects.get(action="award.persons_export")
    assert "Lê Minh Họa" not in entry.sentence
    assert take(client, auditor, persons).status_code == 403


def test_models_are_taken_home_as_of_the_day_of_their_page(client):
    province, _district, commune = legacy_ground()
    point(practice_model(province, name="Camera an ninh", code="MH-1"), commune, teams=2, members=30)
    staff = account("staff", province)
    url = reverse("exemplars:export")

    notes, rows = rows_of(take(client, staff, url, on="31/12/2023"))

    assert notes[0] == "Danh sách tính đến ngày 31/12/2023."
    assert rows == [
        {"Mô hình": "Camera an ninh", "Mã": "MH-1", "Lĩnh vực": rows[0]["Lĩnh vực"], "Trạng thái": "Đang hoạt động",
         "Điểm mô hình": "1", "Tổ": "2", "Thành viên": "30"}
    ]  # fmt: skip
    assert rows_of(take(client, staff, url, on="31/12/2023", q="khac"))[1] == []
    assert rows_of(take(client, staff, url, on=date(2019, 1, 1).isoformat()))[1] == []
