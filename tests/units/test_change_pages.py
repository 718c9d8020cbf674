"""The guided changes on screen: who is offered what, looked at first, done once, all problems at once, taken back."""

from datetime import date

import pytest

from tests.factories.ground import REFORM, account, version
from units.models import Lineage, RegisterChange, UnitVersion
from units.selectors import Effect
from units.selectors.changes import _EFFECTS
from units.views.changing import GUIDES

pytestmark = pytest.mark.django_db
SLUGS = [guide.slug for guide in GUIDES]
PAPER = {"on": "01/03/2026", "decision": "12/NQ-HĐND", "decided_on": "20/02/2026", "reason": "Theo nghị quyết"}


def url(version, slug):
    return f"/don-vi/{version.unit.ulid}/thay-doi/{slug}/"


def look(client, version, slug, **asked):
    """The first sending: what would happen."""
    return client.post(url(version, slug), PAPER | {"preview": "1", "once": f"k-{slug}"} | asked)


def carried(response):
    """What the page of the preview sends on."""
    data: dict[str, list] = {}
    for name, value in response.context["hidden"]:
        data.setdefault(name, []).append(value)
    return data | {"once": response.context["once"], "seen": response.context["preview"].stamp, "sure": "1"}


def do(client, version, slug, **asked):
    """Both sendings; the change that was made."""
    response = look(client, version, slug, **asked)
    assert response.status_code == 200, response.context["form"].errors
    made = client.post(url(version, slug), carried(response))
    assert made.status_code == 302, made.context["form"].errors
    return RegisterChange.objects.get(ulid=made.url.strip("/").split("/")[-1])


def names(unit, on=date(2026, 3, 1)):
    return list(UnitVersion.objects.filter(unit=unit.unit, valid__contains=on).values_list("name", "code"))


def errors(response):
    return {name: list(found) for name, found in response.context["form"].errors.items()}


# --- who is offered what ----------------------------------------------------------------------------------
ALL = {"doi-ten", "sap-nhap", "chia-tach", "ket-thuc", "gop-trung"}
OFFERED = [
    ("staff", "province", "province", ALL | {"them"}),
    ("staff", "province", "commune", ALL | {"them", "chuyen"}),
    ("admin", "province", "school", ALL | {"chuyen", "cap-quan-ly"}),
    ("commune_officer", "commune", "hamlet", ALL | {"chuyen", "cap-quan-ly"}),
    ("commune_lead", "commune", "commune", {"them"}),
    ("commune_officer", "commune", "school", set()),
    ("unit_rep", "school", "school", set()),
    ("auditor", "province", "commune", set()),
    ("leader", "commune", "hamlet", set()),
]


@pytest.mark.parametrize(("role", "at", "unit", "offered"), OFFERED)
def test_each_is_offered_and_may_open_the_changes_of_the_own_role(client, city, role, at, unit, offered):
    target = getattr(city, unit)
    client.force_login(account(role, getattr(city, at)))

    page = client.get(f"/don-vi/{target.unit.ulid}/").content.decode()
    opened = {slug: client.get(url(target, slug)).status_code for slug in SLUGS}

    assert {slug for slug in SLUGS if url(target, slug) in page} == offered
    assert {slug for slug, status in opened.items() if status == 200} == offered
    assert set(opened.values()) <= {200, 403, 404}


@pytest.mark.parametrize("slug", SLUGS)
def test_on_somebody_elses_ground_there_is_no_such_page(client, city, slug):
    client.force_login(account("staff", city.other))

    assert client.get(url(city.commune, slug)).status_code == 404
    assert client.post(url(city.commune, slug), PAPER).status_code == 404


@pytest.mark.parametrize(
    ("role", "at", "unit", "slug", "status"),
    [
        ("commune_officer", "commune", "school", "doi-ten", 403),
        ("commune_officer", "commune", "commune", "doi-ten", 403),
        ("auditor", "province", "hamlet", "doi-ten", 403),
        ("staff", "province", "hamlet", "khong-co", 404),
        ("staff", "province", "hamlet", "hoat-dong-lai", 404),
        ("staff", "province", "hamlet", "them", 404),
    ],
)
def test_a_change_that_may_not_be_is_not_done(client, city, role, at, unit, slug, status):
    client.force_login(account(role, getattr(city, at)))

    response = client.post(url(getattr(city, unit), slug), PAPER | {"name": "Tên khác", "sure": "1"})

    assert (response.status_code, RegisterChange.objects.count()) == (status, 0)


