"""``year_report --year Y --province CODE [--as-now] --out DIR [--formats pdf,xlsx] [--wait]``, through Celery."""

import os
import shutil
from datetime import date
from pathlib import Path

from movement.core.commands import PortalCommand, file_argument
from movement.core.enums import JobState
from movement.core.files import file_open
from movement.core.jobs import job_wait
from movement.core.models import Job
from movement.core.problems import Problem, Refused
from reports.enums import Format
from reports.models import Report
from reports.selectors import report_files, report_progress
from reports.services import formats_wanted, report_request
from units.selectors import unit_by_code

PATIENCE = 2  # seconds without a move before the workers are asked whether they are there


class Command(PortalCommand):
    help = "Lập báo cáo tổng kết năm của một tỉnh."

    def add_arguments(self, parser):
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--province", required=True, metavar="CODE", help="mã vào ngày 31/12 của năm báo cáo")
        parser.add_argument("--as-now", action="store_true", help="xếp lại theo địa giới hiện nay")
        parser.add_argument("--out", required=True, type=file_argument, metavar="DIR")
        parser.add_argument("--formats", default=Format.PDF.value, help="pdf, xlsx; cách nhau bằng dấu phẩy")
        parser.add_argument("--wait", action="store_true", help="chờ đến khi có tệp")

    def handle(self, *args, **options):
        year, out = options["year"], options["out"]
        formats = formats_wanted(options["formats"].split(","))
        _writable(out)
        province, _ = unit_by_code(options["province"], date(year, 12, 31), kinds=["province"])
        report = report_request(
            year=year, province=province, actor="lệnh year_report", as_now=options["as_now"], formats=formats
        )
        if not options["wait"]:
            said = f"Đã nhận yêu cầu, mã việc {report.job.ulid}; tệp tải về ở trang báo cáo khi lập xong."
            self.finish({"job": report.job.ulid, "report": report.ulid, "state": report.job.state, "files": []}, said)
            return
        job = job_wait(report.job, patience=PATIENCE, on_change=lambda job: self._tell(report, job))
        if job.state != JobState.DONE:
            raise Refused(Problem(job.error_code or job.state, job.error or "Việc lập báo cáo đã bị hủy."))
        files = [_copied(file, out) for file in report_files(report)]
        first = files[0]
        result = {
            "job": job.ulid,
            "report": report.ulid,
            "files": files,
            "pages": next((file["pages"] for file in files if file["pages"]), None),
            "seconds": job.seconds,
            "sha256": first["sha256"],
            "snapshot": job.output["snapshot"],
            "draft": job.output["draft"],
            "parts": job.total,
            "warnings": job.output["warnings"],
        }
        lines = [file["path"] for file in files]
        lines += [f"Cảnh báo: {warning['message']}" for warning in result["warnings"]]
        lines.append(f"{result['pages'] or 0} trang, {job.seconds:.1f} giây.")
        self.finish(result, "\n".join(lines))

    def _tell(self, report: Report, job: Job) -> None:
        if not self.as_json:
            report.job = job
            self.stderr.write(report_progress(report).sentence)


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK)
    except OSError:
        usable = False
    if not usable:
        raise Refused(Problem("out_not_writable", "Không ghi được vào thư mục này.", value=str(folder)))


def _copied(file, folder: Path) -> dict:
    """Put the file into ``folder`` in one step, so that nobody sees half of it."""
    path = folder.resolve() / file.name
    temporary = path.with_name(f".{file.name}.{os.getpid()}")
    with file_open(file.stored) as source, temporary.open("wb") as target:
        shutil.copyfileobj(source, target)
    temporary.replace(path)
    return {
        "path": str(path),
        "name": file.name,
        "kind": file.kind,
        "format": file.format,
        "pages": file.pages,
        "size": file.stored.size,
        "sha256": file.stored.sha256,
    }
