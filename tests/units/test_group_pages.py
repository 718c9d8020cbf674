"""Cụm, khối thi đua, ngành: founding, who joins by list or rule, who leaves, as of which day, for whom."""

from datetime import date

import pytest

from movement.audit.models import Entry
from tests.factories.ground import REFORM, account, version
from tests.factories.units import lineage
from units.models import UnitGroup, UnitGroupMember

pytestmark = pytest.mark.django_db
START = date(2026, 1, 1)


@pytest.fixture
def cluster(city):
    group = UnitGroup.objects.create(
        province=city.province.unit, kind="cluster", name="Cụm thi đua số 1", valid=(START, None)
    )
    group.refresh_from_db()
    return group


def url(group, *more):
    return "/".join(["/don-vi/cum", group.ulid, *more, ""])


def members(group):
    rows = UnitGroupMember.objects.filter(group=group).order_by("unit_id")
    return [(row.unit_id, row.valid.lower, row.valid.upper) for row in rows]


def join(client, group, **asked):
    return client.post(url(group, "them"), {"start": "01/03/2026", "way": "list"} | asked)


def shown(response):
    return [v.name for v in response.context["page"].object_list]


ROLES = [
    ("staff", "province", 200, 200),
    ("admin", "province", 200, 200),
    ("auditor", "province", 200, 403),
    ("commune_lead", "commune", 200, 403),
    ("unit_rep", "school", 200, 403),
    ("staff", "other", 404, 404),
]


@pytest.mark.parametrize(("role", "at", "page", "act"), ROLES)
def test_who_reads_a_group_and_who_keeps_it(client, city, cluster, role, at, page, act):
    row = cluster.members.create(unit=city.commune.unit, valid=(START, None))
    client.force_login(account(role, getattr(city, at)))

    response = client.get(url(cluster))

    assert response.status_code == page
    for more in (("sua",), ("ket-thuc",), ("them",), ("don-vi", str(row.pk))):
        assert client.get(url(cluster, *more)).status_code == act
    if page == 200:
        assert (url(cluster, "them") in response.content.decode()) == (act == 200)


@pytest.mark.parametrize(("role", "at", "status"), [("staff", "province", 302), ("commune_lead", "commune", 403)])
def test_a_group_is_founded_once_by_its_decision(client, city, role, at, status):
    client.force_login(account(role, getattr(city, at)))
    form = {
        "once": "k1", "province": city.province.unit.ulid, "kind": "block", "name": " Khối  các trường ",
        "decision": "12/QĐ-BCĐ", "start": "01/02/2026",
    }  # fmt: skip

    answers = [client.post("/don-vi/cum/moi/", form).status_code for _ in range(2)]

    found = [(g.name, g.kind, g.decision, g.valid.lower) for g in UnitGroup.objects.all()]
    wanted = [("Khối các trường", "block", "12/QĐ-BCĐ", date(2026, 2, 1))]
    assert (answers, found) == ([status] * 2, wanted if status == 302 else [])


def test_another_group_of_that_name_is_refused_beside_the_name(client, city, cluster):
    client.force_login(account("staff", city.province))
    form = {"once": "k", "province": city.province.unit.ulid, "kind": "cluster", "name": cluster.name}

    response = client.post("/don-vi/cum/moi/", form | {"start": "01/03/2026"})

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["name"])
    assert response.context["form"]["start"].value() == "01/03/2026"


def test_the_list_counts_the_members_that_the_reader_may_see(client, city, cluster):
    for unit in (city.commune, city.second):
        cluster.members.create(unit=unit.unit, valid=(START, None))

    sizes = {}
    for role, at in (("staff", "province"), ("commune_lead", "commune")):
        client.force_login(account(role, getattr(city, at)))
        ((_label, (group,)),) = client.get("/don-vi/cum/").context["kinds"]
        sizes[role] = (group.size, shown(client.get(url(cluster))))

    assert sizes == {"staff": (2, ["Phường Ngã Bảy", "Xã Vị Thủy"]), "commune_lead": (1, ["Xã Vị Thủy"])}


