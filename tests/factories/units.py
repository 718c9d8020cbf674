"""Lists of units as files and as lines, and lineage between places."""

import csv
import io

from tests.factories.ground import REFORM
from units.models import Lineage, UnitVersion

HEAD = ["code", "name", "kind", "subkind", "commune_code", "managing_level", "valid_from", "valid_to"]
_USUAL = {"name": "Cơ quan minh họa", "kind": "agency", "managing_level": "province", "valid_from": "2020-01-01"}


def line(commune="", **cells):
    """The cells of one good line; ``commune`` is a version or a code."""
    return {**dict.fromkeys(HEAD, ""), **_USUAL, "commune_code": getattr(commune, "code", commune), **cells}


def lines(*rows):
    """``(line number, cells)`` as ``units_import`` takes them."""
    return list(enumerate(rows, start=2))


def csv_bytes(*rows, head=None):
    """The same as a CSV file."""
    head = head or list(dict.fromkeys(key for row in rows for key in row)) or HEAD
    out = io.StringIO()
    writer = csv.DictWriter(out, head, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def lineage(old, new, *, kind="merge", on=REFORM, share="whole", main=True, decision=""):
    """A lineage row between the units of two versions."""
    return Lineage.objects.create(
        predecessor=old.unit, successor=new.unit, kind=kind, on=on, share=share, is_main=main, decision=decision
    )


def history(unit):
    """``[(first day, end, code, name, parent's unit id)]`` of a unit, oldest first."""
    rows = UnitVersion.objects.filter(unit=unit).order_by("valid__startswith")
    return [(v.valid.lower, v.valid.upper, v.code, v.name, v.parent_id) for v in rows]
