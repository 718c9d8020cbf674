"""One year of a large province: pages, saves, results, publishing, over 10,000 units × 5 years × 25 criteria.

    ./run bench year                       everything; building the database takes some minutes
    python bench/year.py --units 2000      smaller, to try it

- Pages: each through the whole stack as the role that opens it; queries counted apart from the timing. Targets:
  ≤ 12 queries, p95 ≤ 100 ms of server time.
- Saves: of one cell through the desk's own address, against a view with the same middleware, session and user that does
  one UPDATE, taken in turns. Target: ≥ 50 % of its throughput.
- Results of a campaign of 10,000 units computed anew, against reading the same scores from the database. Target: ≤ 10 s.
- Publishing 2,000 units while another session saves cells in another campaign. Targets: ≤ 30 s, no save above 1 s.
"""

import argparse
import sys
import threading
import time
import uuid
from datetime import date
from decimal import Decimal
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import _ground as ground
from bench._common import median, save

TARGETS = {"queries": 12, "page_p95_ms": 100, "save_share": 0.5, "results_s": 10, "publish_s": 30, "save_wait_s": 1}
OLD = date(2023, 12, 31)


def clients() -> dict:
    """``{role: (client, user)}``, each signed in."""
    wanted = {"staff": "92", "leader": "92", "auditor": "92", "unit_rep": "B00001"}
    commune = _busy_commune()
    return ground.signed({**wanted, "commune_officer": commune, "commune_lead": commune})


def _busy_commune() -> str:
    from units.models import UnitVersion

    on = {"valid__contains": date(2026, 6, 1), "province__versions__code": "92"}
    return UnitVersion.objects.filter(kind="commune", **on).order_by("code").first().code


def pages(campaigns: dict) -> list[tuple[str, str, str]]:
    """``(role, name, address)`` of what is opened most."""
    from units.models import UnitVersion

    now, then = campaigns[2026], campaigns[2023]
    one = now.assessments.get(unit_code="B00001")
    commune = UnitVersion.objects.get(kind="commune", code=_busy_commune(), valid__contains=date(2026, 6, 1))
    near = now.assessments.filter(path__startswith=commune.path)
    entered = near.filter(state="registered", authority=commune.unit).first()
    handed = near.filter(state="submitted", authority=commune.unit).first()
    found = [
        (role, "home", "/") for role in ("staff", "leader", "auditor", "commune_officer", "commune_lead", "unit_rep")
    ]
    found += [
        ("staff", "my work", "/cham-diem/"),
        ("commune_officer", "my work", "/cham-diem/"),
        ("staff", "board", "/cham-diem/tien-do/"),
        ("commune_lead", "board", "/cham-diem/tien-do/"),
        ("staff", "waiting to be appraised", f"/cham-diem/ky/{now.ulid}/appraise/"),
        ("commune_officer", "waiting to be entered", f"/cham-diem/ky/{now.ulid}/enter/"),
        ("commune_lead", "waiting to be checked", f"/cham-diem/ky/{now.ulid}/check/"),
        ("commune_officer", "enter one unit", f"/cham-diem/ho-so/{entered.ulid}/"),
        ("commune_lead", "check one unit", f"/cham-diem/ho-so/{handed.ulid}/"),
        ("staff", "read one unit", f"/cham-diem/ho-so/{one.ulid}/"),
        ("unit_rep", "own unit", f"/cham-diem/ho-so/{one.ulid}/"),
        ("staff", "decisions", "/cham-diem/quyet-dinh/"),
        ("leader", "results", f"/ket-qua/{now.year}/?campaign={now.ulid}"),
        ("staff", "results of an old year", f"/ket-qua/{then.year}/?campaign={then.ulid}"),
        ("staff", "an old year as now", f"/ket-qua/{then.year}/?campaign={then.ulid}&tree=now"),
        ("staff", "results searched", f"/ket-qua/{now.year}/?campaign={now.ulid}&q=minh+hoa+012"),
        ("staff", "register", "/don-vi/"),
        ("staff", "register searched", "/don-vi/?q=minh+hoa+012"),
        ("staff", "models", "/mo-hinh/"),
        ("staff", "exemplar candidates", "/dien-hinh/xet-chon/"),
        ("staff", "commendations", "/khen-thuong/"),
        ("staff", "rounds", "/khen-thuong/dot/"),
        ("leader", "summaries", "/bao-cao/"),
    ]
    return found


def saving(signed: dict, campaigns: dict, runs: int, count: int = 200) -> dict:
    """Saves and single updates in turns; the share of throughput of each run."""
    client, user = signed["commune_officer"]
    from movement.accounts.access import assignments_now

    commune = assignments_now(user)[0].unit
    rows = campaigns[2026].assessments.filter(state="registered", authority=commune)
    cells = [(a, f"{group}.{n}") for a in rows[:8] for group in range(1, 6) for n in range(1, 6)]
    stored = _stored(rows)
    shares, p95 = [], []
    for run in range(runs):
        saves, updates = [], []
        for n in range(count):
            a, code = cells[n % len(cells)]
            base = stored[a.pk, code]
            new = Decimal(2) if base != 2 else Decimal(3)
            data = {
                "stage": "self", "code": code, "base_points": _said(base), "points": _said(new), "edit": str(uuid.uuid4()),
            }  # fmt: skip
            start = time.perf_counter()
            answer = client.post(f"/cham-diem/ho-so/{a.ulid}/luu/", data)
            saves.append(time.perf_counter() - start)
            assert answer.status_code == 200, answer.content.decode()
            stored[a.pk, code] = new
            start = time.perf_counter()
            assert client.post("/bench/", {"pk": a.pk}).status_code == 200
            updates.append(time.perf_counter() - start)
        if run:  # the first one warms up
            shares.append(sum(updates) / sum(saves))
            p95.append(ground.p95(saves) * 1000)
    return {
        "share": round(median(shares), 2),
        "save_p95_ms": round(median(p95), 1),
        "runs": runs - 1,
        "saves_a_run": count,
    }


