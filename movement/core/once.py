"""A form that is sent twice does its work once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import models, transaction

from .models import OnceKey

M = TypeVar("M", bound=models.Model)


@transaction.atomic
def once(key: str, *, actor, purpose: str, model: type[M], make: Callable[[], M]) -> tuple[M, bool]:
    """What ``make`` creates for the form with ``key``; ``(object, whether it was made now)``.

    The form carries ``key`` (template tag ``once_key``). A second sending, also one at the same
    moment, waits for the first and gets its object; when the first failed, the second makes it.
    """
    OnceKey.objects.bulk_create([OnceKey(actor_id=actor.pk, purpose=purpose, key=key[:60])], ignore_conflicts=True)
    row = OnceKey.objects.select_for_update().get(actor_id=actor.pk, purpose=purpose, key=key[:60])
    if row.object_id is not None:
        return model._default_manager.get(pk=row.object_id), False
    made = make()
    row.object_id = made.pk
    row.save(update_fields=["object_id"])
    return made, True
