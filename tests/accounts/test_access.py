"""Who sees what: by place, in the tree of the date that is looked at."""

from datetime import date

import pytest

from movement.accounts.access import grounds, may_read, visible_to, visible_versions
from tests.factories.ground import REFORM, account, version
from units.models import Lineage, UnitGroup, UnitGroupMember, UnitVersion

THEN, NOW = date(2023, 12, 31), date(2026, 12, 31)
pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    """Two legacy provinces merged into one; one commune merged whole, one in part, one left alone."""
    a, b = (version("province", code=code, until=REFORM) for code in ("93", "94"))
    da, db = version("district", a), version("district", b)
    found = {
        "province-a": a, "province-b": b, "district-a": da, "district-b": db,
        "whole": version("commune", da), "part": version("commune", da), "other": version("commune", da),
        "far": version("commune", db),
    }  # fmt: skip
    found["office"] = version("agency", found["whole"])
    new = version("province", code="92", since=REFORM)
    found["new-province"] = new
    found["ward"] = version("commune", new, since=REFORM, level="province")
    found["second"] = version("commune", new, since=REFORM, level="province")
    links = [
        ("province-a", "new-province", "whole", True), ("province-b", "new-province", "whole", True),
        ("whole", "ward", "whole", True), ("part", "ward", "part", False), ("part", "second", "part", True),
        ("other", "second", "whole", True),
    ]  # fmt: skip
    for old, new_name, share, main in links:
        Lineage.objects.create(
            predecessor=found[old].unit,
            successor=found[new_name].unit,
            kind="merge",
            on=REFORM,
            share=share,
            is_main=main,
        )
    return found


def seen(user, on, places):
    units = set(visible_versions(user, tree_on=on).values_list("unit_id", flat=True))
    return {name for name, v in places.items() if v.unit_id in units}


@pytest.mark.parametrize(
    ("root", "on", "expected"),
    [
        ("whole", THEN, {"whole", "office"}),
        ("district-a", THEN, {"district-a", "whole", "part", "other", "office"}),
        ("ward", THEN, {"whole", "office"}),
        ("second", THEN, {"part", "other"}),
        (
            "new-province",
            THEN,
            {"province-a", "province-b", "district-a", "district-b", "whole", "part", "other", "far", "office"},
        ),
        ("ward", NOW, {"ward"}),
        ("whole", NOW, set()),
        ("new-province", NOW, {"new-province", "ward", "second"}),
    ],
)
def test_a_root_reaches_its_ground_or_what_it_stands_for(places, root, on, expected):
    assert seen(account("staff", places[root]), on, places) == expected


@pytest.mark.parametrize("since, until", [(date(2030, 1, 1), None), (date(2020, 1, 1), date(2024, 1, 1))])
def test_an_assignment_outside_today_shows_nothing(places, since, until):
    assert seen(account("staff", places["province-a"], since=since, until=until), THEN, places) == set()


def test_somebody_without_assignment_sees_nothing(places):
    assert seen(account(), THEN, places) == set()


def test_a_closed_account_sees_nothing(places):
    user = account("staff", places["province-a"])
    user.is_active = False
    assert seen(user, THEN, places) == set()


def test_a_managing_body_sees_the_units_it_manages_wherever_they_stand(places):
    body = version("agency", places["far"])
    school = version("school", places["whole"], managing_body=body.unit)
    user = account("managing_body", body)
    units = set(visible_versions(user, tree_on=THEN).values_list("unit_id", flat=True))
    assert units == {body.unit_id, school.unit_id}


def test_a_group_is_ground_for_reading(places):
    group = UnitGroup.objects.create(
        province=places["province-a"].unit, kind="cluster", name="Cụm 1", valid=(date(2020, 1, 1), None)
    )
    UnitGroupMember.objects.create(group=group, unit=places["far"].unit, valid=(date(2020, 1, 1), date(2024, 1, 1)))
    UnitGroupMember.objects.create(group=group, unit=places["other"].unit, valid=(date(2024, 1, 1), None))
    user = account()
    user.assignments.create(role="area_officer", group=group, valid=(date(2020, 1, 1), None))
    assert seen(user, THEN, places) == {"far"}


def test_two_assignments_double_no_row(places):
    user = account("staff", places["province-a"])
    user.assignments.create(role="auditor", unit=places["district-a"].unit, valid=(date(2020, 1, 1), None))
    rows = visible_to(UnitVersion.objects.filter(valid__contains=THEN), user, tree_on=THEN)
    assert len(rows) == len(set(rows.values_list("pk", flat=True))) == 6


@pytest.mark.parametrize("extra", [0, 3])
def test_rights_cost_a_fixed_number_of_queries(places, django_assert_num_queries, extra):
    user = account("staff", places["province-a"])
    for _ in range(extra):
        user.assignments.create(role="auditor", unit=places["district-a"].unit, valid=(date(2020, 1, 1), None))
    user = type(user).objects.get(pk=user.pk)
    with django_assert_num_queries(2):
        list(visible_versions(user, tree_on=THEN))


@pytest.mark.parametrize("on", [THEN, NOW])
@pytest.mark.parametrize("root", ["whole", "district-a", "ward", "second", "new-province", "office"])
def test_one_version_may_be_read_exactly_when_the_list_shows_it(places, root, on):
    user = account("auditor", places[root])
    managed = version("school", places["far"], managing_body=places[root].unit)
    versions = {**places, "managed": managed}

    assert {name for name, v in versions.items() if may_read(user, v, tree_on=on)} == seen(user, on, versions)


def test_looking_at_many_years_costs_what_one_year_costs(places, django_assert_num_queries):
    user = account("staff", places["ward"])
    grounds(user, tree_on=THEN)

    with django_assert_num_queries(0):
        reached = [grounds(user, tree_on=date(year, 12, 31))[0].paths for year in range(2015, 2027)]

    assert reached == [(places["whole"].path,)] * 10 + [(places["ward"].path,)] * 2
