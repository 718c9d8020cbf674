"""Whatever is done in whatever order: the register stays sound, and taken back it is as it was."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movement.core.problems import Refused
from tests.factories.changes import everything, ground_of_today
from tests.factories.ground import REFORM, version
from units.models import Unit, UnitVersion
from units.selectors import integrity_problems
from units.services.changes import (
    Close,
    Create,
    Fold,
    Level,
    Merge,
    Move,
    Part,
    Rename,
    Reopen,
    Split,
    change_make,
    change_preview,
    change_undo,
)

pytestmark = pytest.mark.django_db
ACTOR = "kiểm tra"
number = st.integers(0, 11)
step = st.tuples(
    st.sampled_from(("create", "rename", "move", "level", "close", "reopen", "merge", "split", "fold")),
    number,
    number,
    number,
    st.integers(0, 4),  # months after the first day
    st.booleans(),
)


def asked_of(drawn, units):
    """An action on some of ``units``; most are possible, some are not."""
    what, a, b, c, month, flag = drawn
    on = REFORM + timedelta(days=31 * (month + 1))
    one, two = (units[i % len(units)] for i in (a, b))
    code = f"M{c % 4}" if flag else ""
    match what:
        case "create":
            return Create(on=on, kind="agency", name=f"Mới {c}", parent=one, managing_level="commune", code=code)
        case "rename":
            return Rename(one, f"Tên {c}", code or None, on=on)
        case "move":
            return Move(one, two, on=on)
        case "level":
            return Level(one, "province", two if flag else None, on=on)
        case "close":
            return Close(one, two if flag else None, on=on)
        case "reopen":
            return Reopen(one, two if flag else None, on=on)
        case "merge":
            into = one if flag else None
            return Merge((one, two), into, f"Hợp {c}", f"N{c}", on=on)
        case "split":
            return Split(one, (Part(f"A {c}", f"P{c}", True), Part(f"B {c}", f"Q{c}", False)), keeps=flag, on=on)
        case _:
            return Fold(one, two, on=on)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(step, min_size=1, max_size=7))
def test_after_any_changes_the_register_is_sound_and_taken_back_it_is_as_it_was(db, drawn):
    with transaction.atomic():
        ground = ground_of_today()
        version("commune", ground.province, name="Xã Ba", code="00003", since=REFORM, level="province")
        version("residential_area", ground.two, name="Ấp 2", code="", since=REFORM)
        version(
            "agency", ground.two, name="Trạm Hai", code="", since=date(2025, 9, 1), managing_body=ground.office.unit
        )
        states, made = [everything()], []
        for one in drawn:
            asked = asked_of(one, list(Unit.objects.order_by("pk")))
            looked = change_preview(asked, actor=ACTOR)
            assert everything() == states[-1]
            try:
                made.append(change_make(asked, actor=ACTOR, seen=looked.stamp))
            except Refused as refused:
                assert looked.problems == refused.problems
                assert everything() == states[-1]
                continue
            assert looked.problems == []
            states.append(everything())
            assert integrity_problems() == []
            assert not UnitVersion.objects.filter(kind="commune", parent=None).exists()
        for change in reversed(made):
            assert everything() == states.pop()
            change_undo(change, actor=ACTOR)
        assert everything() == states.pop()
        assert integrity_problems() == []
        transaction.set_rollback(True)
