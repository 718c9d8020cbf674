"""Lists of practice models: read whole, refused whole, the same twice."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movement.audit.models import Entry
from movement.core.exports import Sheet, write_xlsx
from movement.core.problems import Refused
from movement.exemplars.enums import Life
from movement.exemplars.models import ModelState, Point, PointSize, PracticeModel
from movement.exemplars.selectors import models_on
from movement.exemplars.services.import_rows import COLUMNS
from movement.exemplars.services.importing import models_import, models_import_file
from movement.exemplars.services.practice import model_move
from tests.factories.exemplars import line, practice_model
from tests.factories.ground import REFORM, legacy_ground, version
from units.models import Lineage

pytestmark = pytest.mark.django_db
ACTOR = "kiểm tra"


@pytest.fixture
def ground():
    """The province with the communes XA-1 and XA-2."""
    province, district, _ = legacy_ground()
    return province, version("commune", district, code="XA-1"), version("commune", district, code="XA-2")


def codes(refused):
    return [(p.line, p.code) for p in refused.value.problems]


def stored():
    """All that an import writes, as values."""

    def ordered(rows):
        return sorted(rows, key=str)

    return (
        ordered(PracticeModel.objects.values_list("province", "code", "name", "field", "decision")),
        ordered(
            (m, s, v.lower, v.upper) for m, s, v in ModelState.objects.values_list("model__code", "state", "valid")
        ),
        ordered(
            (c, n, u, v.lower, v.upper) for c, n, u, v in Point.objects.values_list("code", "name", "unit", "valid")
        ),
        ordered(
            (c, n, t, m, v.lower, v.upper)
            for c, n, t, m, v in PointSize.objects.values_list(
                "point__code", "point__name", "teams", "members", "valid"
            )
        ),
    )


def test_a_row_makes_a_model_that_works_from_its_first_points_start(ground):
    outcome = models_import(
        [line(), line(point_code="MH-1.2", unit_code="XA-2", started_on="01/02/2020", ended_on="31/12/2023")],
        actor=ACTOR,
    )
    assert outcome.as_json()["models"] == {"created": 1, "changed": 0, "unchanged": 0}
    assert outcome.as_json()["points"] == {"created": 2, "changed": 0, "unchanged": 0}
    model = PracticeModel.objects.get()
    assert (model.province_id, model.code, model.field) == (ground[0].unit_id, "MH-1", "An ninh")
    assert [(s.state, s.valid.lower, s.valid.upper) for s in model.states.all()] == [
        (Life.WORKING, date(2020, 2, 1), None)
    ]
    ended = Point.objects.get(code="MH-1.2")
    assert (ended.valid.lower, ended.valid.upper) == (date(2020, 2, 1), date(2024, 1, 1))


def test_again_changes_nothing_and_leaves_no_trail(ground):
    rows = [line(), line(point_code="", point_name="Ấp 2"), line(model_code="MH-2", unit_code="XA-2")]
    models_import(rows, actor=ACTOR)
    before, trail = stored(), Entry.objects.count()
    outcome = models_import(rows, actor=ACTOR)
    assert outcome.as_json()["points"] == {"created": 0, "changed": 0, "unchanged": 3}
    assert (stored(), Entry.objects.count()) == (before, trail)


def test_a_dry_run_tells_the_same_and_writes_nothing(ground):
    outcome = models_import([line()], actor=ACTOR, dry_run=True)
    assert outcome.as_json()["points"]["created"] == 1
    assert (
        PracticeModel.objects.count(),
        Point.objects.count(),
        Entry.objects.filter(action="point.create").count(),
    ) == (0, 0, 0)


def test_every_problem_of_every_line_is_told_and_nothing_written(ground):
    rows = [
        line(),
        line(point_code="MH-1.2", model_name="Tên khác"),
        line(point_code="MH-1.3", unit_code="XA-9", teams="-1", members="1,5"),
        line(point_code="MH-1.1"),
        line(point_code="MH-1.5", started_on="2021-02-30", ended_on="hôm qua"),
        line(point_code="MH-1.6", started_on="2021-03-02", ended_on="2021-03-01"),
        line(model_code="", point_name="", unit_code="", started_on=None),
        line(model_code="M" * 41),
    ]
    with pytest.raises(Refused) as refused:
        models_import(rows, actor=ACTOR)
    assert codes(refused) == [
        (3, "model_differs"),
        (4, "unknown_unit"), (4, "bad_number"), (4, "bad_number"),
        (5, "duplicate_in_file"),
        (6, "bad_date"), (6, "bad_date"),
        (7, "dates_reversed"),
        (8, "missing_model"), (8, "missing_name"), (8, "missing_unit"), (8, "missing_date"),
        (9, "too_long"),
    ]  # fmt: skip
    assert PracticeModel.objects.count() == 0


@pytest.mark.parametrize("column", ["model_name", "field", "decision"])
def test_a_models_own_columns_agree_on_all_its_rows(ground, column):
    with pytest.raises(Refused) as refused:
        models_import([line(), line(point_code="MH-1.2", **{column: "khác"})], actor=ACTOR)
    assert [(p.line, p.code, p.column) for p in refused.value.problems] == [(3, "model_differs", column)]


def test_a_line_with_an_unknown_place_is_still_compared_with_its_model(ground):
    with pytest.raises(Refused) as refused:
        models_import([line(), line(point_code="x", unit_code="XA-9", model_name="Tên khác")], actor=ACTOR)
    assert codes(refused) == [(3, "model_differs"), (3, "unknown_unit")]


def test_an_empty_cell_leaves_what_is_stored(ground):
    models_import([line(ended_on="2024-06-30")], actor=ACTOR)
    before = stored()
    outcome = models_import([line(field="", decision=None, ended_on="", teams=None, members="")], actor=ACTOR)
    assert outcome.as_json()["points"]["unchanged"] == 1
    assert stored() == before


def test_new_numbers_hold_from_the_day_of_the_list_and_leave_the_past(ground):
    models_import([line()], actor=ACTOR)
    models_import([line(teams=3, members=20)], actor=ACTOR, as_of=date(2024, 1, 1))
    figures = [models_on(ground[0].unit, day).totals for day in (date(2023, 12, 31), date(2024, 1, 1))]
    assert [(t.teams, t.members) for t in figures] == [(2, 11), (3, 20)]


def test_new_numbers_without_a_day_correct_those_of_the_start(ground):
    models_import([line()], actor=ACTOR)
    models_import([line(teams=3)], actor=ACTOR)
    assert list(PointSize.objects.values_list("teams", "members")) == [(3, 11)]


def test_a_change_is_told_with_old_and_new(ground):
    models_import([line()], actor=ACTOR)
    models_import([line(model_name="Camera minh họa", point_name="Ấp 1A", ended_on="2024-06-30")], actor=ACTOR)
    entries = {e.action: e for e in Entry.objects.filter(action__endswith=".change")}
    assert set(entries) == {"model.change", "point.change"}
    assert entries["model.change"].before["name"] == "Camera an ninh minh họa"
    assert (entries["point.change"].before["ended_on"], entries["point.change"].after["ended_on"]) == (
        None,
        "2024-06-30",
    )
    assert entries["point.change"].unit_id == ground[1].unit_id


def test_an_earlier_point_moves_the_first_day_of_a_model_that_was_working(ground):
    models_import([line()], actor=ACTOR)
    models_import([line(point_code="MH-1.2", started_on="2019-05-01")], actor=ACTOR)
    assert ModelState.objects.get().valid.lower == date(2019, 5, 1)


@pytest.mark.parametrize(
    ("state", "started_on", "ended_on", "code"),
    [
        (Life.PROPOSED, "2023-01-01", None, "model_not_launched"),
        (Life.ENDED, "2022-01-01", None, "model_ended"),
        (Life.ENDED, "2022-01-01", "2023-01-01", "model_ended"),
        (Life.ENDED, "2022-01-01", "2022-12-31", None),
        (Life.LAUNCHED, "2019-12-31", None, "before_launch"),
        (Life.LAUNCHED, "2020-06-01", None, None),
    ],
)
def test_a_point_lies_within_its_models_life(ground, state, started_on, ended_on, code):
    model = practice_model(ground[0], code="MH-1", since=date(2020, 1, 1), state=Life.PROPOSED)
    if state != Life.PROPOSED:
        model_move(model=model, to=Life.LAUNCHED, since=date(2020, 6, 1), actor=ACTOR)
    if state == Life.ENDED:
        model_move(model=model, to=Life.ENDED, since=date(2023, 1, 1), actor=ACTOR)  # 31/12/2022 is its last day
    rows = [line(started_on=started_on, ended_on=ended_on)]
    if code is None:
        models_import(rows, actor=ACTOR)
        assert Point.objects.count() == 1
    else:
        with pytest.raises(Refused) as refused:
            models_import(rows, actor=ACTOR)
        assert codes(refused) == [(2, code)]


def reform(ground):
    """The communes become one of the new province; ``(new province, new commune)``."""
    province = version("province", code="92", name="Thành phố Cần Thơ", since=REFORM)
    commune = version("commune", province, code="XA-9", since=REFORM, level="province")
    for old, new in ((ground[0], province), (ground[1], commune), (ground[2], commune)):
        Lineage.objects.create(predecessor=old.unit, successor=new.unit, kind="merge", on=REFORM)
    return province, commune


def test_a_code_is_read_on_the_points_own_start(ground):
    reform(ground)
    models_import([line(), line(model_code="MH-2", unit_code="XA-9", started_on="2025-07-01")], actor=ACTOR)
    with pytest.raises(Refused) as refused:
        models_import([line(point_code="MH-1.2", started_on="2025-07-01")], actor=ACTOR)
    assert codes(refused) == [(2, "unknown_unit")]


def test_with_a_day_codes_are_read_on_it_and_no_point_leaves_the_unit_it_was_set_up_on(ground):
    _province, commune = reform(ground)
    models_import([line()], actor=ACTOR)
    outcome = models_import(
        [line(unit_code="XA-9"), line(point_code="MH-1.2", unit_code="XA-9", started_on="2022-01-01")],
        actor=ACTOR, as_of=date(2026, 1, 1),
    )  # fmt: skip
    assert outcome.as_json()["points"] == {"created": 1, "changed": 0, "unchanged": 1}
    assert dict(Point.objects.values_list("code", "unit")) == {"MH-1.1": ground[1].unit_id, "MH-1.2": commune.unit_id}
    assert PracticeModel.objects.count() == 1  # the province of then and its successor keep one register


def test_two_old_provinces_keep_their_models_apart_after_they_merged(ground):
    province, _commune = reform(ground)
    other = version("province", code="94", until=REFORM)
    district = version("district", other)
    version("commune", district, code="XA-7")
    Lineage.objects.create(predecessor=other.unit, successor=province.unit, kind="merge", on=REFORM)
    models_import([line(), line(unit_code="XA-7", model_name="Khác", point_code="MH-1.7")], actor=ACTOR)
    assert sorted(PracticeModel.objects.values_list("province", "name")) == sorted(
        [(ground[0].unit_id, "Camera an ninh minh họa"), (other.unit_id, "Khác")]
    )
    with pytest.raises(Refused) as refused:
        models_import([line(unit_code="XA-9", started_on="2025-08-01", point_code="MH-1.8")], actor=ACTOR)
    assert codes(refused) == [(2, "ambiguous_model")]


def test_a_unit_that_ended_without_a_successor_is_warned_of(ground):
    outcome = models_import([line()], actor=ACTOR)  # the legacy ground ends on 30/6/2025 and has no lineage here
    assert [(w.line, w.code) for w in outcome.warnings] == [(2, "unit_gone")]


def test_a_refused_place_is_told_by_line(ground):
    def allowed(place, on):
        return None if place.code == "XA-1" else "Đơn vị không thuộc địa bàn được phân công."

    with pytest.raises(Refused) as refused:
        models_import([line(), line(point_code="MH-1.2", unit_code="XA-2")], actor=ACTOR, allowed=allowed)
    assert codes(refused) == [(3, "not_allowed")]


def test_a_workbook_with_vietnamese_headings_is_read(ground, tmp_path):
    headings = ["Mã mô hình", "Tên mô hình", "Lĩnh vực", "Quyết định", "Mã điểm", "Tên điểm", "Mã đơn vị", "Ngày bắt đầu",
                "Ngày kết thúc", "Số tổ", "Số thành viên"]  # fmt: skip
    cells = list(line(started_on=date(2021, 3, 1), ended_on="").values())
    path = tmp_path / "mo-hinh.xlsx"

    write_xlsx(
        path,
        [Sheet("Mô hình", [(h, 12) for h in headings], [cells])],
        title="x",
        issued_at=datetime(2024, 1, 1, tzinfo=UTC),
    )
    models_import_file(path, filename=path.name, actor=ACTOR)
    assert [(p.code, p.valid.lower) for p in Point.objects.all()] == [("MH-1.1", date(2021, 3, 1))]
    assert len(headings) == len(COLUMNS)


ROW = st.fixed_dictionaries(
    {
        "model_code": st.sampled_from(["A", "B"]),
        "point_code": st.sampled_from(["", "1", "2"]),
        "point_name": st.sampled_from(["Ấp 1", "ấp  1", "Ấp 2"]),
        "unit_code": st.sampled_from(["XA-1", "XA-2"]),
        "started_on": st.sampled_from(["2020-01-01", "2021-06-30", "15/03/2022"]),
        "ended_on": st.sampled_from(["", "2022-12-31", "2023-06-30"]),
        "teams": st.sampled_from(["", 0, 3]),
        "members": st.sampled_from(["", 0, 40]),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(ROW, min_size=1, max_size=5),
    second=st.lists(ROW, max_size=5),
    as_of=st.sampled_from([None, date(2022, 6, 1)]),
)
def test_any_list_that_is_taken_is_taken_again_without_a_change(ground, first, second, as_of):
    from django.db import transaction

    with transaction.atomic():
        try:
            for given_rows in filter(None, (first, second)):
                rows = [line(**row) for row in given_rows]
                models_import(rows, actor=ACTOR, as_of=as_of)
                before = stored()
                again = models_import(rows, actor=ACTOR, as_of=as_of).as_json()
                assert stored() == before
                assert again["points"] == {"created": 0, "changed": 0, "unchanged": len(rows)}
                assert again["models"]["created"] == again["models"]["changed"] == 0
        except Refused as refused:
            assert {p.code for p in refused.problems} <= {"duplicate_in_file", "ambiguous_point"}
        finally:
            transaction.set_rollback(True)
