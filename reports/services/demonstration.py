"""The demonstration's open year over all apps: Cần Thơ 2026 with accounts for every role and work for each of them.

Hậu Giang's years come before it (``load_demo``); its invented units stand below the communes of today once the
divisions of today are loaded. Done again it changes nothing but the deadlines, which count from today.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from django.db import transaction

from awards import demo as award_plan
from awards.services.demonstration import demonstration_round
from movement.accounts import demo as people
from movement.accounts.enums import Role
from movement.accounts.models import User
from movement.accounts.services import account_create, assignment_give
from movement.classification import demo
from movement.classification.demo import open_year as plan
from movement.classification.enums import Stage, State
from movement.classification.models import Assessment, Campaign, Criterion, PublishedResult
from movement.classification.services.bulk import Row, scores_write
from movement.classification.services.campaigns import campaign_open
from movement.classification.services.demonstration import (
    REP,
    Cast,
    deadlines_renew,
    dossiers_fill,
    is_untouched,
    open_year_walk,
    placed_units,
    remarks_make,
)
from movement.classification.services.schemes import scheme_import
from movement.classification.services.scoring import Value
from movement.classification.services.steps import assessments_advance
from movement.core.files import file_store
from movement.core.models import StoredFile
from movement.exemplars.services.demonstration import demonstration_proposals
from units.enums import Kind
from units.importing import units_import
from units.models import Unit, UnitVersion
from units.services import authority_settings_set, divisions_load, unit_change
from units.services.marking import units_mark_demonstration

PAPERS = Path(demo.__file__).parent / "papers"
SCHEMES = Path(demo.__file__).parent.parent / "schemes"
PAPER, MINUTES = "ke-hoach.pdf", "bien-ban.pdf"
FILE_KIND = "evidence"


def ground_load(*, actor) -> demo.Plan:
    """Hậu Giang's real divisions until 30/6/2025 and the invented units on them, marked so; the plan they follow."""
    divisions_load(provinces=[demo.PROVINCE], system="legacy", actor=actor)
    on = {
        "valid__contains": people.BEFORE,
        "province__versions__code": demo.PROVINCE,
        "province__versions__kind": "province",
    }
    districts = {v.unit_id: v for v in UnitVersion.objects.filter(kind=Kind.DISTRICT, **on)}
    communes = UnitVersion.objects.filter(kind=Kind.COMMUNE, **on)
    ground = demo.build(
        (districts[c.parent_id].code, districts[c.parent_id].name, c.code, c.name, c.subkind) for c in communes
    )
    units_import(((line, unit.row()) for line, unit in enumerate(ground.units, start=2)), actor=actor)
    invented = [unit.code for unit in ground.units if not unit.real]
    stored = UnitVersion.objects.filter(code__in=invented, **on)
    units_mark_demonstration(unit_ids=stored.values_list("unit_id", flat=True))
    return ground


def schemes_load(*, actor) -> dict[str, dict]:
    """The scheme files that come with the portal, imported; ``{code: file}``."""
    schemes = {}
    for path in sorted(SCHEMES.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        scheme_import(data, actor=actor)
        schemes[data["code"]] = data
    return schemes


class DemoAccounts:
    """Accounts of the demonstration. Passwords are drawn once and kept in ``file``, readable by its owner alone."""

    def __init__(self, file: Path, actor):
        self.file, self.actor = file, actor
        self.known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}

    def signed_in(self, username: str, role: Role, places: list[UnitVersion], name: str) -> User:
        """An account to sign in with; there already, it stays as it is."""
        user = User.objects.filter(username=username).first()
        if user is None:
            self.known[username] = f"Minh-hoa-{secrets.token_hex(5)}-2026"
            user = self._made(username, self.known[username], role, places, name)
            self.file.write_text(json.dumps(self.known))
            self.file.chmod(0o600)
        return user

    def hidden(self, username: str, role: Role, place: UnitVersion) -> User:
        """An account without a password that acts for an authority in the demonstration."""
        user = User.objects.filter(username=username).first()
        return user or self._made(username, None, role, [place], f"Tài khoản minh họa, {place.name}")

    @transaction.atomic
    def _made(self, username, password, role, places, name) -> User:
        user = account_create(username=username, password=password, name=name, actor=self.actor, demonstration=True)
        for place in places:
            assignment_give(user=user, role=role, unit=place.unit, kind=place.kind, actor=self.actor)
        return user

    def shown(self, account: people.DemoAccount, where: str) -> dict:
        """What ``./run demo`` prints of an account."""
        return {
            "username": account.username, "password": self.known.get(account.username, ""),
            "role": str(account.role.label), "where": where, "place": account.place, "waits": account.waits,
        }  # fmt: skip


