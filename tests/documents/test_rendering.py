"""Real parts, rendered and merged; what is checked is what a reader's program finds in the file."""

import logging
import os
import re
import subprocess
import sys
import unicodedata
from io import BytesIO

import pikepdf
import pypdf
import pytest

from movement.documents import fonts
from movement.documents.fonts import face
from movement.documents.layout import Column, GroupRow, Table
from movement.documents.merging import ForeignFont, first_pages
from movement.documents.rendering import (
    ResourceRefused,
    merge_parts,
    page_count,
    render_html_part,
    render_part,
)
from tests.documents.sample import ISSUED, report

PAGE = '<!doctype html><html lang="vi"><title>x</title><body>{}</body></html>'
FIXED = {
    "title": "Thử",
    "issued_at": ISSUED,
    "document_id": "01JEDF8Z3N6Q4T7W9XA2B5C8DE",
    "snapshot_hash": "3f5a" * 16,
}


def pages(count: int, text: str = "Trang") -> bytes:
    return render_html_part(PAGE.format(f'<p>{text}</p><p style="break-before: page">'.join([""] * count) + "cuối"))


def merged(tmp_path, parts, **changes):
    result = merge_parts(parts, out=tmp_path / "out.pdf", **FIXED | changes)
    return result, pypdf.PdfReader(tmp_path / "out.pdf")


def lines(page) -> list[str]:
    return [line.strip() for line in page.extract_text().splitlines() if line.strip()]


@pytest.fixture(scope="module")
def summary(tmp_path_factory):
    out = tmp_path_factory.mktemp("summary") / "report.pdf"
    return report(out), out


def test_vietnamese_text_survives_copying_as_nfc(summary):
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(summary[1]).pages)

    assert unicodedata.is_normalized("NFC", text)
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Tổng kết phong trào Toàn dân bảo vệ an ninh Tổ quốc năm 2026",
        "Số liệu tính đến ngày 30/11/2026.",
        "Phường Vị Thanh minh họa",
    ):
        assert words in text


def test_decomposed_text_is_composed(tmp_path):
    _, reader = merged(
        tmp_path, [render_html_part(PAGE.format(unicodedata.normalize("NFD", "Nguyễn Hữu Đức ổ quyền")))]
    )

    assert "Nguyễn Hữu Đức ổ quyền" in reader.pages[0].extract_text()


def test_numbers_run_through_the_parts_and_page_1_has_none(summary):
    result, out = summary
    found = []
    for page in pypdf.PdfReader(out).pages:
        number = [line for line in lines(page) if re.fullmatch(r"\d+", line)]
        found.append(number[-1] if number else None)

    assert result.pages == len(found) == sum(result.part_pages)
    assert found[0] is None
    assert found[1:] == [str(number) for number in range(2, result.pages + 1)]


def test_number_stands_in_the_top_margin_centred_over_the_text(tmp_path):
    _, reader = merged(tmp_path, [pages(2)])
    places = []

    def visit(text, _cm, matrix, *_):
        if text.strip() == "2":
            places.append((matrix[4], matrix[5]))

    reader.pages[1].extract_text(visitor_text=visit)
    ((x, y),) = places
    assert abs(x + 13 / 4 - (30 + 165 / 2) * 72 / 25.4) < 1  # half a digit of size 13 is 13/4 wide
    assert 842 - 20 * 72 / 25.4 < y < 842 - 8 * 72 / 25.4


def test_numbering_can_start_later_and_begin_again_at_an_annex(tmp_path):
    _, reader = merged(tmp_path, [pages(2), pages(2)], number_from=7, restart_at={1})

    numbers = [[line for line in lines(page) if line.isdecimal()] for page in reader.pages]
    assert numbers == [["7"], ["8"], [], ["2"]]


def test_every_page_says_what_it_is(summary):
    for page in pypdf.PdfReader(summary[1]).pages:
        text = page.extract_text()
        assert "DỮ LIỆU MINH HỌA – bộ tiêu chí minh họa" in text
        assert "DỰ THẢO" in text
        assert "Mã văn bản: 01JEDF8Z3N6Q4T7W9XA2B5C8DE · Mã số liệu: " + "3f5a" * 16 in text


def test_a_final_document_without_marks_says_neither(tmp_path):
    _, reader = merged(tmp_path, [pages(1)])

    assert "DỰ THẢO" not in reader.pages[0].extract_text()
    assert "MINH HỌA" not in reader.pages[0].extract_text()


def test_only_our_typeface_once_a_style_and_embedded(summary):
    with pikepdf.open(summary[1]) as pdf:
        fonts = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"]
        whole = [font for font in fonts if font.Subtype == "/Type0"]
        names = sorted(str(font.BaseFont).partition("+")[2] for font in whole)
        embedded = [font.DescendantFonts[0].FontDescriptor.FontFile2.Length1 for font in whole]

    styles = ["Bold", "BoldItalic", "Italic", "Regular"]
    assert names == [f"Cong-Serif-{style}" for style in styles]
    assert len(fonts) == 2 * len(styles)
    assert all(length > 1000 for length in embedded)


