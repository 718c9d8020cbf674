"""The table role × act, generated from what the apps declare. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from units.enums import Kind

from .access import Action
from .enums import ROOT_KINDS, Role

_HEAD = """# Ai được làm gì

Trang này do `./run manage rights_table --write` ghi ra từ các quyền mà phần mềm khai báo; đừng sửa tay.
Có vai trò chưa đủ: nơi và tuyến xét duyệt phải thuộc cùng một phân công với vai trò. Mọi vai trò đọc trên địa bàn mình.

Các cột: {legend}.

"""

_TAIL = """

## Vai trò gắn với loại nơi nào

{places}

Phân công theo cụm, khối thi đua, ngành chỉ để xem: được đọc các đơn vị thành viên, và với xã, phường là thành viên thì
đọc cả địa bàn; không làm được việc nào trong bảng trên.

## Bảng đối chiếu

Mỗi địa chỉ của cổng, với từng vai trò ở trong địa bàn, ngoài địa bàn, qua cụm và khi không có phân công, được thử mỗi lần
chạy kiểm tra; câu trả lời phải đúng như trong `tests/matrix/expected.txt`. Địa chỉ không có trong bảng làm kiểm tra hỏng.
"""


def rights_page(declared: Iterable[Action]) -> str:
    """The page in Markdown: one line an act, one column a role."""
    roles = list(Role)
    legend = "; ".join(f"**{number}** {role.label} (`{role}`)" for number, role in enumerate(roles, start=1))
    lines = ["| việc | mã | " + " | ".join(str(n) for n in range(1, len(roles) + 1)) + " |"]
    lines.append("|---|---|" + ":-:|" * len(roles))
    for act in declared:
        marks = " | ".join("×" if role in act.roles else " " for role in roles)
        lines.append(f"| {act.title} | `{act.name}` | {marks} |")
    places = "\n".join(f"- {role.label}: {_kinds(role)}" for role in roles)
    return f"{_HEAD.format(legend=legend)}{chr(10).join(lines)}{_TAIL.format(places=places)}"


def _kinds(role: Role) -> str:
    """In the order of the tree."""
    allowed = ROOT_KINDS.get(role)
    words = [str(kind.label).lower() for kind in Kind if allowed is None or kind in allowed]
    return "; ".join(words) if allowed else "mọi loại nơi, đơn vị"
