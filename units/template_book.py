"""Empty lists as workbooks: headings that stay as they are, choices where there are some, a word on each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter
from django.utils import translation

from .enums import Kind, Level
from .exports import WIDTHS
from .import_rows import DETAILS, HEADING_OF, REQUIRED
from .lineage_rows import COLUMNS as LINEAGE_COLUMNS
from .lineage_rows import HEADING_OF as LINEAGE_HEADING_OF

ROWS = 20_000  # that can be filled in
_KINDS = (Kind.RESIDENTIAL_AREA, Kind.AGENCY, Kind.ENTERPRISE, Kind.SCHOOL)
_LEVELS = (Level.COMMUNE, Level.PROVINCE, Level.MINISTRY)
_COMMUNE = "commune_code"


@dataclass(frozen=True, slots=True)
class Template:
    """``columns`` with their ``headings`` and ``widths``; ``lists``: column → words to choose from."""

    title: str
    columns: Sequence[str]
    headings: Mapping[str, str]
    widths: Mapping[str, int]
    dates: frozenset[str]
    help: Mapping[str, str]
    notes: Sequence[str]
    lists: Mapping[str, Sequence[object]] = field(default_factory=dict)


_UNITS = Template(
    title="Đơn vị",
    columns=(*REQUIRED, "parent_code", *DETAILS),
    headings=HEADING_OF,
    widths=WIDTHS,
    dates=frozenset({"valid_from", "valid_to"}),
    lists={
        "kind": [kind.label for kind in _KINDS],
        "managing_level": [level.label for level in _LEVELS],
    },
    help={
        "code": "Để trống nếu đơn vị chưa có mã; khi đó đơn vị được nhận ra theo xã, loại và tên.",
        "name": "Bắt buộc. Ghi tên đầy đủ.",
        "kind": "Bắt buộc. Chọn trong danh sách.",
        "subkind": "Ví dụ: ấp, khu vực, tổ dân phố, THPT, sở. Có thể để trống.",
        _COMMUNE: "Xã, phường nơi đơn vị đóng, theo ngày ở cột Hiệu lực từ. Chọn trong danh sách hoặc ghi mã.",
        "managing_level": "Bắt buộc. Cấp quản lý trực tiếp đơn vị.",
        "valid_from": "Ngày/tháng/năm bắt đầu. Để trống thì lấy ngày ghi trên trang nhập.",
        "valid_to": "Ngày cuối cùng còn hoạt động; để trống là còn hoạt động.",
        "parent_code": "Chỉ ghi khi đơn vị thuộc thẳng tỉnh, không đóng ở xã nào.",
        "phone": "Điện thoại của cơ quan, không phải của cá nhân.",
        "email": "Thư điện tử của cơ quan, không phải của cá nhân.",
        "address": "Địa chỉ của cơ quan.",
        "scope_reason": "Chỉ ghi cho đơn vị ngoài diện đánh giá mà vẫn đưa vào.",
    },
    notes=(
        "Mỗi dòng của trang “Đơn vị” là một đơn vị. Dòng tiêu đề đã khóa; ghi từ dòng 2.",
        "Ô để trống giữ nguyên điều đã ghi trong danh bạ.",
        "Mã xã đọc theo ngày ở cột Hiệu lực từ: từ 01/07/2025 dùng mã mới.",
        "Không ghi thông tin có nội dung bí mật nhà nước, không ghi thông tin của cá nhân.",
        "Ghi xong, tải tệp lên trang Nhập danh sách đơn vị để xem trước rồi mới ghi vào danh bạ.",
    ),
)
_LINEAGE = Template(
    title="Sáp nhập",
    columns=LINEAGE_COLUMNS,
    headings=LINEAGE_HEADING_OF,
    widths={"old_code": 16, "old_name": 36, _COMMUNE: 26, "new_code": 16, "new_name": 36, "share": 18, "is_main": 16,
            "decision": 30, "date": 16},
    dates=frozenset({"date"}),
    lists={"share": ["toàn bộ", "một phần"], "is_main": ["có", "không"]},
    help={
        "old_code": "Để trống nếu đơn vị cũ chưa có mã; khi đó đơn vị được nhận ra theo xã và tên.",
        "old_name": "Bắt buộc. Tên thôn, ấp, tổ dân phố trước khi sáp nhập.",
        _COMMUNE: "Xã, phường của đơn vị, theo ngày có hiệu lực. Chọn trong danh sách hoặc ghi mã.",
        "new_code": "Để trống nếu đơn vị mới chưa có mã.",
        "new_name": "Bắt buộc. Tên sau khi sáp nhập. Các dòng cùng tên mới là một đơn vị.",
        "share": "Để trống là toàn bộ. Ghi một phần khi đơn vị cũ chia cho nhiều đơn vị mới.",
        "is_main": "Khi chia cho nhiều đơn vị mới: ghi có ở dòng của đơn vị kế thừa chính.",
        "decision": "Số, ký hiệu nghị quyết hoặc quyết định.",
        "date": "Bắt buộc. Ngày đầu tiên theo tên mới.",
    },
    notes=(
        "Mỗi dòng của trang “Sáp nhập” là một đơn vị cũ và đơn vị mới mà nó nhập vào. Ghi từ dòng 2.",
        "Nhiều đơn vị cũ nhập vào một: mỗi đơn vị cũ một dòng, cùng tên mới.",
        "Một đơn vị cũ chia cho nhiều đơn vị mới: mỗi đơn vị mới một dòng, cùng tên cũ, ghi rõ phần và đơn vị kế thừa chính.",
        "Chỉ đổi tên: một dòng, tên cũ và tên mới.",
        "Sai một dòng thì không ghi dòng nào. Đã ghi thì hoàn tác được ở Lịch sử thay đổi.",
    ),
)  # fmt: skip


def units_book(path: Path, *, communes: Sequence[tuple[str, str]]) -> None:
    """The empty list of units, at ``path``; ``communes`` are ``(code, name)`` to choose from."""
    _book(path, _UNITS, communes)


def lineage_book(path: Path, *, communes: Sequence[tuple[str, str]]) -> None:
    """The empty list of mergers."""
    _book(path, _LINEAGE, communes)


def _book(path: Path, template: Template, communes: Sequence[tuple[str, str]]) -> None:
    with translation.override("vi"):  # whatever language the reader's pages have: the file comes back in
        lists = {column: [str(word) for word in words] for column, words in template.lists.items()}
    lists[_COMMUNE] = [f"{code} - {name}" for code, name in communes]
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page, choices, notes = map(book.add_worksheet, (template.title, "Danh mục", "Hướng dẫn"))
        font = {"font_name": "Times New Roman", "font_size": 12}
        head = book.add_format({**font, "bold": True, "text_wrap": True, "bg_color": "#E3EFE6", "border": 1})
        text = book.add_format({**font, "num_format": "@", "locked": False})
        day = book.add_format({**font, "num_format": "dd/mm/yyyy", "locked": False})
        for place, column in enumerate(template.columns):
            page.set_column(place, place, template.widths[column], day if column in template.dates else text)
            page.write_string(0, place, template.headings[column], head)
            page.data_validation(1, place, ROWS, place, _rule(template, column, lists))
        page.freeze_panes(1, 0)
        page.protect("", {"format_columns": True, "format_rows": True, "insert_rows": True, "delete_rows": True,
                          "sort": True, "autofilter": True})  # fmt: skip
        plain = book.add_format(font)
        for place, (column, words) in enumerate(lists.items()):
            choices.set_column(place, place, 40, plain)
            choices.write_string(0, place, template.headings[column], head)
            choices.write_column(1, place, words)
        choices.protect()
        notes.set_column(0, 0, 110, plain)
        notes.write_column(0, 0, template.notes)
        notes.protect()


def _rule(template: Template, column: str, lists: Mapping[str, Sequence[str]]) -> dict:
    """The choice of a column, or only its explanation."""
    rule = {"validate": "any", "ignore_blank": True}
    if words := lists.get(column):
        letter = "ABC"[list(lists).index(column)]
        rule |= {
            "validate": "list",
            "source": f"='Danh mục'!${letter}$2:${letter}${len(words) + 1}",
            "error_title": template.headings[column][:32],
            "error_message": "Hãy chọn trong danh sách của trang “Danh mục”.",
            # a code of another day may be right
            "error_type": "warning" if column == _COMMUNE else "stop",
        }
    if column in template.help:
        rule |= {"input_title": template.headings[column][:32], "input_message": template.help[column]}
    return rule
