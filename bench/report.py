"""A long annex in parts by two workers, against one WeasyPrint document of the same rows and against typst.

    ./run bench report                     500, 2,000 and 5,000 rows, three runs each, medians
    python bench/report.py --flat          cost a row and memory from 1,000 to 50,000 rows, parts only
    python bench/report.py --rows 500 --runs 1

Time runs from the first part asked for to the merged file, in processes that have loaded what they need, for all
three alike. Processor time beside it says what the ratio is on two cores with nothing else to do: the work of the parts
shared by two, and the merge. Memory is the peak of each process, with the whole of Django loaded as in a worker. The rows have eight
short columns; the same functions render them as in the portal's tasks.
"""

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench._common import Child, child_main, measure, median, save, share_out

PART_ROWS = 300
WORKERS = 2
TARGET_RATIO, STRETCH_RATIO, TARGET_MIB = 0.50, 0.35, 250
PLACES = (
    "Đông Phước",
    "Tân Phú Thạnh",
    "Nhơn Nghĩa",
    "Hòa An",
    "Vĩnh Thuận Tây",
    "Long Trị",
    "Thạnh Hòa",
    "Trường Long",
)
KINDS = (
    ("Tổ dân phố", "Khu dân cư"),
    ("Ấp", "Khu dân cư"),
    ("Trường Tiểu học", "Cơ sở giáo dục"),
    ("Trường Mầm non", "Cơ sở giáo dục"),
    ("Trạm Y tế", "Cơ quan"),
    ("Công ty TNHH", "Doanh nghiệp"),
)
CLASSES = ("Xuất sắc", "Khá", "Trung bình", "Yếu")
WIDTHS = (10, 16, 44, 31, 22, 14, 19, 9)
ALIGN = "cclllrcc"
HEADINGS = ("STT", "Mã", "Tên đơn vị", "Địa bàn", "Loại hình", "Điểm", "Phân loại", "GC")


def rows_of(part: int, count: int) -> list[tuple[str, ...]]:
    """The same rows for the same part, in every process."""
    draw = random.Random(part)
    rows = []
    for number in range(1, count + 1):
        name, kind = draw.choice(KINDS)
        points = draw.randrange(160, 401)
        rows.append(
            (
                str(number),
                f"{draw.randrange(10**5):05d}",
                f"{name} {draw.choice(PLACES)} {draw.randrange(1, 60)}",
                f"{draw.choice(('Xã', 'Phường'))} {draw.choice(PLACES)}",
                kind,
                f"{points / 4:g}".replace(".", ","),
                draw.choice(CLASSES),
                draw.choice(("", "", "NT")),
            )
        )
    return rows


def part_sizes(rows: int) -> list[int]:
    return [min(PART_ROWS, rows - start) for start in range(0, rows, PART_ROWS)]


# --- What the children do ------------------------------------------------------------------------------------------


def _table(rows: list):
    from movement.documents.layout import Column, Table

    columns = [Column(title, width, align) for title, width, align in zip(HEADINGS, WIDTHS, ALIGN, strict=True)]
    return Table(columns, rows, name="Kết quả phân loại", foot=("Số liệu tính đến ngày 30/11/2026.",))


def _render(rows: list) -> bytes:
    from movement.documents.rendering import render_part

    context = {"title": "Phụ lục", "table": _table(rows)}
    return render_part(template="documents/annex.html", context=context, rows=rows)


