"""``create_account NAME --role ROLE --territory CODE [--on DATE] [--password-file F]``."""

import getpass
import sys
from pathlib import Path

from django.db import transaction

from movement.accounts.enums import Role
from movement.accounts.services import account_create, assignment_give
from movement.core.commands import PortalCommand, date_argument, existing_file
from movement.core.problems import Problem, Refused
from units.selectors import unit_by_code


class Command(PortalCommand):
    help = "Tạo một tài khoản với một phân công, có hiệu lực từ hôm nay."

    def add_arguments(self, parser):
        parser.add_argument("name", help="tên đăng nhập")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--territory", required=True, metavar="CODE", help="mã địa bàn hoặc đơn vị")
        parser.add_argument("--on", type=date_argument, help="ngày dùng để đọc mã")
        parser.add_argument("--full-name", default="")
        parser.add_argument("--password-file", type=Path)

    def handle(self, *args, **options):
        unit, version = unit_by_code(options["territory"], options["on"])
        password = _password(options["password_file"])
        with transaction.atomic():
            user = account_create(
                username=options["name"], password=password, name=options["full_name"], actor="lệnh create_account"
            )
            assignment_give(user=user, role=options["role"], unit=unit, kind=version.kind, actor="lệnh create_account")
        self.finish(
            {
                "username": user.username, "role": options["role"], "territory": version.code,
                "territory_name": version.name, "ulid": user.ulid,
            },
            f"Đã tạo tài khoản {user.username}: {Role(options['role']).label}, {version.name}.",
        )  # fmt: skip


def _password(path: Path | None) -> str:
    """From the file's first line, or typed at the keyboard."""
    if path is None:
        if not sys.stdin.isatty():
            raise Refused(Problem("password_missing", "Thiếu --password-file."))
        return getpass.getpass("Mật khẩu: ")
    lines = existing_file(path).read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0]:
        raise Refused(Problem("password_missing", "Tệp mật khẩu không có nội dung.", value=str(path)))
    return lines[0]
