"""The arithmetic of scoring and classification, on decimals, without a database.

One engine serves the three purposes of a scheme (``classification``, ``standard``, ``exemplar``).
It gets plain values and returns an explained result, so that the screen, the commands, the
documents and ``check_integrity`` all compute the same thing. Source: design §7, "The arithmetic".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A criterion without children. ``max_points`` is ``None`` in a standard, or where the rule was not read."""

    code: str
    title: str
    max_points: Decimal | None
    step: Decimal | None = None
    not_applicable: bool = False
    knock_out: bool = False


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points added (``bonus``) or taken (``penalty``), at most ``max_points``."""

    code: str
    title: str
    kind: str
    max_points: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """A class (loại) and the least points it takes; the bound belongs to the band."""

    code: str
    name: str
    min_points: Decimal
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cap:
    """When ``when`` fires, the class is at most ``at_most``."""

    when: str
    at_most: str


@dataclass(frozen=True, slots=True)
class Rules:
    """One scheme version as the engine needs it.

    ``bands`` are sorted from the highest to the lowest. ``complete`` is false for a scheme whose
    rule is only partly known: it holds scores and computes no class.
    """

    code: str
    purpose: str
    total: Decimal | None
    complete: bool
    leaves: tuple[Leaf, ...]
    adjustments: tuple[Adjustment, ...] = ()
    bands: tuple[Band, ...] = ()
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What one unit has at one stage: points, reasons for not-applicable leaves, adjustments.

    ``standards`` maps a scheme code to ``True`` (published Đạt), ``False`` (published Chưa đạt);
    a code that is absent has no published result for this unit and year.
    """

    points: Mapping[str, Decimal] = field(default_factory=dict)
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    adjustments: Mapping[str, Decimal] = field(default_factory=dict)
    standards: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """A result that explains itself.

    ``points`` has at most two decimals and lies within 0 and the total; ``None`` in a standard and
    where there is no result. ``class_code`` is ``None`` when the unit is not classified, and
    ``missing`` then names the leaves without an answer, if that is why.
    """

    points: Decimal | None
    base: Decimal | None
    class_code: str | None
    complete: bool
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    adjustments: tuple[tuple[str, Decimal], ...] = ()
    bands_refused: tuple[dict, ...] = ()
    caps_fired: tuple[dict, ...] = ()
    sentences: tuple[str, ...] = ()


