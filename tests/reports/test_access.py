"""Who reads which summaries, and who may ask for one."""

import pytest

from movement.accounts.access import can
from reports.models import Report
from reports.rules import Asked
from reports.selectors import reports_visible_to
from reports.services import report_request
from tests.factories.ground import REFORM, account, version
from tests.factories.reports import small_year
from tests.factories.units import lineage
from units.models import UnitVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    """Province 93 with a summary, another province with one of its own, and the province 93 went into."""
    province, _campaign = small_year()
    other, _campaign = small_year(code="94")
    now = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    lineage(province, now)
    for one in (province, other):
        report_request(year=2023, province=one.unit, actor="kiểm tra")
    commune = UnitVersion.objects.get(province=province.unit, name="Xã A1")
    return {"province": province, "other": other, "now": now, "commune": commune}


@pytest.mark.parametrize(
    ("role", "at", "sees"),
    [
        ("staff", "province", ["province"]),
        ("leader", "province", ["province"]),
        ("auditor", "province", ["province"]),
        ("staff", "now", ["province"]),
        ("staff", "other", ["other"]),
        ("commune_officer", "commune", []),
        ("leader", "commune", []),
        (None, None, []),
    ],
)
def test_a_summary_is_read_by_who_has_the_whole_province(ground, role, at, sees):
    user = account(role, at and ground[at])

    assert {report.province_id for report in reports_visible_to(user)} == {ground[name].unit_id for name in sees}
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    ("role", "at", "allowed"),
    [
        ("staff", "province", True),
        ("leader", "province", True),
        ("staff", "now", True),
        ("auditor", "province", False),
        ("admin", "province", False),
        ("staff", "other", False),
        ("leader", "commune", False),
        (None, None, False),
    ],
)
def test_a_summary_is_asked_for_by_the_standing_office_and_the_leaders(ground, role, at, allowed):
    user = account(role, at and ground[at])

    right = can(user, "reports.request", Asked(2023, ground["province"].unit))

    assert bool(right) == allowed
    assert allowed or right.sentence


def test_the_same_form_sent_twice_asks_once(ground):
    user = account("staff", ground["province"])
    asked = {"year": 2023, "province": ground["province"].unit, "actor": user, "idempotency_key": "form-1"}

    assert report_request(**asked).pk == report_request(**asked).pk
    assert Report.objects.count() == 3
