"""Returns, evidence, attestations, extensions and opinions."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from movement.audit.models import Entry
from movement.classification.enums import Stage, State
from movement.classification.models import Evidence, Extension, Opinion, Return, Score
from movement.classification.services.dossier import (
    assessments_return,
    attestation_add,
    evidence_add,
    evidence_withdraw,
    extension_give,
    opinion_add,
)
from movement.classification.services.steps import assessments_advance
from movement.core.models import StoredFile
from movement.core.problems import Refused
from tests.factories.classification import campaign, scheme_data, score
from tests.factories.ground import account, legacy_ground, today, version

FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}
pytestmark = pytest.mark.django_db


@pytest.fixture
def hamlet():
    """A submitted residential area with its officer and lead."""
    province, _district, commune = legacy_ground()
    version("residential_area", commune, code="KDC-1")
    data = scheme_data()
    data["criteria"][3]["evidence"] = "attestation"
    opened = campaign(province, code="HD-KDC", unit_kinds=["residential_area"], criteria=data["criteria"])
    opened.officer, opened.lead = account("commune_officer", commune), account("commune_lead", commune)
    opened.ground, opened.commune = province, commune
    score(opened, {"KDC-1": FULL}, actor=opened.officer)
    assessments_advance(campaign=opened, ids=_ids(opened), to=State.SUBMITTED, actor=opened.officer)
    return opened


def _ids(opened):
    return list(opened.assessments.values_list("pk", flat=True))


def send_back(opened, actor=None, **changes):
    values = {"reasons": {}, "whole": "Thiếu biên bản", "actor": actor or opened.lead, **changes}
    return assessments_return(campaign=opened, ids=_ids(opened), **values)


def stored_file(name="bien-ban.pdf", digest="a"):
    return StoredFile.objects.create(
        sha256=digest * 64, size=10, content_type="application/pdf", original_name=name, kind="evidence",
        uploaded_by_name="kiểm tra", declared_free_of_secrets=True,
    )  # fmt: skip


def test_a_returned_criterion_names_its_reason_and_gives_up_the_checkers_points(hamlet):
    score(hamlet, {"KDC-1": {"1.1": D(10), "1.2": D(11)}}, stage=Stage.CHECK, actor=hamlet.lead)
    send_back(hamlet, whole="", reasons={"1.1": "Chưa có tài liệu trang 3"})
    a = hamlet.assessments.get()
    assert (a.state, a.points) == ("self_scored", D(71))  # 30 of its own again, 11 checked, 30
    assert [(r.criterion.code, r.reason, r.from_state) for r in Return.objects.all()] == [
        ("1.1", "Chưa có tài liệu trang 3", "submitted")
    ]
    assert Entry.objects.get(action="assessment.return").reason == "tiêu chí 1.1: Chưa có tài liệu trang 3"


def test_a_dossier_returned_whole_loses_all_later_points_and_is_answered_when_sent_again(hamlet):
    score(hamlet, {"KDC-1": {"1.1": D(10)}}, stage=Stage.CHECK, actor=hamlet.lead)
    send_back(hamlet)
    assert not Score.objects.exclude(stage=Stage.SELF).exists()
    assessments_advance(campaign=hamlet, ids=_ids(hamlet), to=State.SUBMITTED, actor=hamlet.officer)
    assert (Return.objects.get().answered_at is not None, hamlet.assessments.get().return_reason) == (True, "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"whole": " "}, "reason_missing"),
        ({"whole": "", "reasons": {"1.1": ""}}, "reason_missing"),
        ({"reasons": {"9": "không có"}}, "unknown_criterion"),
        ({"to": State.SUBMITTED}, "wrong_step"),
        ({"to": State.DECIDED}, "wrong_step"),
    ],
)
def test_a_return_without_reason_or_to_a_wrong_step_is_refused(hamlet, changes, code):
    with pytest.raises(Refused) as refused:
        send_back(hamlet, **changes)
    assert ({p.code for p in refused.value.problems}, hamlet.assessments.get().state) == ({code}, "submitted")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("commune_lead", True), ("leader", True), ("commune_officer", False), ("auditor", False), ("unit_rep", False)],
)
def test_who_may_return_a_hamlet(hamlet, role, allowed):
    actor = account(role, hamlet.commune)
    if allowed:
        send_back(hamlet, actor)
    else:
        with pytest.raises(Refused):
            send_back(hamlet, actor)
    assert hamlet.assessments.get().state == ("self_scored" if allowed else "submitted")


def test_evidence_names_its_pages_and_stays_as_a_row_when_withdrawn(hamlet):
    a, file = hamlet.assessments.get(), stored_file()
    evidence = evidence_add(assessment_id=a.pk, code="1.1", file=file, pages="2-3", actor=hamlet.officer)
    with pytest.raises(Refused, match="đã được gắn"):
        evidence_add(assessment_id=a.pk, code="1.1", file=file, actor=hamlet.officer)
    evidence_withdraw(evidence=evidence, actor=hamlet.officer)
    evidence_add(assessment_id=a.pk, code="1.1", file=file, pages="5", actor=hamlet.officer)
    rows = Evidence.objects.order_by("pk")
    assert [(e.pages, e.withdrawn_at is None) for e in rows] == [("2-3", False), ("5", True)]


def test_a_criterion_about_conduct_takes_no_file_but_an_attestation(hamlet):
    a = hamlet.assessments.get()
    with pytest.raises(Refused, match="văn bản xác nhận"):
        evidence_add(assessment_id=a.pk, code="2", file=stored_file(), actor=hamlet.officer)
    confirm = {"assessment_id": a.pk, "code": "2", "confirmed_by": "Công an xã", "met": True, "actor": hamlet.officer}
    attestation_add(dated_on=date(2023, 11, 1), number="12/XN", **confirm)
    with pytest.raises(Refused, match="đã có xác nhận"):
        attestation_add(dated_on=date(2023, 11, 2), **confirm)


@pytest.mark.parametrize("values", [{"dated_on": date(2999, 1, 1)}, {"confirmed_by": ""}])
def test_an_attestation_needs_an_office_and_a_day_that_has_come(hamlet, values):
    fields = {"confirmed_by": "Công an xã", "dated_on": date(2023, 11, 1), "met": True, **values}
    with pytest.raises(Refused):
        attestation_add(assessment_id=hamlet.assessments.get().pk, code="2", actor=hamlet.officer, **fields)


def test_an_outsider_adds_no_evidence(hamlet):
    with pytest.raises(Refused, match="xét duyệt"):
        evidence_add(
            assessment_id=hamlet.assessments.get().pk,
            code="1.1",
            file=stored_file(),
            actor=account("staff", hamlet.ground),
        )
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(("role", "allowed"), [("leader", True), ("staff", False), ("commune_lead", False)])
def test_an_opinion_changes_nothing_but_is_kept(hamlet, role, allowed):
    a = hamlet.assessments.get()
    actor = account(role, hamlet.ground if role != "commune_lead" else hamlet.commune)
    if allowed:
        opinion_add(assessment_id=a.pk, text="Đề nghị xem lại tiêu chí 2", actor=actor)
    else:
        with pytest.raises(Refused):
            opinion_add(assessment_id=a.pk, text="x", actor=actor)
    assert (Opinion.objects.count(), hamlet.assessments.get().state) == (int(allowed), "submitted")


@pytest.fixture
def this_year():
    """A hamlet of today's ground in a campaign of this year whose deadline passed yesterday."""
    province = version("province", code="92", since=date(2025, 7, 1))
    commune = version("commune", province, since=date(2025, 7, 1), level="province")
    version("residential_area", commune, code="KDC-1", since=date(2025, 7, 1))
    opened = campaign(province, year=today().year, code="HD-KDC", unit_kinds=["residential_area"])
    opened.deadlines = {"residential_area": today().isoformat()}
    opened.save()
    type(opened).objects.update(opened_at=timezone.now() - timedelta(days=30))
    opened.refresh_from_db()
    opened.officer, opened.staff = account("commune_officer", commune), account("staff", province)
    score(opened, {"KDC-1": FULL}, actor=opened.officer)
    return opened


