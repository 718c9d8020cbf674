"""``choose_exemplars --year N --province CODE --unit CODE… --decision NO --date D --signer S --actor USER``."""

from datetime import date

from movement.accounts.selectors import user_named
from movement.core.commands import PortalCommand, date_argument
from movement.exemplars.services.choosing import exemplars_choose
from units.selectors import unit_by_code


class Command(PortalCommand):
    help = "Chọn đơn vị xây dựng điển hình của một năm theo quyết định đã ký; một đơn vị không được thì không chọn đơn vị nào."

    def add_arguments(self, parser):
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--province", required=True, metavar="CODE")
        parser.add_argument("--unit", required=True, nargs="+", action="extend", metavar="CODE")
        parser.add_argument("--decision", required=True, metavar="NO")
        parser.add_argument("--date", required=True, type=date_argument)
        parser.add_argument("--signer", required=True)
        parser.add_argument("--signer-title", default="")
        parser.add_argument("--actor", required=True, metavar="USER")

    def handle(self, *args, **options):
        year = options["year"]
        province, version = unit_by_code(options["province"], date(year - 1, 12, 31), kinds=["province"])
        actor = user_named(options["actor"])
        chosen = exemplars_choose(
            year=year, province=province, units=options["unit"], decision=options["decision"], decided_on=options["date"],
            signer=options["signer"], signer_title=options["signer_title"], actor=actor,
        )  # fmt: skip
        self.finish(
            {
                "year": year,
                "province": version.code,
                "decision": options["decision"],
                "chosen": [
                    {"unit_code": row.unit_code, "unit_name": row.unit_name, "class": row.class_code} for row in chosen
                ],
            },
            f"Đã chọn {len(chosen)} đơn vị xây dựng điển hình năm {year}.",
        )
