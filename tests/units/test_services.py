"""Creating, changing and closing one unit."""

import threading
from datetime import date

import pytest
from django.db import connection, connections

from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.ground import REFORM, SINCE, version
from tests.factories.units import history
from units.models import UnitVersion
from units.selectors import integrity_problems
from units.services import unit_change, unit_close, unit_create

pytestmark = pytest.mark.django_db
START, TURN = date(2020, 1, 1), date(2023, 1, 1)


def create(parent, **more):
    values = {"kind": "agency", "name": "Sở Nội vụ", "managing_level": "province", "start": START} | more
    return unit_create(actor="kiểm tra", parent=parent.unit if parent else None, **values)


def code_of(refused):
    return [p.code for p in refused.value.problems]


def test_a_new_unit_goes_on_below_its_place_s_successor(both):
    unit = create(both.commune, code="KT-1", phone="0293")

    assert [row[0::4] for row in history(unit)] == [(START, both.commune.unit_id), (REFORM, both.ward.unit_id)]
    assert unit.phone == "0293"
    entry = Entry.objects.get()
    assert (entry.action, entry.unit_id, entry.after["code"]) == ("unit.created", unit.pk, "KT-1")


def test_a_taken_code_is_refused_in_a_clerk_s_words(both):
    create(both.commune, code="KT-1")
    with pytest.raises(Refused, match="Mã này đã có đơn vị khác") as refused:
        create(both.town, code="KT-1")
    assert code_of(refused) == ["units_version_code_once"]


def test_a_parent_of_the_wrong_kind_is_refused_by_the_trigger_s_sentence(both):
    with pytest.raises(Refused, match="Loại đơn vị cấp trên không phù hợp") as refused:
        create(both.province, kind="residential_area", last_day=date(2021, 1, 1))
    assert code_of(refused) == ["units_version_parent_kind"]


def test_a_division_that_outlives_its_parent_is_refused(both):
    with pytest.raises(Refused) as refused:
        create(both.district, kind="commune", code="1")
    assert code_of(refused) == ["crosses_parent_end"]


def test_a_rename_from_a_date(both):
    unit = create(both.commune)

    unit_change(unit=unit, actor="kiểm tra", start=TURN, name="Sở Nội vụ mới", reason="Theo quyết định")
    unit_change(unit=unit, actor="kiểm tra", start=TURN, name="Sở Nội vụ mới")  # again: nothing

    assert [(row[0], row[3]) for row in history(unit)] == [
        (START, "Sở Nội vụ"),
        (TURN, "Sở Nội vụ mới"),
        (REFORM, "Sở Nội vụ mới"),
    ]
    entry = Entry.objects.get(action="unit.changed")
    assert (entry.before["name"], entry.after["name"], entry.reason) == (
        "Sở Nội vụ",
        "Sở Nội vụ mới",
        "Theo quyết định",
    )


def test_a_change_while_it_does_not_exist_is_refused(both):
    unit = create(both.commune)
    with pytest.raises(Refused) as refused:
        unit_change(unit=unit, actor="kiểm tra", start=date(2019, 1, 1), name="x")
    assert code_of(refused) == ["unit_not_there"]


def test_a_commune_that_moves_takes_what_is_below_it_along(legacy):
    other = version("district", legacy.province, code="936", name="Huyện Long Mỹ")
    office = create(legacy.commune, last_day=date(2025, 6, 30))
    late = create(legacy.commune, start=date(2024, 1, 1), last_day=date(2025, 6, 30))
    bystander = create(legacy.town, last_day=date(2025, 6, 30))

    unit_change(unit=legacy.commune.unit, actor="kiểm tra", start=TURN, parent=other.unit)

    moved = f"{other.path}{legacy.commune.unit_id}/"
    paths = UnitVersion.objects.order_by("valid__startswith")
    assert list(paths.filter(unit=office).values_list("valid__startswith", "path")) == [
        (START, f"{legacy.commune.path}{office.pk}/"),
        (TURN, f"{moved}{office.pk}/"),
    ]
    assert [v.path for v in paths.filter(unit=late)] == [f"{moved}{late.pk}/"]
    assert [v.path for v in paths.filter(unit=bystander)] == [f"{legacy.town.path}{bystander.pk}/"]
    assert integrity_problems() == []


def test_a_district_that_moves_takes_two_levels_along(legacy):
    new = version("province", code="94", until=REFORM)
    office = create(legacy.commune, last_day=date(2025, 6, 30))

    unit_change(unit=legacy.district.unit, actor="kiểm tra", start=TURN, parent=new.unit)

    provinces = UnitVersion.objects.filter(unit=office).order_by("valid__startswith").values_list("province", flat=True)
    assert list(provinces) == [legacy.province.unit_id, new.unit_id]
    assert integrity_problems() == []


def test_closing(both):
    unit = create(both.commune)
    unit_close(unit=unit, actor="kiểm tra", last_day=date(2022, 12, 31), reason="Giải thể")
    unit_close(unit=unit, actor="kiểm tra", last_day=date(2022, 12, 31))  # again: nothing

    assert [row[:2] for row in history(unit)] == [(START, TURN)]
    assert Entry.objects.filter(action="unit.closed").count() == 1


def test_closing_waits_for_what_is_below(legacy):
    create(legacy.commune, last_day=date(2025, 6, 30))
    with pytest.raises(Refused) as refused:
        unit_close(unit=legacy.commune.unit, actor="kiểm tra", last_day=date(2022, 12, 31))
    assert code_of(refused) == ["has_units_below"]
    assert history(legacy.commune.unit)[0][:2] == (SINCE, REFORM)


def test_closing_before_a_later_change_is_refused(both):
    unit = create(both.commune)
    unit_change(unit=unit, actor="kiểm tra", start=TURN, name="Tên mới")
    with pytest.raises(Refused) as refused:
        unit_close(unit=unit, actor="kiểm tra", last_day=date(2021, 12, 31))
    assert code_of(refused) == ["changed_later"]


@pytest.mark.django_db(transaction=True)
def test_two_who_rename_together_both_leave_their_change(both):
    unit = create(both.commune)
    barrier, failures = threading.Barrier(2), []

    def rename(start, name):
        try:
            barrier.wait()
            unit_change(unit=unit, actor=name, start=start, name=name)
        except Exception as error:  # told by the assertion below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=rename, args=args) for args in ((TURN, "Một"), (date(2024, 1, 1), "Hai"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [row[3] for row in history(unit)][:3] == ["Sở Nội vụ", "Một", "Hai"]
    connection.close()
