"""Likely duplicates: what is asked about, who may decide, and that a pair told apart does not come back."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from movement.audit.models import Entry
from movement.core.problems import Refused
from tests.factories.ground import REFORM, account, version
from tests.factories.reform import cantho, goes_on
from tests.factories.units import lineage
from units.models import DuplicateVerdict, Unit, UnitVersion
from units.selectors.duplicates import Alike, duplicates_among, verdict_on
from units.services.duplicates import duplicate_dismiss, duplicate_recall

pytestmark = pytest.mark.django_db
PAGE = "/don-vi/trung/"


@pytest.fixture
def place():
    """A ward of today in a province of today."""
    province = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    return version("commune", province, name="Xã Vị Thủy", code="31441", since=REFORM, level="province")


def unit(place, name, kind="agency", **facts):
    codes = {key: facts.pop(key) for key in ("tax_code", "school_code", "phone") if key in facts}
    one = version(kind, place, name=name, level="commune", since=max(REFORM, place.valid.lower), **facts)
    Unit.objects.filter(pk=one.unit_id).update(**codes)
    return one


def pairs(alike=Alike.NAME, versions=None):
    """The pairs as sets of names as the units are called now."""
    versions = UnitVersion.objects.filter(valid__contains=date(2026, 6, 1)) if versions is None else versions
    names = {v.unit_id: v.name for v in UnitVersion.objects.order_by("valid__startswith")}
    return [{names[pair.first], names[pair.second]} for pair in duplicates_among(versions, alike)]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("agency", "Uỷ ban nhân dân xã", "Ủy ban nhân dân xã"),
        ("agency", "UBND xã", "Ủy ban nhân dân Xã"),
        ("school", "Trường THPT Đặng Thùy Trâm", "Trường Trung học phổ thông Dang Thuy Tram"),
        ("enterprise", "CTCP Đông Á", "Công ty Cổ phần Đông Á"),
        ("agency", "Hoà Bình", "Hòa Bình"),
        ("agency", "Trạm  Y tế - xã", "Trạm Y tế xã"),
        ("residential_area", "Ấp III", "Ấp 3"),
        ("residential_area", "Khu vực 02", "KV 2"),
    ],
)
def test_two_spellings_of_one_name_in_one_place_are_asked_about(place, kind, one, other):
    unit(place, one, kind)
    unit(place, other, kind)

    assert pairs() == [{one, other}]


def test_names_in_two_normal_forms_are_asked_about(place):
    unit(place, "Ấp Hoà", "residential_area")
    unit(place, "A\u0302\u0301p Hoa\u0300", "residential_area")

    assert len(pairs()) == 1


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("agency", "Trạm Y tế", "Trạm Thú y"),
        ("residential_area", "Ấp 1", "Ấp 11"),
        ("residential_area", "Ấp 1 1", "Ấp 11"),
    ],
)
def test_other_names_are_not(place, kind, one, other):
    unit(place, one, kind)
    unit(place, other, kind)

    assert pairs() == []


def test_of_another_kind_or_place_or_over_they_are_not_asked_about(place):
    second = version("commune", UnitVersion.objects.get(unit=place.province), name="Xã Vị Thanh", since=REFORM)
    unit(place, "Trạm Y tế")
    unit(second, "Trạm Y tế")
    unit(place, "Trạm Y tế", "enterprise")
    unit(place, "Trạm Y tế", until=date(2025, 9, 1))

    assert pairs() == []


def test_hamlets_of_one_name_whose_communes_became_one_are_two(place):
    old = version("province", name="Tỉnh Hậu Giang", code="93", until=REFORM)
    district = version("district", old, until=REFORM)
    for _number in range(2):
        hamlet = version("residential_area", version("commune", district), name="Ấp 1", level="commune")
        goes_on(hamlet, place)
    unit(place, "Ấp 01", "residential_area")

    assert pairs() == [{"Ấp 1", "Ấp 01"}] * 2


def test_without_ground_there_are_none(place):
    for alike in Alike:
        assert pairs(alike, UnitVersion.objects.none()) == []


def test_territories_of_one_name_are_not_asked_about(place):
    province = UnitVersion.objects.get(unit=place.province)
    version("commune", province, name="Xã Vị Thủy", since=REFORM)

    assert pairs() == []


@pytest.mark.parametrize(
    ("codes", "asked"),
    [
        ([{"tax_code": "1800-123 456"}, {"tax_code": "1800123456"}], True),
        ([{"school_code": "93-001"}, {"school_code": "93-001 "}], True),
        ([{"tax_code": "1800123456"}, {"tax_code": "1800123457"}], False),
        ([{"tax_code": "-"}, {"tax_code": "-"}], False),
        ([{}, {}], False),
    ],
)
def test_one_code_of_two_units_is_asked_about_wherever_they_lie(place, codes, asked):
    second = version("commune", UnitVersion.objects.get(unit=place.province), name="Xã Vị Thanh", since=REFORM)
    unit(place, "Công ty A", "enterprise", **codes[0])
    unit(second, "Công ty Bê", "enterprise", **codes[1])

    assert pairs(Alike.CODE) == ([{"Công ty A", "Công ty Bê"}] if asked else [])


def test_what_ended_with_its_commune_is_asked_about_beside_its_name_in_the_successor():
    ground, units = cantho()
    unit(ground.now["Xã Vị Thủy"], "Cơ quan kết  thúc")  # of Vị Đông, which went into it
    unit(ground.now["Xã Kế Sách"], "Cơ quan kết thúc")

    assert pairs(Alike.ENDED) == [{"Cơ quan kết thúc", "Cơ quan kết  thúc"}]
    lineage(units["Cơ quan kết thúc"], units["Cơ quan Xã Vị Đông"])
    assert pairs(Alike.ENDED) == []  # it is known what became of it


def test_a_pair_that_was_folded_is_not_asked_about(place):
    one, other = unit(place, "Trạm Y tế", until=date(2025, 9, 1)), unit(place, "Tram Y te")
    assert pairs(Alike.ENDED) == [{one.name, other.name}]

    lineage(one, other, kind="duplicate", on=date(2025, 9, 1))

    assert pairs(Alike.ENDED) == pairs() == []


# --- told apart -----------------------------------------------------------------------------------
def test_a_pair_told_apart_does_not_come_back_until_it_is_asked_about_again(place):
    one, other, third = (unit(place, name) for name in ("Trạm Y tế", "Tram Y te", "TRẠM Y TẾ"))
    staff = account("staff", UnitVersion.objects.get(unit=place.province))

    verdict = duplicate_dismiss(one=other.unit, other=one.unit, reason="Hai trạm khác nhau", actor=staff)

    assert {frozenset(pair) for pair in pairs()} == {
        frozenset({"Trạm Y tế", "TRẠM Y TẾ"}), frozenset({"Tram Y te", "TRẠM Y TẾ"})}  # fmt: skip
    assert verdict_on(one.unit, other.unit) == verdict
    assert (verdict.by_name, verdict.reason) == (staff.name, "Hai trạm khác nhau")
    duplicate_recall(verdict=verdict, actor=staff)
    assert len(pairs()) == 3
    assert third.pk


def test_what_was_said_stands_in_the_trail_of_both(place):
    one, other = unit(place, "Trạm Y tế"), unit(place, "Tram Y te")

    duplicate_dismiss(one=one.unit, other=other.unit, reason="Hai trạm", actor="kiểm tra")

    rows = Entry.objects.filter(action="unit.not_duplicate").order_by("unit_id")
    assert [(row.unit_id, row.reason) for row in rows] == [(one.unit_id, "Hai trạm"), (other.unit_id, "Hai trạm")]
    assert rows[0].sentence == "Xác nhận không trùng: “Trạm Y tế” và “Tram Y te”."


def test_said_twice_the_first_holds(place):
    one, other = unit(place, "Trạm Y tế"), unit(place, "Tram Y te")

    for reason in ("Hai trạm", "Khác"):
        duplicate_dismiss(one=one.unit, other=other.unit, reason=reason, actor="kiểm tra")

    assert DuplicateVerdict.objects.get().reason == "Hai trạm"
    assert Entry.objects.filter(action="unit.not_duplicate").count() == 2


def test_without_a_reason_or_of_one_unit_it_is_refused(place):
    one, other = unit(place, "Trạm Y tế"), unit(place, "Tram Y te")
    with pytest.raises(Refused, match="lý do"):
        duplicate_dismiss(one=one.unit, other=other.unit, reason="  ", actor="kiểm tra")
    with pytest.raises(Refused, match="chính mình"):
        duplicate_dismiss(one=one.unit, other=one.unit, reason="x", actor="kiểm tra")


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("units_verdict_in_order", {"turned": True}),
        ("units_verdict_has_reason", {"reason": ""}),
        ("units_verdict_once", {"twice": True}),
    ],
)
def test_the_database_refuses_the_same(place, name, facts):
    one, other = unit(place, "Trạm Y tế"), unit(place, "Tram Y te")
    pair = (other, one) if facts.get("turned") else (one, other)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        for _ in range(2 if facts.get("twice") else 1):
            DuplicateVerdict.objects.create(
                first=pair[0].unit, second=pair[1].unit, reason=facts.get("reason", "x"), by_name="kiểm tra"
            )


# --- the page -------------------------------------------------------------------------------------
def shown(response):
    return [{one.version.name, other.version.name} for one, other in response.context["page"].object_list]


@pytest.mark.parametrize(
    ("role", "at", "status"),
    [
        ("staff", "province", 200), ("admin", "province", 200), ("commune_officer", "place", 403), ("leader", "province", 403),
        ("auditor", "province", 403), ("unit_rep", "place", 403),
    ],
)  # fmt: skip
def test_only_the_office_decides(client, place, role, at, status):
    unit(place, "Trạm Y tế")
    unit(place, "Tram Y te")
    where = {"province": UnitVersion.objects.get(unit=place.province), "place": place}[at]
    client.force_login(account(role, where))

    response = client.get(PAGE)

    assert response.status_code == status
    if status == 200:
        assert shown(response) == [{"Trạm Y tế", "Tram Y te"}]


@pytest.mark.parametrize("alike", Alike.values)
def test_pairs_of_another_province_are_neither_shown_nor_counted_nor_decided(client, alike):
    ground, _units = cantho()
    other = version("province", name="Tỉnh Vĩnh Long", code="86", since=REFORM)
    client.force_login(account("staff", other))
    twins = [unit(ground.now["Xã Vị Thủy"], name, tax_code="1800123456") for name in ("Trạm Y tế", "Tram Y te")]
    unit(ground.now["Xã Vị Thủy"], "Cơ quan kết thúc")

    response = client.get(f"{PAGE}?alike={alike}")
    posted = client.post(f"{PAGE}khac-nhau/", {"unit": [one.unit.ulid for one in twins], "reason": "x"})

    assert (shown(response), response.context["page"].paginator.count) == ([], 0)
    assert posted.status_code == 404
    assert not DuplicateVerdict.objects.exists()


def test_the_page_shows_both_with_names_codes_contacts_and_leads_to_folding(client, place):
    one = unit(place, "Trạm Y tế xã", code="CQ-1", phone="0293 123 456", until=date(2025, 10, 1))
    version("agency", place, unit=one.unit, name="Trạm Y tế", code="CQ-1b", level="commune", since=date(2025, 10, 1))
    other = unit(place, "Tram Y te", code="CQ-2")
    client.force_login(account("staff", UnitVersion.objects.get(unit=place.province)))

    page = client.get(PAGE).content.decode()

    for text in ("Trạm Y tế xã", "CQ-1b; CQ-1", "0293 123 456", "Xã Vị Thủy", "CQ-2"):
        assert text in page
    assert f"/don-vi/{other.unit.ulid}/thay-doi/gop-trung/?into={one.unit.ulid}" in page
    assert f"/don-vi/{one.unit.ulid}/thay-doi/gop-trung/?into={other.unit.ulid}" in page


def test_the_page_of_folding_opens_with_both_chosen(client, place):
    one, other = unit(place, "Trạm Y tế"), unit(place, "Tram Y te")
    client.force_login(account("staff", UnitVersion.objects.get(unit=place.province)))

    page = client.get(f"/don-vi/{other.unit.ulid}/thay-doi/gop-trung/?into={one.unit.ulid}").content.decode()

    assert f'value="{one.unit.ulid}" checked' in page


def test_telling_apart_on_the_page_takes_the_pair_off_and_asking_again_brings_it_back(client, place):
    twins = [unit(place, name) for name in ("Trạm Y tế", "Tram Y te")]
    client.force_login(account("staff", UnitVersion.objects.get(unit=place.province)))
    ids = [one.unit.ulid for one in twins]

    missing = client.post(f"{PAGE}khac-nhau/", {"unit": ids, "reason": ""}, follow=True)
    assert shown(missing) and "Phải ghi lý do" in missing.content.decode()
    done = client.post(f"{PAGE}khac-nhau/", {"unit": ids, "reason": "Hai trạm"}, follow=True)
    assert shown(done) == []
    assert "Hai trạm" in done.content.decode()
    again = client.post(f"{PAGE}{DuplicateVerdict.objects.get().pk}/hoi-lai/", follow=True)
    assert len(shown(again)) == 1


def test_somebody_else_s_verdict_is_not_there(client, place):
    one, other = unit(place, "Trạm Y tế"), unit(place, "Tram Y te")
    verdict = duplicate_dismiss(one=one.unit, other=other.unit, reason="Hai trạm", actor="kiểm tra")
    client.force_login(account("staff", version("province", name="Tỉnh Vĩnh Long", code="86", since=REFORM)))

    assert client.post(f"{PAGE}{verdict.pk}/hoi-lai/").status_code == 404
    assert "Hai trạm" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("count", (1, 15))
def test_the_page_costs_the_same_few_queries(client, place, count, django_assert_max_num_queries):
    for number in range(count):
        unit(place, f"Trạm Y tế {number}")
        unit(place, f"Tram Y te {number}")
    client.force_login(account("staff", UnitVersion.objects.get(unit=place.province)))
    client.get(PAGE)

    with django_assert_max_num_queries(12):
        assert client.get(PAGE).context["page"].paginator.count == count
