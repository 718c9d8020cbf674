"""What the demonstration units answered: points, reasons, adjustments, at every stage.

A unit has one level a year, from which its classification points and its standards follow, so that
the two results of a unit agree and two years of it resemble each other. The shape follows published
results (Quảng Bình 2023, Quảng Nam 2024): mostly Khá, some Xuất sắc, few Trung bình, very few Yếu.
A real, named place or unit is never below Khá, never refused a standard and never penalised.
"""

from collections.abc import Mapping
from decimal import Decimal

from .dice import roll
from .plan import COMMUNITY_CENTRE, EXEMPLARS_2024, DemoUnit

Answered = tuple[dict[str, Decimal | str], dict[str, Decimal]]

_HALF = Decimal("0.5")
#: Per ten thousand units, and the range of points (in halves) they are spread over.
_INVENTED = ((90, 76, 98), (360, 104, 139), (1400, 141, 150), (5850, 151, 179), (2300, 181, 194))
_REAL = ((6300, 156, 179), (3700, 181, 192))
_REAL_FLOOR = Decimal(74)
_EXEMPLAR = (186, 193)

#: Leaf → (trait or "" when it differs each year, percent of units by kind, reason).
_LEFT_OUT = {
    ("ATANTT-CQ-124", "1.1"): ("party", {"enterprise": 35}, "Đơn vị không có tổ chức Đảng"),
    ("ATANTT-CQ-124", "4.1"): (
        "guard",
        {"agency": 10, "enterprise": 15},
        "Lực lượng bảo vệ không thuộc diện bình xét danh hiệu thi đua",
    ),
    ("ATANTT-CQ-124", "5.1"): ("titles", {"enterprise": 20}, "Đơn vị không thuộc diện bình xét danh hiệu thi đua"),
    ("ATANTT-GD-124", "2.3"): ("general", {}, "Không thuộc cấp học phổ thông"),
    ("ATANTT-GD-124", "5.1"): ("guard", {"school": 15}, "Đơn vị không bố trí lực lượng bảo vệ riêng"),
    ("ATANTT-GD-124", "5.2"): ("guard", {"school": 15}, "Đơn vị không bố trí lực lượng bảo vệ riêng"),
    ("MH-CQDN", "2.4"): (
        "dangerous",
        {"agency": 60, "enterprise": 35, "school": 55},
        "Đơn vị không có vũ khí, vật liệu nổ, hóa chất nguy hiểm",
    ),
    ("MH-CQDN", "3.2"): (
        "guard",
        {"agency": 10, "enterprise": 15, "school": 15},
        "Đơn vị không bố trí lực lượng bảo vệ riêng",
    ),
    ("MH-CQDN", "4.5"): (
        "",
        {"agency": 25, "enterprise": 25, "school": 30},
        "Trong năm không phát sinh kiến nghị, khiếu nại",
    ),
    ("MH-CQDN", "5.3"): (
        "",
        {"agency": 20, "enterprise": 20, "school": 20},
        "Lần kiểm tra trước không nêu hạn chế",
    ),
    ("MH-KDC", "2.4"): ("speakers", {"residential_area": 12}, "Khu dân cư không có hệ thống truyền thanh riêng"),
    ("MH-KDC", "3.4"): ("patrol", {"residential_area": 12}, "Địa bàn không thuộc diện tổ chức tuần tra nhân dân"),
    ("MH-KDC", "4.3"): ("", {"residential_area": 15}, "Trong năm không phát sinh mâu thuẫn phải hòa giải"),
    ("MH-KDC", "4.5"): ("", {"residential_area": 15}, "Trong năm không phát sinh việc phải thực hiện"),
    ("MH-KDC", "5.3"): ("", {"residential_area": 20}, "Lần kiểm tra trước không nêu hạn chế"),
    ("MH-XA", "3.4"): ("", {"commune": 40}, "Năm nay không được giao xây dựng điển hình"),
    ("MH-HUYEN", "3.3"): ("", {"district": 25}, "Năm nay không được giao xây dựng điển hình"),
    ("MH-HUYEN", "3.4"): ("complex", {"district": 40}, "Không có địa bàn thuộc diện chuyển hóa"),
    ("MH-HUYEN", "5.3"): ("", {"district": 20}, "Lần kiểm tra trước không nêu hạn chế"),
}

#: Leaves an invented unit may fail: everyday shortcomings, never the grave events of the Circular.
_UNMET = {
    "ATANTT-KDC-124": ("1.3", "4.1", "4.3", "5.1"),
    "ATANTT-CQ-124": ("1.4", "1.5", "2.1", "3.7"),
    "ATANTT-GD-124": ("1.4", "1.5", "2.1", "4.1"),
}


