"""Every address × every role × inside, outside, through a group, nobody: what opening it answers."""

import pytest

from .asking import LIBRARY, METHODS, answer, compared, names_of_addresses, parts, table, told
from .sites import SITES, address, body

pytestmark = pytest.mark.django_db


def test_the_table_names_every_address_and_no_other():
    """``expected.txt`` and what the tests can open both follow the URL configuration."""
    rows = table()

    assert {name.partition("@")[0] for name, _method in rows} == names_of_addresses()
    assert {name for name, _method in rows} == set(SITES)
    assert {method for _name, method in rows} <= {"GET", "POST"}
    assert set("".join(rows.values())) <= set("+-xs· ")  # nothing that breaks, nothing that is not known


@pytest.mark.parametrize("names", parts(), ids=lambda names: f"{names[0]}…")
def test_who_may_open_it(world, names, record_property):
    wrong, asked = compared(names, "GET", *world)
    record_property("matrix", asked)
    assert not wrong, told(wrong)


@pytest.mark.parametrize("names", parts(), ids=lambda names: f"{names[0]}…")
def test_a_method_that_the_table_does_not_name_is_not_known(world, names, record_property):
    place, sides = world
    rows, wrong, asked = table(), [], 0
    for name in names:
        for method in METHODS:
            if (name, method) in rows or name.startswith(LIBRARY):
                continue
            letter, _written = answer(sides["inside"][0], method, address(name, place), body(name, place))
            asked += 1
            if letter != "m":
                wrong.append(f"{name:36} {method:5} {letter}")
    record_property("matrix", asked)
    assert not wrong, told(wrong)
