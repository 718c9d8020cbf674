"""What the database refuses in the register, each rule by its name."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from movement.core.problems import constraint_problem
from tests.factories.ground import REFORM, SINCE, legacy_ground, version
from tests.factories.units import lineage
from units.models import AuthoritySettings, RegisterChange, Unit, UnitGroup, UnitGroupMember, UnitVersion

pytestmark = pytest.mark.django_db


def refused(name):
    """The block must meet the constraint ``name``, at once or when the transaction ends."""
    return pytest.raises(IntegrityError, match=name)


def check():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def trigger_refused(name):
    """A trigger's refusal carries the constraint's name beside the sentence."""

    class Refused:
        def __enter__(self):
            self.caught = pytest.raises(IntegrityError)
            self.info = self.caught.__enter__()

        def __exit__(self, *args):
            swallowed = self.caught.__exit__(*args)
            assert self.info.value.__cause__.diag.constraint_name == name
            return swallowed

    return Refused()


def test_two_versions_of_a_unit_do_not_overlap():
    _, _, commune = legacy_ground()
    office = version("agency", commune, until=date(2023, 1, 1))
    with refused("units_version_no_overlap"):
        version("agency", commune, unit=office.unit, since=date(2022, 1, 1))
        check()


def test_a_code_has_one_bearer_in_a_province_at_a_time():
    _, _, commune = legacy_ground()
    version("agency", commune, code="KT-1", until=date(2023, 1, 1))
    version("agency", commune, code="KT-1", since=date(2023, 1, 1))  # reused afterwards: allowed
    check()
    with refused("units_version_code_once"):
        version("agency", commune, code="KT-1", since=date(2024, 1, 1))
        check()


def test_the_same_code_lives_in_two_provinces():
    _, _, one = legacy_ground("93")
    _, _, other = legacy_ground("94")
    version("agency", one, code="KT-1")
    version("agency", other, code="KT-1")
    check()
    assert UnitVersion.objects.filter(code="KT-1").count() == 2


def test_a_province_code_has_one_bearer_at_a_time():
    version("province", code="44", until=REFORM)
    version("province", code="44", since=REFORM)
    check()
    with refused("units_version_province_code_once"):
        version("province", code="44", since=date(2024, 1, 1))
        check()


def test_a_unit_keeps_its_kind():
    _, _, commune = legacy_ground()
    office = version("agency", commune, until=date(2023, 1, 1))
    with refused("units_version_same_kind"):
        version("school", commune, unit=office.unit, since=date(2023, 1, 1))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("units_version_has_start", {"valid": (None, date(2020, 1, 1))}),
        ("units_version_has_start", {"valid": (SINCE, SINCE)}),
        ("units_version_named", {"name": ""}),
        ("units_version_known_kind", {"kind": "spaceship"}),
        ("units_version_known_kind", {"managing_level": "king"}),
    ],
)
def test_a_version_says_what_it_must(name, values):
    usual = {"kind": "agency", "name": "Cơ quan", "managing_level": "province", "valid": (SINCE, None)}
    unit = Unit.objects.create()
    with refused(name):
        UnitVersion.objects.create(unit=unit, path=f"/{unit.pk}/", **{**usual, **values})


def test_a_unit_does_not_lie_below_itself():
    unit = Unit.objects.create()
    with refused("units_version_not_own_parent"):
        UnitVersion.objects.create(
            unit=unit,
            parent=unit,
            path=f"/{unit.pk}/{unit.pk}/",
            kind="agency",
            name="Cơ quan",
            managing_level="province",
            valid=(SINCE, None),
        )


def test_no_district_after_june_2025():
    province = version("province")
    with refused("units_version_district_until_2025"):
        version("district", province, until=date(2025, 7, 2))


def test_a_version_does_not_outlive_its_parent():
    _, _, commune = legacy_ground()
    with trigger_refused("units_version_inside_parent"):
        version("agency", commune, until=date(2026, 1, 1))
        check()


def test_a_parent_is_not_shortened_below_its_children():
    province = version("province")
    version("commune", province)
    check()
    with trigger_refused("units_version_inside_parent"), transaction.atomic():
        UnitVersion.objects.filter(pk=province.pk).update(valid=(SINCE, REFORM))
        check()


def test_a_path_follows_the_parent():
    _, _, commune = legacy_ground()
    office = version("agency", commune)
    check()
    with trigger_refused("units_version_inside_parent"), transaction.atomic():
        UnitVersion.objects.filter(pk=office.pk).update(path=f"/{office.unit_id}/{office.unit_id}/")
        check()


@pytest.mark.parametrize(("kind", "above"), [("residential_area", "province"), ("commune", "agency")])
def test_a_parent_is_of_a_right_kind(kind, above):
    province = version("province")
    parent = province if above == "province" else version(above, province)
    with trigger_refused("units_version_parent_kind"):
        version(kind, parent)
        check()


def test_a_commune_is_never_unplaced():
    with trigger_refused("units_version_parent_kind"):
        version("commune")
        check()


def test_lineage_is_written_once_with_one_main_successor():
    province = version("province")
    old, one, other = (version("commune", province, until=until) for until in (REFORM, None, None))
    lineage(old, one)
    with refused("units_lineage_once"), transaction.atomic():
        lineage(old, one, main=False)
    with refused("units_lineage_one_main"), transaction.atomic():
        lineage(old, other)
    with refused("units_lineage_not_itself"), transaction.atomic():
        lineage(other, other)


def test_a_successor_exists_on_the_day_it_takes_over():
    province = version("province")
    old, late = version("commune", province, until=REFORM), version("commune", province, since=date(2026, 1, 1))
    with trigger_refused("units_lineage_successor_there"), transaction.atomic():
        lineage(old, late)
        check()
    lineage(old, late, kind="duplicate")  # a duplicate's history is read with the real unit's whenever that began
    check()


def test_a_whole_predecessor_has_ended_when_its_successor_takes_over():
    province = version("province")
    old, new = version("commune", province), version("commune", province)
    for kind in ("merge", "rename", "duplicate"):
        with trigger_refused("units_lineage_predecessor_ended"), transaction.atomic():
            lineage(old, new, kind=kind)
            check()
    lineage(old, new, kind="split", share="part", main=False)  # gives a part away and goes on
    check()


def test_lineage_holds_also_when_a_version_changes_later():
    province = version("province")
    old, new = version("commune", province, until=REFORM), version("commune", province)
    lineage(old, new)
    check()
    with trigger_refused("units_lineage_predecessor_ended"), transaction.atomic():
        UnitVersion.objects.filter(pk=old.pk).update(valid=(SINCE, None))
        check()
    with trigger_refused("units_lineage_predecessor_ended"), transaction.atomic():
        version("commune", province, unit=old.unit, since=date(2026, 1, 1))
        check()
    with trigger_refused("units_lineage_successor_there"), transaction.atomic():
        UnitVersion.objects.filter(pk=new.pk).update(valid=(SINCE, date(2024, 1, 1)))
        check()
    with trigger_refused("units_lineage_successor_there"), transaction.atomic():
        UnitVersion.objects.filter(pk=new.pk).delete()
        check()


def test_units_do_not_follow_each_other_round():
    province = version("province")
    one, other, third = (version("commune", province) for _ in range(3))
    lineage(one, other, kind="split", share="part", main=False)
    lineage(other, third, kind="split", share="part", main=False)
    lineage(other, one, kind="split", share="part", main=False, on=date(2026, 1, 1))  # back again later: that is life
    check()
    with trigger_refused("units_lineage_no_cycle"), transaction.atomic():
        lineage(third, one, kind="split", share="part", main=False)
        check()
    first, second = (version("commune", province, until=until) for until in (REFORM, date(2026, 1, 1)))
    lineage(first, second, kind="duplicate")
    check()
    with trigger_refused("units_lineage_no_cycle"), transaction.atomic():
        lineage(second, first, kind="duplicate", on=date(2026, 1, 1))
        check()


def test_the_database_s_sentence_is_the_problem_s():
    province = version("province")
    old, new = version("commune", province), version("commune", province)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        lineage(old, new)
        check()
    problem = constraint_problem(refused.value)
    assert problem.code == "units_lineage_predecessor_ended"
    assert problem.message.startswith("Đơn vị đã nhập hoặc đổi thành đơn vị khác phải kết thúc")


def test_a_change_of_the_register_is_of_a_known_kind_and_undone_by_somebody():
    values = {"kind": "create", "on": REFORM, "sentence": "Thêm", "touched": {}, "unit_ids": []}
    RegisterChange.objects.create(idempotency_key="k", **values)
    with refused("units_registerchange_idempotency_key"), transaction.atomic():
        RegisterChange.objects.create(idempotency_key="k", **values)
    with refused("units_change_known_kind"), transaction.atomic():
        RegisterChange.objects.create(**values | {"kind": "paint"})
    with refused("units_change_undone_by_somebody"), transaction.atomic():
        RegisterChange.objects.create(**values, undone_at=timezone.now())


def test_dated_settings_do_not_overlap():
    province = version("province")
    values = {"unit": province.unit, "committee_name": "BAN CHỈ ĐẠO 138", "place_name": "Hậu Giang"}
    AuthoritySettings.objects.create(valid=(SINCE, REFORM), **values)
    with refused("units_authority_no_overlap"), transaction.atomic():
        AuthoritySettings.objects.create(valid=(date(2025, 1, 1), None), **values)
    with refused("units_authority_has_start"), transaction.atomic():
        AuthoritySettings.objects.create(valid=(None, SINCE), **values)


def test_a_group_has_one_name_and_each_member_once():
    province = version("province")
    office = version("agency", province)
    values = {"province": province.unit, "kind": "cluster", "name": "Cụm 1"}
    group = UnitGroup.objects.create(valid=(SINCE, None), **values)
    UnitGroupMember.objects.create(group=group, unit=office.unit, valid=(SINCE, REFORM))
    with refused("units_group_name_once"), transaction.atomic():
        UnitGroup.objects.create(valid=(REFORM, None), **values)
    with refused("units_group_member_no_overlap"), transaction.atomic():
        UnitGroupMember.objects.create(group=group, unit=office.unit, valid=(SINCE, None))
    with refused("units_group_has_start"), transaction.atomic():
        UnitGroup.objects.create(valid=(None, SINCE), **{**values, "name": "Cụm 2"})
    with refused("units_group_member_has_start"), transaction.atomic():
        UnitGroupMember.objects.create(group=group, unit=office.unit, valid=(None, SINCE))
