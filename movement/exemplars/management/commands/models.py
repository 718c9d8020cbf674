"""``models --province CODE --on DATE [--as-now]``: practice models that worked on a date, then the totals."""

from collections import Counter, defaultdict

from movement.core.commands import PortalCommand, date_argument
from movement.core.dates import format_date
from movement.exemplars.selectors import models_on, points_on
from units.selectors import unit_by_code


class Command(PortalCommand):
    help = "Mô hình và điểm mô hình của một tỉnh hoạt động trong một ngày."

    def add_arguments(self, parser):
        parser.add_argument("--province", required=True, metavar="CODE", help="mã tỉnh, đọc vào ngày --on")
        parser.add_argument("--on", required=True, type=date_argument, metavar="DATE")
        parser.add_argument("--as-now", action="store_true", help="xếp các điểm theo địa giới hiện nay")

    def handle(self, *args, on, as_now, **options):
        province, version = unit_by_code(options["province"], on, kinds=["province"])
        found = models_on(province, on)
        points, notes = points_on(province, on, as_now=as_now)
        places: dict[int, Counter] = defaultdict(Counter)
        for point in points:
            places[point.model_id][point.commune_code, point.commune, point.district] += 1
        for row in found.rows:
            where = [
                {"code": code, "name": name, "district": district, "points": count}
                for (code, name, district), count in sorted(places[row.pk].items())
            ]
            self.line(
                row.as_json() | {"places": where},
                f"{row.code} {row.name}: {row.points} điểm, {row.teams} tổ, {row.members} thành viên.",
            )
        totals = found.totals
        self.finish(
            totals.as_json() | {"province": version.code, "on": on.isoformat(), "as_now": as_now, "notes": notes},
            f"{version.name}, ngày {format_date(on)}: {totals.models} mô hình, {totals.points} điểm, "
            f"{totals.teams} tổ, {totals.members} thành viên.",
        )
