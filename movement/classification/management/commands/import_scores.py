"""``import_scores FILE --campaign SCHEME:YEAR[:PROVINCE] --stage self|check|final [--actor USER] [--dry-run]``."""

from pathlib import Path

from movement.accounts.selectors import user_named
from movement.classification.enums import Stage
from movement.classification.selectors import campaign_named
from movement.classification.services.importing import scores_import
from movement.core.commands import PortalCommand, existing_file


class Command(PortalCommand):
    help = "Nhập điểm từ bảng: mỗi dòng một đơn vị, mỗi cột một tiêu chí."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--campaign", required=True, metavar="SCHEME:YEAR[:PROVINCE]")
        parser.add_argument("--stage", required=True, choices=Stage.values)
        parser.add_argument("--actor", metavar="USER")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args, **options):
        campaign = campaign_named(options["campaign"])
        user = user_named(options["actor"]) if options["actor"] else None
        written = scores_import(
            existing_file(options["file"]), campaign=campaign, stage=Stage(options["stage"]),
            actor="lệnh import_scores", user=user, dry_run=options["dry_run"],
        )  # fmt: skip
        self.finish(
            {
                "campaign": str(campaign), "stage": options["stage"], "units": written.units, "changed": written.changed,
                "unchanged": written.units - written.changed, "cells": written.cells, "complete": written.complete,
                "dry_run": options["dry_run"],
            },
            f"{written.units} đơn vị: {written.changed} có thay đổi, {written.complete} đã đủ tiêu chí"
            + (" (chỉ thử, chưa ghi)." if options["dry_run"] else "."),
        )  # fmt: skip
