import io
import struct
from datetime import date

import pytest
from openpyxl.styles import Font

from movement.core.tables import read_table

from .sheets import archive, xlsx

ALIASES = {"Mã đơn vị": "code", "Tên đơn vị": "name", "Từ ngày": "valid_from"}
HEAD = ["code", "name", "valid_from"]


def read(data, filename="a.xlsx"):
    return read_table(data, filename=filename, aliases=ALIASES, required=["code", "name"], optional=["valid_from"])


def rows(table):
    return [(row.line, tuple(row.cells[name] for name in table.headers)) for row in table.rows]


def problems(table):
    return [(problem.code, problem.line, problem.column) for problem in table.problems]


def codes(table):
    return {problem.code for problem in table.problems}


def test_vietnamese_headings_are_understood_and_line_numbers_are_the_files():
    table = read(
        '\ufeffMÃ  ĐƠN VỊ;Tên đơn vị;Từ ngày\n01;Ấp 1;01/02/2025\n\n02;"Ấp;\n2";\n03;Ấp 3;\n'.encode(), "a.csv"
    )

    assert table.headers == ["code", "name", "valid_from"]
    assert rows(table) == [
        (2, ("01", "Ấp 1", "01/02/2025")),
        (4, ("02", "Ấp;\n2", None)),
        (6, ("03", "Ấp 3", None)),
    ]
    assert table.problems == []


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_comes_with_any_separator_and_in_unicode(sign, encoding):
    data = f"code{sign}name\r\n01{sign}Xã Đường, Hoa; 1\r\n".replace("Xã Đường, Hoa; 1", '"Xã Đường, Hoa; 1"')

    assert rows(read(data.encode(encoding), "a.csv")) == [(2, ("01", "Xã Đường, Hoa; 1"))]


def test_cells_come_as_numbers_dates_and_nfc_texts():
    table = read(xlsx(HEAD, [5, " Ho\u0300a ", date(2025, 4, 3)], [29.5, "00004", None]))

    assert rows(table) == [(2, (5, "Hòa", date(2025, 4, 3))), (3, (29.5, "00004", None))]


def test_headings_may_stand_below_a_title_and_merged_cells():
    table = read(xlsx(["DANH SÁCH ĐƠN VỊ"], [], HEAD, ["1", "x"], change=lambda book: book.active.merge_cells("A1:C1")))

    assert rows(table) == [(4, ("1", "x", None))]


def test_the_first_sheet_shown_is_read():
    def change(book):
        book.create_sheet("hai").append(HEAD)
        book["hai"].append(["1", "x"])
        book.active.sheet_state = "hidden"
        book.active = 1

    assert rows(read(xlsx(["gì đó"], change=change))) == [(2, ("1", "x", None))]


def test_our_own_guard_against_formulas_is_taken_off_again():
    assert rows(read(b"code,name\n'=1+1,'abc\n", "a.csv")) == [(2, ("=1+1", "'abc"))]


def test_every_wrong_heading_is_listed_at_once():
    table = read(b"name,la,Name,kia\nx,,y,\n", "a.csv")

    assert problems(table) == [
        ("unknown_column", 1, "la"),
        ("unknown_column", 1, "kia"),
        ("duplicate_column", 1, "name"),
        ("missing_column", 1, "code"),
    ]


def test_formulas_and_error_values_are_listed_where_they_stand():
    table = read(xlsx(HEAD, ["=1+1", "x"], ["1", "#N/A"], ["2", '="a"&"b"']))

    assert problems(table) == [("formula", 2, "code"), ("cell_error", 3, "name"), ("formula", 4, "name")]


def test_a_text_that_begins_as_a_formula_stays_text():
    def change(book):
        book.active["B2"].data_type = "s"

    table = read(xlsx(HEAD, ["1", "=1+1"], change=change))

    assert rows(table) == [(2, ("1", "=1+1", None))]
    assert table.problems == []


def test_what_stands_under_no_heading_is_not_dropped_in_silence():
    assert problems(read(xlsx(["code", "name"], ["1", "x", None, "mất"]))) == [("extra_cell", 2, "D")]
    assert problems(read(b"code,name\n1,x,,lost\n", "a.csv")) == [("extra_cell", 2, "D")]


