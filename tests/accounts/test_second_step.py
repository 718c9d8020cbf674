"""The second step of signing in: a wrong code leaves its mark, and who lost the telephone gets in again."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from movement.accounts.services import second_step_reset
from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.ground import REFORM, account, version

pytestmark = pytest.mark.django_db
PASSWORD = "mat-khau-rat-dai-1"


@pytest.fixture
def province():
    return version("province", since=REFORM)


@pytest.fixture
def person(province):
    """A clerk who signs in with a password and an application's code."""
    person = account("clerk", province, username="van.thu")
    person.set_password(PASSWORD)
    person.save()
    TOTP.activate(person, generate_totp_secret())
    return person


def sign_in(client):
    return client.post("/tai-khoan/dang-nhap/", {"login": "van.thu", "password": PASSWORD})


def test_a_wrong_code_is_a_failed_sign_in_of_that_account(client, person, province):
    assert "/hai-buoc/" in sign_in(client).url

    client.post("/tai-khoan/hai-buoc/authenticate/", {"code": "000000"})

    entry = Entry.objects.get(action="account.second_step_failed")
    assert (entry.object_id, entry.unit_id) == (str(person.pk), province.unit_id)
    assert "000000" not in str(entry.__dict__)
    assert not Entry.objects.filter(action="account.signed_in").exists()


def test_an_administrator_takes_away_a_step_that_was_lost(client, person, province):
    client.force_login(account("admin", province))
    page = f"/tai-khoan/quan-ly/{person.ulid}/"
    assert "Có dùng" in client.get(page).content.decode()

    client.post(f"{page}buoc-hai/", {"reason": ""})
    assert Authenticator.objects.filter(user=person).exists()
    client.post(f"{page}buoc-hai/", {"reason": "Mất điện thoại"})

    assert not Authenticator.objects.filter(user=person).exists()
    entry = Entry.objects.get(action="account.second_step_reset")
    assert (entry.reason, entry.object_id) == ("Mất điện thoại", person.ulid)
    assert "Không dùng" in client.get(page).content.decode()
    client.logout()
    assert sign_in(client).url == "/"


def test_taking_it_away_ends_who_is_signed_in(client, person, province):
    Authenticator.objects.all().delete()
    sign_in(client)
    TOTP.activate(person, generate_totp_secret())
    assert client.get("/").status_code == 200

    second_step_reset(person, actor=account("admin", province), reason="Mất điện thoại")

    assert client.get("/").status_code == 302


def test_an_account_without_a_second_step_has_nothing_to_take_away(province):
    with pytest.raises(Refused) as refused:
        second_step_reset(account("clerk", province), actor="kiểm tra", reason="Mất")
    assert [problem.code for problem in refused.value.problems] == ["no_second_step"]
