"""A small year that is published, straight into the tables: what summaries read."""

from datetime import date
from decimal import Decimal
from itertools import count

from movement.classification.models import Assessment, PublishedResult
from movement.classification.services.campaigns import campaign_open
from movement.classification.services.schemes import scheme_import
from movement.core.models import Decision
from movement.exemplars.enums import Life
from movement.exemplars.models import Exemplar
from tests.factories.awards import given, line, person
from tests.factories.classification import scheme_data, standard_data
from tests.factories.exemplars import point, practice_model
from tests.factories.ground import REFORM, version

_numbers = count(1)
KINDS = ("district", "commune", "residential_area", "agency", "enterprise", "school")
POINTS = {"xuat_sac": "95.5", "kha": "80", "trung_binh": "60.25", "yeu": "31", "": None}
SIGNER = "Trần Thị Người Ký"


def province_of_two_districts(*, until=REFORM, code="93"):
    """``(province, {"A": district, "B": district}, {"A1": commune, "A2": …, "B1": …})``."""
    province = version("province", name="Tỉnh Hậu Giang", code=code, until=until)
    districts = {
        name: version("district", province, name=f"Huyện {name}", code=f"93{at}", until=REFORM)
        for at, name in enumerate("AB")
    }
    communes = {
        name: version("commune", districts[name[0]], name=f"Xã {name}", code=f"3100{at}", until=REFORM)
        for at, name in enumerate(("A1", "A2", "B1"))
    }
    return province, districts, communes


def unit(kind, under, *, level="commune", **more):
    return version(kind, under, level=level, **more)


def opened(province, year=2023, *, kinds=KINDS, code="HD-1", **changes):
    """A campaign over the small scheme; the units in the tree are registered."""
    scheme_import(scheme_data(code=code, unit_kinds=list(kinds), **changes), actor="kiểm tra")
    return campaign_open(scheme_code=code, year=year, province=province.unit, actor="kiểm tra")[0]


def standard_opened(province, year=2023, *, kinds=KINDS, code="CHUAN"):
    data = standard_data(code, kinds) | {"title": "Tiêu chuẩn “An toàn về an ninh, trật tự” đối với đơn vị"}
    scheme_import(data, actor="kiểm tra")
    return campaign_open(scheme_code=code, year=year, province=province.unit, actor="kiểm tra")[0]


def decision(province, year=2023):
    number = next(_numbers)
    return Decision.objects.create(
        number=f"{number}/QĐ-BCĐ", decided_on=date(year, 12, 8), signer=SIGNER, authority_name="Ban Chỉ đạo",
        authority_unit_id=province.unit_id, authority_key=f"u{province.unit_id}-{number}", subject="kiểm tra",
        created_by_name="kiểm tra",
    )  # fmt: skip


def results(campaign, province, classes, *, state="published"):
    """Give the units of ``classes`` (``{version: class code}``) their result."""
    made = decision(province, campaign.year)
    for at, (one, cls) in enumerate(classes.items()):
        points = POINTS.get(cls)
        Assessment.objects.filter(campaign=campaign, unit=one.unit).update(
            class_code=cls, complete=True, decision=made if state == "published" else None, state=state,
            points=None if points is None else Decimal(points) + at % 2 * Decimal("0.25"),
        )  # fmt: skip


def spread(versions, pattern=("xuat_sac", "kha", "kha", "trung_binh", "yeu")):
    """A class for each of ``versions``, in turn."""
    return {one: pattern[at % len(pattern)] for at, one in enumerate(versions)}


def everything(campaign):
    """The versions of all units of ``campaign``."""
    from units.models import UnitVersion

    return list(
        UnitVersion.objects.filter(unit__assessments__campaign=campaign, valid__contains=campaign.tree_on)
        .select_related("unit")
        .order_by("pk")
    )


def small_year(*, areas=3, before=True, code="93", illustrative=False):
    """Two districts, three communes, ``areas`` residential areas and three workplaces in each; 2023 and 2022.

    Returns ``(province, campaign of 2023)``; all is published.
    """
    province, _districts, communes = province_of_two_districts(code=code)
    for commune in communes.values():
        for number in range(1, areas + 1):
            unit("residential_area", commune, name=f"Ấp {number}")
        for kind, level in (("agency", "province"), ("enterprise", "district"), ("school", "commune")):
            unit(kind, commune, level=level)
    changes = {"illustrative": True, "regulation": None} if illustrative else {}
    year = opened(province, **changes)
    results(year, province, spread(everything(year)))
    if before:
        past = opened(province, 2022, **changes)
        results(past, province, spread(everything(past), ("kha", "kha", "xuat_sac", "trung_binh")))
    return province, year


