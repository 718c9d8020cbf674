"""Rounds: nominations, checks, decisions, entries."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection

from awards.enums import Outcome, RoundState
from awards.models import Award, Nomination
from awards.selectors import forms_on, nomination_checks
from awards.selectors.suggestions import suggestions
from awards.services import (
    award_revoke,
    nomination_change,
    nomination_withdraw,
    nominations_decide,
    round_close,
    round_create,
)
from movement.audit.models import Entry
from movement.core.models import Decision
from movement.core.problems import Refused
from tests.factories.awards import SIGNER, award, nominated, proposal, ring
from tests.factories.exemplars import classified, point, practice_model
from tests.factories.ground import REFORM, account, legacy_ground, version
from tests.factories.units import lineage

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def commune(ground):
    return ground[2]


@pytest.fixture
def staff(ground):
    return account("staff", ground[0])


@pytest.fixture
def open_round(ground, staff):
    return ring(ground[0], actor=staff)


def decide(a_round, rows, actor="kiểm tra", **changes):
    values = {
        "number": "21/QĐ-UBND",
        "decided_on": date(2024, 2, 1),
        "signer": SIGNER,
        "acknowledge": "đã xem",
        **changes,
    }
    return nominations_decide(round_id=a_round.pk, nomination_ids=[row.pk for row in rows], actor=actor, **values)


def codes(refused):
    return sorted(problem.code for problem in refused.value.problems)


def checked(*rows):
    """``{code: severity}`` of the checks on the first of these nominations."""
    found = nomination_checks(rows, forms_on(date(2023, 12, 31)))
    return {check.code: check.severity for check in found[rows[0].pk]}


def test_what_was_decided_stands_in_the_register_with_the_names_of_that_day(open_round, commune, staff):
    rows = nominated(
        open_round,
        proposal(commune),
        proposal(commune, recipient_kind="individual", person_name="Người minh họa", position="Trưởng ấp"),
        actor=staff,
    )
    decision = decide(open_round, rows, staff)
    kept = Award.objects.filter(decision=decision).order_by("pk")
    assert [(a.recipient_kind, a.name, a.unit_code, a.place_name, a.achieved_from, a.achieved_to) for a in kept] == [
        ("collective", "Thị trấn Nàng Mau", commune.code, "Huyện Vị Thủy", date(2023, 1, 1), date(2023, 12, 31)),
        ("individual", "Người minh họa", commune.code, "Huyện Vị Thủy", date(2023, 1, 1), date(2023, 12, 31)),
    ]
    assert (decision.authority_name, decision.authority_unit_id) == (
        "Ủy ban nhân dân tỉnh Hậu Giang",
        open_round.authority_id,
    )
    open_round.refresh_from_db()
    assert open_round.state == RoundState.DECIDED
    assert set(open_round.nominations.values_list("outcome", flat=True)) == {Outcome.AWARDED}


def test_the_trail_of_a_round_names_no_person(open_round, commune, staff):
    rows = nominated(
        open_round, proposal(commune, recipient_kind="individual", person_name="Lê Minh Họa", position="Trưởng ấp"),
        actor=staff,
    )  # fmt: skip
    decide(open_round, rows, staff)
    told = [entry.sentence + str(entry.before) + str(entry.after) for entry in Entry.objects.all()]
    assert len(told) >= 4
    assert [one for one in told if "Lê Minh Họa" in one] == []


def test_the_same_collective_twice_in_one_round_is_refused(open_round, commune):
    nominated(open_round, proposal(commune))
    with pytest.raises(Refused) as refused:
        nominated(open_round, proposal(commune, form="co_tinh"))
    assert codes(refused) == ["awards_nomination_unit_once"]
    with pytest.raises(Refused) as refused:
        nominated(ring_of(open_round), proposal(commune), proposal(commune))
    assert codes(refused) == ["awards_nomination_unit_once"]
    assert Nomination.objects.count() == 1


def ring_of(a_round):
    """Another round of the same authority and period."""
    return round_create(
        authority=a_round.authority, title="Đợt khác", first_day=a_round.first_day, last_day=a_round.last_day, actor="x"
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"form": "co_tinh", "recipient_kind": "individual", "person_name": "A", "position": "B"}, ["form_recipient"]),
        ({"form": "ky_niem_chuong"}, ["form_recipient"]),
        ({"form": "giay_khen_xa"}, ["form_of_other_level"]),
        ({"form": "huy_chuong"}, ["unknown_form"]),
        ({"recipient_kind": "individual"}, ["person_missing", "position_missing"]),
        ({"recipient_kind": "household"}, ["person_missing"]),
        ({"start": date(2300, 1, 1), "end": date(2300, 12, 31)}, ["period_ahead"]),
        ({"start": date(2023, 5, 1), "end": date(2023, 4, 1)}, ["period_ahead"]),
        ({"citation": "Số 012345678901"}, ["twelve_digits"]),
    ],
)
def test_a_nomination_that_cannot_be_is_refused(open_round, commune, facts, expected):
    with pytest.raises(Refused) as refused:
        nominated(open_round, proposal(commune, **facts))
    assert codes(refused) == expected
    assert not Nomination.objects.exists()


def test_a_unit_that_did_not_exist_then_is_refused_with_its_date(open_round, ground):
    late = version("agency", ground[0], since=date(2024, 3, 1))
    with pytest.raises(Refused) as refused:
        nominated(open_round, proposal(late))
    assert codes(refused) == ["unit_existed"]
    assert "01/03/2024" in refused.value.problems[0].message


def test_a_unit_of_another_province_is_refused(open_round):
    other = version("province", name="Tỉnh khác", until=REFORM)
    with pytest.raises(Refused) as refused:
        nominated(open_round, proposal(version("agency", other)))
    assert codes(refused) == ["unknown_unit"]


def test_nobody_but_the_authority_itself_works_on_its_round(open_round, commune, ground):
    lead = account("commune_lead", commune)
    with pytest.raises(Refused) as refused:
        nominated(open_round, proposal(commune), actor=lead)
    assert codes(refused) == ["not_allowed"]
    own = ring(commune, actor=lead)
    rows = nominated(own, proposal(version("residential_area", commune), form="giay_khen_xa"), actor=lead)
    with pytest.raises(Refused) as refused:
        decide(own, rows, account("staff", ground[0]))
    assert codes(refused) == ["not_allowed"]
    assert decide(own, rows, lead).authority_name == "Ủy ban nhân dân thị trấn Nàng Mau"


def test_a_clerk_writes_down_the_decision_and_nominates_nobody(open_round, commune, ground):
    clerk = account("clerk", ground[0])
    with pytest.raises(Refused) as refused:
        nominated(open_round, proposal(commune), actor=clerk)
    assert codes(refused) == ["not_allowed"]
    decide(open_round, nominated(open_round, proposal(commune)), clerk)
    assert Award.objects.count() == 1


def test_one_number_stands_for_one_decision_of_an_authority_in_a_year(open_round, commune, ground):
    first, second = nominated(open_round, proposal(commune), proposal(ground[1]))
    decide(open_round, [first])
    with pytest.raises(Refused) as refused:
        decide(open_round, [second], decided_on=date(2024, 2, 2))
    assert codes(refused) == ["decision_differs"]
    other = ring_of(open_round)
    with pytest.raises(Refused) as refused:
        decide(other, nominated(other, proposal(commune)))
    assert codes(refused) == ["core_decision_number_once"]
    decide(open_round, [second])
    assert Decision.objects.count() == 1
    assert Award.objects.count() == 2


def test_a_decision_covers_forms_of_one_level(open_round, commune, ground):
    rows = nominated(open_round, proposal(commune), proposal(ground[1], form="bang_khen_bo"))
    with pytest.raises(Refused) as refused:
        decide(open_round, rows)
    assert codes(refused) == ["several_levels"]
    decision = decide(open_round, rows[1:], number="5/QĐ-BCA")
    assert (decision.authority_name, decision.authority_unit_id) == ("Bộ Công an", None)


def test_warnings_want_a_reason_that_the_trail_keeps(open_round, commune):
    award(commune, form="co_tinh")
    rows = nominated(open_round, proposal(commune))
    with pytest.raises(Refused) as refused:
        decide(open_round, rows, acknowledge=" ")
    assert codes(refused) == ["warnings_open"]
    decide(open_round, rows, acknowledge="Quyết định đã ký, hai thành tích khác nhau.")
    assert Entry.objects.get(action="award.decide").reason == "Quyết định đã ký, hai thành tích khác nhau."


def test_a_decision_before_the_achievement_is_refused(open_round, commune):
    rows = nominated(open_round, proposal(commune))
    with pytest.raises(Refused) as refused:
        decide(open_round, rows, decided_on=date(2022, 12, 30))
    assert codes(refused) == ["period_ahead"]
    assert not Award.objects.exists()


def test_closing_a_round_refuses_who_waits_for_a_written_reason(open_round, commune, ground, staff):
    first, _second = nominated(open_round, proposal(commune), proposal(ground[1]))
    decide(open_round, [first])
    with pytest.raises(Refused) as refused:
        round_close(round_id=open_round.pk, actor=staff)
    assert codes(refused) == ["reason_missing"]
    assert round_close(round_id=open_round.pk, actor=staff, reason="Hồ sơ chưa đủ") == 1
    outcomes = dict(open_round.nominations.values_list("unit_name", "outcome"))
    assert outcomes == {"Thị trấn Nàng Mau": Outcome.AWARDED, "Huyện Vị Thủy": Outcome.REFUSED}
    with pytest.raises(Refused) as refused:
        nominated(open_round, proposal(version("agency", commune)))
    assert codes(refused) == ["round_not_open"]


def test_a_decided_nomination_is_neither_changed_nor_withdrawn(open_round, commune, ground):
    first, _waiting = nominated(open_round, proposal(commune), proposal(ground[1]))
    decide(open_round, [first])
    for attempt in (
        lambda: nomination_change(nomination=first, proposal=proposal(commune, form="co_tinh"), actor="x"),
        lambda: nomination_withdraw(nomination=first, actor="x"),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert codes(refused) == ["already_decided"]


def test_a_waiting_nomination_is_changed_and_withdrawn(open_round, commune):
    (row,) = nominated(open_round, proposal(commune))
    nomination_change(nomination=row, proposal=proposal(commune, form="co_tinh"), actor="x")
    row.refresh_from_db()
    assert row.form == "co_tinh"
    nomination_withdraw(nomination=row, actor="x")
    nomination_withdraw(nomination=row, actor="x")  # somebody was faster
    assert not open_round.nominations.exists()


# --- checks ---------------------------------------------------------------------------------------
def test_checks_tell_the_same_achievement_from_an_overlapping_period(open_round, commune, ground):
    award(commune, form="co_tinh")
    award(ground[1], achieved_from="2022-07-01", achieved_to="2023-06-30", decided_on="2023-08-01")
    same, overlapping, free = nominated(
        open_round, proposal(commune), proposal(ground[1]), proposal(version("agency", commune))
    )
    assert checked(same)["same_achievement"] == "warning"
    assert checked(overlapping)["overlapping_period"] == "warning"
    assert checked(free)["same_achievement"] == "ok"


def test_a_revoked_award_is_no_earlier_award(open_round, commune):
    given = award(commune, form="co_tinh")
    (row,) = nominated(open_round, proposal(commune))
    award_revoke(award=given, ground="a", by_decision="9/QĐ", revoked_on=date(2024, 6, 1), actor="x")
    assert checked(row)["same_achievement"] == "ok"


def test_an_earlier_award_without_a_period_counts_from_its_decision(open_round, commune):
    award(commune, achieved_from="", achieved_to="", decided_on="2023-03-01")
    assert checked(*nominated(open_round, proposal(commune)))["overlapping_period"] == "warning"


def test_an_award_to_a_predecessor_counts_for_its_successor(open_round, ground, commune):
    old = version("agency", commune, until=date(2023, 6, 1))
    new = version("agency", commune, since=date(2023, 6, 1))
    lineage(old, new, on=date(2023, 6, 1))
    award(old, decided_on="2023-05-01", achieved_from="2023-01-01", achieved_to="2023-04-30")
    (row,) = nominated(open_round, proposal(new))
    found = checked(row)
    assert (found["overlapping_period"], found["unit_existed"]) == ("warning", "warning")


def test_an_insignia_is_given_once_to_a_person(open_round, commune):
    facts = {"recipient_kind": "individual", "person_name": "Lê Minh Họa", "position": "Trưởng ấp"}
    award(commune, form="ky_niem_chuong", authority="Bộ Công an", decided_on="2020-01-15", achieved_from="",
          achieved_to="", **facts)  # fmt: skip
    (row,) = nominated(open_round, proposal(commune, form="ky_niem_chuong", **facts))
    assert checked(row)["insignia_again"] == "warning"


def test_a_lower_form_is_no_condition(open_round, commune):
    assert checked(*nominated(open_round, proposal(commune, form="co_tinh")))["lower_form_not_needed"] == "ok"


def test_the_class_is_shown_and_only_asked_for_where_a_setting_says_so(ground, commune):
    _staff, units = classified(ground[0], commune, {"KT-1": "xuat_sac", "KT-2": "kha"})
    rows = nominated(ring(ground[0]), *(proposal(unit, form="co_tinh") for unit in units.values()))
    forms = forms_on(date(2023, 12, 31))
    found = nomination_checks(rows, forms)
    assert [c.severity for r in rows for c in found[r.pk] if c.code == "class_of_years"] == ["info", "info"]
    forms["co_tinh"].required_classes = ["xuat_sac"]
    found = nomination_checks(rows, forms)
    assert [c.severity for r in rows for c in found[r.pk] if c.code == "class_of_years"] == ["ok", "warning"]


def test_no_class_stands_beside_a_person(ground, commune):
    _staff, units = classified(ground[0], commune, {"KT-1": "xuat_sac"})
    facts = {"recipient_kind": "individual", "person_name": "Lê Minh Họa", "position": "Giám đốc"}
    assert "class_of_years" not in checked(*nominated(ring(ground[0]), proposal(units["KT-1"], **facts)))


@pytest.mark.parametrize("count", (1, 5))
def test_checks_cost_the_same_queries_however_many(open_round, commune, count, django_assert_num_queries):
    rows = nominated(open_round, *(proposal(version("agency", commune)) for _ in range(count)))
    forms = forms_on(date(2023, 12, 31))
    with django_assert_num_queries(4):
        nomination_checks(rows, forms)


# --- suggestions ----------------------------------------------------------------------------------
def test_suggestions_give_their_reasons_and_leave_out_who_is_nominated(ground, commune):
    _staff, units = classified(ground[0], commune, {"KT-1": "xuat_sac", "KT-2": "kha", "KT-3": "xuat_sac"})
    point(practice_model(ground[0], name="Camera an ninh"), units["KT-2"])
    a_round = ring(ground[0])
    nominated(a_round, proposal(units["KT-3"]))
    found = {one.unit_code: one.reasons for one in suggestions(a_round)}
    assert found == {
        "KT-1": ["Năm 2023: loại Xuất sắc (Quyết định số 01/QĐ-BCĐ)."],
        "KT-2": ["Có 1 điểm mô hình đang hoạt động: “Camera an ninh”."],
    }


def test_a_communes_round_suggests_its_own_ground_alone(ground, commune):
    classified(ground[0], commune, {"KT-1": "xuat_sac"})
    other = version("commune", ground[1])
    assert [one.unit_code for one in suggestions(ring(commune))] == ["KT-1"]
    assert suggestions(ring(other)) == []


# --- two at once ----------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_gets_a_sentence():
    province, _district, commune = legacy_ground()
    a_round = ring(province)
    rows = nominated(a_round, proposal(commune))
    barrier, outcomes = Barrier(2), []

    def attempt(number):
        try:
            barrier.wait()
            decide(a_round, rows, number=number)
            outcomes.append("ok")
        except Refused as refused:
            outcomes.append(refused.problems[0].code)
        finally:
            connection.close()

    threads = [Thread(target=attempt, args=(f"{n}/QĐ-UBND",)) for n in (31, 32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_decided", "ok"]
    assert Award.objects.count() == 1