def test_members_are_those_of_the_day(client, city, cluster):
    cluster.members.create(unit=city.commune.unit, valid=(START, date(2026, 6, 1)))
    cluster.members.create(unit=city.second.unit, valid=(date(2026, 6, 1), None))
    client.force_login(account("staff", city.province))

    assert shown(client.get(url(cluster) + "?on=31/05/2026")) == ["Xã Vị Thủy"]
    assert shown(client.get(url(cluster) + "?on=01/06/2026")) == ["Phường Ngã Bảy"]


@pytest.mark.parametrize(("on", "found"), [("31/05/2026", ["Phường Ngã Bảy"]), ("01/06/2026", []), ("31/12/2025", [])])
def test_a_group_filters_the_register_as_of_the_day(client, city, cluster, on, found):
    cluster.members.create(unit=city.second.unit, valid=(START, date(2026, 6, 1)))
    client.force_login(account("staff", city.province))

    response = client.get(f"/don-vi/?group={cluster.ulid}&on={on}")

    assert [v.name for v in response.context["page"].rows] == found
    assert response.context["page"].total == len(found)


def test_joining_by_list_is_looked_at_first_and_then_done(client, city, cluster):
    client.force_login(account("staff", city.province))
    asked = {"lines": "31441\nphường  NGÃ BẢY\n"}

    preview = join(client, cluster, **asked)
    assert [v.name for v in preview.context["joining"].units] == ["Phường Ngã Bảy", "Xã Vị Thủy"]
    assert members(cluster) == []

    done = join(client, cluster, **asked, sure="1")
    assert done.status_code == 302
    day = date(2026, 3, 1)
    assert members(cluster) == [(city.commune.unit_id, day, None), (city.second.unit_id, day, None)]
    entry = Entry.objects.get(action="group.join")
    assert entry.after == {"units": ["Xã Vị Thủy", "Phường Ngã Bảy"], "from": "2026-03-01"}


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"kind": "residential_area"}, ["Ấp 1", "Ấp 2"]),
        ({"kind": "school", "level": "province"}, ["Trường THPT Đường Sáng"]),
        ({"kind": "school", "level": "commune"}, []),
        ({"place": "commune"}, ["Ấp 1", "Ấp 2", "Cơ quan Dương Xá", "Trường THPT Đường Sáng"]),
        ({"place": "second"}, []),
    ],
)
def test_joining_by_rule_finds_what_fits_on_the_day(client, city, cluster, rule, found):
    client.force_login(account("staff", city.province))
    place = getattr(city, rule.get("place", ""), None)
    rule = rule | ({"place": place.unit.ulid} if place else {})

    response = join(client, cluster, way="rule", **rule)

    joining = response.context["joining"]
    assert ([v.name for v in joining.units] if joining else []) == found
    assert response.status_code == (200 if found else 422)


def test_lines_that_name_nothing_or_several_are_all_told_and_nothing_is_lost(client, city, cluster):
    version("residential_area", city.second, name="Ấp 1", code="A9", since=REFORM)
    client.force_login(account("staff", city.province))

    response = join(client, cluster, lines="Ấp 1\nXã Ở Tỉnh Khác\n31441")

    form = response.context["form"]
    assert (response.status_code, len(form.errors["lines"])) == (422, 2)
    assert "A1" in form.errors["lines"][0] and "A9" in form.errors["lines"][0]
    assert form["lines"].value().split("\n")[2] == "31441"
    assert members(cluster) == []


def test_who_is_in_already_stays_and_who_was_to_join_later_joins_earlier(client, city, cluster):
    cluster.members.create(unit=city.commune.unit, valid=(START, None))
    cluster.members.create(unit=city.second.unit, valid=(date(2026, 9, 1), None))
    client.force_login(account("staff", city.province))

    join(client, cluster, lines="31441\n31340\nA1", sure="1")

    day = date(2026, 3, 1)
    assert members(cluster) == [
        (city.commune.unit_id, START, None), (city.second.unit_id, day, None), (city.hamlet.unit_id, day, None),
    ]  # fmt: skip


def test_somebody_elses_units_cannot_be_taken_in(client, city, cluster):
    client.force_login(account("staff", city.province))

    response = join(client, cluster, units=[city.far.unit.ulid], sure="1")

    assert (response.status_code, members(cluster)) == (422, [])


