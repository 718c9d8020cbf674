"""Ground of today for changes of the register, and what is compared before and after one."""

from types import SimpleNamespace

from tests.factories.ground import REFORM, version
from units.models import Lineage, Unit, UnitVersion

_VERSION = ["unit_id", "kind", "subkind", "code", "name", "parent_id", "province_id", "managing_level"]


def ground_of_today():
    """A province of today with two communes, a hamlet and an office."""
    province = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    one = version("commune", province, name="Xã Một", code="00001", since=REFORM, level="province")
    two = version("commune", province, name="Xã Hai", code="00002", since=REFORM, level="province")
    hamlet = version("residential_area", one, name="Ấp 1", code="", since=REFORM)
    office = version("agency", one, name="Trạm Y tế", code="CQ-1", since=REFORM, level="commune")
    return SimpleNamespace(province=province, one=one, two=two, hamlet=hamlet, office=office)


def everything():
    """Every unit, version and lineage row, so that two moments can be compared."""
    versions = UnitVersion.objects.order_by("unit_id", "valid__startswith")
    return (
        list(Unit.objects.order_by("pk").values()),
        list(versions.values(*_VERSION, "managing_body_id", "path", "valid")),
        list(Lineage.objects.order_by("pk").values()),
    )
