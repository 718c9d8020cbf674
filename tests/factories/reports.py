"""A small year that is published, straight into the tables: what summaries read."""

from datetime import date
from decimal import Decimal
from itertools import count

from movement.classification.models import Assessment
from movement.classification.services.campaigns import campaign_open
from movement.classification.services.schemes import scheme_import
from movement.core.models import Decision
from tests.factories.classification import scheme_data, standard_data
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
