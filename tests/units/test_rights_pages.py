"""Who may do what with the register: role and ground from one assignment."""

from datetime import date

import pytest

from movement.accounts.access import can
from tests.factories.ground import REFORM, account, version
from tests.factories.units import lineage
from units.models import UnitGroup

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    """A province of today made of an old one, two communes, units of each level, and another province."""
    found = {
        "old": version("province", name="Tỉnh Hậu Giang", code="93", until=REFORM),
        "province": version("province", name="Thành phố Cần Thơ", code="92", since=REFORM),
        "other": version("province", name="Tỉnh Khác", code="01", since=REFORM),
    }
    found["commune"] = version("commune", found["province"], since=REFORM, level="province")
    found["next"] = version("commune", found["province"], since=REFORM, level="province")
    found["area"] = version("residential_area", found["commune"], since=REFORM)
    found["school"] = version("school", found["commune"], since=REFORM, level="province")
    found["office"] = version("agency", found["commune"], since=REFORM, level="commune")
    found["office_next"] = version("agency", found["next"], since=REFORM, level="commune")
    found["closed"] = version("commune", found["old"], name="Xã Đã Hết")
    found["far"] = version("agency", found["other"], since=REFORM, level="commune")
    lineage(found["old"], found["province"])
    return found


def allowed(user, action, ground, names):
    return {name for name in names if can(user, action, ground[name])}


EVERYTHING = {"province", "commune", "next", "area", "school", "office", "office_next", "closed", "old"}
THINGS = (*sorted(EVERYTHING), "other", "far")


@pytest.mark.parametrize(
    ("role", "at", "change", "contact"),
    [
        ("staff", "province", EVERYTHING, EVERYTHING),
        ("admin", "province", EVERYTHING, EVERYTHING),
        ("commune_lead", "commune", {"area", "office"}, {"area", "office", "commune"}),
        ("commune_officer", "commune", {"area", "office"}, {"area", "office", "commune"}),
        ("unit_rep", "school", set(), {"school"}),
        ("district_officer", "province", set(), set()),
        ("leader", "province", set(), set()),
        ("auditor", "province", set(), set()),
        ("clerk", "province", set(), set()),
    ],
)
def test_units_are_changed_by_their_office_on_its_ground(ground, role, at, change, contact):
    user = account(role, ground[at])

    assert allowed(user, "units.change", ground, THINGS) == change
    assert allowed(user, "units.contact", ground, THINGS) == contact


@pytest.mark.parametrize(
    ("role", "at", "below", "settings", "group", "duplicates"),
    [
        ("staff", "province", {"province", "commune", "next", "old", "closed"}, True, True, True),
        ("admin", "province", {"province", "commune", "next", "old", "closed"}, True, True, True),
        ("admin", "commune", {"commune"}, True, False, True),
        ("commune_lead", "commune", {"commune"}, True, False, False),
        ("commune_officer", "commune", {"commune"}, False, False, False),
        ("auditor", "province", set(), False, False, False),
        ("leader", "commune", set(), False, False, False),
    ],
)
def test_what_else_the_office_does_is_bound_to_its_ground(ground, role, at, below, settings, group, duplicates):
    user = account(role, ground[at])
    cluster = UnitGroup.objects.create(
        province=ground["old"].unit, kind="cluster", name="Cụm 1", valid=(date(2020, 1, 1), None)
    )
    cluster.refresh_from_db()
    places = ("province", "commune", "next", "old", "closed", "other")

    assert allowed(user, "units.create", ground, places) == below
    assert bool(can(user, "units.settings", ground["commune"])) == settings
    assert not can(user, "units.settings", ground["school"])
    assert bool(can(user, "units.groups", cluster)) == group
    assert bool(can(user, "units.duplicates", ground["commune"])) == duplicates


def test_an_office_settles_its_own_place_alone(ground):
    assert not can(account("commune_lead", ground["commune"]), "units.settings", ground["next"])
    assert not can(account("staff", ground["province"]), "units.settings", ground["other"])
