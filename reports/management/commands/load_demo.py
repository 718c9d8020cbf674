"""``load_demo``: the demonstration years on real ground, made through the services.

Idempotent: what is there stays. The years, the answers and the papers come from the deterministic plan
in ``movement/classification/demo``; here they are only taken through the portal's own services, so that
the trail and the histories are there too.
"""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from awards.demo import award_rows
from awards.services.importing import decision_import
from movement.accounts.demo import HAU_GIANG, SHOWN
from movement.accounts.enums import Role
from movement.classification import demo
from movement.classification.demo.open_year import OPEN_YEAR
from movement.classification.enums import Stage, State
from movement.classification.models import Adjustment, Campaign, Criterion, PublishedResult
from movement.classification.services.bulk import Row, scores_write
from movement.classification.services.campaigns import campaign_open
from movement.classification.services.publishing import results_publish
from movement.classification.services.scoring import Value
from movement.classification.services.steps import assessments_advance
from movement.core.commands import PortalCommand
from movement.core.dates import today
from movement.core.installation import DEMONSTRATION, setting_set
from movement.exemplars.services.demonstration import demonstration_exemplars, demonstration_models
from reports.services import report_request
from reports.services.demonstration import DemoAccounts, OpenYear, ground_load, retrospective_open, schemes_load
from units.enums import Kind
from units.models import UnitVersion
from units.services.authorities import authority_settings_set

ACTOR = "dữ liệu minh họa"
LAST_DAY = date(2023, 12, 31)
ROLES = {Kind.PROVINCE: Role.STAFF, Kind.DISTRICT: Role.DISTRICT_OFFICER, Kind.COMMUNE: Role.COMMUNE_LEAD}


