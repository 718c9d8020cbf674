"""The language a person chose, and the password an account must change first."""

from django.conf import settings
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation


class LanguageMiddleware:
    """Vietnamese until somebody chooses otherwise.

    Not Django's ``LocaleMiddleware``: many office machines run an English browser, whose
    ``Accept-Language`` says nothing about the person in front of it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            chosen = translation.get_supported_language_variant(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
        except LookupError:
            chosen = settings.LANGUAGE_CODE
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        return response


class PasswordChangeMiddleware:
    """An account with a password given out by the administrator goes nowhere until it has one of its own."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if user.is_authenticated and user.must_change_password and not self._allowed(request.path):
            return redirect("account_change_password")
        return self.get_response(request)

    @staticmethod
    def _allowed(path: str) -> bool:
        open_pages = ("account_change_password", "account_logout", "account_reauthenticate", "set_language", "healthz")
        return path in {reverse(name) for name in open_pages}
