"""What `check_integrity` asks of the register. The database refuses these; a restore or a raw write might not."""

from __future__ import annotations

from django.db import connection, transaction

# Each query returns (name, code, detail) of what is wrong.
_CHECKS = {
    "Đường dẫn của “{0}” ({1}) không khớp với đơn vị cấp trên trong toàn bộ thời gian hiệu lực {2}.": """
        SELECT v.name, v.code, v.valid::text FROM units_unitversion v
         WHERE v.parent_id IS NOT NULL AND NOT coalesce(v.valid <@ (
               SELECT range_agg(p.valid) FROM units_unitversion p
                WHERE p.unit_id = v.parent_id AND p.valid && v.valid AND p.path || v.unit_id || '/' = v.path), false)
    """,
    "“{0}” ({1}) không có cấp trên nhưng đường dẫn lại là {2}.": """
        SELECT v.name, v.code, v.path FROM units_unitversion v
         WHERE v.parent_id IS NULL AND v.path <> '/' || v.unit_id || '/'
    """,
    "“{0}” ({1}) không nằm trong tỉnh ghi ở bản ghi {2}.": """
        SELECT v.name, v.code, v.valid::text FROM units_unitversion v
         WHERE v.province_id IS DISTINCT FROM (CASE WHEN v.kind = 'province' OR v.parent_id IS NOT NULL
               THEN split_part(v.path, '/', 2)::bigint END)
    """,
    "“{0}” ({1}) có hai bản ghi chồng thời gian: {2}.": """
        SELECT v.name, v.code, v.valid::text || ', ' || w.valid::text FROM units_unitversion v
          JOIN units_unitversion w ON w.unit_id = v.unit_id AND w.id > v.id AND w.valid && v.valid
    """,
    "Mã “{1}” của “{0}” trùng với “{2}” trong cùng tỉnh và cùng thời gian.": """
        SELECT v.name, v.code, w.name FROM units_unitversion v
          JOIN units_unitversion w ON w.code = v.code AND w.province_id = v.province_id AND w.id > v.id
               AND w.unit_id <> v.unit_id AND w.valid && v.valid
         WHERE v.code <> ''
    """,
    "“{0}” ({1}) vẫn ở trong “{2}” sau khi đã kết thúc.": """
        SELECT v.name, v.code, g.name FROM units_unitgroupmember m
          JOIN units_unitgroup g ON g.id = m.group_id
          JOIN LATERAL (SELECT name, code, valid FROM units_unitversion WHERE unit_id = m.unit_id
                         ORDER BY lower(valid) DESC LIMIT 1) v ON true
         WHERE NOT upper_inf(v.valid) AND (upper_inf(m.valid) OR upper(m.valid) > upper(v.valid))
    """,
    "Đơn vị số {1} không có bản ghi nào.{0}{2}": """
        SELECT '', u.id::text, '' FROM units_unit u
         WHERE NOT EXISTS (SELECT FROM units_unitversion v WHERE v.unit_id = u.id)
    """,
    "“{0}” ({1}) được ghi là kế thừa từ ngày {2} nhưng không tồn tại vào ngày đó.": """
        SELECT v.name, v.code, to_char(l.on, 'DD/MM/YYYY') FROM units_lineage l
          JOIN LATERAL (SELECT name, code FROM units_unitversion WHERE unit_id = l.successor_id
                         ORDER BY lower(valid) LIMIT 1) v ON true
         WHERE l.kind <> 'duplicate'
           AND NOT EXISTS (SELECT FROM units_unitversion w WHERE w.unit_id = l.successor_id AND w.valid @> l.on)
    """,
    "“{0}” ({1}) đã được nhập hoặc chia hết từ ngày {2} nhưng vẫn còn bản ghi sau ngày đó.": """
        SELECT v.name, v.code, to_char(l.on, 'DD/MM/YYYY') FROM units_lineage l
          JOIN LATERAL (SELECT name, code, valid FROM units_unitversion WHERE unit_id = l.predecessor_id
                         ORDER BY lower(valid) DESC LIMIT 1) v ON upper(v.valid) IS NULL OR upper(v.valid) > l.on
         WHERE l.share = 'whole' AND l.kind IN ('merge', 'rename', 'duplicate')
    """,
    "“{0}” ({1}) được chia nhưng không có đơn vị kế thừa chính vào ngày {2}.": """
        SELECT DISTINCT v.name, v.code, to_char(l.on, 'DD/MM/YYYY') FROM units_lineage l
          JOIN LATERAL (SELECT name, code FROM units_unitversion WHERE unit_id = l.predecessor_id
                         ORDER BY lower(valid) DESC LIMIT 1) v ON true
         WHERE NOT EXISTS (SELECT FROM units_lineage m WHERE m.predecessor_id = l.predecessor_id AND m.on = l.on
                            AND m.is_main)
           AND NOT EXISTS (SELECT FROM units_unitversion w WHERE w.unit_id = l.predecessor_id AND w.valid @> l.on)
    """,
    "Quan hệ kế thừa của “{0}” ({1}) đi thành vòng vào ngày {2}.": """
        WITH RECURSIVE walk(start, at, day, kind) AS (
            SELECT predecessor_id, successor_id, "on", kind FROM units_lineage
            UNION
            SELECT w.start, l.successor_id, l.on, l.kind FROM walk w
              JOIN units_lineage l ON l.predecessor_id = w.at
               AND (l.on = w.day OR (l.kind = 'duplicate' AND w.kind = 'duplicate')))
        SELECT DISTINCT v.name, v.code, to_char(w.day, 'DD/MM/YYYY') FROM walk w
          JOIN units_unitversion v ON v.unit_id = w.start AND w.start = w.at
    """,
    "Thay đổi danh bạ {1} ({0}) còn hiệu lực nhưng thiếu {2}.": """
        SELECT c.sentence, c.ulid, 'đơn vị mà nó đã thay đổi' FROM units_registerchange c
         WHERE c.undone_at IS NULL AND EXISTS (
               SELECT FROM unnest(c.unit_ids) i WHERE NOT EXISTS (SELECT FROM units_unit u WHERE u.id = i))
        UNION ALL
        SELECT c.sentence, c.ulid, 'quan hệ kế thừa mà nó đã ghi' FROM units_registerchange c
         WHERE c.undone_at IS NULL AND EXISTS (
               SELECT FROM unnest(c.lineage_ids) i WHERE NOT EXISTS (SELECT FROM units_lineage l WHERE l.id = i))
    """,
    "Thay đổi danh bạ {1} ({0}) đã hoàn tác nhưng còn {2}.": """
        SELECT c.sentence, c.ulid, 'đơn vị mà nó đã tạo' FROM units_registerchange c
         WHERE c.undone_at IS NOT NULL AND EXISTS (
               SELECT FROM unnest(c.created_ids) i JOIN units_unit u ON u.id = i)
        UNION ALL
        SELECT c.sentence, c.ulid, 'quan hệ kế thừa mà nó đã ghi' FROM units_registerchange c
         WHERE c.undone_at IS NOT NULL AND EXISTS (
               SELECT FROM unnest(c.lineage_ids) i JOIN units_lineage l ON l.id = i)
    """,
    "Thay đổi danh bạ {1} ({0}) ghi không khớp các đơn vị nó chạm tới{2}.": """
        SELECT c.sentence, c.ulid, '' FROM units_registerchange c
         WHERE NOT (c.created_ids <@ c.unit_ids)
            OR (SELECT count(*) FROM jsonb_object_keys(c.touched)) <> cardinality(c.unit_ids)
            OR EXISTS (SELECT FROM unnest(c.unit_ids) i WHERE NOT c.touched ? i::text)
    """,
}


def integrity_problems() -> list[str]:
    """Vietnamese sentences for each path, containment, code and lineage row that does not hold; empty when all do.

    Every check reads whole tables. Right after a load the database takes them for empty and would compare each row
    with every other (190 s for the whole country instead of 1), so that way is closed to it here.
    """
    problems = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name IN ('enable_nestloop', 'enable_seqscan')")
        usual = cursor.fetchall()
        _plan_with(cursor, [(name, "off") for name, _ in usual])
        for sentence, query in _CHECKS.items():
            cursor.execute(query)
            problems += [sentence.format(*row) for row in cursor.fetchall()]
        _plan_with(cursor, usual)  # an outer transaction goes on as it was
    return problems


def _plan_with(cursor, settings: list[tuple[str, str]]) -> None:
    for name, value in settings:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
