"""Making accounts and giving rights."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from movement.audit.services import Act, record
from movement.core.problems import Problem, Refused
from units.enums import Kind
from units.models import Unit

from .enums import ROOT_KINDS, Role
from .models import Assignment, User


@transaction.atomic
def account_create(
    *, username: str, password: str | None, actor, name: str = "", position: str = "", must_change: bool = False,
    demonstration: bool = False,
) -> User:  # fmt: skip
    """Make an account without any right yet.

    Raises:
        Refused: ``username_taken``, ``bad_username``, ``weak_password`` (one problem for each rule).
    """
    username = User.normalize_username(username)
    problems = []
    if User.objects.filter(username__iexact=username).exists():
        problems.append(Problem("username_taken", "Tên đăng nhập này đã có người dùng.", value=username))
    user = User(
        username=username, name=name or username, position=position, must_change_password=must_change,
        demonstration=demonstration,
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
    record(actor, Act("account.create", f"Tạo tài khoản {username} ({user.name}).", "accounts.user", user.ulid))
    return user


@transaction.atomic
def assignment_give(*, user: User, role: str, unit: Unit, kind: str, actor, start: date | None = None) -> Assignment:
    """Give ``role`` on ``unit`` (a unit of ``kind``) and all below it, from today on.

    Raises:
        Refused: ``wrong_root`` when the role cannot stand on such a unit.
    """
    allowed = ROOT_KINDS.get(Role(role))
    if allowed is not None and kind not in allowed:
        names = ", ".join(str(Kind(k).label) for k in sorted(allowed))
        raise Refused(Problem("wrong_root", f"Vai trò “{Role(role).label}” phải gắn với: {names}.", value=kind))
    start = start or timezone.localdate()
    assignment = Assignment.objects.create(
        user=user, role=role, unit=unit, valid=(start, None), made_by=str(actor)[:200]
    )
    record(
        actor,
        Act(
            "assignment.give", f"Giao vai trò “{Role(role).label}” cho {user}.", "accounts.user", user.ulid, unit.pk,
            after={"role": role, "unit": unit.ulid, "from": start.isoformat()},
        ),
    )  # fmt: skip
    return assignment
