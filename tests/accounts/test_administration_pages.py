"""The pages of accounts: who gets in, what they show, what they do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from movement.accounts.enums import Role
from movement.accounts.models import AccountReview, Invitation, Tie, User
from movement.accounts.services import assignment_deputise, assignment_transfer, invitation_make
from movement.audit.models import Entry
from tests.factories.ground import REFORM, account, today, version
from units.models import Lineage, UnitGroup, UnitGroupMember

BASE = "/tai-khoan/quan-ly/"
PASSWORD = "mot-cau-du-dai-de-thu"
pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    found = {"province": version("province", since=REFORM), "other-province": version("province", since=REFORM)}
    for name, under in (("commune", "province"), ("neighbour", "province"), ("far", "other-province")):
        found[name] = version("commune", found[under], level="province", since=REFORM, name=f"Xã {name}")
    return found


@pytest.fixture
def admin(client, places):
    user = account("admin", places["province"], username="quan-tri")
    client.force_login(user)
    return user


def day(n: int) -> str:
    return f"{today() + timedelta(days=n):%d/%m/%Y}"


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("page", ["", "moi/", "ra-soat/", "ra-soat/tep/", "ra-soat/pdf/", "dia-ban-da-ket-thuc/"])
def test_only_administrators_get_in(client, places, role, page):
    account("unit_rep", places["commune"])
    client.force_login(account(role, places["province"]))

    status = client.get(BASE + page).status_code

    assert status == (200 if role == "admin" else 403)


@pytest.mark.parametrize("role", ["admin", "staff"])
@pytest.mark.parametrize(
    ("method", "page"),
    [
        ("get", ""), ("get", "trang-thai/"), ("post", "trang-thai/"), ("post", "ma/"), ("post", "ra-soat/"),
        ("get", "quyen/"), ("post", "quyen/"), ("post", "quyen/{pk}/thu/"), ("post", "quyen/{pk}/chuyen/"),
        ("post", "quyen/{pk}/thay/"),
    ],
)  # fmt: skip
def test_an_account_outside_is_not_there(client, places, role, method, page):
    user = account("commune_officer", places["far"])
    client.force_login(account(role, places["province"]))
    before = Entry.objects.count()

    response = getattr(client, method)(f"{BASE}{user.ulid}/{page.format(pk=user.assignments.get().pk)}")

    assert response.status_code == (404 if role == "admin" else 403)
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"an", "binh", "dong"}), ("?q=AN", {"an"}), ("?q=binh", {"binh"}), ("?role=commune_lead", {"binh"}),
        ("?state=closed", {"dong"}), ("?state=unused", {"an", "binh"}), ("?state=idle", set()),
        ("?place={neighbour}", {"binh"}),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_name_role_place_and_state(client, places, admin, query, expected):
    account("commune_officer", places["commune"], username="an")
    account("commune_lead", places["neighbour"], username="binh")
    account("commune_officer", places["commune"], username="dong")
    User.objects.filter(username="dong").update(is_active=False)
    account("commune_officer", places["far"], username="an-tinh-khac")

    page = client.get(BASE + query.format(neighbour=places["neighbour"].unit.ulid)).context["page"]

    assert {a.username for a in page.object_list} == expected


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_asks_the_database_a_fixed_number_of_times(
    client, places, admin, count, django_assert_max_num_queries
):
    for _ in range(count):
        account("commune_officer", places["commune"])
    with django_assert_max_num_queries(12):
        assert client.get(BASE).context["page"].paginator.count == count


def test_making_an_account_shows_its_code_once(client, places, admin):
    response = client.post(
        f"{BASE}moi/",
        {"name": "Nguyễn Văn An", "role": "commune_officer", "unit": places["commune"].unit.ulid, "start": day(0)},
    )

    made = User.objects.get(name="Nguyễn Văn An")
    assert (response.status_code, made.username, made.has_usable_password()) == (200, "an.nv", False)
    code = response.context["code"]
    assert code in response.content.decode()
    assert code not in client.get(f"{BASE}{made.ulid}/").content.decode()
    assert client.post(f"/tai-khoan/moi/{code}/", {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert User.objects.get(pk=made.pk).check_password(PASSWORD)
    assert client.get(f"/tai-khoan/moi/{code}/").status_code == 404


@pytest.mark.parametrize(
    ("root", "role", "at", "made"),
    [
        ("province", "staff", "province", True), ("commune", "commune_lead", "commune", True),
        ("commune", "commune_lead", "neighbour", False), ("commune", "admin", "commune", False),
        ("commune", "staff", "province", False), ("province", "commune_lead", "far", False),
    ],
)  # fmt: skip
def test_a_right_is_given_on_ones_ground_and_below_alone(client, places, root, role, at, made):
    client.force_login(account("admin", places[root]))

    response = client.post(
        f"{BASE}moi/", {"name": "Trần Thị Bình", "role": role, "unit": places[at].unit.ulid, "start": day(0)}
    )

    assert response.status_code == (200 if made else 422)
    assert User.objects.filter(name="Trần Thị Bình").exists() == made


def test_rights_are_given_moved_and_ended_on_their_pages(client, places, admin):
    user = account("commune_officer", places["commune"])
    url = f"{BASE}{user.ulid}/"
    first = user.assignments.get()

    client.post(f"{url}quyen/", {"role": "clerk", "unit": places["commune"].unit.ulid, "start": day(0), "last": day(9)})
    client.post(
        f"{url}quyen/{first.pk}/chuyen/",
        {"role": "commune_officer", "unit": places["neighbour"].unit.ulid, "reason": "QĐ 12"},
    )
    clerk = user.assignments.get(role="clerk")
    client.post(f"{url}quyen/{clerk.pk}/thu/", {"last": day(2), "reason": "đổi việc"})

    lines = client.get(url).context["lines"]
    assert {(line.assignment.role, line.place, line.last) for line in lines} == {
        ("commune_officer", "Xã neighbour", None),
        ("clerk", "Xã commune", today() + timedelta(days=2)),
    }
    assert [line.place for line in client.get(url).context["past"]] == ["Xã commune"]


def test_a_deputy_is_shown_as_such_wherever_the_right_is_shown(client, places, admin):
    lead = account("commune_lead", places["commune"], username="Lê Trưởng")
    deputy = account("commune_officer", places["neighbour"], username="pho")
    client.post(
        f"{BASE}{lead.ulid}/quyen/{lead.assignments.get().pk}/thay/", {"user": "pho", "start": day(0), "last": day(6)}
    )

    shown = f"thay Lê Trưởng từ {day(0)} đến {day(6)}"
    assert shown in client.get(f"{BASE}{deputy.ulid}/").content.decode()
    assert shown in client.get(BASE).content.decode()
    client.force_login(deputy)
    assert shown in client.get("/tai-khoan/quyen/").content.decode().replace("Thay", "thay")


def test_who_is_managed_elsewhere_is_no_deputy(client, places, admin):
    lead = account("commune_lead", places["commune"])
    account("commune_officer", places["far"], username="pho")

    response = client.post(
        f"{BASE}{lead.ulid}/quyen/{lead.assignments.get().pk}/thay/", {"user": "pho", "start": day(0), "last": day(6)}
    )

    assert response.status_code == 422


def test_closing_and_opening_again(client, places, admin):
    user = account("commune_officer", places["commune"])
    for expected in (False, True):
        client.post(f"{BASE}{user.ulid}/trang-thai/", {"reason": "nghỉ dài ngày"})
        assert User.objects.get(pk=user.pk).is_active == expected


def test_a_reset_takes_the_password_and_gives_a_code(client, places, admin):
    user = account("commune_officer", places["commune"])
    user.set_password(PASSWORD)
    user.save()

    response = client.post(f"{BASE}{user.ulid}/ma/", {"reset": "1"})

    assert response.context["code"]
    assert not User.objects.get(pk=user.pk).has_usable_password()
    assert Invitation.objects.filter(user=user, used_at=None).count() == 1


def test_an_account_of_a_communes_officer_shows_a_commune_nothing_from_elsewhere(client, places):
    user = account("commune_officer", places["neighbour"])
    invitation_make(user, actor="người ở xã cũ")
    assignment_transfer(user.assignments.get(), unit=places["commune"].unit, kind="commune", actor="kiểm tra")
    client.force_login(account("admin", places["commune"]))

    page = client.get(f"{BASE}{user.ulid}/")

    assert page.status_code == 200
    assert "Xã neighbour" not in page.content.decode() and "người ở xã cũ" not in page.content.decode()
    assert [entry.action for entry in page.context["history"]] == ["assignment.give"]


def test_rights_of_places_that_ended_move_when_ticked(client, places, admin):
    old = version("commune", places["province"], level="province", since=REFORM, until=today(), name="Xã cũ")
    Lineage.objects.create(
        predecessor=old.unit, successor=places["commune"].unit, kind="merge", on=today(), share="whole", is_main=True
    )
    first, second = account("commune_officer", old), account("commune_lead", old)
    url = f"{BASE}dia-ban-da-ket-thuc/"
    assert len(client.get(url).context["rows"]) == 2

    client.post(url, {"right": first.assignments.get().pk})

    assert first.assignments.order_by("pk").last().unit == places["commune"].unit
    assert second.assignments.get().unit == old.unit
    assert "1 phân công gắn với" in client.get(BASE).content.decode()


def test_an_area_officer_reads_the_groups_units_and_nothing_beside(client, places, admin):
    group = UnitGroup.objects.create(
        province=places["province"].unit, kind="cluster", name="Cụm 1", valid=(REFORM, None)
    )
    UnitGroupMember.objects.create(group=group, unit=places["commune"].unit, valid=(REFORM, None))
    user = account("auditor", places["commune"], until=today() + timedelta(days=1))

    client.post(f"{BASE}{user.ulid}/quyen/", {"role": "area_officer", "group": group.ulid, "start": day(0)})
    user.assignments.filter(role="auditor").delete()

    client.force_login(user)
    codes = {name: client.get(f"/don-vi/{places[name].unit.ulid}/").status_code for name in ("commune", "neighbour")}
    assert codes == {"commune": 200, "neighbour": 404}


# --- the review -----------------------------------------------------------------------------------


def test_a_review_is_due_after_its_days_and_signed_off(client, places, admin):
    old, new = account("commune_officer", places["commune"]), account("commune_lead", places["commune"])
    long_ago = timezone.now() - timedelta(days=200)
    User.objects.filter(pk=old.pk).update(date_joined=long_ago)
    assert [a.pk for a in client.get(f"{BASE}ra-soat/").context["page"]] == [old.pk]
    assert "1 tài khoản đến hạn rà soát" in client.get(BASE).content.decode()
    assert "đến hạn rà soát" in client.get("/").content.decode().lower()

    client.post(f"{BASE}{old.ulid}/ra-soat/", {"verdict": "kept", "note": "đúng người"})

    row = AccountReview.objects.get()
    assert (row.user, row.verdict, row.reviewed_by_name, row.rights) == (
        old, "kept", "quan-tri", ["Cán bộ Công an cấp xã, Xã commune, từ 01/01/2000"],
    )  # fmt: skip
    assert [a.pk for a in client.get(f"{BASE}ra-soat/").context["page"]] == []
    assert {a.pk for a in client.get(f"{BASE}ra-soat/?all=1").context["page"]} == {old.pk, new.pk}


def test_a_review_that_says_ended_closes_the_account(client, places, admin):
    user = account("commune_officer", places["commune"])

    client.post(f"{BASE}{user.ulid}/ra-soat/", {"verdict": "ended"})

    assert not User.objects.get(pk=user.pk).is_active


def test_the_review_is_taken_home_as_excel_and_pdf_without_others(client, places, admin):
    account("commune_officer", places["commune"], username="trong-tinh")
    account("commune_officer", places["far"], username="tinh-khac")

    pdf = client.get(f"{BASE}ra-soat/pdf/?all=1")
    sheet = client.get(f"{BASE}ra-soat/tep/?all=1")

    assert pdf.content.startswith(b"%PDF") and sheet.status_code == 200
    assert Entry.objects.filter(action="list.export").count() == 2


# --- one's own rights -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.values)
def test_everybody_reads_their_own_rights(client, places, role):
    from movement.accounts.access import actions

    client.force_login(account(role, places["province"]))

    lines = client.get("/tai-khoan/quyen/").context["lines"]

    assert [acts for _line, acts in lines] == [[act.title for act in actions() if role in act.roles]]


def test_a_tie_is_declared_and_ended_by_its_owner_alone(client, places):
    lead, other = account("commune_lead", places["commune"]), account("commune_lead", places["commune"])
    client.force_login(lead)
    client.post("/tai-khoan/quyen/", {"kind": "own", "unit": places["commune"].unit.ulid, "start": day(0)})
    tie = Tie.objects.get(user=lead, unit=places["commune"].unit)

    client.force_login(other)
    assert client.post(f"/tai-khoan/quyen/khai-bao/{tie.pk}/ket-thuc/").status_code == 404
    client.force_login(lead)
    assert client.post(f"/tai-khoan/quyen/khai-bao/{tie.pk}/ket-thuc/").status_code == 302
    tie.refresh_from_db()
    assert tie.cancelled_at is not None


def test_a_page_with_an_act_says_from_which_assignment_the_right_comes(client, places, admin):
    page = client.get(BASE).content.decode()

    assert f"Bạn làm việc này với vai trò Quản trị hệ thống tại {places['province'].name}" in page


def test_a_deputised_administrator_acts_in_both_names(client, places, admin):
    stand_in = account("staff", places["province"], username="thay-mat")
    assignment_deputise(
        admin.assignments.get(), user=stand_in, start=today(), end=today() + timedelta(days=2), actor="kiểm tra"
    )
    user = account("commune_officer", places["commune"])
    client.force_login(stand_in)

    client.post(f"{BASE}{user.ulid}/trang-thai/", {"reason": "nghỉ"})

    entry = Entry.objects.get(action="account.close")
    assert (entry.actor_name, entry.actor_id) == ("thay-mat (thay quan-tri)", stand_in.pk)
