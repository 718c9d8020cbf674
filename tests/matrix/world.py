"""One of everything in a commune, three times over: in A and in its neighbour B of one province, and in C of another.

What lies in a commune bears the commune's own word in every name, so that a page that shows it gives itself away.
"""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal as D

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from awards.enums import CERTIFICATES, Ground
from awards.services.revocation import award_revoke
from movement.accounts.enums import Role
from movement.accounts.models import AccountList, Assignment, SealedSlips, Tie, User
from movement.accounts.services.invitations import invitation_make
from movement.classification.enums import Stage
from movement.classification.models import Assessment, Attestation, Criterion, Evidence
from movement.classification.services.campaigns import campaign_open
from movement.classification.services.deciding import decision_attach, list_decide
from movement.classification.services.publishing import results_publish
from movement.classification.services.schemes import scheme_import
from movement.core.contents import PDF
from movement.core.files import file_keep
from movement.core.listings import KIND as LISTING
from movement.core.models import Job
from movement.core.serving import file_link
from movement.exemplars.services.choosing import exemplars_choose
from reports.enums import FileKind
from reports.models import ReportFile
from reports.services import report_request
from reports.services.freezing import snapshot_freeze
from tests.factories.awards import given, line, nominated, person, proposal, ring
from tests.factories.classification import scheme_data, score
from tests.factories.exemplars import point, practice_model
from tests.factories.ground import REFORM, SINCE, version
from units.import_models import ImportPreview, PreviewKind
from units.models import DuplicateVerdict, UnitGroup, UnitGroupMember
from units.services.changes import Rename, change_make

NOW, PAST = timezone.localdate().year, 2024
KINDS = ["commune", "residential_area", "agency", "school"]
FULL = {"1.1": D(30), "1.2": D(30), "2": D(30)}
WORDS = {"A": "Kimtuyến", "B": "Bạchngọc", "C": "Hồngmã"}


def person_of(role, at=None, *, group=None, name: str) -> User:
    """An account with one assignment, on the unit of ``at`` or in ``group``."""
    # one who is signed in has a password; without, the page that changes it sends to one that the portal does not have
    user = User.objects.create(username=name, name=f"Người {name}", password=make_password(name))
    if role:
        Assignment.objects.create(
            user=user, role=role, unit=at and at.unit, group=group, valid=(REFORM if at is None else SINCE, None)
        )
    return user


def standing(kind, before, now, **facts):
    """A unit on both sides of 1/7/2025: ``(version until then, version since)``."""
    was = version(kind, before, until=REFORM, **facts)
    return was, version(kind, now, since=REFORM, unit=was.unit, **facts)


def kept(name, unit_id, actor="kiểm tra", kind="evidence"):
    return file_keep(
        io.BytesIO(f"%PDF-1.7 {name}".encode()), name=f"{name}.pdf", content_type=PDF, actor=actor, unit_id=unit_id,
        kind=kind,
    )  # fmt: skip


class Province:
    """A province through the reform, with its standing office, an open year and one that is past."""

    def __init__(self, name: str, code: str):
        self.code, self.name = code, name
        self.version = version("province", name=f"Tỉnh {name}", code=code)
        self.unit = self.version.unit
        self.staff = person_of(Role.STAFF, self.version, name=f"staff-{code}")
        self.admin = person_of(Role.ADMIN, self.version, name=f"admin-{code}")
        self.model = practice_model(self.version, name=f"Mô hình của {name}")
        self.ring = ring(self.version, title=f"Đợt của {name}", period=(date(2023, 1, 1), date(2023, 12, 31)))

        # A province's clusters are known to all of it; who belongs to them is not.
        self.groups = {
            letter: UnitGroup.objects.create(
                province=self.unit, kind="cluster", name=f"Cụm {at} của {name}", valid=(REFORM, None)
            )
            for at, letter in enumerate(WORDS, start=1)
        }

    def open_years(self) -> None:
        """The campaigns; again it registers what has come since."""
        scheme_import(scheme_data(unit_kinds=KINDS), actor="kiểm tra")
        self.campaign, self.past = (
            campaign_open(scheme_code="HD-1", year=year, province=self.unit, actor="kiểm tra")[0]
            for year in (NOW, PAST)
        )


