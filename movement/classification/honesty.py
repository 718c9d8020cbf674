"""The questions asked before publication. They ask, they never punish and never change a result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import OuterRef, Q, Subquery

from movement.core.numbers import points_text
from units.enums import WORKPLACES, Kind, Level
from units.models import UnitVersion

from .enums import Purpose, Stage, State
from .models import Assessment, Campaign, Flag, Score

GAP_SHARE = 20  # hundredths of the total: a wider gap between self and final points is asked about
RECOGNISED_SHARE = 70  # hundredths, Circular 124/2021/TT-BCA, Art. 5(4), original wording
_NAMED = 5  # names in one sentence


def flags_of(campaign: Campaign, rows: list[Assessment]) -> list[Flag]:
    """The open questions about ``rows`` of one campaign, not stored; a fixed number of queries.

    No class (blocking), all at the maximum, a wide gap between self and final points, and for a
    commune's standard the shares of the units it manages.
    """
    total = campaign.version.total
    gaps = _gaps([a.pk for a in rows]) if total else {}
    shares = commune_shares(campaign, rows)
    found = []
    for a in rows:
        if not a.class_code:
            found.append(Flag(assessment=a, code="no_class", blocking=True, sentence="Đơn vị chưa phân loại."))
        if total and a.base is not None and a.base >= total:
            found.append(Flag(assessment=a, code="all_maximum", sentence="Mọi tiêu chí đều đạt điểm tối đa."))
        gap = gaps.get(a.pk, Decimal(0))
        if total and gap * 100 > total * GAP_SHARE:
            sentence = f"Điểm tự chấm và điểm thẩm định chênh nhau {points_text(gap)} điểm."
            found.append(Flag(assessment=a, code="score_gap", sentence=sentence))
        if (share := shares.get(a.pk)) and (sentence := share.question):
            found.append(
                Flag(assessment=a, code="units_waiting" if share.waiting else "units_short", sentence=sentence)
            )
    return found


def _gaps(ids: list[int]) -> dict[int, Decimal]:
    """``{assessment: |points in force − self points|}`` over the leaves that were changed after the self-score."""
    own = Score.objects.filter(assessment=OuterRef("assessment"), criterion=OuterRef("criterion"), stage=Stage.SELF)
    later = Score.objects.filter(assessment__in=ids, stage__in=[Stage.CHECK, Stage.FINAL], points__isnull=False)
    # "final" sorts after "check": the last stage that was typed comes first
    last = later.order_by("assessment", "criterion", "-stage").distinct("assessment", "criterion")
    sums: dict[int, Decimal] = defaultdict(Decimal)
    last = last.annotate(own=Subquery(own.values("points"))).values_list("assessment", "criterion", "points", "own")
    for a, _criterion, points, before in last:
        if before is not None:
            sums[a] += points - before
    return {a: abs(gap) for a, gap in sums.items()}


@dataclass(slots=True)
class Share:
    """How the units that a commune manages stand in the standards of the year.

    Counted are the units *managed by* the commune, not all on its ground.
    """

    total: int = 0
    recognised: int = 0
    waiting: list[str] = field(default_factory=list)
    unregistered: list[str] = field(default_factory=list)

    @property
    def question(self) -> str:
        """What is to be asked; empty when all are registered, decided and enough of them recognised."""
        said = []
        if self.unregistered:
            said.append(f"{_names(self.unregistered)} chưa đăng ký")
        if self.waiting:
            said.append(f"{_names(self.waiting)} chưa có quyết định công nhận")
        elif self.recognised * 100 < self.total * RECOGNISED_SHARE:
            said.append(f"dưới {RECOGNISED_SHARE}% đơn vị được công nhận")
        if not said:
            return ""
        return (
            f"Trong {self.total} đơn vị do xã quản lý, {self.recognised} đơn vị đã được công nhận; {'; '.join(said)}."
        )


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} và {len(names) - _NAMED} đơn vị khác" if len(names) > _NAMED else shown


def commune_shares(campaign: Campaign, rows: Iterable[Assessment]) -> dict[int, Share]:
    """``{assessment: Share}`` of the communes among ``rows`` in a standard; two queries.

    The 70 % and 100 % rules of Circular 124 in its original wording; the wording since 2025 was not read, so
    this asks and does not refuse.
    """
    communes = {a.unit_id: a for a in rows if a.unit_kind == Kind.COMMUNE}
    if campaign.scheme.purpose != Purpose.STANDARD or not communes:
        return {}
    inside = reduce(or_, (Q(path__startswith=a.path) for a in communes.values()))
    versions = UnitVersion.objects.filter(
        inside, province=campaign.province_id, valid__contains=campaign.tree_on, managing_level=Level.COMMUNE,
        kind__in=[Kind.RESIDENTIAL_AREA, *WORKPLACES],
    )  # fmt: skip
    versions = list(versions.order_by("name_sort").values_list("unit_id", "name", "path"))
    standing = Assessment.objects.filter(
        campaign__year=campaign.year, campaign__province=campaign.province_id, closed_at=None,
        campaign__scheme__purpose=Purpose.STANDARD, unit__in=[unit for unit, _name, _path in versions],
    )  # fmt: skip
    stands = {unit: (state, cls) for unit, state, cls in standing.values_list("unit_id", "state", "class_code")}
    found = {a.pk: Share() for a in communes.values()}
    for unit, name, path in versions:
        above = next((communes[int(p)] for p in path.strip("/").split("/") if int(p) in communes), None)
        if above is None:
            continue
        share = found[above.pk]
        share.total += 1
        share.recognised += stands.get(unit) == (State.PUBLISHED, "dat")
        if unit not in stands:
            share.unregistered.append(name)
        elif stands[unit][0] != State.PUBLISHED:
            share.waiting.append(name)
    return found
