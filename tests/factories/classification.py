"""A small scheme and campaigns over it."""

from copy import deepcopy

from movement.classification.enums import Stage
from movement.classification.models import Criterion
from movement.classification.services.bulk import Row, scores_write
from movement.classification.services.campaigns import campaign_open
from movement.classification.services.schemes import scheme_import
from movement.classification.services.scoring import Value

SCHEME = {
    "code": "HD-1",
    "title": "Bộ tiêu chí kiểm tra",
    "purpose": "classification",
    "unit_kinds": ["agency", "enterprise", "school"],
    "regulation": {"number": "01/QĐ-KT", "issued_on": "2022-01-20", "effective_from": None, "effective_to": None},
    "illustrative": False,
    "complete": True,
    "total": 100,
    "criteria": [
        {"code": code, "parent": parent, "title": f"Tiêu chí {code}", "clause": f"Điều {code}", "max_points": most,
         "step": 0.5, "evidence": "optional", "not_applicable": optional, "knock_out": mandatory}
        for code, parent, most, optional, mandatory in [
            ("1", None, None, False, False), ("1.1", "1", 30, False, False), ("1.2", "1", 30, True, False),
            ("2", None, 40, False, True)]
    ],
    "adjustments": [{"code": "T1", "title": "Thưởng", "kind": "bonus", "max_points": 5},
                    {"code": "P1", "title": "Trừ", "kind": "penalty", "max_points": 10}],
    "classes": [{"code": "xuat_sac", "name": "Xuất sắc", "min_points": 90}, {"code": "kha", "name": "Khá", "min_points": 70},
                {"code": "trung_binh", "name": "Trung bình", "min_points": 50}, {"code": "yeu", "name": "Yếu", "min_points": 0}],
    "caps": [{"when": "knock_out:2", "at_most": "yeu"}],
}  # fmt: skip


def scheme_data(**changes):
    return {**deepcopy(SCHEME), **changes}


def standard_data(code="CHUAN", kinds=("agency", "enterprise", "school")):
    return {
        "code": code, "title": "Tiêu chuẩn", "purpose": "standard", "unit_kinds": list(kinds),
        "regulation": {"number": "1/TT", "issued_on": None, "effective_from": None, "effective_to": None},
        "illustrative": False, "complete": True, "total": None,
        "criteria": [{"code": c, "parent": None, "title": f"Tiêu chí {c}", "clause": f"Khoản {c}", "max_points": None,
                      "step": None, "evidence": "attestation", "not_applicable": False, "knock_out": False} for c in "12"],
    }  # fmt: skip


def campaign(province, year=2023, **changes):
    """A campaign over the small scheme with the units that stand in the province now."""
    data = changes if changes.get("purpose") == "standard" else scheme_data(**changes)
    scheme_import(data, actor="kiểm tra")
    code = changes.get("code", SCHEME["code"])
    opened, _added, _created = campaign_open(scheme_code=code, year=year, province=province.unit, actor="kiểm tra")
    return opened


def score(opened, values, *, stage=Stage.SELF, actor="kiểm tra"):
    """``values``: ``{unit code: {criterion code: points or reason}}``."""
    leaves = {c.code: c.pk for c in Criterion.objects.filter(version=opened.version, is_leaf=True)}
    rows = []
    for a in opened.assessments.filter(unit_code__in=values):
        cells = {
            leaves[code]: Value(reason=value) if isinstance(value, str) else Value(value)
            for code, value in values[a.unit_code].items()
        }
        rows.append(Row(a, cells))
    return scores_write(campaign=opened, stage=stage, rows=rows, actor=actor)
