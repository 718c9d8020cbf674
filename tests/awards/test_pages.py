"""The pages: who opens them, what they write, what stays hidden; certificates."""

import io
from datetime import date
from subprocess import run

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from awards.enums import CERTIFICATES
from awards.models import Award, Nomination, Revocation, Round
from awards.selectors.jobs import certificate_file
from awards.services import nominations_decide
from awards.services.certificates import certificates_of, certificates_render
from movement.audit.models import Entry
from movement.core.enums import JobState
from movement.core.files import file_open
from movement.core.installation import DEMONSTRATION, setting_set
from movement.core.jobs import JobFailed, job_create, job_wait
from movement.core.models import Decision, Job
from tests.factories.awards import SIGNER, award, given, line, nominated, person, proposal, ring
from tests.factories.exemplars import classified
from tests.factories.ground import REFORM, account, legacy_ground, version

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def staff(ground):
    return account("staff", ground[0])


@pytest.fixture
def decision(ground):
    return given(line(ground[2]), person(ground[2], person_name="Lê Minh Họa"))[0].decision


def signed(client, user):
    client.force_login(user)
    return client


# --- reading --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "at", "page", "status"),
    [
        ("staff", 0, "persons", 200),
        ("commune_lead", 2, "persons", 200),
        ("commune_officer", 2, "persons", 403),
        ("unit_rep", 2, "persons", 403),
        ("admin", 0, "persons", 403),
        ("commune_officer", 2, "list", 200),
        ("commune_officer", 2, "rounds", 403),
        ("leader", 0, "rounds", 200),
    ],
)
def test_the_lists_of_persons_open_for_their_roles(client, ground, decision, role, at, page, status):
    response = signed(client, account(role, ground[at])).get(reverse(f"awards:{page}"))
    assert response.status_code == status
    assert ("Lê Minh Họa" in response.content.decode()) == (page == "persons" and status == 200)


def test_opening_a_list_of_persons_is_written_down_without_names(client, ground, decision, staff):
    signed(client, staff).get(reverse("awards:persons"), {"q": "Lê Minh"})
    entry = Entry.objects.get(action="award.persons_view")
    assert (entry.actor_id, entry.sentence) == (
        staff.pk, "Xem tên 1 cá nhân, hộ gia đình được khen thưởng hoặc đề nghị: sổ khen thưởng.",
    )  # fmt: skip
    signed(client, staff).get(reverse("awards:list"))
    assert Entry.objects.filter(action="award.persons_view").count() == 1


@pytest.mark.parametrize(("role", "shown"), [("staff", True), ("commune_officer", False)])
def test_a_decision_shows_persons_to_their_roles_and_their_number_to_the_others(client, ground, decision, role, shown):
    user = account(role, ground[0] if role == "staff" else ground[2])
    page = signed(client, user).get(reverse("awards:decision", args=[decision.ulid])).content.decode()
    assert ("Lê Minh Họa" in page) == shown
    assert ("1 cá nhân, hộ gia đình; danh sách đó" in page) != shown


def test_a_search_for_a_persons_name_tells_nothing_to_who_may_not_read_it(client, ground, decision):
    officer = signed(client, account("commune_officer", ground[2]))
    found = officer.get(reverse("awards:list"), {"q": "Lê Minh Họa"}).context["totals"]
    assert found == officer.get(reverse("awards:list"), {"q": "khong co ai"}).context["totals"] == []


@pytest.mark.parametrize("name", ("award", "decision"))
def test_outside_the_ground_there_is_nothing(client, ground, decision, name):
    other = version("province", name="Tỉnh khác")
    ulid = decision.ulid if name == "decision" else decision.awards.first().ulid
    assert signed(client, account("staff", other)).get(reverse(f"awards:{name}", args=[ulid])).status_code == 404


def test_a_person_is_not_found_by_who_may_not_read_it(client, ground, decision):
    entry = decision.awards.get(recipient_kind="individual")
    response = signed(client, account("commune_officer", ground[2])).get(reverse("awards:award", args=[entry.ulid]))
    assert response.status_code == 404


