"""Pages of exemplars: candidates with reasons, the choice by a decision, the list over the years."""

from datetime import date

import pytest
from django.urls import reverse

from movement.core.models import Decision
from movement.exemplars.models import Exemplar, ExemplarNote
from movement.exemplars.services.choosing import exemplars_choose
from tests.factories.exemplars import SIGNER, classified
from tests.factories.ground import REFORM, account, legacy_ground, version
from tests.factories.units import lineage

pytestmark = pytest.mark.django_db
DECISION = {"once": "01D", "decision": "03/QĐ-BCĐ", "date": "20/02/2024", "signer": SIGNER, "signer_title": ""}


@pytest.fixture
def ground():
    return legacy_ground()


@pytest.fixture
def rated(ground):
    """``(staff, {code: version})``: three agencies here, and one of the commune next door, which must not leak."""
    staff, units = classified(ground[0], ground[2], {"KT-1": "xuat_sac", "KT-2": "kha", "KT-5": "yeu"})
    return staff, units


def candidates(client, query="?year=2024"):
    return client.get(reverse("exemplars:candidates") + query)


def choose(client, units, query="", **changes):
    picked = "&".join(f"unit={unit.unit.ulid}" for unit in units)
    return client.post(f"{reverse('exemplars:choose')}?year=2024&{picked}{query}", {**DECISION, **changes})


def shown(answer):
    return {row["candidate"].unit_code: row["candidate"].eligible for row in answer.context["page"].object_list}


def test_candidates_stand_with_each_condition_and_its_reason(client, ground, rated):
    client.force_login(rated[0])
    assert shown(candidates(client)) == {"KT-1": True, "KT-2": True}
    everyone = candidates(client, "?year=2024&able=all")
    assert shown(everyone) == {"KT-1": True, "KT-2": True, "KT-5": False}
    text = everyone.content.decode()
    assert "Loại Yếu không thuộc các loại được xét (Xuất sắc, Khá)." in text
    assert "Kết quả phân loại năm 2023 đã công bố: loại Xuất sắc (Quyết định số 01/QĐ-BCĐ ngày 08/12/2023)." in text
    # only who is eligible can be ticked
    assert text.count('type="checkbox" name="unit"') == 2


@pytest.mark.parametrize(
    ("query", "found"), [("&q=kt-2", {"KT-2"}), ("&q=minh+hoa", {"KT-1", "KT-2"}), ("&kind=school", set())]
)
def test_candidates_are_filtered(client, rated, query, found):
    client.force_login(rated[0])
    assert set(shown(candidates(client, "?year=2024" + query))) == found


def test_the_year_that_is_likely_meant_is_the_one_after_the_last_published(client, rated):
    client.force_login(rated[0])
    assert candidates(client, "").url.endswith("?year=2024")


@pytest.mark.parametrize(("role", "place", "found"), [
    ("auditor", 0, {"KT-1", "KT-2"}), ("leader", 0, {"KT-1", "KT-2"}), ("commune_lead", 2, {"KT-1", "KT-2"}),
    ("commune_lead", 3, set()), ("staff", 4, set()),
])  # fmt: skip
def test_each_sees_the_candidates_of_its_ground_and_only_staff_can_pick(client, ground, rated, role, place, found):
    places = [*ground, version("commune", ground[1]), version("province", code="94")]
    client.force_login(account(role, places[place]))
    answer = candidates(client)
    assert set(shown(answer)) == found
    assert 'name="unit"' not in answer.content.decode()


def test_units_picked_stay_picked_over_pages_and_filters(client, rated):
    _staff, units = rated
    client.force_login(rated[0])
    answer = candidates(client, f"?year=2024&q=kt-2&unit={units['KT-1'].unit.ulid}")
    assert f'<input type="hidden" name="unit" value="{units["KT-1"].unit.ulid}">' in answer.content.decode()
    assert "Ghi quyết định chọn 1 đơn vị" in answer.content.decode()


def test_a_decision_sent_twice_chooses_once(client, ground, rated):
    staff, units = rated
    client.force_login(staff)
    page = client.get(f"{reverse('exemplars:choose')}?year=2024&unit={units['KT-1'].unit.ulid}")
    assert [one.unit_code for one in page.context["units"]] == ["KT-1"]
    for _ in range(2):
        answer = choose(client, [units["KT-2"], units["KT-1"]])
        assert answer.url == reverse("exemplars:exemplars") + "?year=2024"
    assert list(Exemplar.objects.order_by("position").values_list("unit_code", flat=True)) == ["KT-2", "KT-1"]
    listed = client.get(answer.url)
    assert [row.unit_code for row in listed.context["page"].object_list] == ["KT-2", "KT-1"]
    again = candidates(client)
    assert again.content.decode().count("Đã được chọn") == 2


