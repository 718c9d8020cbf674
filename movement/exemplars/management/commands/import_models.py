"""``import_models FILE [--as-of DATE] [--dry-run]``: practice models with their points, a row a point."""

from movement.core.commands import PortalCommand, date_argument, existing_file, file_argument
from movement.exemplars.services.importing import models_import_file


class Command(PortalCommand):
    help = "Nhập mô hình và các điểm mô hình từ tệp Excel hoặc CSV; sai một dòng thì không ghi dòng nào."

    def add_arguments(self, parser):
        parser.add_argument("file", type=file_argument, metavar="FILE")
        parser.add_argument(
            "--as-of",
            type=date_argument,
            metavar="DATE",
            help="đọc mã đơn vị theo ngày này thay vì theo ngày bắt đầu của điểm; số tổ, số thành viên tính từ ngày này",
        )
        parser.add_argument("--dry-run", action="store_true", help="chỉ kiểm tra, không ghi")

    def handle(self, *args, file, as_of, dry_run, **options):
        path = existing_file(file)
        outcome = models_import_file(path, filename=path.name, actor="lệnh import_models", as_of=as_of, dry_run=dry_run)
        if not self.as_json:
            for warning in outcome.warnings:
                self.stderr.write(str(warning))
        counts = outcome.as_json()
        said = "Thử, chưa ghi" if dry_run else "Đã ghi"
        parts = "; ".join(
            f"{word} thêm {counts[name]['created']}, thay đổi {counts[name]['changed']}, "
            f"giữ nguyên {counts[name]['unchanged']}"
            for name, word in (("models", "mô hình"), ("points", "điểm"))
        )
        self.finish(counts, f"{said}: {parts}; {len(outcome.warnings)} cảnh báo.")
