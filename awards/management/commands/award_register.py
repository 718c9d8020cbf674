"""``award_register --province CODE --from DATE --to DATE``: the register by date of decision, then its totals."""

from awards.enums import RecipientKind
from awards.selectors import award_line, awards_decided, totals_of
from movement.core.commands import PortalCommand, date_argument
from movement.core.dates import format_date
from movement.core.problems import Problem, Refused
from units.enums import Kind
from units.selectors import unit_by_code


class Command(PortalCommand):
    help = "Sổ khen thưởng của một tỉnh theo ngày quyết định, kèm tổng số không tính khen thưởng đã hủy bỏ."

    def add_arguments(self, parser):
        parser.add_argument("--province", required=True, metavar="CODE", help="mã tỉnh vào ngày --to")
        parser.add_argument("--from", required=True, type=date_argument, metavar="DATE", dest="first")
        parser.add_argument("--to", required=True, type=date_argument, metavar="DATE", dest="last")

    def handle(self, *args, province, first, last, **options):
        if last < first:
            raise Refused(Problem("period_order", "Ngày cuối ở trước ngày đầu.", column="to", value=format_date(last)))
        unit, version = unit_by_code(province, last, kinds=[Kind.PROVINCE])
        rows = awards_decided(unit, first, last)
        for award in rows.iterator(chunk_size=2000):
            mark = " (đã hủy bỏ)" if award.revoked else ""
            self.line(
                award_line(award),
                f"{award.decision.number} {format_date(award.decided_on)} {award.form_name}: {award.name}{mark}",
            )
        totals = totals_of(rows)
        said = "\n".join(
            f"{total.form_name}, {total.authority}, {str(RecipientKind(total.recipient_kind).label).lower()}: "
            f"{total.count}, đã hủy bỏ {total.revoked}"
            for total in totals
        )
        self.finish(
            {
                "province": version.code,
                "from": first,
                "to": last,
                "count": sum(total.count for total in totals),
                "totals": [total.as_json() for total in totals],
            },
            said or "Không có khen thưởng nào trong thời gian này.",
        )
