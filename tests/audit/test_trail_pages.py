"""The trail in the browser: who reads which rows, what the filters find, words for every act."""

import ast
import re
from pathlib import Path

import pytest
from django.db import transaction

from movement.audit.models import Entry
from movement.audit.presenters import lines_of
from movement.audit.services import Act, record
from movement.audit.views import trail as page
from movement.audit.words import FIELDS, has_word
from tests.factories.exemplars import point, practice_model
from tests.factories.ground import REFORM, account, version
from units.models import Lineage

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def act(sentence, at=None, *, action="unit.changed", actor="thử", **more):
    with transaction.atomic():
        record(actor, Act(action, sentence, unit_id=at and at.unit_id, **more))


@pytest.fixture
def places():
    here, there = version("province", name="Tỉnh Hậu Giang"), version("province", name="Tỉnh Cà Mau")
    commune = version("commune", here, name="Xã Vị Thủy")
    beside = version("commune", here, name="Xã Bên Cạnh")
    school = version("school", commune, name="Trường THPT Vị Thủy")
    for sentence, at in (
        ("tỉnh này", here), ("xã này", commune), ("xã bên", beside), ("trường này", school), ("tỉnh khác", there), ("chung", None),
    ):  # fmt: skip
        act(sentence, at)
    return {"here": here, "there": there, "commune": commune, "beside": beside, "school": school}


def sentences(client, user, **address):
    client.force_login(user)
    answer = client.get("/nhat-ky/", address)
    assert answer.status_code == 200
    return [row.entry.sentence for row in answer.context["page"].entries]


@pytest.mark.parametrize(
    ("role", "at", "seen"),
    [
        ("auditor", "here", ["chung", "trường này", "xã bên", "xã này", "tỉnh này"]),
        ("admin", "here", ["chung", "trường này", "xã bên", "xã này", "tỉnh này"]),
        ("auditor", "there", ["chung", "tỉnh khác"]),
        ("auditor", "commune", ["trường này", "xã này"]),
        ("admin", "school", ["trường này"]),
    ],
)
def test_each_reader_sees_the_rows_of_the_own_ground_alone(client, places, role, at, seen):
    assert sentences(client, account(role, places[at])) == seen


@pytest.mark.parametrize("role", ["staff", "commune_officer", "leader", "unit_rep", "clerk"])
def test_other_roles_do_not_read_the_trail(client, places, role):
    client.force_login(account(role, places["here"]))

    assert client.get("/nhat-ky/").status_code == 403
    assert client.get("/nhat-ky/xuat/").status_code == 403


def test_a_role_elsewhere_opens_nothing_here(client, places):
    """Staff here and auditor there: the trail is there alone."""
    from movement.accounts.models import Assignment

    user = account("auditor", places["there"])
    Assignment.objects.create(user=user, role="staff", unit=places["here"].unit, valid=("2000-01-01", None))

    assert sentences(client, user) == ["chung", "tỉnh khác"]


def test_a_unit_that_moved_away_is_read_where_it_is_now_and_a_predecessor_with_its_successor(client, places):
    old = version("commune", places["here"], name="Xã Cũ", until=REFORM)
    Lineage.objects.create(
        predecessor=old.unit, successor=places["commune"].unit, on=REFORM, kind="merge", share="whole", is_main=True
    )
    school = version("school", places["commune"], name="Trường chuyển đi", until=REFORM)
    version("school", places["beside"], name="Trường chuyển đi", since=REFORM, unit=school.unit)
    act("xã cũ", old)
    act("trường chuyển", school)

    assert sentences(client, account("auditor", places["commune"])) == ["xã cũ", "trường này", "xã này"]
    assert sentences(client, account("auditor", places["beside"])) == ["trường chuyển", "xã bên"]


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ({"q": "TRƯỜNG"}, ["trường này"]),
        ({"place": "vi thuy"}, ["trường này", "xã này"]),
        ({"group": "signing"}, ["vào", "sai"]),
        ({"group": "rights"}, ["mở tài khoản"]),
        ({"who": "thử"}, ["chung", "trường này", "xã bên", "xã này", "tỉnh này"]),
        ({"who": "thanh tra"}, ["mở tài khoản"]),
        ({"object": "accounts.user:1"}, ["mở tài khoản"]),
        ({"since": "01/01/2020", "until": "01/02/2020"}, []),
        ({"since": "31/02/2020"}, 422),
    ],
)
def test_filters_narrow_the_rows(client, places, address, seen):
    auditor = account("auditor", places["here"])
    clerk = account("clerk", places["here"], username="thanh tra")
    act("sai", action="account.sign_in_failed", actor="máy")
    act("vào", action="account.signed_in", actor="máy")
    act("mở tài khoản", action="account.closed", actor=clerk, object_kind="accounts.user", object_id="1")
    if seen == 422:
        client.force_login(auditor)
        assert client.get("/nhat-ky/", address).status_code == 422
        return

    assert sentences(client, auditor, **address) == seen


