"""``explain --campaign … [--unit CODE…]``: results and their reasons, a line a unit."""

from movement.classification.selectors import (
    assessments_named,
    campaign_named,
    class_names,
    compute,
    explanation_of,
)
from movement.core.commands import PortalCommand
from movement.core.numbers import points_text


class Command(PortalCommand):
    help = "Kết quả của từng đơn vị và lý do."

    def add_arguments(self, parser):
        parser.add_argument("--campaign", required=True, metavar="SCHEME:YEAR[:PROVINCE]")
        parser.add_argument("--unit", nargs="+", action="extend", metavar="CODE")

    def handle(self, *args, **options):
        campaign = campaign_named(options["campaign"])
        rows = assessments_named(campaign, options["unit"])
        names = class_names(campaign.version)
        # What is published is told as it was frozen, not computed anew.
        computed = compute(campaign, [a for a in rows if a.state != "published"])
        for a in rows:
            said = a.explanation if a.state == "published" else explanation_of(computed[a.pk])
            name = names.get(said["class"], "chưa phân loại")
            points = "" if said["points"] is None else f", {points_text(said['points'])} điểm"
            self.line(
                {
                    "unit_code": a.unit_code, "unit_name": a.unit_name, "state": a.state, "points": said["points"],
                    "class": said["class"], "class_name": names.get(said["class"]), "left_out": said["left_out"],
                    "missing": said["missing"], "adjustments": said["adjustments"], "bands_refused": said["bands_refused"],
                    "caps_fired": said["caps_fired"], "sentences": said["sentences"],
                },
                f"{a.unit_code} {a.unit_name}: {name}{points}.\n  " + "\n  ".join(said["sentences"]),
            )  # fmt: skip
        self.finish({"campaign": str(campaign), "units": len(rows)}, f"{len(rows)} đơn vị.")
