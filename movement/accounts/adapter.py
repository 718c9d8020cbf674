"""How django-allauth behaves here: no sign-up, sentences of our own, and the trail of who came and went."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from movement.audit.services import Act, record

from .access import home_unit


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by the administrator; nobody signs up and nobody resets a password by e-mail."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Tài khoản này đã ngừng hoạt động."),
        "enter_current_password": _("Mật khẩu hiện tại không đúng."),
        "incorrect_code": _("Mã xác thực không đúng hoặc đã hết hạn."),
        "incorrect_password": _("Mật khẩu không đúng."),
        "invalid_login": _("Tên đăng nhập hoặc mật khẩu không đúng."),
        "rate_limited": _("Có quá nhiều yêu cầu trong thời gian ngắn. Hãy chờ một phút rồi thử lại."),
        "same_as_current": _("Giá trị mới phải khác giá trị hiện tại."),
        "too_many_login_attempts": _("Đăng nhập sai quá nhiều lần. Hãy thử lại sau."),
        "username_password_mismatch": _("Tên đăng nhập hoặc mật khẩu không đúng."),
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def get_login_redirect_url(self, request) -> str:
        """A password given out by the administrator is changed before anything else."""
        if request.user.must_change_password:
            return reverse("account_change_password")
        return super().get_login_redirect_url(request)

    def get_logout_redirect_url(self, request) -> str:
        return reverse("account_login")

    def get_password_change_redirect_url(self, request) -> str:
        return reverse("home")

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        self._note(user, "account.signed_in", "Đăng nhập")
        return response

    def logout(self, request) -> None:
        user = request.user
        super().logout(request)
        if user.is_authenticated:
            self._note(user, "account.signed_out", "Đăng xuất")

    def set_password(self, user, password: str) -> None:
        user.must_change_password = False
        with transaction.atomic():
            super().set_password(user, password)
            self._note(user, "account.password_changed", "Đổi mật khẩu của mình")

    @staticmethod
    def _note(user, action: str, sentence: str) -> None:
        with transaction.atomic():
            record(user, Act(action, sentence, "user", str(user.pk), home_unit(user)))
