"""How an office is reached and what its papers print: who writes, and what happens when two write at once."""

from datetime import date

import pytest

from movement.audit.models import Entry
from tests.factories.ground import account
from units.models import AuthoritySettings, Unit
from units.selectors import authority_settings

pytestmark = pytest.mark.django_db
FIELDS = ("phone", "email", "address", "tax_code", "school_code")


def url(version, end="lien-he"):
    return f"/don-vi/{version.unit.ulid}/{end}/"


def form(response):
    """What a browser would send back of the form on a page."""
    bound = response.context["form"]
    return {name: bound[name].value() or "" for name in bound.fields}


def stored(version):
    unit = Unit.objects.get(pk=version.unit_id)
    return {name: value for name in FIELDS if (value := getattr(unit, name))}


@pytest.mark.parametrize(
    ("role", "at", "unit", "status"),
    [
        ("staff", "province", "school", 200),
        ("admin", "province", "commune", 200),
        ("commune_officer", "commune", "hamlet", 200),
        ("commune_lead", "commune", "commune", 200),
        ("commune_officer", "commune", "school", 403),
        ("unit_rep", "school", "school", 200),
        ("auditor", "province", "school", 403),
        ("leader", "commune", "commune", 403),
        ("unit_rep", "school", "commune", 404),
        ("commune_officer", "second", "hamlet", 404),
        ("staff", "other", "school", 404),
    ],
)
def test_who_writes_contact_data(client, city, role, at, unit, status):
    target = getattr(city, unit)
    client.force_login(account(role, getattr(city, at)))

    page = client.get(url(target))
    sent = client.post(url(target), {"phone": "02923 800 001", "base_phone": ""})

    assert page.status_code == status
    assert sent.status_code == (302 if status == 200 else status)
    assert stored(target) == ({"phone": "02923 800 001"} if status == 200 else {})
    profile = client.get(f"/don-vi/{target.unit.ulid}/").content.decode()
    assert (url(target) in profile) == (status == 200)


def test_what_is_written_is_told_with_what_was_before(client, city):
    client.force_login(account("staff", city.province))
    client.post(url(city.school), {"phone": "1", "base_phone": ""})

    client.post(url(city.school), {"phone": "2", "base_phone": "1", "school_code": "  GD-09 ", "base_school_code": ""})

    entry = Entry.objects.filter(action="unit.contact").first()
    assert (entry.before, entry.after) == ({"phone": "1", "school_code": ""}, {"phone": "2", "school_code": "GD-09"})
    assert entry.unit_id == city.school.unit_id


def test_two_who_write_different_fields_lose_nothing(client, city):
    client.force_login(account("staff", city.province))
    first, second = form(client.get(url(city.school))), form(client.get(url(city.school)))

    client.post(url(city.school), first | {"phone": "0292 1"})
    response = client.post(url(city.school), second | {"address": "Số 1, đường Hòa Bình"})

    assert response.status_code == 302
    assert stored(city.school) == {"phone": "0292 1", "address": "Số 1, đường Hòa Bình"}


def test_the_second_of_two_who_write_the_same_field_sees_both_and_loses_nothing(client, city):
    one, other = account("staff", city.province, username="nguoi-thu-nhat"), account("unit_rep", city.school)
    client.force_login(other)
    seen = form(client.get(url(city.school)))
    client.force_login(one)
    client.post(url(city.school), form(client.get(url(city.school))) | {"phone": "111"})

    client.force_login(other)
    clash = client.post(url(city.school), seen | {"phone": "222", "email": "truong@cantho.vn"})
    text = clash.content.decode()

    assert clash.status_code == 409
    assert stored(city.school) == {"phone": "111"}, "nothing is written while it is not settled"
    assert "Đang lưu: “111”" in text and "Bạn ghi: “222”" in text and "nguoi-thu-nhat" in text
    assert form(clash) | {"phone": "222", "email": "truong@cantho.vn"} == form(clash)

    again = client.post(url(city.school), form(clash))

    assert again.status_code == 302
    assert stored(city.school) == {"phone": "222", "email": "truong@cantho.vn"}


