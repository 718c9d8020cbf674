"""``rights_table [--write]``: the table role × act, to the screen or into ``docs/quyen.md``."""

from importlib import import_module

from django.conf import settings

from movement.accounts.access import actions
from movement.accounts.rights_table import rights_page
from movement.core.commands import PortalCommand


class Command(PortalCommand):
    help = "In bảng vai trò và việc được làm; --write ghi vào docs/quyen.md."

    def add_arguments(self, parser):
        parser.add_argument("--write", action="store_true", help="ghi vào docs/quyen.md")

    def handle(self, *args, **options):
        import_module(settings.ROOT_URLCONF)  # an edge may declare an act of its own
        page = rights_page(actions())
        if not options["write"]:
            self.stdout.write(page)
            return
        path = settings.BASE_DIR / "docs" / "quyen.md"
        path.write_text(page, encoding="utf-8")
        self.finish({"file": str(path), "actions": len(actions())}, f"Đã ghi {len(actions())} việc vào {path}.")
