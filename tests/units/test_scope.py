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


# Names as lists of a province have them, in the spellings in which they come.
@pytest.mark.parametrize(
    ("kind", "rule", "names"),
    [
        ("school", "primary_school", [
            "Trường Tiểu học Lê Quý Đôn", "TRƯỜNG TIỂU HỌC KIM ĐỒNG", "Trường TH Vị Thắng 1", "Tiểu học Long Bình 2",
            "Trường Mầm non Sen Hồng", "Trường Mẫu giáo Vàng Anh", "Nhà trẻ Hoa Mai", "Nhóm trẻ Ánh Dương",
            "Lớp mẫu giáo độc lập tư thục Tuổi Thơ", "Cơ sở giáo dục mầm non độc lập Bé Ngoan",
            "Trường Mầm non Thực hành Sư phạm",
        ]),
        ("school", None, [
            "Trường THCS Phan Văn Trị", "Trường THPT Chuyên Vị Thanh", "Trường TH và THCS Tân Thành",
            "Trường Tiểu học - Trung học cơ sở Vị Thủy", "Trường Phổ thông Dân tộc Nội trú Him Lam",
            "Trường Cao đẳng Cộng đồng", "Trường Trung cấp Kỹ thuật công nghệ", "Trung tâm GDNN - GDTX Long Mỹ",
            "Trường Phổ thông liên cấp Tiểu học, THCS và THPT", "Trường Đại học Võ Trường Toản",
        ]),
        ("agency", "armed_forces", [
            "Công an tỉnh Hậu Giang", "Công an thị trấn Nàng Mau", "CÔNG AN XÃ VỊ THỦY", "Bộ Chỉ huy Quân sự tỉnh",
            "Ban CHQS xã Vị Đông", "Ban Chỉ huy Quân sự phường I", "Bộ Chỉ huy Bộ đội Biên phòng tỉnh",
            "Đồn Biên phòng Mỹ Thanh", "Bộ Tư lệnh Quân khu 9", "Trung đoàn 114", "Bệnh viện Quân y 121",
            "Trại giam Kênh 7", "Trại tạm giam Công an tỉnh",
        ]),
        ("agency", None, [
            "UBND xã Vị Thủy", "Ủy ban nhân dân phường Cái Khế", "Hội Cựu chiến binh tỉnh", "Công đoàn Viên chức tỉnh",
            "Bệnh viện Đa khoa tỉnh", "Sở Công Thương", "Tòa án nhân dân huyện Vị Thủy", "Viện Kiểm sát nhân dân tỉnh",
            "Chi cục Thuế khu vực", "Hội Cựu Công an nhân dân", "Ban Quản lý dự án",
        ]),
        ("enterprise", None, [
            "Công ty Cổ phần Thủy sản Cafatex", "CTCP Cấp nước", "Ngân hàng TMCP Công Thương", "Điện lực Vị Thủy",
            "Công ty TNHH Một thành viên Xổ số kiến thiết",
        ]),
    ],
)  # fmt: skip
def test_each_rule_is_told_from_names_as_lists_have_them(kind, rule, names):
    assert {name: out_of_scope(kind, name) for name in names} == dict.fromkeys(names, rule)


@pytest.mark.parametrize(
    "subkind", ["nhỏ", "Siêu nhỏ", "doanh nghiệp nhỏ", "Doanh nghiệp siêu nhỏ", "nhỏ, siêu nhỏ", "Nhỏ và siêu nhỏ"]
)
def test_size_is_told_from_the_sub_kind_of_enterprises_alone(subkind):
    assert out_of_scope("enterprise", "Công ty TNHH Minh Họa", subkind) == "small_enterprise"
    assert out_of_scope("agency", "Cơ quan minh họa", subkind) is None