def test_the_value_that_is_stored_can_be_taken_and_the_rest_that_was_typed_stays(client, city):
    client.force_login(account("staff", city.province))
    seen = form(client.get(url(city.school)))
    Unit.objects.filter(pk=city.school.unit_id).update(phone="111", address="Nơi kia")
    clash = client.post(url(city.school), seen | {"phone": "222", "address": "Nơi này"})

    taken = client.post(url(city.school), form(clash) | {"take": "phone", "clash": ["phone", "address"]})

    assert (form(taken)["phone"], form(taken)["address"]) == ("111", "Nơi này")
    assert [c.field for c in taken.context["clashes"]] == ["address"]
    assert stored(city.school) == {"phone": "111", "address": "Nơi kia"}


def test_the_same_value_from_both_is_no_conflict(client, city):
    client.force_login(account("staff", city.province))
    seen = form(client.get(url(city.school)))
    Unit.objects.filter(pk=city.school.unit_id).update(phone="111")

    assert client.post(url(city.school), seen | {"phone": "111"}).status_code == 302


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(client, city):
    client.force_login(account("staff", city.province))

    response = client.post(url(city.school), {"email": "khong phai thu", "phone": "1", "base_phone": ""})

    assert (response.status_code, stored(city.school)) == (422, {})
    assert response.context["form"].errors.keys() == {"email"}
    assert form(response)["phone"] == "1"


# --- settings -----------------------------------------------------------------------------------------------
SET = {
    "start": "01/01/2026", "committee_name": "BAN CHỈ ĐẠO 138", "committee_abbreviation": "BCĐ138",
    "report_symbol": "BC-BCĐ138", "decision_symbol": "QĐ-BCĐ138", "place_name": "Vị Thủy", "signer_name": "Người Ký",
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "at", "unit", "page", "sent"),
    [
        ("staff", "province", "province", 200, 302),
        ("admin", "province", "commune", 200, 302),
        ("commune_lead", "commune", "commune", 200, 302),
        ("commune_officer", "commune", "commune", 200, 403),
        ("auditor", "province", "commune", 200, 403),
        ("commune_lead", "second", "commune", 404, 404),
        ("staff", "province", "school", 404, 404),
        ("staff", "other", "province", 404, 404),
    ],
)
def test_who_sets_what_papers_print(client, city, role, at, unit, page, sent):
    target = getattr(city, unit)
    client.force_login(account(role, getattr(city, at)))

    assert client.get(url(target, "thiet-lap")).status_code == page
    assert client.post(url(target, "thiet-lap"), SET).status_code == sent
    assert AuthoritySettings.objects.filter(unit=target.unit).count() == (sent == 302)


def test_settings_hold_from_their_day_and_the_older_ones_stay(client, city):
    client.force_login(account("staff", city.province))

    for start, signer in (("01/01/2026", "Người Một"), ("01/06/2026", "Người Hai"), ("01/03/2026", "Người Giữa")):
        client.post(url(city.commune, "thiet-lap"), SET | {"start": start, "signer_name": signer})

    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1)]
    signers = [authority_settings(city.commune.unit, day).signer_name for day in days]
    assert signers == ["", "Người Một", "Người Giữa", "Người Giữa", "Người Hai"]
    text = client.get(url(city.commune, "thiet-lap")).content.decode()
    assert all(f"Người {name}" in text for name in ("Một", "Giữa", "Hai"))


def test_settings_without_their_name_or_day_are_refused_with_all_that_is_missing(client, city):
    client.force_login(account("staff", city.province))

    response = client.post(url(city.commune, "thiet-lap"), SET | {"start": "31/02/2026", "committee_name": ""})

    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"start", "committee_name"}
    assert form(response)["signer_name"] == "Người Ký"


@pytest.mark.parametrize("end", ["lien-he", "thiet-lap"])
def test_the_pages_cost_few_queries(client, city, end, django_assert_max_num_queries):
    client.force_login(account("staff", city.province))

    with django_assert_max_num_queries(12):
        client.get(url(city.commune, end))