def scores(unit: DemoUnit, scheme: Mapping, year: int) -> Answered:
    """Final answers of one unit: ``({leaf: points or reason}, {adjustment: points})``.

    ``scheme`` is a scheme file as ``json`` reads it. In a standard the points are 1 or 0.

    Raises:
        KeyError: the scheme is incomplete (a maximum is unknown) and cannot be answered in full.
    """
    if not scheme["complete"]:
        raise KeyError(f"{scheme['code']} is incomplete")
    leaves = leaves_of(scheme)
    reasons = {leaf["code"]: why for leaf in leaves if (why := _reason(unit, scheme["code"], leaf, year))}
    applying = [leaf for leaf in leaves if leaf["code"] not in reasons]
    if scheme["purpose"] == "standard":
        unmet = _unmet(unit, scheme["code"], {leaf["code"] for leaf in applying}, year)
        return {**reasons, **{leaf["code"]: Decimal(leaf["code"] not in unmet) for leaf in applying}}, {}
    adjustments = _adjustments(unit, scheme, year)
    gained = sum(
        (adjustments[a["code"]] if a["kind"] == "bonus" else -adjustments[a["code"]])
        for a in scheme["adjustments"]
        if a["code"] in adjustments
    )
    total = Decimal(str(scheme["total"]))
    base = max(Decimal(0), min(total, level(unit, year) - gained))
    room = sum(Decimal(str(leaf["max_points"])) for leaf in applying)
    # What is lost on the leaves that apply, so that base × total ÷ room comes back to the level.
    lost = int(((total - base) * room / total) / _HALF)
    failed = _failed_knock_out(unit, scheme, applying, year)
    return {**reasons, **_spread(unit, applying, lost, failed, year)}, adjustments


def stages(unit: DemoUnit, scheme: Mapping, year: int) -> dict[str, Answered]:
    """Full answers at ``self``, ``check`` and ``final``.

    Three units in ten thought a little better of themselves than the checker did; the office's
    appraisal changed one more leaf of one in twenty. ``final`` equals :func:`scores`.
    """
    final, adjustments = scores(unit, scheme, year)
    check, own = dict(final), dict(final)
    key = (unit.code, scheme["code"], year)
    leaves = [leaf for leaf in leaves_of(scheme) if not isinstance(final[leaf["code"]], str)]
    if scheme["purpose"] == "standard":
        for leaf in leaves:
            if final[leaf["code"]] == 0 and roll(3, "claimed", *key, leaf["code"]):
                own[leaf["code"]] = Decimal(1)
        return {"self": (own, {}), "check": (check, {}), "final": (final, {})}
    below = [leaf for leaf in leaves if 0 < final[leaf["code"]] < Decimal(str(leaf["max_points"]))]
    below.sort(key=lambda leaf: roll(10**6, "higher", *key, leaf["code"]))
    if roll(100, "self", *key) < 30:
        for leaf in below[: 1 + roll(3, "how many", *key)]:
            own[leaf["code"]] = _more(final[leaf["code"]], leaf, 1 + roll(3, "more", *key, leaf["code"]))
    if below and roll(100, "appraised", *key) < 5:
        leaf = below[-1]
        check[leaf["code"]] = own[leaf["code"]] = _more(final[leaf["code"]], leaf, 1)
    claimed = {code: amount for code, amount in adjustments.items() if _kind(scheme, code) == "bonus"}
    return {"self": (own, claimed), "check": (check, adjustments), "final": (final, adjustments)}


def level(unit: DemoUnit, year: int) -> Decimal:
    """The points the unit comes to in ``year``, in halves of a point; 2023 is the year of reference."""
    if unit.code in EXEMPLARS_2024:
        low, high = _EXEMPLAR
        halves = low + roll(high - low + 1, "level", unit.code)
    else:
        halves = _halves(unit)
    if year != 2023:
        # Slightly worse on average the further back, never far from the year before.
        halves += roll(9, "drift", unit.code, year) - 5
    points = halves * _HALF
    return max(points, _REAL_FLOOR) if unit.real else points


def leaves_of(scheme: Mapping) -> list[Mapping]:
    """The criteria that are scored: those nobody names as parent."""
    parents = {criterion["parent"] for criterion in scheme["criteria"]}
    return [criterion for criterion in scheme["criteria"] if criterion["code"] not in parents]


