"""Practice models, points, and units whose class is published so that they may be chosen."""

from datetime import date
from decimal import Decimal as D
from itertools import count

from movement.classification.enums import Stage, State
from movement.classification.services.publishing import results_publish
from movement.classification.services.steps import assessments_advance
from movement.exemplars.enums import Life
from movement.exemplars.services.practice import model_create, point_create

from .classification import campaign, score
from .ground import account, version

SIGNER = "Nguyễn Văn Minh Họa"
# points of 1.1, 1.2 and 2 in the small scheme
CLASSES = {"xuat_sac": (30, 30, 40), "kha": (30, 30, 15), "yeu": (30, 30, 0)}
_numbers = count(1)


def practice_model(province, *, since=date(2020, 1, 1), state=Life.WORKING, **facts):
    """A model of the province of ``province`` (a version), working since 2020 unless said otherwise."""
    number = next(_numbers)
    facts = {"code": f"TH-{number}", "name": f"Mô hình minh họa {number}", **facts}
    return model_create(province=province.unit, since=since, state=state, actor="kiểm tra", **facts)


def point(model, at, *, since=date(2021, 1, 1), until=None, teams=1, members=10, **facts):
    """A point of ``model`` on the unit of ``at`` (a version); ``until`` is half-open."""
    facts = {"name": f"Điểm minh họa {next(_numbers)}", **facts}
    return point_create(
        model=model, unit=at.unit, since=since, until=until, teams=teams, members=members, actor="kiểm tra", **facts
    )


def line(**cells):
    """A row of an import file."""
    return {
        "model_code": "MH-1", "model_name": "Camera an ninh minh họa", "field": "An ninh", "decision": "05/QĐ-UBND",
        "point_code": "MH-1.1", "point_name": "Ấp 1", "unit_code": "XA-1", "started_on": "2021-03-01", "ended_on": None,
        "teams": 2, "members": 11, **cells,
    }  # fmt: skip


def classified(province, commune, classes, *, year=2023, publish=True):
    """Agencies of the province with these classes, ``{code: class}``, published for ``year``; ``(staff, {code: version})``."""
    units = {code: version("agency", commune, code=code, name=f"Cơ quan minh họa {code}") for code in classes}
    staff = account("staff", province)
    opened = campaign(province, year)
    score(
        opened,
        {c: dict(zip(("1.1", "1.2", "2"), map(D, CLASSES[k]), strict=True)) for c, k in classes.items()},
        stage=Stage.FINAL,
    )
    ids = list(opened.assessments.filter(unit_code__in=classes).values_list("pk", flat=True))
    if publish:
        assessments_advance(campaign=opened, ids=ids, to=State.DECIDED, actor=staff)
        results_publish(
            campaign=opened, authority=province.unit, ids=ids, number="01/QĐ-BCĐ", decided_on=date(year, 12, 8),
            signer=SIGNER, authority_name="Ban Chỉ đạo 138", acknowledge="đã xem", actor=staff,
        )  # fmt: skip
    return staff, units
