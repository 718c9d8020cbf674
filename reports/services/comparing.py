"""Sections on standards and the year before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from movement.classification.enums import Purpose
from movement.core.numbers import count_text, points_text, share, share_text

from ..enums import Listing
from ..selectors.tallies import Cube
from .tables import count_cell, share_cell, signed, table
from .wording import ALL, KIND_ORDER, WORKPLACE, WORKPLACE_KINDS, document_words, listed, sentence_case

if TYPE_CHECKING:
    from .composing import Facts

MET, NOT_MET = "dat", "chua_dat"


def _p(text: str) -> dict:
    return {"t": "p", "text": text}


# --- III. Standards ---------------------------------------------------------------------------------------
def standards_title(facts: Facts) -> str:
    names = facts.standards.values("standard")
    if len(names) == 1:
        return f"KẾT QUẢ CÔNG NHẬN ĐẠT TIÊU CHUẨN {names[0].upper()}"
    return "KẾT QUẢ CÔNG NHẬN ĐẠT TIÊU CHUẨN"


def standards(facts: Facts) -> list[dict]:
    """Recognition, kept apart from the classes: the same unit has both results."""
    cube = facts.standards
    if not cube.cells:
        return []
    blocks = []
    for name in cube.values("standard"):
        blocks.append(_p(_recognised(facts, name)))
    blocks.append(
        _p(
            "Công nhận đạt tiêu chuẩn và phân loại phong trào là hai kết quả riêng của cùng một đơn vị; số liệu của "
            f"mục này không cộng với số liệu phân loại. Kết quả của từng đơn vị tại {facts.annexes['standards']}."
        )
    )
    rows, several = [], len(cube.values("standard")) > 1
    for name in cube.values("standard"):
        if several:
            rows.append(name)
        rows += [row for kind in KIND_ORDER if (row := _standard_row(facts, cube, name, [kind.value], kind))]
    columns = [("Loại đơn vị", 55, "l", ""), ("Số đơn vị xét", 22, "r", ""), ("SL", 18, "r", "Đạt"),
               ("%", 20, "r", "Đạt"), ("Chưa đạt", 22, "r", ""), ("Chưa có kết quả", 28, "r", "")]  # fmt: skip
    totals = [] if several else [_standard_row(facts, cube, cube.values("standard")[0], None, ALL)]
    blocks.append(
        table(
            f"{facts.next('Bảng')}. Kết quả công nhận theo loại đơn vị",
            columns,
            rows,
            totals=totals,
            foot=["%: tỷ lệ đạt trên số đơn vị đã có kết quả."],
        )
    )
    return blocks


def _recognised(facts: Facts, name: str) -> str:
    cube, figures, listing = facts.standards, facts.figures, Listing.STANDARDS
    where = {"standard": [name]}
    counts = {code: cube.count(**where, **{"class": [code]}) for code in (MET, NOT_MET, "")}
    known = counts[MET] + counts[NOT_MET]
    total = figures.add("C", known + counts[""], "Đơn vị, địa bàn được xét", listing, **where)
    met = figures.add("C", counts[MET], "Đạt tiêu chuẩn", listing, **where, **{"class": [MET]})
    text = f"Tiêu chuẩn {name}{_regulations(facts, name)}: xét {total} đơn vị, địa bàn; {met} đạt"
    if known:
        text += f" ({share_text(share(counts[MET], known))})"
    if counts[NOT_MET]:
        mark = figures.add("C", counts[NOT_MET], "Chưa đạt tiêu chuẩn", listing, **where, **{"class": [NOT_MET]})
        text += f", {mark} chưa đạt ({share_text(share(counts[NOT_MET], known))})"
    if counts[""]:
        mark = figures.add("C", counts[""], "Chưa có kết quả công nhận", listing, **where, **{"class": [""]})
        text += f", {mark} chưa có kết quả"
    rest = [state for state in cube.values("state") if state != "published"]
    if waiting := cube.count(**where, state=rest):
        mark = figures.add("C", waiting, "Kết quả công nhận chưa công bố", listing, **where, state=rest)
        text += f"; {mark} kết quả chưa công bố"
    return f"{text}."


def _regulations(facts: Facts, name: str) -> str:
    cited = {one.regulation for one in facts.sources if one.purpose == Purpose.STANDARD and one.standard == name}
    cited.discard("")
    return f" ({listed([document_words(number) for number in sorted(cited)])})" if cited else ""


def _standard_row(facts: Facts, cube: Cube, name: str, kinds: list[str] | None, kind: str) -> list[str] | None:
    where = {"standard": [name]} | ({"kind": kinds} if kinds else {})
    tally = cube.tally(**where)
    if not tally.total:
        return None
    return [
        "Tổng cộng" if kinds is None else sentence_case(facts.words(kind)),
        count_cell(tally.total),
        count_cell(tally.classes[MET]),
        share_cell(tally.share(MET)),
        count_cell(tally.classes[NOT_MET]),
        count_cell(tally.unclassified),
    ]


# --- IV. The year before ----------------------------------------------------------------------------------
def comparison(facts: Facts) -> list[dict]:
    """Counts and shares of both years; only kinds that both years classified are compared."""
    now, before = facts.cube, facts.before
    if not now.tally().classified or not before.tally().classified:
        return []
    figures, classes = facts.figures, facts.classes
    groups = [(ALL, None), *((kind.value, [kind.value]) for kind in KIND_ORDER[:3]), (WORKPLACE, WORKPLACE_KINDS)]
    rows = []
    for name, kinds in groups:
        where = {"kind": kinds} if kinds else {}
        new, old = now.tally(**where), before.tally(**where)
        if not new.classified or not old.classified:
            continue
        rows.append(sentence_case(facts.words(name)))
        for code, label in classes.items():
            rows.append(
                _compared(f"Loại {label}", old.classes[code], new.classes[code], old.share(code), new.share(code))
            )
        rows.append(_compared("Cộng", old.classified, new.classified, None, None))
    new, old = now.tally(), before.tally()
    named = {"class": list(classes)}
    first = figures.add("D", old.classified, f"Đã phân loại năm {facts.year - 1}", Listing.BEFORE, **named)
    second = figures.add("D", new.classified, f"Đã phân loại năm {facts.year}", Listing.CLASSES, **named)
    blocks = [
        _p(
            f"Số đơn vị, địa bàn được phân loại: năm {facts.year - 1} là {first}, năm {facts.year} là {second} "
            f"({_more(new.classified - old.classified)}). {_shares_said(facts)}"
        )
    ]
    y, z = str(facts.year - 1), str(facts.year)
    columns = [("Loại", 39, "l", ""), ("SL", 20, "r", f"Năm {y}"), ("%", 20, "r", f"Năm {y}"),
               ("SL", 20, "r", f"Năm {z}"), ("%", 20, "r", f"Năm {z}"),
               ("SL", 20, "r", "Tăng (+), giảm (-)"), ("Điểm %", 26, "r", "Tăng (+), giảm (-)")]  # fmt: skip
    foot = [f"Điểm %: chênh lệch giữa hai tỷ lệ. Số liệu năm {y} là kết quả đã công bố."]
    if facts.before_unpublished:
        foot.append(f"Năm {y} còn {count_text(facts.before_unpublished)} kết quả chưa công bố, không tính ở đây.")
    if facts.as_now:
        foot.append("So sánh trên toàn địa bàn, không phụ thuộc cách xếp địa giới.")
    blocks.append(table(f"{facts.next('Bảng')}. So sánh với năm {y}", columns, rows, foot=foot))
    blocks.append(
        {
            "t": "chart",
            "kind": "grouped",
            "name": f"{facts.next('Biểu đồ')}. Số đơn vị, địa bàn theo loại, năm {y} và năm {z}",
            "rows": [
                (f"Loại {label}", {y: old.classes[code], z: new.classes[code]}) for code, label in classes.items()
            ],
            "series": [(y, f"Năm {y}"), (z, f"Năm {z}")],
        }
    )
    return blocks


def _compared(label: str, old: int, new: int, old_share, new_share) -> list[str]:
    difference = signed(new - old, count_text(new - old)) if new != old else "0"
    points = "" if old_share is None else signed(new_share - old_share, share_cell(new_share - old_share))
    shares = ["", ""] if old_share is None else [share_cell(old_share), share_cell(new_share)]
    return [label, count_cell(old), shares[0], count_cell(new), shares[1], difference, points]


def _more(difference: int) -> str:
    if not difference:
        return "không thay đổi"
    return f"{'tăng' if difference > 0 else 'giảm'} {count_text(abs(difference))}"


def _shares_said(facts: Facts) -> str:
    new, old = facts.cube.tally(), facts.before.tally()
    said = []
    for code, label in facts.classes.items():
        first, second = old.share(code), new.share(code)
        if not old.classes[code] and not new.classes[code]:
            continue
        change = second - first
        words = (
            "không thay đổi"
            if not change
            else f"{'tăng' if change > 0 else 'giảm'} {points_text(abs(change))} điểm phần trăm"
        )
        said.append(f"loại {label} từ {share_text(first)} thành {share_text(second)} ({words})")
    return f"Tỷ lệ các loại: {'; '.join(said)}."
