"""Opening a year: which units are in it, under which names, and who decides on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from movement.audit.services import Act, record
from movement.core.problems import Problem, Refused
from units.enums import Kind, Level
from units.models import Unit, UnitVersion

from .. import calendar
from ..models import Assessment, Campaign, DecisionTrack, Scheme, SchemeVersion


@dataclass(frozen=True, slots=True)
class Track:
    check_level: str
    decide_level: str


def version_for(scheme: Scheme, year: int) -> SchemeVersion:
    """The version in force on the last day of ``year``; without dates, the latest.

    Raises:
        Refused: ``no_version`` when every version starts later or has ended.
    """
    last = date(year, 12, 31)
    for version in scheme.versions.order_by("-number"):
        started = version.effective_from is None or version.effective_from <= last
        if started and (version.effective_to is None or version.effective_to >= last):
            return version
    raise Refused(
        Problem("no_version", f"Bộ tiêu chí không có phiên bản nào có hiệu lực trong năm {year}.", value=scheme.code)
    )


def tracks_of(province: Unit, purpose: str, on: date) -> dict[tuple[str, str], Track]:
    """``{(unit kind, managing level): Track}``; the province's own rows come before the defaults."""
    rows = DecisionTrack.objects.filter(purpose=purpose, valid__contains=on)
    found: dict[tuple[str, str], Track] = {}
    for row in sorted(rows.filter(province=None), key=lambda r: r.pk):
        found[row.unit_kind, row.managing_level] = Track(row.check_level, row.decide_level)
    for row in rows.filter(province=province):
        found[row.unit_kind, row.managing_level] = Track(row.check_level, row.decide_level)
    return found


@transaction.atomic
def campaign_open(*, scheme_code: str, year: int, province: Unit, actor) -> tuple[Campaign, int, bool]:
    """Open the campaign and register the units in scope; ``(campaign, units registered now, created)``.

    In scope are the units of the scheme's kinds that stand in the province's tree on 31/12 of the
    year. Opening an open campaign again registers what has come into scope since.

    Raises:
        Refused: ``unknown_scheme``, ``no_version``, ``bad_year``, ``campaign_closed``, ``no_units``.
    """
    scheme = Scheme.objects.filter(code=scheme_code).first()
    if scheme is None:
        raise Refused(Problem("unknown_scheme", "Không có bộ tiêu chí mang mã này.", value=scheme_code))
    if not 2000 <= year <= timezone.localdate().year + 1:
        raise Refused(Problem("bad_year", "Năm đánh giá không hợp lệ.", value=year))
    version = version_for(scheme, year)
    limits = calendar.deadlines(scheme.purpose, year, version.unit_kinds)
    campaign, created = Campaign.objects.select_for_update(of=("self",)).select_related("scheme", "version").get_or_create(
        scheme=scheme, year=year, province=province,
        defaults={
            "version": version, "deadlines": limits,
            "periods": calendar.periods(scheme.purpose, year, version.unit_kinds),
            "retrospective": bool(limits) and timezone.localdate().isoformat() >= max(limits.values()),
        },
    )  # fmt: skip
    if not campaign.is_open:
        raise Refused(Problem("campaign_closed", "Kỳ đánh giá này đã đóng.", value=str(campaign)))
    added = units_register(campaign)
    if created and not added:
        raise Refused(
            Problem("no_units", "Trong tỉnh không có đơn vị nào thuộc diện của bộ tiêu chí này.", value=scheme_code)
        )
    if created or added:
        record(
            actor,
            Act(
                "campaign.open" if created else "campaign.register",
                f"{'Mở' if created else 'Bổ sung'} kỳ đánh giá {campaign}: {added} đơn vị.",
                "classification.campaign", campaign.ulid, province.pk, after={"units": added},
            ),
        )  # fmt: skip
    return campaign, added, created


def units_register(campaign: Campaign, units: Iterable[int] | None = None) -> int:
    """Add the units in scope (or those of ``units``) that are not in the campaign yet, with the names and places of
    its tree."""
    on = campaign.tree_on
    there = campaign.assessments.values("unit")
    versions = list(
        UnitVersion.objects.filter(province=campaign.province, valid__contains=on, kind__in=campaign.version.unit_kinds)
        .exclude(unit__in=there)
        .filter(**({} if units is None else {"unit__in": list(units)}))
        .order_by("path")
    )
    if not versions:
        return 0
    ancestors = {int(part) for v in versions for part in v.path.strip("/").split("/")}
    above = {v.unit_id: v for v in UnitVersion.objects.filter(unit__in=ancestors, valid__contains=on)}
    tracks = tracks_of(campaign.province, campaign.scheme.purpose, on)
    Assessment.objects.bulk_create((_registered(campaign, v, above, tracks) for v in versions), batch_size=2000)
    return len(versions)


def _registered(campaign: Campaign, version: UnitVersion, above: dict[int, UnitVersion], tracks) -> Assessment:
    place: dict[str, UnitVersion] = {}
    for part in version.path.strip("/").split("/"):
        step = above.get(int(part))
        if step is not None and step.kind in (Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE):
            place[step.kind] = step
    track = tracks.get((version.kind, version.managing_level)) or Track(Level.PROVINCE, Level.PROVINCE)
    checker, check_level = _authority(track.check_level, place, campaign.province_id)
    authority, decide_level = _authority(track.decide_level, place, campaign.province_id)
    commune, district = place.get(Kind.COMMUNE), place.get(Kind.DISTRICT)
    return Assessment(
        campaign=campaign, unit_id=version.unit_id, unit_code=version.code, unit_name=version.name,
        unit_kind=version.kind, unit_subkind=version.subkind, managing_level=version.managing_level,
        path=version.path, commune_id=commune and commune.unit_id, commune_name=commune.name if commune else "",
        district_id=district and district.unit_id, district_name=district.name if district else "",
        authority_id=authority, decide_level=decide_level, checker_id=checker, check_level=check_level,
    )  # fmt: skip


def _authority(level: str, place: dict[str, UnitVersion], province: int) -> tuple[int, str]:
    """The unit whose authority acts at ``level``; the province where the place has no such level."""
    if level in (Level.COMMUNE, Level.DISTRICT) and level in place:
        return place[level].unit_id, level
    return province, Level.MINISTRY if level == Level.MINISTRY else Level.PROVINCE
