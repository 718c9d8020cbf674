"""Search as one types: order, marks, codes, names of other days, scope; and the field that forms choose units with."""

from datetime import date

import pytest
from django import forms
from django.http import QueryDict

from tests.factories.ground import REFORM, account, version
from tests.factories.reform import cantho
from tests.factories.units import lineage
from units.forms import UnitField, pick_place
from units.models import UnitVersion
from units.selectors.search import MOST, units_found

pytestmark = pytest.mark.django_db
URL = "/don-vi/tim/"
THEN, NOW = date(2023, 12, 31), date(2026, 6, 1)


@pytest.fixture
def province():
    return version("province", name="Tỉnh Hậu Giang", code="93")


@pytest.fixture
def commune(province):
    return version("commune", province, name="Xã Vị Thủy", code="31441")


def names(typed, *, on=NOW, versions=None):
    versions = UnitVersion.objects.filter(valid__contains=on) if versions is None else versions
    return [found.version.name for found in units_found(versions, typed, on=on)]


def agencies(place, *called):
    since = place.valid.lower
    return [version("agency", place, name=name, code=f"CQ-{at}", since=since) for at, name in enumerate(called)]


# --- order and words --------------------------------------------------------------------------------
def test_what_is_so_named_comes_first_then_what_begins_so_then_what_holds_it_each_in_vietnamese_order(commune):
    agencies(commune, "Trường Vị Thủy 2", "Vị Thủy B", "Trạm của Vị Thủy", "Đội của Vị Thủy", "Vị Thủy A", "Vị Thủy Ă")

    assert names("vi thuy") == [
        "Xã Vị Thủy", "Trường Vị Thủy 2", "Vị Thủy A", "Vị Thủy Ă", "Vị Thủy B", "Đội của Vị Thủy", "Trạm của Vị Thủy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("duong hoa", {"Đường Hoa", "Dương Hoa"}),
        ("đường", {"Đường Hoa"}),
        ("DƯƠNG", {"Dương Hoa"}),
        ("dươ", {"Dương Hoa"}),
        ("d", {"Đường Hoa", "Dương Hoa"}),
        ("hoa du", {"Đường Hoa", "Dương Hoa"}),
        ("uong", set()),
        ("%", set()),
        ("_", set()),
        ("", set()),
        ("   ", set()),
        ("\\", set()),
    ],
)
def test_typed_without_marks_it_meets_any_with_marks_those(commune, typed, found):
    agencies(commune, "Đường Hoa", "Dương Hoa")

    assert set(names(typed)) == found


@pytest.mark.parametrize("typed", ["thpt vị", "trung hoc pho thong vi", "THPT V", "trường trung học phổ thông"])
def test_an_abbreviation_is_its_words(commune, typed):
    version("school", commune, name="Trường THPT Vị Thanh")

    assert names(typed) == ["Trường THPT Vị Thanh"]


def test_a_code_finds_its_bearer_before_those_whose_code_begins_so_and_before_names(province, commune):
    version("agency", commune, name="Cơ quan 31", code="X-1")
    version("commune", province, name="Xã Khác", code="314410")

    assert names("31441") == ["Xã Vị Thủy", "Xã Khác"]
    assert names("x-")[0] == "Cơ quan 31"
    assert names("31") == ["Xã Vị Thủy", "Xã Khác", "Cơ quan 31"]


def test_a_long_list_is_cut_and_keeps_its_order(commune):
    agencies(commune, *(f"Ấp {number}" for number in range(1, 41)))

    assert names("ap") == [f"Ấp {number}" for number in range(1, MOST + 1)]


def test_nothing_stands_twice(commune):
    version("agency", commune, name="AP-1 ấp", code="AP-1")

    assert names("ap") == ["AP-1 ấp"]


# --- names of other days ----------------------------------------------------------------------------
def found(typed, on=NOW):
    versions = UnitVersion.objects.filter(valid__contains=on)
    return [(one.version.name, one.other and one.other.name) for one in units_found(versions, typed, on=on)]


