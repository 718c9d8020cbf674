"""Load the real divisions of Viet Nam into the register."""

from movement.core.commands import PortalCommand
from units.services.divisions import BOTH, SYSTEMS, divisions_load


class Command(PortalCommand):
    help = "Nạp tỉnh, huyện, xã thật vào danh bạ, kèm quan hệ kế thừa khi sắp xếp ngày 01/07/2025."

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--province", nargs="+", metavar="CODE", help="mã tỉnh trong hệ đã chọn")
        which.add_argument("--all", action="store_true", help="mọi tỉnh của hệ đã chọn")
        parser.add_argument(
            "--system",
            choices=SYSTEMS,
            default=BOTH,
            help="legacy: đến 30/06/2025; current: từ 01/07/2025; both: mã hiện nay, kèm mọi đơn vị trước đó (mặc định)",
        )

    def handle(self, *args, province, system, **options):
        loaded = divisions_load(provinces=province, system=system, actor="lệnh load_divisions")
        for warning in loaded.warnings:
            if not self.as_json:
                self.stderr.write(str(warning))
        self.finish(
            loaded.as_json(),
            f"Thêm {loaded.created} đơn vị hành chính, nối tiếp {loaded.continued}, giữ nguyên {loaded.unchanged}; "
            f"{loaded.lineage} quan hệ kế thừa; {loaded.settled} đơn vị được xếp về địa bàn mới.",
        )
