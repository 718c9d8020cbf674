"""The real divisions in both systems: a province built of three old ones works from its first page."""

from datetime import date

import pytest

from movement.classification.models import Assessment
from tests.factories.ground import account, version
from tests.factories.reform import goes_on
from tests.factories.reports import everything, opened, results, spread
from units.models import UnitVersion
from units.selectors import integrity_problems, unit_by_code
from units.services.divisions import divisions_load

pytestmark = pytest.mark.django_db
THEN, NOW = date(2023, 12, 31), date(2026, 6, 1)
PAGES = (
    "/", "/don-vi/", "/don-vi/?on=31/12/2023", "/don-vi/cay/", "/don-vi/tim/?q=vi", "/don-vi/trung/", "/ket-qua/", "/mo-hinh/",
    "/mo-hinh/?on=31/12/2023&tree=now", "/dien-hinh/?tree=now", "/khen-thuong/?tree=now", "/cham-diem/tien-do/", "/bao-cao/",
)  # fmt: skip


@pytest.fixture
def country():
    """Cần Thơ and Vĩnh Long of today with the six provinces that they were made of."""
    divisions_load(provinces=["92", "86"], system="both", actor="kiểm tra")


def at(code, on, kind):
    return UnitVersion.objects.get(unit=unit_by_code(code, on)[0], valid__contains=on, kind=kind)


def rows(client, query, **params):
    return client.get("/don-vi/tim/", {"q": query, **params}, headers={"Accept": "application/json"}).json()["rows"]


def test_can_tho_s_office_works_with_its_three_old_provinces_from_the_first_page(client, country):
    old, now = at("93", THEN, "province"), at("92", NOW, "province")
    wards = {name: at(code, NOW, "commune") for name, code in (("Vị Thủy", "31441"), ("Vĩnh Thuận Đông", "31453"))}
    for commune, ward in (("31441", "Vị Thủy"), ("31447", "Vĩnh Thuận Đông")):
        office = version("agency", at(commune, THEN, "commune"), name=f"Cơ quan {commune}", level="commune")
        goes_on(office, wards[ward])
    campaign = opened(old, 2023, kinds=["district", "commune", "agency"])
    results(campaign, old, spread(everything(campaign)))
    other = opened(at("94", THEN, "province"), 2023, kinds=["district", "commune", "agency"])
    client.force_login(account("staff", now))

    for page in PAGES:
        assert client.get(page, follow=True).status_code == 200, page
    tabs = client.get("/ket-qua/2023/").context["tabs"]
    assert [heading for heading, _lines in tabs] == [
        "Tỉnh Hậu Giang · Phân loại phong trào", "Tỉnh Sóc Trăng · Phân loại phong trào"]  # fmt: skip
    for one in (campaign, other):
        url = f"/ket-qua/2023/?campaign={one.ulid}"
        then, today = client.get(url).context, client.get(f"{url}&tree=now").context
        everywhere = one.assessments.count()
        assert then["page"].total == today["page"].total == everywhere == sum(today["regrouped"].counts.values())
        districts = one.assessments.filter(unit_kind="district").count()
        assert today["regrouped"].nowhere == districts  # every commune of then has its place
    own = set(
        Assessment.objects.filter(campaign=campaign, commune_name="Thị trấn Nàng Mau").values_list(
            "unit_name", flat=True
        )
    )
    found = client.get(f"/ket-qua/2023/?campaign={campaign.ulid}&tree=now&place={wards['Vị Thủy'].unit.ulid}").context[
        "page"
    ]
    assert own == {"Thị trấn Nàng Mau", "Cơ quan 31441"} and own < {row.unit_name for row in found.rows}
    assert "Xã Vị Thủy" not in {row.unit_name for row in found.rows}  # of then: it went into another commune
    assert integrity_problems() == []


def test_a_name_that_recurs_is_never_taken_for_another(client, country):
    client.force_login(account("staff", at("92", NOW, "province")))

    today, then = (
        {(row["code"], row["span"], row["was"]) for row in rows(client, "xã vị thủy", kind="commune", **params)}
        for params in ({}, {"on": "31/12/2023"})
    )

    assert ("31441", "từ 01/07/2025", "") in today
    assert ("31453", "từ 01/07/2025", "có Xã Vị Thủy trước đây, đến hết 30/06/2025") in today
    assert {code for code, _span, was in then if not was} == {"31447"}
    place = next(
        row["place"] for row in rows(client, "xã vị thủy", kind="commune", on="31/12/2023") if row["code"] == "31447"
    )
    assert place == "Huyện Vị Thủy, Tỉnh Hậu Giang"


def test_names_of_another_province_are_not_offered(client, country):
    home, other = at("92", NOW, "province"), at("86", NOW, "province")
    client.force_login(account("staff", home))
    communes = UnitVersion.objects.filter(kind="commune", valid__contains=NOW)
    both = set(communes.filter(province=home.unit).values_list("name", flat=True)) & set(
        communes.filter(province=other.unit).values_list("name", flat=True)
    )

    assert both
    for name in sorted(both)[:5]:
        assert {row["place"] for row in rows(client, name, kind="commune")} == {"Thành phố Cần Thơ"}