def test_a_unit_is_found_by_the_name_it_had_and_on_an_old_day_by_the_name_it_got(province):
    old = version("commune", province, name="Xã Tân Tiến", until=date(2022, 1, 1))
    version("commune", province, unit=old.unit, name="Xã Hỏa Tiến", since=date(2022, 1, 1))

    assert found("tan tien") == [("Xã Hỏa Tiến", "Xã Tân Tiến")]
    assert found("hoa tien", date(2021, 1, 1)) == [("Xã Tân Tiến", "Xã Hỏa Tiến")]
    assert found("hoa tien") == [("Xã Hỏa Tiến", None)]


def test_a_ward_is_found_by_what_went_into_it_and_a_part_leads_to_all_that_it_went_to():
    cantho()

    assert ("Xã Vị Thủy", "Xã Vị Đông") in found("vi dong")
    assert ("Xã Vị Thanh 1", "Thị trấn Nàng Mau") in found("nang mau")


def test_through_two_changes_it_is_found_by_the_first_name(province):
    a, b, c = (
        version("commune", province, name=name, since=since, until=until)
        for name, since, until in (
            ("Xã Một", date(2010, 1, 1), date(2020, 1, 1)), ("Xã Hai", date(2020, 1, 1), REFORM), ("Xã Ba", REFORM, None),
        )
    )  # fmt: skip
    lineage(a, b, on=date(2020, 1, 1))
    lineage(b, c)

    assert found("xa mot") == [("Xã Ba", "Xã Một")]


# --- the address --------------------------------------------------------------------------------------
def ask(client, user, typed, **params):
    client.force_login(user)
    response = client.get(URL, {"q": typed, **params}, headers={"Accept": "application/json"})
    assert response.status_code == 200
    return response.json()["rows"]


ROLES = ("staff", "admin", "leader", "auditor", "commune_officer", "commune_lead", "unit_rep", "area_officer")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("typed", ["vi", "Vị Đông", "31474", "cơ quan", "3", "ap 1"])
def test_nobody_is_offered_what_lies_elsewhere(client, role, typed):
    cantho()
    elsewhere = version("province", name="Tỉnh Long An", code="80", since=REFORM)

    assert ask(client, account(role, elsewhere), typed) == []
    assert ask(client, account(role, elsewhere), typed, on="31/12/2023") == []


@pytest.mark.parametrize("role", ("commune_officer", "commune_lead", "leader"))
def test_a_commune_is_offered_its_own_on_either_day(client, role):
    ground, _units = cantho()
    user = account(role, ground.now["Xã Vị Thủy"])

    assert {row["name"] for row in ask(client, user, "co quan")} == {"Cơ quan Xã Vị Đông"}
    assert {row["name"] for row in ask(client, user, "co quan", on="31/12/2023")} == {
        "Cơ quan Xã Vị Đông", "Cơ quan kết thúc", "Cơ quan ghi trùng"}  # fmt: skip
    assert ask(client, user, "nang mau") == []


def test_two_of_one_name_are_told_apart_by_code_kind_place_and_time(client):
    ground, _units = cantho()
    version("commune", ground.new, name="Xã Kế Sách", code="31999", since=date(2025, 9, 1), level="province")
    user = account("staff", ground.new)

    today, then = (ask(client, user, "kế sách", kind="commune", **params) for params in ({}, {"on": "31/12/2023"}))

    assert [row["detail"] for row in today] == [
        "Xã, phường · 31528 · Thành phố Cần Thơ · từ 01/07/2025", "Xã, phường · 31999 · Thành phố Cần Thơ · từ 01/09/2025",
    ]  # fmt: skip
    assert [row["code"] for row in then] == ["31528"]
    assert then[0]["place"].endswith("Tỉnh Sóc Trăng")
    assert then[0]["span"] == "từ 01/01/2000 đến hết 30/06/2025"


