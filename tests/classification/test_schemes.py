"""The shipped criteria: sums, codes, clauses and dates recomputed from the files themselves."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from movement.classification.engine import Answers, class_of
from movement.classification.services.schemes import scheme_parse

from .scheme_files import FILES, SCHEMES, leaves_of, rules_of

CIRCULAR = {
    "ATANTT-KDC-124": ["residential_area"],
    "ATANTT-XA-124": ["commune"],
    "ATANTT-CQ-124": ["agency", "enterprise"],
    "ATANTT-GD-124": ["school"],
}
ILLUSTRATIVE = {
    "MH-KDC": ["residential_area"],
    "MH-XA": ["commune"],
    "MH-CQDN": ["agency", "enterprise", "school"],
    "MH-HUYEN": ["district"],
}
KNOWN_510 = "PL-510-CQDNCSGD"
HEAD = {
    "code", "title", "purpose", "unit_kinds", "regulation", "illustrative", "complete", "total",
    "criteria", "adjustments", "classes", "caps",
}  # fmt: skip
CRITERION = {
    "code", "parent", "title", "clause", "max_points", "step", "evidence", "not_applicable", "knock_out",
}  # fmt: skip


def answered(scheme, value=None, **changed) -> Answers:
    """Every leaf at its maximum (or at ``value``), some changed by code."""
    points = {
        leaf["code"]: Decimal(1 if scheme["purpose"] == "standard" else str(leaf["max_points"]))
        for leaf in leaves_of(scheme)
    }
    points.update(changed.pop("points", {}))
    return Answers(points=points, **changed)


def test_exactly_the_schemes_of_the_design_are_shipped_each_in_the_file_of_its_code():
    assert set(SCHEMES) == {*CIRCULAR, *ILLUSTRATIVE, KNOWN_510}
    assert {code: scheme["code"] for code, scheme in SCHEMES.items()} == {code: code for code in SCHEMES}
    kinds = {code: scheme["unit_kinds"] for code, scheme in SCHEMES.items() if code != KNOWN_510}
    assert kinds == CIRCULAR | ILLUSTRATIVE


@pytest.mark.parametrize("code", SCHEMES)
def test_a_file_holds_only_what_the_format_knows(code):
    scheme = SCHEMES[code]

    assert set(scheme) <= HEAD
    assert all(set(criterion) <= CRITERION for criterion in scheme["criteria"])
    assert {c["evidence"] for c in scheme["criteria"]} <= {"file", "attestation", "optional", "none"}
    assert not FILES[code].read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("code", SCHEMES)
def test_the_importer_reads_every_shipped_file_as_the_engine_needs_it(code):
    parsed = scheme_parse(json.loads(FILES[code].read_text(encoding="utf-8")))
    rules = rules_of(SCHEMES[code])

    leaves = [(c["code"], c["max_points"], c["step"]) for c in parsed["criteria"] if c["is_leaf"]]
    assert leaves == [(leaf.code, leaf.max_points, leaf.step) for leaf in rules.leaves]
    assert [(b["code"], b["min_points"]) for b in parsed["bands"]] == [(b.code, b.min_points) for b in rules.bands]


@pytest.mark.parametrize("code", SCHEMES)
def test_criteria_form_a_tree_with_unique_codes_each_with_its_clause(code):
    criteria = SCHEMES[code]["criteria"]
    counts = Counter(criterion["code"] for criterion in criteria)
    seen: set[str] = set()
    orphans = []
    for criterion in criteria:  # a parent stands before its children, so no cycle is possible
        if criterion["parent"] is not None and criterion["parent"] not in seen:
            orphans.append(criterion["code"])
        seen.add(criterion["code"])

    assert [c for c, n in counts.items() if n > 1] == []
    assert orphans == []
    assert [c["code"] for c in criteria if not c["clause"].strip() or not c["title"].strip()] == []


@pytest.mark.parametrize("code", SCHEMES)
def test_codes_survive_a_spreadsheet(code):
    """Excel reads a heading "1.10" as the number 1.1: no code ends in a zero after a point."""
    codes = [criterion["code"] for criterion in SCHEMES[code]["criteria"]]

    assert [c for c in codes if "." in c and c.endswith("0")] == []
    assert [c for c in codes if not c.isascii()] == []


@pytest.mark.parametrize("code", SCHEMES)
def test_titles_fit_a_table_and_are_unique(code):
    titles = [criterion["title"] for criterion in SCHEMES[code]["criteria"]]

    assert [t for t in titles if len(t) > 130 or t != t.strip() or t.endswith(".")] == []
    assert [t for t, n in Counter(titles).items() if n > 1] == []


@pytest.mark.parametrize("code", [*ILLUSTRATIVE, KNOWN_510])
def test_only_leaves_carry_a_maximum(code):
    scheme = SCHEMES[code]
    leaves = {leaf["code"] for leaf in leaves_of(scheme)}

    assert [c["code"] for c in scheme["criteria"] if c["code"] not in leaves and c["max_points"] is not None] == []


@pytest.mark.parametrize("code", ILLUSTRATIVE)
def test_an_illustrative_scheme_sums_to_its_total_in_whole_steps(code):
    scheme = SCHEMES[code]
    leaves = leaves_of(scheme)

    assert sum(Decimal(str(leaf["max_points"])) for leaf in leaves) == Decimal(str(scheme["total"])) == 100
    assert {leaf["step"] for leaf in leaves} == {Decimal("0.5")}
    assert [leaf["code"] for leaf in leaves if Decimal(str(leaf["max_points"])) % leaf["step"]] == []
    assert 20 <= len(leaves) <= 25


@pytest.mark.parametrize("code", ILLUSTRATIVE)
def test_an_illustrative_scheme_cites_no_regulation_and_says_so_in_every_clause(code):
    scheme = SCHEMES[code]

    assert (scheme["illustrative"], scheme["regulation"], scheme["complete"]) == (True, None, True)
    assert "minh họa" in scheme["title"]
    assert [c["code"] for c in scheme["criteria"] if "minh họa" not in c["clause"] or "Điều" in c["clause"]] == []


@pytest.mark.parametrize("code", ILLUSTRATIVE)
def test_bands_and_caps_of_an_illustrative_scheme_hang_together(code):
    scheme = SCHEMES[code]
    bands = {band["code"]: band for band in scheme["classes"]}
    mandatory = {leaf["code"] for leaf in leaves_of(scheme) if leaf["knock_out"]}

    assert list(bands) == ["xuat_sac", "kha", "trung_binh", "yeu"]
    assert [band["name"] for band in bands.values()] == ["Xuất sắc", "Khá", "Trung bình", "Yếu"]
    assert bands["yeu"]["min_points"] == 0
    assert sorted((b["min_points"] for b in bands.values()), reverse=True) == [b["min_points"] for b in bands.values()]
    assert {cap["when"] for cap in scheme["caps"]} == {f"knock_out:{c}" for c in mandatory}
    assert {cap["at_most"] for cap in scheme["caps"]} <= set(bands)
    assert 1 <= len(scheme["caps"]) <= 2
    assert {a["kind"] for a in scheme["adjustments"]} == {"bonus", "penalty"}


@pytest.mark.parametrize("code", ILLUSTRATIVE)
def test_each_mandatory_criterion_lowers_a_perfect_unit_to_its_cap(code):
    scheme = SCHEMES[code]
    standards = {"ATANTT-XA-124": True}
    perfect = class_of(rules_of(scheme), answered(scheme, standards=standards))
    lowered = {
        cap["when"]: class_of(
            rules_of(scheme),
            answered(scheme, standards=standards, points={cap["when"].partition(":")[2]: Decimal(0)}),
        ).class_code
        for cap in scheme["caps"]
    }

    assert (perfect.class_code, perfect.points) == ("xuat_sac", Decimal(100))
    assert lowered == {cap["when"]: cap["at_most"] for cap in scheme["caps"]}


def test_only_the_communes_scheme_requires_a_standard_and_it_is_a_shipped_one():
    required = {
        (code, band["code"], condition)
        for code, scheme in SCHEMES.items()
        for band in scheme.get("classes", ())
        for condition in band.get("requires", ())
    }

    assert required == {("MH-XA", "xuat_sac", "standard:ATANTT-XA-124")}
    perfect = answered(SCHEMES["MH-XA"], standards={"ATANTT-XA-124": False})
    assert class_of(rules_of(SCHEMES["MH-XA"]), perfect).class_code == "kha"


def test_the_workplace_scheme_keeps_the_items_known_from_article_7_with_their_points():
    first = [leaf["max_points"] for leaf in leaves_of(SCHEMES["MH-CQDN"]) if leaf["parent"] == "1"][:4]

    assert first == [3, 3, 5, 1]


@pytest.mark.parametrize(("code", "kinds"), CIRCULAR.items())
def test_a_circular_124_standard_cites_the_circular_and_its_dates(code, kinds):
    scheme = SCHEMES[code]

    assert (scheme["purpose"], scheme["unit_kinds"], scheme["complete"]) == ("standard", kinds, True)
    assert scheme["illustrative"] is False
    assert scheme["regulation"] == {
        "number": "124/2021/TT-BCA",
        "issued_on": "2021-12-28",
        "effective_from": "2022-02-10",
        "effective_to": None,
    }
    assert scheme["total"] is None
    assert [c["code"] for c in scheme["criteria"] if "max_points" in c or "step" in c] == []
    assert not scheme.get("classes") and not scheme.get("caps")


@pytest.mark.parametrize(
    ("code", "article", "clauses", "leaves"),
    [
        ("ATANTT-KDC-124", "Điều 4", 5, 17),
        ("ATANTT-XA-124", "Điều 5", 4, 19),
        ("ATANTT-CQ-124", "Điều 6", 5, 19),
        ("ATANTT-GD-124", "Điều 7", 6, 20),
    ],
)
def test_a_standard_has_every_clause_of_its_article_and_every_listed_event(code, article, clauses, leaves):
    scheme = SCHEMES[code]
    top = [c for c in scheme["criteria"] if c["parent"] is None]

    assert [c["clause"] for c in top] == [f"{article} khoản {n}" for n in range(1, clauses + 1)]
    assert len(leaves_of(scheme)) == leaves
    assert [
        c["code"] for c in scheme["criteria"] if not c["clause"].startswith(f"{article} khoản {c['code'][0]}")
    ] == []


@pytest.mark.parametrize(
    ("code", "parent", "points"),
    [
        ("ATANTT-KDC-124", "3", "abcdđeg"),
        ("ATANTT-KDC-124", "4", "abcd"),
        ("ATANTT-XA-124", "2.3", "abcdđeg"),
        ("ATANTT-XA-124", "2.4", "abcd"),
        ("ATANTT-CQ-124", "3", "abcdđegh"),
        ("ATANTT-GD-124", "3", "abcđeg"),  # Article 7(3) leaves out points d and h of Article 6(3)
    ],
)
def test_each_listed_event_is_a_leaf_of_its_own_and_takes_an_attestation(code, parent, points):
    events = [leaf for leaf in leaves_of(SCHEMES[code]) if leaf["parent"] == parent]

    assert [leaf["clause"].rstrip(")")[-1] for leaf in events] == list(points)
    assert {leaf["evidence"] for leaf in events} == {"attestation"}
    assert {leaf["not_applicable"] for leaf in events} == {False}


def test_only_what_the_circular_makes_conditional_may_be_left_out():
    left_out = {code: [x["code"] for x in leaves_of(SCHEMES[code]) if x["not_applicable"]] for code in CIRCULAR}

    assert left_out == {
        "ATANTT-KDC-124": [],
        "ATANTT-XA-124": [],
        # no party organisation; no coordination rules; not eligible for emulation titles (guards, sub-units)
        "ATANTT-CQ-124": ["1.1", "2.2", "4.1", "5.1"],
        # the same, and: no parents' board outside general schools; no guards at all
        "ATANTT-GD-124": ["1.1", "2.2", "2.3", "5.1", "5.2", "6.1"],
    }


@pytest.mark.parametrize("code", CIRCULAR)
def test_a_standard_is_refused_by_any_single_leaf_and_names_it(code):
    scheme = SCHEMES[code]
    rules = rules_of(scheme)
    refused = {}
    for leaf in leaves_of(scheme):
        result = class_of(rules, answered(scheme, points={leaf["code"]: Decimal(0)}))
        refused[leaf["code"]] = (result.class_code, leaf["code"] in result.sentences[-1])

    assert class_of(rules, answered(scheme)).class_code == "dat"
    assert set(refused.values()) == {("chua_dat", True)}


def test_words_about_conduct_crime_or_discipline_take_an_attestation():
    words = ("tội phạm", "kỷ luật", "tệ nạn", "bạo lực", "xử phạt", "gây rối", "phạm tội")
    wrong = [
        (code, leaf["code"])
        for code, scheme in SCHEMES.items()
        if code != KNOWN_510
        for leaf in leaves_of(scheme)
        if any(word in leaf["title"].lower() for word in words) and leaf["evidence"] != "attestation"
    ]

    assert wrong == []


def test_decision_510_is_shipped_as_far_as_it_was_read_and_computes_no_class():
    scheme = SCHEMES[KNOWN_510]

    assert scheme["regulation"] == {
        "number": "510/QĐ-BCA-V05",
        "issued_on": "2022-01-20",
        "effective_from": None,
        "effective_to": None,
    }
    assert (scheme["complete"], scheme["illustrative"], scheme["total"]) == (False, False, 100)
    assert {c["code"]: c["max_points"] for c in scheme["criteria"]} == {
        "1": 3, "2": 3, "3": 5, "4": None, "4a": 1, "4b": None,
    }  # fmt: skip
    assert (scheme["classes"], scheme["adjustments"], scheme["caps"]) == ([], [], [])
    known = {"1": Decimal(3), "2": Decimal(3), "3": Decimal(5), "4a": Decimal(1), "4b": Decimal(2)}
    result = class_of(rules_of(scheme), Answers(points=known))
    assert (result.class_code, result.points, result.complete) == (None, None, True)
