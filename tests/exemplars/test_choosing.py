"""Who may be chosen as an exemplar, by whom, and what is kept of it."""

from datetime import date

import pytest

from movement.audit.models import Entry
from movement.classification.models import PublishedResult
from movement.core.models import Decision
from movement.core.problems import Refused
from movement.exemplars.integrity import exemplar_problems
from movement.exemplars.models import Exemplar
from movement.exemplars.selectors import exemplar_candidates, exemplars_of, unit_exemplars
from movement.exemplars.services.choosing import exemplar_note, exemplars_choose
from tests.factories.exemplars import SIGNER, classified
from tests.factories.ground import REFORM, account, legacy_ground, version
from tests.factories.units import lineage

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def rated(ground):
    return classified(ground[0], ground[2], {"KT-1": "xuat_sac", "KT-2": "kha", "KT-5": "yeu"})


def choose(ground, actor, *units, **changes):
    values = {"year": 2024, "decision": "03/QĐ-BCĐ", "decided_on": date(2024, 2, 20), "signer": SIGNER, **changes}
    return exemplars_choose(province=ground[0].unit, units=units, actor=actor, **values)


def codes(refused):
    return sorted(p.code for p in refused.value.problems)


def test_candidates_tell_each_condition_met_or_missed(ground, rated):
    found = {one.unit_code: one for one in exemplar_candidates(2024, ground[0].unit)}
    assert {code: one.eligible for code, one in found.items()} == {"KT-1": True, "KT-2": True, "KT-5": False}
    assert [(c.code, c.met) for c in found["KT-5"].conditions] == [
        ("class_published", True), ("class_high_enough", False), ("existed_at_start", True), ("not_closed", True),
    ]  # fmt: skip


def test_the_chosen_are_frozen_with_their_conditions(ground, rated):
    staff, units = rated
    choose(ground, staff, "KT-2", "KT-1")
    assert [
        (e.unit_name, e.class_code, e.decision_number, e.decided_on) for e in exemplars_of(2024, ground[0].unit)
    ] == [
        ("Cơ quan minh họa KT-2", "kha", "03/QĐ-BCĐ", date(2024, 2, 20)),
        ("Cơ quan minh họa KT-1", "xuat_sac", "03/QĐ-BCĐ", date(2024, 2, 20)),
    ]
    row = Exemplar.objects.get(unit_code="KT-1")
    assert [c["met"] for c in row.payload["conditions"]] == [True] * 4
    assert row.result == PublishedResult.objects.get(unit=units["KT-1"].unit)
    assert row.place_name == "Thị trấn Nàng Mau, Huyện Vị Thủy"
    assert list(exemplar_problems()) == []
    assert unit_exemplars([units["KT-1"].unit_id]) == [
        {"unit_id": units["KT-1"].unit_id, "exemplar": row.ulid, "year": 2024, "level": "province", "class": "xuat_sac",
         "decision": "03/QĐ-BCĐ", "decided_on": "2024-02-20"}
    ]  # fmt: skip
    assert set(Entry.objects.filter(action="exemplar.choose").values_list("unit_id", flat=True)) == {
        units[code].unit_id for code in ("KT-1", "KT-2")
    }


@pytest.mark.parametrize(
    ("units", "changes", "expected"),
    [
        (["KT-1", "KT-5"], {}, ["not_eligible"]),
        (["KT-1", "KT-9"], {}, ["unknown_unit"]),
        ([], {}, ["no_units"]),
        (["KT-1"], {"decided_on": date(2100, 1, 1)}, ["date_ahead"]),
        (["KT-1"], {"decided_on": date(2023, 12, 7)}, ["decided_too_early"]),
        (["KT-1"], {"decision": " "}, ["decision_missing"]),
        (["KT-1"], {"signer": ""}, ["signer_missing"]),
        (["KT-1"], {"decision": "01/QĐ-BCĐ", "decided_on": date(2023, 12, 20)}, ["core_decision_number_once"]),
        (["KT-1"], {"year": 2025}, ["not_eligible"] * 3),  # no class of 2024 is published, and the unit closed in 2025
    ],
)
def test_one_unit_that_may_not_be_chosen_leaves_all_out(ground, rated, units, changes, expected):
    before = Decision.objects.count()
    with pytest.raises(Refused) as refused:
        choose(ground, rated[0], *units, **changes)
    assert codes(refused) == expected
    assert (Exemplar.objects.count(), Decision.objects.count()) == (0, before)


