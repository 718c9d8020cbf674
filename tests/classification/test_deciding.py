"""Draft lists, what the minutes decided, the signed decision: who may, what is asked, what is frozen."""

from datetime import date
from decimal import Decimal as D
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from pikepdf import Pdf

from movement.accounts.enums import Role
from movement.audit.models import Entry
from movement.classification.decision_lists import draft_list
from movement.classification.enums import Stage, State
from movement.classification.honesty import commune_shares, flags_of
from movement.classification.models import Assessment, Flag, Minutes, PublishedResult
from movement.core.models import Decision, StoredFile
from movement.core.ulid import new_ulid
from tests.factories.classification import campaign, score, standard_data
from tests.factories.ground import account, legacy_ground, version

FULL = {"1.1": D(30), "1.2": D(30), "2": D(20)}
pytestmark = pytest.mark.django_db


def pdf(name="bien-ban.pdf"):
    paper, content = Pdf.new(), BytesIO()
    paper.add_blank_page()
    paper.save(content)
    return SimpleUploadedFile(name, content.getvalue(), "application/pdf")


@pytest.fixture
def ground():
    """Two communes with three hamlets each; those of the first are appraised but for the last."""
    province, district, commune = legacy_ground()
    other = version("commune", district, name="Xã Vị Trung")
    for place in (commune, other):
        for n in "123":
            version("residential_area", place, code=f"{place.code}-{n}", name=f"Ấp minh họa {n}")
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    opened.commune, opened.other, opened.ground, opened.district_version = commune, other, province, district
    ready = {f"{place.code}-{n}": FULL for place in (commune, other) for n in "12"}
    score(opened, ready, stage=Stage.FINAL)
    opened.lead = account("commune_lead", commune)
    return opened


def address(opened, *more, place=None):
    return "/".join(["/cham-diem/quyet-dinh", opened.ulid, (place or opened.commune).unit.ulid, *more, ""])


def rows_of(opened, place=None):
    return opened.assessments.filter(authority=(place or opened.commune).unit).order_by("unit_code")


def ready(opened, place=None):
    return rows_of(opened, place).filter(state=State.APPRAISED)


def minutes(rows, **changes):
    return {
        "sure": "1", "once": new_ulid(), "units": " ".join(a.ulid for a in rows), "number": "05/BB-BCĐ",
        "dated_on": "20/11/2023", "scan": pdf(), "declared": "on", **changes,
    }  # fmt: skip


def paper(**changes):
    return {
        "once": new_ulid(), "number": "12/QĐ-BCĐ", "decided_on": "24/11/2023", "authority_name": "Ban Chỉ đạo 138",
        "signer": "Nguyễn Văn Minh Họa", "signer_title": "Trưởng ban", "partial": "on", **changes,
    }  # fmt: skip


def decide_all(client, opened, place=None):
    client.force_login(opened.lead)
    return client.post(address(opened, "xet-duyet", place=place), minutes(ready(opened, place)))


def states(opened, place=None):
    return list(rows_of(opened, place).values_list("state", flat=True))


# --- the draft list -----------------------------------------------------------------------------------
def test_the_draft_list_shows_who_is_in_and_names_who_is_missing(client, ground):
    client.force_login(ground.lead)
    page = client.get(address(ground)).content.decode()
    assert page.count("Chọn Ấp minh họa") == 2
    assert "1 đơn vị chưa đến bước này" in page and "Ấp minh họa 3" in page
    assert "Ghi xét duyệt cả 2 đơn vị" in page


def test_a_list_counts_its_own_authority_only(ground):
    draft = draft_list(ground.lead, ground, ground.commune.unit.ulid)
    assert (draft.size("missing"), draft.size("appraised"), draft.classes("appraised")) == (1, 2, {"kha": 2})


