"""Points, counts and shares: read without guessing, written as in Vietnam."""

import math
import re
from decimal import ROUND_HALF_UP, Decimal

_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,15})?")
_TWO_READINGS = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
_CENT = Decimal("0.01")


def parse_points(value: object) -> Decimal:
    """A number with decimal comma or point, never through a float's binary value.

    A number from Excel passes through its shortest text. A text such as "1.234", which may be one
    and a bit or one thousand, is refused; so are thousands separators, exponents and other digits than 0–9.

    Raises:
        ValueError: with the sentence to show.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise ValueError("Đây không phải là số.")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("Đây không phải là số.")
        value = int(value) if value.is_integer() else value
    elif isinstance(value, str):
        value = value.strip()
        if _TWO_READINGS.fullmatch(value):
            raise ValueError(
                "Số này có thể đọc theo hai cách (phần thập phân hoặc hàng nghìn); hãy viết bớt hoặc thêm chữ số."
            )
    text = str(value)
    if not _DECIMAL.fullmatch(text):
        raise ValueError("Đây không phải là số; phần thập phân viết sau dấu phẩy, không viết dấu ngăn hàng nghìn.")
    return Decimal(text.replace(",", "."))


def parse_count(value: object) -> int:
    """A whole number from 0 on.

    Raises:
        ValueError: with the sentence to show.
    """
    number = parse_points(value)
    if number < 0 or number != number.to_integral_value():
        raise ValueError("Đây phải là số nguyên từ 0 trở lên.")
    return int(number)


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """``part`` in hundredths of ``whole``, two decimals, half up; ``None`` of nothing."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_CENT, ROUND_HALF_UP) if whole else None


def points_text(value: Decimal | int | None) -> str:
    """``89,5``: decimal comma, no zeros at the end; empty for ``None``."""
    if value is None:
        return ""
    text = f"{Decimal(value):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def count_text(value: int | None) -> str:
    """``1.234``; empty for ``None``."""
    return "" if value is None else f"{int(value):,}".replace(",", ".")


def share_text(value: Decimal | int | None) -> str:
    """``12,50%`` for 12.5 hundredths; empty for ``None``."""
    return "" if value is None else f"{Decimal(value).quantize(_CENT, ROUND_HALF_UP)}".replace(".", ",") + "%"
