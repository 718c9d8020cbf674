"""Every address × every role × inside, outside, through a group, nobody: what sending something to it answers.

Who is refused has written nothing: not a row of any table, sessions apart.
"""

import pytest

from .asking import compared, parts, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("names", parts(), ids=lambda names: f"{names[0]}…")
def test_who_may_send_to_it(world, names, record_property):
    wrong, asked = compared(names, "POST", *world)
    record_property("matrix", asked)
    assert not wrong, told(wrong)