# --- the way through -----------------------------------------------------------------------------------------
def test_a_rename_is_looked_at_then_done_and_told(client, city):
    client.force_login(account("staff", city.province))

    preview = look(client, city.hamlet, "doi-ten", name="Ấp Một", code="A1")

    assert preview.context["preview"].sentence == "“Ấp 1” đổi tên thành “Ấp Một” từ ngày 01/03/2026."
    assert preview.context["steps"][0].facts == [("Tên", "Ấp 1", "Ấp Một")]
    assert (names(city.hamlet), RegisterChange.objects.count()) == ([("Ấp 1", "A1")], 0)

    change = do(client, city.hamlet, "doi-ten", name="Ấp Một", code="A1")
    page = client.get(f"/don-vi/lich-su/{change.ulid}/").content.decode()
    assert names(city.hamlet) == [("Ấp Một", "A1")]
    assert "12/NQ-HĐND, ngày 20/02/2026" in page and "Theo nghị quyết" in page and "Ấp Một" in page


def test_sending_twice_does_it_once(client, city):
    client.force_login(account("staff", city.province))
    data = carried(look(client, city.commune, "them", kind="agency", name="Cơ quan mới", managing_level="commune"))

    first, second = (client.post(url(city.commune, "them"), data) for _ in range(2))

    assert first.url == second.url
    assert UnitVersion.objects.filter(name="Cơ quan mới").count() == 1


def test_going_back_keeps_what_was_typed(client, city):
    client.force_login(account("staff", city.province))
    data = carried(look(client, city.hamlet, "doi-ten", name="Ấp Một", code="A1"))
    del data["sure"]

    form = client.post(url(city.hamlet, "doi-ten"), data | {"edit": "1"}).context["form"]

    typed = {name: form[name].value() for name in ("name", "code", "on", "decision", "decided_on", "reason")}
    assert typed == PAPER | {"name": "Ấp Một", "code": "A1"}


def test_a_change_that_somebody_made_meanwhile_is_shown_and_nothing_is_lost(client, city):
    first, second = account("staff", city.province, username="can-bo-mot"), account("staff", city.province)
    client.force_login(second)
    data = carried(look(client, city.hamlet, "doi-ten", name="Ấp Hai Mươi", code="A1"))
    client.force_login(first)
    do(client, city.hamlet, "doi-ten", name="Ấp Một", code="A1")

    client.force_login(second)
    response = client.post(url(city.hamlet, "doi-ten"), data | {"once": "other"})

    text = response.content.decode()
    assert (response.status_code, names(city.hamlet)) == (409, [("Ấp Một", "A1")])
    assert "can-bo-mot" in text and "Ấp Hai Mươi" in text
    assert response.context["steps"][0].facts == [("Tên", "Ấp Một", "Ấp Hai Mươi")]
    assert client.post(url(city.hamlet, "doi-ten"), carried(response)).status_code == 302
    assert names(city.hamlet) == [("Ấp Hai Mươi", "A1")]


def test_all_problems_stand_beside_their_fields_and_nothing_typed_is_lost(client, city):
    client.force_login(account("staff", city.province))

    response = look(
        client, city.commune, "them", kind="enterprise", name="", managing_level="x", decided_on="31/02/2026",
        email="khong phai thu", phone="1",
    )  # fmt: skip

    assert response.status_code == 422
    assert errors(response).keys() == {"name", "managing_level", "decided_on", "email"}
    form = response.context["form"]
    assert [form[name].value() for name in ("kind", "phone", "reason")] == ["enterprise", "1", "Theo nghị quyết"]


def test_what_the_register_refuses_stands_beside_its_field_too(client, city):
    client.force_login(account("staff", city.province))

    response = look(client, city.hamlet, "doi-ten", name="Ấp Một", code="GD1")

    assert (response.status_code, list(errors(response))) == (422, ["code"])
    assert "Trường THPT Đường Sáng" in errors(response)["code"][0]


