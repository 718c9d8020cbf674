"""What the movement's rules leave out, told from sub-kind and name; in doubt it is in."""

import pytest

from units.scope import out_of_scope


@pytest.mark.parametrize(
    ("kind", "name", "subkind", "rule"),
    [
        ("school", "Trường Tiểu học Vị Đông 1", "", "primary_school"),
        ("school", "Trường TH Kim Đồng", "", "primary_school"),
        ("school", "Trường Kim Đồng", "Tiểu học", "primary_school"),
        ("school", "Trường Mầm non Hoa Sen", "", "primary_school"),
        ("school", "Trường Mẫu giáo Vị Thanh", "", "primary_school"),
        ("school", "Nhóm trẻ độc lập Sao Mai", "", "primary_school"),
        ("school", "Trường Phổ thông dân tộc bán trú Tiểu học Tả Phời", "", "primary_school"),
        ("school", "Trường TH&THCS Vị Bình", "", None),
        ("school", "Trường Tiểu học, Trung học cơ sở và THPT Quốc tế", "", None),
        ("school", "Trường Cao đẳng Sư phạm Mầm non", "", None),
        ("school", "Trường THPT Vị Thanh", "THPT", None),
        ("school", "Trung tâm học tập cộng đồng", "", None),
        ("enterprise", "Công ty TNHH Một Thành Viên", "siêu nhỏ", "small_enterprise"),
        ("enterprise", "Công ty TNHH Một Thành Viên", "Doanh nghiệp nhỏ", "small_enterprise"),
        ("enterprise", "Công ty TNHH Một Thành Viên", "Doanh nghiệp nhỏ và vừa", None),
        ("enterprise", "Công ty Thế giới nhỏ", "", None),
        ("enterprise", "Công ty TNHH Mầm non xanh", "", None),
        ("agency", "Công an xã Vị Đông", "", "armed_forces"),
        ("agency", "Ban Chỉ huy Quân sự huyện Vị Thủy", "", "armed_forces"),
        ("agency", "Đồn Biên phòng Tây Yên", "", "armed_forces"),
        ("agency", "Công đoàn ngành Giáo dục", "", None),
        ("agency", "Hội Cựu Công an nhân dân", "", None),
        ("residential_area", "Khu tập thể Công an", "", None),
    ],
)
def test_scope(kind, name, subkind, rule):
    assert out_of_scope(kind, name, subkind) == rule
