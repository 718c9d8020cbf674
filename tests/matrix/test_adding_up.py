"""Two assignments give what each gives alone and nothing more: a role from here never meets the ground from there."""

from datetime import timedelta

import pytest

from movement.accounts.enums import Role
from movement.accounts.models import Assignment
from tests.factories.ground import SINCE, today

from .asking import answer, table
from .seats import ROLES, root_of, signed_in
from .sites import address, body
from .world import person_of

pytestmark = pytest.mark.django_db
# (what may do most, elsewhere; what reads, here)
PAIRS = [
    (Role.STAFF, Role.AREA_OFFICER),
    (Role.ADMIN, Role.COUNCIL),
    (Role.COMMUNE_LEAD, Role.UNIT_REP),
    (Role.LEADER, Role.MANAGING_BODY),
]
OWN = ("account_", "mfa_", "usersessions_")


def _lets_in(cells: str, role: str) -> bool:
    return cells[ROLES.index(role)] == "+"


def _rows(place, client, record_property):
    rows = [(name, method, cells) for (name, method), cells in table().items() if not name.startswith(OWN)]
    record_property("matrix", len(rows))
    for name, method, cells in rows:
        letter, _written = answer(client, method, address(name, place), body(name, place))
        yield name, method, letter == "+", cells.split()


@pytest.mark.parametrize(("there", "here"), PAIRS)
def test_a_role_there_and_a_ground_here_are_no_right_here(world, there, here, record_property):
    place, sides = world
    elsewhere = sides["outside"][ROLES.index(there)].user.assignments.get()
    user = person_of(here, root_of(here, place), name=f"hai-{there}-{here}")
    Assignment.objects.create(user=user, role=there, unit=elsewhere.unit, valid=(SINCE, None))

    wrong = [
        f"{name} {method}: {'let in' if let_in else 'refused'}"
        for name, method, let_in, (inside, outside, *_) in _rows(place, signed_in(user), record_property)
        if let_in != (_lets_in(inside, here) or _lets_in(outside, there))
        if not _of_one_account(name)
    ]

    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("role", [Role.STAFF, Role.COMMUNE_LEAD])
def test_what_is_over_gives_nothing_beside_what_holds(world, role, record_property):
    place, sides = world
    elsewhere = sides["outside"][ROLES.index(Role.AUDITOR)].user.assignments.get()
    user = person_of(role, root_of(role, place), name=f"het-han-{role}")
    user.assignments.update(valid=(SINCE, today() - timedelta(days=1)))
    Assignment.objects.create(user=user, role=Role.AUDITOR, unit=elsewhere.unit, valid=(SINCE, None))

    wrong = [
        f"{name} {method}: {'let in' if let_in else 'refused'}"
        for name, method, let_in, (_inside, outside, *_) in _rows(place, signed_in(user), record_property)
        if let_in != _lets_in(outside, Role.AUDITOR)
    ]

    assert not wrong, "\n" + "\n".join(wrong)


def _of_one_account(name: str) -> bool:
    """What is there for the one account that sent or asked for it."""
    return name in {
        "listing", "listing_file", "file_view", "file_download", "accounts:tie_end", "accounts:list_preview",
        "accounts:list_accept", "accounts:list_handover", "accounts:slips", "units:import_preview",
        "units:import_choose", "units:import_accept", "units:lineage_preview", "units:lineage_accept",
    }  # fmt: skip