class OpenYear:
    """Makes the open year; ``said`` takes a line of progress."""

    def __init__(
        self, *, ground: demo.Plan, schemes: Mapping[str, dict], accounts: DemoAccounts, today: date, actor, said: Callable[[str], None],
    ):  # fmt: skip
        self.ground, self.schemes, self.accounts = ground, schemes, accounts
        self.today, self.actor, self.said = today, actor, said
        self.shown: list[dict] = []

    def make(self) -> list[dict]:
        """All of it; the accounts to show."""
        with transaction.atomic():
            divisions_load(provinces=[plan.PROVINCE_NOW], system="current", actor=self.actor)
            self._managing_body()
            self._letterheads()
        self.said("Địa giới hành chính thành phố Cần Thơ (từ 01/7/2025)")
        for scheme, _purpose, days in plan.OPEN_CAMPAIGNS:
            campaign = self._campaign(scheme, days)
            self.said(f"{scheme} năm {plan.OPEN_YEAR}: {campaign.assessments.count()} đơn vị, đang mở")
        self._show_accounts()
        self._honours()
        self.said("Đợt khen thưởng và mô hình đề xuất")
        return self.shown

    # --- the ground -------------------------------------------------------------------------------
    @property
    def places(self) -> dict[str, UnitVersion]:
        """``{code: version}`` of the province of today in the tree of the open year."""
        if not hasattr(self, "_places"):
            on = {"valid__contains": date(plan.OPEN_YEAR, 12, 31)}
            self.province = UnitVersion.objects.get(kind=Kind.PROVINCE, code=plan.PROVINCE_NOW, **on)
            rows = UnitVersion.objects.filter(province=self.province.unit_id, **on).exclude(code="")
            self._places = {v.code: v for v in rows.select_related("unit")}
        return self._places

    def _managing_body(self) -> None:
        if plan.MANAGING_BODY not in self.places:
            units_import([(2, plan.managing_body_row())], actor=self.actor)
            del self._places
        body = self.places[plan.MANAGING_BODY].unit
        units_mark_demonstration(unit_ids=[body.pk])
        for code in plan.MANAGED:
            if self.places[code].managing_body_id is None:
                unit_change(
                    unit=self.places[code].unit, start=plan.PLACES_NOW_FROM, managing_body=body, actor=self.actor
                )

    def _letterheads(self) -> None:
        for code in (plan.PROVINCE_NOW, *plan.ACTIVE_COMMUNES):
            head = demo.letterhead_now(code, self.places[code].name)
            values = {
                k: getattr(head, k) for k in head.__dataclass_fields__ if k not in ("authority_code", "valid_from")
            }
            authority_settings_set(unit=self.places[code].unit, start=head.valid_from, actor=self.actor, **values)

    # --- the year ---------------------------------------------------------------------------------
    def _campaign(self, scheme: str, days: dict[str, int]) -> Campaign:
        province = self.places[plan.PROVINCE_NOW].unit
        with transaction.atomic():
            campaign, _added, _created = campaign_open(
                scheme_code=scheme, year=plan.OPEN_YEAR, province=province, actor=self.actor
            )
            deadlines_renew(campaign=campaign, days=days, today=self.today, actor=self.actor)
            if is_untouched(campaign):
                placed = placed_units(self.ground, campaign)
                cast = self._cast(campaign, placed)
                by_step = open_year_walk(
                    campaign=campaign, scheme=self.schemes[scheme], placed=placed, cast=cast, today=self.today
                )
                dossiers_fill(
                    campaign=campaign, by_step=by_step, cast=cast, paper=self._file(PAPER), minutes=self._file(MINUTES),
                    today=self.today,
                )  # fmt: skip
                if scheme == "MH-CQDN":
                    managed = {self.places[code].unit_id for code in plan.MANAGED}
                    remarks_make(
                        campaign=campaign, by_step=by_step, staff=self._account("canbo.cantho"),
                        managing_body=self._account("quanly.nganh"), leader=self._account("lanhdao.cantho"),
                        managed=managed, today=self.today,
                    )  # fmt: skip
        return campaign

    def _cast(self, campaign: Campaign, placed: Mapping[int, plan.Placed]) -> Cast:
        """One account for every authority with units under way, and those that can be signed in with."""
        steps = plan.steps_of(campaign.scheme.code, placed.values())
        walked = {pk for pk, one in placed.items() if steps[one.code] != plan.REGISTERED}
        deciders = {}
        by_unit = {v.unit_id: v for v in self.places.values()}
        for authority in set(campaign.assessments.filter(pk__in=walked).values_list("authority_id", flat=True)):
            place = by_unit[authority]
            if place.code == plan.PROVINCE_NOW:
                deciders[authority] = self._account("canbo.cantho")
            elif place.code == plan.HOME_COMMUNE:
                deciders[authority] = self._account("truong.vithuy")
            else:
                deciders[authority] = self.accounts.hidden(f"minhhoa.ct.{place.code}", Role.COMMUNE_LEAD, place)
        reps = {self.places[plan.SCHOOL_OF_REP].unit_id: self._account("truonghoc")}
        if campaign.scheme.code == "MH-CQDN":
            office = plan.draft_office(placed.values(), steps)
            reps[self.places[office].unit_id] = self._account("coquan", office)
        officers = {self.places[plan.HOME_COMMUNE].unit_id: self._account("canbo.vithuy")}
        return Cast(deciders, reps, officers)

    def _account(self, username: str, *codes: str) -> User:
        account = next(a for a in people.SHOWN if a.username == username)
        places = [self.places[code] for code in codes or account.codes]
        return self.accounts.signed_in(username, account.role, places, account.name)

    def _show_accounts(self) -> None:
        names = {v.unit_id: v.name for v in self.places.values()}
        for account in people.SHOWN:
            if account.place == people.CAN_THO:
                user = self._account(account.username)
                roots = user.assignments.order_by("pk").values_list("unit_id", flat=True)
                self.shown.append(self.accounts.shown(account, ", ".join(names.get(pk, "") for pk in roots)))

    def _file(self, name: str) -> StoredFile:
        """One of the two papers as a stored file; uploaded once."""
        found = StoredFile.objects.filter(kind=FILE_KIND, original_name=name, removed_at__isnull=True).first()
        if found:
            return found
        with (PAPERS / name).open("rb") as content:
            return file_store(
                content, name=name, actor=self.actor, unit_id=self.places[plan.PROVINCE_NOW].unit_id, kind=FILE_KIND,
                declared=True,
            )  # fmt: skip

    # --- honours ----------------------------------------------------------------------------------
    def _honours(self) -> None:
        province, commune = (self.places[code].unit for code in (plan.PROVINCE_NOW, plan.HOME_COMMUNE))
        best = self._best()
        demonstration_round(
            wanted=award_plan.PROVINCE_ROUND, authority=province, units=best, today=self.today,
            actor=self._account("canbo.cantho"),
        )  # fmt: skip
        below = [v.unit_id for v in self.places.values() if v.parent_id == commune.pk]
        demonstration_round(
            wanted=award_plan.COMMUNE_ROUND, authority=commune, units=[pk for pk in best if pk in set(below)],
            today=self.today, actor=self._account("truong.vithuy"),
        )  # fmt: skip
        areas = sorted(
            v.code for v in self.places.values()
            if v.kind == Kind.RESIDENTIAL_AREA and v.parent_id == commune.pk
        )  # fmt: skip
        demonstration_proposals(
            province=province, unit_codes=areas[:6], since=date(plan.OPEN_YEAR, 3, 1), actor=self.actor
        )

    def _best(self) -> list[int]:
        """Invented units whose class of the open year is published, the highest first."""
        rows = PublishedResult.objects.filter(
            campaign__province=self.places[plan.PROVINCE_NOW].unit_id, year=plan.OPEN_YEAR, purpose="classification",
            class_code__in=["xuat_sac", "kha"], unit__demonstration=True,
        )  # fmt: skip
        rows = rows.order_by("-points", "assessment__unit_code")
        return list(rows.values_list("unit_id", flat=True))


