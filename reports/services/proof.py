"""The arithmetic proof reader: counts the frozen rows anew and holds the text against them.

It warns and records; it never changes a figure. Nothing here uses what counted for the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from movement.core.numbers import share

from ..enums import Listing

JUMP = Decimal(20)  # hundredths between two years' shares that are asked about
SUMMED = {Listing.MODELS: ("points", "teams", "members"), Listing.POINTS: ("teams", "members")}
FEW = 20  # units; shares of fewer jump by themselves


def warnings(content: dict, listings: Iterable[tuple[str, list[dict]]]) -> list[dict]:
    """``[{code, message}]``. ``content`` is the snapshot's, ``listings`` ``(listing, rows)`` of every part."""
    fields = sorted({name for figure in content["figures"].values() for name in figure["where"]} | {"class"})
    alike: dict[str, Counter] = {listing.value: Counter() for listing in Listing}
    sums: dict[tuple[str, str], Counter] = {}
    for listing, rows in listings:
        alike[listing].update(tuple([row.get(name) for name in fields]) for row in rows)
        for name in SUMMED.get(listing, ()):
            kept = sums.setdefault((listing, name), Counter())
            for row in rows:
                kept[tuple([row.get(one) for one in fields])] += row[name]
    counted = {
        code: _count(
            sums.get((figure["listing"], figure["sum"]), Counter()) if "sum" in figure else alike[figure["listing"]],
            fields,
            figure["where"],
        )
        for code, figure in content["figures"].items()
    }
    rows_of = {listing: sum(rows.values()) for listing, rows in alike.items()}
    classes = {listing: _by_class(rows, fields.index("class")) for listing, rows in alike.items()}
    found = [
        _warning(
            "figure_differs",
            f"Số liệu [{code}] ghi {figure['value']}, danh sách có {counted[code]} dòng.",
        )
        for code, figure in content["figures"].items()
        if figure["value"] != counted[code]
    ]
    for name, total in content["totals"].items():
        listed = rows_of[Listing.CLASSES if name == "classes" else Listing.STANDARDS]
        if total["total"] != listed or sum(total["classes"].values()) + total["unclassified"] != listed:
            found.append(_warning("total_differs", f"Dòng tổng cộng ghi {total['total']}, phụ lục có {listed} dòng."))
    found += _list_totals(content["lists"], rows_of, {key: kept.total() for key, kept in sums.items()})
    for block in content["blocks"]:
        found += _table_sums(block) + _table_codes(block, content["figures"])
    found += _jumps(classes, content)
    return found + _unsure(content)


def _count(alike: Counter, fields: list[str], where: dict[str, list]) -> int:
    return sum(
        count
        for row, count in alike.items()
        if all(row[fields.index(name)] in values for name, values in where.items())
    )


def _by_class(alike: Counter, at: int) -> Counter:
    found: Counter[str] = Counter()
    for row, count in alike.items():
        found[row[at]] += count
    return found


def _unsure(content: dict) -> list[dict]:
    year, unsure = content["year"], content["unsure"]
    said = {
        "several": f"{unsure['several']} đơn vị có mặt trong hơn một kỳ phân loại của năm; mỗi đơn vị chỉ tính một lần.",
        "before_unpublished": f"Năm {year - 1} còn {unsure['before_unpublished']} kết quả chưa công bố, không so sánh.",
        "undated_awards": f"{unsure['undated_awards']} khen thưởng quyết định năm {year}, {year + 1} không ghi thời gian "
        "lập thành tích nên không tính vào năm nào.",
        "unpublished": f"Còn {unsure['unpublished']} kết quả chưa công bố: báo cáo là dự thảo.",
    }
    return [_warning(code, said[code]) for code in said if unsure[code]]


def _warning(code: str, message: str) -> dict:
    return {"code": code, "message": message}


def _list_totals(totals: dict, rows_of: dict, sums: dict) -> list[dict]:
    """The last line of each other annex; models and their points must tell the same of points, teams and members."""
    found = []
    for listing, total in totals.items():
        counted = {name: sums.get((listing, name), 0) for name in total if name in SUMMED.get(listing, ())}
        if total["rows"] != rows_of[listing] or any(total[name] != counted[name] for name in counted):
            found.append(
                _warning("total_differs", f"Dòng tổng cộng ghi {total['rows']}, phụ lục có {rows_of[listing]} dòng.")
            )
    in_models = [sums.get((Listing.MODELS, name), 0) for name in ("points", "teams", "members")]
    in_points = [rows_of[Listing.POINTS], *(sums.get((Listing.POINTS, name), 0) for name in ("teams", "members"))]
    if in_models != in_points:
        found.append(_warning("models_differ", "Số điểm, số tổ, số thành viên của các mô hình khác danh sách điểm."))
    return found


def _table_codes(block: dict, figures: dict) -> list[dict]:
    """A total that a sentence says too must be the same in both."""
    return [
        _warning("table_differs", f"{block['name']}: dòng tổng cộng khác số liệu [{code}] trong lời văn.")
        for at, code in block.get("codes", ())
        if _number(block["totals"][0][at]) != figures[code]["value"]
    ]


def _table_sums(block: dict) -> list[dict]:
    """A total row must be the sum of the rows above it, kinds that are summed in a row of their own left out."""
    if block["t"] != "table" or not block.get("totals"):
        return []
    rows = [row for row in block["rows"] if not isinstance(row, str) and not row[0].startswith("Cộng ")]
    found = []
    for at, column in enumerate(block["columns"]):
        if column[0] == "%" or column[2] == "l" or at in block.get("apart", ()):
            continue
        total = _number(block["totals"][0][at])
        if sum(_number(row[at]) for row in rows) != total:
            found.append(
                _warning(
                    "table_differs",
                    f"{block['name']}: cột “{column[3] or column[0]}” cộng các dòng khác dòng tổng cộng.",
                )
            )
    return found


def _number(text: str) -> int:
    return 0 if text in ("", "-") else int(text.replace(".", ""))


def _jumps(classes: dict[str, Counter], content: dict) -> list[dict]:
    now, before = classes[Listing.CLASSES], classes[Listing.BEFORE]
    now_all = sum(count for code, count in now.items() if code)
    before_all = sum(count for code, count in before.items() if code)
    if min(now_all, before_all) < FEW:
        return []
    found = []
    for code, name in content["classes"]:
        change = share(now[code], now_all) - share(before[code], before_all)
        if abs(change) > JUMP:
            found.append(
                _warning(
                    "jump",
                    f"Tỷ lệ loại {name} thay đổi {abs(change)} điểm phần trăm so với năm {content['year'] - 1}.",
                )
            )
    return found
