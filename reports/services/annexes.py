"""The annexes: which there are, what their tables print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from awards.enums import RecipientKind
from movement.core.numbers import count_text, points_text
from movement.documents.layout import roman
from units.enums import Kind

from ..selectors.tallies import Tally
from .tables import WIDE, count_cell
from .wording import SHORT_KIND, SHORT_LEVEL, STATE_WORDS, WORKPLACE_KINDS

if TYPE_CHECKING:
    from .composing import Facts

PLACES_IN_PART = 150
BEHALF = "(*)"
STANDARD_NAMES = {"dat": "Đạt", "chua_dat": "Chưa đạt"}


def annexes(facts: Facts) -> dict[str, str]:
    """``{name: label}`` in the order of the document."""
    names = []
    if facts.cube.cells:
        names.append("classes")
        if facts.classes and any(facts.cube.values("commune")):
            names.append("places")
    if facts.standards.cells:
        names.append("standards")
    if facts.practice.models:
        names += ["models", "points"]
    if facts.chosen:
        names.append("exemplars")
    if facts.awards.collectives:
        names.append("awards")
    return {name: f"Phụ lục {roman(number)}" for number, name in enumerate(names, start=1)}


def persons_annex(facts: Facts) -> str:
    """The label of the annex of persons, a document of its own that follows the others; empty without persons."""
    return f"Phụ lục {roman(len(facts.annexes) + 1)}" if facts.awards.persons else ""


def persons_words(facts: Facts) -> str:
    """Whom it names: ``hộ gia đình, cá nhân`` or one of the two."""
    held = {row["recipient_kind"] for row in facts.awards.persons}
    kinds = {RecipientKind.HOUSEHOLD: "hộ gia đình", RecipientKind.INDIVIDUAL: "cá nhân"}
    return ", ".join(words for kind, words in kinds.items() if kind in held)


def annex_title(name: str, year: int, *, districts: bool) -> str:
    communes = "xã, phường, thị trấn" if districts else "xã, phường, đặc khu"
    return {
        "classes": f"Kết quả phân loại phong trào năm {year} của từng đơn vị",
        "places": f"Kết quả phân loại phong trào năm {year} theo {communes}",
        "standards": f"Kết quả công nhận đạt tiêu chuẩn năm {year} của từng đơn vị",
        "models": f"Mô hình đang hoạt động ngày 31/12/{year}",
        "points": f"Điểm mô hình ngày 31/12/{year} theo {communes}",
        "exemplars": f"Đơn vị, địa bàn được chọn xây dựng điển hình năm {year + 1}",
        "awards": f"Tập thể được khen thưởng, thành tích đến hết năm {year}",
    }[name]


# --- Every unit -------------------------------------------------------------------------------------------
CLASS_COLUMNS = (("STT", 9, "c"), ("Tên đơn vị, địa bàn", 52, "l"), ("Loại", 14, "c"), ("Cấp quản lý", 14, "c"),
                 ("Điểm", 13, "r"), ("Xếp loại", 21, "c"), ("Quyết định", 42, "l"))  # fmt: skip
STANDARD_COLUMNS = (("STT", 9, "c"), ("Tên đơn vị, địa bàn", 66, "l"), ("Loại", 14, "c"), ("Cấp quản lý", 14, "c"),
                    ("Kết quả", 18, "c"), ("Quyết định", 44, "l"))  # fmt: skip


def unit_rows(name: str, rows: Sequence[dict], names: dict[str, str], *, year: int) -> list:
    """Rows of one part: a text heads a district, a commune or what lies outside; numbers begin anew in each."""
    printed: list = []
    district = None
    several = len({row.get("standard") for row in rows}) > 1
    for (place, commune, commune_name), found in groupby(
        rows, key=lambda row: (row["district"], row["commune"], row["commune_name"])
    ):
        inside = list(found)
        if place != district and place:
            printed.append(inside[0]["district_name"].upper())
        district = place
        if commune or not place:
            printed.append(f"{commune_name or _outside(inside)} ({count_text(len(inside))})")
        for number, row in enumerate(inside, start=1):
            printed.append(_unit_cells(name, number, row, names, year=year, several=several))
    return printed


def _outside(rows: Sequence[dict]) -> str:
    districts = all(row["kind"] == Kind.DISTRICT for row in rows)
    return "Đơn vị hành chính cấp huyện" if districts else "Không thuộc cấp xã"


def _unit_cells(name: str, number: int, row: dict, names: dict[str, str], *, year: int, several: bool) -> list[str]:
    title = row["name"]
    if row.get("then"):  # several communes of then lie in one of today, each with its "Ấp 1"
        title += f", {row['then']}"
    if row["behalf"]:
        title += f" {BEHALF}"
    if several:
        title += f" – {row['standard']}"
    cells = [str(number), title, SHORT_KIND.get(row["kind"], ""), SHORT_LEVEL.get(row["level"], "")]
    cls = names.get(row["class"], row["class"]) or "Chưa có"
    if name == "classes":
        cells += [points_text(row["points"]), names.get(row["class"], row["class"]) or "Chưa loại"]
    else:
        cells.append(cls)
    return [*cells, _decision(row, year)]


def _decision(row: dict, year: int) -> str:
    """Number and day; the year only where it is another than the report's."""
    if not row["decision"]:
        return STATE_WORDS.get(row["state"], "")
    day = row["decided_on"]
    return f"{row['decision']} ({day[:5] if day.endswith(f'/{year}') else day})"


