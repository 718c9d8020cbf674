"""What a change touches in the other apps, what was built on it there, and where the year's assessments go."""

from datetime import date
from decimal import Decimal as D

import pytest

from awards.models import Nomination, Round
from movement.classification.enums import Stage, State
from movement.classification.models import Assessment
from movement.classification.services.ending import assessment_hand_over
from movement.classification.services.publishing import results_publish
from movement.classification.services.steps import assessments_advance
from movement.classification.worklists import ended_of
from movement.core.problems import Refused
from tests.factories.classification import campaign, score
from tests.factories.exemplars import point, practice_model
from tests.factories.ground import SINCE, account, legacy_ground, version
from units.selectors import version_on
from units.services.changes import Merge, Part, Rename, Split, change_make, change_preview, change_undo

pytestmark = pytest.mark.django_db
FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}
ON = date(2023, 7, 1)
ACTOR = "kiểm tra"


@pytest.fixture
def opened():
    """Three hamlets of a commune, registered for 2023; an officer of the commune, one account at a hamlet."""
    province, _district, commune = legacy_ground()
    hamlets = [version("residential_area", commune, code=f"KDC-{n}", name=f"Ấp minh họa {n}") for n in "123"]
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    opened.commune, opened.hamlets = commune, [v.unit for v in hamlets]
    opened.staff, opened.officer = account("staff", province), account("commune_officer", commune)
    opened.lead = account("commune_lead", commune)
    account("unit_rep", hamlets[0])
    return opened


def merged(opened, **more):
    return Merge(tuple(opened.hamlets[:2]), on=ON, name="Ấp Liên Hợp", code="KDC-9", **more)


def effects(asked):
    return {e.title: (e.count, e.names) for e in change_preview(asked, actor=ACTOR).effects}


def test_a_look_names_open_assessments_and_accounts(opened):
    assert effects(merged(opened)) == {
        "Hồ sơ tự chấm, xét duyệt đang mở": (
            2,
            ["Ấp minh họa 1 (Bộ tiêu chí kiểm tra, 2023)", "Ấp minh họa 2 (Bộ tiêu chí kiểm tra, 2023)"],
        ),
        "Tài khoản được giao các đơn vị này": (1, ["Người nhập liệu của đơn vị, Ấp minh họa 1"]),
    }


def test_deadlines_that_still_run_are_named(opened):
    opened.deadlines = {"residential_area": "2199-11-15"}
    opened.save(update_fields=["deadlines"])
    found = effects(Rename(opened.hamlets[0], "Ấp Một", on=ON))
    assert found["Thời hạn đang chạy"] == (1, ["Bộ tiêu chí kiểm tra: ký trước ngày 15/11/2199, 1 đơn vị"])


def test_the_year_of_merged_units_goes_to_the_new_one_with_the_others_attached(opened):
    score(opened, {"KDC-1": FULL}, actor=opened.officer)
    change = change_make(merged(opened), actor=ACTOR)

    rows = [e.assessment for e in ended_of(opened.staff, [opened])]
    assert {a.unit_code for a in rows} == {"KDC-1", "KDC-2"}
    heirs = {assessment_hand_over(assessment_id=a.pk, actor=opened.staff) for a in rows}

    (heir,) = heirs
    heir.refresh_from_db()  # which of the two went over first is nobody's matter
    assert (heir.unit_id, heir.state) == (change.created_ids[0], "self_scored")
    assert {a.unit_code for a in heir.attached.all()} == {"KDC-1", "KDC-2"}


def test_registering_the_new_one_needs_a_reason_where_one_had_not_registered(opened):
    stranger = version("residential_area", opened.commune, code="KDC-8", name="Ấp minh họa 8").unit
    change_make(Merge((opened.hamlets[0], stranger), on=ON, name="Ấp Mới"), actor=ACTOR)
    row = opened.assessments.get(unit=opened.hamlets[0])
    with pytest.raises(Refused, match="Ấp minh họa 8 chưa đăng ký"):
        assessment_hand_over(assessment_id=row.pk, actor=opened.staff)
    assert assessment_hand_over(assessment_id=row.pk, actor=opened.staff, reason="Thống nhất")


