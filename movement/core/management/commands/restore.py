"""``restore DIR``: a backup into an empty target, or in place of what is there; then everything is checked."""

from movement.core.backups import backup_restore
from movement.core.commands import PortalCommand, file_argument
from movement.core.integrity import checks
from movement.core.problems import Problem, Refused


class Command(PortalCommand):
    help = "Khôi phục từ bản sao lưu vào nơi còn trống (hoặc thay toàn bộ với --replace), rồi kiểm tra toàn vẹn."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=file_argument, metavar="DIR")
        parser.add_argument("--replace", action="store_true", help="thay toàn bộ dữ liệu đang có")

    def handle(self, *args, folder, replace, **options):
        done = backup_restore(folder, actor="lệnh restore", replace=replace)
        lost = {f"(SHA-256 {sha})" for sha in done["missing"]}  # known when the backup was made
        problems = [
            Problem(name, sentence)
            for name, _title, check in checks()
            for sentence in check()
            if not any(sha in sentence for sha in lost)
        ]
        if problems:
            raise Refused(problems)
        said = f"Đã khôi phục {done['rows']} dòng dữ liệu và {done['files']} tệp; mọi thứ đều khớp."
        self.finish({**done, "problems": []}, said)