def test_filters_stand_in_the_address_and_count_truly(client, ground, staff):
    award(ground[2], form="co_tinh")
    award(ground[1], decided_on="2023-12-20")
    award(ground[1], form="bang_khen_bo", authority="Bộ Công an")
    client = signed(client, staff)
    for query, names in (
        ({}, ["Huyện Vị Thủy", "Thị trấn Nàng Mau", "Huyện Vị Thủy"]),
        ({"year": "2023"}, ["Huyện Vị Thủy"]),
        ({"form": "co_tinh"}, ["Thị trấn Nàng Mau"]),
        ({"year": "2024", "form": "bang_khen_bo"}, ["Huyện Vị Thủy"]),
        ({"year": "abc"}, []),
        ({"q": "nang mau"}, ["Thị trấn Nàng Mau"]),
        ({"state": "revoked"}, []),
    ):
        page = client.get(reverse("awards:list"), query).context["page"]
        assert ([one.unit_name for one in page.rows], page.total) == (names, len(names)), query


@pytest.mark.parametrize("count", (1, 40))
@pytest.mark.parametrize("query", ({}, {"q": "co quan"}))
def test_the_register_costs_the_same_queries_however_long(
    client, ground, staff, count, query, django_assert_max_num_queries
):
    for _ in range(count):
        award(version("agency", ground[2], name=f"Cơ quan {_}"))
    client = signed(client, staff)
    with django_assert_max_num_queries(12):
        assert len(client.get(reverse("awards:list"), query).context["page"].rows) == count


# --- a round, from the first page to the register ---------------------------------------------------
def test_a_round_is_opened_once_however_often_its_form_is_sent(client, ground, staff):
    data = {
        "once": "k1",
        "authority": ground[0].unit.ulid,
        "title": "Đợt 2023",
        "first_day": "01/01/2023",
        "last_day": "31/12/2023",
    }
    client = signed(client, staff)
    first, again = (client.post(reverse("awards:round_new"), data) for _ in range(2))
    assert (first.status_code, first.url) == (302, again.url)
    assert Round.objects.count() == 1


def test_a_period_in_the_future_is_refused_and_nothing_typed_is_lost(client, ground, staff):
    data = {
        "once": "k1",
        "authority": ground[0].unit.ulid,
        "title": "Đợt xa",
        "first_day": "01/01/2190",
        "last_day": "31/12/2190",
    }
    response = signed(client, staff).post(reverse("awards:round_new"), data)
    assert response.status_code == 422
    assert "Thời gian lập thành tích bắt đầu ở tương lai." in response.content.decode()
    assert 'value="Đợt xa"' in response.content.decode()
    assert not Round.objects.exists()


@pytest.mark.parametrize(
    ("role", "at", "status"),
    [("staff", 0, 302), ("commune_lead", 2, 404), ("leader", 0, 403), ("council", 0, 403), (None, 0, 404)],
)
def test_only_the_rounds_own_authority_nominates(client, ground, role, at, status):
    a_round = ring(ground[0])
    user = account(role, ground[at]) if role else account()
    response = signed(client, user).post(
        reverse("awards:nomination_new", args=[a_round.ulid]),
        {"once": "k", "recipient_kind": "collective", "unit_q": ground[2].code, "form": "bang_khen_tinh",
         "start": "01/01/2023", "end": "31/12/2023"},
    )  # fmt: skip
    assert response.status_code == status
    assert Nomination.objects.count() == (status == 302)


def test_a_typed_name_that_several_units_bear_is_asked_about(client, ground, staff):
    for _ in range(2):
        version("school", ground[2], name="Trường Minh Họa")
    a_round = ring(ground[0])
    data = {
        "recipient_kind": "collective",
        "unit_q": "truong minh",
        "form": "bang_khen_tinh",
        "start": "01/01/2023",
        "end": "31/12/2023",
    }
    response = signed(client, staff).post(reverse("awards:nomination_new", args=[a_round.ulid]), data)
    assert response.status_code == 422
    assert [v.name for v in response.context["units"]] == ["Trường Minh Họa"] * 2
    assert not Nomination.objects.exists()