def total_row(name: str, total: dict, names: dict[str, str]) -> str:
    """The last line of an annex, to be read against the text."""
    said = [f"{label} {count_text(total['classes'].get(code, 0))}" for code, label in names.items()]
    if total["unclassified"]:
        said.append(
            f"{'chưa phân loại' if name == 'classes' else 'chưa có kết quả'} {count_text(total['unclassified'])}"
        )
    return f"TỔNG CỘNG: {count_text(total['total'])} đơn vị, địa bàn ({'; '.join(said)})"


def legend(name: str, *, behalf: bool) -> list[str]:
    lines = [
        "KDC: khu dân cư; CQ: cơ quan; DN: doanh nghiệp; CSGD: cơ sở giáo dục; Xã: xã, phường, thị trấn, đặc khu; "
        "Huyện: huyện, thị xã, thành phố. Cấp quản lý TW: bộ, ngành Trung ương."
    ]
    if behalf:
        lines.append(f"{BEHALF} Cơ quan theo dõi nhập thay đơn vị.")
    return lines


# --- By commune -------------------------------------------------------------------------------------------
def places_columns(classes: Iterable[str]) -> list[tuple]:
    """Commune, its own class, residential areas and workplaces by class, all units."""
    classes = list(classes)
    each = 13 if len(classes) <= 4 else 78 // (len(classes) + 1)
    groups = ("Khu dân cư", "Cơ quan, DN, CSGD")
    fixed = 12 + 28 + 3 * 15
    columns = [("STT", 12, "c", ""), ("Địa bàn", WIDE - fixed - 2 * each * len(classes), "l", ""),
               ("Xếp loại của xã", 28, "c", ""), ("Tổng số", 15, "r", "")]  # fmt: skip
    for group in groups:
        columns.append(("Cộng", 15, "r", group))
        columns += [(name, each, "r", group) for name in classes]
    return columns


def communes_table(facts: Facts) -> list:
    """Rows of the annex by commune, a text heads a district; sums of a district follow its communes."""
    if "places" not in facts.annexes:
        return []
    all_units = facts.cube.tallies("district", "commune")
    areas = facts.cube.tallies("district", "commune", kind=[Kind.RESIDENTIAL_AREA.value])
    workplaces = facts.cube.tallies("district", "commune", kind=WORKPLACE_KINDS)
    own = facts.cube.tallies("district", "commune", kind=[Kind.COMMUNE.value])
    rows: list = []
    keys = sorted(all_units, key=lambda key: (key[0], not key[1], key[1]))
    for district, found in groupby(keys, key=lambda key: key[0]):
        inside = list(found)
        if district:
            rows.append(facts.names[district].name)
        for number, key in enumerate(inside, start=1):
            name = facts.names[key[1]].name if key[1] else "Không thuộc cấp xã"
            rows.append(
                [
                    str(number),
                    name,
                    _own_class(facts, own.get(key)),
                    *_numbers(facts, key, all_units, areas, workplaces),
                ]
            )
        if district:
            sums = [facts.cube.tallies(district=[district], **where).get((), Tally()) for where in _GROUPS]
            rows.append(["", f"Cộng {facts.names[district].name}", "", *_cells(facts, *sums)])
    return rows


_GROUPS = ({}, {"kind": [Kind.RESIDENTIAL_AREA.value]}, {"kind": WORKPLACE_KINDS})


def places_total(facts: Facts) -> list[str]:
    return ["", "TỔNG CỘNG", "", *_cells(facts, *(facts.cube.tally(**where) for where in _GROUPS))]


def _numbers(facts: Facts, key: tuple, *groups: dict) -> list[str]:
    return _cells(facts, *(group.get(key, Tally()) for group in groups))


def _cells(facts: Facts, everything: Tally, areas: Tally, workplaces: Tally) -> list[str]:
    cells = [count_cell(everything.total)]
    for tally in (areas, workplaces):
        cells += [count_cell(tally.total), *(count_cell(tally.classes[code]) for code in facts.classes)]
    return cells


def _own_class(facts: Facts, tally: Tally | None) -> str:
    """The commune's own class; of several predecessors how many had which."""
    if tally is None:
        return ""
    held = [(facts.classes.get(code, code), count) for code, count in tally.classes.items() if count]
    if tally.unclassified:
        held.append(("Chưa loại", tally.unclassified))
    if tally.total == 1:
        return held[0][0]
    return ", ".join(f"{count} {name}" for name, count in sorted(held))
