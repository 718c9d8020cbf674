"""What leaves its mark in the trail beside the services: sign-ins that failed, and the second step of signing in."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.dispatch import receiver

from movement.audit.services import Act, record

from .access import home_unit
from .models import User

KINDS = {
    Authenticator.Type.TOTP: "ứng dụng tạo mã",
    Authenticator.Type.WEBAUTHN: "khóa bảo mật",
    Authenticator.Type.RECOVERY_CODES: "mã dự phòng",
}


def _note(user, action: str, verb: str, authenticator) -> None:
    with transaction.atomic():
        sentence = f"{verb} {KINDS[authenticator.type]}"
        record(user, Act(f"account.{action}", sentence, "user", str(user.pk), home_unit(user)))


def _note_failure(action: str, sentence: str, username: str) -> None:
    """A name that no account bears is not kept: people type their password there by mistake."""
    user = User.objects.filter(username__iexact=username or "").first()
    if user is None:
        act = Act(action, f"{sentence}: không có tài khoản mang tên đã gõ.")
    else:
        act = Act(action, f"{sentence}: {user.username}.", "user", str(user.pk), home_unit(user))
    with transaction.atomic():
        record("chưa đăng nhập", act)


@receiver(user_login_failed, dispatch_uid="accounts_sign_in_failed")
def sign_in_failed(credentials, **kwargs) -> None:
    _note_failure("account.sign_in_failed", "Đăng nhập không được", credentials.get("username"))


@receiver(user_locked_out, dispatch_uid="accounts_locked_out")
def locked_out(username=None, **kwargs) -> None:
    _note_failure("account.locked_out", "Tạm khóa đăng nhập vì sai nhiều lần", username)


@receiver(authentication_failed, dispatch_uid="accounts_second_step_failed")
def second_step_failed(user, **kwargs) -> None:
    """The password was right and the second step was not."""
    _note_failure("account.second_step_failed", "Sai mã ở bước xác thực thứ hai", user.username)


@receiver(authenticator_added, dispatch_uid="accounts_second_step_added")
def second_step_added(user, authenticator, **kwargs) -> None:
    _note(user, "second_step_added", "Thêm", authenticator)


@receiver(authenticator_removed, dispatch_uid="accounts_second_step_removed")
def second_step_removed(user, authenticator, **kwargs) -> None:
    _note(user, "second_step_removed", "Gỡ", authenticator)


@receiver(authenticator_reset, dispatch_uid="accounts_second_step_renewed")
def second_step_renewed(user, authenticator, **kwargs) -> None:
    _note(user, "second_step_renewed", "Tạo lại", authenticator)
