"""``exemplar_candidates --year N --province CODE [--unit CODE…]``: who may be chosen, and why, or why not."""

from collections import Counter
from datetime import date

from movement.core.commands import PortalCommand
from movement.exemplars.selectors import exemplar_candidates
from units.selectors import unit_by_code


class Command(PortalCommand):
    help = "Đơn vị đủ điều kiện xét chọn xây dựng điển hình của một năm, theo kết quả phân loại năm trước."

    def add_arguments(self, parser):
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--province", required=True, metavar="CODE")
        parser.add_argument("--unit", nargs="+", action="extend", metavar="CODE")

    def handle(self, *args, **options):
        year = options["year"]
        province, version = unit_by_code(options["province"], date(year - 1, 12, 31), kinds=["province"])
        found = exemplar_candidates(year, province, options["unit"])
        for one in found:
            verdict = "đủ điều kiện" if one.eligible else "chưa đủ điều kiện"
            reasons = "\n  ".join(condition.sentence for condition in one.conditions)
            self.line(one.as_json(), f"{one.unit_code} {one.unit_name}: {verdict}.\n  {reasons}")
        eligible = [one for one in found if one.eligible]
        self.finish(
            {
                "year": year,
                "province": version.code,
                "units": len(found),
                "eligible": len(eligible),
                "eligible_by_kind": dict(sorted(Counter(one.unit_kind for one in eligible).items())),
            },
            f"{version.name}, năm {year}: {len(eligible)} trong {len(found)} đơn vị đủ điều kiện.",
        )
