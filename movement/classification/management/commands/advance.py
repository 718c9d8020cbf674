"""``advance --campaign … --to STATE [--unit CODE…] --actor USER [--reason …]``."""

from movement.accounts.selectors import user_named
from movement.classification.enums import State
from movement.classification.selectors import assessments_named, campaign_named
from movement.classification.services.steps import assessments_advance
from movement.core.commands import PortalCommand


class Command(PortalCommand):
    help = "Chuyển các đơn vị của một kỳ đánh giá qua từng bước, tất cả hoặc không đơn vị nào."

    def add_arguments(self, parser):
        parser.add_argument("--campaign", required=True, metavar="SCHEME:YEAR[:PROVINCE]")
        parser.add_argument("--to", required=True, choices=State.values)
        parser.add_argument("--unit", nargs="+", action="extend", metavar="CODE")
        parser.add_argument("--actor", required=True, metavar="USER")
        parser.add_argument("--reason", default="")

    def handle(self, *args, **options):
        campaign = campaign_named(options["campaign"])
        actor = user_named(options["actor"])
        rows = assessments_named(campaign, options["unit"])
        moved = assessments_advance(
            campaign=campaign, ids=[a.pk for a in rows], to=State(options["to"]), actor=actor, reason=options["reason"]
        )
        self.finish(
            {"campaign": str(campaign), "to": options["to"], "moved": len(moved), "units": len(rows)},
            f"Đã chuyển {len(moved)} trong {len(rows)} đơn vị sang bước “{State(options['to']).label}”.",
        )
