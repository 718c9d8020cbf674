"""The accounts of the demonstration: who signs in where, and what there is to do. Pure, no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from .enums import Role

BEFORE, NOW = date(2023, 12, 31), date(2026, 12, 31)
HAU_GIANG, CAN_THO = "Hậu Giang, đến 30/6/2025 (năm 2022, 2023)", "Cần Thơ, năm 2026 đang mở"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """``codes`` are the places of work, read on ``on``; several are several assignments of one role."""

    username: str
    role: Role
    codes: tuple[str, ...]
    name: str
    waits: str
    place: str = CAN_THO
    on: date = field(default=NOW)


def _before(username: str, role: Role, code: str, name: str, waits: str) -> DemoAccount:
    return DemoAccount(username, role, (code,), name, waits, HAU_GIANG, BEFORE)


SHOWN = (
    DemoAccount("canbo.cantho", Role.STAFF, ("92",), "Cán bộ minh họa, cơ quan thường trực thành phố",
                "hồ sơ chờ kiểm tra, thẩm định, ghi quyết định, công bố; đơn vị chậm; đợt khen thưởng"),
    DemoAccount("lanhdao.cantho", Role.LEADER, ("92",), "Lãnh đạo minh họa, thành phố",
                "số liệu trong năm, báo cáo để tải; trả lại hồ sơ, ghi ý kiến"),
    DemoAccount("phutrach.cum", Role.AREA_OFFICER, ("31441", "31333", "31340", "31471"), "Cán bộ minh họa, phụ trách cụm",
                "theo dõi bốn xã, phường, đơn vị chậm"),
    DemoAccount("hoidong.cantho", Role.COUNCIL, ("92",), "Ủy viên Hội đồng minh họa",
                "đọc hồ sơ đề nghị khen thưởng"),
    DemoAccount("vanthu.cantho", Role.CLERK, ("92",), "Văn thư minh họa",
                "ghi số, ngày quyết định khen thưởng"),
    DemoAccount("giamsat.cantho", Role.AUDITOR, ("92",), "Người giám sát minh họa, thành phố",
                "đọc mọi nội dung, không thay đổi"),
    DemoAccount("quantri.cantho", Role.ADMIN, ("92",), "Quản trị minh họa, thành phố",
                "tài khoản, đơn vị, bộ tiêu chí"),
    DemoAccount("quanly.nganh", Role.MANAGING_BODY, ("CT-CQ-QL",), "Cơ quan quản lý ngành minh họa",
                "đọc hồ sơ tám trường, ghi ý kiến"),
    DemoAccount("canbo.vithuy", Role.COMMUNE_OFFICER, ("31441",), "Cán bộ minh họa, Công an xã",
                "nhập điểm khu dân cư, hồ sơ bị trả lại"),
    DemoAccount("truong.vithuy", Role.COMMUNE_LEAD, ("31441",), "Người kiểm tra minh họa, xã",
                "hồ sơ chờ kiểm tra, thẩm định, ghi quyết định, công bố"),
    DemoAccount("lanhdao.vithuy", Role.LEADER, ("31441",), "Lãnh đạo minh họa, xã",
                "số liệu của xã; trả lại hồ sơ, ghi ý kiến"),
    DemoAccount("truonghoc", Role.UNIT_REP, ("HG-GD-001",), "Người nhập liệu minh họa, trường học",
                "hồ sơ bị trả lại kèm lý do"),
    DemoAccount("coquan", Role.UNIT_REP, (), "Người nhập liệu minh họa, cơ quan",
                "hồ sơ chấm dở, còn thiếu tiêu chí"),
    _before("canbo.tinh", Role.STAFF, "93", "Cán bộ minh họa, cơ quan thường trực tỉnh",
            "năm 2023 trọn vẹn; nhập hồi cứu năm 2022"),
    _before("lanhdao.tinh", Role.LEADER, "93", "Lãnh đạo minh họa", "báo cáo tổng kết năm 2023 để tải"),
    _before("canbo.huyen", Role.DISTRICT_OFFICER, "935", "Cán bộ minh họa, Công an huyện",
            "nhập hồi cứu và kiểm tra trường học năm 2022"),
    _before("truong.xa", Role.COMMUNE_LEAD, "31441", "Người kiểm tra minh họa", "năm 2023 trọn vẹn; nhập hồi cứu năm 2022"),
    _before("canbo.xa", Role.COMMUNE_OFFICER, "31441", "Cán bộ minh họa, Công an xã", "năm 2023 trọn vẹn; nhập hồi cứu năm 2022"),
    _before("giamsat", Role.AUDITOR, "93", "Người giám sát minh họa", "đọc mọi nội dung, không thay đổi"),
    _before("quantri", Role.ADMIN, "93", "Quản trị minh họa", "tài khoản, đơn vị, bộ tiêu chí"),
)  # fmt: skip