@pytest.mark.parametrize(
    ("kind", "name", "subkind"),
    [
        ("school", "Trường Tiểu học Hoa Sen", ""),
        ("school", "Trường Mầm non Hoa Sen", ""),
        ("agency", "Ban Chỉ huy quân sự xã", ""),
        ("enterprise", "Công ty Minh Họa", "siêu nhỏ"),
    ],
)
def test_what_is_out_of_scope_is_flagged_and_taken_in_only_with_a_reason(client, city, kind, name, subkind):
    client.force_login(account("staff", city.province))
    asked = {"kind": kind, "name": name, "subkind": subkind, "managing_level": "commune"}

    flagged = look(client, city.commune, "them", **asked)
    change = do(client, city.commune, "them", **asked, scope_reason="Tỉnh yêu cầu")

    assert (flagged.status_code, list(errors(flagged))) == (422, ["scope_reason"])
    made = UnitVersion.objects.get(unit__in=change.created_ids)
    assert (made.name, made.unit.scope_reason) == (name, "Tỉnh yêu cầu")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"kind": "agency", "managing_level": "commune"}, 200),
        ({"kind": "residential_area", "managing_level": "commune"}, 200),
        ({"kind": "agency", "managing_level": "province"}, 422),
    ],
)
def test_a_commune_adds_what_it_manages_itself(client, city, asked, status):
    client.force_login(account("commune_officer", city.commune))

    response = look(client, city.commune, "them", name="Đơn vị mới", **asked)

    assert response.status_code == status


def test_a_commune_does_not_give_or_take_what_is_not_its_own(client, city):
    client.force_login(account("commune_officer", city.commune))

    given = look(client, city.hamlet, "chuyen", parent=city.second.unit.ulid)
    levelled = look(client, city.office, "cap-quan-ly", managing_level="province")
    merged = look(client, city.office, "ket-thuc", heir=city.school.unit.ulid)

    assert [r.status_code for r in (given, levelled, merged)] == [422, 422, 422]
    assert list(errors(given)) == ["parent"], "the other commune is not even offered"
    assert "do cấp khác quản lý" in str(errors(levelled)) and "Trường THPT" in str(errors(merged))


def test_a_move_takes_along_what_is_below_and_says_so(client, city):
    other = version("province", name="Tỉnh Mới", code="03", since=REFORM)
    user = account("staff", city.province)
    user.assignments.create(role="staff", unit=other.unit, valid=(date(2020, 1, 1), None))
    client.force_login(user)

    response = look(client, city.commune, "chuyen", parent=other.unit.ulid)

    assert [(s.name, s.action) for s in response.context["steps"]] == [("Xã Vị Thủy", "chuyển nơi đặt")]
    assert sorted(response.context["along"]) == ["Cơ quan Dương Xá", "Trường THPT Đường Sáng", "Ấp 1", "Ấp 2"]
    assert response.context["preview"].below == 4


def test_a_close_has_a_last_day_and_reopening_begins_again(client, city):
    client.force_login(account("staff", city.province))

    do(client, city.office, "ket-thuc", on="28/02/2026")
    assert (names(city.office, date(2026, 2, 28)), names(city.office)) == ([("Cơ quan Dương Xá", "CQ1")], [])

    assert client.get(url(city.office, "ket-thuc")).status_code == 404
    do(client, city.office, "hoat-dong-lai", on="01/06/2026")
    assert names(city.office, date(2026, 6, 1)) == [("Cơ quan Dương Xá", "CQ1")]


def test_two_hamlets_become_one_that_keeps_an_old_name(client, city):
    client.force_login(account("staff", city.province))

    change = do(
        client, city.hamlet, "sap-nhap", units=[city.hamlet.unit.ulid, city.hamlet2.unit.ulid], into="new",
        name="Ấp 1", code="A1",
    )  # fmt: skip

    (new,) = change.created_ids
    assert (names(city.hamlet), names(city.hamlet2)) == ([], [])
    assert set(Lineage.objects.values_list("predecessor", "successor", "kind", "decision")) == {
        (unit.unit_id, new, "merge", "12/NQ-HĐND ngày 20/02/2026") for unit in (city.hamlet, city.hamlet2)
    }  # fmt: skip


def test_one_of_the_merged_can_go_on(client, city):
    client.force_login(account("staff", city.province))

    change = do(client, city.hamlet, "sap-nhap", units=[city.hamlet.unit.ulid, city.hamlet2.unit.ulid], into="this")

    assert (change.created_ids, names(city.hamlet), names(city.hamlet2)) == ([], [("Ấp 1", "A1")], [])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"units": ["hamlet"], "into": "new", "name": "X"}, "units"),
        ({"units": ["hamlet", "hamlet2"], "into": "new", "name": ""}, "name"),
        ({"units": ["hamlet", "school"], "into": "new", "name": "X"}, "units"),
        ({"units": ["hamlet", "far_hamlet"], "into": "new", "name": "X"}, "units"),
        ({"units": [], "into": "new", "name": "X"}, "units"),
    ],
)
def test_a_merger_that_cannot_be_is_refused(client, city, asked, field):
    client.force_login(account("staff", city.province))
    units = [getattr(city, name).unit.ulid for name in asked["units"]]

    response = look(client, city.hamlet, "sap-nhap", **asked | {"units": units})

    assert (response.status_code, list(errors(response))) == (422, [field])


