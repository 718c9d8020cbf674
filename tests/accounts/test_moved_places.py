"""An officer of a place that was made out of others reads what those others had, on the pages themselves."""

from datetime import date
from decimal import Decimal as D

import pytest

from movement.classification.enums import State
from movement.classification.models import Assessment
from movement.classification.services.publishing import results_publish
from movement.classification.services.steps import assessments_advance
from tests.factories.classification import campaign, score
from tests.factories.ground import REFORM, account, legacy_ground, version
from units.models import Lineage

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    """A hamlet's published result of 2023, in a commune that went into a ward in 2025; and a ward beside it."""
    province, district, commune = legacy_ground()
    version("residential_area", commune, code="KDC-1", name="Ấp Một")
    elsewhere = version("commune", district, until=REFORM)
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    score(opened, {"KDC-1": {"1.1": D(30), "1.2": D(30), "2": D(30)}}, actor=account("commune_officer", commune))
    lead = account("commune_lead", commune)
    for to in (State.SUBMITTED, State.DECIDED):
        assessments_advance(
            campaign=opened, ids=[a.pk for a in opened.assessments.all()], to=to,
            actor=lead if to == State.DECIDED else account("commune_officer", commune),
        )  # fmt: skip
    results_publish(
        campaign=opened, authority=commune.unit, actor=lead, number="01/QĐ-BCĐ", decided_on=date(2023, 12, 8),
        signer="Nguyễn Văn Minh Họa", authority_name="Ban Chỉ đạo", acknowledge="đã xem", ids=None,
    )  # fmt: skip
    new = version("province", since=REFORM, code="92")
    ward, beside = (version("commune", new, level="province", since=REFORM) for _ in range(2))
    links = ((province, new), (commune, ward), (elsewhere, beside))
    for old, heir in links:
        Lineage.objects.create(
            predecessor=old.unit, successor=heir.unit, kind="merge", on=REFORM, share="whole", is_main=True
        )
    return {"new province": new, "ward": ward, "beside": beside}, Assessment.objects.get()


@pytest.mark.parametrize("role", ["commune_officer", "commune_lead", "leader", "auditor"])
@pytest.mark.parametrize(("root", "status"), [("ward", 200), ("beside", 404)])
def test_an_officer_of_a_ward_of_2025_reads_the_results_of_2023_of_its_predecessors(
    client, published, role, root, status
):
    places, assessment = published
    client.force_login(account(role, places[root]))

    dossier = client.get(f"/cham-diem/ho-so/{assessment.ulid}/")
    year = client.get("/ket-qua/2023/")

    assert dossier.status_code == status
    assert ("Ấp Một" in year.content.decode()) == (status == 200)