@pytest.mark.parametrize(
    ("role", "where", "read", "decide"),
    [
        (Role.COMMUNE_LEAD, "commune", 200, 200),
        (Role.COMMUNE_OFFICER, "commune", 200, 403),
        (Role.CLERK, "commune", 200, 403),
        (Role.LEADER, "commune", 200, 403),
        (Role.COUNCIL, "commune", 200, 403),
        (Role.STAFF, "province", 200, 403),
        (Role.AUDITOR, "province", 200, 403),
        (Role.LEADER, "province", 200, 403),
        (Role.ADMIN, "province", 200, 403),
        (Role.DISTRICT_OFFICER, "district", 200, 403),
        (Role.COMMUNE_LEAD, "other", 404, 404),
        (Role.UNIT_REP, "hamlet", 404, 404),
        (None, None, 404, 404),
    ],
)
def test_who_reads_a_communes_list_and_who_decides_on_it(client, ground, role, where, read, decide):
    hamlet = ready(ground).first().unit.versions.get()
    places = {
        "commune": ground.commune, "other": ground.other, "province": ground.ground, "district": ground.district_version,
        "hamlet": hamlet,
    }  # fmt: skip
    client.force_login(account(role, places.get(where)))
    assert client.get(address(ground)).status_code == read
    assert client.get(address(ground, "xet-duyet")).status_code == decide
    posted = client.post(address(ground, "xet-duyet"), minutes(ready(ground)))
    assert posted.status_code == (302 if decide == 200 else decide)
    assert states(ground).count("decided") == (2 if decide == 200 else 0)


@pytest.mark.parametrize(
    ("role", "where", "status"),
    [
        (Role.COMMUNE_LEAD, "commune", 200),
        (Role.CLERK, "commune", 200),
        (Role.CLERK, "province", 403),
        (Role.COMMUNE_OFFICER, "commune", 403),
        (Role.LEADER, "commune", 403),
        (Role.STAFF, "province", 403),
        (Role.AUDITOR, "province", 403),
        (Role.COMMUNE_LEAD, "other", 404),
        (None, None, 404),
    ],
)
def test_who_fills_in_the_signed_decision(client, ground, role, where, status):
    decide_all(client, ground)
    places = {"commune": ground.commune, "other": ground.other, "province": ground.ground}
    client.force_login(account(role, places.get(where)))
    assert client.get(address(ground, "cong-bo")).status_code == status
    posted = client.post(address(ground, "cong-bo"), paper(sure="1", shown="2"))
    assert posted.status_code == (302 if status == 200 else status)
    assert PublishedResult.objects.count() == (2 if status == 200 else 0)


# --- decided from the minutes ---------------------------------------------------------------------------
def test_the_page_before_says_in_numbers_what_will_be_recorded(client, ground):
    client.force_login(ground.lead)
    page = client.post(address(ground, "xet-duyet"), {"unit": [ready(ground).first().ulid]}).content.decode()
    assert "Ghi 1 đơn vị được xét duyệt theo biên bản" in page
    assert "1 đơn vị đã thẩm định không có trong biên bản này vẫn chờ" in page
    assert states(ground).count("decided") == 0


def test_what_the_minutes_decided_is_recorded_with_number_date_and_scan(client, ground):
    decide_all(client, ground)
    found = Minutes.objects.values_list("number", "dated_on", "subject", "file__original_name")
    assert set(found) == {("05/BB-BCĐ", date(2023, 11, 20), "decision", "bien-ban.pdf")}
    assert states(ground) == ["decided", "decided", "registered"]
    assert {e.reason for e in Entry.objects.filter(action="assessment.decided")} == {"Biên bản số 05/BB-BCĐ"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": ""}, "Hãy ghi số biên bản"),
        ({"dated_on": "01/01/2090"}, "tương lai"),
        ({"dated_on": "hôm qua"}, "Ngày"),
        ({"declared": ""}, "Phải cam kết"),
        ({"scan": ""}, "Hãy chọn bản quét"),
        ({"scan": SimpleUploadedFile("x.pdf", b"khong phai PDF")}, "không được nhận"),
    ],
)
def test_minutes_with_something_wrong_write_nothing_and_lose_nothing(client, ground, changes, said):
    client.force_login(ground.lead)
    answer = client.post(address(ground, "xet-duyet"), minutes(ready(ground), **changes))
    page = answer.content.decode()
    assert (answer.status_code, said in page, states(ground).count("decided")) == (422, True, 0)
    assert all(text in page for text in (changes.get("number", "05/BB-BCĐ"), changes.get("dated_on", "20/11/2023")))


def test_a_scan_that_was_received_is_kept_while_the_rest_is_mended(client, ground):
    client.force_login(ground.lead)
    form = minutes(ready(ground), number="")
    client.post(address(ground, "xet-duyet"), form)
    kept = StoredFile.objects.get(kind="minutes")
    client.post(address(ground, "xet-duyet"), {**form, "number": "05/BB", "scan": "", "kept": kept.ulid})
    assert set(Minutes.objects.values_list("file", flat=True)) == {kept.pk}


