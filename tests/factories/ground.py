"""The smallest valid ground: places, units, accounts. Straight rows, so that tests of services stay apart."""

from datetime import date
from itertools import count

from django.utils import timezone

from movement.accounts.models import Assignment, User
from units.models import Unit, UnitVersion

SINCE = date(2000, 1, 1)
REFORM = date(2025, 7, 1)
_numbers = count(1)


def version(kind, under=None, *, name=None, code=None, level=None, since=SINCE, until=None, unit=None, **more):
    """One unit with one version below ``under`` (a version) and no longer than it; returns the version."""
    number = next(_numbers)
    until = until or (under and under.valid.upper)
    unit = unit or Unit.objects.create()
    levels = {"province": "ministry", "district": "province", "commune": "district", "residential_area": "commune"}
    row = UnitVersion.objects.create(
        unit=unit,
        kind=kind,
        name=name or f"{kind} {number}",
        code=f"T{number}" if code is None else code,
        parent=under and under.unit,
        province_id=under.province_id if under else (unit.pk if kind == "province" else None),
        managing_level=level or levels.get(kind, "province"),
        path=f"{under.path if under else '/'}{unit.pk}/",
        valid=(since, until),
        **more,
    )
    row.refresh_from_db()
    return row


def legacy_ground(code="93"):
    """``(province, district, commune)`` as they stood until 30/6/2025."""
    province = version("province", name="Tỉnh Hậu Giang", code=code, until=REFORM)
    district = version("district", province, name="Huyện Vị Thủy", until=REFORM)
    return province, district, version("commune", district, name="Thị trấn Nàng Mau", until=REFORM)


def account(role=None, at=None, *, username=None, since=SINCE, until=None):
    """An account with one assignment on the unit of ``at`` (a version); none without a role."""
    username = username or f"{role or 'ai-do'}-{next(_numbers)}"
    user = User.objects.create(username=username, name=username, password="!")
    if role:
        Assignment.objects.create(user=user, role=role, unit=at.unit, valid=(since, until or None))
    return user


def today():
    return timezone.localdate()
