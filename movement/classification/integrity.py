"""Proving published results: each is computed anew from the stored points and compared with what was frozen."""

from __future__ import annotations

from collections.abc import Iterable

from .enums import State
from .models import Campaign, PublishedResult
from .selectors import canonical, compute, explanation_of


def result_problems() -> Iterable[str]:
    """A sentence for each published result that differs from its points, its digest or its unit's row."""
    for campaign in Campaign.objects.select_related("version__scheme", "scheme"):
        published = {
            r.assessment_id: r for r in PublishedResult.objects.filter(campaign=campaign).iterator(chunk_size=2000)
        }
        rows = list(campaign.assessments.filter(state=State.PUBLISHED))
        for a in rows:
            a.campaign = campaign
        computed = compute(campaign, rows)
        for a in rows:
            where = f"{a.unit_name}, {campaign}"
            frozen = published.pop(a.pk, None)
            if frozen is None:
                yield f"{where}: đã công bố nhưng không có bản kết quả."
                continue
            if canonical(frozen.payload) != frozen.digest:
                yield f"{where}: bản kết quả đã bị sửa sau khi công bố."
            said = frozen.payload.get("result", {})
            if explanation_of(computed[a.pk]) != said:
                yield f"{where}: tính lại từ điểm đã lưu được kết quả khác bản đã công bố."
            if (a.class_code or None) != said.get("class") or (a.class_code, a.points) != (
                frozen.class_code,
                frozen.points,
            ):
                yield f"{where}: hồ sơ và bản kết quả đã công bố không giống nhau."
        for frozen in published.values():
            yield f"{frozen.payload.get('name')}, {campaign}: có bản kết quả nhưng hồ sơ chưa ở bước công bố."