@cache
def _django() -> None:
    """The portal as a worker has it in memory; no database is asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "movement.settings.test")
    import django

    django.setup()


def _worker(question: dict) -> dict:
    """A worker of the portal: renders a part to a file, or merges."""
    _django()
    from movement.documents import rendering

    start = time.process_time()
    match question:
        case {"do": "prepare"}:
            rendering.prepare_worker()
            _render(rows_of(0, 3))
            return {}
        case {"do": "part", "part": part, "count": count, "folder": folder}:
            pdf = _render(rows_of(part, count))
            path = Path(folder) / f"{hashlib.sha256(pdf).hexdigest()}.pdf"
            path.write_bytes(pdf)
            return {"path": str(path), "cpu": time.process_time() - start}
        case {"do": "merge", "paths": paths, "out": out}:
            result = rendering.merge_parts(
                [Path(path) for path in paths],
                out=Path(out),
                title="Báo cáo tổng kết",
                issued_at=datetime(2026, 12, 5, tzinfo=UTC),
                document_id="01JEDF8Z3N6Q4T7W9XA2B5C8DE",
                snapshot_hash="3f5a" * 16,
                outline=[("Phụ lục", 0)],
                marks=("DỮ LIỆU MINH HỌA",),
            )
            return {
                "pages": result.pages,
                "bytes": Path(out).stat().st_size,
                "cpu": time.process_time() - start,
            }
    raise ValueError(question)


def _whole(question: dict) -> dict:
    """One WeasyPrint document of the same HTML: borders by the sheet, Python's collector as it comes."""
    _django()
    import weasyprint
    from django.template.loader import render_to_string
    from weasyprint.text.fonts import FontConfiguration

    from movement.documents import fonts

    sheet = (fonts.ROOT / "templates" / "documents" / "nd30.css").read_text()
    sheet += "table.grid { border-collapse: collapse } table.grid td, table.grid th { border: .5pt solid #000 }"

    def render(rows: list) -> bytes:
        configuration = FontConfiguration()
        css = weasyprint.CSS(string=fonts.font_face_css() + sheet, font_config=configuration)
        html = render_to_string("documents/annex.html", {"title": "Phụ lục", "table": _table(rows)})
        return weasyprint.HTML(string=html).write_pdf(
            stylesheets=[css], font_config=configuration, pdf_variant="pdf/a-2b"
        )

    render(rows_of(0, 3))
    rows = [row for part, count in enumerate(part_sizes(question["rows"])) for row in rows_of(part, count)]
    start = time.perf_counter(), time.process_time()
    pdf = render(rows)
    return {"seconds": time.perf_counter() - start[0], "cpu": time.process_time() - start[1], "bytes": len(pdf)}


def _typst(question: dict) -> dict:
    import typst

    fonts = [str(Path(__file__).resolve().parent.parent / "static" / "fonts")]
    options = {"font_paths": fonts, "ignore_system_fonts": True}
    typst.compile(b"x", **options)
    start = time.perf_counter()
    cells = [
        "[" + cell.replace("[", r"\[") + "]"
        for part, count in enumerate(part_sizes(question["rows"]))
        for row in rows_of(part, count)
        for cell in row
    ]
    align = ", ".join({"c": "center", "l": "left", "r": "right"}[one] for one in ALIGN)
    heads = ", ".join(f"[*{one}*]" for one in HEADINGS)
    source = (
        '#set page(paper: "a4", margin: (top: 20mm, bottom: 20mm, left: 30mm, right: 15mm), numbering: "1")\n'
        '#set text(font: "Liberation Serif", size: 12pt, lang: "vi")\n'
        f"#table(columns: ({', '.join(f'{width}mm' for width in WIDTHS)}), align: ({align}), stroke: 0.5pt, "
        f"inset: (x: 3pt, y: 2pt), table.header({heads}),\n{','.join(cells)})"
    )
    pdf = typst.compile(source.encode(), **options)
    return {"seconds": time.perf_counter() - start, "bytes": len(pdf)}


# --- The parent ------------------------------------------------------------------------------------------------------


def in_parts(rows: int) -> dict:
    with tempfile.TemporaryDirectory(prefix="bench-report-") as folder:
        workers = [Child(__file__, "worker") for _ in range(WORKERS)]
        for worker in workers:
            worker.ask({"do": "prepare"})
        start = time.perf_counter()
        parts = [
            {"do": "part", "part": part, "count": count, "folder": folder}
            for part, count in enumerate(part_sizes(rows))
        ]
        answers = share_out(workers, parts)
        rendered = time.perf_counter()
        paths = [answer["path"] for answer in answers]
        merged = workers[0].ask({"do": "merge", "paths": paths, "out": f"{folder}/out.pdf"})
        seconds = time.perf_counter() - start
        peaks = [worker.end() for worker in workers]
    return {
        "seconds": seconds,
        "cpu": sum(answer["cpu"] for answer in answers) / WORKERS + merged["cpu"],
        "merge_seconds": start + seconds - rendered,
        "peak_mib": peaks,
        "pages": merged["pages"],
        "bytes": merged["bytes"],
    }


