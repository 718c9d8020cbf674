"""The empty list of units as a workbook: headings that stay as they are, choices where there are some."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from .enums import Kind, Level
from .exports import WIDTHS
from .import_rows import DETAILS, HEADING_OF, REQUIRED

ROWS = 20_000  # that can be filled in
COLUMNS = (*REQUIRED, "parent_code", *DETAILS)
_DATES = {"valid_from", "valid_to"}
_KINDS = (Kind.RESIDENTIAL_AREA, Kind.AGENCY, Kind.ENTERPRISE, Kind.SCHOOL)
_LEVELS = (Level.COMMUNE, Level.PROVINCE, Level.MINISTRY)
_HELP = {
    "code": "Để trống nếu đơn vị chưa có mã; khi đó đơn vị được nhận ra theo xã, loại và tên.",
    "name": "Bắt buộc. Ghi tên đầy đủ.",
    "kind": "Bắt buộc. Chọn trong danh sách.",
    "subkind": "Ví dụ: ấp, khu vực, tổ dân phố, THPT, sở. Có thể để trống.",
    "commune_code": "Xã, phường nơi đơn vị đóng, theo ngày ở cột Hiệu lực từ. Chọn trong danh sách hoặc ghi mã.",
    "managing_level": "Bắt buộc. Cấp quản lý trực tiếp đơn vị.",
    "valid_from": "Ngày/tháng/năm bắt đầu. Để trống thì lấy ngày ghi trên trang nhập.",
    "valid_to": "Ngày cuối cùng còn hoạt động; để trống là còn hoạt động.",
    "parent_code": "Chỉ ghi khi đơn vị thuộc thẳng tỉnh, không đóng ở xã nào.",
    "phone": "Điện thoại của cơ quan, không phải của cá nhân.",
    "email": "Thư điện tử của cơ quan, không phải của cá nhân.",
    "address": "Địa chỉ của cơ quan.",
    "scope_reason": "Chỉ ghi cho đơn vị ngoài diện đánh giá mà vẫn đưa vào.",
}
_NOTES = (
    "Mỗi dòng của trang “Đơn vị” là một đơn vị. Dòng tiêu đề đã khóa; ghi từ dòng 2.",
    "Ô để trống giữ nguyên điều đã ghi trong danh bạ.",
    "Mã xã đọc theo ngày ở cột Hiệu lực từ: từ 01/07/2025 dùng mã mới.",
    "Không ghi thông tin có nội dung bí mật nhà nước, không ghi thông tin của cá nhân.",
    "Ghi xong, tải tệp lên trang Nhập danh sách đơn vị để xem trước rồi mới ghi vào danh bạ.",
)


def template_book(path: Path, *, communes: Sequence[tuple[str, str]]) -> None:
    """Write it to ``path``; ``communes`` are ``(code, name)`` to choose from."""
    lists = {
        "kind": [str(kind.label) for kind in _KINDS],
        "managing_level": [str(level.label) for level in _LEVELS],
        "commune_code": [f"{code} - {name}" for code, name in communes],
    }
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page, choices, notes = map(book.add_worksheet, ("Đơn vị", "Danh mục", "Hướng dẫn"))
        font = {"font_name": "Times New Roman", "font_size": 12}
        head = book.add_format({**font, "bold": True, "text_wrap": True, "bg_color": "#E3EFE6", "border": 1})
        text = book.add_format({**font, "num_format": "@", "locked": False})
        day = book.add_format({**font, "num_format": "dd/mm/yyyy", "locked": False})
        for place, column in enumerate(COLUMNS):
            page.set_column(place, place, WIDTHS[column], day if column in _DATES else text)
            page.write_string(0, place, HEADING_OF[column], head)
            page.data_validation(1, place, ROWS, place, _rule(column, lists))
        page.freeze_panes(1, 0)
        page.protect("", {"format_columns": True, "format_rows": True, "insert_rows": True, "delete_rows": True,
                          "sort": True, "autofilter": True})  # fmt: skip
        plain = book.add_format(font)
        for place, (column, words) in enumerate(lists.items()):
            choices.set_column(place, place, 40, plain)
            choices.write_string(0, place, HEADING_OF[column], head)
            choices.write_column(1, place, words)
        choices.protect()
        notes.set_column(0, 0, 110, plain)
        notes.write_column(0, 0, _NOTES)
        notes.protect()


def _rule(column: str, lists: dict[str, list[str]]) -> dict:
    """The choice of a column, or only its explanation."""
    rule = {"validate": "any", "ignore_blank": True}
    if words := lists.get(column):
        letter = "ABC"[list(lists).index(column)]
        rule |= {
            "validate": "list",
            "source": f"='Danh mục'!${letter}$2:${letter}${len(words) + 1}",
            "error_title": HEADING_OF[column],
            "error_message": "Hãy chọn trong danh sách của trang “Danh mục”.",
            # a code of another day may be right
            "error_type": "warning" if column == "commune_code" else "stop",
        }
    if column in _HELP:
        rule |= {"input_title": HEADING_OF[column][:32], "input_message": _HELP[column]}
    return rule