def _halves(unit: DemoUnit) -> int:
    position = roll(10_000, "level", unit.code)
    for share, low, high in _REAL if unit.real else _INVENTED:
        if position < share:
            return low + position * (high - low + 1) // share
        position -= share
    raise AssertionError("the shares sum to ten thousand")


def _reason(unit: DemoUnit, scheme_code: str, leaf: Mapping, year: int) -> str | None:
    if not leaf["not_applicable"] or (scheme_code, leaf["code"]) not in _LEFT_OUT:
        return None
    trait, percent, reason = _LEFT_OUT[scheme_code, leaf["code"]]
    if trait and unit.real:
        return None  # how a real unit is organised is not ours to invent
    if trait == "general":
        return reason if unit.subkind == COMMUNITY_CENTRE else None
    key = ("trait", trait, unit.code) if trait else ("year", year, scheme_code, leaf["code"], unit.code)
    return reason if roll(100, *key) < percent.get(unit.kind, 0) else None


def _struck(unit: DemoUnit, year: int) -> bool:
    """Whether a mandatory criterion failed: a handful of invented units a year."""
    return not unit.real and roll(1000, "struck", unit.code, year) < 5


def _unmet(unit: DemoUnit, scheme_code: str, applying: set[str], year: int) -> set[str]:
    points = level(unit, year)
    # The bounds keep a point away from those of the classes, which rounding can move a unit across.
    chance = 100 if points < 51 or _struck(unit, year) else 40 if points < 70 else 2 if points < 89 else 0
    if unit.real or roll(100, "refused", unit.code, year) >= chance:
        return set()
    possible = [code for code in _UNMET[scheme_code] if code in applying]
    first = roll(len(possible), "unmet", unit.code, year)
    return {possible[first], possible[(first + roll(2, "second", unit.code, year)) % len(possible)]}


def _adjustments(unit: DemoUnit, scheme: Mapping, year: int) -> dict[str, Decimal]:
    given = {}
    for adjustment in scheme["adjustments"]:
        key = (adjustment["code"], unit.code, year)
        if roll(100, "adjusted", *key) >= (6 if adjustment["kind"] == "bonus" else 3):
            continue
        if adjustment["kind"] == "penalty" and unit.real:
            continue
        given[adjustment["code"]] = Decimal(1 + roll(int(adjustment["max_points"]), "amount", *key))
    return given


def _failed_knock_out(unit: DemoUnit, scheme: Mapping, applying: list[Mapping], year: int) -> str | None:
    mandatory = [leaf["code"] for leaf in applying if leaf["knock_out"]]
    if not mandatory or not _struck(unit, year):
        return None
    return mandatory[roll(len(mandatory), "which", unit.code, year)]


def _spread(unit: DemoUnit, leaves: list[Mapping], lost: int, failed: str | None, year: int) -> dict[str, Decimal]:
    """Take ``lost`` halves from the leaves, each by its weight; a mandatory one keeps a half unless ``failed``.

    A real unit keeps three fifths of every leaf, so that no single line says something bad about it.
    """
    halves = {leaf["code"]: int(Decimal(str(leaf["max_points"])) / _HALF) for leaf in leaves}
    taken = dict.fromkeys(halves, 0)
    weight, limit = {}, {}
    for leaf in leaves:
        code = leaf["code"]
        # The profile is the unit's own and shifts little from year to year.
        weight[code] = halves[code] * (
            1 + roll(12, "weak", unit.code, code) + roll(4, "weak this year", unit.code, code, year)
        )
        limit[code] = halves[code] * 2 // 5 if unit.real else halves[code] - int(leaf["knock_out"])
    if failed:  # on top of the ordinary losses: a unit struck by one event was not perfect before
        taken[failed], limit[failed] = halves[failed], 0
    for _ in range(lost):
        open_leaves = [code for code in halves if taken[code] < limit[code]]
        if not open_leaves:
            break
        # Highest quotient: shares out by weight without rounding trouble.
        code = max(open_leaves, key=lambda c: (weight[c] / (2 * taken[c] + 1), c))
        taken[code] += 1
    return {code: _plain((halves[code] - taken[code]) * _HALF) for code in halves}


def _more(points: Decimal, leaf: Mapping, halves: int) -> Decimal:
    return _plain(min(points + halves * _HALF, Decimal(str(leaf["max_points"]))))


def _kind(scheme: Mapping, code: str) -> str:
    return next(a["kind"] for a in scheme["adjustments"] if a["code"] == code)


def _plain(points: Decimal) -> Decimal:
    """``4`` rather than ``4.0``: files and screens show what is typed."""
    return points.to_integral_value() if points == points.to_integral_value() else points
