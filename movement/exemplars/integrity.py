"""What ``check_integrity`` proves here: frozen choices, and lives without gaps. A restore or a raw write might break them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from movement.classification.selectors import canonical

from .models import Exemplar

# Each query returns (name, code, detail) of what is wrong.
_LIVES = {
    "Mô hình “{0}” ({1}): các trạng thái không nối tiếp nhau.": """
        SELECT m.name, m.code, '' FROM exemplars_practicemodel m
          LEFT JOIN LATERAL (SELECT range_agg(s.valid) AS whole FROM exemplars_modelstate s WHERE s.model_id = m.id) l
            ON true
         WHERE l.whole IS NULL OR (SELECT count(*) FROM unnest(l.whole)) <> 1 OR NOT upper_inf(l.whole)
    """,
    "Điểm “{0}” ({1}) nằm ngoài thời gian hoạt động của mô hình.": """
        SELECT p.name, p.code, '' FROM exemplars_point p WHERE exemplars_outside_life(p.model_id, p.valid) IS NOT NULL
    """,
    "Điểm “{0}” ({1}): quy mô không phủ hết thời gian hoạt động.": """
        SELECT p.name, p.code, '' FROM exemplars_point p
         WHERE NOT coalesce((SELECT range_agg(s.valid) = datemultirange(p.valid)
                               FROM exemplars_pointsize s WHERE s.point_id = p.id), false)
    """,
}


def model_problems() -> Iterable[str]:
    """A sentence for each model or point whose dated rows do not fit together."""
    with connection.cursor() as cursor:
        for sentence, query in _LIVES.items():
            cursor.execute(query)
            for row in cursor.fetchall():
                yield sentence.format(*row)


def exemplar_problems() -> Iterable[str]:
    """A sentence for each choice that differs from its digest, its decision or the result it rests on."""
    rows = Exemplar.objects.select_related("decision", "result")
    for row in rows.iterator(chunk_size=2000):
        where = f"{row.unit_name}, điển hình năm {row.year}"
        said = row.payload
        if canonical(said) != row.digest:
            yield f"{where}: nội dung đã bị sửa sau khi chọn."
        if (said.get("decision"), said.get("decided_on")) != (row.decision.number, row.decision.decided_on.isoformat()):
            yield f"{where}: không khớp với quyết định."
        if said.get("result") != row.result.digest or row.class_code != row.result.class_code:
            yield f"{where}: không khớp với kết quả phân loại đã công bố."
        names = (row.unit_code, row.unit_name, row.year, row.class_code)
        if names != (said.get("unit"), said.get("name"), said.get("year"), said.get("class")):
            yield f"{where}: hồ sơ và nội dung đã chốt không giống nhau."
