"""A unit that ends in the year: its open assessment goes to the main successor, or is closed with a reason."""

from datetime import date
from decimal import Decimal as D
from uuid import uuid4

import pytest

from movement.audit.models import Entry
from movement.classification.enums import Stage, State
from movement.classification.models import Assessment, Score
from movement.classification.services.ending import assessment_close, assessment_hand_over
from movement.classification.services.publishing import results_publish
from movement.classification.services.scoring import Value, score_save
from movement.classification.services.steps import assessments_advance
from movement.classification.worklists import board, ended_of, waiting, work_of
from movement.core.problems import Refused
from tests.factories.classification import campaign, score
from tests.factories.ground import account, legacy_ground, version
from units.models import Lineage, UnitVersion

FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}
END = date(2023, 7, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def merged():
    """Two registered hamlets; the first was scored and then merged into a third that is new."""
    province, _district, commune = legacy_ground()
    first, _second = (version("residential_area", commune, code=f"KDC-{n}", name=f"Ấp minh họa {n}") for n in "12")
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"])
    opened.ground, opened.commune, opened.first = province, commune, first
    opened.staff, opened.officer = account("staff", province), account("commune_officer", commune)
    opened.lead = account("commune_lead", commune)
    score(opened, {"KDC-1": FULL}, actor=opened.officer)
    UnitVersion.objects.filter(pk=first.pk).update(valid=(first.valid.lower, END))
    opened.third = version("residential_area", commune, code="KDC-3", name="Ấp minh họa 3", since=END)
    Lineage.objects.create(predecessor=first.unit, successor=opened.third.unit, kind="merge", on=END)
    opened.row = opened.assessments.get(unit=first.unit)
    return opened


def codes(refused):
    return [p.code for p in refused.value.problems]


def test_who_follows_the_ground_sees_what_ended_and_where_it_went(merged):
    found = ended_of(merged.officer, [merged])
    assert [(e.assessment.unit_code, e.ended_on, e.heir.name) for e in found] == [
        ("KDC-1", date(2023, 6, 30), "Ấp minh họa 3")
    ]
    assert ended_of(account("commune_officer", version("commune", merged.ground)), [merged]) == []


def test_saving_into_it_is_refused_in_one_clear_sentence(merged):
    with pytest.raises(Refused, match="Đơn vị đã kết thúc ngày 30/06/2023") as refused:
        score_save(
            assessment_id=merged.row.pk, stage=Stage.SELF, code="1.1", base=Value(D(30)), new=Value(D(1)),
            edit_id=uuid4(), actor=merged.officer,
        )  # fmt: skip
    assert codes(refused) == ["unit_ended"]


def test_neither_a_step_nor_an_import_moves_it_on(merged):
    with pytest.raises(Refused) as refused:
        assessments_advance(campaign=merged, ids=[merged.row.pk], to=State.SUBMITTED, actor=merged.officer)
    assert codes(refused) == ["unit_ended"]
    with pytest.raises(Refused) as refused:
        score(merged, {"KDC-1": {"1.1": D(1)}}, actor=merged.officer)
    assert codes(refused) == ["unit_ended"]


def test_it_waits_on_the_board_and_in_nobodys_list(merged):
    assert {(t.step, t.count) for t in work_of(merged.officer)} == {("enter", 1)}
    assert [a.unit_code for a in waiting(merged.officer, merged, "enter", Assessment.objects.all())] == ["KDC-2"]
    assert [dict(r.states) for r in board(merged.officer, [merged])] == [{"registered": 1}]


def test_handed_over_the_successor_is_registered_and_begins_with_its_points(merged):
    heir = assessment_hand_over(assessment_id=merged.row.pk, actor=merged.staff)
    merged.row.refresh_from_db()
    assert (heir.unit_code, heir.state, heir.points, merged.row.heir_id) == ("KDC-3", "self_scored", D(90), heir.pk)
    assert merged.row.closed_at is not None
    assert {s.typed_by for s in Score.objects.filter(assessment=heir)} == {merged.officer.pk}
    assert set(Entry.objects.filter(action__in=["assessment.hand_over", "assessment.inherit"]).values_list("object_id", flat=True)) == {
        merged.row.ulid, heir.ulid,
    }  # fmt: skip
    assert ended_of(merged.staff, [merged]) == []


def test_a_successor_with_points_of_its_own_keeps_them(merged):
    heir = assessment_hand_over(assessment_id=merged.row.pk, actor=merged.staff)
    Score.objects.filter(assessment=heir).update(points=D(1))
    other = merged.assessments.get(unit_code="KDC-2")
    score(merged, {"KDC-2": FULL}, actor=merged.officer)
    UnitVersion.objects.filter(unit=other.unit).update(valid=(date(2000, 1, 1), END))
    Lineage.objects.create(predecessor=other.unit, successor=merged.third.unit, kind="merge", on=END)
    assert assessment_hand_over(assessment_id=other.pk, actor=merged.staff) == heir
    assert {s.points for s in Score.objects.filter(assessment=heir)} == {D(1)}
    assert {a.unit_code for a in heir.attached.all()} == {"KDC-1", "KDC-2"}


def test_a_successor_is_registered_with_a_reason_where_a_predecessor_had_not_registered(merged):
    stranger = version("residential_area", merged.commune, code="KDC-9", name="Ấp minh họa 9", until=END)
    Lineage.objects.create(predecessor=stranger.unit, successor=merged.third.unit, kind="merge", on=END)
    with pytest.raises(Refused, match="Ấp minh họa 9 chưa đăng ký"):
        assessment_hand_over(assessment_id=merged.row.pk, actor=merged.staff)
    assert assessment_hand_over(assessment_id=merged.row.pk, actor=merged.staff, reason="BCĐ xã thống nhất")


@pytest.mark.parametrize("who", ["officer", "lead"])
def test_only_the_standing_office_settles_it(merged, who):
    for act in (assessment_hand_over, assessment_close):
        with pytest.raises(Refused) as refused:
            act(assessment_id=merged.row.pk, actor=getattr(merged, who), reason="x")
        assert codes(refused) == ["not_allowed"]


def test_without_a_successor_it_is_closed_with_a_reason_and_no_longer_missed(merged):
    Lineage.objects.all().delete()
    with pytest.raises(Refused) as refused:
        assessment_hand_over(assessment_id=merged.row.pk, actor=merged.staff)
    assert codes(refused) == ["no_successor"]
    with pytest.raises(Refused) as refused:
        assessment_close(assessment_id=merged.row.pk, actor=merged.staff, reason=" ")
    assert codes(refused) == ["reason_missing"]
    assessment_close(assessment_id=merged.row.pk, actor=merged.staff, reason="Giải thể")
    score(merged, {"KDC-2": FULL}, stage=Stage.FINAL)
    rest = merged.assessments.filter(unit_code="KDC-2").values_list("pk", flat=True)
    assessments_advance(campaign=merged, ids=rest, to=State.DECIDED, actor=merged.lead)
    results_publish(
        campaign=merged, authority=merged.commune.unit, ids=None, number="1/QĐ", decided_on=date(2023, 12, 1),
        signer="Nguyễn Văn Minh Họa", authority_name="UBND", actor=merged.lead,
    )  # fmt: skip
    merged.refresh_from_db()
    assert not merged.is_open


def test_a_unit_that_stands_is_neither_handed_over_nor_closed(merged):
    standing = merged.assessments.get(unit_code="KDC-2")
    for act in (assessment_hand_over, assessment_close):
        with pytest.raises(Refused) as refused:
            act(assessment_id=standing.pk, actor=merged.staff, reason="x")
        assert codes(refused) == ["standing"]


def test_the_pages_tell_it_and_the_button_does_it(client, merged):
    client.force_login(merged.officer)
    own = f"/cham-diem/ho-so/{merged.row.ulid}/"
    page = client.get(own).content.decode()
    assert "Đơn vị đã kết thúc ngày 30/06/2023" in page and "Chuyển hoặc kết thúc hồ sơ" not in page
    assert client.post(f"{own}ket-thuc/", {"act": "hand_over"}).status_code == 403
    client.force_login(account("commune_officer", version("commune", merged.ground)))
    assert client.get(own).status_code == 404
    client.force_login(merged.staff)
    page = client.get("/cham-diem/tien-do/").content.decode()
    assert "Đơn vị đã kết thúc ngày 30/06/2023" in page and "kế thừa chính: Ấp minh họa 3" in page
    assert "Phải ghi khi kết thúc hồ sơ" in client.get(f"{own}ket-thuc/").content.decode()
    assert client.post(f"{own}ket-thuc/", {"act": "close", "reason": ""}).status_code == 422
    answer = client.post(f"{own}ket-thuc/", {"act": "hand_over"}, follow=True)
    assert "Hồ sơ đính kèm của đơn vị trước" in answer.content.decode()
    assert "Xem hồ sơ của Ấp minh họa 3" in client.get(own).content.decode()
