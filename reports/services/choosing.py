"""The section on exemplars of the next year: those that were chosen, else how many may be."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from movement.core.numbers import count_text
from units.enums import Kind

from ..enums import Listing
from .tables import UPRIGHT, count_cell, table
from .wording import KIND_ORDER, WORKPLACE_KINDS, listed, sentence_case

if TYPE_CHECKING:
    from .composing import Facts

MOST_NAMED = 20  # more names than this are left to the annex


def _p(text: str) -> dict:
    return {"t": "p", "text": text}


def title(facts: Facts) -> str:
    if facts.chosen:
        return f"LỰA CHỌN XÂY DỰNG ĐIỂN HÌNH NĂM {facts.year + 1}"
    return f"ĐƠN VỊ ĐỦ ĐIỀU KIỆN LỰA CHỌN XÂY DỰNG ĐIỂN HÌNH NĂM {facts.year + 1}"


def exemplars(facts: Facts) -> list[dict]:
    """The units chosen, with the decision; while none is, how many are eligible."""
    return _chosen(facts) if facts.chosen else _eligible(facts)


def _chosen(facts: Facts) -> list[dict]:
    rows, figures = facts.chosen, facts.figures
    total = figures.add("F", len(rows), f"Được chọn xây dựng điển hình năm {facts.year + 1}", Listing.EXEMPLARS)
    text = (
        f"Trên cơ sở kết quả phân loại phong trào năm {facts.year}, đã lựa chọn {total} đơn vị, địa bàn để xây dựng "
        f"điển hình về phong trào Toàn dân bảo vệ an ninh Tổ quốc năm {facts.year + 1}"
    )
    decisions = [
        (key, list(found)) for key, found in groupby(rows, key=lambda row: (row["decision"], row["decided_on"]))
    ]
    said = [f"Quyết định số {number} ngày {day}" for (number, day), _ in decisions]
    if len(decisions) == 1:
        blocks = [_p(f"{text} ({said[0]}){_names(rows)}.")]
    else:
        blocks = [_p(f"{text}, gồm:")]
        for at, ((number, day), found) in enumerate(decisions):
            mark = figures.add(
                "F", len(found), f"Được chọn theo Quyết định số {number} ngày {day}", Listing.EXEMPLARS,
                decision=[number], decided_on=[day],
            )  # fmt: skip
            end = "." if at == len(decisions) - 1 else ";"
            blocks.append(_p(f"- {said[at]}: {mark} đơn vị, địa bàn{_names(found)}{end}"))
    parts = []
    for kind in (*KIND_ORDER[:3], *map(Kind, WORKPLACE_KINDS)):
        if count := sum(row["kind"] == kind for row in rows):
            label = f"{sentence_case(facts.words(kind))} được chọn"
            mark = figures.add("F", count, label, Listing.EXEMPLARS, kind=[kind.value])
            parts.append(f"{mark} {facts.words(kind)}")
    among = f"Trong đó: {listed(parts)}. " if len(parts) > 1 else ""
    blocks.append(_p(f"{among}Danh sách tại {facts.annexes['exemplars']}."))
    return blocks


def _names(rows: list[dict]) -> str:
    if len(rows) > MOST_NAMED:
        return ""
    return f", gồm: {listed([row['said'] for row in rows])}" if len(rows) > 1 else f": {rows[0]['said']}"


def _eligible(facts: Facts) -> list[dict]:
    """How many units may be chosen for the next year; who they are stands in Annex I, by their class."""
    cube, figures = facts.cube, facts.figures
    by_kind = {kind: tally for (kind,), tally in cube.tallies("kind", eligible=[True]).items()}
    total = sum(tally.total for tally in by_kind.values())
    if not cube.tally().classified:
        return []
    doors = listed([f"loại {facts.classes.get(code, code)}" for code in facts.considered])
    if not total:
        return [
            _p(
                f"Theo kết quả phân loại năm {facts.year} đã công bố, chưa có đơn vị, địa bàn nào đủ điều kiện để lựa "
                f"chọn xây dựng điển hình năm {facts.year + 1}" + (f" (các loại được xét: {doors})." if doors else ".")
            )
        ]
    mark = figures.add(
        "F", total, f"Đủ điều kiện lựa chọn điển hình năm {facts.year + 1}", Listing.CLASSES, eligible=[True]
    )
    parts = []
    for kind in (*KIND_ORDER[:3], *map(Kind, WORKPLACE_KINDS)):
        if tally := by_kind.get(kind.value):
            label = f"{sentence_case(facts.words(kind))} đủ điều kiện"
            one = figures.add("F", tally.total, label, Listing.CLASSES, kind=[kind.value], eligible=[True])
            parts.append(f"{one} {facts.words(kind)}")
    in_doors = cube.count(state=["published"], **{"class": facts.considered})
    text = (
        f"Theo kết quả phân loại năm {facts.year} đã công bố, có {mark} đơn vị, địa bàn đủ điều kiện để lựa chọn xây "
        f"dựng điển hình năm {facts.year + 1} (các loại được xét: {doors}), gồm: {listed(parts)}."
    )
    if closed := in_doors - total:
        text += f" {count_text(closed)} đơn vị, địa bàn khác có loại được xét nhưng đã kết thúc hoạt động."
    blocks = [_p(text)]
    names = {code: facts.classes.get(code, code) for code in facts.considered}
    rows = []
    for kind in KIND_ORDER:
        if tally := by_kind.get(kind.value):
            rows.append(
                [
                    sentence_case(facts.words(kind)),
                    count_cell(tally.total),
                    *(count_cell(tally.classes[c]) for c in names),
                ]
            )
    totals = cube.tally(eligible=[True])
    width = (UPRIGHT - 75 - 30) // max(len(names), 1)
    blocks.append(
        table(
            f"{facts.next('Bảng')}. Đơn vị đủ điều kiện lựa chọn xây dựng điển hình năm {facts.year + 1}",
            [
                ("Loại đơn vị", 75, "l", ""),
                ("Tổng số", 30, "r", ""),
                *((f"Loại {n}", width, "r", "") for n in names.values()),
            ],
            rows,
            totals=[["Tổng cộng", count_cell(totals.total), *(count_cell(totals.classes[c]) for c in names)]],
            foot=[
                f"Đơn vị đủ điều kiện là đơn vị có loại được xét tại {facts.annexes['classes']} và còn hoạt động năm "
                f"{facts.year + 1}."
            ],
        )
    )
    blocks.append(_p("Việc lựa chọn do cấp có thẩm quyền quyết định; đủ điều kiện chưa phải là được chọn."))
    return blocks
