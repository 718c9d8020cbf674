"""``open_campaign --scheme CODE --year Y --province CODE``: registers the units in scope."""

from datetime import date

from movement.classification.services.campaigns import campaign_open
from movement.core.commands import PortalCommand
from units.selectors import unit_by_code


class Command(PortalCommand):
    help = "Mở một kỳ đánh giá và đăng ký các đơn vị thuộc diện."

    def add_arguments(self, parser):
        parser.add_argument("--scheme", required=True)
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--province", required=True, metavar="CODE")

    def handle(self, *args, **options):
        year = options["year"]
        province, version = unit_by_code(options["province"], date(year, 12, 31), kinds=["province"])
        campaign, added, created = campaign_open(
            scheme_code=options["scheme"], year=year, province=province, actor="lệnh open_campaign"
        )
        total = campaign.assessments.count()
        self.finish(
            {
                "campaign": f"{campaign}:{version.code}", "created": created, "registered": added, "units": total,
                "retrospective": campaign.retrospective, "ulid": campaign.ulid,
            },
            f"Kỳ đánh giá {campaign}, {version.name}: đăng ký {added} đơn vị, cả kỳ có {total} đơn vị.",
        )  # fmt: skip
