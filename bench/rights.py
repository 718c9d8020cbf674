"""What the rights cost, over the register of the whole country with 200,000 further units.

    ./run bench rights
    python bench/rights.py --units 20000     smaller, to try it

- A request: statements and milliseconds of finding out where somebody may read, for one and for ten assignments. Targets:
  ≤ 1 statement, ≤ 3 ms.
- Counts: of all that a province's staff, a commune's officer and a group's follower may read, against the same count
  without rights (by province, by parent). Targets: ≤ 20 ms and ≤ 5 ms.
"""

import argparse
import sys
import time
from datetime import date
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import _ground as ground
from bench._common import median, save

TARGETS = {"statements": 1, "request_ms": 3, "province_count_ms": 20, "commune_count_ms": 5}
ON = date(2026, 11, 1)


def _timed(work, runs: int) -> dict:
    spent = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    return {"p50_ms": round(median(spent), 2), "p95_ms": round(ground.p95(spent), 2)}


def requests(user, runs: int) -> dict:
    """As at the beginning of each request: the user is read anew, then asked where they stand."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from movement.accounts.access import grounds
    from movement.accounts.models import User

    def fresh():
        return User.objects.get(pk=user.pk)

    people = [fresh() for _ in range(runs)]
    with CaptureQueriesContext(connection) as captured:
        grounds(fresh(), tree_on=ON)
    waiting = iter(people)
    return {"statements": len(captured) - 1} | _timed(lambda: grounds(next(waiting), tree_on=ON), runs)


def counts(user, plain, runs: int) -> dict:
    from movement.accounts.access import visible_versions

    seen = visible_versions(user, tree_on=ON)
    found, floor = _timed(seen.count, runs), _timed(plain.count, runs)
    return {"units": seen.count(), **found, "without_rights_p50_ms": floor["p50_ms"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=50)
    arguments = parser.parse_args()
    ground.django()
    from bench.units import country

    with ground.database("rights"):
        from movement.accounts.models import Assignment
        from units.models import UnitGroup, UnitGroupMember, UnitVersion

        country(arguments.units)
        ground.analyse()
        at = UnitVersion.objects.filter(valid__contains=ON)
        province = at.get(kind="province", code="92")
        communes = list(at.filter(kind="commune", province=province.unit_id).order_by("code")[:10])
        staff = ground.account("staff", "92")
        officer = ground.account("commune_officer", communes[0].code)
        follower = ground.account("area_officer", communes[1].code)
        for place in communes[2:]:
            Assignment.objects.create(
                user=follower, role="area_officer", unit=place.unit, valid=(date(2025, 7, 1), None)
            )
        group = UnitGroup.objects.create(province=province.unit, kind="cluster", name="Cụm đo", valid=(ON, None))
        members = [UnitGroupMember(group=group, unit=v.unit, valid=(ON, None)) for v in communes]
        UnitGroupMember.objects.bulk_create(members)
        grouped = ground.account("auditor", communes[9].code)
        Assignment.objects.create(user=grouped, role="area_officer", group=group, valid=(date(2025, 7, 1), None))
        result = {
            "units": arguments.units,
            "request": {"one": requests(staff, arguments.runs), "nine": requests(follower, arguments.runs)},
            "counts": {
                "province": counts(staff, at.filter(province=province.unit_id), arguments.runs),
                "commune": counts(officer, at.filter(parent=communes[0].unit_id), arguments.runs),
                "group": counts(grouped, at.filter(parent=communes[9].unit_id), arguments.runs),
            },
            "targets": TARGETS,
        }
    save("rights", result)


if __name__ == "__main__":
    main()