CRIME, SCHOOL = "Phòng, chống tội phạm", "An ninh, trật tự trường học"


def worked(province, campaign):
    """Three models that count on 31/12/2023, with six points; and what does not count: ended, later, without a point.

    Returns the models by name.
    """
    places = {one.name: one for one in everything(campaign)}
    ended = date(2023, 12, 31)  # half-open: the last day is 30/12
    camera = practice_model(province, name="Camera an ninh", field=CRIME, decision="05/QĐ-UBND")
    for name, teams, members in (("Xã A1", 2, 11), ("Xã A2", 1, 7), ("Xã B1", 3, 25)):
        point(camera, places[name], teams=teams, members=members, name=f"Điểm {name}")
    bell = practice_model(province, name="Tiếng kẻng an ninh", field=CRIME, state=Life.WEAK)
    point(bell, places["Xã A1"], teams=0, members=4)
    point(bell, places["Xã B1"], until=ended, name="Điểm đã thôi")
    gate = practice_model(province, name="Cổng trường an toàn", field=SCHOOL, state=Life.LAUNCHED)
    for name in ("Xã A1", "Xã B1"):
        point(gate, places[name], teams=1, members=5)
    point(gate, places["Xã A2"], since=date(2024, 1, 1), name="Điểm năm sau")
    alone = practice_model(province, name="Chưa có điểm", field=SCHOOL)
    return {one.name: one for one in (camera, bell, gate, alone)}


def chosen(campaign, province, versions, *, number="03/QĐ-BCĐ", on=date(2024, 2, 20)):
    """``versions`` as exemplars of the year after the campaign's, by one decision."""
    made = Decision.objects.create(
        number=number, decided_on=on, signer=SIGNER, authority_name="Ban Chỉ đạo", authority_unit_id=province.unit_id,
        authority_key=f"u{province.unit_id}-{next(_numbers)}", subject="kiểm tra", created_by_name="kiểm tra",
    )  # fmt: skip
    for position, one in enumerate(versions):
        assessment = Assessment.objects.get(campaign=campaign, unit=one.unit)
        result = PublishedResult.objects.create(
            assessment=assessment, decision=assessment.decision, campaign=campaign, unit=one.unit, year=campaign.year,
            scheme_code="HD-1", purpose="classification", class_code=assessment.class_code, payload={}, digest="0",
        )  # fmt: skip
        Exemplar.objects.create(
            unit=one.unit, year=campaign.year + 1, province=province.unit, decision=made, result=result,
            unit_code=one.code, unit_name=one.name, unit_kind=one.kind, place_name=one.parent.versions.get().name,
            class_code=assessment.class_code, class_name="Khá", payload={}, digest="0", position=position,
        )  # fmt: skip


PEOPLE = ("Lê Thị Minh Họa Một", "Phạm Văn Minh Họa Hai", "Hộ ông Đỗ Minh Họa Ba")
OTHER_YEARS = "Ngô Minh Họa Năm Khác"


def commended(campaign):
    """Entries that belong to 2023: two flags, two certificates of the province over two years for a collective, a
    household and two persons; and some that do not: of 2022, and one over 2023 and 2024. In the order given."""
    names = ("Xã A1", "Xã A2", "Xã B1")
    places = {one.name: one.code for one in everything(campaign) if one.name in names}
    two = {"achieved_from": "2022-01-01", "achieved_to": "2023-12-31"}
    flag = {"form": "co_tinh", "decision": "11/QĐ-UBND"}
    first, second, household = PEOPLE
    return given(
        line(places["Xã A1"], **flag),
        line(places["Xã A2"], **flag),
        line(places["Xã B1"], **two),
        person(places["Xã A1"], person_name=first, **two),
        person(places["Xã A2"], person_name=second, **two),
        person(places["Xã A2"], person_name=household, recipient_kind="household", position="", **two),
        line(places["Xã A1"], decision="9/QĐ-UBND", decided_on="2023-01-10", achieved_from="2022-01-01",
             achieved_to="2022-12-31"),
        person(places["Xã A1"], decision="99/QĐ-UBND", decided_on="2025-01-10", person_name=OTHER_YEARS,
               achieved_from="2023-01-01", achieved_to="2024-12-31"),
    )  # fmt: skip


def whole_year(**changes):
    """``small_year`` with models, exemplars of 2024 and commendations; ``(province, campaign, entries)``."""
    province, campaign = small_year(**changes)
    worked(province, campaign)
    units = {one.name: one for one in everything(campaign)}
    chosen(campaign, province, [units["Xã A1"], units["Xã B1"]])
    return province, campaign, commended(campaign)
