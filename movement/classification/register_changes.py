"""What a change of the register of units touches in the year's classification, and what was built on one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from movement.core.dates import format_date, today
from units.models import RegisterChange
from units.selectors import Effect

from .enums import State
from .models import Assessment, PublishedResult

_SHOWN = 10


def classification_touched(unit_ids: set[int], on: date) -> Iterable[Effect]:
    """Open assessments of the years from ``on`` on, their deadlines that still run, and results published already."""
    rows = Assessment.objects.filter(unit__in=unit_ids, campaign__year__gte=on.year, closed_at=None)
    rows = list(rows.select_related("campaign__version").order_by("campaign__year", "name_sort", "pk"))
    waiting = [a for a in rows if a.state != State.PUBLISHED]
    said = [f"{a.unit_name} ({a.campaign.version.title}, {a.campaign.year})" for a in waiting[:_SHOWN]]
    yield Effect(_("Hồ sơ tự chấm, xét duyệt đang mở"), len(waiting), said)
    yield _deadlines(waiting)
    done = [a for a in rows if a.state == State.PUBLISHED]
    said = [f"{a.unit_name} ({a.campaign.version.title}, {a.campaign.year})" for a in done[:_SHOWN]]
    yield Effect(_("Kết quả đã công bố, giữ nguyên"), len(done), said)


def _deadlines(waiting: Iterable[Assessment]) -> Effect:
    running = {}
    for a in waiting:
        if (day := a.campaign.deadlines.get(a.unit_kind)) and day >= today().isoformat():
            running[day, a.campaign.version.title] = running.get((day, a.campaign.version.title), 0) + 1
    said = [
        _("%(title)s: ký trước ngày %(day)s, %(count)d đơn vị")
        % {"title": title, "day": format_date(date.fromisoformat(day)), "count": count}
        for (day, title), count in sorted(running.items())
    ]
    return Effect(_("Thời hạn đang chạy"), len(running), said[:_SHOWN])


def classification_built_on(change: RegisterChange, unit_ids: set[int]) -> Iterable[str]:
    """Assessments of what was created, those handed over since, and results published since for the years it holds in."""
    if count := Assessment.objects.filter(unit__in=change.created_ids).count():
        yield f"Đơn vị được tạo ra đã có {count} hồ sơ đánh giá."
    closed = Assessment.objects.filter(unit__in=unit_ids, closed_at__gt=change.at)
    if count := closed.count():
        yield f"Sau đó {count} hồ sơ đánh giá của các đơn vị đã kết thúc được chuyển đi hoặc kết thúc."
    results = PublishedResult.objects.filter(unit__in=unit_ids, published_at__gt=change.at, year__gte=change.on.year)
    if count := results.count():
        yield f"Sau đó đã công bố {count} kết quả của các đơn vị này."
