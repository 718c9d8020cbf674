"""A database of the size of a large province over years, for the benchmarks of pages, saves and results.

10,000 units on the real communes of old Hậu Giang and of today's Cần Thơ, five years (2022–2026) of one scheme with
25 criteria: 1.25 million scores. Units and scores are written as rows, since only what reads and saves them is measured;
campaigns, schemes and accounts come from the services.
"""

import os
import time
from contextlib import contextmanager
from datetime import date
from functools import cache

from bench._common import median

YEARS, CRITERIA, UNITS = range(2022, 2027), 25, 10_000
KINDS = ("residential_area", "agency", "enterprise", "school")
OVER = (2023, 2024, 2025)
STATES = ("registered", "self_scored", "submitted", "checked", "appraised", "decided")
REFORM = date(2025, 7, 1)


@cache
def django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench._settings"  # `./run bench` names the portal's own
    import django

    django.setup()


@contextmanager
def database(name: str):
    """A database of its own, migrated, thrown away."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{name}_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.close()
        connection.creation.destroy_test_db(before, verbosity=0)


def scheme() -> dict:
    """25 criteria of 4 points each under five headings."""
    rows = []
    for group in range(1, 6):
        rows.append(_criterion(str(group), None, None))
        rows += [_criterion(f"{group}.{n}", str(group), 4) for n in range(1, 6)]
    classes = [("xuat_sac", "Xuất sắc", 90), ("kha", "Khá", 70), ("trung_binh", "Trung bình", 50), ("yeu", "Yếu", 0)]
    return {
        "code": "DO", "title": "Bộ tiêu chí đo", "purpose": "classification", "unit_kinds": list(KINDS),
        "regulation": None, "illustrative": True, "complete": True, "total": 100, "criteria": rows,
        "adjustments": [{"code": "T1", "title": "Thưởng", "kind": "bonus", "max_points": 5}],
        "classes": [{"code": code, "name": name, "min_points": least} for code, name, least in classes], "caps": [],
    }  # fmt: skip


def _criterion(code: str, parent: str | None, most: int | None) -> dict:
    return {
        "code": code, "parent": parent, "title": f"Nội dung phải làm trong năm của mục {code}", "clause": "minh họa",
        "max_points": most, "step": 0.5, "evidence": "optional", "not_applicable": False, "knock_out": False,
    }  # fmt: skip


def divisions() -> tuple[list, list]:
    """``(communes until 30/6/2025 of the old province, communes since)``, versions in the order of their codes."""
    from units.models import UnitVersion
    from units.services.divisions import divisions_load

    divisions_load(provinces=["92"], system="both", actor="bench")
    old = UnitVersion.objects.filter(kind="commune", province__versions__code="93", valid__endswith=REFORM)
    new = UnitVersion.objects.filter(kind="commune", province__versions__code="92", valid__startswith=REFORM)
    return list(old.order_by("code")), list(new.order_by("code"))


def units(count: int = UNITS) -> None:
    """Every fourth unit a residential area; each stands on an old commune and then on a new one."""
    from units.models import Unit, UnitVersion

    old, new = divisions()
    made = Unit.objects.bulk_create([Unit() for _ in range(count)], batch_size=5000)
    rows = []
    for n, unit in enumerate(made):
        kind = KINDS[n % 4]
        level = "commune" if kind == "residential_area" or n % 8 > 3 else "province"
        for commune, valid in (
            (old[n % len(old)], (date(2020, 1, 1), REFORM)),
            (new[n % len(new)], (REFORM, None)),
        ):
            rows.append(
                UnitVersion(
                    unit=unit, kind=kind, name=f"{_word(kind)} minh họa {n:05d}", code=f"B{n:05d}", parent_id=commune.unit_id,
                    province_id=commune.province_id, managing_level=level, path=f"{commune.path}{unit.pk}/",
                    valid=(max(valid[0], commune.valid.lower), valid[1]),
                )
            )  # fmt: skip
    UnitVersion.objects.bulk_create(rows, batch_size=5000)


def _word(kind: str) -> str:
    return {"residential_area": "Ấp", "agency": "Cơ quan", "enterprise": "Công ty", "school": "Trường"}[kind]


# Points from 2 to 4 in halves, the same for the same unit, criterion and year.
_SCORES = """
INSERT INTO classification_score (assessment_id, criterion_id, stage, points, reason, note, typed_by_name, typed_at, on_behalf)
SELECT a.id, c.id, 'self', 2 + ((a.unit_id * 7 + c.id * 3 + a.campaign_id) %% 5) / 2.0, '', '', 'bench', now(), false
  FROM classification_assessment a
  JOIN classification_criterion c ON c.version_id = %s AND c.is_leaf
 WHERE a.campaign_id = %s