def test_found_by_an_old_name_it_says_so(client, province):
    old = version("commune", province, name="Xã Tân Tiến", until=date(2022, 1, 1))
    version("commune", province, unit=old.unit, name="Xã Hỏa Tiến", since=date(2022, 1, 1))

    rows = ask(client, account("staff", province), "tan tien")

    assert [(row["name"], row["was"]) for row in rows] == [("Xã Hỏa Tiến", "trước là Xã Tân Tiến, đến hết 31/12/2021")]


def test_kinds_narrow_and_unknown_ones_do_not_count(client, province, commune):
    agencies(commune, "Vị Thủy")
    user = account("staff", province)

    assert [row["kind"] for row in ask(client, user, "vi thuy", kind=["agency"])] == ["agency"]
    assert len(ask(client, user, "vi thuy", kind=["agency", "commune", "x"])) == 2
    assert len(ask(client, user, "vi thuy", kind=["x"])) == 2


def test_without_script_it_is_a_page(client, province, commune):
    client.force_login(account("staff", province))

    page = client.get(URL, {"q": "vi thuy"}, headers={"Accept": "text/html"})

    assert f'href="/don-vi/{commune.unit.ulid}/' in page.content.decode()
    assert "Accept" in page.headers["Vary"]


def test_one_must_sign_in(client):
    assert client.get(URL, {"q": "a"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "count"), [("ap", 30), ("ap", 3), ("a", 30), ("khong co", 3), ("31441", 3), ("nang mau", 3)]
)
def test_it_costs_few_queries(client, typed, count, django_assert_max_num_queries):
    ground, _units = cantho()
    agencies(ground.now["Xã Vị Thủy"], *(f"Ấp {number}" for number in range(count)))
    client.force_login(account("staff", ground.new))
    with django_assert_max_num_queries(12):
        client.get(URL, {"q": typed})


# --- the field -------------------------------------------------------------------------------------
def form_of(data=None, *, versions, many=False, kinds=("commune",), initial=None, on=NOW, required=True):
    class Form(forms.Form):
        place = UnitField(label="Địa bàn", kinds=kinds, many=many, required=required)

    query = None
    if data is not None:
        query = QueryDict(mutable=True)
        for name, value in data.items():
            query.setlist(name, value if isinstance(value, list) else [value])
    form = Form(query, initial={"place": initial} if initial else None)
    form.fields["place"].among(versions, on=on)
    return form


def all_on(on=NOW):
    return UnitVersion.objects.filter(valid__contains=on)


def test_a_chosen_unit_is_cleaned_to_its_version(province, commune):
    form = form_of({"place": commune.unit.ulid}, versions=all_on())

    assert form.is_valid()
    assert form.cleaned_data["place"] == commune


@pytest.mark.parametrize("value", ["elsewhere", "kind", "past", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "x"])
def test_what_the_form_does_not_offer_is_refused(province, commune, value):
    agency = version("agency", commune, name="Cơ quan")
    past = version("commune", province, name="Xã Cũ", until=date(2020, 1, 1))
    foreign = version("province", name="Tỉnh Khác", code="99")
    elsewhere = version("commune", foreign, name="Xã Khác")
    ulid = {"elsewhere": elsewhere.unit.ulid, "kind": agency.unit.ulid, "past": past.unit.ulid}.get(value, value)

    form = form_of({"place": ulid}, versions=all_on().filter(province=province.unit))

    assert not form.is_valid()
    assert form.errors["place"].as_data()[0].code == "gone"


@pytest.mark.parametrize("typed", ["Xã Vị Thủy", "vi thuy", "31441", "  xã vị thủy "])
def test_without_script_a_text_that_names_one_chooses_it(commune, typed):
    form = form_of({"place_q": typed, "place_seen": ""}, versions=all_on())

    assert form.is_valid()
    assert form.cleaned_data["place"] == commune


