"""Whose accounts an administrator sees and changes, and what a change of rights does at once."""

from datetime import date, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction

from movement.accounts.access import can, grounds
from movement.accounts.directory import accounts_managed, held_at, holding_of, stranded_rights
from movement.accounts.enums import Role
from movement.accounts.models import Assignment, User
from movement.accounts.rules import Held, Holding
from movement.accounts.services import (
    account_close,
    account_reopen,
    assignment_deputise,
    assignment_end,
    assignment_follow,
    assignment_give,
    assignment_transfer,
)
from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.ground import REFORM, account, today, version
from units.models import Lineage, UnitGroup

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    """Two provinces of today; the first with two communes, a hamlet in each."""
    found = {"province": version("province", since=REFORM), "other-province": version("province", since=REFORM)}
    for name, under in (("commune", "province"), ("neighbour", "province"), ("far", "other-province")):
        found[name] = version("commune", found[under], level="province", since=REFORM)
    for name in ("commune", "neighbour"):
        found[f"{name}-hamlet"] = version("residential_area", found[name], since=REFORM)
    return found


ACCOUNTS = [
    ("staff", "province"), ("admin", "commune"), ("commune_officer", "commune"), ("unit_rep", "commune-hamlet"),
    ("auditor", "commune"), ("commune_lead", "neighbour"), ("commune_lead", "far"), ("staff", "other-province"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ("province", {f"{role}@{at}" for role, at in ACCOUNTS[:6]}),
        ("commune", {"commune_officer@commune", "unit_rep@commune-hamlet"}),
        ("other-province", {"commune_lead@far", "staff@other-province"}),
    ],
)
def test_an_administrator_manages_accounts_whose_every_right_is_on_the_ground_and_below(places, root, expected):
    people = {f"{role}@{at}": account(role, places[at]) for role, at in ACCOUNTS}
    both = account("commune_officer", places["commune"], username="both")
    both.assignments.create(role="commune_officer", unit=places["far"].unit, valid=(REFORM, None))
    admin = account("admin", places[root], username="the-admin")
    account(username="no-right-yet")

    listed = set(accounts_managed(admin).values_list("pk", flat=True))

    assert {name for name, user in people.items() if user.pk in listed} == expected
    assert listed == {people[name].pk for name in expected}
    everybody = User.objects.exclude(pk=admin.pk)
    assert {user.pk for user in everybody if can(admin, "accounts.manage", holding_of(user))} == listed


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"admin"}))
def test_nobody_but_an_administrator_manages_accounts(places, role):
    account("unit_rep", places["commune-hamlet"])
    user = account(role, places["province"])

    assert not can(user, "accounts.manage")
    assert set(accounts_managed(user)) == set()


@pytest.mark.parametrize("role", Role.values)
def test_a_communes_administrator_gives_only_roles_below(places, role):
    admin = account("admin", places["commune"])
    given = Holding(None, (held_at(role, places["commune"]),))
    outside = Holding(None, (held_at(role, places["neighbour"]),))
    below = {"commune_officer", "commune_lead", "unit_rep", "managing_body", "leader", "council", "clerk"}

    assert bool(can(admin, "accounts.manage", given)) == (role in below)
    assert not can(admin, "accounts.manage", outside)


def test_two_assignments_never_add_up_to_an_account_that_neither_reaches(places):
    admin = account("admin", places["commune"])
    admin.assignments.create(role="admin", unit=places["neighbour"].unit, valid=(REFORM, None))
    both = account("commune_officer", places["commune"])
    both.assignments.create(role="commune_officer", unit=places["neighbour"].unit, valid=(REFORM, None))

    assert not can(admin, "accounts.manage", holding_of(both))
    assert both not in accounts_managed(admin)


def test_two_assignments_in_two_territories_never_add_up_to_a_right_in_a_third_place(places):
    user = account("admin", places["commune"])
    user.assignments.create(role="auditor", unit=places["province"].unit, valid=(REFORM, None))

    assert not can(user, "accounts.manage", Holding(None, (held_at("unit_rep", places["neighbour-hamlet"]),)))
    assert not can(user, "units.change", places["neighbour-hamlet"])


def test_nobody_manages_their_own_account(places):
    admin = account("admin", places["province"])

    assert "của mình" in can(admin, "accounts.manage", holding_of(admin)).sentence
    assert admin not in accounts_managed(admin)


def test_a_transferred_officer_is_managed_where_they_are_now(places):
    user = account("commune_officer", places["neighbour"], until=today())
    user.assignments.create(role="commune_officer", unit=places["commune"].unit, valid=(today(), None))

    assert user in accounts_managed(account("admin", places["commune"]))
    assert user not in accounts_managed(account("admin", places["neighbour"]))