def test_a_unit_is_chosen_once_a_year(ground, rated):
    choose(ground, rated[0], "KT-1")
    with pytest.raises(Refused) as refused:
        choose(ground, rated[0], "KT-1", "KT-2", decision="04/QĐ-BCĐ")
    assert codes(refused) == ["already_chosen"]
    assert Exemplar.objects.count() == 1


def test_an_unpublished_class_opens_no_door(ground):
    staff, _units = classified(ground[0], ground[2], {"KT-1": "xuat_sac"}, publish=False)
    with pytest.raises(Refused) as refused:
        choose(ground, staff, "KT-1")
    assert codes(refused) == ["not_eligible", "not_eligible"]


ROLES = [
    "commune_officer", "commune_lead", "district_officer", "area_officer", "unit_rep", "managing_body", "leader",
    "council", "clerk", "auditor", "admin",
]  # fmt: skip


@pytest.mark.parametrize("role", [*ROLES, "staff elsewhere", None])
def test_only_the_provinces_own_staff_chooses(ground, rated, role):
    places = {"commune_officer": 2, "commune_lead": 2, "district_officer": 1}
    if role == "staff elsewhere":
        actor = account("staff", version("province", code="94"))
    else:
        actor = account(role, ground[places.get(role, 0)])
    with pytest.raises(Refused) as refused:
        choose(ground, actor, "KT-1")
    assert codes(refused) == ["not_allowed"]
    assert Exemplar.objects.count() == 0


def test_the_staff_of_the_successor_province_chooses_for_the_years_before_the_merger(ground, rated):
    after = version("province", code="92", since=REFORM)
    lineage(ground[0], after)
    choose(ground, account("staff", after), "KT-1")
    assert Exemplar.objects.count() == 1


def test_notes_are_added_and_the_recognition_names_its_document(ground, rated):
    staff, _units = rated
    (row,) = choose(ground, staff, "KT-1")
    exemplar_note(exemplar=row, kind="plan", on=date(2024, 3, 1), text="Kế hoạch minh họa", actor=staff)
    with pytest.raises(Refused) as refused:
        exemplar_note(exemplar=row, kind="recognition", on=date(2024, 12, 1), text="Đạt", actor=staff)
    assert codes(refused) == ["exemplars_note_recognised_by"]
    exemplar_note(
        exemplar=row, kind="recognition", on=date(2024, 12, 1), text="Đạt", document="90/QĐ-UBND", actor=staff
    )
    assert list(row.notes.values_list("kind", "document")) == [("plan", ""), ("recognition", "90/QĐ-UBND")]


@pytest.mark.parametrize(
    ("who", "on", "code"),
    [
        ("auditor", date(2024, 3, 1), "not_allowed"),
        ("staff", date(2100, 1, 1), "date_ahead"),
        ("staff", date(2024, 2, 19), "before_choice"),
    ],
)
def test_a_note_is_refused(ground, rated, who, on, code):
    (row,) = choose(ground, rated[0], "KT-1")
    with pytest.raises(Refused) as refused:
        exemplar_note(exemplar=row, kind="plan", on=on, text="x", actor=account(who, ground[0]))
    assert codes(refused) == [code]
    assert row.notes.count() == 0


def test_the_integrity_check_finds_a_choice_that_was_altered(ground, rated):
    (row,) = choose(ground, rated[0], "KT-1")
    forged = Exemplar(
        **{f.attname: getattr(row, f.attname) for f in Exemplar._meta.fields if f.name not in ("id", "ulid")}
    )
    forged.unit_id, forged.result_id = (
        rated[1]["KT-2"].unit_id,
        PublishedResult.objects.get(unit=rated[1]["KT-2"].unit).pk,
    )
    forged.class_code, forged.unit_name = "kha", "Tên khác"
    forged.save()  # the app may insert; only the proof tells that the content is another's
    assert list(exemplar_problems()) == [
        "Tên khác, điển hình năm 2024: không khớp với kết quả phân loại đã công bố.",
        "Tên khác, điển hình năm 2024: hồ sơ và nội dung đã chốt không giống nhau.",
    ]
