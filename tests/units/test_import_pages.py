"""The pages of an import: who may open them, what they show, and that few and many lines are written alike."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from movement.core.jobs import job_wait
from movement.core.models import Job, StoredFile
from tests.factories.ground import REFORM, account
from tests.factories.units import csv_bytes, line
from units.import_models import ImportPreview
from units.import_rows import OPTIONAL, REQUIRED
from units.importing import table_of
from units.models import UnitVersion
from units.services import previews, unit_create

pytestmark = pytest.mark.django_db
PAGE, TEMPLATE = "/don-vi/nhap/", "/don-vi/nhap/mau/"
HTMX = {"HX-Request": "true"}


def area(commune, name, **more):
    more = {"valid_from": "2025-07-01"} | more
    return line(commune, name=name, kind="residential_area", managing_level="commune", **more)


@pytest.fixture
def staff(both, client):
    user = account("staff", at=both.new_province, since=REFORM)
    client.force_login(user)
    return user


def send(client, *rows, name="danh sách.csv", data=None, **more):
    file = SimpleUploadedFile(name, csv_bytes(*rows) if data is None else data)
    return client.post(PAGE, {"file": file, "declared": "on", "as_of": ""} | more)


# --- who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "at", "status"),
    [
        ("staff", "new_province", 200), ("admin", "new_province", 200), ("commune_lead", "ward", 200),
        ("commune_officer", "ward", 200), ("leader", "new_province", 403), ("auditor", "new_province", 403),
        ("clerk", "ward", 403),
    ],
)  # fmt: skip
def test_only_who_may_change_units_imports_them(both, client, role, at, status):
    client.force_login(account(role, at=getattr(both, at), since=REFORM))
    assert [client.get(url).status_code for url in (PAGE, TEMPLATE)] == [status, status]


def test_a_preview_is_its_owner_s_alone(both, client, staff):
    url = send(client, area(both.ward, "Ấp 1")).url
    client.force_login(account("staff", at=both.new_province, since=REFORM))

    assert client.get(url).status_code == 404
    assert [client.post(f"{url}{act}/").status_code for act in ("chon", "ghi")] == [404, 404]
    assert not UnitVersion.objects.filter(name="Ấp 1").exists()


# --- the template ---------------------------------------------------------------------------------


def template(client):
    return b"".join(client.get(TEMPLATE).streaming_content)


def test_the_template_is_read_by_its_own_reader(both, client, staff):
    data = template(client)

    table = table_of(data, filename="mau.xlsx")

    assert [p.code for p in table.problems] == ["no_rows"]
    assert set(table.headers) == {*REQUIRED, *OPTIONAL} - {"stand", "place_note"}


def test_the_template_s_headings_are_locked_and_its_cells_are_not(both, client, staff):
    page = openpyxl.load_workbook(io.BytesIO(template(client))).worksheets[0]

    assert page.protection.sheet
    assert page["A1"].protection.locked
    assert not page.column_dimensions["B"].protection.locked


def test_the_template_offers_the_communes_of_the_user_s_ground_alone(both, client):
    client.force_login(account("commune_officer", at=both.ward, since=REFORM))
    book = openpyxl.load_workbook(io.BytesIO(template(client)))

    rules = {str(rule.sqref): rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation}
    assert rules["E2:E20001"] == "'Danh mục'!$C$2:$C$2"
    assert book["Danh mục"]["C2"].value == "31441 - Xã Vị Thủy"
    assert [book["Danh mục"][f"A{row}"].value for row in (2, 6)] == ["Khu dân cư", None]


def test_the_template_is_vietnamese_whatever_the_pages_are(both, client, staff):
    client.cookies["django_language"] = "en"
    book = openpyxl.load_workbook(io.BytesIO(template(client)))
    assert [book["Danh mục"][f"{letter}2"].value for letter in "AB"] == ["Khu dân cư", "Cấp xã"]


def test_a_filled_template_is_imported(both, client, staff):
    book = openpyxl.load_workbook(io.BytesIO(template(client)))
    words = ["", "Ấp 1", "Khu dân cư", "ấp", "31441 - Xã Vị Thủy", "Cấp xã", date(2025, 7, 1)]
    for place, word in enumerate(words, start=1):
        book.worksheets[0].cell(2, place).value = word or None
    out = io.BytesIO()
    book.save(out)

    page = client.get(send(client, data=out.getvalue(), name="mau.xlsx").url)

    assert [(state, n) for state, _word, n, _chosen in page.context["tabs"] if n] == [("new", 1)]


# --- sending --------------------------------------------------------------------------------------


def test_a_file_is_declared_free_of_secrets_or_not_kept(both, client, staff):
    response = client.post(PAGE, {"file": SimpleUploadedFile("a.csv", csv_bytes(area(both.ward, "Ấp 1")))})

    assert response.status_code == 422
    assert not StoredFile.objects.exists()


def test_twelve_figures_are_asked_about(both, client, staff):
    rows = [area(both.ward, "Ấp 1", address="079123456789")]

    asked = send(client, *rows)
    assert (asked.status_code, "numbers_confirmed" in asked.content.decode()) == (422, True)
    assert send(client, *rows, numbers_confirmed="on").status_code == 302


def test_wrong_headings_are_shown_and_nothing_can_be_chosen(both, client, staff):
    page = client.get(send(client, data=b"ma,mau\n1,xanh\n").url)

    text = page.content.decode()
    assert "Chưa đọc được các dòng của tệp" in text
    assert "Thiếu cột này." in text
    assert 'name="line"' not in text


# --- looking, choosing, writing -------------------------------------------------------------------


def test_from_file_to_register(both, client, staff):
    unit_create(
        actor="x", name="Ấp III", kind="residential_area", managing_level="commune", start=REFORM, parent=both.ward.unit
    )
    url = send(
        client, area(both.ward, "Ấp 1"), area(both.ward, "Ấp 2"), area(both.ward, "Ấp 3"), area("99999", "Ấp 4")
    ).url

    page = client.get(url)
    assert [(state, n, chosen) for state, _word, n, chosen in page.context["tabs"] if n] == [
        ("new", 2, 2), ("unsure", 1, 0), ("error", 1, 0)
    ]  # fmt: skip
    unsure = client.get(f"{url}?tab=unsure").content.decode()
    assert "Ấp III" in unsure
    client.post(f"{url}chon/", {"tab": "new", "shown": ["2", "3"], "line": ["2"]})
    piece = client.post(f"{url}chon/", {"tab": "unsure", "shown": ["4"], "pick_4": "new"}, headers=HTMX)
    assert "Đã chọn 2 dòng để ghi" in piece.content.decode()

    written = client.post(f"{url}ghi/", {"once": "a"}, follow=True)

    assert "Đã ghi: thêm 2, thay đổi 0 đơn vị." in written.content.decode()
    names = UnitVersion.objects.filter(kind="residential_area").values_list("name", flat=True)
    assert set(names) == {"Ấp 1", "Ấp 3", "Ấp III"}
    assert "Đã ghi" not in client.post(f"{url}ghi/", {"once": "a"}, follow=True).context.get("messages", "")
    assert UnitVersion.objects.filter(kind="residential_area").count() == 3


def test_what_is_ticked_on_the_page_counts_when_it_is_sent_to_be_written(both, client, staff):
    url = send(client, area(both.ward, "Ấp 1"), area(both.ward, "Ấp 2")).url

    client.post(f"{url}ghi/", {"tab": "new", "shown": ["2", "3"], "line": ["3"]})

    assert set(UnitVersion.objects.filter(kind="residential_area").values_list("name", flat=True)) == {"Ấp 2"}


def test_both_values_of_a_change_stand_beside_each_other(both, client, staff):
    unit_create(
        actor="x",
        name="Sở Nội vụ",
        code="KT-1",
        kind="agency",
        managing_level="province",
        start=REFORM,
        parent=both.ward.unit,
    )
    row = line(
        both.ward, code="KT-1", name="Sở mới", valid_from="2025-07-01", managing_level="commune", valid_to="31/12/2026"
    )

    text = client.get(send(client, row).url).content.decode()

    found = re.findall(r"<li>([^<]+): <del>([^<]+)</del> → <ins>([^<]+)</ins></li>", text)
    assert found == [
        ("Tên đơn vị", "Sở Nội vụ", "Sở mới"),
        ("Cấp quản lý", "Cấp tỉnh", "Cấp xã"),
        ("Hiệu lực đến", "chưa có", "31/12/2026"),
    ]


@pytest.mark.parametrize("count", [3, 120])
def test_the_number_of_queries_of_a_preview_is_flat(both, client, staff, count, django_assert_max_num_queries):
    url = send(client, *(area(both.ward, f"Ấp {n}") for n in range(count))).url
    client.get(url)
    with django_assert_max_num_queries(12):
        client.get(url)


# --- long files -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_read_and_written_by_workers(both, client, staff, worker):
    count = previews.SMALL + 20
    url = send(client, *(area(both.ward, f"Ấp {n}") for n in range(count)), area("99999", "Ấp x")).url
    preview = ImportPreview.objects.get()
    assert preview.job is not None

    job = job_wait(preview.job)
    assert (job.state, job.error, job.total) == ("done", "", count + 1)
    page = client.get(url)
    assert [(state, n) for state, _word, n, _chosen in page.context["tabs"] if n] == [("new", count), ("error", 1)]
    assert len(page.context["page"].object_list) == 100

    client.post(f"{url}ghi/", {"once": "a"})
    client.post(f"{url}ghi/", {"once": "a"})
    job = job_wait(Job.objects.filter(kind=previews.JOB).first())

    assert (job.state, job.output) == ("done", {"created": count, "changed": 0, "left": 0})
    assert Job.objects.filter(kind=previews.JOB).count() == 2
    assert UnitVersion.objects.filter(kind="residential_area").count() == count
    assert f"đã thêm {count}" in client.get(url).content.decode()


@pytest.mark.django_db(transaction=True)
def test_while_a_long_list_is_on_its_way_the_page_says_how_far_it_is(both, client, staff):
    url = send(client, *(area(both.ward, f"Ấp {n}") for n in range(previews.SMALL + 1))).url

    page = client.get(url).content.decode()
    assert 'id="import-job"' in page
    piece = client.get(url, headers={**HTMX, "HX-Target": "import-job"})
    assert 'hx-trigger="every 2s"' in piece.content.decode()
    assert client.post(f"{url}ghi/").status_code == 302
    Job.objects.update(state="failed", error_code="x", error="Hỏng rồi.", finished_at="2026-01-01T00:00:00Z")
    assert client.get(url, headers={**HTMX, "HX-Target": "import-job"}).headers["HX-Refresh"] == "true"
    assert "Hỏng rồi." in client.get(url).content.decode()


def test_what_was_sent_before_is_linked_from_the_page(both, client, staff):
    url = send(client, area(both.ward, "Ấp 1")).url
    assert reverse("units:import_preview", args=[ImportPreview.objects.get().ulid]) == url
    assert url in client.get(PAGE).content.decode()