def test_rights_in_a_group_are_the_provinces_to_give(places):
    group = UnitGroup.objects.create(
        province=places["province"].unit, kind="cluster", name="Cụm 1", valid=(REFORM, None)
    )
    user = account()
    given = assignment_give(user=user, role="area_officer", group=group, actor="kiểm tra")

    assert user in accounts_managed(account("admin", places["province"]))
    assert user not in accounts_managed(account("admin", places["commune"]))
    assert user not in accounts_managed(account("admin", places["other-province"]))
    assert given.group == group
    assert not can(account("admin", places["commune"]), "accounts.manage", Holding(
        None, (Held("area_officer", today(), province_id=group.province_id),)
    ))  # fmt: skip


@pytest.mark.parametrize("role", ["staff", "commune_lead", "unit_rep"])
def test_a_role_that_stands_on_a_place_is_not_given_on_a_group(places, role):
    group = UnitGroup.objects.create(
        province=places["province"].unit, kind="cluster", name="Cụm 1", valid=(REFORM, None)
    )
    with pytest.raises(Refused, match="không gắn với cụm"):
        assignment_give(user=account(), role=role, group=group, actor="kiểm tra")


# --- at once --------------------------------------------------------------------------------------


def signed_in(client, user) -> None:
    user.set_password("mot-cau-du-dai-de-thu")
    user.save()
    client.post("/tai-khoan/dang-nhap/", {"login": user.username, "password": "mot-cau-du-dai-de-thu"})
    assert is_signed_in(client)


def trail() -> list[tuple[str, str]]:
    """``(action, reason)`` of all that followed signing in."""
    rows = Entry.objects.exclude(action="account.signed_in").order_by("id")
    return list(rows.values_list("action", "reason"))


def is_signed_in(client) -> bool:
    return client.get("/").status_code == 200


def test_a_closed_account_is_out_at_once_and_comes_back_with_what_it_had(client, places):
    user = account("commune_officer", places["commune"])
    signed_in(client, user)
    assert UserSession.objects.filter(user=user).count() == 1

    account_close(user, actor="kiểm tra", reason="nghỉ việc")

    assert not is_signed_in(client)
    assert (UserSession.objects.count(), Session.objects.count()) == (0, 0)
    assert grounds(User.objects.get(pk=user.pk), tree_on=today()) == []
    account_reopen(user, actor="kiểm tra")
    assert len(grounds(User.objects.get(pk=user.pk), tree_on=today())) == 1
    assert trail() == [("account.close", "nghỉ việc"), ("account.reopen", "")]


@pytest.mark.parametrize("since", [-5, 0, 5])
def test_a_right_that_ends_today_is_gone_at_once(client, places, since):
    user = account("commune_officer", places["commune"], since=today() + timedelta(days=since))
    signed_in(client, user)

    assignment_end(user.assignments.get(), actor="kiểm tra")

    assert not is_signed_in(client)
    assert grounds(User.objects.get(pk=user.pk), tree_on=today()) == []
    row = user.assignments.get()
    assert (row.cancelled_at is None) == (since < 0)


def test_a_right_that_ends_later_holds_until_then(client, places):
    user = account("commune_officer", places["commune"])
    signed_in(client, user)

    assignment_end(user.assignments.get(), actor="kiểm tra", upper=today() + timedelta(days=3))

    assert is_signed_in(client)
    assert user.assignments.get().valid.upper == today() + timedelta(days=3)


def test_a_right_is_not_given_twice_nor_to_a_closed_account(places):
    user = account("commune_officer", places["commune"])
    with pytest.raises(Refused, match="đúng vai trò"):
        assignment_give(
            user=user, role="commune_officer", unit=places["commune"].unit, kind="commune", actor="kiểm tra"
        )
    account_close(user, actor="kiểm tra")
    with pytest.raises(Refused, match="đã đóng"):
        assignment_give(user=user, role="clerk", unit=places["commune"].unit, kind="commune", actor="kiểm tra")


def test_a_transfer_ends_the_old_right_and_begins_the_new_one_today(client, places):
    user = account("commune_officer", places["commune"])
    signed_in(client, user)

    assignment_transfer(user.assignments.get(), unit=places["neighbour"].unit, kind="commune", actor="kiểm tra")

    assert not is_signed_in(client)
    held = grounds(User.objects.get(pk=user.pk), tree_on=today())
    assert [g.unit_id for g in held] == [places["neighbour"].unit_id]
    assert [action for action, _reason in trail()] == ["assignment.end", "assignment.give"]


def test_a_transfer_that_is_refused_changes_nothing(places):
    user = account("commune_officer", places["commune"])
    with pytest.raises(Refused, match="phải gắn với"):
        assignment_transfer(user.assignments.get(), unit=places["province"].unit, kind="province", actor="kiểm tra")
    assert user.assignments.get().valid.upper is None


# --- deputies -------------------------------------------------------------------------------------


