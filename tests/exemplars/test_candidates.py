"""Who may be chosen as an exemplar: each condition met or missed, with its sentence."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from movement.classification.services.campaigns import units_register
from movement.core.problems import Refused
from movement.exemplars.models import ExemplarRule
from movement.exemplars.selectors import exemplar_candidates
from tests.factories.ground import version
from tests.factories.reports import opened, province_of_two_districts, results, spread, unit
from tests.factories.units import lineage
from units.models import UnitVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def year():
    """A province whose agencies of 2023 are Xuất sắc, Khá, Trung bình, without class, and not published."""
    province, _districts, communes = province_of_two_districts()
    agencies = {
        code: unit("agency", communes["A1"], code=code, name=f"Cơ quan {code}") for code in ("XS", "K", "TB", "KHONG")
    }
    campaign = opened(province, kinds=["agency"])
    results(campaign, province, dict(zip(agencies.values(), ("xuat_sac", "kha", "trung_binh", ""), strict=True)))
    agencies["CHUA"] = unit("agency", communes["A1"], code="CHUA", name="Cơ quan CHUA")
    units_register(campaign)
    results(campaign, province, {agencies["CHUA"]: "xuat_sac"}, state="decided")
    return province, agencies, campaign


def missed(candidate):
    return [condition.code for condition in candidate.conditions if not condition.met]


def by_code(province, year=2024, *args, **more):
    return {one.unit_code: one for one in exemplar_candidates(year, province.unit, *args, **more)}


def test_each_condition_is_met_or_missed_with_its_sentence(year):
    province, _agencies, _campaign = year

    found = by_code(province)

    assert {code: missed(one) for code, one in found.items()} == {
        "XS": [], "K": [], "TB": ["class_high_enough"], "KHONG": ["class_high_enough"],
        "CHUA": ["class_published", "class_high_enough"],
    }  # fmt: skip
    assert {code: one.eligible for code, one in found.items()} == {
        "XS": True, "K": True, "TB": False, "KHONG": False, "CHUA": False,
    }  # fmt: skip
    assert found["CHUA"].class_code is None
    sentences = [condition.sentence for condition in found["TB"].conditions]
    assert sentences[0].startswith("Kết quả phân loại năm 2023 đã công bố: loại Trung bình (Quyết định số ")
    assert sentences[1] == "Loại Trung bình không thuộc các loại được xét (Xuất sắc, Khá)."


def test_a_unit_that_ended_before_the_year_or_in_it_is_not_eligible(year):
    province, agencies, _campaign = year
    heir = version("agency", province, name="Cơ quan kế thừa")
    ended(agencies["XS"], date(2024, 1, 1))
    ended(agencies["K"], date(2024, 5, 1))
    lineage(agencies["K"], heir, on=date(2024, 5, 1))

    found = by_code(province)

    assert missed(found["XS"]) == ["existed_at_start", "not_closed"]
    assert missed(found["K"]) == ["not_closed"]
    assert found["K"].conditions[-1].sentence == (
        "Đơn vị đã kết thúc hoạt động, ngày cuối là 30/04/2024, kế thừa chính là Cơ quan kế thừa."
    )
    assert missed(by_code(province, on=date(2024, 4, 30))["K"]) == []


def ended(one, on):
    UnitVersion.objects.filter(pk=one.pk).update(valid=(one.valid.lower, on))


def test_a_province_may_ask_for_more_from_a_year_on(year):
    province, _agencies, _campaign = year
    ExemplarRule.objects.create(province=province.unit, classes=["xuat_sac"], valid=(date(2024, 1, 1), None))

    assert [code for code, one in by_code(province).items() if one.eligible] == ["XS"]


def test_two_rules_of_one_province_cannot_hold_at_once(year):
    province, _agencies, _campaign = year
    ExemplarRule.objects.create(province=province.unit, classes=["xuat_sac"], valid=(date(2024, 1, 1), None))

    with pytest.raises(IntegrityError, match="exemplars_rule_no_overlap"):
        ExemplarRule.objects.create(province=province.unit, classes=["kha"], valid=(date(2025, 1, 1), None))


def test_units_that_are_named_are_told_in_that_order_even_without_a_result(year):
    province, agencies, _campaign = year
    outside = unit("enterprise", UnitVersion.objects.get(name="Xã A2"), code="DN", name="Doanh nghiệp ngoài kỳ")

    found = exemplar_candidates(2024, province.unit, ["DN", "K", agencies["XS"].unit.ulid])

    assert [(one.unit_name, one.eligible) for one in found] == [
        (outside.name, False), ("Cơ quan K", True), ("Cơ quan XS", True),
    ]  # fmt: skip
    assert missed(found[0]) == ["class_published", "class_high_enough"]


def test_all_unknown_codes_are_told_at_once(year):
    province, _agencies, _campaign = year

    with pytest.raises(Refused) as refused:
        exemplar_candidates(2024, province.unit, ["X1", "K", "X2"])

    assert [(p.code, p.value) for p in refused.value.problems] == [("unknown_unit", "X1"), ("unknown_unit", "X2")]


def test_of_two_results_the_published_one_with_a_class_counts(year):
    province, agencies, _campaign = year
    other = opened(province, code="HD-2", kinds=["agency"])
    results(other, province, {agencies["TB"]: "kha"}, state="decided")

    assert by_code(province)["TB"].class_code == "trung_binh"


def test_queries_do_not_grow_with_the_units(year):
    province, _agencies, campaign = year
    counts = []
    for more in (0, 40):
        added = [unit("agency", UnitVersion.objects.get(name="Xã A2"), name=f"Thêm {n}") for n in range(more)]
        units_register(campaign)
        results(campaign, province, spread(added))
        with CaptureQueriesContext(connection) as queries:
            assert len(exemplar_candidates(2024, province.unit)) == 5 + more
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8


def test_the_command_prints_a_line_a_unit_and_the_totals(year):
    printed = StringIO()
    call_command("exemplar_candidates", "--year", "2024", "--province", "93", "--json", stdout=printed)
    lines = [json.loads(line) for line in printed.getvalue().splitlines()]

    assert [set(line) for line in lines[:-1]] == [{"unit_code", "unit_name", "class", "eligible", "conditions"}] * 5
    assert lines[-1] == {
        "year": 2024, "province": "93", "units": 5, "eligible": 2, "eligible_by_kind": {"agency": 2},
    }  # fmt: skip
    assert set(lines[0]["conditions"][0]) == {"code", "met", "sentence"}
