"""Reading accounts."""

from movement.core.problems import Problem, Refused

from .models import User


def user_named(username: str) -> User:
    """The open account of that name.

    Raises:
        Refused: ``unknown_user``, ``account_closed``.
    """
    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        raise Refused(Problem("unknown_user", "Không có tài khoản mang tên này.", value=username))
    if not user.is_active:
        raise Refused(Problem("account_closed", "Tài khoản này đã đóng.", value=username))
    return user
