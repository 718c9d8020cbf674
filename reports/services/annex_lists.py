"""What the annexes of models, points, exemplars and commendations print."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from movement.core.numbers import count_text
from movement.exemplars.selectors import MODEL_COUNTED, POINT_COUNTED
from units.enums import KIND_NAMES, Kind

from .practice import LIFE_WORDS, NO_FIELD

_COLUMNS = {
    "models": (("STT", 10, "c"), ("Tên mô hình", 57, "l"), ("Quyết định", 28, "l"), ("Tình trạng", 30, "c"),
               ("Số điểm", 12, "r"), ("Số tổ, nhóm", 13, "r"), ("Thành viên", 15, "r")),
    "points": (("STT", 10, "c"), ("Tên mô hình", 67, "l"), ("Điểm mô hình", 60, "l"), ("Số tổ, nhóm", 13, "r"),
               ("Thành viên", 15, "r")),
    "exemplars": (("STT", 10, "c"), ("Đơn vị, địa bàn", 62, "l"), ("Loại đơn vị", 26, "c"), ("Xếp loại", 20, "c"),
                  ("Quyết định", 47, "l")),
    "awards": (("STT", 10, "c"), ("Tập thể", 80, "l"), ("Địa bàn", 75, "l")),
    "persons": (("STT", 10, "c"), ("Họ và tên, tên hộ", 50, "l"), ("Chức vụ", 45, "l"), ("Đơn vị", 60, "l")),
}  # fmt: skip
NAMES = tuple(_COLUMNS)


def columns(name: str) -> list[list]:
    return [[*one, ""] for one in _COLUMNS[name]]


def rows_printed(name: str, rows: Sequence[dict]) -> list:
    """Rows of one part; a text heads a field, a place, or a form with its authority."""
    return {"models": _models, "points": _points, "exemplars": _exemplars, "awards": _awards, "persons": _persons}[
        name
    ](rows)


def _models(rows: Sequence[dict]) -> list:
    printed: list = []
    for field, found in groupby(rows, key=lambda row: row["field"]):
        printed.append(field or NO_FIELD)
        for row in found:
            cells = [row["name"], row["decision"], LIFE_WORDS[row["state"]]]
            printed.append(
                [str(row["no"]), *cells, *(count_text(row[name]) for name in ("points", "teams", "members"))]
            )
    return printed


def _points(rows: Sequence[dict]) -> list:
    printed: list = []
    district = None
    for (place, _, commune), found in groupby(
        rows, key=lambda row: (row["district"], row["commune"], row["commune_name"])
    ):
        inside = list(found)
        if place and place != district:
            printed.append(inside[0]["district_name"].upper())
        district = place
        printed.append(f"{commune or 'Không thuộc cấp xã'} ({_sizes(inside)})")
        for number, row in enumerate(inside, start=1):
            where = row["name"]
            if row["place"] not in ("", row["name"], commune) and row["place"] not in where:
                where += f", {row['place']}"
            cells = [row["model_name"], where, count_text(row["teams"]), count_text(row["members"])]
            printed.append([str(number), *cells])
    return printed


def _sizes(rows: Sequence[dict]) -> str:
    """``10 điểm của 9 mô hình; 19 tổ, nhóm; 142 thành viên``"""
    teams, members = (count_text(sum(row[name] for row in rows)) for name in ("teams", "members"))
    models = count_text(len({row["model"] for row in rows}))
    return f"{count_text(len(rows))} điểm của {models} mô hình; {teams} tổ, nhóm; {members} thành viên"


def _exemplars(rows: Sequence[dict]) -> list:
    return [
        [
            str(row["no"]),
            row["name"] + (f", {row['place']}" if row["kind"] in _PLACES and row["place"] else ""),
            _KINDS.get(row["kind"]) or str(KIND_NAMES[Kind(row["kind"])]),
            row["class_name"],
            _decision(row),
        ]
        for row in rows
    ]


_KINDS = {Kind.DISTRICT: "Cấp huyện", Kind.COMMUNE: "Cấp xã"}
_PLACES = (Kind.DISTRICT, Kind.COMMUNE, Kind.RESIDENTIAL_AREA)


def _awards(rows: Sequence[dict]) -> list:
    return _by_form(rows, lambda row: [row["name"], row["place"]])


def _persons(rows: Sequence[dict]) -> list:
    return _by_form(rows, lambda row: [row["name"], row["position"], row["unit_name"]])


def _by_form(rows: Sequence[dict], said) -> list:
    """One decision's recipients of one form and one period under a line that says all of it."""
    printed: list = []
    for (_, form, authority, decision, day, period), found in groupby(rows, key=_given):
        printed.append(f"{form} - {authority}; Quyết định số {decision} ngày {day}; thời gian lập thành tích {period}")
        printed += [[str(row["no"]), *said(row)] for row in found]
    return printed


def _given(row: dict) -> tuple:
    return tuple(row[name] for name in ("form", "form_name", "authority", "decision", "decided_on", "period"))


def _decision(row: dict) -> str:
    return f"{row['decision']} ({row['decided_on']})"


def total_line(name: str, total: dict) -> str:
    """The last line of the annex, to be read against the text; ``total`` is the snapshot's ``lists[name]``."""
    rows = count_text(total["rows"])
    sizes = f"{count_text(total.get('teams', 0))} tổ, nhóm; {count_text(total.get('members', 0))} thành viên"
    return (
        "TỔNG CỘNG: "
        + {
            "models": f"{rows} mô hình; {count_text(total.get('points', 0))} điểm; {sizes}",
            "points": f"{rows} điểm; {sizes}",
            "exemplars": f"{rows} đơn vị, địa bàn",
            "awards": f"{rows} lượt tập thể",
            "persons": f"{rows} lượt {total.get('words', '')}",
        }[name]
    )


def foot(name: str) -> list[str]:
    """Lines under the table of the last part."""
    revoked = "Không gồm khen thưởng đã bị hủy bỏ."
    return {
        "models": [f"Số mô hình: {str(MODEL_COUNTED)[:1].lower()}{str(MODEL_COUNTED)[1:]}"],
        "points": [f"Điểm mô hình: {str(POINT_COUNTED)[:1].lower()}{str(POINT_COUNTED)[1:]}"],
        "exemplars": [],
        "awards": [revoked],
        "persons": [revoked, "Danh sách có tên người: chỉ cung cấp cho người có thẩm quyền."],
    }[name]