class Place:
    """A commune with one of everything in it."""

    def __init__(self, province: Province, letter: str):
        self.province, self.word = province, WORDS[letter]
        self.district = version("district", province.version, name=f"Huyện {self.word}", until=REFORM)
        named = {"code": f"{letter}1", "name": f"Xã {self.word}"}
        self.was, self.commune = standing("commune", self.district, province.version, **named)
        for at, kind, level in (
            ("open", "residential_area", "commune"), ("waiting", "residential_area", "commune"),
            ("decided", "residential_area", "commune"), ("published", "residential_area", "commune"),
            ("office", "agency", "province"),
        ):  # fmt: skip
            setattr(self, at, self._unit(kind, at, level)[1])
        self.school_was, self.school = self._unit("school", "school", "province", managing_body=self.office.unit)
        self.double = version("agency", self.commune, name=f"Đội {self.word} 1", code=f"{letter}d1", since=REFORM)
        self.twin = version("agency", self.commune, name=f"Đội {self.word} 2", code=f"{letter}d2", since=REFORM)
        self.lead = person_of(Role.COMMUNE_LEAD, self.commune, name=f"lead-{letter}")
        province.open_years()
        self._register(letter)
        self._year()
        self._past_year()
        self._practice()
        self._awards(letter)
        self._accounts(letter)

    def _unit(self, kind, at, level, **more):
        return standing(
            kind, self.was, self.commune, name=f"{kind} {at} {self.word}", code=f"{self.word}-{at}", level=level, **more
        )

    def all_units(self):
        return [self.commune, self.open, self.waiting, self.decided, self.published, self.office, self.school]

    def assessment(self, at, campaign=None) -> Assessment:
        return Assessment.objects.get(campaign=campaign or self.province.campaign, unit=at.unit)

    def _register(self, letter):
        asked = Rename(
            on=date(NOW, 1, 2), decision="1/QĐ", decided_on=date(NOW, 1, 1), unit=self.double.unit,
            name=f"Đội {self.word} Một",
        )  # fmt: skip
        self.change = change_make(asked, actor=self.province.staff)
        first, second = sorted([self.double.unit_id, self.twin.unit_id])
        self.verdict = DuplicateVerdict.objects.create(
            first_id=first, second_id=second, reason="hai đội", by_name="kiểm tra"
        )
        self.group = self.province.groups[letter]
        for one in self.all_units():
            UnitGroupMember.objects.create(group=self.group, unit=one.unit, valid=(REFORM, None))
        self.member = self.group.members.get(unit=self.school.unit)
        file = kept(f"Danh sách {self.word}", self.commune.unit_id, self.province.staff)
        made = {"file": file, "actor_id": self.province.staff.pk, "actor_name": "kiểm tra", "state": "ready"}
        self.preview = ImportPreview.objects.create(kind=PreviewKind.UNITS, **made)
        self.mergers = ImportPreview.objects.create(kind=PreviewKind.LINEAGE, **made)

    def _year(self):
        """The open year: a hamlet at each step; the school has scored itself, with a file and an attestation."""
        campaign = self.province.campaign
        codes = [one.code for one in (self.waiting, self.decided, self.published)]
        score(campaign, dict.fromkeys(codes, FULL), stage=Stage.FINAL)
        score(campaign, {self.school.code: FULL}, stage=Stage.SELF)
        Assessment.objects.filter(campaign=campaign, unit=self.school.unit).update(state="submitted")
        rows = Assessment.objects.filter(campaign=campaign, unit_code__in=codes)
        rows.update(state="appraised")
        self.minutes = kept(f"Biên bản {self.word}", self.commune.unit_id, kind="minutes")
        list_decide(
            campaign=campaign, authority=self.commune.unit,
            ids=[self.assessment(one).pk for one in (self.decided, self.published)], number="2/BB",
            dated_on=date(NOW, 1, 5), file=self.minutes, actor=self.lead,
        )  # fmt: skip
        self._publish(campaign, self.published, self.commune, self.lead)
        self.result = self.assessment(self.published).decision
        self.scan = kept(f"Quyết định {self.word}", self.commune.unit_id, kind="decision")
        decision_attach(decision=self.result, sample=self.assessment(self.published), file=self.scan, actor=self.lead)
        self.proof = kept(f"Minh chứng {self.word}", self.school.unit_id)
        leaf = Criterion.objects.get(version=campaign.version, code="1.1")
        own = {"assessment": self.assessment(self.school), "criterion": leaf, "by_name": "kiểm tra"}
        self.evidence = Evidence.objects.create(file=self.proof, **own)
        self.attestation = Attestation.objects.create(
            confirmed_by=f"Công an {self.word}", dated_on=date(NOW, 1, 3), met=True, **own
        )

    def _publish(self, campaign, at, authority, actor):
        results_publish(
            campaign=campaign, authority=authority.unit, ids=[self.assessment(at, campaign).pk],
            number=f"{at.unit_id}/QĐ", decided_on=date(campaign.year, 1, 7), signer=f"Ký {self.word}",
            authority_name=f"UBND {self.word}", acknowledge="đã xem", actor=actor,
        )  # fmt: skip

    def _past_year(self):
        """The past year: the school published by the province and an exemplar since; a hamlet still open."""
        past = self.province.past
        score(past, {self.school.code: FULL, self.waiting.code: FULL}, stage=Stage.FINAL)
        Assessment.objects.filter(campaign=past, unit=self.school.unit).update(state="decided")
        Assessment.objects.filter(campaign=past, unit=self.waiting.unit).update(state="appraised")
        self._publish(past, self.school, self.province.version, self.province.staff)
        self.exemplar = exemplars_choose(
            year=PAST + 1, province=self.province.unit, units=[self.school.code], decision=f"3/{self.word}",
            decided_on=date(2025, 2, 20), signer="Người Ký", actor=self.province.staff,
        )[0]  # fmt: skip

    def _practice(self):
        self.model = practice_model(self.province.version, name=f"Mô hình {self.word}")
        self.point = point(self.model, self.commune, since=REFORM, name=f"Điểm {self.word}")
        self.shared_point = point(self.province.model, self.commune, since=REFORM, name=f"Điểm chung {self.word}")

    def _awards(self, letter):
        facts = {"decision": f"{letter}13/QĐ-UBND", "citation": f"Thành tích {self.word}"}
        at = self.was.code
        self.award, _person = given(
            line(at, **facts), person(at, person_name=f"Bà {self.word}", **facts), province=self.province.code
        )
        self.award_decision = self.award.decision
        self.revoked = given(line(at, **facts | {"decision": f"{letter}14/QĐ-UBND"}), province=self.province.code)[0]
        award_revoke(
            award=self.revoked, ground=Ground.FRAUD, by_decision="15/QĐ", revoked_on=date(NOW, 1, 4),
            actor=self.province.staff,
        )  # fmt: skip
        self.certificates = self._job(CERTIFICATES, {"decision": self.award_decision.ulid}, self.province.unit.pk)
        self.ring = ring(self.commune, title=f"Đợt {self.word}")
        self.nomination = nominated(
            self.ring, proposal(self.school, form="giay_khen_xa", citation=f"Đề nghị {self.word}")
        )[0]
        nominated(self.province.ring, proposal(self.office, citation=f"Đề nghị {self.word}"))
        self.listing = self._job(LISTING, {"listing": "units", "address": "", "form": "csv"}, self.commune.unit_id)

    def _job(self, kind, arguments, unit_id):
        file = kept(f"Tệp {self.word} {kind}", unit_id, kind=kind)
        return Job.objects.create(
            kind=kind, arguments=arguments, unit_id=unit_id, state="done", requested_by_name="kiểm tra", finished_at=timezone.now(),
            deadline_at=timezone.now() + timedelta(hours=1), output={"file": file.ulid, "rows": 1, "holding": []},
        )  # fmt: skip

    def _accounts(self, letter):
        admin = self.province.admin
        self.account = person_of(Role.COMMUNE_OFFICER, self.commune, name=f"{self.word.lower()}-can-bo")
        self.right = self.account.assignments.get()
        self.code = invitation_make(self.account, actor=admin)
        file = kept(f"Tài khoản {self.word}", self.commune.unit_id, admin)
        self.accounts = AccountList.objects.create(file=file, actor=admin, accepted_at=timezone.now(), made=[])
        job = self._job("accounts.slips", {}, self.commune.unit_id)
        self.slips = SealedSlips.objects.create(actor=admin, users=[self.account.pk], public_key=b"x", job=job)
        self.tie = Tie.objects.create(
            user=self.lead, unit=self.twin.unit, kind="interest", note=f"Họ hàng {self.word}", valid=(REFORM, None)
        )

    def belong_to(self, staff: User, admin: User, lead: User) -> None:
        """What is one account's own becomes that of those who open it."""
        Job.objects.filter(pk=self.listing.pk).update(requested_by_id=staff.pk)
        ImportPreview.objects.filter(pk__in=[self.preview.pk, self.mergers.pk]).update(actor_id=staff.pk)
        AccountList.objects.filter(pk=self.accounts.pk).update(actor=admin)
        SealedSlips.objects.filter(pk=self.slips.pk).update(actor=admin)
        Tie.objects.filter(pk=self.tie.pk).update(user=lead)
        self.download, self.viewed = (
            file_link(lead, self.proof, view=view).rstrip("/").rpartition("/")[2] for view in (False, True)
        )


def everywhere() -> tuple[Place, Place, Place]:
    """``(place, its neighbour, a place in another province)``; their provinces have summed up the past year."""
    mine, other = Province("Trung Tâm", "92"), Province("Xa Lạ", "01")
    places = Place(mine, "A"), Place(mine, "B"), Place(other, "C")
    summed_up(mine)
    summed_up(other)
    return places


def summed_up(province: Province) -> None:
    """``report``, the province's summary of the past year, frozen, with its files; ``figure``, one of its figures."""
    report = report_request(year=PAST, province=province.unit, actor=province.staff)
    snapshot_freeze(report)
    for kind in (FileKind.REPORT, FileKind.PERSONS):
        file = kept(f"Tổng kết {kind} {province.name}", province.unit.pk, kind="report")
        ReportFile.objects.create(report=report, kind=kind, format="pdf", name=f"{kind}.pdf", stored=file, pages=1)
    province.report, province.figure = report, next(iter(report.snapshot.content["figures"]))
