"""Making accounts, closing and reopening them. An account is never deleted."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from movement.audit.services import Act, record
from movement.core.problems import Problem, Refused

from ..models import User


@transaction.atomic
def account_create(
    *, username: str, password: str | None, actor, name: str = "", position: str = "", must_change: bool = False,
    demonstration: bool = False, email: str = "", unit_id: int | None = None,
) -> User:  # fmt: skip
    """Make an account without any right yet. ``unit_id``: where it will have one, for who reads the trail.

    Raises:
        Refused: ``username_taken``, ``bad_username``, ``weak_password`` (one problem for each rule).
    """
    username = User.normalize_username(username)
    problems = []
    if User.objects.filter(username__iexact=username).exists():
        problems.append(Problem("username_taken", "Tên đăng nhập này đã có người dùng.", value=username))
    user = User(
        username=username, name=name or username, position=position, must_change_password=must_change,
        demonstration=demonstration, email=email,
    )  # fmt: skip
    try:
        User._meta.get_field("username").clean(username, user)
    except ValidationError as error:
        problems += [Problem("bad_username", str(m), value=username) for m in error.messages]
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            problems += [Problem("weak_password", str(m)) for m in error.messages]
    if problems:
        raise Refused(problems)
    user.set_password(password)
    user.save()
    record(
        actor, Act("account.create", f"Tạo tài khoản {username} ({user.name}).", "accounts.user", user.ulid, unit_id)
    )
    return user


@transaction.atomic
def account_close(user: User, *, actor, reason: str = "") -> None:
    """Close an account: nobody signs in with it, who is signed in is out at once. Its assignments stay as they are.

    Raises:
        Refused: ``closed_already``.
    """
    row = User.objects.select_for_update().get(pk=user.pk)
    if not row.is_active:
        raise Refused(Problem("closed_already", "Tài khoản này đã đóng."))
    user.is_active = row.is_active = False
    row.save(update_fields=["is_active"])
    sessions_end(row)
    sentence = f"Đóng tài khoản {row.username} ({row})."
    record(actor, Act("account.close", sentence, "accounts.user", row.ulid, place_of(row), before={"open": True}, after={"open": False},
                      reason=reason))  # fmt: skip


@transaction.atomic
def account_reopen(user: User, *, actor, reason: str = "") -> None:
    """Open a closed account again, with the assignments that still hold.

    Raises:
        Refused: ``open_already``.
    """
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.is_active:
        raise Refused(Problem("open_already", "Tài khoản này đang mở."))
    user.is_active = row.is_active = True
    row.save(update_fields=["is_active"])
    sentence = f"Mở lại tài khoản {row.username} ({row})."
    record(actor, Act("account.reopen", sentence, "accounts.user", row.ulid, place_of(row), before={"open": False}, after={"open": True},
                      reason=reason))  # fmt: skip


@transaction.atomic
def second_step_reset(user: User, *, actor, reason: str) -> None:
    """Take away the second step of somebody who lost their telephone or key; they set up a new one after signing in.

    Every session ends: who holds the lost thing may be signed in.

    Raises:
        Refused: ``reason_missing``, ``no_second_step``.
    """
    if not reason.strip():
        raise Refused(Problem("reason_missing", "Gỡ bước xác thực thứ hai phải ghi lý do."))
    row = User.objects.select_for_update().get(pk=user.pk)
    removed, _by_kind = Authenticator.objects.filter(user=row).delete()
    if not removed:
        raise Refused(Problem("no_second_step", "Tài khoản này không dùng bước xác thực thứ hai."))
    sessions_end(row)
    sentence = f"Gỡ bước xác thực thứ hai của tài khoản {row.username} ({row})."
    record(
        actor,
        Act("account.second_step_reset", sentence, "accounts.user", row.ulid, place_of(row), reason=reason.strip()),
    )


def place_of(user: User) -> int | None:
    """The unit under which the trail keeps what is done to an account: that of its latest right (a group's province)."""
    rows = user.assignments.order_by("-pk").values_list("unit", "group__province")
    unit, province = rows.first() or (None, None)
    return unit or province


def sessions_end(user: User) -> int:
    """End every session of an account, on all machines; how many there were."""
    ended = 0
    for session in UserSession.objects.filter(user=user):
        session.end()
        ended += 1
    return ended