@pytest.mark.parametrize(
    ("data", "filename"),
    [(b"", "a.csv"), (b"", "a.xlsx"), (b"code,name\n\n,\n", "a.csv"), (b"\n \n", "a.csv"), (xlsx(), "a.xlsx"), (xlsx(HEAD), "a.xlsx")],
)  # fmt: skip
def test_a_file_without_a_row_of_data_is_a_problem(data, filename):
    assert "no_rows" in codes(read(data, filename))


def macro():
    return archive({"xl/vbaProject.bin": b"x"}, xlsx(HEAD, ["1", "x"]))


@pytest.mark.parametrize(
    ("data", "filename", "code"),
    [
        ("code,name\n01,Đường\n".encode("utf-16-le"), "a.csv", "encoding"),
        ("code,name\n01,Được\n".encode("latin-1", "replace") + b"\xff", "a.csv", "encoding"),
        (b'code,name\n01,"x\n', "a.csv", "not_csv"),
        (b"code,name\n01," + b"x" * 2_000_000, "a.csv", "not_csv"),
        (b"PK\x03\x04 and no more", "a.xlsx", "not_xlsx"),
        (b"\xd0\xcf\x11\xe0 a workbook with a password", "a.xlsx", "not_xlsx"),
        (b"code,name\n1,x\n", "a.xlsx", "not_xlsx"),
        (archive({"word/document.xml": b"<x/>"}), "a.xlsx", "not_xlsx"),
        (b"x", "a.xls", "file_type"),
        (b"x", "../../x", "file_type"),
        (xlsx(HEAD), "a.xlsm", "macros"),
        (macro(), "a.xlsx", "macros"),
        (xlsx(HEAD, cells={"XFD1048576": "xa"}), "a.xlsx", "sheet_too_large"),
        (xlsx(HEAD, cells={"A100000": "xa"}), "a.xlsx", "sheet_too_large"),
        (xlsx(HEAD, cells={"FA1": "xa"}), "a.xlsx", "sheet_too_large"),
        (archive({f"{i}": b"" for i in range(1001)}), "a.xlsx", "zip_bomb"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(data, filename, code):
    table = read(data, filename)

    assert [problem.code for problem in table.problems] == [code]
    assert table.problems[0].message.endswith(".")
    assert table.rows == []


def test_wrong_encoding_names_the_line():
    table = read("code,name\n1,x\n2,Đường\n".encode("cp1258", "replace").replace(b"?", b"\xd0"), "a.csv")

    assert problems(table) == [("encoding", 3, None)]


def bomb(size):
    return archive({"xl/worksheets/sheet1.xml": b"0" * size}, xlsx(HEAD, ["1", "x"]))


def lying_bomb():
    """Thirty megabytes that the archive states to be a thousand bytes."""
    data = bytearray(archive({"xl/worksheets/sheet1.xml": b"0" * (30 << 20)}))
    struct.pack_into("<I", data, 22, 1000)
    struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 24, 1000)
    return bytes(data)


@pytest.mark.parametrize("data", [bomb(300 << 20), bomb(20 << 20), lying_bomb()], ids=["size", "ratio", "lie"])
def test_a_zip_bomb_is_not_unfolded(data):
    assert codes(read(data)) == {"zip_bomb"}


def test_cells_without_a_place_far_from_the_others_are_refused():
    sheet = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row></sheetData></worksheet>'

    assert codes(read(archive({"xl/worksheets/sheet1.xml": sheet}, xlsx(HEAD)))) == {"sheet_too_large"}


def test_a_formatted_empty_cell_far_away_does_no_harm():
    def change(book):
        book.active["ZZ200000"].font = Font(bold=True)

    assert rows(read(xlsx(["code", "name"], ["1", "x"], change=change))) == [(2, ("1", "x"))]


def test_a_file_above_the_limit_is_refused(settings):
    settings.PORTAL_UPLOAD_LIMIT = 10

    assert codes(read(io.BytesIO(b"code,name\n1,x\n"), "a.csv")) == {"too_large"}


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert codes(read(tmp_path / "none.csv", "none.csv")) == {"file_not_found"}


def test_codes_that_differ_in_signs_only_are_told_apart():
    table = read_table(b"1.1,1-1,na:1.1\n3,4,x\n", filename="a.csv", aliases={}, required=["1.1", "1-1", "na:1.1"])

    assert table.rows[0].cells == {"1.1": "3", "1-1": "4", "na:1.1": "x"}
