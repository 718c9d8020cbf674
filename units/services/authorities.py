"""The dated settings of an authority: what its letterhead prints."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from movement.audit.services import Act, record

from ..models import AuthoritySettings, Unit


@transaction.atomic
def authority_settings_set(*, unit: Unit, start: date, actor, end: date | None = None, **values) -> AuthoritySettings:
    """Let ``values`` (the fields of ``AuthoritySettings``) hold from ``start`` until before ``end``.

    The same values from the same day again change nothing. What held before ends where these begin.

    Raises:
        IntegrityError: ``units_authority_no_overlap`` when later settings stand in the way.
    """
    rows = AuthoritySettings.objects.select_for_update().filter(unit=unit)
    same = rows.filter(valid__startswith=start).first()
    if same and all(getattr(same, name) == value for name, value in values.items()):
        return same
    if same:
        before = {name: getattr(same, name) for name in values}
        for name, value in values.items():
            setattr(same, name, value)
        same.save()
        _told(actor, same, before)
        return same
    for earlier in rows.filter(valid__contains=start):
        earlier.valid = (earlier.valid.lower, start)
        earlier.save(update_fields=["valid"])
    made = AuthoritySettings.objects.create(unit=unit, valid=(start, end), **values)
    _told(actor, made, None)
    return made


def _told(actor, row: AuthoritySettings, before: dict | None) -> None:
    record(
        actor,
        Act(
            "authority.settings",
            f"Đặt thiết lập văn bản của cơ quan: {row.committee_name}.",
            "units.unit",
            row.unit.ulid,
            row.unit_id,
            before=before,
            after={"committee_name": row.committee_name, "report_symbol": row.report_symbol},
        ),
    )
