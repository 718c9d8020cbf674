"""What the trail costs, and how fast it is sealed and proved.

    ./run bench audit

- Saves of one cell by 16 clients at once, with the trail and without it, in turns. Target: the trail costs ≤ 30 % of the
  throughput.
- 100,000 rows written, sealed and proved. Target: sealing ≤ 1 s.
"""

import argparse
import sys
import threading
import time
import uuid
from decimal import Decimal
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import _ground as ground
from bench._common import median, save

TARGETS = {"cost_share": 0.3, "seal_s": 1}
CLIENTS = 16


class Saver(threading.Thread):
    """Saves the cells of one assessment until it is told to stop."""

    def __init__(self, assessment: int, actor, stop: threading.Event):
        super().__init__()
        self.assessment, self.actor, self.stop, self.done = assessment, actor, stop, 0

    def run(self):
        from django.db import connection

        from movement.classification.models import Score
        from movement.classification.services.scoring import Value, score_save

        rows = Score.objects.filter(assessment=self.assessment, stage="self")
        held = dict(rows.values_list("criterion__code", "points"))
        codes = sorted(held)
        while not self.stop.is_set():
            code = codes[self.done % len(codes)]
            new = Decimal(3) if held[code] != 3 else Decimal(2)
            score_save(
                assessment_id=self.assessment, stage="self", code=code, base=Value(held[code]), new=Value(new),
                edit_id=uuid.uuid4(), actor=self.actor,
            )  # fmt: skip
            held[code] = new
            self.done += 1
        connection.close()


def throughput(ids: list[int], actor, seconds: float) -> float:
    """Saves a second of ``CLIENTS`` threads, each in a unit of its own."""
    stop = threading.Event()
    clients = [Saver(pk, actor, stop) for pk in ids[:CLIENTS]]
    start = time.perf_counter()
    for client in clients:
        client.start()
    time.sleep(seconds)
    stop.set()
    for client in clients:
        client.join()
    return sum(client.done for client in clients) / (time.perf_counter() - start)


def saving(ids: list[int], actor, runs: int, seconds: float) -> dict:
    from movement.classification.services import scoring

    record, shares, rates = scoring.record, [], []
    throughput(ids, actor, 1)  # warm
    for _ in range(runs):
        with_trail = throughput(ids, actor, seconds)
        scoring.record = lambda *given: None
        try:
            without = throughput(ids, actor, seconds)
        finally:
            scoring.record = record
        shares.append(1 - with_trail / without)
        rates.append(with_trail)
    return {
        "clients": CLIENTS,
        "saves_a_second": round(median(rates), 1),
        "cost_share": round(median(shares), 3),
        "runs": runs,
    }


def sealing(rows: int) -> dict:
    from django.db import transaction

    from movement.audit.services import Act, record_many, seal_append
    from movement.core.integrity import checks

    seal_append()
    with transaction.atomic():
        start = time.perf_counter()
        record_many("bench", (Act("bench.act", f"Việc thứ {n}.", "bench", str(n), after={"n": n}) for n in range(rows)))
        written = time.perf_counter() - start
    start = time.perf_counter()
    seal = seal_append()
    sealed = time.perf_counter() - start
    assert seal and seal.count >= rows
    prove = next(check for name, _title, check in checks() if name == "trail")
    start = time.perf_counter()
    assert list(prove()) == []
    return {
        "rows": rows, "write_s": round(written, 2), "seal_s": round(sealed, 2),
        "prove_s": round(time.perf_counter() - start, 2),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    arguments = parser.parse_args()
    ground.django()
    with ground.database("audit"):
        ground.units(arguments.units)
        campaigns = ground.years()
        ground.analyse()
        actor = ground.account("staff", "92")
        open_year = campaigns[2026]
        rows = open_year.assessments.filter(authority=open_year.province, state__in=["registered", "self_scored"])
        saves = saving(list(rows.values_list("pk", flat=True)[:CLIENTS]), actor, arguments.runs, arguments.seconds)
        sealed = sealing(arguments.rows)
    save("audit", {"saves": saves, "sealing": sealed, "targets": TARGETS})


if __name__ == "__main__":
    main()
