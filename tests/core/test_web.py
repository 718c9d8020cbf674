import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.views.decorators.csrf import csrf_protect

from movement.audit.services import source
from movement.core import views
from movement.core.middleware import RequestMiddleware, client_address
from movement.urls import urlpatterns as of_the_portal


def crash(request):
    raise RuntimeError("mật khẩu trong cơ sở dữ liệu")


def where(request):
    return HttpResponse(source.get())


urlpatterns = [
    path("crash", crash),
    path("where", where),
    path("form", csrf_protect(where)),
    *of_the_portal,
]
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def test_a_broken_page_shows_a_number_and_nothing_of_the_inside(caplog):
    answer = Client(raise_request_exception=False).get("/crash")

    page = answer.content.decode()
    (entry,) = [entry for entry in caplog.records if entry.name == "movement.requests"]
    reference = entry.args[0]
    assert answer.status_code == 500
    assert f"<strong>{reference}</strong>" in page
    assert "mật khẩu" not in page
    assert "RuntimeError" not in page
    assert entry.exc_info[1].args == ("mật khẩu trong cơ sở dữ liệu",)


def test_each_request_has_a_number_of_its_own(caplog):
    for _ in range(2):
        Client(raise_request_exception=False).get("/crash")

    numbers = [entry.args[0] for entry in caplog.records if entry.name == "movement.requests"]
    assert len(set(numbers)) == 2


def test_the_broken_page_needs_no_request_from_our_middleware():
    request = RequestFactory().get("/")

    assert views.server_error(request).status_code == 500


@pytest.mark.parametrize(
    ("meta", "address"),
    [
        ({"REMOTE_ADDR": "10.1.2.3"}, "10.1.2.3"),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_X_FORWARDED_FOR": "6.6.6.6"}, "10.1.2.3"),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 10.1.2.3"}, "10.1.2.3"),
        ({"REMOTE_ADDR": "127.0.0.1"}, "127.0.0.1"),
        ({"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}, "10.1.2.3"),
    ],
)
def test_only_a_proxy_of_this_machine_is_believed(meta, address):
    assert client_address(RequestFactory().get("/", **meta)) == address


def test_the_trail_learns_the_address_for_the_time_of_the_request():
    answer = Client().get("/where", REMOTE_ADDR="10.1.2.3")

    assert answer.content == b"10.1.2.3"
    assert source.get() == ""


def test_the_address_is_forgotten_when_the_page_breaks():
    def broken(request):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        RequestMiddleware(broken)(RequestFactory().get("/", REMOTE_ADDR="10.1.2.3"))
    assert source.get() == ""


def test_a_form_open_too_long_is_refused_kindly():
    answer = Client(enforce_csrf_checks=True).post("/form", {"a": "b"})

    assert answer.status_code == 403
    assert "mở quá lâu" in answer.content.decode()


def test_the_watchdog_is_answered():
    answer = Client().get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_watchdog_hears_when_the_database_is_away():
    with connection.execute_wrapper(_away):
        answer = Client().get("/healthz")

    assert (answer.status_code, answer.content) == (503, b"database\n")


def _away(execute, sql, params, many, context):
    raise OperationalError("server closed the connection")