def test_pages_follow_each_other_and_a_long_search_says_how_far_it_came(client, places, monkeypatch):
    monkeypatch.setattr(page, "SIZE", 3)
    monkeypatch.setattr(page, "LOOK", 4)
    auditor = account("auditor", places["here"])

    first = sentences(client, auditor)
    after = client.get("/nhat-ky/").context["page"].next
    assert (first, sentences(client, auditor, after=after)) == (
        ["chung", "trường này", "xã bên"],
        ["xã này", "tỉnh này"],
    )

    assert sentences(client, auditor, q="tỉnh này") == []
    found = client.get("/nhat-ky/", {"q": "tỉnh này"}).context["page"]
    assert found.until is not None
    assert sentences(client, auditor, q="tỉnh này", after=found.next) == ["tỉnh này"]


def test_the_page_costs_few_queries(client, places, django_assert_max_num_queries):
    client.force_login(account("auditor", places["commune"]))
    client.get("/nhat-ky/")
    with django_assert_max_num_queries(12):
        client.get("/nhat-ky/", {"q": "xã", "who": "thử", "place": "vi thuy", "group": "units"})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_taking_the_trail_home_holds_the_same_rows_and_is_written_down(client, places, form):
    auditor = account("auditor", places["commune"])
    client.force_login(auditor)

    answer = client.get("/nhat-ky/xuat/", {"format": form})

    content = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    if form == "csv":
        text = content.decode("utf-8-sig")
        assert "trường này" in text and "xã này" in text
        assert not any(word in text for word in ("xã bên", "tỉnh này", "tỉnh khác", "chung"))
    written = Entry.objects.get(action="list.export")
    assert (written.actor_id, written.unit_id) == (auditor.pk, places["commune"].unit_id)
    assert "2 dòng" in written.sentence


def test_before_and_after_are_told_in_words_and_only_where_they_differ():
    entry = Entry(
        action="unit.changed",
        before={"name": "Xã A", "code": "1", "valid_from": "2025-07-01", "parent_id": 4, "state": "checked"},
        after={"name": "Xã B", "code": "1", "valid_from": "2025-07-02", "parent_id": 5, "state": "appraised"},
    )

    assert [(line.label, line.before, line.after) for line in lines_of(entry)] == [
        ("tên", "Xã A", "Xã B"), ("từ ngày", "01/07/2025", "02/07/2025"),
        ("trạng thái", "Đã kiểm tra", "Đã thẩm định"),
    ]  # fmt: skip


# --- every act has a word --------------------------------------------------------------------------
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