def test_nobody_takes_over_a_file_that_somebody_else_sent(client, ground):
    client.force_login(ground.lead)
    client.post(address(ground, "xet-duyet"), minutes(ready(ground), number=""))
    kept = StoredFile.objects.get(kind="minutes")
    client.force_login(account("commune_lead", ground.other))
    form = minutes(ready(ground, ground.other), scan="", kept=kept.ulid)
    assert client.post(address(ground, "xet-duyet", place=ground.other), form).status_code == 422


def test_the_units_of_another_authority_cannot_be_slipped_in(client, ground):
    client.force_login(ground.lead)
    form = minutes([*ready(ground), *ready(ground, ground.other)])
    client.post(address(ground, "xet-duyet"), form)
    assert (states(ground).count("decided"), states(ground, ground.other).count("decided")) == (2, 0)


def test_the_same_minutes_sent_twice_are_one_recording(client, ground):
    client.force_login(ground.lead)
    form = minutes(ready(ground))
    first = client.post(address(ground, "xet-duyet"), form)
    second = client.post(address(ground, "xet-duyet"), {**form, "scan": pdf()})
    assert (first.status_code, second.status_code, second.url) == (302, 302, first.url)
    assert Minutes.objects.count() == 2
    assert "không còn ở bước này" not in client.get(second.url).content.decode()


# --- published by the signed decision -------------------------------------------------------------------
def test_a_decided_list_is_published_after_a_page_in_numbers(client, ground):
    decide_all(client, ground)
    asked = client.post(address(ground, "cong-bo"), paper(scan=pdf("qd-12.pdf"), declared="on"))
    page = asked.content.decode()
    assert "Kết quả của 2 đơn vị được công bố" in page and "1 đơn vị còn lại vẫn chờ" in page
    assert not PublishedResult.objects.exists()
    kept = StoredFile.objects.get(kind="decision")
    answer = client.post(address(ground, "cong-bo"), paper(sure="1", shown="2", kept=kept.ulid))
    found = Decision.objects.get()
    assert answer.url == f"/cham-diem/quyet-dinh/van-ban/{found.ulid}/"
    assert (found.number, found.signer, found.document_id, found.authority_name) == (
        "12/QĐ-BCĐ", "Nguyễn Văn Minh Họa", kept.pk, "Ban Chỉ đạo 138",
    )  # fmt: skip
    page = client.get(answer.url).content.decode()
    assert "Danh sách kèm theo: 2 đơn vị" in page and "Ấp minh họa 3" not in page
    assert client.get(f"{answer.url}tep/", follow=True).status_code == 200


def test_publishing_with_units_missing_names_them_and_writes_nothing(client, ground):
    decide_all(client, ground)
    answer = client.post(address(ground, "cong-bo"), paper(partial=""))
    page = answer.content.decode()
    assert (answer.status_code, "Ấp minh họa 3" in page) == (422, True)
    assert "Còn 1 đơn vị chưa được xét duyệt" in page and "12/QĐ-BCĐ" in page
    assert not PublishedResult.objects.exists()


def test_a_number_used_twice_by_one_authority_in_a_year_is_refused_in_a_sentence(client, ground):
    decide_all(client, ground)
    client.post(address(ground, "cong-bo"), paper(sure="1", shown="2"))
    last = rows_of(ground).get(state="registered")
    score(ground, {last.unit_code: FULL}, stage=Stage.FINAL)
    client.post(address(ground, "xet-duyet"), minutes([last], number="06/BB"))
    for form in (
        paper(partial=""),
        paper(partial="", number="12/qđ-bcđ", decided_on="25/11/2023", sure="1", shown="1"),
    ):
        answer = client.post(address(ground, "cong-bo"), form)
        assert "Số quyết định này đã được cơ quan đó dùng trong năm" in answer.content.decode()
    assert PublishedResult.objects.count() == 2
    client.post(address(ground, "cong-bo"), paper(partial="", number="13/QĐ-BCĐ", sure="1", shown="1"))
    assert PublishedResult.objects.count() == 3


def test_another_authority_may_use_the_same_number(client, ground):
    decide_all(client, ground)
    client.post(address(ground, "cong-bo"), paper(sure="1", shown="2"))
    ground.lead = account("commune_lead", ground.other)
    decide_all(client, ground, ground.other)
    client.post(address(ground, "cong-bo", place=ground.other), paper(sure="1", shown="2"))
    assert (Decision.objects.count(), PublishedResult.objects.count()) == (2, 4)


