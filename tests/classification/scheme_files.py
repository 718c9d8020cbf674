"""The shipped scheme files, read as the engine needs them."""

import json
from decimal import Decimal
from pathlib import Path

from movement.classification.engine import Adjustment, Band, Cap, Leaf, Rules

FOLDER = Path(__file__).resolve().parents[2] / "movement" / "classification" / "schemes"
FILES = {path.stem: path for path in sorted(FOLDER.glob("*.json"))}
SCHEMES = {code: json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal) for code, path in FILES.items()}


def leaves_of(scheme: dict) -> list[dict]:
    parents = {criterion["parent"] for criterion in scheme["criteria"]}
    return [criterion for criterion in scheme["criteria"] if criterion["code"] not in parents]


def rules_of(scheme: dict) -> Rules:
    """The engine's rules, built here on purpose: the tests do not lean on the importer."""

    def number(value):
        return None if value is None else Decimal(str(value))

    return Rules(
        code=scheme["code"],
        purpose=scheme["purpose"],
        total=number(scheme["total"]),
        complete=scheme["complete"],
        leaves=tuple(
            Leaf(
                code=leaf["code"],
                title=leaf["title"],
                max_points=number(leaf.get("max_points")),
                step=number(leaf.get("step")),
                not_applicable=leaf["not_applicable"],
                knock_out=leaf["knock_out"],
            )
            for leaf in leaves_of(scheme)
        ),
        adjustments=tuple(
            Adjustment(a["code"], a["title"], a["kind"], number(a["max_points"])) for a in scheme["adjustments"]
        ),
        bands=tuple(
            Band(band["code"], band["name"], number(band["min_points"]), tuple(band.get("requires", ())))
            for band in scheme.get("classes", ())
        ),
        caps=tuple(Cap(cap["when"], cap["at_most"]) for cap in scheme.get("caps", ())),
    )