def test_the_year_of_a_divided_unit_goes_to_its_main_successor(opened):
    parts = (Part("Ấp A", "KDC-A"), Part("Ấp B", "KDC-B", is_main=True))
    change = change_make(Split(opened.hamlets[0], parts, on=ON), actor=ACTOR)
    row = opened.assessments.get(unit=opened.hamlets[0])
    assert assessment_hand_over(assessment_id=row.pk, actor=opened.staff).unit_id == change.created_ids[1]


def test_what_was_handed_over_is_not_taken_away_by_an_undo(opened):
    change = change_make(merged(opened), actor=ACTOR)
    assessment_hand_over(assessment_id=opened.assessments.get(unit=opened.hamlets[0]).pk, actor=opened.staff)
    with pytest.raises(Refused) as refused:
        change_undo(change, actor=ACTOR)
    assert [p.message for p in refused.value.problems] == [
        "Đơn vị được tạo ra đã có 1 hồ sơ đánh giá.",
        "Sau đó 1 hồ sơ đánh giá của các đơn vị đã kết thúc được chuyển đi hoặc kết thúc.",
    ]


def test_a_result_published_since_keeps_the_name_it_was_published_under(opened):
    change = change_make(Rename(opened.hamlets[2], "Ấp Ba", on=ON), actor=ACTOR)
    score(opened, {f"KDC-{n}": FULL for n in "123"}, stage=Stage.FINAL)
    rows = Assessment.objects.filter(campaign=opened).values_list("pk", flat=True)
    assessments_advance(campaign=opened, ids=rows, to=State.DECIDED, actor=opened.lead)
    results_publish(
        campaign=opened, authority=opened.commune.unit, ids=None, number="1/QĐ", decided_on=date(2023, 12, 1),
        signer="Nguyễn Văn Minh Họa", authority_name="UBND", actor=opened.lead,
    )  # fmt: skip
    with pytest.raises(Refused, match="Sau đó đã công bố 1 kết quả của các đơn vị này"):
        change_undo(change, actor=ACTOR)
    assert effects(Rename(opened.hamlets[2], "Ấp Bốn", on=ON)) == {
        "Kết quả đã công bố, giữ nguyên": (1, ["Ấp minh họa 3 (Bộ tiêu chí kiểm tra, 2023)"])
    }


def test_points_and_nominations_at_a_unit_are_named_and_hold_what_was_created(opened):
    change = change_make(merged(opened), actor=ACTOR)
    new = version_on(change.created_ids[0], ON).unit
    point(practice_model(version_on(opened.province, SINCE)), version_on(new, ON), since=ON, name="Điểm số 1")
    held = Round.objects.create(
        title="Đợt 1", authority=opened.commune.unit, authority_kind="commune", authority_name="UBND",
        province=opened.province, place_ids=[], period=(date(2023, 1, 1), date(2024, 1, 1)), created_by_name="x",
    )  # fmt: skip
    Nomination.objects.create(round=held, recipient_kind="collective", unit=new, unit_name="Ấp Liên Hợp", form="giay_khen_xa", achieved=(date(2023, 1, 1), date(2024, 1, 1)), created_by_name="x")  # fmt: skip

    found = effects(Rename(new, "Ấp Đổi Tên", on=date(2024, 1, 1)))
    assert found == {"Điểm mô hình tại các đơn vị này": (1, ["Điểm số 1"]), "Đề nghị khen thưởng đang chờ": (1, ["Ấp Liên Hợp"])}  # fmt: skip
    with pytest.raises(Refused) as refused:
        change_undo(change, actor=ACTOR)
    assert [p.message for p in refused.value.problems] == [
        "Đơn vị được tạo ra đã có 1 điểm mô hình.",
        "Đơn vị được tạo ra đã được ghi tên trong 1 đề nghị hoặc quyết định khen thưởng.",
    ]