def test_suggested_collectives_are_nominated_together_with_their_reasons(client, ground, staff):
    _actor, units = classified(ground[0], ground[2], {"KT-1": "xuat_sac", "KT-2": "xuat_sac", "KT-3": "kha"})
    a_round = ring(ground[0])
    url = reverse("awards:suggestions", args=[a_round.ulid])
    client = signed(client, staff)
    assert [one.unit_code for one in client.get(url).context["page"]] == ["KT-1", "KT-2"]
    chosen = [str(units[code].unit_id) for code in ("KT-1", "KT-3")]  # KT-3 was never suggested
    client.post(url, {"unit": chosen, "form": "bang_khen_tinh", "citation": ""})
    row = Nomination.objects.get()
    assert (row.unit_id, row.reasons) == (units["KT-1"].unit_id, ["Năm 2023: loại Xuất sắc (Quyết định số 01/QĐ-BCĐ)."])


def decide_data(rows, **changes):
    return {
        "once": "k", "authority": "Ủy ban nhân dân tỉnh Hậu Giang", "number": "21/QĐ-UBND", "decided_on": "01/02/2024",
        "signer": SIGNER, "signer_title": "Chủ tịch", "acknowledge": "", "nomination": [row.ulid for row in rows], **changes,
    }  # fmt: skip


def test_a_decision_first_says_in_numbers_what_will_happen_then_does_it_once(client, ground, staff):
    a_round = ring(ground[0])
    rows = nominated(a_round, proposal(ground[2]), proposal(ground[1]))
    url = reverse("awards:decide", args=[a_round.ulid, "province"])
    client = signed(client, staff)
    sure = client.post(url, decide_data(rows[:1], **{f"register_{rows[0].ulid}": "07"}))
    assert (sure.context["counts"], sure.context["left"], Award.objects.count()) == ("1 tập thể", 1, 0)
    data = decide_data(rows[:1], sure="1", **{f"register_{rows[0].ulid}": "07"})
    first, again = (client.post(url, data) for _ in range(2))
    assert (first.status_code, first.url) == (302, again.url)
    entry = Award.objects.get()
    assert (entry.unit_id, entry.register_number, entry.decision.signer_title) == (ground[2].unit_id, "07", "Chủ tịch")


def test_a_used_number_is_a_sentence_beside_its_field(client, ground, staff):
    a_round = ring(ground[0])
    first, second = nominated(a_round, proposal(ground[2]), proposal(ground[1]))
    nominations_decide(
        round_id=a_round.pk, nomination_ids=[first.pk], number="21/QĐ-UBND", decided_on=date(2024, 1, 31), signer=SIGNER,
        actor="x",
    )  # fmt: skip
    url = reverse("awards:decide", args=[a_round.ulid, "province"])
    response = signed(client, staff).post(url, decide_data([second], sure="1"))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["decided_on"]
    assert Award.objects.count() == 1


@pytest.mark.parametrize(("role", "status"), [("clerk", 200), ("leader", 403), ("council", 403), ("auditor", 403)])
def test_who_may_write_down_a_decision(client, ground, role, status):
    a_round = ring(ground[0])
    nominated(a_round, proposal(ground[2]))
    url = reverse("awards:decide", args=[a_round.ulid, "province"])
    assert signed(client, account(role, ground[0])).get(url).status_code == status


@pytest.mark.parametrize("count", (1, 30))
def test_a_rounds_page_costs_the_same_queries_however_long(client, ground, staff, count, django_assert_max_num_queries):
    a_round = ring(ground[0])
    nominated(a_round, *(proposal(version("agency", ground[2])) for _ in range(count)))
    client = signed(client, staff)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("awards:round", args=[a_round.ulid]))
    assert page.context["pending"] == count