def vn(number: Decimal) -> str:
    """A decimal as a clerk writes it: comma, no trailing zeros, never an exponent."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("0" if text in ("", "-0") else text).replace(".", ",")


def class_of(rules: Rules, answers: Answers) -> Result:
    """Compute one unit's result.

    Raises:
        ValueError: an answer that entry should have refused (unknown code, out of bounds).
    """
    _refuse_impossible(rules, answers)
    applying = [leaf for leaf in rules.leaves if leaf.code not in answers.not_applicable]
    left_out = tuple(leaf.code for leaf in rules.leaves if leaf.code in answers.not_applicable)
    missing = tuple(leaf.code for leaf in applying if leaf.code not in answers.points)
    sentences = [
        f"Tiêu chí {leaf.code} không áp dụng: {answers.not_applicable[leaf.code]}."
        for leaf in rules.leaves
        if leaf.code in answers.not_applicable
    ]
    if missing:
        sentences.append(f"Chưa phân loại: còn {len(missing)} tiêu chí chưa có điểm ({', '.join(missing)}).")
        return Result(None, None, None, False, missing=missing, left_out=left_out, sentences=tuple(sentences))
    if not applying:
        sentences.append("Chưa phân loại: mọi tiêu chí đều không áp dụng, không có căn cứ để chấm điểm.")
        return Result(None, None, None, True, left_out=left_out, sentences=tuple(sentences))
    if rules.purpose == "standard":
        return _standard(applying, answers, left_out, sentences)
    return _classification(rules, applying, answers, left_out, sentences)


def _standard(applying: Sequence[Leaf], answers: Answers, left_out, sentences: list[str]) -> Result:
    unmet = [leaf.code for leaf in applying if answers.points[leaf.code] == 0]
    if unmet:
        sentences.append(f"Chưa đạt: chưa đáp ứng tiêu chí {', '.join(unmet)}.")
    else:
        sentences.append(f"Đạt: đáp ứng đủ {len(applying)} tiêu chí áp dụng.")
    return Result(None, None, "chua_dat" if unmet else "dat", True, left_out=left_out, sentences=tuple(sentences))


def _classification(rules: Rules, applying: Sequence[Leaf], answers: Answers, left_out, sentences: list[str]) -> Result:
    if not rules.complete or rules.total is None:
        sentences.append("Chưa phân loại: bộ tiêu chí chưa đầy đủ nên không tính loại.")
        return Result(None, None, None, True, left_out=left_out, sentences=tuple(sentences))
    raw = sum((answers.points[leaf.code] for leaf in applying), Decimal(0))
    lost = sum((leaf.max_points for leaf in rules.leaves if leaf.code in answers.not_applicable), Decimal(0))
    if lost >= rules.total:
        sentences.append("Chưa phân loại: các tiêu chí còn lại không có điểm chuẩn.")
        return Result(None, None, None, True, left_out=left_out, sentences=tuple(sentences))
    base = raw
    if lost:
        # Multiply first, round once: 49.5 × 100 ÷ 70 = 70.71, not 49.5 × 1.43.
        base = (raw * rules.total / (rules.total - lost)).quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
        sentences.append(
            f"Điểm các tiêu chí áp dụng là {vn(raw)}; quy về thang {vn(rules.total)} điểm: "
            f"{vn(raw)} × {vn(rules.total)} ÷ {vn(rules.total - lost)} = {vn(base)}."
        )
    else:
        sentences.append(f"Tổng điểm các tiêu chí là {vn(base)}.")
    points, applied = base, []
    for adjustment in rules.adjustments:
        amount = answers.adjustments.get(adjustment.code)
        if not amount:
            continue
        applied.append((adjustment.code, amount))
        bonus = adjustment.kind == "bonus"
        points += amount if bonus else -amount
        sentences.append(f"{'Cộng' if bonus else 'Trừ'} {vn(amount)} điểm ({adjustment.code}: {adjustment.title}).")
    bounded = min(max(points, Decimal(0)), rules.total)
    if bounded != points:
        edge = "tối đa" if points > rules.total else "thấp nhất"
        sentences.append(f"Kết quả {vn(points)} được đưa về mức {edge} {vn(bounded)} điểm.")
    points = bounded
    band, refused = _band(rules, points, answers, sentences)
    if band is None:
        sentences.append("Chưa phân loại: không đáp ứng điều kiện của loại nào.")
        return Result(
            points, base, None, True, left_out=left_out, adjustments=tuple(applied),
            bands_refused=tuple(refused), sentences=tuple(sentences),
        )  # fmt: skip
    sentences.append(f"{vn(points)} điểm, từ mức {vn(band.min_points)} của loại {band.name}.")
    final, fired = _capped(rules, band, applying, answers, sentences)
    sentences.append(f"Kết quả: loại {final.name}.")
    return Result(
        points, base, final.code, True, left_out=left_out, adjustments=tuple(applied),
        bands_refused=tuple(refused), caps_fired=tuple(fired), sentences=tuple(sentences),
    )  # fmt: skip


def _band(rules: Rules, points: Decimal, answers: Answers, sentences: list[str]):
    refused: list[dict] = []
    for band in sorted(rules.bands, key=lambda b: b.min_points, reverse=True):
        if points < band.min_points:
            continue
        reasons = [why for condition in band.requires if (why := _unmet(condition, answers))]
        if not reasons:
            return band, refused
        refused.append({"class": band.code, "reasons": reasons})
        sentences.append(f"Đủ điểm loại {band.name} nhưng không được xếp: {'; '.join(reasons)}.")
    return None, refused


def _unmet(condition: str, answers: Answers) -> str | None:
    kind, _, code = condition.partition(":")
    if kind != "standard":
        raise ValueError(f"unknown condition {condition}")
    met = answers.standards.get(code)
    if met is None:
        return f"tiêu chuẩn {code} chưa có kết quả"
    return None if met else f"tiêu chuẩn {code} chưa đạt"


def _capped(rules: Rules, band: Band, applying: Sequence[Leaf], answers: Answers, sentences: list[str]):
    by_code = {b.code: b for b in rules.bands}
    inside = {leaf.code for leaf in applying}
    final, fired = band, []
    for cap in rules.caps:
        kind, _, code = cap.when.partition(":")
        if kind != "knock_out":
            raise ValueError(f"unknown cap {cap.when}")
        if code not in inside or answers.points[code] != 0:
            continue
        limit = by_code[cap.at_most]
        fired.append({"when": cap.when, "at_most": cap.at_most})
        if limit.min_points < final.min_points:
            sentences.append(f"Tiêu chí bắt buộc {code} được 0 điểm: hạ từ loại {final.name} xuống {limit.name}.")
            final = limit
        else:
            sentences.append(f"Tiêu chí bắt buộc {code} được 0 điểm: nhiều nhất là loại {limit.name}.")
    return final, fired


def _refuse_impossible(rules: Rules, answers: Answers) -> None:
    leaves = {leaf.code: leaf for leaf in rules.leaves}
    adjustments = {a.code: a for a in rules.adjustments}
    for code in (*answers.points, *answers.not_applicable):
        if code not in leaves:
            raise ValueError(f"unknown criterion {code}")
    for code in answers.not_applicable:
        if code in answers.points:
            raise ValueError(f"criterion {code} has points and a not-applicable reason")
    for code, value in answers.points.items():
        if problem := points_problem(leaves[code], value, standard=rules.purpose == "standard"):
            raise ValueError(f"criterion {code}: {problem}")
    for code, value in answers.adjustments.items():
        if code not in adjustments:
            raise ValueError(f"unknown adjustment {code}")
        if not Decimal(0) <= value <= adjustments[code].max_points:
            raise ValueError(f"adjustment {code} out of bounds")


def points_problem(leaf: Leaf, value: Decimal, *, standard: bool) -> str | None:
    """The sentence that says why ``value`` cannot be the points of ``leaf``; ``None`` when it can."""
    if standard:
        return None if value in (0, 1) else "chỉ nhận 1 (đạt) hoặc 0 (chưa đạt)"
    if value < 0:
        return f"điểm {vn(value)} nhỏ hơn 0"
    if leaf.max_points is not None and value > leaf.max_points:
        return f"điểm {vn(value)} lớn hơn điểm chuẩn {vn(leaf.max_points)}"
    if leaf.step and value % leaf.step:
        return f"điểm {vn(value)} không đúng bước {vn(leaf.step)}"
    return None
