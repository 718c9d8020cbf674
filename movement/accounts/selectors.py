"""Reading accounts."""

from datetime import date

from django.utils.translation import gettext as _

from movement.core.problems import Problem, Refused

from .access import assignments_now, ground_names
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


def territory(user, on: date) -> str:
    """The names of the user's own ground on a date, for "where am I"; at most two, then how many more."""
    names = ground_names(user, tree_on=on)
    names += [a.group.name for a in assignments_now(user) if a.group_id]
    if len(names) <= 2:
        return ", ".join(names)
    return _("%(names)s và %(more)d địa bàn khác") % {"names": ", ".join(names[:2]), "more": len(names) - 2}