@pytest.mark.parametrize(("role", "status", "revoked"), [("staff", 302, 1), ("leader", 403, 0)])
def test_revoking_in_the_browser(client, ground, role, status, revoked):
    entry = award(ground[2])
    response = signed(client, account(role, ground[0])).post(
        reverse("awards:award", args=[entry.ulid]),
        {"ground": "b", "by_decision": "90/QĐ-UBND", "revoked_on": "04/05/2024", "money_returned": "3.795.000"},
    )
    assert response.status_code == status
    assert Revocation.objects.count() == revoked
    if revoked:
        assert Revocation.objects.get().money_returned == 3_795_000


# --- certificates ---------------------------------------------------------------------------------
def text_of(pdf: bytes) -> str:
    return run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def test_a_certificate_says_who_gives_what_to_whom_and_leaves_room_to_sign(ground, decision):
    pdf = certificates_render(decision, [award.pk for award in decision.awards.all()])
    text = " ".join(text_of(pdf).split())
    for words in (
        "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH HẬU GIANG TẶNG BẰNG KHEN Thị trấn Nàng Mau",
        "huyện Vị Thủy, tỉnh Hậu Giang",
        "Lê Minh Họa Chức vụ minh họa, Thị trấn Nàng Mau",
        "Thành tích minh họa",
        "Quyết định số: 13/QĐ-UBND ngày 15 tháng 01 năm 2024",
        "Hậu Giang, ngày 15 tháng 01 năm 2024",
    ):
        assert words in text
    with pikepdf.open(io.BytesIO(pdf)) as document:
        sizes = {tuple(round(float(x)) for x in page.MediaBox[2:]) for page in document.pages}
        assert (len(document.pages), sizes) == (2, {(842, 595)})


def test_the_revoked_get_no_certificate(ground):
    from awards.services import award_revoke

    first, second = given(line(ground[2]), line(ground[1]))
    award_revoke(award=first, ground="a", by_decision="1/QĐ", revoked_on=date(2024, 5, 1), actor="x")
    assert [one.award for one in certificates_of(first.decision)] == [second.ulid]


@pytest.mark.parametrize("letters", (100, 500, 1500))
def test_a_long_citation_keeps_to_its_page(ground, letters):
    kept = award(ground[2], citation=("thành tích minh họa " * 100)[:letters])
    with pikepdf.open(io.BytesIO(certificates_render(kept.decision, [kept.pk]))) as document:
        assert len(document.pages) == 1


def test_a_citation_beyond_a_page_is_refused_by_name(ground):
    kept = award(ground[2], citation="thành tích minh họa " * 300)
    with pytest.raises(JobFailed, match="Thị trấn Nàng Mau"):
        certificates_render(kept.decision, [kept.pk])


@pytest.mark.parametrize(
    ("role", "at", "authority", "status"),
    [
        ("staff", 0, "UBND tỉnh", 302),
        ("clerk", 0, "UBND tỉnh", 302),
        ("leader", 0, "UBND tỉnh", 403),
        ("staff", 0, "Bộ Công an", 403),
        ("commune_lead", 2, "UBND tỉnh", 403),
        ("commune_lead", 2, "UBND thị trấn Nàng Mau", 302),
    ],
)
def test_an_authority_prints_the_certificates_of_its_own_decisions(client, ground, role, at, authority, status):
    kept = award(ground[2], authority=authority, form="giay_khen_xa" if "thị trấn" in authority else "bang_khen_tinh")
    url = reverse("awards:certificates", args=[kept.decision.ulid])
    assert signed(client, account(role, ground[at])).post(url, {"once": "k"}).status_code == status
    assert Job.objects.filter(kind=CERTIFICATES).count() == (status == 302)


