"""Words and figures of the paper, as an office writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from movement.core.numbers import share_text
from units.enums import WORKPLACES, Kind, Level

from ..selectors.tallies import Tally

ALL = "all"
WORKPLACE = "workplace"
KIND_ORDER = (Kind.DISTRICT, Kind.COMMUNE, Kind.RESIDENTIAL_AREA, Kind.AGENCY, Kind.ENTERPRISE, Kind.SCHOOL)
WORKPLACE_KINDS = [kind.value for kind in WORKPLACES]
LEVEL_WORDS = {
    Level.MINISTRY: "bộ, ngành Trung ương",
    Level.PROVINCE: "cấp tỉnh",
    Level.DISTRICT: "cấp huyện",
    Level.COMMUNE: "cấp xã",
}
# In the annexes' narrow columns; the legend below them says what they stand for.
SHORT_KIND = {Kind.DISTRICT: "Huyện", Kind.COMMUNE: "Xã", Kind.RESIDENTIAL_AREA: "KDC", Kind.AGENCY: "CQ",
              Kind.ENTERPRISE: "DN", Kind.SCHOOL: "CSGD"}  # fmt: skip
SHORT_LEVEL = {Level.MINISTRY: "TW", Level.PROVINCE: "Tỉnh", Level.DISTRICT: "Huyện", Level.COMMUNE: "Xã"}
STATE_WORDS = {
    "registered": "chưa chấm",
    "self_scored": "đã tự chấm",
    "submitted": "đã gửi",
    "checked": "đã kiểm tra",
    "appraised": "đã thẩm định",
    "decided": "đã xét duyệt",
}
_TOKEN = re.compile("⟦([A-Z][0-9]+)⟧")


def kind_words(kind: str, *, districts: bool) -> str:
    """The noun of a kind. ``districts``: whether the year still had the district level."""
    return {
        ALL: "đơn vị, địa bàn",
        WORKPLACE: "cơ quan, doanh nghiệp, cơ sở giáo dục",
        Kind.DISTRICT: "huyện, thị xã, thành phố",
        Kind.COMMUNE: "xã, phường, thị trấn" if districts else "xã, phường, đặc khu",
        Kind.RESIDENTIAL_AREA: "khu dân cư",
        Kind.AGENCY: "cơ quan",
        Kind.ENTERPRISE: "doanh nghiệp",
        Kind.SCHOOL: "cơ sở giáo dục",
    }[kind]


def document_words(number: str) -> str:
    """``Thông tư số 124/2021/TT-BCA``: the kind of document as its symbol names it."""
    symbol = number.rpartition("/")[2].partition("-")[0]
    kinds = {"TT": "Thông tư", "QĐ": "Quyết định", "NĐ": "Nghị định", "HD": "Hướng dẫn", "KH": "Kế hoạch"}
    return f"{kinds.get(symbol, 'văn bản')} số {number}"


def sentence_case(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def listed(parts: Sequence[str], *, last: str = " và ") -> str:
    """``a, b và c``; with ``;`` between parts that hold commas of their own."""
    if len(parts) < 2:
        return "".join(parts)
    between = "; " if any("," in part for part in parts) else ", "
    return between.join(parts[:-1]) + last + parts[-1]


def committee_words(name: str) -> str:
    """The committee's name inside a sentence; settings may hold it in capitals."""
    if name != name.upper():
        return name
    return name.capitalize().replace("Ban chỉ đạo", "Ban Chỉ đạo").replace("an ninh tổ quốc", "an ninh Tổ quốc")


@dataclass
class Figures:
    """Codes of the figures in the order of the text, each with the rows behind it.

    ``found``: ``{code: {"value", "label", "listing", "where"}}``; ``where`` maps a field of the frozen
    rows to the values that belong to the figure. With ``sum`` the value is not how many rows there are but
    the sum of that field.
    """

    found: dict[str, dict] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)

    def add(self, letter: str, value: int, label: str, listing: str, *, summed: str = "", **where: list) -> str:
        """A mark to stand in the text; ``figures_filled`` puts the number and the code in its place."""
        self._last[letter] = self._last.get(letter, 0) + 1
        code = f"{letter}{self._last[letter]}"
        self.found[code] = {"value": value, "label": label, "listing": listing, "where": where}
        if summed:
            self.found[code]["sum"] = summed
        return f"⟦{code}⟧"


def figures_filled(text: str, put) -> str:
    """``text`` with ``put(code)`` in place of each mark."""
    return _TOKEN.sub(lambda match: put(match[1]), text)


def classes_said(figures: Figures, letter: str, tally: Tally, classes: dict[str, str], listing: str, **where) -> str:
    """``loại Xuất sắc 20 (26,67%), loại Khá 55 (73,33%); không có đơn vị loại Yếu``."""
    held, none = [], []
    for code, name in classes.items():
        if count := tally.classes[code]:
            mark = figures.add(letter, count, f"Loại {name}", listing, **where, **{"class": [code]})
            held.append(f"loại {name} {mark} ({share_text(tally.share(code))})")
        else:
            none.append(name)
    said = ", ".join(held)
    if held and none:
        said += f"; không có đơn vị loại {listed(none, last=' và loại ')}"
    return said
