"""The register of commendations searched, and certificates printed.

Search: 20 years × 400 and × 4,000 entries over a merged province, asked through the whole page (middleware, session,
template) by a staff account. Beside it, in the same run, the same page without a search. Target: p95 ≤ 100 ms at
20 × 400.

Certificates: 200 of one decision by two workers in parts of 50, put together; beside it one WeasyPrint document of
all 200. Targets: ≤ 30 s, ≤ 250 MiB each worker.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench._common import Child, child_main, measure, median, save, share_out

YEARS, SIZES, TARGET_MS = 20, (400, 4000), 100
CERTIFICATES, PART, WORKERS, TARGET_S, TARGET_MIB = 200, 50, 2, 30, 250
# Whole words, beginnings, with and without marks, one that half of the register holds, one that nobody bears.
SEARCHES = (
    "vi thanh",
    "Nàng Mau",
    "truong",
    "minh hoa 17",
    "tân",
    "xa vinh",
    "phuong 1",
    "co quan minh hoa",
    "khong co",
)


@cache
def _django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "movement.settings.test"  # `./run bench` names the portal's own
    import django

    django.setup()


# --- searching ------------------------------------------------------------------------------------
@contextmanager
def database():
    """A database of its own, migrated, thrown away."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_awards_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def ground() -> tuple[list, object]:
    """The real communes of two provinces that merged, 3,000 invented units on them, and a staff account of today."""
    from movement.accounts.models import Assignment, User
    from units.models import Unit, UnitVersion
    from units.services.divisions import divisions_load

    divisions_load(provinces=["92"], system="both", actor="bench")
    communes = list(UnitVersion.objects.filter(kind="commune", province__versions__code="93").order_by("pk"))
    units = Unit.objects.bulk_create([Unit() for _ in range(3000)])
    made = [
        UnitVersion(
            unit=unit,
            kind="school" if n % 2 else "agency",
            name=f"{'Trường' if n % 2 else 'Cơ quan'} minh họa {n}",
            code=f"B{n}",
            parent=communes[n % len(communes)].unit,
            province=communes[n % len(communes)].province,
            managing_level="province",
            path=f"{communes[n % len(communes)].path}{unit.pk}/",
            valid=communes[n % len(communes)].valid,
        )
        for n, unit in enumerate(units)
    ]
    UnitVersion.objects.bulk_create(made, batch_size=1000)
    staff = User.objects.create(username="bench", name="bench")
    now = UnitVersion.objects.get(kind="province", code="92", valid__contains=date(2026, 1, 1))
    Assignment.objects.create(user=staff, role="staff", unit=now.unit, valid=(date(2026, 1, 1), None))
    return communes + made, staff


def fill(versions: list, a_year: int, years: int) -> int:
    """``a_year`` entries in each of ``years`` years up to 2025: two thirds collectives, 20 decisions a year."""
    from awards.models import Award
    from movement.core.models import Decision

    province = versions[0].province
    rows = []
    for year in range(2025 - years, 2025):
        decisions = Decision.objects.bulk_create(
            [
                Decision(
                    number=f"{n}/{a_year}/QĐ-UBND", decided_on=date(year, 1, 10) + timedelta(days=n), signer="Minh Họa",
                    authority_name="UBND tỉnh" if n % 4 else "Bộ Công an", authority_key=f"b{n % 4 == 0}",
                    province_unit_id=province.pk, subject="awards.commendation", created_by_name="bench",
                )
                for n in range(20)
            ]
        )  # fmt: skip
        for n in range(a_year):
            version, decision = versions[(n * 7 + year) % len(versions)], decisions[n % 20]
            one = n % 3 == 0
            rows.append(
                Award(
                    decision=decision, decided_on=decision.decided_on, recipient_kind="individual" if one else "collective",
                    form="bang_khen_tinh" if n % 4 else "bang_khen_bo", form_name="Bằng khen", province=province,
                    province_name="Tỉnh Hậu Giang", unit=version.unit,
                    unit_name=version.name if one or n < len(versions) else f"{version.name} {n}",
                    unit_code=version.code, person_name=f"Người minh họa {n}" if one else "",
                    position="Chức vụ" if one else "", achieved=(date(year - 1, 1, 1), date(year, 1, 1)),
                    place_name="Thành phố Vị Thanh",
                    place_ids=[int(part) for part in version.path.strip("/").split("/")],
                )
            )  # fmt: skip
    Award.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    return Award.objects.count()


def analyse() -> None:
    """As autovacuum does after a while; only the owner may."""
    from django.db import connection

    from tests.database.base import as_owner

    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def asked(client, addresses: list[str], rounds: int) -> list[float]:
    """Milliseconds of each page, the first round left out."""
    times = []
    for round_ in range(rounds + 1):
        for address in addresses:
            start = time.perf_counter()
            response = client.get(address, headers={"HX-Request": "true"})
            spent = (time.perf_counter() - start) * 1000
            assert response.status_code == 200, address
            if round_:
                times.append(spent)
    return times


