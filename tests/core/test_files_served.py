"""One door for all files: signed links of one account, attachments, PDF and images in place, the emergency removal."""

import io
import time

import pytest
from django.core.signing import TimestampSigner
from django.utils import timezone

from movement.audit.models import Entry
from movement.core import serving, store
from movement.core.files import damaged_files, file_keep
from movement.core.models import StoredFile
from movement.core.serving import file_link
from tests.factories.ground import account, version

pytestmark = pytest.mark.django_db(transaction=True)
PDF = b"%PDF-1.7 " + bytes(range(100))


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


def keep(data=PDF, content_type="application/pdf", name="Kế hoạch.pdf", unit=None, actor="thử"):
    unit_id = unit and unit.unit_id
    return file_keep(
        io.BytesIO(data), name=name, content_type=content_type, actor=actor, unit_id=unit_id, kind="evidence"
    )


@pytest.fixture
def user(client):
    user = account("clerk", version("province"))
    client.force_login(user)
    return user


def test_a_link_gives_the_file_as_an_attachment_that_nothing_runs_in(client, user):
    answer = client.get(file_link(user, keep()))

    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''K%E1%BA%BF%20ho%E1%BA%A1ch.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "script" not in policy
    assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("content_type", "shown"),
    [
        ("application/pdf", True),
        ("image/png", True),
        ("image/jpeg", True),
        ("image/svg+xml", False),
        ("text/html", False),
        ("text/csv; charset=utf-8", False),
    ],
)
def test_only_pdf_and_images_are_shown_in_place(client, user, content_type, shown):
    link = file_link(user, keep(content_type=content_type), view=True)

    assert link.startswith("/tep/xem/") == shown
    assert client.get(link)["Content-Disposition"].startswith("inline" if shown else "attachment")


def test_a_link_to_download_does_not_show_in_place_and_the_other_way_round(client, user):
    link = file_link(user, keep())

    assert client.get(link.replace("/tep/", "/tep/xem/")).status_code == 404
    assert client.get(file_link(user, keep(), view=True).replace("/xem/", "/")).status_code == 404


def test_another_account_finds_nothing_behind_a_link(client, user):
    link = file_link(user, keep())
    client.force_login(account("admin", version("province")))

    assert client.get(link).status_code == 404
    client.logout()
    assert client.get(link).status_code == 302


def test_a_link_is_refused_once_an_assignment_has_been_taken_away(client, user):
    link = file_link(user, keep())
    assert client.get(link).status_code == 200
    account("council", version("province")).assignments.update(user=user)
    assert client.get(link).status_code == 200  # one more does no harm
    user.assignments.filter(role="clerk").update(cancelled_at=timezone.now())

    answer = client.get(link)

    assert answer.status_code == 403
    assert "đã hết hạn" in answer.content.decode()


def test_a_link_is_refused_once_its_time_is_over(client, user, monkeypatch):
    link = file_link(user, keep())
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + serving.LIFE - 5)
    assert client.get(link).status_code == 200
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + serving.LIFE + 5)

    answer = client.get(link)

    assert answer.status_code == 403
    assert "đã hết hạn" in answer.content.decode()


def test_a_tampered_link_is_refused(client, user):
    file, other = keep(), keep(b"%PDF-1.7 other")
    token = file_link(user, file).split("/")[2]
    body = TimestampSigner(salt="another").sign_object([other.ulid, user.pk, 0, ""])

    for wrong in (token[:-1] + ("a" if token[-1] != "a" else "b"), "x" + token, body, "x", other.ulid):
        assert client.get(f"/tep/{wrong}/").status_code == 404


def test_a_removed_content_is_told_and_not_served(client, user):
    file = keep()
    link = file_link(user, file)
    store.files.remove(file.sha256)

    assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-3", 206, PDF[:4]),
        ("bytes=9-", 206, PDF[9:]),
        ("bytes=-5", 206, PDF[-5:]),
        ("bytes=4-100000", 206, PDF[4:]),
        ("bytes=500-", 416, b""),
        ("bytes=0-1,4-5", 200, PDF),
        ("lines=1-2", 200, PDF),
    ],
)
def test_a_part_of_a_file_may_be_asked_for(client, user, asked, status, part):
    answer = client.get(file_link(user, keep(), view=True), headers={"Range": asked})

    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert (answer.status_code, content) == (status, part)
    if status == 206:
        start = PDF.index(part)
        assert answer["Content-Range"] == f"bytes {start}-{start + len(part) - 1}/{len(PDF)}"


# --- the emergency removal ------------------------------------------------------------------------
@pytest.fixture
def places():
    province, other = version("province"), version("province")
    return {"province": province, "other": other, "commune": version("commune", province)}


@pytest.mark.parametrize(
    ("role", "at", "listed", "opened"),
    [
        ("admin", "province", 200, 200),
        ("staff", "province", 200, 200),
        ("admin", "other", 200, 404),
        ("staff", "other", 200, 404),
        ("auditor", "province", 403, 403),
        ("leader", "province", 403, 403),
        ("commune_officer", "commune", 403, 403),
    ],
)
def test_who_may_remove_a_file(client, places, role, at, listed, opened):
    file = keep(unit=places["commune"], name="mat.pdf")
    keep(b"%PDF-1.7 other", unit=places["other"], name="khac.pdf")
    client.force_login(account(role, places[at]))

    page = client.get("/tep/huy/")

    assert (page.status_code, client.get(f"/tep/huy/{file.ulid}/").status_code) == (listed, opened)
    if listed == 200:
        own = "mat.pdf" if at == "province" else "khac.pdf"
        assert [row.original_name for row in page.context["files"]] == [own]
    answer = client.post(f"/tep/huy/{file.ulid}/", {"reason": "lộ", "sure": "on", "rows": 1})
    assert (answer.status_code == 302) == (opened == 200)
    assert store.files.exists(file.sha256) == (opened != 200)


def test_a_removal_says_what_goes_and_destroys_every_row_of_that_content(client, places):
    file, same = keep(unit=places["commune"], name="1.pdf"), keep(unit=places["other"], name="2.pdf", actor="khác")
    other = keep(b"%PDF-1.7 other", unit=places["commune"])
    client.force_login(account("admin", places["province"]))
    url = f"/tep/huy/{file.ulid}/"

    page = client.get(url)
    assert (page.context["count"], page.context["units"], page.context["people"]) == (2, 2, 2)
    assert client.post(url, {"reason": "", "sure": "on", "rows": 2}).status_code == 422
    assert client.post(url, {"reason": "lộ", "rows": 2}).status_code == 422
    assert client.post(url, {"reason": "lộ", "sure": "on", "rows": 1}).status_code == 409
    assert store.files.exists(file.sha256)

    assert client.post(url, {"reason": "lộ bí mật", "sure": "on", "rows": 2}).status_code == 302

    same.refresh_from_db()
    assert (store.files.exists(file.sha256), same.removed_reason) == (False, "lộ bí mật")
    assert store.files.exists(other.sha256)
    told = Entry.objects.filter(action="file.remove").values_list("object_id", "unit_id", "reason")
    assert sorted(told) == sorted(
        [(file.ulid, places["commune"].unit_id, "lộ bí mật"), (same.ulid, places["other"].unit_id, "lộ bí mật")]
    )
    assert list(damaged_files()) == []
    assert StoredFile.objects.filter(removed_at__isnull=False).count() == 2
    assert "đã bị" in client.get(url).content.decode()