SPLIT = {"rows": "2", "part-1-name": "Xã Một", "part-1-code": "30001", "part-2-name": "Xã Hai", "part-2-code": "30002"}


def test_a_commune_is_split_and_each_thing_below_goes_where_it_is_put(client, city):
    client.force_login(account("staff", city.province))

    child = {f"child-{city.hamlet2.unit.ulid}": "2"}
    change = do(client, city.commune, "chia-tach", way="ends", main="1", **SPLIT, **child)

    one, two = (UnitVersion.objects.get(unit__in=change.created_ids, code=code) for code in ("30001", "30002"))
    where = {v.name: v.parent_id for v in UnitVersion.objects.filter(parent__in=change.created_ids)}
    assert names(city.commune) == []
    assert where == {
        "Ấp 1": one.unit_id, "Ấp 2": two.unit_id, "Cơ quan Dương Xá": one.unit_id,
        "Trường THPT Đường Sáng": one.unit_id,
    }  # fmt: skip
    assert dict(Lineage.objects.values_list("successor", "is_main")) == {one.unit_id: True, two.unit_id: False}


def test_a_part_can_be_split_off_while_the_old_one_goes_on(client, city):
    client.force_login(account("staff", city.province))
    asked = {"rows": "1", "part-1-name": "Xã Một", "part-1-code": "30001", f"child-{city.hamlet.unit.ulid}": "1"}

    change = do(client, city.commune, "chia-tach", way="keeps", **asked)

    (new,) = change.created_ids
    assert names(city.commune) == [("Xã Vị Thủy", "31441")]
    below = UnitVersion.objects.filter(valid__contains=date(2026, 3, 1), parent=new)
    assert [v.name for v in below] == ["Ấp 1"]


def test_a_split_without_parts_is_refused_and_another_line_can_be_had(client, city):
    client.force_login(account("staff", city.province))

    none = look(client, city.commune, "chia-tach", way="ends", rows="2", **{"part-1-name": "Xã Một"})
    more = client.post(url(city.commune, "chia-tach"), PAPER | SPLIT | {"way": "ends", "more": "1"})

    assert (none.status_code, list(errors(none))) == (422, ["way"])
    assert (more.status_code, len(more.context["form"].parts)) == (200, 3)
    assert more.context["form"].parts[1]["name"].value() == "Xã Hai"


def test_a_duplicate_is_folded_into_the_real_unit(client, city):
    twin = version("school", city.commune, name="Trường PTTH Đường Sáng", code="", since=REFORM, level="province")
    client.force_login(account("staff", city.province))

    do(client, twin, "gop-trung", into=city.school.unit.ulid)

    assert names(twin) == []
    assert list(Lineage.objects.values_list("predecessor", "successor", "kind")) == [
        (twin.unit_id, city.school.unit_id, "duplicate")
    ]
    real = client.get(f"/don-vi/{city.school.unit.ulid}/").context["profile"]
    folded = client.get(f"/don-vi/{twin.unit.ulid}/").context["profile"]
    assert ([c.other.name for c in real.folded], real.before) == (["Trường PTTH Đường Sáng"], [])
    assert [c.other.name for c in folded.after] == ["Trường THPT Đường Sáng"]


def test_what_a_change_touches_stands_in_the_preview(client, city, monkeypatch):
    seen = []

    def touched(unit_ids, on):
        seen.append((unit_ids, on))
        yield Effect("Hồ sơ đang mở", 12, ["Năm 2026"])

    monkeypatch.setitem(_EFFECTS, "thu", touched)
    client.force_login(account("staff", city.province))

    text = look(client, city.office, "ket-thuc", on="28/02/2026").content.decode()

    assert seen == [({city.office.unit_id}, date(2026, 3, 1))]
    assert "Hồ sơ đang mở: <strong>12</strong>" in text and "Năm 2026" in text


