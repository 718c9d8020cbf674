"""The register: searching, counting, who sees whom; revocation; the totals of a year."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection

from awards.models import Revocation
from awards.selectors import (
    awards_counted,
    awards_decided,
    awards_of_year,
    awards_visible,
    names_today,
    searched,
    totals_of,
    unit_awards,
)
from awards.selectors.register import standing_beside
from awards.services import award_revoke, revocation_recovered
from movement.audit.models import Entry
from movement.core.integrity import checks
from movement.core.problems import Refused
from tests.factories.awards import award, given, line, person
from tests.factories.ground import REFORM, account, legacy_ground, version
from tests.factories.units import lineage

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def merged(ground):
    """What the places of ``ground`` became: ``(province, commune)`` since 1/7/2025."""
    province = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    commune = version("commune", province, name="Phường Vị Thanh", since=REFORM)
    lineage(ground[0], province)
    lineage(ground[2], commune)
    return province, commune


def counts(totals):
    return {(t.form, t.recipient_kind): (t.count, t.revoked) for t in totals}


def revoke(entry, actor="kiểm tra", **changes):
    values = {"ground": "b", "by_decision": "90/QĐ-UBND", "revoked_on": date(2024, 5, 4), **changes}
    return award_revoke(award=entry, actor=actor, **values)


def codes(refused):
    return sorted(problem.code for problem in refused.value.problems)


# --- searching ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("nang mau", True),
        ("Nàng Mau", True),
        ("Nặng Mau", False),
        ("vi thuy", True),  # the place it lies in
        ("vị thanh", True),  # what it has become part of
        ("tt nang", False),
        ("khong co", False),
        ("", True),
    ],
)
def test_an_entry_is_found_by_the_names_of_then_and_of_now(ground, merged, typed, found):
    award(ground[2])
    assert searched(awards_visible(account("staff", merged[0])), typed).exists() == found


def test_an_entry_is_found_by_an_earlier_name_of_the_same_unit(ground):
    renamed = version("agency", ground[2], name="Trường Cũ", until=date(2023, 5, 1))
    version("agency", ground[2], name="Trường Mới", since=date(2023, 5, 1), unit=renamed.unit, code=renamed.code)
    kept = award(renamed)
    assert kept.unit_name == "Trường Mới"
    assert list(searched(awards_visible(account("staff", ground[0])), "truong cu")) == [kept]


def test_an_entry_of_then_says_what_the_place_is_now(ground, merged):
    kept = award(ground[2])
    stands = award(version("agency", ground[0], name="Sở Minh Họa", until=REFORM))
    assert names_today([kept, stands]) == {kept.pk: "Phường Vị Thanh"}


# --- who sees whom --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "at", "collectives", "persons"),
    [
        ("staff", "province", 2, 2),
        ("leader", "province", 2, 2),
        ("clerk", "province", 2, 2),
        ("council", "province", 2, 2),
        ("auditor", "province", 2, 2),
        ("admin", "province", 2, 0),
        ("commune_lead", "commune", 1, 1),
        ("commune_officer", "commune", 1, 0),
        ("district_officer", "district", 2, 0),
        ("unit_rep", "school", 1, 0),
        ("managing_body", "school", 1, 0),
        ("staff", "elsewhere", 0, 0),
        (None, "province", 0, 0),
    ],
)
def test_names_of_persons_are_seen_by_their_roles_on_their_ground_only(ground, role, at, collectives, persons):
    other = version("province", name="Tỉnh khác", until=REFORM)
    school = version("school", ground[1], name="Trường Minh Họa")
    places = {"province": ground[0], "district": ground[1], "commune": ground[2], "school": school, "elsewhere": other}
    given(line(ground[2]), person(ground[2]), line(school), person(school))
    user = account(role, places[at]) if role else account()
    seen = [a.recipient_kind for a in awards_visible(user)]
    expected_school = at == "school"
    assert seen.count("collective") == (1 if expected_school else collectives)
    assert seen.count("individual") == persons


def test_two_assignments_do_not_lend_each_other_role_and_ground(ground):
    other = version("commune", ground[1], name="Xã Khác")
    given(person(ground[2], person_name="Người ở Nàng Mau"), person(other, person_name="Người ở Xã Khác"))
    user = account("commune_officer", ground[2])
    from movement.accounts.models import Assignment

    Assignment.objects.create(user=user, role="commune_lead", unit=other.unit, valid=(date(2000, 1, 1), None))
    assert [a.person_name for a in awards_visible(user)] == ["Người ở Xã Khác"]


def test_totals_count_persons_for_those_who_may_not_read_their_names(ground):
    given(line(ground[2]), person(ground[2]), person(ground[2]))
    officer = account("commune_officer", ground[2])
    assert counts(totals_of(awards_counted(officer))) == {
        ("bang_khen_tinh", "collective"): (1, 0),
        ("bang_khen_tinh", "individual"): (2, 0),
    }


def test_what_was_given_to_a_place_of_then_is_read_by_who_holds_it_now(ground, merged):
    kept = award(ground[2])
    assert list(awards_visible(account("commune_lead", merged[1]))) == [kept]
    assert list(awards_visible(account("staff", merged[0]))) == [kept]
    assert list(awards_visible(account("staff", ground[0]))) == [kept]


# --- counting -------------------------------------------------------------------------------------
def test_the_register_of_a_year_counts_without_the_revoked(ground):
    entries = given(
        line(ground[2], form="co_tinh"), line(ground[1], form="co_tinh"), line(ground[2]), person(ground[2])
    )
    revoke(entries[0])
    rows = awards_decided(ground[0].unit, date(2024, 1, 1), date(2024, 12, 31))
    assert counts(totals_of(rows)) == {
        ("co_tinh", "collective"): (1, 1),
        ("bang_khen_tinh", "collective"): (1, 0),
        ("bang_khen_tinh", "individual"): (1, 0),
    }
    assert rows.count() == 4
    assert not awards_decided(ground[0].unit, date(2024, 1, 16), date(2024, 12, 31)).exists()


def test_the_register_of_a_province_holds_what_its_predecessors_gave(ground, merged):
    award(ground[2])
    assert awards_decided(merged[0].unit, date(2020, 1, 1), date(2026, 1, 1)).count() == 1


def test_a_year_holds_the_commendations_whose_achievement_ends_in_it(ground, merged):
    commune = ground[2]
    given(
        line(commune, form="co_tinh"),
        line(ground[1], achieved_from="2022-01-01"),
        person(commune, achieved_from="2022-01-01"),
        line(version("agency", commune), achieved_from="2022-01-01", achieved_to="2022-12-31"),
        line(version("agency", commune), achieved_from="2023-01-01", achieved_to="2024-01-01"),
        line(version("agency", commune), achieved_from="", achieved_to=""),
    )
    revoke(award(version("agency", commune)))
    for province in (ground[0], merged[0]):
        year = awards_of_year(2023, province.unit)
        assert [(t.form, t.achieved_from, t.achieved_to, t.collectives, t.individuals) for t in year.totals] == [
            ("co_tinh", date(2023, 1, 1), date(2023, 12, 31), 1, 0),
            ("bang_khen_tinh", date(2022, 1, 1), date(2023, 12, 31), 1, 1),
        ]
        assert ([one.form for one in year.collectives], len(year.persons), year.revoked) == (
            ["co_tinh", "bang_khen_tinh"], 1, 1,
        )  # fmt: skip
        assert sum(t.collectives for t in year.totals) == len(year.collectives)


def test_an_authority_written_in_two_ways_is_counted_as_one(ground):
    award(ground[2], authority="UBND tỉnh")
    award(ground[1], authority="Ủy ban nhân dân tỉnh Hậu Giang")
    totals = totals_of(awards_decided(ground[0].unit, date(2024, 1, 1), date(2024, 12, 31)))
    assert [total.count for total in totals] == [2]


def test_a_units_panel_names_no_person_and_marks_the_revoked(ground):
    entries = given(line(ground[2]), person(ground[2]))
    revoke(entries[0])
    rows = unit_awards([ground[2].unit_id])
    assert [(row["form"], row["decision"], row["revoked"], row["period"], row["year"]) for row in rows] == [
        ("bang_khen_tinh", "13/QĐ-UBND", True, "01/01/2023–31/12/2023", 2023)
    ]


# --- revocation -----------------------------------------------------------------------------------
def test_a_revocation_leaves_the_entry_and_takes_it_out_of_every_total(ground):
    entry = award(ground[2])
    before = standing_beside(entry)
    revoke(entry, actor=account("staff", ground[0]))
    entry.refresh_from_db()
    assert (before.in_decision, before.in_year, before.year) == (1, 1, 2023)
    assert entry.revoked
    assert awards_of_year(2023, ground[0].unit).collectives == []
    assert Entry.objects.get(action="award.revoke").object_id == entry.ulid


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"revoked_on": date(2024, 1, 14)}, "before_award"),
        ({"revoked_on": date(2190, 1, 1)}, "date_ahead"),
        ({"ground": "e"}, "unknown_ground"),
        ({"by_decision": " "}, "decision_missing"),
        ({"object_returned_on": date(2024, 5, 3)}, "returned_before"),
    ],
)
def test_a_revocation_that_cannot_be_is_refused(ground, changes, code):
    with pytest.raises(Refused) as refused:
        revoke(award(ground[2]), **changes)
    assert codes(refused) == [code]
    assert not Revocation.objects.exists()


def test_an_award_is_revoked_once(ground):
    entry = award(ground[2])
    revoke(entry)
    with pytest.raises(Refused) as refused:
        revoke(entry)
    assert codes(refused) == ["already_revoked"]


def test_what_came_back_is_filled_in_later(ground):
    row = revoke(award(ground[2]))
    staff = account("staff", ground[0])
    revocation_recovered(revocation=row, actor=staff, object_returned_on=date(2024, 6, 1), money_returned=3_795_000)
    row.refresh_from_db()
    assert (row.object_returned_on, row.money_returned) == (date(2024, 6, 1), 3_795_000)
    assert Entry.objects.get(action="award.recover").after == {"object_returned_on": "2024-06-01", "money": "3795000"}


@pytest.mark.parametrize(
    ("authority", "form", "role", "at", "allowed"),
    [
        ("UBND tỉnh", "bang_khen_tinh", "staff", 0, True),
        ("Bộ Công an", "bang_khen_bo", "staff", 0, True),
        ("UBND huyện Vị Thủy", "giay_khen_huyen", "staff", 0, True),
        ("UBND thị trấn Nàng Mau", "giay_khen_xa", "staff", 0, False),
        ("UBND thị trấn Nàng Mau", "giay_khen_xa", "commune_lead", 2, True),
        ("UBND tỉnh", "bang_khen_tinh", "commune_lead", 2, False),
        ("UBND tỉnh", "bang_khen_tinh", "leader", 0, False),
        ("UBND tỉnh", "bang_khen_tinh", "auditor", 0, False),
    ],
)
def test_who_issued_an_award_revokes_it(ground, authority, form, role, at, allowed):
    entry = award(ground[2], authority=authority, form=form)
    actor = account(role, ground[at])
    if allowed:
        revoke(entry, actor=actor)
        assert Revocation.objects.count() == 1
    else:
        with pytest.raises(Refused) as refused:
            revoke(entry, actor=actor)
        assert codes(refused) == ["not_allowed"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_revoke_at_once_one_gets_a_sentence():
    entry = award(legacy_ground()[2])
    barrier, outcomes = Barrier(2), []

    def attempt():
        try:
            barrier.wait()
            revoke(entry)
            outcomes.append("ok")
        except Refused as refused:
            outcomes.append(refused.problems[0].code)
        finally:
            connection.close()

    threads = [Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_revoked", "ok"]


def test_integrity_finds_nothing_wrong_with_what_the_services_wrote(ground):
    revoke(given(line(ground[2]), person(ground[2]))[0])
    check = next(check for name, _title, check in checks() if name == "awards")
    assert list(check()) == []