def written_actions():
    """``{(file, action or its family)}`` of every ``Act(…)`` in the code and of what helpers hand to one."""
    for folder in ("movement", "units", "awards", "reports"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text()
            if "Act(" not in text or path.parts[-2] == "audit":
                continue
            tree = ast.parse(text)
            indirect = False
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                if getattr(call.func, "id", "") != "Act" or not call.args:
                    continue
                first = call.args[0]
                for node in [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]:
                    if isinstance(node, ast.Constant):
                        yield path.name, node.value
                    elif isinstance(node, ast.JoinedStr):
                        yield path.name, node.values[0].value
                    else:
                        indirect = True
            if indirect:  # a helper gets the action from its callers in the same file, or a table of the file
                kinds = {"units.unit", "units.unitgroup", "accounts.user", "awards.persons", "core.decision"}
                for node in ast.walk(tree):
                    value = getattr(node, "value", None)
                    written = isinstance(node, ast.Constant) and isinstance(value, str)
                    if written and ACTION.fullmatch(value) and value not in kinds:
                        yield path.name, value


def test_every_act_in_the_code_has_a_word():
    found = set(written_actions())

    assert len(found) > 50
    missing = sorted(
        (name, action)
        for name, action in found
        if not (has_word(action) if not action.endswith(".") else _family(action))
    )
    assert missing == []


def _family(beginning):
    from movement.audit.words import _WORDS

    return any(action.startswith(beginning) for action in _WORDS)


def test_words_of_fields_are_vietnamese():
    assert all(str(word) and "_" not in str(word) for word in FIELDS.values())


# --- the history of one thing ----------------------------------------------------------------------
def test_the_history_of_a_unit_is_for_who_sees_the_unit(client, places):
    school = places["school"]
    act("đổi tên trường", school, object_kind="units.unit", object_id=school.unit.ulid)
    address = f"/nhat-ky/lich-su/don-vi/{school.unit.ulid}/"

    client.force_login(account("unit_rep", school))
    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "đổi tên trường" in answer.content.decode()
    client.force_login(account("commune_officer", places["beside"]))
    assert client.get(address).status_code == 404
    assert client.get("/nhat-ky/lich-su/khac/1/").status_code == 404


def test_an_accounts_history_is_the_own_or_that_of_ones_ground(client, places):
    mine, other = account("clerk", places["commune"]), account("clerk", places["there"])
    for user, place in ((mine, places["commune"]), (other, places["there"])):
        act("giao vai trò", place, action="assignment.give", object_kind="accounts.user", object_id=user.ulid)

    def status(reader, of):
        client.force_login(reader)
        return client.get(f"/nhat-ky/lich-su/tai-khoan/{of.ulid}/").status_code

    assert status(mine, mine) == 200
    assert status(mine, other) == 404
    auditor = account("auditor", places["here"])
    assert (status(auditor, mine), status(auditor, other)) == (200, 404)


def test_an_accounts_history_leaves_out_what_it_was_given_elsewhere(client, places):
    user = account("clerk", places["commune"])
    for sentence, place in (("giao quyền ở đây", places["commune"]), ("giao quyền nơi khác", places["there"])):
        act(sentence, place, action="assignment.give", object_kind="accounts.user", object_id=user.ulid)
    client.force_login(account("auditor", places["here"]))

    page = client.get(f"/nhat-ky/lich-su/tai-khoan/{user.ulid}/").content.decode()

    assert "giao quyền ở đây" in page
    assert "giao quyền nơi khác" not in page


def test_a_models_history_leaves_out_points_on_other_ground(client, places):
    model = practice_model(places["here"], name="Camera an ninh")
    point(model, places["commune"], name="Điểm của xã")
    beside = point(model, places["beside"], name="Điểm xã bên")
    act("đánh giá điểm xã bên", places["beside"], object_kind="exemplars.model", object_id=model.ulid)
    address = f"/nhat-ky/lich-su/mo-hinh/{model.ulid}/"

    def told(reader):
        client.force_login(reader)
        return client.get(address).content.decode()

    own, every = told(account("commune_officer", places["commune"])), told(account("staff", places["here"]))
    assert "Điểm của xã" in own and "Camera an ninh" in own
    assert beside.name not in own and "đánh giá điểm xã bên" not in own
    assert beside.name in every and "đánh giá điểm xã bên" in every


def test_numbers_of_ours_are_counted_or_left_out():
    ulid = "01M87CY774XNRNH0BVGM19021K"
    entry = Entry(action="award.record", after={"awards": [ulid, ulid], "heir": ulid, "note": "một"})

    assert [(line.label, line.after) for line in lines_of(entry)] == [("số khen thưởng", "2"), ("ghi chú", "một")]
