"""The pages of a list of mergers: shown before it is written, written whole and once, taken back in one piece."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from movement.core.jobs import job_wait
from movement.core.tables import read_table
from tests.factories.ground import REFORM, account
from tests.factories.units import csv_bytes
from units.import_models import ImportPreview
from units.lineage_rows import ALIASES, COLUMNS, OPTIONAL, REQUIRED
from units.models import Lineage, RegisterChange, UnitVersion
from units.services import previews, unit_create

pytestmark = pytest.mark.django_db
PAGE = "/don-vi/nhap/sap-nhap/"


@pytest.fixture
def staff(both, client):
    user = account("staff", at=both.new_province, since=REFORM)
    client.force_login(user)
    return user


def hamlets(place, *names):
    for name in names:
        unit_create(
            actor="x", name=name, kind="residential_area", managing_level="commune", start=REFORM, parent=place.unit
        )


def merger(place, old, new, **more):
    told = {"old_code": "", "old_name": old, "commune_code": place.code, "new_code": "", "new_name": new}
    return told | {"share": "", "is_main": "", "decision": "12/NQ-HĐND", "date": "01/01/2026"} | more


def send(client, *rows):
    file = SimpleUploadedFile("sap-nhap.csv", csv_bytes(*rows, head=list(COLUMNS)))
    return client.post(PAGE, {"file": file, "declared": "on"})


@pytest.mark.parametrize(
    ("role", "at", "status"),
    [("staff", "new_province", 200), ("commune_lead", "ward", 200), ("auditor", "new_province", 403)],
)
def test_only_who_may_change_units_sends_mergers(both, client, role, at, status):
    client.force_login(account(role, at=getattr(both, at), since=REFORM))
    assert [client.get(url).status_code for url in (PAGE, f"{PAGE}mau/")] == [status, status]


def test_the_template_of_mergers_is_read_by_its_own_reader(both, client, staff):
    data = b"".join(client.get(f"{PAGE}mau/").streaming_content)
    table = read_table(data, filename="mau.xlsx", aliases=ALIASES, required=REQUIRED, optional=OPTIONAL)

    assert [p.code for p in table.problems] == ["no_rows"]
    assert tuple(table.headers) == COLUMNS
    assert openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].protection.sheet


def test_a_list_is_shown_then_written_whole_and_once(both, client, staff):
    hamlets(both.ward, "Ấp 1", "Ấp 2", "Ấp 3")
    before = UnitVersion.objects.count(), Lineage.objects.count()
    url = send(client, merger(both.ward, "Ấp 1", "Ấp Hòa Bình"), merger(both.ward, "Ấp 2", "Ấp Hòa Bình")).url

    text = client.get(url).content.decode()
    assert "nhập vào" in text
    assert "Ghi cả danh sách" in text
    assert (UnitVersion.objects.count(), Lineage.objects.count()) == before

    written = client.post(f"{url}ghi/", {"once": "a"})
    change = RegisterChange.objects.get()
    assert written.url == f"/don-vi/lich-su/{change.ulid}/"
    assert client.post(f"{url}ghi/", {"once": "b"}).status_code == 302
    assert RegisterChange.objects.count() == 1
    assert UnitVersion.objects.filter(name="Ấp Hòa Bình").count() == 1
    assert "xem hoặc hoàn tác" in client.get(url).content.decode()
    assert client.get(written.url).status_code == 200


def test_everything_wrong_is_shown_by_line_and_nothing_can_be_written(both, client, staff):
    hamlets(both.ward, "Ấp 1")
    url = send(client, merger(both.ward, "Ấp 1", "Ấp Mới"), merger(both.ward, "Ấp 9", "Ấp Mới"), {"date": "x"}).url

    text = client.get(url).content.decode()
    assert "Chưa có gì được ghi." in text
    assert "Ghi cả danh sách" not in text
    client.post(f"{url}ghi/", {"once": "a"})
    assert not RegisterChange.objects.exists()


def test_what_lies_outside_the_ground_is_not_merged(both, client):
    hamlets(both.second, "Ấp 1", "Ấp 2")
    client.force_login(account("commune_lead", at=both.ward, since=REFORM))
    url = send(client, merger(both.second, "Ấp 1", "Ấp 12"), merger(both.second, "Ấp 2", "Ấp 12")).url

    assert ImportPreview.objects.get().state == "refused"
    assert "Vị Thanh" not in client.get(url).content.decode().split("<main")[1]


def test_a_register_that_changed_meanwhile_refuses_the_whole_list(both, client, staff):
    hamlets(both.ward, "Ấp 1", "Ấp 2")
    url = send(client, merger(both.ward, "Ấp 1", "Ấp 12"), merger(both.ward, "Ấp 2", "Ấp 12")).url
    UnitVersion.objects.filter(name="Ấp 2").update(name="Ấp Hai Mươi")

    response = client.post(f"{url}ghi/", {"once": "a"})

    assert response.status_code == 409
    assert "Danh bạ đã thay đổi sau khi xem trước" in response.content.decode()
    assert not RegisterChange.objects.exists()


def test_a_preview_of_mergers_is_not_one_of_units_nor_of_others(both, client, staff):
    hamlets(both.ward, "Ấp 1")
    ulid = send(client, merger(both.ward, "Ấp 1", "Ấp Một")).url.strip("/").rsplit("/", 1)[1]

    assert client.get(f"/don-vi/nhap/{ulid}/").status_code == 404
    client.force_login(account("staff", at=both.new_province, since=REFORM))
    assert client.get(f"{PAGE}{ulid}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_long_list_of_mergers_goes_through_the_workers(both, client, staff, worker, monkeypatch):
    monkeypatch.setattr(previews, "SMALL", 1)
    hamlets(both.ward, "Ấp 1", "Ấp 2")
    url = send(client, merger(both.ward, "Ấp 1", "Ấp 12"), merger(both.ward, "Ấp 2", "Ấp 12")).url
    preview = ImportPreview.objects.get()
    job = job_wait(preview.job)
    assert (job.state, job.error) == ("done", "")

    client.post(f"{url}ghi/", {"once": "a"})
    preview.refresh_from_db()
    job = job_wait(preview.job)

    assert (job.state, job.output) == ("done", {"change": RegisterChange.objects.get().ulid})
    assert "xem hoặc hoàn tác" in client.get(url).content.decode()
