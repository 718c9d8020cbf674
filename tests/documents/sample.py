"""A small year-end summary, invented throughout: three pages of text and an annex in two parts."""

from datetime import UTC, datetime
from pathlib import Path

from django.template import engines
from django.utils.html import format_html, format_html_join

from movement.documents.charts import grouped_bars, stacked_bars
from movement.documents.layout import AnnexHeading, Column, GroupRow, LetterHead, SignatureBlock, Table
from movement.documents.rendering import merge_parts, page_count, render_contents, render_html_part, render_part

ISSUED = datetime(2026, 12, 5, 8, 30, tzinfo=UTC)
HEAD = LetterHead(
    superior="Ủy ban nhân dân tỉnh minh họa",
    issuer="Ban chỉ đạo phòng, chống tội phạm, tệ nạn xã hội và xây dựng phong trào toàn dân bảo vệ an ninh Tổ quốc",
    symbol="BC-BCĐ",
    place="Minh Họa",
    year=2026,
)
SIGNATURE = SignatureBlock(
    authority=("TM. Ban Chỉ đạo", "KT. Trưởng ban", "Phó Trưởng ban"),
    recipients=("Bộ Công an (V05)", "Thường trực Tỉnh ủy", "Các thành viên Ban Chỉ đạo", "Lưu: VT, PV05"),
)
CLASSES = (("xuat_sac", "Xuất sắc"), ("kha", "Khá"), ("trung_binh", "Trung bình"), ("yeu", "Yếu"))
BY_KIND = [
    ("Xã, phường, đặc khu", {"xuat_sac": 21, "kha": 48, "trung_binh": 6, "yeu": 0}),
    ("Khu dân cư", {"xuat_sac": 312, "kha": 401, "trung_binh": 77, "yeu": 4}),
    ("Cơ quan, doanh nghiệp", {"xuat_sac": 154, "kha": 98, "trung_binh": 11, "yeu": 1}),
    ("Cơ sở giáo dục", {"xuat_sac": 188, "kha": 64, "trung_binh": 3}),
]
COLUMNS = (
    Column("STT", 10, "c"),
    Column("Mã", 15, "c"),
    Column("Tên đơn vị", 47),
    Column("Địa bàn", 31),
    Column("Tự chấm", 16, "r", "Điểm"),
    Column("Kết quả", 16, "r", "Điểm"),
    Column("Phân loại", 18, "c"),
    Column("Ghi chú", 12),
)
TEXT = """
{% extends "documents/page.html" %}
{% block body %}
{% include "documents/letter_head.html" %}
{% include "documents/title.html" %}
{% include "documents/addressees.html" %}
<div class="text">{{ text }}</div>
{% include "documents/signature.html" %}
{% endblock %}
"""
SENTENCE = (
    "Ban Chỉ đạo đã ban hành 14 văn bản chỉ đạo, tổ chức 03 hội nghị chuyên đề và 06 đoàn kiểm tra tại cơ sở; "
    "phong trào được duy trì đều ở các địa bàn, gắn với Ngày hội Toàn dân bảo vệ an ninh Tổ quốc và cuộc vận động "
    "“Toàn dân đoàn kết xây dựng nông thôn mới, đô thị văn minh”, nhiều mô hình tiếp tục phát huy hiệu quả. "
)


def _text():
    heads = ("Khái quát tình hình", "Kết quả xây dựng phong trào", "Kết quả phân loại", "Phương hướng năm 2027")
    parts = []
    for number, head in zip(("I", "II", "III", "IV"), heads, strict=True):
        parts.append(format_html("<h2>{}. {}</h2>", number, head.upper()))
        parts.append(format_html_join("", "<p>{}</p>", [(SENTENCE * 2,), (SENTENCE,), (SENTENCE * 2,)]))
        if number == "III":
            parts.append(format_html('<div class="chart">{}</div>', stacked_bars(BY_KIND, CLASSES, title="Phân loại")))
            years = [("Xuất sắc", {"2025": 598, "2026": 675}), ("Khá", {"2025": 640, "2026": 611})]
            both = (("2025", "Năm 2025"), ("2026", "Năm 2026"))
            parts.append(format_html('<div class="chart">{}</div>', grouped_bars(years, both, title="So hai năm")))
    return format_html_join("", "{}", ((part,) for part in parts))


def text_part() -> bytes:
    addressees = ["Bộ Công an", "Tỉnh ủy, Hội đồng nhân dân, Ủy ban nhân dân tỉnh"]
    context = {
        "title": "Báo cáo tổng kết năm 2026",
        "head": HEAD,
        "kind": "Báo cáo",
        "subject": "Tổng kết phong trào Toàn dân bảo vệ an ninh Tổ quốc năm 2026",
        "addressees": addressees,
        "text": _text(),
        "signature": SIGNATURE,
    }
    return render_html_part(engines["django"].from_string(TEXT).render(context))


def annex_rows(commune: str, count: int) -> list:
    rows = [GroupRow(commune)]
    for number in range(1, count + 1):
        name = f"Tổ dân phố Nguyễn Huệ {number}"
        rows.append((str(number), f"{31000 + number}", name, commune, "92,5", "91", "Xuất sắc", ""))
    return rows


def annex_part(commune: str, count: int, *, heading: bool) -> bytes:
    table = Table(
        columns=COLUMNS,
        rows=annex_rows(commune, count),
        totals=[("", "", "Cộng", "", "", "", str(count), "")],
        unit="Đơn vị tính: điểm",
        foot=("Số liệu tính đến ngày 30/11/2026. Nguồn: hồ sơ phân loại đã công bố.",),
    )
    reference = f"(Kèm theo {HEAD.number_line.replace('Số: ', 'Báo cáo số ')} của Ban Chỉ đạo)"
    annex = AnnexHeading("Kết quả phân loại các đơn vị", "Phụ lục I", reference) if heading else None
    return render_part(template="documents/annex.html", context={"table": table, "heading": annex}, rows=table.rows)


def report(out: Path, **changes):
    parts = [
        text_part(),
        annex_part("Phường Vị Thanh minh họa", 40, heading=True),
        annex_part("Xã Đông Phước minh họa", 12, heading=False),
    ]
    titles = [("Báo cáo", 0), ("Phụ lục I. Kết quả phân loại các đơn vị", 2)]
    parts.insert(1, render_contents(titles=titles, counts=[page_count(part) for part in parts], at=1))
    return merge_parts(
        parts,
        out=out,
        title="Báo cáo tổng kết năm 2026",
        issued_at=ISSUED,
        document_id="01JEDF8Z3N6Q4T7W9XA2B5C8DE",
        snapshot_hash="3f5a" * 16,
        outline=titles,
        **{"draft": True, "marks": ("DỮ LIỆU MINH HỌA", "bộ tiêu chí minh họa")} | changes,
    )
