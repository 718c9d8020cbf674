"""The demonstration's open year as the portal holds it: work for every role, kind to every real place, the same twice.

The finished years are pure plans with tests of their own (``classification/test_demo_plan.py``); loaded here is the
ground of both and the open year, once for all tests.
"""

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from awards.models import Nomination, Round
from movement.accounts.demo import BEFORE, CAN_THO, HAU_GIANG, NOW, SHOWN
from movement.accounts.enums import Role
from movement.accounts.models import User
from movement.audit.models import Entry
from movement.classification.demo import open_year as plan
from movement.classification.models import (
    Assessment,
    Attestation,
    Campaign,
    Evidence,
    Extension,
    Minutes,
    Opinion,
    PublishedResult,
    Return,
    Score,
)
from movement.classification.worklists import WAITS, due_date
from movement.core.installation import DEMONSTRATION, setting_set
from movement.exemplars.models import PracticeModel
from movement.exemplars.selectors import exemplar_candidates
from reports.services.demonstration import DemoAccounts, OpenYear, ground_load, retrospective_open, schemes_load
from units.models import UnitVersion

pytestmark = pytest.mark.django_db
ACTOR = "dữ liệu minh họa"
OPEN = {scheme for scheme, _purpose, _days in plan.OPEN_CAMPAIGNS}
IN_CAN_THO = [account.username for account in SHOWN if account.place == CAN_THO]


class Loaded:
    """The open year with what is needed to make it again."""

    def __init__(self, folder):
        self.today = timezone.localdate()
        with transaction.atomic():
            setting_set(key=DEMONSTRATION, value=True, actor=ACTOR)
            self.ground = ground_load(actor=ACTOR)
            self.schemes = schemes_load(actor=ACTOR)
        self.accounts = DemoAccounts(folder / "accounts.json", ACTOR)
        self.before = UnitVersion.objects.get(kind="province", code="93")
        places = {v.code: v for v in UnitVersion.objects.filter(province=self.before.unit_id, valid__contains=BEFORE)}
        for account in SHOWN:
            if account.place == HAU_GIANG:
                self.accounts.signed_in(
                    account.username, account.role, [places[c] for c in account.codes], account.name
                )
        roles = {"province": Role.STAFF, "district": Role.DISTRICT_OFFICER, "commune": Role.COMMUNE_LEAD}
        self.deciders = {
            v.unit_id: self.accounts.hidden(f"minhhoa.{v.code}", roles[v.kind], v)
            for v in places.values()
            if v.kind in roles
        }
        self.shown = self.make()

    def make(self, today=None):
        retrospective_open(
            province=self.before.unit, schemes=self.schemes, ground=self.ground, deciders=self.deciders, actor=ACTOR
        )
        year = OpenYear(
            ground=self.ground, schemes=self.schemes, accounts=self.accounts, today=today or self.today, actor=ACTOR,
            said=lambda line: None,
        )  # fmt: skip
        return year.make()


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), transaction.atomic():
        yield Loaded(tmp_path_factory.mktemp("demo"))
        transaction.set_rollback(True)


def rows(**wanted):
    return Assessment.objects.filter(campaign__year=plan.OPEN_YEAR, **wanted)


def home(username):
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client.get("/")


@pytest.mark.parametrize("scheme", sorted(OPEN))
def test_units_stand_at_every_step(loaded, scheme):
    states = Counter(rows(campaign__scheme__code=scheme).values_list("state", flat=True))

    assert set(states) == {str(state) for state in (*WAITS, "published")}
    assert min(states.values()) >= 8


@pytest.mark.parametrize(
    "username", [a.username for a in SHOWN if a.role not in (Role.AUDITOR, Role.ADMIN, Role.LEADER)]
)
def test_every_role_that_has_work_finds_something_waiting(loaded, username):
    context = home(username).context

    if context["roles"] == {Role.UNIT_REP}:
        assert any(not one.assessment.complete or one.assessment.return_reason for one in context["own"])
    else:
        assert sum(wait.count for wait in context["waits"]) > 0


@pytest.mark.parametrize("username", ["lanhdao.cantho", "lanhdao.vithuy"])
def test_leaders_find_what_is_about_to_be_decided(loaded, username):
    assert all(wait.count > 0 for wait in home(username).context["waits"]) and home(username).context["waits"]


@pytest.mark.parametrize("username", ["giamsat.cantho", "quantri.cantho"])
def test_those_who_only_read_find_the_year_in_figures(loaded, username):
    assert [len(table.rows) for table in home(username).context["tables"]] == [3, 1]


@pytest.mark.parametrize("account", [a for a in SHOWN if a.place == CAN_THO], ids=lambda a: a.username)
def test_homes_cost_few_queries(loaded, account, django_assert_max_num_queries):
    client = Client()
    client.force_login(User.objects.get(username=account.username))
    client.get("/")

    with django_assert_max_num_queries(12):
        assert client.get("/").status_code == 200