def retrospective_open(*, province: Unit, schemes: Mapping[str, dict], ground: demo.Plan, deciders, actor) -> Campaign:
    """A year of the time of districts that is still being entered: some schools sent, the others registered.

    ``deciders`` is ``{authority's unit id: account}``.
    """
    code, year = plan.RETROSPECTIVE
    with transaction.atomic():
        campaign, _added, _created = campaign_open(scheme_code=code, year=year, province=province, actor=actor)
        if is_untouched(campaign):
            known = {unit.code: unit for unit in ground.units}
            leaves = dict(Criterion.objects.filter(version=campaign.version, is_leaf=True).values_list("code", "pk"))
            rows: list[Assessment] = list(campaign.assessments.order_by("unit_code"))[::2]
            made = []
            for a in rows:
                scores, _none = demo.stages(known[a.unit_code], schemes[code], year)[Stage.SELF]
                made.append(
                    Row(a, {leaves[k]: Value(reason=v) if isinstance(v, str) else Value(v) for k, v in scores.items()})
                )
            scores_write(campaign=campaign, stage=Stage.SELF, rows=made, actor=REP)
            by_authority: dict[int, list[int]] = {}
            for a in rows[::2]:
                by_authority.setdefault(a.authority_id, []).append(a.pk)
            for authority, ids in by_authority.items():
                assessments_advance(campaign=campaign, ids=ids, to=State.SUBMITTED, actor=deciders[authority])
    return campaign
