"""Signing in and out, the lock after wrong passwords, the password that must be changed, the language."""

import pytest
from django.urls import NoReverseMatch, reverse

from movement.accounts.models import User
from movement.audit.models import Entry

PASSWORD = "mot-cau-du-dai-de-thu"
OTHER = "mot-cau-khac-cung-du-dai"


@pytest.fixture
def officer(db) -> User:
    return User.objects.create_user("canbo", PASSWORD, name="Nguyễn Thị Minh Họa")


def sign_in(client, password: str = PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": "canbo", "password": password}, **more)


def trail() -> list[tuple[str, str]]:
    return list(Entry.objects.order_by("id").values_list("action", "actor_name"))


def test_signing_in_leads_home_and_is_in_the_trail(client, officer):
    response = sign_in(client)

    assert (response.status_code, response.url) == (302, "/")
    assert trail() == [("account.signed_in", "Nguyễn Thị Minh Họa")]


def test_signing_in_leads_on_to_the_page_that_was_asked_for(client, officer):
    asked = client.get(reverse("usersessions_list"))

    response = client.post(asked.url, {"login": "canbo", "password": PASSWORD, "next": "/tai-khoan/phien/"})

    assert response.url == "/tai-khoan/phien/"


def test_a_foreign_address_is_not_followed_after_signing_in(client, officer):
    response = sign_in(client, QUERY_STRING="next=https://example.org/")

    assert response.url == "/"


def test_a_wrong_password_is_told_in_our_words_without_saying_which_part_was_wrong(client, officer):
    wrong_password = sign_in(client, "sai").content.decode()
    nobody = client.post(reverse("account_login"), {"login": "khongco", "password": "sai"}).content.decode()

    for page in (wrong_password, nobody):
        assert "Tên đăng nhập hoặc mật khẩu không đúng." in page
    assert "account.signed_in" not in dict(trail())


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(client, officer):
    statuses = [sign_in(client, "sai").status_code for _ in range(5)]

    right = sign_in(client)

    assert statuses == [200, 200, 200, 200, 429]
    assert right.status_code == 429
    assert "Tạm khóa đăng nhập" in right.content.decode()
    assert "account.signed_in" not in dict(trail())


def test_the_lock_of_one_account_leaves_the_others_alone(client, officer):
    User.objects.create_user("khac", PASSWORD)
    for _ in range(5):
        sign_in(client, "sai")

    response = client.post(reverse("account_login"), {"login": "khac", "password": PASSWORD})

    assert response.url == "/"


def test_a_closed_account_does_not_sign_in(client, officer):
    officer.is_active = False
    officer.save()

    response = sign_in(client)

    assert response.url == reverse("account_inactive")
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_a_post_and_is_in_the_trail(client, officer):
    client.force_login(officer)

    asked = client.get(reverse("account_logout"))
    still_in = "_auth_user_id" in client.session
    client.post(reverse("account_logout"))

    assert (asked.status_code, still_in, "_auth_user_id" in client.session) == (200, True, False)
    assert trail() == [("account.signed_out", "Nguyễn Thị Minh Họa")]


def test_a_password_given_out_must_be_changed_before_anything_else(client, officer):
    officer.must_change_password = True
    officer.save()

    first = sign_in(client)
    elsewhere = client.get("/")
    change = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
    )
    afterwards = client.get("/")

    assert first.url == elsewhere.url == reverse("account_change_password")
    assert (change.url, afterwards.status_code) == ("/", 200)
    officer.refresh_from_db()
    assert officer.check_password(OTHER) and not officer.must_change_password
    assert ("account.password_changed", "Nguyễn Thị Minh Họa") in trail()


@pytest.mark.parametrize(
    ("new", "sentence"),
    [("ngan", "ít nhất 14 ký tự"), ("12345678901234567", "hoàn toàn bằng số"), ("canbo", "thông tin cá nhân")],
)
def test_a_weak_new_password_is_refused_with_its_reason(client, officer, new, sentence):
    client.force_login(officer)

    response = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )

    assert sentence in response.content.decode()
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email", "account_set_password"])
def test_nothing_lets_people_sign_up_or_reset_by_mail(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_vietnamese_is_spoken_whatever_the_browser_asks_until_somebody_chooses(client, officer):
    english_browser = {"HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9"}

    before = client.get(reverse("account_login"), **english_browser)
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    after = client.get(reverse("account_login"))

    assert before.headers["Content-Language"] == "vi"
    assert '<html lang="vi">' in before.content.decode()
    assert after.headers["Content-Language"] == "en"
    assert '<html lang="en">' in after.content.decode()


@pytest.mark.django_db
def test_a_language_nobody_speaks_falls_back_to_vietnamese(client):
    client.cookies["django_language"] = "xx-' OR 1"

    assert client.get(reverse("account_login")).headers["Content-Language"] == "vi"


@pytest.mark.django_db
def test_the_policy_lets_a_page_load_nothing_from_elsewhere(client):
    policy = client.get(reverse("account_login")).headers["Content-Security-Policy"]

    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["img-src"] == "'self' data:"
    assert not {"script-src", "style-src"} & rules.keys()