class Command(PortalCommand):
    help = "Nạp dữ liệu minh họa: tỉnh Hậu Giang, năm 2022 và 2023; thành phố Cần Thơ, năm 2026 đang mở."

    def handle(self, *args, **options):
        self.began = time.monotonic()
        with transaction.atomic():
            setting_set(key=DEMONSTRATION, value=True, actor=ACTOR)
            plan = ground_load(actor=ACTOR)
        self.said(f"Tỉnh Hậu Giang (đến 30/6/2025): {len(plan.units)} đơn vị")
        self._letterheads(plan)
        self.schemes = schemes_load(actor=ACTOR)
        passwords = DemoAccounts(settings.PORTAL_DATA / "demo-accounts.json", ACTOR)
        accounts = self._accounts(passwords)
        for year in demo.YEARS:
            self._year(plan, year)
        self._honours(plan)
        self._paper()
        by_unit = {self._on()[code].unit_id: user for code, user in self.deciders.items()}
        retrospective_open(
            province=self._on()[demo.PROVINCE].unit, schemes=self.schemes, ground=plan, deciders=by_unit, actor=ACTOR
        )
        open_year = OpenYear(
            ground=plan, schemes=self.schemes, accounts=passwords, today=today(), actor=ACTOR, said=self.said
        )
        accounts = [*open_year.make(), *accounts]
        self.finish(
            {"accounts": accounts, "units": len(plan.units), "years": [*demo.YEARS, OPEN_YEAR]},
            "Dữ liệu minh họa đã sẵn sàng.",
        )

    def said(self, text: str) -> None:
        """A line of progress; JSON readers skip it."""
        self.stdout.write(f"{text} ({time.monotonic() - self.began:.0f} giây).")
        self.stdout.flush()

    def _on(self) -> dict[str, UnitVersion]:
        """``{code: version}`` of the province on the last day of 2023."""
        if not hasattr(self, "_versions"):
            province = UnitVersion.objects.get(kind=Kind.PROVINCE, code=demo.PROVINCE, valid__contains=LAST_DAY)
            rows = UnitVersion.objects.filter(province=province.unit_id, valid__contains=LAST_DAY)
            self._versions = {v.code: v for v in rows.exclude(code="").select_related("unit")}
        return self._versions

    def _letterheads(self, plan) -> None:
        for paper in demo.letterheads_of(plan):
            values = {
                k: getattr(paper, k) for k in paper.__dataclass_fields__ if k not in ("authority_code", "valid_from")
            }
            authority_settings_set(
                unit=self._on()[paper.authority_code].unit, start=paper.valid_from, actor=ACTOR, **values
            )

    def _accounts(self, accounts: DemoAccounts) -> list[dict]:
        """The accounts to sign in with, and one without a password for every authority that decides."""
        shown = []
        for account in SHOWN:
            if account.place == HAU_GIANG:
                places = [self._on()[code] for code in account.codes]
                accounts.signed_in(account.username, account.role, places, account.name)
                shown.append(accounts.shown(account, ", ".join(place.name for place in places)))
        self.deciders = {
            code: accounts.hidden(f"minhhoa.{code}", ROLES[place.kind], place)
            for code, place in self._on().items()
            if place.kind in ROLES
        }
        return shown

    def _honours(self, plan) -> None:
        """Practice models, the exemplars of 2024 out of the classes of 2023, the commendations."""
        province = self._on()[demo.PROVINCE].unit
        demonstration_models(plan=plan, province=province, actor=ACTOR)
        demonstration_exemplars(province=province, actor=self.deciders[demo.PROVINCE])
        self.said("Mô hình và điển hình")
        best = PublishedResult.objects.filter(
            year=max(demo.YEARS), scheme_code="MH-CQDN", class_code="xuat_sac", unit__demonstration=True
        )
        codes = best.order_by("assessment__unit_code").values_list("assessment__unit_code", flat=True)[:20]
        decision_import(award_rows(list(codes)), actor=ACTOR, province=demo.PROVINCE)
        self.said("Khen thưởng")

    def _paper(self) -> None:
        """The summary of the last year is asked for as soon as it can be: the workers make it beside what follows."""
        year = max(demo.YEARS)
        province = self._on()[demo.PROVINCE].unit
        report_request(year=year, province=province, actor=ACTOR, idempotency_key=f"demonstration-{year}")

    def _year(self, plan, year: int) -> None:
        province = self._on()[demo.PROVINCE].unit
        required = {
            condition.partition(":")[2]
            for data in self.schemes.values()
            for band in data.get("classes", [])
            for condition in band.get("requires", [])
        }
        decisions = defaultdict(list)
        for decision in demo.decisions_of(plan, year):
            decisions[decision.scheme].append(decision)
        for scheme, purpose, kinds in demo.CAMPAIGNS:
            if year < max(demo.YEARS) and purpose == "standard" and scheme not in required:
                continue  # the year before is there to compare classes with
            campaign = Campaign.objects.filter(scheme__code=scheme, year=year, province=province).first()
            if campaign and not campaign.is_open:
                continue
            with transaction.atomic():
                campaign, _added, _created = campaign_open(
                    scheme_code=scheme, year=year, province=province, actor=ACTOR
                )
                if not campaign.assessments.exclude(state=State.REGISTERED).exists():
                    self._scores(campaign, list(plan.rated(kinds)), year)
            with transaction.atomic():  # one commit for a hundred authorities
                for decision in decisions[scheme]:
                    self._decide(campaign, decision, purpose)
            self.said(f"{scheme} năm {year}: {campaign.assessments.count()} đơn vị")

    def _scores(self, campaign, units, year: int) -> None:
        """Self-scores whole; at the later stages only what differs, which is what "chấp nhận" leaves."""
        scheme = self.schemes[campaign.scheme.code]
        rows = {a.unit_code: a for a in campaign.assessments.all()}
        leaves = dict(Criterion.objects.filter(version=campaign.version, is_leaf=True).values_list("code", "pk"))
        extra = dict(Adjustment.objects.filter(version=campaign.version).values_list("code", "pk"))
        answers = {unit.code: demo.stages(unit, scheme, year) for unit in units}
        ids = [a.pk for a in rows.values()]
        before = None
        for stage in Stage:
            if stage == Stage.CHECK:
                self._advance(campaign, ids, State.SUBMITTED)
            batch = []
            for code, stages in answers.items():
                scores, adjustments = stages[stage]
                if before:
                    scores = {k: v for k, v in scores.items() if stages[before][0].get(k) != v}
                    adjustments = {k: v for k, v in adjustments.items() if stages[before][1].get(k) != v}
                if scores or adjustments:
                    batch.append(
                        Row(
                            rows[code],
                            {leaves[k]: _value(v) for k, v in scores.items()},
                            {extra[k]: Value(v) for k, v in adjustments.items()},
                        )
                    )
            scores_write(campaign=campaign, stage=stage, rows=batch, actor=ACTOR)
            before = stage

    def _advance(self, campaign, ids, to: State) -> None:
        """Each authority's own account walks the units it decides on."""
        by_authority = defaultdict(list)
        for pk, authority in campaign.assessments.filter(pk__in=ids).values_list("pk", "authority_id"):
            by_authority[authority].append(pk)
        codes = {v.unit_id: code for code, v in self._on().items()}
        for authority, pks in by_authority.items():
            assessments_advance(campaign=campaign, ids=pks, to=to, actor=self.deciders[codes[authority]])

    def _decide(self, campaign, decision, purpose: str) -> None:
        authority = self._on()[decision.authority_code]
        rows = campaign.assessments.filter(authority=authority.unit)
        ids = list(rows.exclude(state=State.PUBLISHED).values_list("pk", flat=True))
        if not ids:
            return
        actor = self.deciders[decision.authority_code]
        name = "Ủy ban nhân dân" if purpose == "standard" else "Ban Chỉ đạo 138"
        with transaction.atomic():
            assessments_advance(campaign=campaign, ids=ids, to=State.DECIDED, actor=actor)
            results_publish(
                campaign=campaign, authority=authority.unit, ids=None, number=decision.number, decided_on=decision.date,
                signer=decision.signer, authority_name=f"{name} {authority.name[:1].lower()}{authority.name[1:]}",
                actor=actor, acknowledge="Dữ liệu minh họa",
            )  # fmt: skip


def _value(answer: Decimal | str) -> Value:
    return Value(reason=answer) if isinstance(answer, str) else Value(answer)