def _said(points: Decimal) -> str:
    return f"{points.normalize():f}".replace(".", ",")


def _stored(rows) -> dict:
    from movement.classification.models import Score

    found = Score.objects.filter(assessment__in=rows, stage="self")
    return {(pk, code): points for pk, code, points in found.values_list("assessment_id", "criterion__code", "points")}


def results(campaigns: dict, runs: int) -> dict:
    from django.db import connection, transaction

    from movement.classification.services.results import results_refresh

    spent, reading = [], []
    for _ in range(runs):
        with transaction.atomic():
            start = time.perf_counter()
            rows = list(campaigns[2026].assessments.select_for_update(of=("self",)))
            results_refresh(campaigns[2026], rows)
            spent.append(time.perf_counter() - start)
        with connection.cursor() as cursor:
            start = time.perf_counter()
            cursor.execute(
                "SELECT s.* FROM classification_score s JOIN classification_assessment a ON a.id = s.assessment_id"
                " WHERE a.campaign_id = %s",
                [campaigns[2026].pk],
            )
            cursor.fetchall()
            reading.append(time.perf_counter() - start)
    return {
        "units": len(rows),
        "seconds": round(median(spent), 2),
        "reading_seconds": round(median(reading), 2),
        "ratio": round(median(spent) / median(reading), 2),
    }


class Saver(threading.Thread):
    """Saves a cell again and again from a session of its own, and remembers how long each took."""

    def __init__(self, campaign, actor):
        super().__init__(daemon=True)
        self.campaign, self.actor, self.spent, self.stop = campaign, actor, [], threading.Event()

    def run(self) -> None:
        from django.db import connection

        from movement.accounts.access import assignments_now
        from movement.classification.services.scoring import Value, score_save

        a = self.campaign.assessments.filter(state="registered", authority=assignments_now(self.actor)[0].unit).last()
        value = _stored([a])[a.pk, "1.1"]
        while not self.stop.is_set():
            new = Decimal(2) if value != 2 else Decimal(3)
            start = time.perf_counter()
            score_save(
                assessment_id=a.pk, stage="self", code="1.1", base=Value(value), new=Value(new), edit_id=uuid.uuid4(),
                actor=self.actor,
            )  # fmt: skip
            self.spent.append(time.perf_counter() - start)
            value = new
            time.sleep(0.02)
        connection.close()


def publishing(signed: dict, campaigns: dict, count: int) -> dict:
    from movement.accounts.models import Assignment, User
    from movement.classification.services.publishing import results_publish
    from units.models import UnitVersion

    campaign = campaigns[2022]
    province = UnitVersion.objects.get(kind="province", code="93", valid__contains=OLD).unit
    actor = User.objects.create(username="bench.old", name="Cán bộ đo")
    Assignment.objects.create(user=actor, role="staff", unit=province, valid=(date(2025, 7, 1), None))
    ids = list(campaign.assessments.filter(authority=province).values_list("pk", flat=True)[:count])
    saver = Saver(campaigns[2026], signed["commune_officer"][1])
    saver.start()
    time.sleep(2)
    before = len(saver.spent)
    start = time.perf_counter()
    results_publish(
        campaign=campaign, authority=province, ids=ids, number="01/QĐ-BCĐ", decided_on=date(2023, 1, 10), signer="Minh Họa",
        authority_name="Ban Chỉ đạo 138", actor=actor, acknowledge="đo",
    )  # fmt: skip
    seconds = time.perf_counter() - start
    saver.stop.set()
    saver.join()
    alone, beside = saver.spent[:before], saver.spent[before:]
    return {
        "units": len(ids),
        "seconds": round(seconds, 2),
        "saves_beside": len(beside),
        "longest_save_s": round(max(beside), 3),
        "save_p50_ms_alone": round(median(alone) * 1000, 1),
        "save_p50_ms_beside": round(median(beside) * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=ground.UNITS)
    parser.add_argument("--rounds", type=int, default=30, help="of every page")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    ground.django()
    with ground.database("year"):
        ground.units(arguments.units)
        campaigns = ground.years()
        ground.analyse()
        signed = clients()
        found = ground.timed_pages(signed, pages(campaigns), arguments.rounds)
        saves = saving(signed, campaigns, arguments.runs + 1)
        print(saves, flush=True)
        computed = results(campaigns, arguments.runs)
        published = publishing(signed, campaigns, min(2000, arguments.units // 4))
    save(
        "year",
        {
            "units": arguments.units, "years": len(ground.YEARS), "criteria": ground.CRITERIA,
            "scores": arguments.units * len(ground.YEARS) * ground.CRITERIA,
            "pages": found, "saves": saves, "results": computed, "publishing": published, "targets": TARGETS,
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
