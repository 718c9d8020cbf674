"""Values of the whole installation, kept in the database and, for half a minute, in each process."""

from django.core.cache import cache
from django.db import transaction

from movement.audit.services import Act, record

from .models import Setting

DEMONSTRATION = "demonstration"  # true while any data are made up: every page and sheet says so
_KEEP = 30  # seconds another process may still show the old value


def setting_value(key: str, default=None):
    """The value of ``key``, at most half a minute old; ``default`` when it was never set."""
    name = f"setting:{key}"
    row = cache.get(name)
    if row is None:
        row = list(Setting.objects.filter(key=key).values_list("value", flat=True))
        cache.set(name, row, _KEEP)
    return row[0] if row else default


@transaction.atomic
def setting_set(*, key: str, value, actor) -> None:
    """Keep ``value`` (anything JSON holds) under ``key``."""
    before = Setting.objects.filter(key=key).values_list("value", flat=True).first()
    if before == value:
        return
    Setting.objects.update_or_create(key=key, defaults={"value": value})
    record(
        actor,
        Act("setting.set", f"Đặt giá trị chung “{key}”.", "core.setting", key, before=before, after=value),
    )
    transaction.on_commit(lambda: cache.delete(f"setting:{key}"))


def is_demonstration() -> bool:
    return bool(setting_value(DEMONSTRATION, False))