def compared(rows: int, runs: int) -> dict:
    """Medians of interleaved runs, so that a busy minute hits all three alike."""
    ours, one, floor = [], [], []
    for _ in range(runs):
        ours.append(in_parts(rows))
        one.append(measure(__file__, "whole", {"rows": rows}))
        floor.append(measure(__file__, "typst", {"rows": rows}))
    seconds = median(run["seconds"] for run in ours)
    whole = median(run.answer["seconds"] for run in one)
    fast = median(run.answer["seconds"] for run in floor)
    peaks = [median(run["peak_mib"][worker] for run in ours) for worker in range(WORKERS)]
    result = {
        "rows": rows,
        "parts_seconds": round(seconds, 2),
        "merge_seconds": round(median(run["merge_seconds"] for run in ours), 2),
        "one_document_seconds": round(whole, 2),
        "typst_seconds": round(fast, 2),
        "ratio_to_one_document": round(seconds / whole, 3),
        "ratio_of_processor_time": round(
            median(run["cpu"] for run in ours) / median(run.answer["cpu"] for run in one), 3
        ),
        "ratio_to_typst": round(seconds / fast, 1),
        "worker_peak_mib": [round(peak) for peak in peaks],
        "one_document_peak_mib": round(median(run.peak_mib for run in one)),
        "typst_peak_mib": round(median(run.peak_mib for run in floor)),
        "core_share": round(median(run.answer["cpu"] / run.answer["seconds"] for run in one), 2),
        "pages": ours[0]["pages"],
        "bytes": ours[0]["bytes"],
        "one_document_bytes": one[0].answer["bytes"],
    }
    result["met"] = result["ratio_to_one_document"] <= TARGET_RATIO and max(peaks) <= TARGET_MIB
    print(
        f"{rows:>6,} rows  parts {seconds:6.2f} s (merge {result['merge_seconds']:.2f})  one document {whole:6.2f} s"
        f"  typst {fast:5.2f} s  | ratio {result['ratio_to_one_document']:.3f}, by processor time "
        f"{result['ratio_of_processor_time']:.3f} (target {TARGET_RATIO}, stretch {STRETCH_RATIO}), "
        f"{result['ratio_to_typst']} x typst  | MiB: workers {result['worker_peak_mib']}, one document"
        f" {result['one_document_peak_mib']}, typst {result['typst_peak_mib']}",
        flush=True,
    )
    if result["core_share"] < 0.95:
        print(
            f"        the machine was busy ({result['core_share']:.0%} of a core): judge by processor time", flush=True
        )
    return result


def flat(sizes: list[int]) -> dict:
    lines = []
    for rows in sizes:
        run = in_parts(rows)
        line = {
            "rows": rows,
            "seconds": round(run["seconds"], 2),
            "ms_per_row": round(run["seconds"] / rows * 1000, 3),
            "cpu_ms_per_row": round(run["cpu"] / rows * 1000, 3),
            "merge_ms_per_row": round(run["merge_seconds"] / rows * 1000, 3),
            "peak_mib": [round(peak) for peak in run["peak_mib"]],
            "pages": run["pages"],
            "bytes": run["bytes"],
        }
        lines.append(line)
        print(
            f"{rows:>6,} rows  {line['seconds']:7.2f} s  {line['ms_per_row']:.3f} ms a row (processor time "
            f"{line['cpu_ms_per_row']:.3f}, merge {line['merge_ms_per_row']:.3f})  MiB {line['peak_mib']}  {run['pages']:,} pages  {run['bytes']:,} bytes",
            flush=True,
        )
    spread = {
        what: round(max(line[what] for line in lines) / min(line[what] for line in lines) - 1, 3)
        for what in ("ms_per_row", "cpu_ms_per_row")
    }
    print(
        "spread of the cost a row: {ms_per_row:.1%}, of processor time {cpu_ms_per_row:.1%} (target 10 %)".format(
            **spread
        )
    )
    return {"runs": lines, "spread": spread}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[500, 2000, 5000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--flat", action="store_true")
    arguments = parser.parse_args()
    if arguments.flat:
        sizes = arguments.rows if arguments.rows != [500, 2000, 5000] else [1000, 5000, 20_000, 50_000]
        save("report_flat", flat(sizes))
    else:
        runs = [compared(rows, arguments.runs) for rows in arguments.rows]
        save("report", {"runs": runs, "targets": {"ratio": TARGET_RATIO, "mib": TARGET_MIB}})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child_main({"worker": _worker, "whole": _whole, "typst": _typst})
    else:
        main()
