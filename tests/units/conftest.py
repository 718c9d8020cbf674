"""Ground on both sides of 1/7/2025: two old communes, one merged whole and one in part, and where they went."""

from types import SimpleNamespace

import pytest

from tests.factories.ground import REFORM, version
from tests.factories.units import lineage


@pytest.fixture
def legacy():
    """What stood until 30/6/2025; the other side is not loaded."""
    province = version("province", name="Tỉnh Hậu Giang", code="93", until=REFORM)
    district = version("district", province, name="Huyện Vị Thủy", code="935")
    return SimpleNamespace(
        province=province,
        district=district,
        commune=version("commune", district, name="Xã Vị Đông", code="31474"),
        town=version("commune", district, name="Thị trấn Nàng Mau", code="31441"),
    )


@pytest.fixture
def both(legacy):
    """The legacy ground with its successors and the lineage between them."""
    province = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    ward = version("commune", province, name="Xã Vị Thủy", code="31441", since=REFORM, level="province")
    second = version("commune", province, name="Xã Vị Thanh 1", code="31480", since=REFORM, level="province")
    lineage(legacy.province, province)
    lineage(legacy.commune, ward)
    lineage(legacy.town, ward, kind="split", share="part", main=False)
    lineage(legacy.town, second, kind="split", share="part", main=True)
    return SimpleNamespace(**vars(legacy), new_province=province, ward=ward, second=second)


@pytest.fixture
def city():
    """A province of today with two communes: hamlets, an office of the commune, a school of the province; and another
    province with what might leak."""
    province = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    commune = version("commune", province, name="Xã Vị Thủy", code="31441", since=REFORM, level="province")
    second = version("commune", province, name="Phường Ngã Bảy", code="31340", since=REFORM, level="province")
    other = version("province", name="Tỉnh Khác", code="01", since=REFORM)
    far = version("commune", other, name="Xã Ở Tỉnh Khác", code="00001", since=REFORM, level="province")
    return SimpleNamespace(
        province=province,
        commune=commune,
        second=second,
        other=other,
        far=far,
        hamlet=version("residential_area", commune, name="Ấp 1", code="A1", since=REFORM),
        hamlet2=version("residential_area", commune, name="Ấp 2", code="A2", since=REFORM),
        office=version("agency", commune, name="Cơ quan Dương Xá", code="CQ1", since=REFORM, level="commune"),
        school=version("school", commune, name="Trường THPT Đường Sáng", code="GD1", since=REFORM, level="province"),
        far_hamlet=version("residential_area", far, name="Ấp 1", code="B1", since=REFORM),
    )
