"""The section on practice models and the points that apply them, counted apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from movement.core.numbers import count_text
from movement.exemplars.enums import Life
from movement.exemplars.selectors import MODEL_COUNTED, POINT_COUNTED

from ..enums import Listing
from .lists import Sums
from .tables import MOST_AREAS, UPRIGHT, count_cell, table
from .wording import listed, lower_first

if TYPE_CHECKING:
    from .composing import Facts

NO_FIELD = "Chưa ghi lĩnh vực"
LIFE_WORDS = {state.value: str(state.label) for state in Life}
DEFINED = (
    f"Số mô hình {lower_first(str(MODEL_COUNTED))} Số điểm là {lower_first(str(POINT_COUNTED))} "
    "Hai số này tính riêng, không cộng với nhau."
)


def _p(text: str) -> dict:
    return {"t": "p", "text": text}


def models(facts: Facts) -> list[dict]:
    """Totals with what they count, by field, by district or commune."""
    practice, figures = facts.practice, facts.figures
    if not practice.models:
        return []
    total = practice.total
    counted = figures.add("E", len(total.models), "Mô hình đang hoạt động", Listing.MODELS)
    points = figures.add("E", total.points, "Điểm mô hình", Listing.POINTS)
    text = f"Đến ngày 31/12/{facts.year}, {facts.on_ground} có {counted} mô hình đang hoạt động với {points} điểm"
    codes = {1: _code(counted), 2: _code(points)}
    sized = []
    for column, name, label, words in ((3, "teams", "Tổ, nhóm tại các điểm", "tổ, nhóm"),
                                       (4, "members", "Thành viên tại các điểm", "thành viên")):  # fmt: skip
        if value := getattr(total, name):
            mark = figures.add("E", value, label, Listing.POINTS, summed=name)
            codes[column] = _code(mark)
            sized.append(f"{mark} {words}")
    text += f"; tại các điểm có {listed(sized)}." if sized else "."
    where = [f"từng mô hình tại {facts.annexes['models']}", f"từng điểm tại {facts.annexes['points']}"]
    blocks = [_p(text), _p(f"{DEFINED} Danh sách {listed(where)}.")]
    blocks += _by_state(facts)
    blocks += _by_field(facts, codes)
    blocks += _by_area(facts, codes)
    if practice.notes:
        moved = "Điểm mô hình xếp theo địa giới hiện nay; số điểm không thay đổi:"
        blocks.append(_p(moved if facts.as_now else "Về địa bàn của điểm mô hình:"))
        blocks += [_p(f"- {note}") for note in practice.notes]
    return blocks


def _code(mark: str) -> str:
    return mark.strip("⟦⟧")


def _by_state(facts: Facts) -> list[dict]:
    """Only where not all are in the same state."""
    held = {state: [row for row in facts.practice.models if row["state"] == state] for state in LIFE_WORDS}
    held = {state: rows for state, rows in held.items() if rows}
    if len(held) < 2:
        return []
    said = []
    for state, rows in held.items():
        label = f"Mô hình: {lower_first(LIFE_WORDS[state])}"
        mark = facts.figures.add("E", len(rows), label, Listing.MODELS, state=[state])
        said.append(f"{lower_first(LIFE_WORDS[state])} {mark}")
    return [_p(f"Theo tình trạng hoạt động: {listed(said)} mô hình.")]


def _by_field(facts: Facts, codes: dict[int, str]) -> list[dict]:
    practice, figures = facts.practice, facts.figures
    blocks, rows = [_p("Theo lĩnh vực:")], []
    fields = list(dict.fromkeys(row["field"] for row in practice.models))
    for number, field in enumerate(fields, start=1):
        name = field or NO_FIELD
        sums = practice.of(row for row in practice.models if row["field"] == field)
        counted = figures.add("E", len(sums.models), f"Mô hình: {name}", Listing.MODELS, field=[field])
        points = figures.add("E", sums.points, f"Điểm mô hình: {name}", Listing.POINTS, field=[field])
        blocks.append(_p(f"- {name}: {counted} mô hình, {points} điểm{'.' if number == len(fields) else ';'}"))
        rows.append(_cells(name, sums))
    blocks.append(_table(facts, "lĩnh vực", "Lĩnh vực", rows, codes))
    return blocks


def _by_area(facts: Facts, codes: dict[int, str]) -> list[dict]:
    practice = facts.practice
    districts = not facts.as_now and any(district for district, _ in practice.areas)
    noun = facts.area_words if districts == facts.districts else "xã, phường, đặc khu"
    areas = practice.by_area(0 if districts else 1)
    outside = "Không thuộc cấp huyện" if districts else "Không thuộc cấp xã"
    if len(areas) > MOST_AREAS:
        count = sum(1 for key in areas if key)
        return [_p(f"Có {count_text(count)} {noun} có điểm mô hình; từng điểm tại {facts.annexes['points']}.")]
    ordered = sorted(areas, key=lambda key: (not key, key))
    rows = [_cells(practice.names.get(key, outside), areas[key]) for key in ordered]
    foot = ["Một mô hình có điểm ở nhiều địa bàn tính ở từng địa bàn, nên cột số mô hình không cộng dồn."]
    return [_table(facts, noun, "Địa bàn", rows, codes, apart=[1], foot=foot)]


def _table(facts: Facts, by: str, first: str, rows: Iterable[list[str]], codes: dict[int, str], **more) -> dict:
    columns = [(first, UPRIGHT - 96, "l", ""), ("Số mô hình", 24, "r", ""), ("Số điểm", 24, "r", ""),
               ("Số tổ, nhóm", 24, "r", ""), ("Thành viên", 24, "r", "")]  # fmt: skip
    name = f"{facts.next('Bảng')}. Mô hình, điểm mô hình ngày 31/12/{facts.year} theo {by}"
    totals = [_cells("Tổng cộng", facts.practice.total)]
    return table(name, columns, rows, totals=totals, codes=sorted(codes.items()), **more)


def _cells(label: str, sums: Sums) -> list[str]:
    return [label, *map(count_cell, (len(sums.models), sums.points, sums.teams, sums.members))]