@pytest.mark.django_db(transaction=True)
def test_certificates_come_through_the_workers_as_one_file(client, worker):
    ground = legacy_ground()
    staff = account("staff", ground[0])
    setting_set(key=DEMONSTRATION, value=True, actor="x")
    given(*(person(ground[2], person_name=f"Người minh họa {n}") for n in range(60)))
    decision = Decision.objects.get()
    job = job_wait(job_create(CERTIFICATES, {"decision": decision.ulid}, actor=staff, unit_id=ground[0].unit_id))
    assert (job.state, job.total, job.output.get("certificates")) == (JobState.DONE, 2, 60)
    pdf = file_open(certificate_file(job)).read()
    text = text_of(pdf)
    assert text.count("DỮ LIỆU MINH HỌA") == 60
    assert [f"Người minh họa {n}\n" in text for n in (0, 59)] == [True, True]
    again = job_wait(job_create(CERTIFICATES, {"decision": decision.ulid}, actor=staff, unit_id=ground[0].unit_id))
    assert again.output["sha256"] == job.output["sha256"]
    url = reverse("awards:certificates_file", args=[decision.ulid, job.ulid])
    response = signed(client, staff).get(url, follow=True)
    assert b"".join(response.streaming_content) == pdf
    assert Entry.objects.get(action="award.persons_export").object_id == decision.ulid
    assert signed(client, account("commune_officer", ground[2])).get(url).status_code == 404


# --- importing ------------------------------------------------------------------------------------
def sent(rows, name="khen.csv"):
    head = list(rows[0])
    text = "\n".join(
        ",".join(f'"{row.get(column, "")}"' for column in head) for row in [dict(zip(head, head, strict=True)), *rows]
    )
    return SimpleUploadedFile(name, text.encode())


def test_decisions_already_taken_are_looked_at_first_and_written_after(client, ground, staff):
    client = signed(client, staff)
    url = reverse("awards:import")
    rows = [line(ground[2]), person(ground[2]), line(ground[2], form="co_tinh")]
    seen = client.post(url, {"file": sent(rows), "declared": "on"})
    assert (seen.status_code, seen.context["counts"], Award.objects.count()) == (200, "2 tập thể, 1 cá nhân", 0)
    assert len(seen.context["warnings"]) == 2  # one achievement, two forms
    data = {"kept": seen.context["kept"].ulid, "province": ""}
    first, again = (client.post(url, data) for _ in range(2))
    assert (first.status_code, again.status_code, Award.objects.count()) == (302, 302, 3)


def test_a_file_with_wrong_lines_lists_them_all_and_writes_nothing(client, ground, staff):
    rows = [line(ground[2], form="huy_chuong"), line("KHONG-CO")]
    response = signed(client, staff).post(reverse("awards:import"), {"file": sent(rows), "declared": "on"})
    assert response.status_code == 422
    assert [(one[0], one[1]) for one in response.context["lines"]] == [(2, "hình thức"), (3, "mã đơn vị")]


def test_nothing_is_imported_into_another_province(client, ground, staff):
    other = version("province", name="Tỉnh khác", until=REFORM)
    foreign = version("agency", other)
    response = signed(client, staff).post(reverse("awards:import"), {"file": sent([line(foreign)]), "declared": "on"})
    assert response.status_code == 422
    assert response.context["lines"][0][3] == "Đơn vị này thuộc tỉnh ngoài phạm vi được phân công."


@pytest.mark.parametrize(
    ("role", "at", "status"), [("staff", 0, 200), ("commune_lead", 2, 403), ("leader", 0, 403), ("admin", 0, 403)]
)
def test_only_the_provinces_staff_imports(client, ground, role, at, status):
    assert signed(client, account(role, ground[at])).get(reverse("awards:import")).status_code == status


def test_a_file_that_somebody_else_sent_is_not_written(client, ground, staff):
    seen = signed(client, staff).post(reverse("awards:import"), {"file": sent([line(ground[2])]), "declared": "on"})
    other = signed(client, account("staff", ground[0]))
    assert other.post(reverse("awards:import"), {"kept": seen.context["kept"].ulid}).status_code == 404
    assert not Award.objects.exists()