@pytest.fixture
def deputised(places):
    """A lead of the commune, the neighbour's officer who stands in for them, and the row."""
    lead = account("commune_lead", places["commune"], username="lead")
    officer = account("commune_officer", places["neighbour"], username="officer")
    row = assignment_deputise(
        lead.assignments.get(), user=officer, start=today(), end=today() + timedelta(days=7), actor="kiểm tra"
    )
    return lead, officer, row


def fresh(user) -> User:
    return User.objects.get(pk=user.pk)


def test_a_deputy_has_the_role_and_ground_of_whom_they_stand_in_for(places, deputised):
    _lead, officer, _row = deputised
    right = can(fresh(officer), "units.settings", places["commune"])

    assert (right.allowed, right.ground.deputy_of) == (True, "lead")
    assert not can(fresh(officer), "units.settings", places["neighbour"])  # never the role here with the ground there


@pytest.mark.parametrize("how", ["ended", "cancelled", "closed", "expired"])
def test_a_deputys_right_ends_with_the_other_one(places, deputised, how):
    lead, officer, row = deputised
    if how == "ended":
        assignment_end(lead.assignments.get(), actor="kiểm tra")
    elif how == "cancelled":
        Assignment.objects.filter(pk=row.deputy_for_id).update(cancelled_at="2026-01-01T00:00Z")
    elif how == "closed":
        account_close(lead, actor="kiểm tra")
    else:
        Assignment.objects.filter(pk=row.deputy_for_id).update(valid=(date(2020, 1, 1), today()))

    assert not can(fresh(officer), "units.settings", places["commune"])


def test_the_trail_names_both_only_for_what_the_deputy_may_not_do_themselves(places, deputised):
    from movement.audit.services import Act, record

    _lead, officer, _row = deputised
    actor = fresh(officer)
    for place in ("commune", "neighbour"):
        assert can(actor, "units.create", places[place])
        record(actor, Act("probe", place))

    names = list(Entry.objects.filter(action="probe").order_by("id").values_list("actor_name", "actor_id"))
    assert names == [("officer (thay lead)", officer.pk), ("officer", officer.pk)]


@pytest.mark.parametrize(
    ("who", "days", "code"),
    [("lead", (0, 5), "own_deputy"), ("other", (5, 5), "bad_dates"), ("other", (-9999, 5), "beyond_principal")],
)
def test_what_no_deputy_may_be(places, who, days, code):
    lead = account("commune_lead", places["commune"], since=today() - timedelta(days=30))
    user = lead if who == "lead" else account()
    start, end = (today() + timedelta(days=n) for n in days)
    with pytest.raises(Refused) as refused:
        assignment_deputise(lead.assignments.get(), user=user, start=start, end=end, actor="kiểm tra")
    assert [p.code for p in refused.value.problems] == [code]


def test_a_deputy_names_no_deputy(places, deputised):
    *_, row = deputised
    with pytest.raises(Refused, match="không cử người khác"):
        assignment_deputise(row, user=account(), start=today(), end=today() + timedelta(days=1), actor="kiểm tra")


@pytest.mark.parametrize(("column", "value"), [("role", "staff"), ("unit", "far")])
def test_the_database_refuses_a_deputy_with_another_role_or_ground(places, deputised, column, value):
    *_, row = deputised
    value = places[value].unit_id if column == "unit" else value
    with pytest.raises(IntegrityError, match="accounts_assignment_deputy_unit"), transaction.atomic():
        Assignment.objects.filter(pk=row.pk).update(**{column: value})
        connection.check_constraints()


# --- places that have ended -----------------------------------------------------------------------


def test_a_right_on_a_place_that_ended_is_offered_its_main_successor_and_moves_when_confirmed(places):
    old = version("commune", places["province"], level="province", since=REFORM, until=today())
    Lineage.objects.create(
        predecessor=old.unit, successor=places["commune"].unit, kind="merge", on=today(), share="whole", is_main=True
    )
    user = account("commune_officer", old)
    account("commune_officer", places["neighbour"])
    admin = account("admin", places["province"])

    offered = stranded_rights(admin)

    assert [(s.user, s.successor.unit, s.problem) for s in offered] == [(user, places["commune"].unit, "")]
    assert user.assignments.get().unit == old.unit  # nothing happens without confirmation
    assignment_follow(offered[0].line.assignment, successor=offered[0].successor, actor=admin)
    assert [g.unit_id for g in grounds(fresh(user), tree_on=today())] == [places["commune"].unit_id]
    assert stranded_rights(fresh(admin)) == []


def test_a_closed_place_of_another_province_is_not_offered(places):
    old = version("commune", places["other-province"], level="province", since=REFORM, until=today())
    account("commune_officer", old)

    assert stranded_rights(account("admin", places["province"])) == []
