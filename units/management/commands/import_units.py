"""Import a list of units from XLSX or CSV."""

from movement.core.commands import PortalCommand, date_argument, existing_file, file_argument
from units.importing import units_import_file


class Command(PortalCommand):
    help = "Nhập danh sách đơn vị từ tệp Excel hoặc CSV; sai một dòng thì không ghi dòng nào."

    def add_arguments(self, parser):
        parser.add_argument("file", type=file_argument, metavar="FILE")
        parser.add_argument(
            "--as-of",
            type=date_argument,
            metavar="DATE",
            help="đọc các mã theo ngày này thay vì theo ngày bắt đầu của từng dòng",
        )
        parser.add_argument("--dry-run", action="store_true", help="chỉ kiểm tra, không ghi")

    def handle(self, *args, file, as_of, dry_run, **options):
        path = existing_file(file)
        outcome = units_import_file(path, filename=path.name, actor="lệnh import_units", as_of=as_of, dry_run=dry_run)
        if not self.as_json:
            for warning in outcome.warnings:
                self.stderr.write(str(warning))
        counts = outcome.as_json()
        said = "Thử, chưa ghi" if dry_run else "Đã ghi"
        self.finish(
            counts,
            f"{said}: thêm {counts['created']}, thay đổi {counts['changed']}, giữ nguyên {counts['unchanged']} đơn vị; "
            f"{len(outcome.warnings)} cảnh báo.",
        )