@pytest.mark.parametrize(
    ("codes", "changes", "field"),
    [
        (["KT-1", "KT-5"], {}, "__all__"),
        (["KT-1"], {"date": "31/12/2199"}, "date"),
        (["KT-1"], {"date": "30/02/2024"}, "date"),
        (["KT-1"], {"decision": "01/QĐ-BCĐ", "date": "20/12/2023"}, "decision"),
        (["KT-1"], {"signer": ""}, "signer"),
    ],
)
def test_a_refused_decision_is_one_clear_sentence_and_nothing_is_written(client, rated, codes, changes, field):
    staff, units = rated
    client.force_login(staff)
    answer = choose(client, [units[code] for code in codes], **changes)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert f'value="{SIGNER}"' in answer.content.decode() or field == "signer"
    assert (Exemplar.objects.count(), Decision.objects.count()) == (0, 1)


@pytest.mark.parametrize("role", ["leader", "auditor", "clerk", "commune_lead", "district_officer", "admin"])
def test_nobody_but_the_staff_opens_the_decision(client, ground, rated, role):
    client.force_login(account(role, ground[{"commune_lead": 2, "district_officer": 1}.get(role, 0)]))
    assert choose(client, [rated[1]["KT-1"]]).status_code == 403
    assert Exemplar.objects.count() == 0


@pytest.fixture
def chosen(ground, rated):
    return exemplars_choose(
        year=2024, province=ground[0].unit, units=["KT-1"], decision="03/QĐ-BCĐ", decided_on=date(2024, 2, 20),
        signer=SIGNER, actor=rated[0],
    )[0]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [
        ("staff", 0, 200),
        ("auditor", 0, 200),
        ("commune_officer", 2, 200),
        ("commune_officer", 3, 404),
        ("staff", 4, 404),
    ],
)
def test_an_exemplar_is_read_on_its_own_ground(client, ground, chosen, role, place, status):
    places = [*ground, version("commune", ground[1]), version("province", code="94")]
    client.force_login(account(role, places[place]))
    assert client.get(reverse("exemplars:exemplar", args=[chosen.ulid])).status_code == status
    listed = client.get(reverse("exemplars:exemplars"))
    assert [row.ulid for row in listed.context["page"].object_list] == ([chosen.ulid] if status == 200 else [])
    assert ("Cơ quan minh họa KT-1" in listed.content.decode()) == (status == 200)


def test_the_successors_staff_reads_and_writes_after_the_merger(client, ground, chosen):
    after = version("province", code="92", since=REFORM)
    commune = version("commune", after, since=REFORM, level="province")
    lineage(ground[0], after)
    lineage(ground[2], commune)
    moved = version("agency", commune, since=REFORM, unit=chosen.unit, name="Cơ quan sau sáp nhập")
    client.force_login(account("staff", after))
    page = client.get(reverse("exemplars:exemplar", args=[chosen.ulid]))
    assert page.status_code == 200 and page.context["may_note"]
    assert moved.unit_id == chosen.unit_id


def test_notes_are_written_once_and_the_recognition_needs_its_document(client, rated, chosen):
    client.force_login(rated[0])
    address = reverse("exemplars:exemplar_write", args=[chosen.ulid])
    sent = {"once": "n1", "kind": "plan", "on": "01/03/2024", "text": "Kế hoạch minh họa", "document": ""}
    for _ in range(2):
        assert client.post(address, sent).status_code == 302
    refused = client.post(address, {**sent, "once": "n2", "kind": "recognition"})
    assert refused.context["form"].errors == {"document": ["Công nhận phải ghi số, ngày của văn bản công nhận."]}
    assert list(ExemplarNote.objects.values_list("kind", "text")) == [("plan", "Kế hoạch minh họa")]


@pytest.mark.parametrize("role", ["auditor", "leader", "clerk"])
def test_readers_do_not_write(client, ground, chosen, role):
    client.force_login(account(role, ground[0]))
    assert client.post(reverse("exemplars:exemplar_write", args=[chosen.ulid]), {}).status_code == 403


@pytest.mark.parametrize("count", [2, 12])
def test_pages_cost_at_most_twelve_queries(client, ground, count, django_assert_max_num_queries):
    classes = {f"KT-{n}": ("xuat_sac", "yeu")[n % 2] for n in range(count)}
    staff, units = classified(ground[0], ground[2], classes)
    exemplars_choose(
        year=2024, province=ground[0].unit, units=["KT-0"], decision="03/QĐ-BCĐ", decided_on=date(2024, 2, 20),
        signer=SIGNER, actor=staff,
    )  # fmt: skip
    client.force_login(staff)
    exemplar = Exemplar.objects.get()
    for address in (
        reverse("exemplars:candidates") + "?year=2024&able=all&q=minh",
        reverse("exemplars:candidates") + "?year=2026&able=all",
        reverse("exemplars:exemplars") + "?q=minh",
        reverse("exemplars:exemplar", args=[exemplar.ulid]),
        f"{reverse('exemplars:choose')}?year=2024&unit={units['KT-1'].unit.ulid}",
    ):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200
