"""``audit_read FILE``: the rows of a month that was pruned, after its hash was compared with the signed statement."""

import gzip

from movement.audit.models import Pruned
from movement.audit.pruning import file_sha256, month_rows
from movement.core.commands import PortalCommand, existing_file, file_argument
from movement.core.problems import Problem, Refused


class Command(PortalCommand):
    help = "Đọc tệp nhật ký đã cắt: so mã băm với biên bản cắt, rồi in từng dòng."

    def add_arguments(self, parser):
        parser.add_argument("file", type=file_argument)
        parser.add_argument("--contains", default="", help="chỉ in dòng có chữ này")

    def handle(self, *args, file, contains, **options):
        digest = file_sha256(existing_file(file))
        statement = Pruned.objects.filter(sha256=digest).first()
        if statement is None:
            sentence = "Không có biên bản cắt nhật ký nào mang mã băm của tệp này: tệp khác, hoặc đã bị sửa."
            raise Refused(Problem("unknown_file", sentence, value=str(file)))
        shown, words = 0, contains.casefold()
        try:
            for row in month_rows(file):
                if words in " ".join(filter(None, row.values())).casefold():
                    shown += 1
                    self.line(row, f"{row['id']} · {row['at']} · {row['actor_name']} · {row['sentence']}")
        except (gzip.BadGzipFile, EOFError) as error:
            raise Refused(Problem("damaged", "Tệp bị hỏng.", value=str(file))) from error
        told = {"month": f"{statement.month:%Y-%m}", "count": statement.count, "shown": shown, "sha256": digest}
        self.finish(told, f"Tháng {statement.month:%m/%Y}: {statement.count} dòng, in {shown} dòng; khớp với biên bản.")
