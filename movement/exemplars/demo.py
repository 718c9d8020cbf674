"""The practice models of the demonstration province on 31/12/2023, and the exemplars of 2024. Pure, no database.

Every name is plainly invented. Real communes only carry counts of models that work; a model that is weak
or has ended has its points on invented units alone (design §1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from movement.classification.demo import EXEMPLARS_2024, PROVINCE, DemoUnit, Plan
from movement.classification.demo.dice import roll

from .enums import Life

SIGNER = "Nguyễn Văn Minh Họa"
CRIME, SCHOOL, WORK, TRAFFIC, RELIGION, COMMUNITY = (
    "Phòng, chống tội phạm, tệ nạn xã hội",
    "An ninh, trật tự trường học",
    "An ninh, trật tự cơ quan, doanh nghiệp",
    "An toàn giao thông, phòng cháy, chữa cháy",
    "An ninh vùng dân tộc, tôn giáo",
    "Tự quản ở cộng đồng dân cư",
)
# Name without “minh họa”, field, kind of unit that the points are on, share of those units in hundredths, first year.
_MODELS = (
    ("Camera an ninh", CRIME, "commune", 92, 2018),
    ("Tổ tự quản về an ninh, trật tự", COMMUNITY, "commune", 80, 2016),
    ("Tiếng kẻng an ninh", CRIME, "commune", 40, 2017),
    ("Cổng rào an ninh", CRIME, "commune", 32, 2017),
    ("Nhóm liên lạc an ninh", CRIME, "commune", 48, 2020),
    ("Tiếp dân lưu động", COMMUNITY, "commune", 20, 2019),
    ("Ánh sáng an ninh", CRIME, "commune", 44, 2019),
    ("Tổ liên gia an toàn phòng cháy", TRAFFIC, "residential_area", 8, 2022),
    ("Điểm chữa cháy công cộng", TRAFFIC, "residential_area", 8, 2022),
    ("Khu dân cư không tội phạm", CRIME, "residential_area", 6, 2020),
    ("Khu dân cư không ma túy", CRIME, "residential_area", 5, 2020),
    ("Gia đình văn hóa gắn với an ninh", COMMUNITY, "residential_area", 4, 2020),
    ("Tổ hòa giải tự quản", COMMUNITY, "residential_area", 6, 2020),
    ("Tuyến đường tự quản", TRAFFIC, "residential_area", 5, 2021),
    ("Bến đò an toàn", TRAFFIC, "residential_area", 3, 2021),
    ("Câu lạc bộ phòng, chống tội phạm", CRIME, "residential_area", 3, 2020),
    ("Tổ phụ nữ tự quản", COMMUNITY, "residential_area", 3, 2021),
    ("Cựu chiến binh tự quản", COMMUNITY, "residential_area", 3, 2020),
    ("Thanh niên xung kích an ninh", CRIME, "residential_area", 2, 2021),
    ("Nông dân với an ninh ruộng vườn", CRIME, "residential_area", 2, 2022),
    ("Họ đạo bình yên", RELIGION, "residential_area", 1, 2021),
    ("Chùa tinh tiến", RELIGION, "residential_area", 1, 2021),
    ("Phum sóc bình yên", RELIGION, "residential_area", 1, 2022),
    ("Cổng trường an toàn", SCHOOL, "school", 30, 2020),
    ("Trường học không ma túy", SCHOOL, "school", 22, 2021),
    ("Trường học an toàn giao thông", SCHOOL, "school", 18, 2021),
    ("Học sinh nói không với bạo lực", SCHOOL, "school", 12, 2022),
    ("Cơ quan an toàn về an ninh, trật tự", WORK, "agency", 7, 2020),
    ("Công sở không thuốc nổ, vũ khí", WORK, "agency", 3, 2021),
    ("Tổ bảo vệ nội bộ tự quản", WORK, "agency", 4, 2021),
    ("Doanh nghiệp tự phòng, tự quản", WORK, "enterprise", 9, 2020),
    ("Nhà trọ công nhân an toàn", WORK, "enterprise", 6, 2021),
)
_LAUNCHED = (
    ("Cụm liên kết an ninh giáp ranh", CRIME, "commune", 9, 2023),
    ("Nhóm hộ an toàn số", CRIME, "residential_area", 2, 2023),
    ("Bãi giữ xe an toàn", TRAFFIC, "enterprise", 3, 2023),
)
_WEAK = (
    ("Hộp thư góp ý", COMMUNITY, "agency", 3, 2020),
    ("Đội tuần tra ban đêm", CRIME, "residential_area", 2, 2020),
    ("Xưởng sản xuất an toàn", WORK, "enterprise", 2, 2021),
)
_ENDED = (("Quầy hàng tự giác", COMMUNITY, "agency", 2, 2020),)
_DECIDED = (("Chợ an toàn", CRIME, "commune", 0, 2023),)
_INVENTED = ("agency", "enterprise", "school", "residential_area")


@dataclass(frozen=True, slots=True)
class DemoModel:
    """A model to be registered before its points come: ``states`` are ``(state, first day)``, in order."""

    code: str
    name: str
    field: str
    decision: str
    states: tuple[tuple[Life, date], ...]


@dataclass(frozen=True, slots=True)
class DemoReview:
    model_code: str
    year: int
    rating: str


@dataclass(frozen=True, slots=True)
class DemoChoice:
    """The decision that chooses the exemplars."""

    year: int
    units: tuple[str, ...]
    number: str
    decided_on: date
    signer: str
    notes: tuple[tuple[str, date, str], ...]  # kind, day, text; for each unit


@dataclass(frozen=True, slots=True)
class DemoModels:
    """``rows`` are lines of an ``import_models`` file; what a file cannot say stands beside them."""

    registered: tuple[DemoModel, ...]
    rows: tuple[dict, ...]
    moves: tuple[tuple[str, Life, date, str], ...]  # model code, state, its first day, reason
    reviews: tuple[DemoReview, ...]


CHOICE = DemoChoice(
    year=2024,
    units=EXEMPLARS_2024,
    number="38/QĐ-BCĐ",
    decided_on=date(2024, 2, 20),
    signer=SIGNER,
    notes=(
        ("plan", date(2024, 3, 15), "Kế hoạch xây dựng điển hình năm 2024 (nội dung minh họa)."),
        ("progress", date(2024, 6, 28), "Sơ kết 6 tháng: đã thực hiện các nội dung của kế hoạch (nội dung minh họa)."),
    ),
)

#: Of the open year: code, name, field, state. Nothing is said of them that could be read as good or bad.
OPEN_YEAR = (
    ("CT-MH-01", "Tổ liên gia tự quản khu dân cư minh họa", COMMUNITY, Life.PROPOSED),
    ("CT-MH-02", "Tuyến hẻm an toàn minh họa", TRAFFIC, Life.DECIDED),
)


def open_year_points(unit_codes: list[str], since: date) -> list[dict]:
    """A third model of the open year with a point on each of ``unit_codes``, as lines of an ``import_models`` file."""
    return [
        {
            "model_code": "CT-MH-03",
            "model_name": "Loa an ninh khu dân cư minh họa",
            "field": CRIME,
            "decision": "61/QĐ-BCĐ",
            "point_code": f"CT-MH-03.{number:03}",
            "point_name": f"Điểm minh họa {number:03}",
            "unit_code": code,
            "started_on": since.isoformat(),
            "ended_on": "",
            "teams": 1 + number % 3,
            "members": 6 * (1 + number % 3),
        }
        for number, code in enumerate(unit_codes, 1)
    ]


def models(plan: Plan) -> DemoModels:
    """38 models that work on 31/12/2023, one that ended in the year and one that is only decided."""
    registered, rows, moves, reviews = [], [], [], []
    for number, (life, spec) in enumerate(_specs(), 1):
        name, field, kind, portion, year = spec
        code, name = f"HG-MH-{number:02}", f"{name} minh họa"
        first = date(year, 3 + roll(6, "month", code), 1)
        decision = f"{20 + roll(70, 'decision', code)}/QĐ-BCĐ"
        if life == Life.DECIDED:
            registered.append(
                DemoModel(code, name, field, decision, ((Life.PROPOSED, date(2023, 8, 1)), (life, date(2023, 11, 15))))
            )
            continue
        if life == Life.LAUNCHED:
            steps = ((Life.PROPOSED, date(2023, 1, 10)), (Life.DECIDED, date(2023, 2, 20)), (Life.LAUNCHED, first))
            registered.append(DemoModel(code, name, field, decision, steps))
        rows += _rows(plan, code, name, field, decision, kind, portion, first)
        if life == Life.WEAK:
            moves.append((code, life, date(2023, 7, 1), "Sinh hoạt không đều (minh họa)"))
        if life == Life.ENDED:
            moves.append((code, life, date(2023, 10, 1), "Không còn phù hợp, hồ sơ chưa đầy đủ (minh họa)"))
        if life in (Life.WORKING, Life.WEAK):
            # Models on real communes are never said to be less than good.
            usual = "Tốt" if kind == "commune" else ("Tốt", "Tốt", "Trung bình")[roll(3, "rating", code)]
            word = "Yếu" if life == Life.WEAK else usual
            reviews.append(DemoReview(code, 2023, word))
    return DemoModels(tuple(registered), tuple(rows), tuple(moves), tuple(reviews))


def _specs() -> Iterator[tuple[Life, tuple]]:
    for life, specs in (
        (Life.WORKING, _MODELS),
        (Life.LAUNCHED, _LAUNCHED),
        (Life.WEAK, _WEAK),
        (Life.ENDED, _ENDED),
        (Life.DECIDED, _DECIDED),
    ):
        for spec in specs:
            yield life, spec


def _rows(
    plan: Plan, code: str, name: str, field: str, decision: str, kind: str, portion: int, first: date
) -> list[dict]:
    """The points of one model: the first on the model's first day, the others within some months."""
    rows = []
    for unit in _chosen(plan.rated([kind]), code, portion):
        number = len(rows) + 1
        since = first if number == 1 else _later(first, code, unit)
        teams = 1 + roll(3, "teams", code, unit.code)
        # One in thirty points closed during 2023, always one on an invented unit.
        closed = kind in _INVENTED and number > 1 and roll(30, "closed", code, unit.code) == 0 and since.year < 2023
        rows.append(
            {
                "model_code": code,
                "model_name": name,
                "field": field,
                "decision": decision,
                "point_code": f"{code}.{number:03}",
                "point_name": f"Điểm minh họa {number:03}",
                "unit_code": unit.code,
                "started_on": since.isoformat(),
                "ended_on": "2023-08-31" if closed else "",
                "teams": teams,
                "members": teams * (5 + roll(8, "members", code, unit.code)),
            }
        )
    return rows


def _chosen(units: list[DemoUnit], code: str, portion: int) -> list[DemoUnit]:
    """About ``portion`` in a hundred of the units, at least two; which ones depends on the model alone."""
    drawn = sorted(units, key=lambda unit: roll(1 << 30, "place", code, unit.code))
    count = max(2, len(units) * portion // 100)
    return sorted(
        (unit for unit in drawn[:count] if not unit.real or unit.kind == "commune"), key=lambda unit: unit.code
    )


def _later(first: date, code: str, unit: DemoUnit) -> date:
    month = first.month + roll(13 - first.month, "since", code, unit.code)
    return date(first.year, month, 1 + roll(28, "day", code, unit.code) if month > first.month else first.day)


__all__ = ["CHOICE", "PROVINCE", "DemoChoice", "DemoModel", "DemoModels", "DemoReview", "models"]
