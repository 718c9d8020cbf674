"""One-time codes: kept as a hash, used once, in time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from movement.accounts.models import Invitation, User
from movement.accounts.services import account_close, invitation_make, invitation_use, password_reset
from movement.accounts.services.invitations import code_hash, invitation_of
from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.ground import account

PASSWORD = "mot-cau-du-dai-de-thu"
pytestmark = pytest.mark.django_db


def test_a_code_sets_the_password_once(db):
    user = account(username="nguoi-moi")
    code, _kept = invitation_make(user, actor="kiểm tra")

    invitation_use(code.upper().replace("-", " "), password=PASSWORD)

    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    with pytest.raises(Refused, match="đã dùng"):
        invitation_use(code, password=PASSWORD + "-khac")


@pytest.mark.parametrize("why", ["expired", "newer", "closed", "wrong"])
def test_a_code_that_no_longer_holds_sets_nothing(why):
    user = account()
    code, kept = invitation_make(user, actor="kiểm tra")
    if why == "expired":
        Invitation.objects.filter(pk=kept.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif why == "newer":
        invitation_make(user, actor="kiểm tra")
    elif why == "closed":
        account_close(user, actor="kiểm tra")
    else:
        code = code[:-1] + ("2" if code[-1] != "2" else "3")

    assert invitation_of(code) is None
    with pytest.raises(Refused):
        invitation_use(code, password=PASSWORD)
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_a_weak_password_leaves_the_code_good():
    code, _kept = invitation_make(account(), actor="kiểm tra")
    with pytest.raises(Refused) as refused:
        invitation_use(code, password="123")
    assert {p.code for p in refused.value.problems} == {"weak_password"}
    assert invitation_of(code) is not None


def test_no_code_stands_in_the_database_or_the_trail():
    code, kept = invitation_make(account(), actor="kiểm tra")
    plain = code.replace("-", "")

    assert kept.code_hash == code_hash(code)
    for row in (*Invitation.objects.values(), *Entry.objects.values()):
        assert plain not in str(row) and code not in str(row)


def test_a_reset_takes_the_password_and_the_sessions(client):
    user = account()
    user.set_password(PASSWORD)
    user.save()
    client.post("/tai-khoan/dang-nhap/", {"login": user.username, "password": PASSWORD})
    assert client.get("/").status_code == 200

    password_reset(user, actor="kiểm tra")

    assert client.get("/").status_code == 302
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_whoever_has_a_link_or_a_slip_sets_a_password_without_signing_in(client):
    user = account(username="nguoi-moi")
    code, _kept = invitation_make(user, actor="kiểm tra")

    typed = client.post("/tai-khoan/moi/", {"code": code})
    short = client.post(typed.url, {"password": "ngan", "again": "ngan"})
    apart = client.post(typed.url, {"password": PASSWORD, "again": PASSWORD + "-khac"})
    done = client.post(typed.url, {"password": PASSWORD, "again": PASSWORD})

    assert (short.status_code, apart.status_code, done.url) == (422, 422, "/tai-khoan/dang-nhap/")
    assert "Mật khẩu quá ngắn; phải có ít nhất 14 ký tự." in short.content.decode()
    assert client.post("/tai-khoan/dang-nhap/", {"login": "nguoi-moi", "password": PASSWORD}).url == "/"


def test_a_wrong_code_says_the_same_whatever_is_wrong_with_it(client):
    answers = {client.post("/tai-khoan/moi/", {"code": code}).status_code for code in ("sai", "aaaa-bbbb-cccc-dddd")}
    assert answers == {422}
    assert client.get("/tai-khoan/moi/aaaa-bbbb-cccc-dddd/").status_code == 404