def test_the_form_sent_twice_is_one_decision(client, ground):
    decide_all(client, ground)
    form = paper(sure="1", shown="2")
    first, second = (client.post(address(ground, "cong-bo"), form) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert (Decision.objects.count(), PublishedResult.objects.count()) == (1, 2)


def test_a_list_that_grew_since_the_page_in_numbers_is_shown_again(client, ground):
    decide_all(client, ground)
    answer = client.post(address(ground, "cong-bo"), paper(sure="1", shown="1"))
    assert (answer.status_code, PublishedResult.objects.count()) == (200, 0)
    assert "Kết quả của 2 đơn vị được công bố" in answer.content.decode()


@pytest.fixture
def unclassified(client, ground):
    """A decided unit whose scheme gave it no class."""
    decide_all(client, ground)
    row = rows_of(ground).first()
    score_reasons = {"class_code": "", "points": None}
    Assessment.objects.filter(pk=row.pk).update(**score_reasons)
    return row


def test_a_blocking_question_needs_a_reason_and_is_recorded_with_it(client, ground, unclassified, monkeypatch):
    refused = client.post(address(ground, "cong-bo"), paper())
    assert "Có 1 đơn vị chưa phân loại; hãy ghi lý do vẫn công bố" in refused.content.decode()
    client.post(address(ground, "cong-bo"), paper(sure="1", shown="2", acknowledge="Tập thể đã họp thống nhất"))
    flag = Flag.objects.get(code="no_class")
    assert (flag.assessment_id, flag.acknowledged_reason) == (unclassified.pk, "Tập thể đã họp thống nhất")


def test_what_is_published_the_database_keeps(client, ground):
    decide_all(client, ground)
    client.post(address(ground, "cong-bo"), paper(sure="1", shown="2"))
    row = rows_of(ground).filter(state="published").first()
    with pytest.raises(IntegrityError, match="Kết quả đã công bố"), transaction.atomic():
        Assessment.objects.filter(pk=row.pk).update(points=1)


def test_the_last_list_closes_the_campaign_and_is_still_read(client, ground):
    for place in (ground.commune, ground.other):
        ground.lead = account("commune_lead", place)
        rest = rows_of(ground, place).get(state="registered")
        score(ground, {rest.unit_code: FULL}, stage=Stage.FINAL)
        decide_all(client, ground, place)
        asked = client.post(address(ground, "cong-bo", place=place), paper(partial=""))
        client.post(address(ground, "cong-bo", place=place), paper(partial="", sure="1", shown="3"))
    assert "kỳ đánh giá đóng lại" in asked.content.decode()
    ground.refresh_from_db()
    assert not ground.is_open
    assert "Danh sách đã công bố" in client.get(address(ground, place=ground.other)).content.decode()


def test_a_scan_is_attached_later_once_by_the_clerk(client, ground):
    decide_all(client, ground)
    client.post(address(ground, "cong-bo"), paper(sure="1", shown="2"))
    url = f"/cham-diem/quyet-dinh/van-ban/{Decision.objects.get().ulid}/"
    client.force_login(account("commune_officer", ground.commune))
    assert client.post(f"{url}dinh-kem/", {"scan": pdf(), "declared": "on"}).status_code == 403
    client.force_login(account("clerk", ground.commune))
    for _ in range(2):
        client.post(f"{url}dinh-kem/", {"scan": pdf("qd.pdf"), "declared": "on"})
    assert Decision.objects.get().document.original_name == "qd.pdf"
    assert Entry.objects.filter(action="decision.attach").count() == 1


@pytest.mark.parametrize(
    ("role", "where", "status"),
    [
        ("commune_officer", "commune", 200),
        ("auditor", "province", 200),
        ("commune_lead", "other", 404),
        (None, None, 404),
    ],
)
def test_who_reads_a_decision_and_its_scan(client, ground, role, where, status):
    decide_all(client, ground)
    client.post(address(ground, "cong-bo"), paper(scan=pdf(), declared="on"))
    kept = StoredFile.objects.get(kind="decision")
    client.post(address(ground, "cong-bo"), paper(sure="1", shown="2", kept=kept.ulid))
    url = f"/cham-diem/quyet-dinh/van-ban/{Decision.objects.get().ulid}/"
    places = {"commune": ground.commune, "other": ground.other, "province": ground.ground}
    client.force_login(account(role, places.get(where)))
    minutes_url = address(ground, "bien-ban", Minutes.objects.first().file.ulid)
    assert [client.get(u, follow=True).status_code for u in (url, f"{url}tep/", minutes_url)] == [status] * 3


# --- the questions -----------------------------------------------------------------------------------------
def test_the_gap_is_measured_over_what_was_changed_after_the_self_score(ground):
    officer = account("commune_officer", ground.commune)
    code = rows_of(ground).get(state="registered").unit_code
    score(ground, {code: {"1.1": D(30), "1.2": D(30), "2": D(40)}}, actor=officer)
    score(ground, {code: {"1.1": D(5)}}, stage=Stage.FINAL)
    row = rows_of(ground).get(unit_code=code)
    assert [f.sentence for f in flags_of(ground, [row])] == ["Điểm tự chấm và điểm thẩm định chênh nhau 25 điểm."]


def test_a_communes_standard_waits_by_name_for_the_units_it_manages(ground):
    version("agency", ground.commune, code="X-1", name="Cơ quan minh họa 1", level="commune")
    version("agency", ground.commune, code="X-2", name="Cơ quan minh họa 2", level="province")
    hamlets = campaign(ground.ground, **standard_data("CHUAN-KDC", ["residential_area"]))
    communes = campaign(ground.ground, **standard_data("CHUAN-XA", ["commune"]))
    row = communes.assessments.get(unit=ground.commune.unit)
    assert commune_shares(hamlets, hamlets.assessments.all()) == {}
    share = commune_shares(communes, [row])[row.pk]
    assert (share.total, share.recognised, share.unregistered) == (4, 0, ["Cơ quan minh họa 1"])
    assert share.waiting == ["Ấp minh họa 1", "Ấp minh họa 2", "Ấp minh họa 3"]
    assert [f.code for f in flags_of(communes, [row])] == ["no_class", "units_waiting"]


# --- cost ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 40])
def test_pages_of_lists_cost_the_same_for_few_units_and_for_many(client, ground, count, django_assert_max_num_queries):
    made = [version("residential_area", ground.commune, code=f"N-{n}") for n in range(count)]
    campaign(ground.ground, code="HD-KDC", unit_kinds=["residential_area"])
    score(ground, {v.code: {**FULL, "1.1": D(1)} for v in made})
    score(ground, {v.code: FULL for v in made}, stage=Stage.FINAL)
    client.force_login(ground.lead)
    pages = [address(ground), address(ground, "xet-duyet"), "/cham-diem/quyet-dinh/"]
    for url in (*pages, f"/cham-diem/quyet-dinh/{ground.ulid}/?page=1"):
        with django_assert_max_num_queries(12):
            client.get(url)
    decide_all(client, ground)
    for url in (address(ground), address(ground, "cong-bo")):
        with django_assert_max_num_queries(12):
            assert client.get(url).status_code == 200
    client.post(address(ground, "cong-bo"), paper(sure="1", shown=str(count + 2)))
    for url in (address(ground), f"/cham-diem/quyet-dinh/van-ban/{Decision.objects.get().ulid}/"):
        with django_assert_max_num_queries(12):
            assert client.get(url).status_code == 200


def test_a_line_of_my_work_leads_to_ones_own_list(client, ground):
    client.force_login(ground.lead)
    answer = client.get(f"/cham-diem/ky/{ground.ulid}/decide/", follow=True)
    assert answer.redirect_chain[-1][0] == address(ground)


def test_the_index_of_lists_shows_ones_own_and_leads_to_the_others(client, ground):
    client.force_login(account("staff", ground.ground))
    page = client.get(f"/cham-diem/quyet-dinh/{ground.ulid}/").content.decode()
    assert "Thị trấn Nàng Mau" in page and "Xã Vị Trung" in page
    client.force_login(ground.lead)
    page = client.get("/cham-diem/quyet-dinh/").content.decode()
    assert "Thị trấn Nàng Mau" in page and "Xã Vị Trung" not in page


def test_a_decided_unit_may_still_be_returned_with_a_reason(client, ground):
    decide_all(client, ground)
    row = rows_of(ground).first()
    client.post(f"/cham-diem/ho-so/{row.ulid}/tra-lai/", {"whole": "Biên bản ghi sai điểm"})
    row.refresh_from_db()
    assert row.state == State.SELF_SCORED
