"""``publish --campaign … --decision NO --date D --signer S --actor USER [--authority CODE] [--unit CODE…]``."""

from movement.accounts.selectors import user_named
from movement.classification.selectors import assessments_named, campaign_named
from movement.classification.services.publishing import results_publish
from movement.core.commands import PortalCommand, date_argument
from movement.core.problems import Problem, Refused
from units.models import UnitVersion
from units.selectors import unit_by_code


class Command(PortalCommand):
    help = "Công bố kết quả đã xét duyệt của một cơ quan theo một quyết định."

    def add_arguments(self, parser):
        parser.add_argument("--campaign", required=True, metavar="SCHEME:YEAR[:PROVINCE]")
        parser.add_argument("--decision", required=True, metavar="NO")
        parser.add_argument("--date", required=True, type=date_argument)
        parser.add_argument("--signer", required=True)
        parser.add_argument("--signer-title", default="")
        parser.add_argument("--actor", required=True, metavar="USER")
        parser.add_argument("--authority", metavar="CODE")
        parser.add_argument("--unit", nargs="+", action="extend", metavar="CODE")
        parser.add_argument("--acknowledge-flags", default="", metavar="REASON")

    def handle(self, *args, **options):
        campaign = campaign_named(options["campaign"])
        actor = user_named(options["actor"])
        authority, version = self._authority(campaign, options)
        ids = None
        if options["unit"]:
            ids = [a.pk for a in assessments_named(campaign, options["unit"])]
        count, flags = results_publish(
            campaign=campaign, authority=authority, authority_name=version.name, ids=ids, number=options["decision"],
            decided_on=options["date"], signer=options["signer"], signer_title=options["signer_title"], actor=actor,
            acknowledge=options["acknowledge_flags"],
        )  # fmt: skip
        self.finish(
            {
                "campaign": str(campaign), "authority": version.code, "published": count, "decision": options["decision"],
                "flags": [
                    {"unit_code": f.assessment.unit_code, "code": f.code, "sentence": f.sentence, "blocking": f.blocking}
                    for f in flags
                ],
            },
            f"Đã công bố kết quả của {count} đơn vị theo Quyết định số {options['decision']}.",
        )  # fmt: skip

    def _authority(self, campaign, options):
        """The deciding authority; by default the province, when it decides on all the units asked for."""
        if options["authority"]:
            return unit_by_code(options["authority"], campaign.tree_on, province=campaign.province)
        if not options["unit"]:
            others = campaign.assessments.exclude(authority=campaign.province_id).count()
            if others:
                raise Refused(
                    Problem(
                        "authority_needed",
                        f"Trong kỳ này có {others} đơn vị do cơ quan khác xét duyệt; hãy ghi rõ --authority.",
                    )
                )
        return campaign.province, UnitVersion.objects.get(unit=campaign.province, valid__contains=campaign.tree_on)
