"""The section on commendations: by authority and form, collectives, households and individuals apart.

Only counts of households and individuals stand in it; their names are in the annex of persons alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from awards.enums import RecipientKind
from movement.core.numbers import count_text

from ..enums import Listing
from .tables import UPRIGHT, count_cell, table
from .wording import listed

if TYPE_CHECKING:
    from .composing import Facts

MOST_SAID = 12  # of authority, form and period; more are said by form alone
MOST_LINES = 30  # of a table by authority and form; a longer one is by form
MOST_DECISIONS = 3  # named in one sentence
KINDS = (
    (RecipientKind.COLLECTIVE.value, "tập thể", Listing.AWARDS),
    (RecipientKind.HOUSEHOLD.value, "hộ gia đình", Listing.PERSONS),
    (RecipientKind.INDIVIDUAL.value, "cá nhân", Listing.PERSONS),
)


def _p(text: str) -> dict:
    return {"t": "p", "text": text}


def commendations(facts: Facts) -> list[dict]:
    """Those whose achievement period ends in the year, with the dates of decision and of achievement."""
    rows = [*facts.awards.collectives, *facts.awards.persons]
    if not rows:
        return []
    marks = _marks(facts, rows, "", {})
    blocks = [
        _p(
            f"Đối với thành tích có thời gian lập thành tích kết thúc trong năm {facts.year}, cấp có thẩm quyền đã khen "
            f"thưởng {listed(marks)} (tính theo lượt khen thưởng), cụ thể:"
        )
    ]
    groups = _grouped(rows, "form", "authority", "period")
    if len(groups) > MOST_SAID:
        said = [_form_said(facts, found) for _, found in _grouped(rows, "form")]
    else:
        said = [_group_said(facts, found) for _, found in groups]
    blocks += [_p(f"- {text}{'.' if at == len(said) else ';'}") for at, text in enumerate(said, start=1)]
    revoked = "Khen thưởng đã bị hủy bỏ không tính vào số liệu trên"
    if facts.awards.revoked:
        revoked += f" ({count_text(facts.awards.revoked)} trường hợp)"
    blocks.append(_p(f"{revoked}. {_where(facts)}"))
    blocks.append(_table(facts, rows, marks))
    return blocks


def _marks(facts: Facts, rows: list[dict], more: str, where: dict) -> list[str]:
    """``10 tập thể``, ``12 cá nhân``: one figure for each kind of recipient that occurs."""
    found = []
    for kind, words, listing in KINDS:
        if count := sum(row["recipient_kind"] == kind for row in rows):
            label = f"{words[:1].upper()}{words[1:]} được khen thưởng{more}"
            mark = facts.figures.add("G", count, label, listing, recipient_kind=[kind], **where)
            found.append(f"{mark} {words}")
    return found


def _grouped(rows: list[dict], *names: str) -> list[tuple[tuple, list[dict]]]:
    """In the order in which they first occur: the usual order of forms."""
    order = {key: at for at, key in enumerate(dict.fromkeys(tuple(row[n] for n in names) for row in rows))}
    ranked = sorted(rows, key=lambda row: order[tuple(row[n] for n in names)])
    return [(key, list(found)) for key, found in groupby(ranked, key=lambda row: tuple(row[n] for n in names))]


def _group_said(facts: Facts, rows: list[dict]) -> str:
    first = rows[0]
    where = {name: [first[name]] for name in ("form", "authority", "period")}
    marks = _marks(facts, rows, f": {first['form_name']}, {first['authority']}", where)
    begins, _, ends = first["period"].partition(" - ")
    return (
        f"{first['authority']} tặng {first['form_name']} cho {listed(marks)} ({_decisions(rows)}), thời gian lập thành "
        f"tích từ ngày {begins} đến ngày {ends}"
    )


def _decisions(rows: Sequence[dict]) -> str:
    found = list(dict.fromkeys((row["decision"], row["decided_on"]) for row in rows))
    if len(found) > MOST_DECISIONS:
        return f"{count_text(len(found))} quyết định"
    return listed([f"Quyết định số {number} ngày {day}" for number, day in found])


def _form_said(facts: Facts, rows: list[dict]) -> str:
    marks = _marks(facts, rows, f": {rows[0]['form_name']}", {"form": [rows[0]["form"]]})
    authorities = list(dict.fromkeys(row["authority"] for row in rows))
    by = f", do {authorities[0]} tặng" if len(authorities) == 1 else f", do {count_text(len(authorities))} cơ quan tặng"
    return f"{rows[0]['form_name']}: {listed(marks)}{by} ({_decisions(rows)})"


def _where(facts: Facts) -> str:
    said = []
    if facts.awards.collectives:
        said.append(f"tập thể tại {facts.annexes['awards']}")
    if facts.awards.persons:
        kinds = [
            words for kind, words, _ in KINDS[1:] if any(row["recipient_kind"] == kind for row in facts.awards.persons)
        ]
        said.append(
            f"{', '.join(kinds)} tại {facts.persons_annex} (lập thành văn bản riêng, chỉ cung cấp cho người có thẩm quyền)"
        )
    return f"Danh sách kèm ngày quyết định và thời gian lập thành tích: {'; '.join(said)}."


def _table(facts: Facts, rows: list[dict], marks: list[str]) -> dict:
    lines = _grouped(rows, "form", "authority")
    by = "cấp quyết định và hình thức"
    if len(lines) > MOST_LINES:
        lines, by = _grouped(rows, "form"), "hình thức"
    kinds = [one for one in KINDS if any(row["recipient_kind"] == one[0] for row in rows)]
    each = 22
    rest = UPRIGHT - each * len(kinds)
    columns = [("Hình thức khen thưởng", rest - 48, "l", ""), ("Cấp quyết định", 48, "l", "")]
    columns += [(words[:1].upper() + words[1:], each, "r", "Số lượt khen thưởng") for _, words, _ in kinds]
    printed = []
    for _, found in lines:
        authorities = list(dict.fromkeys(row["authority"] for row in found))
        by_whom = authorities[0] if len(authorities) == 1 else f"{count_text(len(authorities))} cơ quan"
        printed.append([found[0]["form_name"], by_whom, *_counts(found, kinds)])
    codes = [(2 + at, mark[1 : mark.index("⟧")]) for at, mark in enumerate(marks)]
    return table(
        f"{facts.next('Bảng')}. Khen thưởng theo {by}",
        columns,
        printed,
        totals=[["Tổng cộng", "", *_counts(rows, kinds)]],
        codes=codes,
        foot=[f"Thời gian lập thành tích kết thúc trong năm {facts.year}; không gồm khen thưởng đã bị hủy bỏ."],
    )


def _counts(rows: list[dict], kinds: Sequence[tuple]) -> list[str]:
    return [count_cell(sum(row["recipient_kind"] == kind for row in rows)) for kind, _, _ in kinds]
