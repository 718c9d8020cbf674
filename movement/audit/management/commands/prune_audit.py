"""``prune_audit --before YYYY-MM``: export the months before it, older than twelve months, and take them away."""

import argparse
from datetime import date, datetime
from getpass import getuser
from pathlib import Path

from django.conf import settings

from movement.audit.pruning import NotPruned, month_prune, months_before
from movement.core.commands import PortalCommand, file_argument
from movement.core.problems import Problem, Refused


def month_argument(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError as error:
        raise argparse.ArgumentTypeError("tháng viết theo dạng 2025-07") from error


class Command(PortalCommand):
    help = "Xuất ra tệp rồi cắt khỏi cơ sở dữ liệu các tháng nhật ký trước tháng đã nêu (phải cũ hơn 12 tháng)."

    def add_arguments(self, parser):
        parser.add_argument("--before", type=month_argument, required=True, metavar="YYYY-MM")
        parser.add_argument(
            "--out", type=file_argument, help="thư mục nhận tệp; mặc định audit/archive trong PORTAL_DATA"
        )
        parser.add_argument("--reason", default="", help="ai yêu cầu, theo văn bản nào")

    def handle(self, *args, before, out, reason, **options):
        folder = out or Path(settings.PORTAL_DATA) / "audit" / "archive"
        actor = f"{getuser()}{f': {reason.strip()}' if reason.strip() else ''}"
        months = months_before(before)
        if not months:
            raise Refused(Problem("nothing", "Không có tháng nào trước tháng đã nêu.", value=f"{before:%Y-%m}"))
        done = []
        for month in months:
            try:
                statement = month_prune(month, folder=folder, actor=actor)
            except NotPruned as error:
                raise Refused(Problem(error.code, str(error), value=f"{month:%Y-%m}")) from error
            told = {"month": f"{month:%Y-%m}", "count": statement.count if statement else 0}
            if statement:
                told |= {"file": str(folder / statement.file_name), "sha256": statement.sha256}
            done.append(told)
            self.line(told, f"{told['month']}: {told['count']} dòng {told.get('file', '')}".rstrip())
        self.finish({"months": done}, f"Đã cắt {len(done)} tháng.")
