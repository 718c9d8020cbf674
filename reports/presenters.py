"""Figures of a summary as its page groups them."""

import re

from django.utils.translation import gettext_lazy as _

# The letter that a figure's code begins with is that of its section (reports.services.composing).
FIGURE_GROUPS = {
    "A": _("Tình hình"),
    "B": _("Phân loại phong trào"),
    "C": _("Công nhận đạt tiêu chuẩn"),
    "D": _("So sánh với năm trước"),
    "E": _("Đơn vị đủ điều kiện xây dựng điển hình"),
}


def figure_groups(figures: dict[str, dict]) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """``[(section, [(code, label, value)])]`` in the order of the codes; ``figures`` as the snapshot keeps them."""
    found: dict[str, list] = {}
    for code in sorted(figures, key=_order):
        found.setdefault(code[:1], []).append((code, figures[code]["label"], figures[code]["value"]))
    return [(str(FIGURE_GROUPS.get(letter, letter)), lines) for letter, lines in found.items()]


def _order(code: str) -> tuple[str, int]:
    letter, number = re.fullmatch(r"([A-Z]+)([0-9]+)", code).groups()
    return letter, int(number)
