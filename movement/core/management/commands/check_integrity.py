"""``check_integrity``: recomputes what is frozen and lists what differs."""

from movement.core.commands import PortalCommand
from movement.core.integrity import checks
from movement.core.problems import Problem, Refused


class Command(PortalCommand):
    help = "Tính lại kết quả đã công bố, vị trí đơn vị, niêm phong nhật ký, mã băm của tệp; nêu những gì không khớp."

    def handle(self, *args, **options):
        problems, done = [], {}
        for name, title, check in checks():
            found = [Problem(name, sentence) for sentence in check()]
            done[name] = len(found)
            problems += found
            if not self.as_json:
                self.stdout.write(f"{title}: {'khớp' if not found else f'{len(found)} điểm không khớp'}.")
        if problems:
            raise Refused(problems)
        self.finish({"checks": done, "problems": []}, "Mọi thứ đều khớp.")
