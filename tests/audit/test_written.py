"""What comes and goes is written: sign-ins, failures, lockouts, from where; no password ever is."""

import pytest

from movement.accounts.models import User
from movement.audit.models import Entry
from movement.core.middleware import agent_words
from tests.factories.ground import account, version

pytestmark = pytest.mark.django_db
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)


@pytest.fixture
def person():
    user = account("clerk", version("province"), username="van.thu")
    user.set_password("mat-khau-rat-dai-1")
    user.save()
    return user


def sign_in(client, username, password):
    data = {"login": username, "password": password}
    return client.post("/tai-khoan/dang-nhap/", data, headers={"User-Agent": AGENT})


def written(*actions):
    rows = Entry.objects.filter(action__in=actions).order_by("id")
    return list(rows.values_list("action", "actor_name", "object_id", "unit_id"))


def test_signing_in_and_out_is_written_with_where_from(client, person):
    unit = person.assignments.get().unit_id

    sign_in(client, "van.thu", "mat-khau-rat-dai-1")
    client.post("/tai-khoan/dang-xuat/")

    assert written("account.signed_in", "account.signed_out") == [
        ("account.signed_in", person.name, str(person.pk), unit),
        ("account.signed_out", person.name, str(person.pk), unit),
    ]
    assert Entry.objects.get(action="account.signed_in").source == "127.0.0.1 · Chrome 131, Windows"


def test_a_failed_sign_in_is_written_under_the_account_it_was_for(client, person):
    sign_in(client, "Van.Thu", "mat-khau-sai-1")

    assert written("account.sign_in_failed") == [
        ("account.sign_in_failed", "chưa đăng nhập", str(person.pk), person.assignments.get().unit_id)
    ]


def test_what_was_typed_is_never_kept_when_no_account_bears_that_name(client, person):
    sign_in(client, "mat-khau-go-nham-o", "mat-khau-rat-dai-1")

    (row,) = Entry.objects.filter(action="account.sign_in_failed")
    told = " ".join(str(value) for value in row.__dict__.values())
    assert "mat-khau" not in told and row.object_id == ""


def test_a_lockout_is_written(client, person):
    for _ in range(5):
        sign_in(client, "van.thu", "mat-khau-sai-1")

    assert len(written("account.locked_out")) == 1
    assert "mat-khau" not in str(list(Entry.objects.values()))
    assert User.objects.get(pk=person.pk).is_active


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (AGENT, "Chrome 131, Windows"),
        (AGENT.replace("Safari/537.36", "Safari/537.36 Edg/131.0"), "Edge 131, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox 133, Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari 18, iPhone",
        ),
        ("curl/8.5.0\n\x1b[31m and much more than thirty letters", "curl/8.5.0[31m and much more"),
        ("", ""),
    ],
)
def test_a_browser_is_told_in_two_words(agent, words):
    assert agent_words(agent) == words
