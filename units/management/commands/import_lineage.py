"""Import a list of mergers from XLSX or CSV."""

from movement.core.commands import PortalCommand, existing_file, file_argument
from units.lineage_import import lineage_import_file


class Command(PortalCommand):
    help = "Nhập danh sách sáp nhập, chia tách từ tệp Excel hoặc CSV; sai một dòng thì không ghi dòng nào."

    def add_arguments(self, parser):
        parser.add_argument("file", type=file_argument, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="chỉ kiểm tra, không ghi")

    def handle(self, *args, file, dry_run, **options):
        path = existing_file(file)
        outcome = lineage_import_file(path, filename=path.name, actor="lệnh import_lineage", dry_run=dry_run)
        if not self.as_json:
            for warning in outcome.warnings:
                self.stderr.write(str(warning))
        counts = outcome.as_json()
        said = "Thử, chưa ghi" if dry_run else "Đã ghi"
        self.finish(
            counts,
            f"{said}: {counts['ended']} đơn vị kết thúc, {counts['created']} đơn vị mới, {counts['renamed']} đơn vị "
            f"đổi tên hoặc mã, {counts['lineage']} quan hệ kế thừa; {counts['unchanged']} dòng giữ nguyên; "
            f"{len(outcome.warnings)} cảnh báo.",
        )
