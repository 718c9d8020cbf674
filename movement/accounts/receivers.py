"""The second step of signing in leaves its mark in the trail too: it decides who can act for an account."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.db import transaction
from django.dispatch import receiver

from movement.audit.services import Act, record

KINDS = {
    Authenticator.Type.TOTP: "ứng dụng tạo mã",
    Authenticator.Type.WEBAUTHN: "khóa bảo mật",
    Authenticator.Type.RECOVERY_CODES: "mã dự phòng",
}


def _note(user, action: str, verb: str, authenticator) -> None:
    with transaction.atomic():
        sentence = f"{verb} {KINDS[authenticator.type]}"
        record(user, Act(f"account.{action}", sentence, object_kind="user", object_id=str(user.pk)))


@receiver(authenticator_added, dispatch_uid="accounts_second_step_added")
def second_step_added(user, authenticator, **kwargs) -> None:
    _note(user, "second_step_added", "Thêm", authenticator)


@receiver(authenticator_removed, dispatch_uid="accounts_second_step_removed")
def second_step_removed(user, authenticator, **kwargs) -> None:
    _note(user, "second_step_removed", "Gỡ", authenticator)


@receiver(authenticator_reset, dispatch_uid="accounts_second_step_renewed")
def second_step_renewed(user, authenticator, **kwargs) -> None:
    _note(user, "second_step_renewed", "Tạo lại", authenticator)
