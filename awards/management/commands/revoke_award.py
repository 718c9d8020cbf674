"""``revoke_award …``: record that an award was cancelled; its entry stays, marked."""

from awards.enums import Ground
from awards.selectors import awards_found
from awards.services import award_revoke
from awards.services.decisions import number_key
from movement.accounts.selectors import user_named
from movement.core.commands import PortalCommand, date_argument
from movement.core.dates import format_date
from movement.core.problems import Ambiguous, Problem, Refused


class Command(PortalCommand):
    help = "Ghi việc hủy bỏ một khen thưởng; nội dung trong sổ giữ nguyên, có dấu đã hủy bỏ."

    def add_arguments(self, parser):
        parser.add_argument("--decision", required=True, metavar="NO", help="số quyết định khen thưởng")
        parser.add_argument("--decided-on", required=True, type=date_argument, metavar="DATE")
        parser.add_argument("--unit", default="", metavar="CODE", help="mã tập thể vào ngày quyết định")
        parser.add_argument("--person", default="", metavar="NAME", help="họ tên cá nhân, hoặc tên hộ")
        parser.add_argument("--form", default="", metavar="FORM", help="khi quyết định có nhiều hình thức")
        parser.add_argument("--ground", required=True, choices=Ground.values, help="căn cứ hủy bỏ")
        parser.add_argument("--by-decision", required=True, metavar="NO", help="số quyết định hủy bỏ")
        parser.add_argument("--date", required=True, type=date_argument, help="ngày quyết định hủy bỏ")
        parser.add_argument("--reason", default="")
        parser.add_argument("--actor", required=True, metavar="USER")

    def handle(self, *args, **options):
        if not options["unit"] and not options["person"]:
            raise Ambiguous("Phải ghi --unit hoặc --person.", [], code="arguments")
        actor = user_named(options["actor"])
        award = self._award(options)
        done = award_revoke(
            award=award, ground=options["ground"], by_decision=options["by_decision"], revoked_on=options["date"],
            reason=options["reason"], actor=actor,
        )  # fmt: skip
        self.finish(
            {
                "award": award.ulid,
                "decision": award.decision.number,
                "decided_on": award.decided_on,
                "form": award.form,
                "recipient_kind": award.recipient_kind,
                "name": award.name,
                "ground": done.ground,
                "by_decision": done.by_decision,
                "revoked_on": done.revoked_on,
            },
            f"Đã ghi việc hủy bỏ {award.form_name} của {award.name}.",
        )

    def _award(self, options):
        found = awards_found(
            number_key=number_key(options["decision"]),
            decided_on=options["decided_on"],
            unit_code=options["unit"],
            person=options["person"],
            form=options["form"],
        )
        if not found:
            raise Refused(
                Problem(
                    "award_not_found",
                    f"Không có khen thưởng nào theo quyết định số này ngày {format_date(options['decided_on'])} cho đối "
                    "tượng này.",
                    value=options["decision"],
                )
            )
        if len(found) > 1:
            raise Ambiguous(
                f"Có {len(found)} khen thưởng như vậy; hãy nói rõ thêm đơn vị (--unit) hoặc hình thức (--form).",
                [
                    {
                        "award": award.ulid, "form": award.form, "authority": award.decision.authority_name,
                        "unit_code": award.unit_code, "name": award.name, "position": award.position,
                    }
                    for award in found
                ],
                code="ambiguous_award",
            )  # fmt: skip
        return found[0]
