"""One world for all lines of the table, and its size at the end of the run."""

import logging

import pytest
from django.db import transaction
from django.test import override_settings

from movement.accounts.enums import Role

from .seats import ROLES, at_place, in_group, nobodies, strangers
from .world import everywhere


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """``(place, {side: clients in the order of the table's columns})``: a place with one of everything in it.

    Built once, and taken back with the module's last test; each request takes back its own.
    """
    folder = tmp_path_factory.mktemp("files")
    requests = logging.getLogger("django.request")  # a line for each of thousands that are refused
    level = requests.level
    requests.setLevel(logging.CRITICAL)
    with django_db_blocker.unblock(), override_settings(FILES_ROOT=folder), transaction.atomic():
        place, neighbour, far = everywhere()
        inside = at_place(place, "trong")
        own = dict(zip(ROLES, (client.user for client in inside), strict=False))
        place.belong_to(own[Role.STAFF], own[Role.ADMIN], own[Role.COMMUNE_LEAD])
        yield (
            place,
            {
                "inside": inside,
                "outside": strangers(neighbour, far, "ngoai"),
                "group": in_group(place, "cum"),
                "nobody": nobodies("ai-do"),
            },
        )
        transaction.set_rollback(True)
    requests.setLevel(level)
