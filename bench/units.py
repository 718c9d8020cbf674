"""The register of the whole country: 34 provinces, the 63 before them, and 200,000 further units.

    ./run bench units                       everything; building the database takes some minutes
    python bench/units.py --units 20000     smaller, to try it

- Pages: the list, the search as one types, a profile, the tree, each through the whole stack; queries counted apart
  from the timing. Targets: ≤ 12 queries, p95 ≤ 100 ms of server time.
- A merger of five communes with 300 units below them. Target: ≤ 1 s.
- 20,000 rows imported from XLSX, against reading the file with python-calamine plus COPY of the same rows.
"""

import argparse
import io
import sys
import time
from datetime import date
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import _ground as ground
from bench._common import median, save

TARGETS = {"queries": 12, "page_p95_ms": 100, "merge_s": 1}
NOW = date(2026, 6, 1)
WORDS = {"residential_area": "Ấp", "agency": "Phòng Kinh tế", "enterprise": "Công ty TNHH", "school": "Trường THPT"}
LARGE = 20_000  # of the further units, in the province whose pages are timed


def country(count: int) -> None:
    """All divisions of both systems, and ``count`` units on today's communes, a tenth of them in Cần Thơ."""
    from units.models import Unit, UnitVersion
    from units.services.divisions import divisions_load

    divisions_load(provinces=None, system="both", actor="bench")
    communes = list(UnitVersion.objects.filter(kind="commune", valid__contains=NOW).order_by("code"))
    home = [c for c in communes if c.province_id == _province("92").unit_id]
    near = min(LARGE, count)
    made = Unit.objects.bulk_create([Unit() for _ in range(count)], batch_size=5000)
    rows = []
    for n, unit in enumerate(made):
        kind = ground.KINDS[n % 4]
        commune = home[n % len(home)] if n < near else communes[n % len(communes)]
        rows.append(
            UnitVersion(
                unit=unit, kind=kind, name=f"{WORDS[kind]} minh họa {n:06d}", code=f"U{n:06d}", parent_id=commune.unit_id,
                province_id=commune.province_id, path=f"{commune.path}{unit.pk}/", valid=(date(2025, 7, 1), None),
                managing_level="commune" if n % 8 > 3 or kind == "residential_area" else "province",
            )
        )  # fmt: skip
    UnitVersion.objects.bulk_create(rows, batch_size=5000)


def _province(code: str):
    from units.models import UnitVersion

    return UnitVersion.objects.get(kind="province", code=code, valid__contains=NOW)


def pages() -> list[tuple[str, str, str]]:
    """``(role, name, address)``."""
    from units.models import UnitVersion

    at = UnitVersion.objects.filter(valid__contains=NOW)
    commune = (
        at.filter(kind="commune", province=_province("92").unit_id).select_related("unit").order_by("code").first()
    )
    one = at.select_related("unit").get(code="U000000")
    old = UnitVersion.objects.filter(kind="commune", code="31333", valid__contains=date(2023, 6, 1)).select_related(
        "unit"
    )
    return [
        ("staff", "list", "/don-vi/"),
        ("staff", "list of one kind", "/don-vi/?kind=school"),
        ("staff", "list of a commune", f"/don-vi/?place={commune.unit.ulid}"),
        ("staff", "list in 2023", "/don-vi/?on=01/06/2023"),
        ("staff", "search, one letter", "/don-vi/?q=m"),
        ("staff", "search, without marks", "/don-vi/?q=minh+hoa+0012"),
        ("staff", "search, with marks", "/don-vi/?q=phòng+kinh+tế"),
        ("staff", "search, nothing", "/don-vi/?q=khong+co+gi"),
        ("staff", "as one types, two letters", "/don-vi/tim/?q=tr"),
        ("staff", "as one types, a name", "/don-vi/tim/?q=minh+hoa+00"),
        ("staff", "as one types, a former name", "/don-vi/tim/?q=nang+mau"),
        ("staff", "tree", "/don-vi/cay/"),
        ("staff", "profile", f"/don-vi/{one.unit.ulid}/"),
        ("staff", "profile of a commune", f"/don-vi/{commune.unit.ulid}/"),
        ("staff", "profile of a former commune", f"/don-vi/{old.get().unit.ulid}/"),
        ("staff", "likely duplicates", "/don-vi/trung/"),
        ("commune_officer", "list", "/don-vi/"),
        ("commune_officer", "as one types", "/don-vi/tim/?q=ap"),
        ("unit_rep", "list", "/don-vi/"),
    ]