def test_a_part_in_another_typeface_is_refused(tmp_path):
    with pikepdf.open(BytesIO(pages(1))) as pdf:
        for font in pdf.pages[0].Resources.Font.values():
            font.BaseFont = pikepdf.Name("/ABCDEF+DejaVu-Sans")
        pdf.save(tmp_path / "other.pdf")

    with pytest.raises(ForeignFont, match="DejaVu"):
        merged(tmp_path, [pages(1), tmp_path / "other.pdf"])


def test_archive_claim_language_title_and_dates_are_kept(summary):
    with pikepdf.open(summary[1]) as pdf, pdf.open_metadata() as meta:
        assert (meta.pdfa_status, meta["dc:title"]) == ("2B", "Báo cáo tổng kết năm 2026")
        assert meta["xmp:CreateDate"] == meta["xmp:ModifyDate"] == "2026-12-05T08:30:00+00:00"
        assert str(pdf.Root.Lang) == "vi"
        assert [str(one.S) for one in pdf.Root.OutputIntents] == ["/GTS_PDFA1"]
        assert str(pdf.docinfo.Title) == "Báo cáo tổng kết năm 2026"
        assert not pdf.is_encrypted


def test_outline_leads_to_the_first_page_of_each_part(summary):
    result, out = summary
    reader = pypdf.PdfReader(out)

    found = {one.title: reader.get_destination_page_number(one) for one in reader.outline}
    assert found == {"Báo cáo": 0, "Phụ lục I. Kết quả phân loại các đơn vị": sum(result.part_pages[:2])}


def test_contents_show_the_true_pages_and_lead_there(summary):
    result, out = summary
    at, annex = result.part_pages[0], sum(result.part_pages[:2])
    reader = pypdf.PdfReader(out)
    page = reader.pages[at]

    listed = re.findall(r"^(.+?) ?[. ]{5,}(\d+)$", page.extract_text(), re.MULTILINE)
    assert listed == [("Báo cáo", "1"), ("Phụ lục I. Kết quả phân loại các đơn vị", str(annex + 1))]
    with pikepdf.open(out) as pdf:
        targets = {link.A.D[0].objgen for link in pdf.pages[at].Annots}
        assert targets == {pdf.pages[0].objgen, pdf.pages[annex].objgen}
    assert "KẾT QUẢ PHÂN LOẠI CÁC ĐƠN VỊ" in reader.pages[annex].extract_text()


def test_same_input_gives_the_same_bytes(tmp_path, summary):
    again = report(tmp_path / "again.pdf")

    assert again.sha256 == summary[0].sha256
    assert (tmp_path / "again.pdf").read_bytes() == summary[1].read_bytes()


