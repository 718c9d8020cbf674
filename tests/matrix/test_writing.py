"""Every address × every role × inside, outside, through a group, nobody: what sending something to it answers.

Who is refused has written nothing: not a row of any table, sessions apart.
"""

import pytest

from .asking import parts, row_of, table, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("names", parts(), ids=lambda names: f"{names[0]}…")
def test_who_may_send_to_it(world, names, record_property):
    place, sides = world
    rows, wrong, asked = table(), [], 0
    for name in names:
        if (name, "POST") not in rows:
            continue
        got, wrote, requests = row_of(name, "POST", place, sides)
        asked += requests
        if got != rows[name, "POST"]:
            wrong.append(f"{name:36} POST {got}\n{'':27}expected  {rows[name, 'POST']}")
        if wrote:
            wrong.append(f"{name:36} POST refused, and wrote all the same: {', '.join(wrote)}")
    record_property("matrix", asked)
    assert not wrong, told(wrong)