@pytest.mark.parametrize("start", ["31/12/2025", "31/02/2026"])
def test_nobody_joins_before_the_group_is_founded_or_on_no_day(client, city, cluster, start):
    client.force_login(account("staff", city.province))

    response = join(client, cluster, start=start, lines="31441", sure="1")

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["start"])
    assert members(cluster) == []


def test_a_unit_leaves_after_a_day_or_never_was_in(client, city, cluster):
    left = cluster.members.create(unit=city.commune.unit, valid=(START, None))
    mistaken = cluster.members.create(unit=city.second.unit, valid=(START, None))
    client.force_login(account("staff", city.province))

    nothing = client.post(url(cluster, "don-vi", str(left.pk)), {})
    early = client.post(url(cluster, "don-vi", str(left.pk)), {"last_day": "31/12/2025"})
    assert (nothing.status_code, early.status_code) == (422, 422)
    client.post(url(cluster, "don-vi", str(left.pk)), {"last_day": "30/06/2026", "reason": "Chuyển cụm"})
    client.post(url(cluster, "don-vi", str(mistaken.pk)), {"mistaken": "on"})

    assert members(cluster) == [(city.commune.unit_id, START, date(2026, 7, 1))]
    assert set(Entry.objects.filter(action__startswith="group.").values_list("action", "reason")) == {
        ("group.leave", "Chuyển cụm"), ("group.unjoin", ""),
    }  # fmt: skip


def test_a_group_ends_with_its_memberships_and_stays_readable_before(client, city, cluster):
    cluster.members.create(unit=city.commune.unit, valid=(START, None))
    client.force_login(account("staff", city.province))

    assert client.post(url(cluster, "ket-thuc"), {"last_day": "31/12/2025"}).status_code == 422
    assert client.post(url(cluster, "ket-thuc"), {"last_day": "30/06/2026"}).status_code == 302

    cluster.refresh_from_db()
    assert (cluster.valid.upper, members(cluster)[0][2]) == (date(2026, 7, 1), date(2026, 7, 1))
    assert shown(client.get(url(cluster) + "?on=30/06/2026")) == ["Xã Vị Thủy"]
    assert client.get("/don-vi/cum/?on=01/07/2026").context["kinds"] == []


def test_a_group_does_not_end_before_somebody_joins(client, city, cluster):
    cluster.members.create(unit=city.commune.unit, valid=(date(2026, 9, 1), None))
    client.force_login(account("staff", city.province))

    response = client.post(url(cluster, "ket-thuc"), {"last_day": "30/06/2026"})

    assert list(response.context["form"].errors) == ["last_day"]


def test_the_staff_of_what_a_province_became_keeps_its_older_groups(client, city):
    old = version("province", name="Tỉnh Hậu Giang", code="93", until=REFORM)
    lineage(old, city.province)
    group = UnitGroup.objects.create(province=old.unit, kind="cluster", name="Cụm cũ", valid=(date(2020, 1, 1), None))
    client.force_login(account("staff", city.province))

    assert client.get(url(group)).status_code == 200
    assert client.post(url(group, "ket-thuc"), {"last_day": "30/06/2025"}).status_code == 302


def test_a_units_page_names_its_groups(client, city, cluster):
    cluster.members.create(unit=city.school.unit, valid=(START, date(2026, 6, 1)))
    client.force_login(account("unit_rep", city.school))

    page = client.get(f"/don-vi/{city.school.unit.ulid}/").content.decode()

    assert "Cụm thi đua số 1" in page and "từ 01/01/2026 đến hết 31/05/2026" in page


@pytest.mark.parametrize("end", ["", "them"])
@pytest.mark.parametrize("more", [0, 20])
def test_the_pages_cost_few_queries_however_many_members(
    client, city, cluster, more, end, django_assert_max_num_queries
):
    for _ in range(more):
        unit = version("residential_area", city.commune, since=REFORM)
        cluster.members.create(unit=unit.unit, valid=(START, None))
    client.force_login(account("staff", city.province))

    for page in (url(cluster, *([end] if end else [])), "/don-vi/cum/"):
        with django_assert_max_num_queries(12):
            assert client.get(page).status_code == 200
