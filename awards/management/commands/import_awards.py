"""``import_awards FILE [--province CODE] [--dry-run]``: decisions already taken, a row a recipient."""

from awards.services import awards_import_file
from movement.core.commands import PortalCommand, existing_file, file_argument


class Command(PortalCommand):
    help = "Nhập các quyết định khen thưởng đã có vào sổ khen thưởng (XLSX hoặc CSV, mỗi dòng một đối tượng)."

    def add_arguments(self, parser):
        parser.add_argument("file", type=file_argument, metavar="FILE")
        parser.add_argument("--province", default="", metavar="CODE", help="mã tỉnh vào ngày quyết định của từng dòng")
        parser.add_argument("--dry-run", action="store_true", help="kiểm tra như thật nhưng không ghi")

    def handle(self, *args, file, province, dry_run, **options):
        path = existing_file(file)
        done = awards_import_file(
            path, filename=path.name, actor="lệnh import_awards", province=province, dry_run=dry_run
        )
        for warning in done.warnings:
            if not self.as_json:
                self.stderr.write(str(warning))
        tried = " (chạy thử, chưa ghi gì)" if dry_run else ""
        self.finish(
            done.as_json(),
            f"Ghi {done.created} khen thưởng của {done.decisions} quyết định mới, giữ nguyên {done.unchanged}{tried}.",
        )