def test_a_text_that_may_mean_several_comes_back_with_them_and_the_tick_settles_it(province, commune):
    other = version("commune", province, name="Xã Vị Thanh")
    data = {"place_q": "vị", "place_seen": ""}

    form = form_of(data, versions=all_on())

    assert not form.is_valid() and form.errors["place"].as_data()[0].code == "several"
    html = str(form["place"])
    assert f'value="{commune.unit.ulid}"' in html and f'value="{other.unit.ulid}"' in html
    assert 'name="place_seen" value="vị"' in html
    ticked = form_of({**data, "place_seen": "vị", "place": other.unit.ulid}, versions=all_on())
    assert ticked.is_valid() and ticked.cleaned_data["place"] == other


def test_a_text_typed_over_what_was_chosen_replaces_it(province, commune):
    other = version("commune", province, name="Xã Vị Thanh")

    form = form_of(
        {"place": commune.unit.ulid, "place_q": "Xã Vị Thanh", "place_seen": "Xã Vị Thủy"}, versions=all_on()
    )

    assert form.is_valid() and form.cleaned_data["place"] == other


def test_a_text_taken_away_chooses_nothing(commune):
    data = {"place": commune.unit.ulid, "place_q": "", "place_seen": "Xã Vị Thủy"}

    assert form_of(data, versions=all_on()).errors["place"].as_data()[0].code == "required"
    assert form_of(data, versions=all_on(), required=False).is_valid()


def test_an_unknown_text_says_so_and_stays(commune):
    form = form_of({"place_q": "khong co <b>", "place_seen": ""}, versions=all_on())

    assert form.errors["place"].as_data()[0].code == "unknown"
    assert 'value="khong co &lt;b&gt;"' in str(form["place"])


def test_several_are_joined_and_one_more_is_typed(province, commune):
    other, third = (version("commune", province, name=name) for name in ("Xã Vị Thanh", "Xã Vị Đông"))
    data = {"place": [commune.unit.ulid, other.unit.ulid], "place_q": "xa vi dong", "place_seen": "|2"}

    form = form_of(data, versions=all_on(), many=True)

    assert form.is_valid() and form.cleaned_data["place"] == [commune, other, third]


def test_of_several_what_was_unclear_is_settled_by_one_more_tick(province, commune):
    other, third = (version("commune", province, name=name) for name in ("Xã Vị Thanh", "Xã Vị Đông"))
    data = {"place": [commune.unit.ulid], "place_q": "vị", "place_seen": "|1"}
    form = form_of(data, versions=all_on(), many=True)
    assert not form.is_valid()
    assert 'name="place_seen" value="vị|1"' in str(form["place"])

    again = form_of({**data, "place_seen": "vị|1"}, versions=all_on(), many=True)
    ticked = {**data, "place_seen": "vị|1", "place": [commune.unit.ulid, third.unit.ulid]}
    settled = form_of(ticked, versions=all_on(), many=True)

    assert not again.is_valid()
    assert settled.is_valid() and settled.cleaned_data["place"] == [commune, third]
    assert other.pk


def test_initial_units_stand_ticked_with_their_names(commune):
    form = form_of(versions=all_on(), initial=commune)

    html = str(form["place"])

    assert f'value="{commune.unit.ulid}" checked' in html
    assert 'name="place_q"' in html and 'value="Xã Vị Thủy"' in html


def test_a_filter_with_many_places_is_a_picker_whose_value_is_one_ulid(province, commune):
    class Filter(forms.Form):
        place = forms.CharField(required=False)

    form = Filter(QueryDict(f"place={commune.unit.ulid}"))
    pick_place(form, "place", all_on(), NOW, ["commune"])

    assert form.is_valid() and form.cleaned_data["place"] == commune.unit.ulid
    assert f'value="{commune.unit.ulid}" checked' in str(form["place"])
    assert "data-filter" in str(form["place"])
