"""The printed table says what the rules say."""

from importlib import import_module

import pytest
from django.conf import settings

from movement.accounts.access import actions
from movement.accounts.enums import Role
from movement.accounts.rights_table import rights_page


@pytest.fixture(autouse=True)
def all_edges():
    import_module(settings.ROOT_URLCONF)  # an edge may declare an act of its own


def test_the_table_in_the_docs_is_up_to_date():
    page = (settings.BASE_DIR / "docs" / "quyen.md").read_text(encoding="utf-8")

    assert page == rights_page(actions()), "./run manage rights_table --write"


def test_every_mark_is_a_role_of_the_act():
    roles = list(Role)
    lines = {
        line.split("`")[1]: line
        for line in rights_page(actions()).splitlines()
        if line.startswith("| ") and "`" in line
    }
    read = {
        name: {role for role, cell in zip(roles, line.split("|")[3:-1], strict=True) if cell.strip() == "×"}
        for name, line in lines.items()
    }
    assert read == {act.name: set(act.roles) for act in actions()}