def test_a_worker_of_its_own_gives_the_same_bytes_and_leaves_nothing_behind(tmp_path, summary):
    """Another process, another hash seed, another time zone, the collector off."""
    script = (
        "import sys; from pathlib import Path; import django; django.setup()\n"
        "from movement.documents import rendering; from tests.documents.sample import report\n"
        "rendering.prepare_worker()\n"
        "print(report(Path(sys.argv[1])).sha256)\n"
        "rendering.release_worker()\n"
        "import os; sys.stdout.flush(); os._exit(0)\n"
    )
    (tmp_path / "tmp").mkdir()
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "movement.settings.test", "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    env |= {"TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(fonts.ROOT)}
    command = [sys.executable, "-c", script, str(tmp_path / "out.pdf")]
    answer = subprocess.run(command, env=env, capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == summary[0].sha256
    assert list((tmp_path / "tmp").iterdir()) == []


def test_long_marks_leave_the_number_its_place(tmp_path):
    marks = ("DỮ LIỆU MINH HỌA", "bộ tiêu chí minh họa", "bản dùng cho hội nghị tổng kết của Ban Chỉ đạo tỉnh")
    _, reader = merged(tmp_path, [pages(2)], marks=marks)

    places = {}
    reader.pages[1].extract_text(
        visitor_text=lambda text, _cm, at, _font, size: places.update({text.strip(): (at, size)})
    )
    (mark,) = [text for text in places if text.startswith("DỮ LIỆU")]
    ends = places[mark][0][4] + face("Bold").width(mark) * places[mark][1] / 1000
    assert ends < places["2"][0][4]


def test_parts_may_be_files(tmp_path):
    parts = [pages(1), pages(2)]
    from_bytes, _ = merged(tmp_path, parts)
    for index, part in enumerate(parts):
        (tmp_path / f"{index}.pdf").write_bytes(part)
    from_files, _ = merged(tmp_path, [tmp_path / "0.pdf", tmp_path / "1.pdf"])

    assert from_files == from_bytes


def test_one_changed_row_changes_only_its_part():
    def part(points):
        table = Table((Column("Tên", 100), Column("Điểm", 65, "r")), [("Đơn vị", points)])
        return render_part(template="documents/annex.html", context={"table": table}, rows=table.rows)

    assert part("92,5") == part("92,5")
    assert part("92,5") != part("92")


def test_grid_is_drawn_around_every_cell_and_each_line_once():
    columns = (Column("STT", 15), Column("Tự chấm", 75, group="Điểm"), Column("Kết quả", 75, group="Điểm"))
    table = Table(columns, [("1", "a", "b"), GroupRow("Xã Đông Phước"), ("2", "c", "d")])
    pdf = render_part(template="documents/annex.html", context={"table": table}, rows=table.rows)

    with pikepdf.open(BytesIO(pdf)) as document:
        drawn = document.pages[0].Contents.read_bytes().decode().partition("/Artifact BMC q 0.75")[2]
    lines = [tuple(map(float, line)) for line in re.findall(r"([\d.]+) ([\d.]+) m ([\d.]+) ([\d.]+) l", drawn)]
    across = sorted((y, x, to) for x, y, to, same in lines if y == same)
    down = [(x, y, to) for x, y, same, to in lines if x == same]
    heights = [y for y, _, _ in across]
    edges = [30, 45, 120, 195]  # mm

    def down_at(edge):
        return [(y, to) for x, y, to in down if abs(x - edges[edge] * 96 / 25.4) < 1]

    # Two rows of headings, of which the first column takes both, then three rows.
    assert [[round(place * 25.4 / 96) for place in line] for _, *line in across] == [
        [30, 195], [45, 195], [30, 195], [30, 195], [30, 195], [30, 195]
    ]  # fmt: skip
    # The outer lines run through; the inner ones stop at the row over the whole width, the last also at "Điểm".
    assert down_at(0) == down_at(3) == [(heights[0], heights[5])]
    assert down_at(1) == [(heights[0], heights[3]), (heights[4], heights[5])]
    assert down_at(2) == [(heights[1], heights[3]), (heights[4], heights[5])]


def test_head_of_a_long_table_repeats_and_every_row_is_there_once():
    rows = [(str(number), f"Đơn vị số {number}") for number in range(1, 301)]
    table = Table((Column("STT", 15, "c"), Column("Tên đơn vị", 150)), rows)
    pdf = render_part(template="documents/annex.html", context={"table": table}, rows=rows)

    reader = pypdf.PdfReader(BytesIO(pdf))
    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) == page_count(pdf) > 5
    assert all("Tên đơn vị" in text for text in texts)
    found = re.findall(r"Đơn vị số (\d+)", "\n".join(texts))
    assert found == [number for number, _ in rows]


def test_wide_page_is_landscape_and_keeps_its_stamps(tmp_path):
    table = Table((Column("Tên", 252),), [("Đơn vị",)])
    wide = render_part(template="documents/annex.html", context={"table": table, "wide": True}, rows=table.rows)
    _, reader = merged(tmp_path, [pages(1), wide], draft=True)

    box = reader.pages[1].mediabox
    assert (round(box.width), round(box.height)) == (842, 595)
    assert {"2", "DỰ THẢO"} <= set(lines(reader.pages[1]))


@pytest.mark.parametrize(
    "address", ["http://example.org/a.png", "file:///etc/passwd", "../movement/settings/base.py", "fonts/none.png"]
)
def test_nothing_outside_the_static_files_is_loaded(address):
    with pytest.raises(ResourceRefused):
        render_html_part(PAGE.format(f'<img src="{address}" alt="x">'))


def test_letter_the_typeface_lacks_is_shown_as_a_box_and_logged(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, logger="movement.documents.rendering"):
        _, reader = merged(tmp_path, [render_html_part(PAGE.format("Đơn vị 漢 😀"))])

    assert "Đơn vị □ □" in reader.pages[0].extract_text()
    assert "U+1F600" in caplog.text


def test_hostile_text_in_a_cell_is_printed_and_not_run(tmp_path):
    table = Table((Column("Tên", 165),), [("<script>alert(1)</script><img src=http://x/>",)])
    part = render_part(template="documents/annex.html", context={"table": table}, rows=table.rows)
    _, reader = merged(tmp_path, [part])

    assert "<script>alert(1)</script><img src=http://x/>" in reader.pages[0].extract_text()


def test_failed_merge_leaves_no_file(tmp_path):
    with pytest.raises(pikepdf.PdfError):
        merge_parts([pages(1), b"not a pdf"], out=tmp_path / "out.pdf", **FIXED)

    assert list(tmp_path.iterdir()) == []


def test_first_pages_count_from_the_number_of_the_first():
    assert first_pages([3, 1, 2], number_from=5) == [5, 8, 9]
