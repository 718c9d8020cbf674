"""``backup DIR``: the database and the files, with a manifest of hashes."""

from movement.core.backups import backup_make
from movement.core.commands import PortalCommand, file_argument


class Command(PortalCommand):
    help = "Sao lưu cơ sở dữ liệu và tệp vào một thư mục mới, kèm tệp kê mã băm."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=file_argument, metavar="DIR")

    def handle(self, *args, folder, **options):
        manifest = backup_make(folder, actor="lệnh backup")
        if not self.as_json:
            for sha in manifest["missing"]:
                self.stderr.write(f"Tệp {sha} đã bị mất hoặc hỏng từ trước nên không có trong bản sao lưu.")
        rows = sum(manifest["rows"].values())
        said = f"Đã sao lưu {rows} dòng dữ liệu và {manifest['files']} tệp vào {folder}."
        self.finish({**manifest, "folder": str(folder)}, said)