"""


def years() -> dict[int, object]:
    """``{year: campaign}``; the last one open with units at every step, the first decided, the others over."""
    from django.db import connection
    from django.utils import timezone

    from movement.classification.models import Assessment, Campaign
    from movement.classification.services.campaigns import campaign_open
    from movement.classification.services.schemes import scheme_import
    from movement.core.models import Decision
    from units.models import UnitVersion

    scheme_import(scheme(), actor="bench")
    opened = {}
    for year in YEARS:
        code, on = ("93", date(year, 12, 31)) if year < REFORM.year else ("92", date(year, 12, 31))
        province = UnitVersion.objects.get(kind="province", code=code, valid__contains=on).unit
        opened[year], *_ = campaign_open(scheme_code="DO", year=year, province=province, actor="bench")
        with connection.cursor() as cursor:
            cursor.execute(_SCORES, [opened[year].version_id, opened[year].pk])
        rows = Assessment.objects.filter(campaign=opened[year])
        if year in OVER:
            paper = Decision.objects.create(
                number=f"{year}/QĐ-BCĐ", decided_on=date(year + 1, 1, 5), signer="Minh Họa", authority_name="Ban Chỉ đạo 138",
                authority_key="bench", province_unit_id=province.pk, subject="classification.results", created_by_name="bench",
            )  # fmt: skip
            values = {"complete": True, "class_code": "kha", "points": 80, "base": 80}
            rows.update(state="published", decision=paper, **values)
            Campaign.objects.filter(pk=opened[year].pk).update(closed_at=timezone.now())
        elif year == YEARS[0]:  # waits to be published
            rows.update(state="decided", complete=True, class_code="kha", points=80, base=80)
        else:
            for n, state in enumerate(STATES):
                ids = list(rows.order_by("pk").values_list("pk", flat=True)[n :: len(STATES)])
                Assessment.objects.filter(pk__in=ids).update(
                    state=state, complete=True, class_code="kha", points=80, base=80
                )
    return opened


def account(role: str, code: str, on: date = date(2026, 1, 1)):
    """A user with one assignment from 1/1/2026 on."""
    from movement.accounts.models import Assignment, User
    from units.models import UnitVersion

    unit = UnitVersion.objects.filter(code=code, valid__contains=on).latest("valid__startswith").unit
    user = User.objects.create(username=f"bench.{role}", name=f"Tài khoản đo, {role}")
    Assignment.objects.create(user=user, role=role, unit=unit, valid=(date(2025, 7, 1), None))
    return user


def signed(places: dict[str, str]) -> dict:
    """``{role: (client, user)}`` of ``{role: unit code}``, each signed in."""
    from django.test import Client

    found = {}
    for role, code in places.items():
        found[role] = (Client(), account(role, code))
        found[role][0].force_login(found[role][1])
    return found


def timed_pages(signed: dict, pages: list[tuple[str, str, str]], rounds: int) -> list[dict]:
    """Each ``(role, name, address)`` through the whole stack; queries are counted apart from the timing."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    rows = []
    for role, name, asked in pages:
        client, _user = signed[role]
        first = client.get(asked, follow=True)
        address = first.request["PATH_INFO"] + (
            f"?{first.request['QUERY_STRING']}" if first.request["QUERY_STRING"] else ""
        )
        if first.status_code != 200:
            rows.append({"role": role, "page": name, "address": address, "status": first.status_code})
            continue
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
            queries = len(captured)  # the next request forgets them
        spent = []
        for _ in range(rounds):
            start = time.perf_counter()
            client.get(address)
            spent.append((time.perf_counter() - start) * 1000)
        rows.append(
            {
                "role": role,
                "page": name,
                "queries": queries,
                "p50_ms": round(median(spent), 1),
                "p95_ms": round(p95(spent), 1),
                "kib": round(len(first.content) / 1024),
            }
        )
        print(rows[-1], flush=True)
    return rows


def analyse() -> None:
    """As autovacuum does after a while; only the owner may."""
    from django.db import connection

    from tests.database.base import as_owner

    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]