def test_every_role_of_the_portal_has_an_account_and_all_are_shown_with_their_passwords(loaded):
    assert {account.role for account in SHOWN} == set(Role)
    assert [line["username"] for line in loaded.shown] == IN_CAN_THO
    assert all(line["password"] and line["where"] and line["waits"] for line in loaded.shown)
    assert loaded.accounts.file.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(loaded.accounts.file.read_text())) == {account.username for account in SHOWN}


def test_no_real_place_or_unit_is_below_kha_refused_returned_or_late(loaded):
    real = rows(unit__demonstration=False).select_related("campaign")

    assert {a.unit_kind for a in real} == {"commune", "agency", "enterprise"}
    assert set(real.values_list("class_code", flat=True)) <= {"", "xuat_sac", "kha", "dat"}
    assert not Return.objects.filter(assessment__in=real).exists()
    late = [
        a.unit_name
        for a in real
        if a.state != "published" and due_date(a.campaign, a.unit_kind, WAITS[a.state][0]) < loaded.today
    ]
    assert late == []


def test_everything_else_is_marked_as_made_up_and_says_so_in_its_name(loaded):
    assert not rows(unit__demonstration=True).exclude(unit_name__icontains="minh họa").exists()
    assert not Nomination.objects.exclude(unit_name__icontains="minh họa").exists()
    assert not Nomination.objects.filter(recipient_kind="individual").exclude(person_name__contains="minh họa").exists()
    assert not PracticeModel.objects.exclude(name__icontains="minh họa").exists()


def test_some_invented_units_are_late_some_came_back_and_some_have_low_classes(loaded):
    offices = Campaign.objects.get(scheme__code="MH-CQDN", year=plan.OPEN_YEAR)
    behind = rows(campaign=offices, unit_kind="school", state="registered")

    assert due_date(offices, "school", "enter") < loaded.today and behind.count() >= 8
    assert {"trung_binh", "yeu"} <= set(rows(unit__demonstration=True).values_list("class_code", flat=True))
    assert Return.objects.filter(criterion=None).exists() and Return.objects.exclude(criterion=None).exists()


def test_deadlines_count_from_today_and_a_later_day_moves_them(loaded):
    def days():
        return {
            c.scheme.code: c.deadlines for c in Campaign.objects.filter(year=plan.OPEN_YEAR).select_related("scheme")
        }

    first = days()
    assert first["MH-KDC"] == {"residential_area": (loaded.today + timedelta(days=20)).isoformat()}
    with transaction.atomic():
        loaded.make(today=loaded.today + timedelta(days=40))
        assert days()["MH-KDC"] == {"residential_area": (loaded.today + timedelta(days=60)).isoformat()}
        transaction.set_rollback(True)
    assert days() == first


def test_made_again_on_the_same_day_it_changes_nothing(loaded):
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
    states = Counter(rows().values_list("state", flat=True))

    shown = loaded.make()

    assert Entry.objects.filter(pk__gt=last).values_list("action", flat=True).count() == 0
    assert Counter(rows().values_list("state", flat=True)) == states
    assert shown == loaded.shown


def test_papers_lie_where_those_who_have_accounts_can_open_them(loaded):
    assert Evidence.objects.filter(assessment__commune_name="Xã Vị Thủy").count() > 20
    assert {e.file.original_name for e in Evidence.objects.select_related("file")} == {"ke-hoach.pdf"}
    assert not [m for e in Evidence.objects.select_related("file") for m in e.file.warnings]
    assert Attestation.objects.exists() and Extension.objects.count() == 1
    assert set(Minutes.objects.values_list("subject", flat=True)) == {"entry", "decision"}
    assert set(Opinion.objects.values_list("role", flat=True)) == {"managing_body", "leader"}


def test_rounds_are_open_and_candidates_of_the_next_year_are_there(loaded):
    authorities = {ring.authority_name: ring.nominations.count() for ring in Round.objects.filter(state="open")}
    candidates = exemplar_candidates(
        plan.OPEN_YEAR + 1, UnitVersion.objects.get(code="92", valid__contains=NOW, kind="province").unit
    )

    assert authorities == {"Thành phố Cần Thơ": 9, "Xã Vị Thủy": 5}
    assert sum(candidate.eligible for candidate in candidates) > 20
    assert set(PracticeModel.objects.values_list("code", flat=True)) == {"CT-MH-01", "CT-MH-02", "CT-MH-03"}


def test_everything_went_through_the_services_so_the_trail_is_there(loaded):
    published = PublishedResult.objects.filter(year=plan.OPEN_YEAR)
    told = set(Entry.objects.filter(action="assessment.published").values_list("object_id", flat=True))

    assert set(published.values_list("assessment__ulid", flat=True)) == told
    assert {
        "score.import",
        "assessment.return",
        "evidence.add",
        "attestation.add",
        "minutes.add",
        "award.nominate",
    } <= set(Entry.objects.values_list("action", flat=True))


def test_who_typed_a_unit_did_not_check_it(loaded):
    points = Score.objects.filter(assessment__campaign__year=plan.OPEN_YEAR, typed_by__isnull=False)
    typed = set(points.filter(stage="self").values_list("assessment", "typed_by"))

    assert typed
    assert not typed & set(points.exclude(stage="self").values_list("assessment", "typed_by"))
