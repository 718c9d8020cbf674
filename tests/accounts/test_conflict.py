"""Nobody checks, decides or publishes on the unit they belong to."""

from datetime import timedelta

import pytest

from movement.accounts.access import can
from movement.accounts.models import User
from movement.accounts.services import tie_declare, tie_end
from movement.classification.models import Assessment
from movement.core.problems import Refused
from tests.factories.awards import nominated, proposal, ring
from tests.factories.classification import campaign
from tests.factories.ground import account, legacy_ground, today, version

pytestmark = pytest.mark.django_db
ACTS = ["classification.check", "classification.decide", "classification.publish"]


@pytest.fixture
def hamlets():
    province, _district, commune = legacy_ground()
    own, other = (version("residential_area", commune, code=code) for code in ("KDC-1", "KDC-2"))
    campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    return commune, own, other


def allowed(user, version, act):
    a = Assessment.objects.select_related("campaign").get(unit=version.unit)
    return can(User.objects.get(pk=user.pk), act, a)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("kind", ["own", "interest"])
def test_a_declared_tie_refuses_deciding_on_that_unit_alone(hamlets, act, kind):
    commune, own, other = hamlets
    lead = account("commune_lead", commune)
    assert allowed(lead, own, act)

    tie_declare(user=lead, version=own, kind=kind)

    assert allowed(lead, own, act).sentence.startswith("Bạn đã khai có quan hệ với đơn vị này")
    assert allowed(lead, other, act)


@pytest.mark.parametrize("act", ACTS)
def test_who_enters_for_a_unit_does_not_decide_on_it(hamlets, act):
    commune, own, other = hamlets
    lead = account("commune_lead", commune)
    lead.assignments.create(role="unit_rep", unit=own.unit, valid=(today(), None))

    assert "chính bạn" in allowed(lead, own, act).sentence
    assert allowed(lead, other, act)


@pytest.mark.parametrize(("start", "end", "refused"), [(-5, -1, False), (1, 5, False), (-5, 5, True)])
def test_a_tie_counts_while_it_holds(hamlets, start, end, refused):
    commune, own, _other = hamlets
    lead = account("commune_lead", commune)
    days = {"start": today() + timedelta(days=start), "end": today() + timedelta(days=end)}
    tie_declare(user=lead, version=own, kind="interest", **days)

    assert bool(allowed(lead, own, "classification.decide")) != refused


def test_a_tie_that_is_ended_no_longer_refuses(hamlets):
    commune, own, _other = hamlets
    lead = account("commune_lead", commune)
    row = tie_declare(user=lead, version=own, kind="interest")
    with pytest.raises(Refused, match="Đã khai"):
        tie_declare(user=lead, version=own, kind="own")

    tie_end(row, actor=lead)

    assert allowed(lead, own, "classification.decide")


def test_a_tie_costs_no_query(hamlets, django_assert_num_queries):
    commune, own, _other = hamlets
    lead = account("commune_lead", commune)
    tie_declare(user=lead, version=own, kind="interest")
    a = Assessment.objects.select_related("campaign").get(unit=own.unit)
    lead = User.objects.get(pk=lead.pk)
    with django_assert_num_queries(1):
        assert not can(lead, "classification.decide", a)


@pytest.mark.parametrize("tied", [True, False])
def test_the_dossier_says_from_where_a_right_comes_or_why_there_is_none(client, hamlets, tied):
    commune, own, _other = hamlets
    lead = account("commune_lead", commune)
    if tied:
        tie_declare(user=lead, version=own, kind="interest")
    client.force_login(lead)

    page = client.get(f"/cham-diem/ho-so/{Assessment.objects.get(unit=own.unit).ulid}/").content.decode()

    assert ("Bạn đã khai có quan hệ với đơn vị này" in page) == tied
    assert f"Bạn làm việc này với vai trò Người kiểm tra cấp xã tại {commune.name}" in page


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("role", ["commune_lead", "clerk"])
def test_a_round_that_names_ones_own_unit_is_decided_by_somebody_else(named, role):
    _province, _district, commune = legacy_ground()
    own, other = (version("school", commune) for _ in range(2))
    opened = ring(commune)
    nominated(opened, proposal(own if named else other, form="giay_khen_xa"))
    lead = account(role, commune)
    assert can(User.objects.get(pk=lead.pk), "awards.decide", opened)

    tie_declare(user=lead, version=own, kind="own")

    right = can(User.objects.get(pk=lead.pk), "awards.decide", opened)
    assert (bool(right), own.name in right.sentence) == (not named, named)
