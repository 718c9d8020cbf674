"""Codes with which people set their first password, or a new one. Said once, kept as a hash, used once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from movement.audit.services import Act, record
from movement.core.installation import setting_value
from movement.core.problems import Problem, Refused

from ..models import Invitation, User
from .accounts import place_of, sessions_end

DAYS_SETTING, DAYS = "accounts.invitation_days", 14
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another on paper
LENGTH = 16  # 79 bits

NO_CODE = "Mã này không đúng, đã dùng hoặc đã hết hạn; hãy xin người quản trị cấp mã khác."


@transaction.atomic
def invitation_make(user: User, *, actor) -> tuple[str, Invitation]:
    """A code for ``user``, and what is kept of it; an earlier one is withdrawn. The code stands nowhere else.

    Raises:
        Refused: ``account_closed``.
    """
    row = User.objects.select_for_update().get(pk=user.pk)
    if not row.is_active:
        raise Refused(Problem("account_closed", "Tài khoản này đã đóng."))
    now = timezone.now()
    row.invitations.filter(used_at=None, withdrawn_at=None).update(withdrawn_at=now)
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    days = int(setting_value(DAYS_SETTING, DAYS))
    kept = Invitation.objects.create(
        user=row, code_hash=code_hash(letters), expires_at=now + timedelta(days=days), made_by=str(actor)[:200]
    )
    sentence = f"Cấp mã mời dùng một lần cho tài khoản {row.username} ({row})."
    record(
        actor,
        Act("account.invite", sentence, "accounts.user", row.ulid, place_of(row), after={"expires": kept.expires_at}),
    )
    return "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4)), kept


def code_hash(code: str) -> str:
    """As kept: case, spaces and dashes do not count."""
    plain = "".join(letter for letter in code.lower() if letter in LETTERS)
    return hashlib.sha256(plain.encode()).hexdigest()


def invitation_of(code: str) -> Invitation | None:
    """The open invitation of a code, of an open account."""
    rows = Invitation.objects.filter(used_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
    return rows.select_related("user").filter(code_hash=code_hash(code), user__is_active=True).first()


@transaction.atomic
def invitation_use(code: str, *, password: str) -> User:
    """Set the password of the account that the code names.

    Raises:
        Refused: ``no_code``; ``weak_password``, one problem for each rule, with the code still good.
    """
    found = invitation_of(code)
    row = found and Invitation.objects.select_for_update().filter(pk=found.pk, used_at=None, withdrawn_at=None).first()
    if not row:
        raise Refused(Problem("no_code", NO_CODE))
    user = User.objects.select_for_update().get(pk=row.user_id)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused([Problem("weak_password", str(m)) for m in error.messages]) from error
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record(
        user,
        Act(
            "account.password_set", "Đặt mật khẩu bằng mã mời dùng một lần.", "accounts.user", user.ulid, place_of(user)
        ),
    )
    return user


@transaction.atomic
def password_reset(user: User, *, actor) -> tuple[str, Invitation]:
    """Take the password away, end all sessions and give a code for a new one.

    Raises:
        Refused: ``account_closed``.
    """
    code, kept = invitation_make(user, actor=actor)
    row = User.objects.select_for_update().get(pk=user.pk)
    row.set_unusable_password()
    row.save(update_fields=["password"])
    sessions_end(row)
    sentence = f"Bỏ mật khẩu của tài khoản {row.username} ({row}) để đặt lại."
    record(actor, Act("account.password_reset", sentence, "accounts.user", row.ulid, place_of(row)))
    return code, kept