# --- history and undo ------------------------------------------------------------------------------------------
@pytest.fixture
def renamed(client, city):
    client.force_login(account("staff", city.province))
    return do(client, city.hamlet, "doi-ten", name="Ấp Một", code="A1")


def undo(client, change, reason="Ghi nhầm"):
    return client.post(f"/don-vi/lich-su/{change.ulid}/", {"reason": reason})


@pytest.mark.parametrize(
    ("role", "at", "page", "sent"),
    [
        ("staff", "province", 200, 302),
        ("admin", "province", 200, 302),
        ("commune_officer", "commune", 200, 302),
        ("auditor", "province", 200, 403),
        ("leader", "commune", 200, 403),
        ("commune_officer", "second", 404, 404),
        ("unit_rep", "school", 404, 404),
        ("staff", "other", 404, 404),
    ],
)
def test_who_reads_a_change_and_who_takes_it_back(client, city, renamed, role, at, page, sent):
    client.force_login(account(role, getattr(city, at)))

    listed = client.get("/don-vi/lich-su/").context["page"]
    opened = client.get(f"/don-vi/lich-su/{renamed.ulid}/")

    assert (listed.total, len(listed.rows)) == ((1, 1) if page == 200 else (0, 0))
    assert opened.status_code == page
    assert ("Hoàn tác thay đổi này" in opened.content.decode()) == (sent == 302)
    assert undo(client, renamed).status_code == sent
    assert names(city.hamlet) == [("Ấp 1" if sent == 302 else "Ấp Một", "A1")]


def test_an_undo_needs_a_reason_and_stays_in_the_history(client, city, renamed):
    assert (undo(client, renamed, "").status_code, names(city.hamlet)) == (422, [("Ấp Một", "A1")])

    undo(client, renamed)

    page = client.get(f"/don-vi/lich-su/{renamed.ulid}/").content.decode()
    assert "đã hoàn tác lúc" in page and "Lý do: Ghi nhầm" in page and "Hoàn tác thay đổi này" not in page
    assert client.get("/don-vi/lich-su/?state=undone").context["page"].total == 1
    assert client.get("/don-vi/lich-su/?state=standing").context["page"].total == 0
    assert undo(client, renamed).status_code == 403


def test_what_was_built_on_a_change_stands_there_instead_of_the_undo(client, city, renamed):
    later = do(client, city.hamlet, "doi-ten", name="Ấp Một Mới", code="A1", on="01/06/2026", once="k2")

    page = client.get(f"/don-vi/lich-su/{renamed.ulid}/").content.decode()
    refused = undo(client, renamed)

    assert "Hoàn tác thay đổi này" not in page and f"/don-vi/lich-su/{later.ulid}/" in page
    assert (refused.status_code, names(city.hamlet, date(2026, 6, 1))) == (409, [("Ấp Một Mới", "A1")])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2), ("q=ap mot", 1), ("q=12/NQ", 2), ("kind=close", 1), ("kind=rename", 1), ("since=01/04/2026", 1),
        ("until=01/03/2026", 1), ("q=khong co", 0),
    ],
)  # fmt: skip
def test_the_history_is_filtered(client, city, renamed, query, found):
    do(client, city.office, "ket-thuc", on="31/05/2026")

    assert client.get(f"/don-vi/lich-su/?{query}").context["page"].total == found


def test_a_wrong_date_in_the_filter_is_said(client, city, renamed):
    assert client.get("/don-vi/lich-su/?since=31/02/2026").status_code == 422


def test_a_units_page_tells_its_changes(client, city, renamed):
    page = client.get(f"/don-vi/{city.hamlet.unit.ulid}/").content.decode()
    other = client.get(f"/don-vi/{city.hamlet2.unit.ulid}/").content.decode()

    assert f"/don-vi/lich-su/{renamed.ulid}/" in page
    assert "/don-vi/lich-su/" not in other


@pytest.mark.parametrize("more", [0, 15])
def test_history_and_menu_cost_few_queries(client, city, renamed, more, django_assert_max_num_queries):
    for number in range(more):
        do(client, city.hamlet2, "doi-ten", name=f"Ấp {number}", code="A2", once=f"q{number}")

    for page in ("/don-vi/lich-su/", f"/don-vi/lich-su/{renamed.ulid}/", f"/don-vi/{city.hamlet.unit.ulid}/thay-doi/"):
        with django_assert_max_num_queries(12):
            assert client.get(page).status_code == 200
