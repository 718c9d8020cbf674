"""The empty list of accounts as a workbook: headings that stay as they are, roles and places to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from .services.importing import HEADINGS

ROWS = 2_000
_WIDTHS = {"name": 30, "position": 28, "username": 18, "role": 34, "code": 34, "since": 13, "until": 13, "email": 28}
_HELP = {
    "name": "Bắt buộc. Mỗi tài khoản là một người.",
    "username": "Để trống thì đặt theo họ tên. Ghi cùng một tên ở nhiều dòng để giao nhiều quyền cho một người.",
    "role": "Bắt buộc. Chọn trong danh sách.",
    "code": "Bắt buộc. Chọn trong danh sách hoặc ghi mã, đọc theo ngày bắt đầu.",
    "since": "Ngày/tháng/năm bắt đầu. Để trống là hôm nay.",
    "until": "Ngày cuối cùng còn quyền; để trống nếu chưa định.",
    "email": "Thư điện tử công vụ, không phải của cá nhân.",
}


def template_book(path: Path, *, roles: Sequence[str], places: Sequence[tuple[str, str]]) -> None:
    """Write it to ``path``; ``places`` are ``(code, name)``."""
    lists = {"role": list(roles), "code": [f"{code} - {name}" for code, name in places]}
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page, choices = book.add_worksheet("Tài khoản"), book.add_worksheet("Danh mục")
        font = {"font_name": "Times New Roman", "font_size": 12}
        head = book.add_format({**font, "bold": True, "text_wrap": True, "bg_color": "#E3EFE6", "border": 1})
        text = book.add_format({**font, "num_format": "@", "locked": False})
        day = book.add_format({**font, "num_format": "dd/mm/yyyy", "locked": False})
        for place, (column, heading) in enumerate(HEADINGS.items()):
            page.set_column(place, place, _WIDTHS[column], day if column in ("since", "until") else text)
            page.write_string(0, place, heading, head)
            rule = {"validate": "any", "ignore_blank": True}
            if words := lists.get(column):
                letter = "AB"[list(lists).index(column)]
                rule |= {"validate": "list", "source": f"='Danh mục'!${letter}$2:${letter}${len(words) + 1}"}
                rule |= {"error_type": "stop" if column == "role" else "warning", "error_title": heading[:32]}
            if column in _HELP:
                rule |= {"input_title": heading[:32], "input_message": _HELP[column]}
            page.data_validation(1, place, ROWS, place, rule)
        page.freeze_panes(1, 0)
        page.protect("", {"format_columns": True, "insert_rows": True, "delete_rows": True, "sort": True})
        for place, (column, words) in enumerate(lists.items()):
            choices.set_column(place, place, 44, book.add_format(font))
            choices.write_string(0, place, HEADINGS[column], head)
            choices.write_column(1, place, words)
        choices.protect()
