"""Taking a scheme version from its file (format: design §7, "Scheme file")."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.db.models import Max

from movement.audit.services import Act, record
from movement.core.problems import Problem, Refused
from units.enums import Kind

from ..enums import AdjustmentKind, Evidence, Purpose
from ..models import Adjustment, Cap, ClassBand, Criterion, Scheme, SchemeVersion


class _Reader:
    """Reads a scheme's JSON and collects everything wrong with it."""

    def __init__(self, data: object):
        self.problems: list[Problem] = []
        self.data = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.wrong("not_a_scheme", "Tệp phải chứa một bộ tiêu chí (một đối tượng JSON).")

    def wrong(self, code: str, message: str, *, at: str | None = None, value: object = None) -> None:
        self.problems.append(Problem(code, message, column=at, value=value))

    def text(self, source: dict, key: str, at: str, *, limit: int = 300, required: bool = True) -> str:
        value = source.get(key)
        if value is None or value == "":
            if required:
                self.wrong("missing_value", f"Thiếu “{key}”.", at=at)
            return ""
        if not isinstance(value, str | int) or isinstance(value, bool):
            self.wrong("bad_text", f"“{key}” phải là chữ.", at=at, value=value)
            return ""
        if len(str(value)) > limit:
            self.wrong("too_long", f"“{key}” dài quá {limit} ký tự.", at=at, value=value)
        return str(value).strip()

    def number(self, source: dict, key: str, at: str, *, positive: bool = True) -> Decimal | None:
        """A JSON number or string as a decimal with at most two places; ``None`` for null."""
        value = source.get(key)
        if value is None:
            return None
        try:
            if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
                raise InvalidOperation
            number = Decimal(str(value))
            if not number.is_finite() or number != round(number, 2):
                raise InvalidOperation
        except InvalidOperation:
            self.wrong("bad_number", f"“{key}” phải là số, nhiều nhất hai chữ số thập phân.", at=at, value=value)
            return None
        if number < 0 or (positive and number == 0) or number > 99_999:
            self.wrong("number_out_of_range", f"“{key}” phải lớn hơn 0.", at=at, value=value)
            return None
        return number

    def day(self, source: dict, key: str, at: str) -> date | None:
        value = source.get(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.wrong("bad_date", f"“{key}” phải là ngày dạng năm-tháng-ngày.", at=at, value=value)
            return None

    def flag(self, source: dict, key: str, at: str, *, default: bool = False) -> bool:
        value = source.get(key, default)
        if not isinstance(value, bool):
            self.wrong("bad_flag", f"“{key}” phải là true hoặc false.", at=at, value=value)
            return default
        return value

    def choice(self, source: dict, key: str, at: str, choices, *, default: str | None = None) -> str:
        value = source.get(key, default)
        if value not in choices:
            self.wrong("unknown_choice", f"“{key}” không có trong danh mục: {', '.join(choices)}.", at=at, value=value)
            return next(iter(choices))
        return value

    def rows(self, key: str) -> list[dict]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or any(not isinstance(row, dict) for row in value):
            self.wrong("bad_list", f"“{key}” phải là một danh sách.", at=key)
            return []
        return value


def scheme_parse(data: object) -> dict:
    """The plain values of a scheme file: ``{"scheme", "version", "criteria", "adjustments", "bands", "caps"}``.

    Raises:
        Refused: with every problem of the file.
    """
    read = _Reader(data)
    top = read.data
    purpose = read.choice(top, "purpose", "purpose", Purpose.values)
    scheme = {"code": read.text(top, "code", "code", limit=40), "purpose": purpose}
    if ":" in scheme["code"]:
        read.wrong("bad_code", "Mã bộ tiêu chí không được chứa dấu hai chấm.", at="code", value=scheme["code"])
    version = _version(read, purpose)
    criteria = _criteria(read, standard=purpose == Purpose.STANDARD, complete=version["complete"])
    leaves = [c for c in criteria if c["is_leaf"]]
    if purpose == Purpose.STANDARD:
        for key in ("classes", "caps", "adjustments"):
            if read.rows(key):
                read.wrong("not_in_standard", f"Tiêu chuẩn đạt/chưa đạt không có “{key}”.", at=key)
        version["total"] = None
        adjustments, bands, caps = [], [], []
    else:
        adjustments = _adjustments(read)
        bands = _bands(read, version)
        caps = _caps(read, {c["code"]: c for c in leaves}, {b["code"] for b in bands})
        known = sum((c["max_points"] or 0 for c in leaves), Decimal(0))
        if version["complete"] and version["total"] is not None and known != version["total"]:
            read.wrong(
                "total_differs",
                f"Tổng điểm chuẩn của các tiêu chí là {known.normalize():f}, khác tổng điểm {version['total']:f}.",
                at="total", value=version["total"],
            )  # fmt: skip
    if version["complete"] and not leaves and not read.problems:
        read.wrong("no_criteria", "Bộ tiêu chí đầy đủ phải có tiêu chí.", at="criteria")
    if read.problems:
        raise Refused(read.problems)
    return {
        "scheme": scheme, "version": version, "criteria": criteria,
        "adjustments": adjustments, "bands": bands, "caps": caps,
    }  # fmt: skip


def _version(read: _Reader, purpose: str) -> dict:
    top = read.data
    kinds = top.get("unit_kinds")
    if not isinstance(kinds, list) or not kinds or any(k not in Kind.values for k in kinds):
        read.wrong(
            "unknown_kind",
            "“unit_kinds” phải là danh sách loại đơn vị có trong danh mục.",
            at="unit_kinds",
            value=kinds,
        )
        kinds = []
    illustrative = read.flag(top, "illustrative", "illustrative")
    complete = read.flag(top, "complete", "complete", default=True)
    regulation = top.get("regulation")
    values = {"regulation_number": "", "issued_on": None, "effective_from": None, "effective_to": None}
    if illustrative and regulation is not None:
        read.wrong("illustrative_cites", "Bộ tiêu chí minh họa không được viện dẫn văn bản.", at="regulation")
    elif not illustrative and not isinstance(regulation, dict):
        read.wrong("missing_regulation", "Bộ tiêu chí phải nêu văn bản quy định.", at="regulation")
    elif isinstance(regulation, dict):
        values["regulation_number"] = read.text(regulation, "number", "regulation.number", limit=80)
        for key in ("issued_on", "effective_from", "effective_to"):
            values[key] = read.day(regulation, key, f"regulation.{key}")
        if values["effective_from"] and values["effective_to"] and values["effective_to"] < values["effective_from"]:
            read.wrong("dates_reversed", "Ngày hết hiệu lực phải sau ngày có hiệu lực.", at="regulation.effective_to")
    total = read.number(top, "total", "total")
    if purpose != Purpose.STANDARD and complete and total is None:
        read.wrong("missing_value", "Bộ tiêu chí đầy đủ phải có tổng điểm.", at="total")
    return {
        "title": read.text(top, "title", "title"), "unit_kinds": sorted(set(kinds)),
        "illustrative": illustrative, "complete": complete, "total": total, **values,
    }  # fmt: skip


def _criteria(read: _Reader, *, standard: bool, complete: bool) -> list[dict]:
    rows = read.rows("criteria")
    parents = {row.get("parent") for row in rows if row.get("parent") is not None}
    seen: dict[str, dict] = {}
    result = []
    for position, row in enumerate(rows):
        code = read.text(row, "code", f"criteria[{position}].code", limit=20)
        at = f"criteria {code}"
        if code in seen:
            read.wrong("duplicate_code", "Mã tiêu chí này đã có ở trên.", at=at, value=code)
        parent = row.get("parent")
        if parent is not None and parent not in seen:
            read.wrong("unknown_parent", "Tiêu chí cha phải đứng trước tiêu chí con.", at=at, value=parent)
        leaf = code not in parents
        maximum = read.number(row, "max_points", at)
        step = read.number(row, "step", at)
        if (not leaf or standard) and maximum is not None:
            why = "Tiêu chuẩn đạt/chưa đạt" if standard else "Tiêu chí có tiêu chí con"
            read.wrong("max_not_allowed", f"{why} không có điểm chuẩn riêng.", at=at, value=maximum)
            maximum = None
        if leaf and not standard and complete and maximum is None:
            read.wrong("missing_value", "Tiêu chí của bộ đầy đủ phải có điểm chuẩn.", at=at)
        if maximum and step and maximum % step:
            read.wrong("step_off", "Điểm chuẩn phải là bội của bước điểm.", at=at, value=step)
        item = {
            "code": code, "parent": parent, "position": position,
            "title": read.text(row, "title", at, limit=2000), "clause": read.text(row, "clause", at, limit=120),
            "max_points": maximum, "step": step if leaf and not standard else None,
            "evidence": read.choice(row, "evidence", at, Evidence.values, default=Evidence.OPTIONAL),
            "not_applicable": read.flag(row, "not_applicable", at), "knock_out": read.flag(row, "knock_out", at),
            "is_leaf": leaf,
        }  # fmt: skip
        seen[code] = item
        result.append(item)
    return result


def _adjustments(read: _Reader) -> list[dict]:
    result, seen = [], set()
    for position, row in enumerate(read.rows("adjustments")):
        code = read.text(row, "code", f"adjustments[{position}].code", limit=20)
        at = f"adjustments {code}"
        if code in seen:
            read.wrong("duplicate_code", "Mã điểm cộng, điểm trừ này đã có ở trên.", at=at, value=code)
        seen.add(code)
        maximum = read.number(row, "max_points", at)
        if maximum is None:
            read.wrong("missing_value", "Điểm cộng, điểm trừ phải có mức tối đa.", at=at)
        result.append({
            "code": code, "position": position, "title": read.text(row, "title", at, limit=2000),
            "kind": read.choice(row, "kind", at, AdjustmentKind.values), "max_points": maximum,
        })  # fmt: skip
    return result


def _bands(read: _Reader, version: dict) -> list[dict]:
    result, codes, bounds = [], set(), set()
    for position, row in enumerate(read.rows("classes")):
        code = read.text(row, "code", f"classes[{position}].code", limit=20)
        at = f"classes {code}"
        least = read.number(row, "min_points", at, positive=False)
        if code in codes or (least is not None and least in bounds):
            read.wrong("duplicate_code", "Mã loại hoặc mức điểm này đã có ở trên.", at=at, value=code)
        if least is None and row.get("min_points") is None:
            read.wrong("missing_value", "Loại phải có mức điểm tối thiểu.", at=at)
        if least is not None and version["total"] is not None and least > version["total"]:
            read.wrong("number_out_of_range", "Mức điểm lớn hơn tổng điểm.", at=at, value=least)
        codes.add(code)
        bounds.add(least)
        requires = row.get("requires", [])
        if not isinstance(requires, list) or any(
            not str(r).startswith("standard:") or r == "standard:" for r in requires
        ):
            read.wrong("unknown_condition", "Điều kiện của loại phải có dạng “standard:MÃ”.", at=at, value=requires)
            requires = []
        result.append({
            "code": code, "position": position, "name": read.text(row, "name", at, limit=60),
            "min_points": least, "requires": requires,
        })  # fmt: skip
    if version["complete"] and not result and not read.problems:
        read.wrong("missing_value", "Bộ tiêu chí đầy đủ phải có các loại.", at="classes")
    return result


def _caps(read: _Reader, leaves: dict[str, dict], bands: set[str]) -> list[dict]:
    result = []
    for position, row in enumerate(read.rows("caps")):
        at = f"caps[{position}]"
        when, at_most = read.text(row, "when", at, limit=60), read.text(row, "at_most", at, limit=20)
        kind, _, code = when.partition(":")
        if kind != "knock_out" or code not in leaves:
            read.wrong(
                "unknown_condition",
                "Mức trần phải có dạng “knock_out:MÃ” của một tiêu chí chấm điểm.",
                at=at,
                value=when,
            )
        elif not leaves[code]["knock_out"]:
            read.wrong("not_knock_out", "Tiêu chí này không được đánh dấu là tiêu chí bắt buộc.", at=at, value=when)
        if at_most not in bands:
            read.wrong("unknown_class", "Loại của mức trần không có trong bộ tiêu chí.", at=at, value=at_most)
        result.append({"position": position, "when": when, "at_most": at_most})
    return result


@transaction.atomic
def scheme_import(data: object, *, actor) -> tuple[SchemeVersion, str]:
    """Store a scheme version; ``(version, "created" | "replaced" | "unchanged")``.

    The same content again is unchanged. Other content under the same code replaces the latest
    version while no campaign uses it, else it becomes the next version, which then needs another
    ``effective_from`` than the one in use.

    Raises:
        Refused: with every problem of the file.
    """
    parsed = scheme_parse(data)
    digest = hashlib.sha256(json.dumps(parsed, default=str, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    scheme, _created = Scheme.objects.select_for_update().get_or_create(
        code=parsed["scheme"]["code"], defaults={"purpose": parsed["scheme"]["purpose"]}
    )
    if scheme.purpose != parsed["scheme"]["purpose"]:
        raise Refused(Problem("other_purpose", "Mã này đã dùng cho bộ tiêu chí có mục đích khác.", value=scheme.code))
    same = scheme.versions.filter(digest=digest).first()
    if same:
        return same, "unchanged"
    latest = scheme.versions.order_by("-number").first()
    outcome = "created"
    if latest and latest.campaigns.exists():
        if latest.effective_from == parsed["version"]["effective_from"]:
            raise Refused(
                Problem(
                    "version_in_use",
                    "Phiên bản này đang được dùng trong một kỳ đánh giá nên không sửa được; "
                    "phiên bản mới phải có ngày hiệu lực khác.",
                    column="regulation.effective_from", value=parsed["version"]["effective_from"],
                )
            )  # fmt: skip
    elif latest:
        latest.delete()
        outcome = "replaced"
    number = (scheme.versions.aggregate(n=Max("number"))["n"] or 0) + 1
    version = SchemeVersion.objects.create(scheme=scheme, number=number, digest=digest, **parsed["version"])
    made: dict[str, Criterion] = {}
    for values in parsed["criteria"]:
        parent = made.get(values["parent"])
        made[values["code"]] = Criterion.objects.create(version=version, **{**values, "parent": parent})
    Adjustment.objects.bulk_create(Adjustment(version=version, **row) for row in parsed["adjustments"])
    ClassBand.objects.bulk_create(ClassBand(version=version, **row) for row in parsed["bands"])
    Cap.objects.bulk_create(Cap(version=version, **row) for row in parsed["caps"])
    record(
        actor,
        Act(
            "scheme.import", f"Nhập bộ tiêu chí {scheme.code}, phiên bản {number}: {version.title}.",
            "classification.scheme", scheme.code, after={"digest": digest, "outcome": outcome},
        ),
    )  # fmt: skip
    return version, outcome
