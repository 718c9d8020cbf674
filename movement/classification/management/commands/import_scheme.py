"""``import_scheme FILE.json``: one scheme version."""

import json
from pathlib import Path

from movement.classification.services.schemes import scheme_import
from movement.core.commands import PortalCommand, existing_file
from movement.core.problems import Problem, Refused

WORDS = {"created": "Đã nhập", "replaced": "Đã thay", "unchanged": "Không có gì thay đổi:"}


class Command(PortalCommand):
    help = "Nhập một phiên bản bộ tiêu chí từ tệp JSON."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *args, **options):
        path = existing_file(options["file"])
        try:
            data = json.loads(path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise Refused(Problem("encoding", "Tệp phải dùng bảng mã UTF-8.", value=path.name)) from error
        except (json.JSONDecodeError, RecursionError) as error:
            line = getattr(error, "lineno", None)
            raise Refused(Problem("not_json", "Tệp không phải JSON hợp lệ.", line=line, value=path.name)) from error
        version, outcome = scheme_import(data, actor="lệnh import_scheme")
        self.finish(
            {"code": version.scheme.code, "version": version.number, "outcome": outcome, "complete": version.complete},
            f"{WORDS[outcome]} bộ tiêu chí {version.scheme.code}, phiên bản {version.number}.",
        )
