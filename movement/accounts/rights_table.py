"""The table role × act, generated from what the apps declare. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from .access import Action
from .enums import ROOT_KINDS, Role

_HEAD = """# Ai được làm gì

Trang này do `./run manage rights_table --write` ghi ra từ các quyền mà phần mềm khai báo; đừng sửa tay.
Có vai trò chưa đủ: nơi và tuyến xét duyệt phải thuộc cùng một phân công với vai trò. Mọi vai trò đọc trên địa bàn mình.

Các cột: {legend}.

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
    kinds = "\n".join(
        f"- {role.label}: {', '.join(sorted(ROOT_KINDS[role]))}" for role in roles if ROOT_KINDS.get(role)
    )
    return f"{_HEAD.format(legend=legend)}{chr(10).join(lines)}\n\n## Vai trò gắn với loại nơi nào\n\n{kinds}\n"
