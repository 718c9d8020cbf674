"""What the movement's rules leave out: small enterprises, primary and pre-schools, armed forces.

Told from the sub-kind, else from how the name begins; what is not sure is in scope. Source: Decision
510/QĐ-BCA-V05 as applied by 732/QĐ-BCĐ (Yên Bái): agencies except armed forces units, enterprises except
small and micro ones, schools except primary schools, pre-schools and nurseries.
"""

import re

from movement.core.text import normalise_name

from .enums import Kind, OutOfScope

# A school with a higher stage too (TH và THCS, liên cấp), or one that trains teachers, is in scope.
_HIGHER_STAGE = re.compile(r"\b(trung học|liên cấp|trung cấp|cao đẳng|đại học|học viện|phổ thông cơ sở)\b")
_EARLY_SCHOOL = re.compile(
    r"^((trường|cơ sở|nhóm|lớp|điểm trường|phân hiệu)( \w+){0,6}? )?"
    r"(tiểu học|mầm non|mẫu giáo|nhà trẻ|nhóm trẻ|trẻ độc lập)\b"
)
_SMALL = re.compile(r"^(doanh nghiệp |công ty |hộ kinh doanh |quy mô )?(nhỏ|siêu nhỏ|nhỏ siêu nhỏ|nhỏ và siêu nhỏ)$")
_ARMED = re.compile(
    r"^(công an|quân đội|quân sự|biên phòng|lực lượng vũ trang|ban chỉ huy quân sự|ban chqs|bộ chỉ huy quân sự"
    r"|ban chỉ huy phòng thủ|bộ chỉ huy bộ đội|bộ đội|đồn biên phòng|đồn công an|trạm biên phòng|bộ tư lệnh"
    r"|quân khu|quân đoàn|sư đoàn|lữ đoàn|trung đoàn|tiểu đoàn|đại đội|hải đội|hải đoàn|cảnh sát biển"
    r"|bệnh viện quân y|trại giam|trại tạm giam)\b"
)


def out_of_scope(kind: str, name: str, subkind: str = "") -> OutOfScope | None:
    """The rule that leaves a unit out, or ``None``. It is then taken in only with a written reason."""
    name, subkind = normalise_name(name), normalise_name(subkind)
    if kind == Kind.SCHOOL:
        if _HIGHER_STAGE.search(name) or _HIGHER_STAGE.search(subkind):
            return None
        return OutOfScope.PRIMARY_SCHOOL if _EARLY_SCHOOL.match(subkind) or _EARLY_SCHOOL.match(name) else None
    if kind == Kind.ENTERPRISE:
        return OutOfScope.SMALL_ENTERPRISE if _SMALL.match(subkind) else None
    if kind == Kind.AGENCY:
        return OutOfScope.ARMED_FORCES if _ARMED.match(subkind) or _ARMED.match(name) else None
    return None
