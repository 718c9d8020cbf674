"""Show one unit with its past and what followed."""

from movement.core.commands import PortalCommand, date_argument
from movement.core.dates import format_date
from units.enums import Kind
from units.selectors import unit_by_code, unit_by_id, unit_history


class Command(PortalCommand):
    help = "Xem một đơn vị: các tên đã mang, cấp trên, đơn vị trước và sau, kết quả và khen thưởng."

    def add_arguments(self, parser):
        parser.add_argument("code", metavar="CODE", help="mã đơn vị, hoặc số hiệu nội bộ khi mã có nhiều đơn vị mang")
        parser.add_argument("--on", type=date_argument, metavar="DATE", help="mã này là của ai vào ngày đó")
        parser.add_argument("--province", metavar="CODE", help="tỉnh, khi nhiều tỉnh có đơn vị mang mã này")

    def handle(self, *args, code, on, province, **options):
        found = unit_by_id(code)
        if found is None:
            within = unit_by_code(province, on, kinds=[Kind.PROVINCE])[0] if province else None
            found = unit_by_code(code, on, province=within)
        history = unit_history(*found, on=on)
        self.finish(history, "\n".join(_lines(history)))


def _lines(history: dict):
    yield f"{history['name']} (mã {history['code'] or 'chưa có'})"
    for v in history["versions"]:
        place = (
            f", {v['parent']['name']}" if v["parent"] else ", chưa xếp địa bàn" if v["kind"] != Kind.PROVINCE else ""
        )
        until = f" đến {format_date(v['valid_to'])}" if v["valid_to"] else ""
        yield f"  từ {format_date(v['valid_from'])}{until}: {v['code']} {v['name']}{place}"
    for title, links in (("Trước đó", history["predecessors"]), ("Sau đó", history["successors"])):
        for link in links:
            part = " (một phần)" if link["share"] == "part" else ""
            main = ", kế thừa chính" if link["is_main"] and link["share"] == "part" else ""
            decision = f", {link['decision']}" if link["decision"] else ""
            yield f"{title}: {link['code']} {link['name']}{part}, {format_date(link['on'])}{main}{decision}"
    for title in ("results", "awards"):
        for row in history[title]:
            whose = "" if row["own"] else f" ({row['unit']})"
            text = ", ".join(
                str(value) for key, value in row.items() if key not in ("own", "unit", "unit_code") and value
            )
            yield f"{'Kết quả' if title == 'results' else 'Khen thưởng'}{whose}: {text}"