def merging(runs: int) -> dict:
    """Five communes of another province with 300 units below them, merged and taken back."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from units.models import Unit, UnitVersion
    from units.services.changes import change_make, change_undo
    from units.services.changes.asked import Merge

    province = _province("01")
    communes = list(
        UnitVersion.objects.filter(kind="commune", province=province.unit_id, valid__contains=NOW)
        .select_related("unit").order_by("code")[:5]
    )  # fmt: skip
    for place in communes:
        have = UnitVersion.objects.filter(path__startswith=place.path, valid__contains=NOW).count() - 1
        made = Unit.objects.bulk_create([Unit() for _ in range(max(0, 60 - have))])
        UnitVersion.objects.bulk_create(
            UnitVersion(
                unit=unit, kind="residential_area", name=f"Tổ dân phố đo {unit.pk}", parent_id=place.unit_id,
                province_id=place.province_id, path=f"{place.path}{unit.pk}/", valid=(date(2025, 7, 1), None),
                managing_level="commune",
            )
            for unit in made
        )  # fmt: skip
    below = sum(UnitVersion.objects.filter(path__startswith=p.path, valid__contains=NOW).count() - 1 for p in communes)
    spent, queries = [], 0
    for run in range(runs):
        asked = Merge(
            units=tuple(c.unit for c in communes), into=None, name="Phường Đo", code=f"X{run}", parent=province.unit,
            on=date(2026, 11, 1), decision="1/NQ-HĐND",
        )  # fmt: skip
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            change = change_make(asked, actor="bench")
        spent.append(time.perf_counter() - start)
        queries = len(captured)
        change_undo(change, actor="bench")
    return {"communes": len(communes), "units_below": below, "queries": queries, "seconds": round(median(spent), 3)}


def importing(rows: int) -> dict:
    """Seconds to import ``rows`` new units from XLSX, again with nothing new, and to read the file plus COPY."""
    import xlsxwriter
    from django.db import connection
    from python_calamine import CalamineWorkbook

    from units.importing import units_import_file
    from units.models import UnitVersion

    communes = list(
        UnitVersion.objects.filter(kind="commune", province=_province("79").unit_id, valid__contains=NOW)
        .order_by("code").values_list("code", flat=True)
    )  # fmt: skip
    heads = ["code", "name", "kind", "subkind", "commune_code", "managing_level", "valid_from", "valid_to"]
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, heads)
    for n in range(rows):
        kind = ground.KINDS[n % 4]
        line = [
            f"N{n:06d}",
            f"{WORDS[kind]} nhập {n:06d}",
            kind,
            "",
            communes[n % len(communes)],
            "commune",
            "01/07/2025",
            "",
        ]
        sheet.write_row(n + 1, 0, line)
    book.close()
    data = content.getvalue()

    start = time.perf_counter()
    read = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE copied ({', '.join(f'{head} text' for head in heads)})")
        text = "".join("\t".join(str(cell) for cell in line) + "\n" for line in read[1:])
        cursor.cursor.copy_expert("COPY copied FROM STDIN", io.StringIO(text))
    floor = time.perf_counter() - start

    start = time.perf_counter()
    outcome = units_import_file(data, filename="do.xlsx", actor="bench")
    first = time.perf_counter() - start
    assert outcome.as_json()["created"] == rows, outcome.as_json()
    start = time.perf_counter()
    outcome = units_import_file(data, filename="do.xlsx", actor="bench")
    again = time.perf_counter() - start
    assert outcome.as_json()["unchanged"] == rows, outcome.as_json()
    return {
        "rows": rows, "read_and_copy_s": round(floor, 2), "import_s": round(first, 2), "again_s": round(again, 2),
        "ratio": round(first / floor, 1), "ratio_again": round(again / floor, 1),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=30, help="of every page")
    parser.add_argument("--rows", type=int, default=20_000, help="of the import")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    ground.django()
    with ground.database("units"):
        country(arguments.units)
        ground.analyse()
        signed = ground.signed({"staff": "92", "commune_officer": "31120", "unit_rep": "U000000"})
        found = ground.timed_pages(signed, pages(), arguments.rounds)
        merged = merging(arguments.runs)
        imported = importing(arguments.rows)
    save("units", {"units": arguments.units, "pages": found, "merge": merged, "import": imported, "targets": TARGETS})


if __name__ == "__main__":
    main()