def searching(rounds: int) -> list[dict]:
    _django()
    from urllib.parse import urlencode

    from django.test import Client

    results = []
    with database():
        versions, staff = ground()
        client = Client()
        client.force_login(staff)
        for a_year in SIZES:
            entries = fill(versions, a_year, YEARS)
            analyse()
            search = [f"/khen-thuong/?{urlencode({'q': words})}" for words in SEARCHES]
            persons = [f"/khen-thuong/ca-nhan/?{urlencode({'q': words})}" for words in SEARCHES]
            plain = asked(client, ["/khen-thuong/", "/khen-thuong/?year=2020"], rounds)
            found = asked(client, search, rounds)
            people = asked(client, persons, rounds)
            by_words = {w: round(median(asked(client, [a], 3)), 1) for w, a in zip(SEARCHES, search, strict=True)}
            results.append(
                {
                    "entries": entries,
                    "search_p50_ms": round(median(found), 1),
                    "search_p95_ms": round(p95(found), 1),
                    "persons_p95_ms": round(p95(people), 1),
                    "page_p50_ms": round(median(plain), 1),
                    "page_p95_ms": round(p95(plain), 1),
                    "ratio_p95": round(p95(found) / p95(plain), 2),
                    "by_words_ms": by_words,
                }
            )
    return results


# --- certificates ---------------------------------------------------------------------------------
def _certificates(count: int):
    from awards.services.certificates import Certificate

    return [
        Certificate(
            award=f"{n:026d}",
            authority="Chủ tịch Ủy ban nhân dân tỉnh Hậu Giang",
            title="Bằng khen",
            name=f"Người minh họa {n}",
            belongs="Trưởng ban Công tác Mặt trận ấp Minh Họa, xã Vĩnh Thuận Đông, huyện Long Mỹ, tỉnh Hậu Giang",
            citation="Đã có thành tích trong công tác bảo đảm an ninh trật tự và xây dựng phong trào Toàn dân bảo vệ an ninh "
            "Tổ quốc từ năm 2022 đến năm 2023",
            decision="13/QĐ-UBND ngày 15 tháng 01 năm 2024",
            register_number=str(n),
            place_date="Hậu Giang, ngày 15 tháng 01 năm 2024",
            signer_title="Chủ tịch",
            signer="Nguyễn Văn Minh Họa",
        )
        for n in range(count)
    ]


def _worker(question: dict) -> dict:
    _django()
    from awards.services.certificates import certificates_pdf
    from movement.documents import rendering

    match question:
        case {"do": "prepare"}:
            rendering.prepare_worker()
            return {}
        case {"do": "part", "first": first, "count": count, "out": out}:
            Path(out).write_bytes(certificates_pdf(_certificates(CERTIFICATES)[first : first + count]))
            return {"path": out}
        case {"do": "merge", "paths": paths, "out": out}:
            result = rendering.merge_parts(
                [Path(path) for path in paths], out=Path(out), title="Giấy chứng nhận",
                issued_at=datetime(2024, 1, 15, tzinfo=UTC), document_id="01JEDF8Z3N6Q4T7W9XA2B5C8DE",
                snapshot_hash="3f5a" * 16, number_from=1 - CERTIFICATES, marks=("DỮ LIỆU MINH HỌA",),
            )  # fmt: skip
            return {"pages": result.pages, "bytes": Path(out).stat().st_size}
    raise ValueError(question)


def _whole(question: dict) -> dict:
    """The baseline: one document of all pages in one process, as WeasyPrint does it."""
    _django()
    from awards.services.certificates import certificates_pdf

    start = time.perf_counter()
    certificates_pdf(_certificates(question["count"]))
    return {"seconds": time.perf_counter() - start}


def printing() -> dict:
    with tempfile.TemporaryDirectory(prefix="bench-awards-") as folder:
        workers = [Child(__file__, "worker") for _ in range(WORKERS)]
        for worker in workers:
            worker.ask({"do": "prepare"})
        start = time.perf_counter()
        parts = [
            {"do": "part", "first": first, "count": PART, "out": f"{folder}/{first}.pdf"}
            for first in range(0, CERTIFICATES, PART)
        ]
        paths = [answer["path"] for answer in share_out(workers, parts)]
        merged = workers[0].ask({"do": "merge", "paths": paths, "out": f"{folder}/out.pdf"})
        seconds = time.perf_counter() - start
        peaks = [worker.end() for worker in workers]
    whole = measure(__file__, "whole", {"count": CERTIFICATES})
    return {
        "seconds": seconds,
        "peak_mib": max(peaks),
        "pages": merged["pages"],
        "bytes": merged["bytes"],
        "one_document_seconds": whole.answer["seconds"],
        "one_document_mib": whole.peak_mib,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="of the certificates")
    parser.add_argument("--rounds", type=int, default=10, help="of every search")
    arguments = parser.parse_args()
    runs = [printing() for _ in range(arguments.runs)]
    certificates = {name: round(median(run[name] for run in runs), 2) for name in runs[0]}
    certificates["ratio"] = round(certificates["seconds"] / certificates["one_document_seconds"], 2)
    save(
        "awards",
        {
            "search": searching(arguments.rounds),
            "certificates": {"count": CERTIFICATES, **certificates},
            "targets": {"search_p95_ms": TARGET_MS, "seconds": TARGET_S, "mib": TARGET_MIB},
        },
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child_main({"worker": _worker, "whole": _whole})
    else:
        main()
