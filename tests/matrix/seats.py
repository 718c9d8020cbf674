"""Who opens a page: every role where the thing lies, every role somewhere else, every role through a group, nobody."""

from __future__ import annotations

from django.test import Client

from movement.accounts.enums import Role

from .world import Place, person_of

# Roles in the order of the columns; the second row stands at the commune instead of the province.
ROLES = list(Role)
ALSO_OF_COMMUNES = [Role.LEADER, Role.COUNCIL, Role.CLERK, Role.AUDITOR, Role.ADMIN]
SIDES = ("inside", "outside", "group", "nobody")
LETTERS = {
    Role.STAFF: "s", Role.COMMUNE_OFFICER: "o", Role.COMMUNE_LEAD: "l", Role.DISTRICT_OFFICER: "d", Role.AREA_OFFICER: "r",
    Role.UNIT_REP: "u", Role.MANAGING_BODY: "m", Role.LEADER: "L", Role.COUNCIL: "C", Role.CLERK: "K", Role.AUDITOR: "A",
    Role.ADMIN: "Q",
}  # fmt: skip
HEAD = " ".join(
    [
        *2 * ["".join(LETTERS[role] for role in ROLES) + "·" + "".join(LETTERS[role] for role in ALSO_OF_COMMUNES)],
        "".join(LETTERS[role] for role in ROLES),
        "-?",
    ]
)


def root_of(role: str, place: Place):
    """Where a role stands that has the things of ``place`` on its ground."""
    return {
        Role.COMMUNE_OFFICER: place.commune, Role.COMMUNE_LEAD: place.commune, Role.AREA_OFFICER: place.commune,
        Role.DISTRICT_OFFICER: place.district, Role.UNIT_REP: place.school, Role.MANAGING_BODY: place.office,
    }.get(role, place.province.version)  # fmt: skip


def at_place(place: Place, name: str) -> list[Client]:
    """Clients of all roles with ``place`` on their ground: at their usual root, then those that stand at a commune too."""
    people = [person_of(role, root_of(role, place), name=f"{name}-{role}") for role in ROLES]
    people += [person_of(role, place.commune, name=f"{name}-xa-{role}") for role in ALSO_OF_COMMUNES]
    return [signed_in(user) for user in people]


def strangers(neighbour: Place, far: Place, name: str) -> list[Client]:
    """The same roles elsewhere: those of a commune next door, those of a province in another province."""
    of_province = {role for role in ROLES if root_of(role, neighbour) is neighbour.province.version}
    people = [
        person_of(role, root_of(role, far if role in of_province else neighbour), name=f"{name}-{role}")
        for role in ROLES
    ]
    people += [person_of(role, neighbour.commune, name=f"{name}-xa-{role}") for role in ALSO_OF_COMMUNES]
    return [signed_in(user) for user in people]


def in_group(place: Place, name: str) -> list[Client]:
    """All roles through a group to which the units of ``place`` belong."""
    return [signed_in(person_of(role, group=place.group, name=f"{name}-{role}")) for role in ROLES]


def nobodies(name: str) -> list[Client]:
    """An account without any assignment, and nobody."""
    anybody = Client(raise_request_exception=False)
    anybody.signed = ""
    return [signed_in(person_of(None, name=name)), anybody]


def signed_in(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.user, client.signed = user, client.cookies.output(header="", sep=";")
    return client
