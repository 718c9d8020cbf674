import csv
import tempfile
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from movement.core.cells import protect, unprotect
from movement.core.exports import Sheet, write_csv, write_xlsx
from movement.core.tables import read_table

ISSUED = datetime(2026, 12, 5, 8, 30, tzinfo=UTC)
DANGEROUS = ["=1+1", "+84 293", "-5", "@SUM(A1)", "\t=1", "\r=1", "  =1+1", "＝1＋1", '=HYPERLINK("http://x","y")']


def workbook(path, rows, **changes):
    sheet = Sheet("Đơn vị", (("Mã", 10), ("Tên", 40), ("Điểm", 10), ("Số", 8), ("Ngày", 12)), rows, **changes)
    write_xlsx(path, [sheet], title="Danh sách", issued_at=ISSUED)
    return openpyxl.load_workbook(path).active


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_looks_like_a_formula_is_a_plain_string_in_excel(tmp_path, text):
    page = workbook(tmp_path / "a.xlsx", [("00004", text, None, None, None)])

    cell = page["B2"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    assert cell.value.replace("_x000D_", "\r") == text


def test_excel_keeps_types_and_leading_zeros(tmp_path):
    page = workbook(
        tmp_path / "a.xlsx",
        [("00004", "Phường Ba Đình", Decimal("92.25"), 1234, date(2026, 3, 4)), ("1", "x", None, -5, None)],
        notes=("DỮ LIỆU MINH HỌA",),
    )

    values = [[cell.value for cell in row] for row in page.iter_rows()]
    assert values == [
        ["DỮ LIỆU MINH HỌA", None, None, None, None],
        ["Mã", "Tên", "Điểm", "Số", "Ngày"],
        ["00004", "Phường Ba Đình", 92.25, 1234, datetime(2026, 3, 4)],
        ["1", "x", None, -5, None],
    ]
    assert page["E3"].number_format == "dd/mm/yyyy"


def test_same_content_gives_the_same_workbook(tmp_path):
    rows = [("00004", "Phường Ba Đình", Decimal("92.25"), 1, date(2026, 3, 4))]
    workbook(tmp_path / "a.xlsx", rows)
    workbook(tmp_path / "b.xlsx", rows)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_text_too_long_for_a_cell_is_refused_and_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="row 2, column 2"):
        workbook(tmp_path / "a.xlsx", [("1", "x" * 32_768, None, None, None)])

    assert not (tmp_path / "a.xlsx").exists()


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_field_of_a_csv_starts_a_formula(tmp_path, text):
    write_csv(tmp_path / "a.csv", ["Mã", "Tên"], [("00004", text)])

    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["Mã", "Tên"], ["00004", "'" + text]]


def test_csv_opens_in_excel_as_utf8_with_vietnamese_numbers_and_dates(tmp_path):
    write_csv(tmp_path / "a.csv", ["Điểm", "Ngày", "Trống"], [(Decimal("92.50"), date(2026, 3, 4), None)])

    assert (tmp_path / "a.csv").read_bytes() == (b"\xef\xbb\xbf" + 'Điểm,Ngày,Trống\r\n"92,5",04/03/2026,\r\n'.encode())


@given(st.text())
def test_import_undoes_what_export_protects(text):
    assert unprotect(protect(text)) == text


def test_an_apostrophe_of_a_user_stays():
    assert unprotect("'s-Hertogenbosch") == "'s-Hertogenbosch"


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=20))
def test_what_was_written_is_read_back_as_it_was(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        write_csv(path / "a.csv", ["Mã", "Tên"], [("1", text)], notes=["Ghi chú"])
        sheet = Sheet("Danh sách", (("Mã", 10), ("Tên", 40)), [("1", text)], notes=["Ghi chú"])
        write_xlsx(path / "a.xlsx", [sheet], title="Danh sách", issued_at=ISSUED)
        tables = [
            read_table(path / name, filename=name, aliases={"Mã": "code", "Tên": "name"}, required=["code", "name"])
            for name in ("a.csv", "a.xlsx")
        ]

    told = unicodedata.normalize("NFC", text).strip() or None
    assert [table.rows[0].cells["name"] for table in tables] == [told, told]


def test_a_column_for_programs_is_folded_away(tmp_path):
    page = workbook(tmp_path / "a.xlsx", [], hidden=["Ngày"])

    assert [page.column_dimensions[letter].hidden for letter in "DE"] == [False, True]
