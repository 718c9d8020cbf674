"""The forms as every installation starts with them; a province adds its own rows beside these.

Names and recipients are those of the register's contract (design §7). A multiple of the base salary stands
only where the text of the regulation was read: Articles 50 and 54 of Decree 152/2025/NĐ-CP and Article 75
of the Law 06/2022/QH15, in force from 1/7/2025. Whatever was not read (collectives' multiples, rounding, the
date of the base salary, classes required) is null and a setting.
"""

from datetime import date
from decimal import Decimal

from django.db import migrations

SINCE = date(2000, 1, 1)
DECREE_152 = date(2025, 7, 1)
ALL = ["collective", "household", "individual"]
COLLECTIVES = ["collective"]

# code, name, title, recipients, authority, decided by, passed on
FORMS = [
    ("co_chinh_phu", "Cờ thi đua của Chính phủ", "Cờ thi đua của Chính phủ", COLLECTIVES, "government",
     "Thủ tướng Chính phủ", True),
    ("co_bo", "Cờ thi đua của Bộ Công an", "Cờ thi đua của Bộ Công an", COLLECTIVES, "ministry",
     "Bộ trưởng Bộ Công an", True),
    ("co_tinh", "Cờ thi đua của Ủy ban nhân dân cấp tỉnh", "Cờ thi đua", COLLECTIVES, "province",
     "Chủ tịch Ủy ban nhân dân cấp tỉnh", False),
    ("bang_khen_bo", "Bằng khen của Bộ trưởng Bộ Công an", "Bằng khen", ALL, "ministry",
     "Bộ trưởng Bộ Công an", True),
    ("bang_khen_tinh", "Bằng khen của Chủ tịch Ủy ban nhân dân cấp tỉnh", "Bằng khen", ALL, "province",
     "Chủ tịch Ủy ban nhân dân cấp tỉnh", False),
    ("giay_khen_cong_an_tinh", "Giấy khen của Giám đốc Công an cấp tỉnh", "Giấy khen", ALL, "police",
     "Giám đốc Công an cấp tỉnh", False),
    ("giay_khen_huyen", "Giấy khen của Chủ tịch Ủy ban nhân dân cấp huyện", "Giấy khen", ALL, "district",
     "Chủ tịch Ủy ban nhân dân cấp huyện", False),
    ("giay_khen_xa", "Giấy khen của Chủ tịch Ủy ban nhân dân cấp xã", "Giấy khen", ALL, "commune",
     "Chủ tịch Ủy ban nhân dân cấp xã", False),
    ("giay_khen_khac", "Giấy khen của thủ trưởng cơ quan, đơn vị", "Giấy khen", ALL, "other",
     "Thủ trưởng cơ quan, đơn vị", False),
    ("ky_niem_chuong", "Kỷ niệm chương “Bảo vệ an ninh Tổ quốc”", "Kỷ niệm chương", ["individual"], "ministry",
     "Bộ trưởng Bộ Công an", True),
    ("thu_khen", "Thư khen", "Thư khen", ALL, "other", "Người đứng đầu cơ quan, đơn vị", False),
]  # fmt: skip
# Only what the text says of 1/7/2025 on: code → (collective, individual, source)
MONEY = {
    "co_chinh_phu": ("12.0", None, "Điều 50 Nghị định 152/2025/NĐ-CP"),
    "co_bo": ("8.0", None, "Điều 50 Nghị định 152/2025/NĐ-CP"),
    "co_tinh": ("8.0", None, "Điều 50 Nghị định 152/2025/NĐ-CP"),
    "bang_khen_bo": (None, "1.5", "Điểm b khoản 1 Điều 54 Nghị định 152/2025/NĐ-CP"),
    "bang_khen_tinh": (None, "1.5", "Điểm b khoản 1 Điều 54 Nghị định 152/2025/NĐ-CP"),
    "giay_khen_xa": (None, "0.3", "Điều 75 Luật 06/2022/QH15; Nghị định 152/2025/NĐ-CP"),
    "giay_khen_khac": (None, "0.3", "Điều 75 Luật 06/2022/QH15; Nghị định 152/2025/NĐ-CP"),
}
UNTIL_REFORM = {"giay_khen_huyen"}  # there is no district any more


def forwards(apps, schema_editor):
    AwardForm = apps.get_model("awards", "AwardForm")
    rows = []
    for rank, (code, name, title, kinds, authority, decided_by, passed_on) in enumerate(FORMS, 1):
        same = {
            "code": code, "name": name, "title": title, "recipient_kinds": kinds, "authority": authority,
            "decided_by": decided_by, "passed_on": passed_on, "rank": rank,
        }  # fmt: skip
        changes = code in MONEY or code in UNTIL_REFORM
        rows.append(AwardForm(**same, valid=(SINCE, DECREE_152 if changes else None)))
        if code in MONEY:
            collective, individual, source = MONEY[code]
            rows.append(
                AwardForm(
                    **same,
                    money_collective=collective and Decimal(collective),
                    money_individual=individual and Decimal(individual),
                    source=source,
                    valid=(DECREE_152, None),
                )
            )
    AwardForm.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("awards", "0002_append_only")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