def submit(opened):
    return assessments_advance(campaign=opened, ids=_ids(opened), to=State.SUBMITTED, actor=opened.officer)


def test_after_the_deadline_nothing_is_submitted_without_an_extension(this_year):
    with pytest.raises(Refused) as refused:
        submit(this_year)
    assert [p.code for p in refused.value.problems] == ["deadline_passed"]
    unit = this_year.assessments.get().unit_id
    extension_give(campaign=this_year, unit_ids=[unit], until=today(), reason="Mất điện", actor=this_year.staff)
    assert [a.state for a in submit(this_year)] == [State.SUBMITTED]


def test_a_campaign_opened_after_its_deadline_binds_nobody(this_year):
    type(this_year).objects.update(opened_at=timezone.now())
    this_year.refresh_from_db()
    assert len(submit(this_year)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"reason": " "}, "reason_missing"), ({"until": date(2020, 1, 1)}, "bad_date"), ({"actor": None}, "not_allowed")],
)
def test_an_extension_needs_a_reason_a_day_to_come_and_the_standing_office(this_year, changes, code):
    values = {"until": today(), "reason": "Mất điện", "actor": this_year.staff, **changes}
    values["actor"] = values["actor"] or this_year.officer
    with pytest.raises(Refused) as refused:
        extension_give(campaign=this_year, unit_ids=[this_year.assessments.get().unit_id], **values)
    assert ({p.code for p in refused.value.problems}, Extension.objects.count()) == ({code}, 0)
